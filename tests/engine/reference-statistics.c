/* reference-statistics.c: reductions over one axis, and what is asked of a whole
 * batch, on the host in float64.
 */
#include "tests/engine/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- One axis -------------------------------------------------------------- */

/* @x as [outer, n, inner], and what it becomes without n. */
static Array *
without (const Array *x, guint axis, gsize *inner)
{
  EidShape shape = { .rank = x->shape.rank - 1 };
  *inner = 1;
  for (guint i = axis + 1; i < x->shape.rank; i++)
    *inner *= x->shape.dim[i];
  for (guint i = 0; i < shape.rank; i++)
    shape.dim[i] = x->shape.dim[i < axis ? i : i + 1];
  return array_new (shape.rank > 0 ? shape : EID_SHAPE (1));
}

Array *
reference_sum_axis (Array **in, const double *a)
{
  gsize inner;
  Array *out = without (in[0], (guint) a[0], &inner);
  guint n = array_dim (in[0], (int) a[0]);

  for (gsize i = 0; i < in[0]->count; i++)
    out->value[i / inner / n * inner + i % inner] +=
        in[0]->value[i] * (in[1] != NULL ? in[1]->value[i / inner] : 1);
  return out;
}

Array *
reference_mean_axis (Array **in, const double *a)
{
  gsize inner;
  Array *out = reference_sum_axis (in, a);
  guint n = array_dim (in[0], (int) a[0]);

  g_free (without (in[0], (guint) a[0], &inner));
  for (gsize i = 0; i < out->count; i++)
    {
      double counted = in[1] != NULL ? 0 : n;
      for (guint r = 0; in[1] != NULL && r < n; r++)
        counted += in[1]->value[i / inner * n + r];
      out->value[i] = counted > 0 ? out->value[i] / counted : 0;
    }
  return out;
}

Array *
reference_max_axis (Array **in, const double *a)
{
  gsize inner;
  Array *out = without (in[0], (guint) a[0], &inner);
  guint n = array_dim (in[0], (int) a[0]);

  for (gsize i = 0; i < out->count; i++)
    out->value[i] = -G_MAXDOUBLE;
  for (gsize i = 0; i < in[0]->count; i++)
    {
      double *top = out->value + i / inner / n * inner + i % inner;
      *top = MAX (*top, in[0]->value[i]);
    }
  return out;
}

Array *
reference_cumulative_sum (Array **in, const double *a)
{
  guint n = array_dim (in[0], -1);
  Array *out = array_new (in[0]->shape);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] + (i % n > 0 ? out->value[i - 1] : 0);
  return out;
}

/* --- A whole batch ----------------------------------------------------------- */

Array *
reference_covariance (Array **in, const double *a)
{
  guint m = array_dim (in[0], 0), d = array_dim (in[0], 1);
  g_autofree double *mean = g_new0 (double, d);
  const double *x = in[0]->value;

  Array *out = array_new (EID_SHAPE (d, d));
  for (gsize i = 0; i < in[0]->count; i++)
    mean[i % d] += x[i] / m;
  for (guint r = 0; r < m; r++)
    for (guint i = 0; i < d; i++)
      for (guint j = 0; j < d; j++)
        out->value[i * d + j] += (x[r * d + i] - mean[i]) * (x[r * d + j] - mean[j]) / (m - 1);
  return out;
}

Array *
reference_diagonal (Array **in, const double *a)
{
  guint n = array_dim (in[0], 0);
  Array *out = array_new (EID_SHAPE (n));
  for (guint i = 0; i < n; i++)
    out->value[i] = in[0]->value[i * n + i];
  return out;
}

Array *
reference_off_diagonal_squares (Array **in, const double *a)
{
  guint n = array_dim (in[0], 0);
  Array *out = array_new (EID_SHAPE (1));
  for (gsize i = 0; i < in[0]->count; i++)
    if (i / n != i % n)
      out->value[0] += in[0]->value[i] * in[0]->value[i];
  return out;
}

/* As Caron et al. 2020 write it in their appendix A, on the matrix itself. */
Array *
reference_sinkhorn (Array **in, const double *a)
{
  guint m = array_dim (in[0], 0), k = array_dim (in[0], 1), iterations = (guint) a[1];
  double top = -G_MAXDOUBLE, epsilon = (double) (float) a[0];

  g_autofree long double *q = g_new (long double, in[0]->count);
  for (gsize i = 0; i < in[0]->count; i++)
    top = MAX (top, in[0]->value[i]);
  for (gsize i = 0; i < in[0]->count; i++)
    q[i] = expl ((in[0]->value[i] - top) / epsilon);
  for (guint step = 0; step < iterations; step++)
    {
      for (guint j = 0; j < k; j++)
        {
          long double sum = 0;
          for (guint i = 0; i < m; i++)
            sum += q[i * k + j];
          for (guint i = 0; i < m; i++)
            q[i * k + j] /= sum * k;
        }
      for (guint i = 0; i < m; i++)
        {
          long double sum = 0;
          for (guint j = 0; j < k; j++)
            sum += q[i * k + j];
          for (guint j = 0; j < k; j++)
            q[i * k + j] /= sum * m;
        }
    }
  Array *out = array_new (in[0]->shape);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = (double) (q[i] * m);
  return out;
}

/* As Epps and Pulley 1983 write it, wave by wave. */
Array *
reference_epps_pulley (Array **in, const double *a)
{
  guint slices = array_dim (in[0], -1), m = array_dim (in[0], (int) in[0]->shape.rank - 2),
        knots = (guint) a[0];
  gsize tests = in[0]->count / m;
  double gap = (double) (float) a[1] / (knots - 1);

  Array *out = array_new (EID_SHAPE (1));
  for (gsize test = 0; test < tests; test++)
    for (int k = -(int) knots + 1; k < (int) knots; k++)
      {
        const double *x = in[0]->value + test / slices * m * slices + test % slices;
        double t = k * gap, bell = exp (-t * t / 2), width = (guint) abs (k) == knots - 1 ? gap / 2 : gap;
        double c = 0, s = 0;
        for (guint i = 0; i < m; i++)
          {
            c += cos (t * x[(gsize) i * slices]) / m;
            s += sin (t * x[(gsize) i * slices]) / m;
          }
        out->value[0] += m * width * bell * ((c - bell) * (c - bell) + s * s) / (double) tests;
      }
  return out;
}
