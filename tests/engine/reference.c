/* reference.c: every operation of the engine once more, on the host, in
 * float64 and as plainly as it can be written. Forward alone: gradients are
 * checked against differences of these. They share nothing with the engine.
 * Those on tokens stand in reference-tokens.c.
 */
#include "tests/engine/table.h"

#include <math.h>
#include <string.h>

Array *
array_new (EidShape shape)
{
  gsize count = 1;
  for (guint i = 0; i < shape.rank; i++)
    count *= shape.dim[i];

  Array *array = g_malloc0 (sizeof *array + count * sizeof (double));
  array->shape = shape;
  array->count = count;
  return array;
}

guint
array_dim (const Array *array, int axis)
{
  int at = axis < 0 ? (int) array->shape.rank + axis : axis;
  return at < 0 || at >= (int) array->shape.rank ? 1 : array->shape.dim[at];
}

static Array *
like (const Array *x)
{
  return array_new (x->shape);
}

static Array *
scalar (double value)
{
  Array *out = array_new (EID_SHAPE (1));
  out->value[0] = value;
  return out;
}

/* --- Shape --------------------------------------------------------------- */

Array *
reference_reshape (Array **in, const double *a)
{
  Array *out = array_new (EID_SHAPE (in[0]->count));
  memcpy (out->value, in[0]->value, in[0]->count * sizeof (double));
  return out;
}

Array *
reference_concat (Array **in, const double *a)
{
  EidShape shape = in[0]->shape;
  shape.dim[0] += in[1]->shape.dim[0];

  Array *out = array_new (shape);
  memcpy (out->value, in[0]->value, in[0]->count * sizeof (double));
  memcpy (out->value + in[0]->count, in[1]->value, in[1]->count * sizeof (double));
  return out;
}

Array *
reference_rows (Array **in, const double *a)
{
  EidShape shape = in[0]->shape;
  gsize row = in[0]->count / shape.dim[0];
  shape.dim[0] = (guint) a[1];

  Array *out = array_new (shape);
  memcpy (out->value, in[0]->value + (gsize) a[0] * row, out->count * sizeof (double));
  return out;
}

/* --- Element by element -------------------------------------------------- */

Array *
reference_add (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] + in[1]->value[i % in[1]->count];
  return out;
}

Array *
reference_sub (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] - in[1]->value[i % in[1]->count];
  return out;
}

Array *
reference_mul (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] * in[1]->value[i % in[1]->count];
  return out;
}

Array *
reference_scale (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] * (double) (float) a[0];
  return out;
}

Array *
reference_shift (Array **in, const double *a)
{
  Array *out = array_new (in[0]->shape);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] + (double) (float) a[0];
  return out;
}

Array *
reference_relu (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = MAX (in[0]->value[i], 0);
  return out;
}

Array *
reference_gelu (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = 0.5 * in[0]->value[i] * erfc (-in[0]->value[i] / G_SQRT2);
  return out;
}

#define REFERENCE(name, formula)                                                                             \
  Array *reference_##name (Array **in, const double *a)                                                      \
  {                                                                                                          \
    Array *out = like (in[0]);                                                                               \
    for (gsize i = 0; i < out->count; i++)                                                                   \
      {                                                                                                      \
        double v = in[0]->value[i];                                                                          \
        out->value[i] = formula;                                                                             \
      }                                                                                                      \
    return out;                                                                                              \
  }

REFERENCE (div, v / in[1]->value[i % in[1]->count])
REFERENCE (exp, exp (v))
REFERENCE (log, log (v))
REFERENCE (sqrt, sqrt (v))
REFERENCE (square, v *v)
REFERENCE (tanh, tanh (v))
REFERENCE (sigmoid, 1 / (1 + exp (-v)))
REFERENCE (clamp, CLAMP (v, (double) (float) a[0], (double) (float) a[1]))

/* --- Reductions ---------------------------------------------------------- */

Array *
reference_sum (Array **in, const double *a)
{
  double sum = 0;
  for (gsize i = 0; i < in[0]->count; i++)
    sum += in[0]->value[i];
  return scalar (sum);
}

Array *
reference_mean (Array **in, const double *a)
{
  Array *out = reference_sum (in, a);
  out->value[0] /= (double) in[0]->count;
  return out;
}

/* --- Matrices ------------------------------------------------------------ */

/* @out [m, n] grows by op(x) [m, k] op(y) [k, n]: row by row of y, which compilers make vectors of. */
static void
add_product (double *out, const double *x, gboolean tx, const double *y, gboolean ty, guint m, guint n,
             guint k)
{
  g_autofree double *turned = ty ? g_new (double, (gsize) k *n) : NULL;

  for (guint l = 0; l < k && ty; l++)
    for (guint j = 0; j < n; j++)
      turned[l * n + j] = y[j * k + l];
  for (guint i = 0; i < m; i++)
    for (guint l = 0; l < k; l++)
      {
        const double factor = tx ? x[l * m + i] : x[i * k + l], *row = (ty ? turned : y) + l * n;

        for (guint j = 0; j < n; j++)
          out[i * n + j] += factor * row[j];
      }
}

Array *
reference_linear (Array **in, const double *a)
{
  const Array *x = in[0], *weight = in[1], *bias = in[2];
  guint inputs = array_dim (weight, 1), outputs = array_dim (weight, 0);
  gsize rows = x->count / inputs;
  EidShape shape = x->shape;
  shape.dim[shape.rank - 1] = outputs;

  Array *out = array_new (shape);
  for (gsize e = 0; e < out->count; e++)
    out->value[e] = bias != NULL ? bias->value[e % outputs] : 0;
  add_product (out->value, x->value, FALSE, weight->value, TRUE, rows, outputs, inputs);
  return out;
}

Array *
reference_matmul (Array **in, const double *a)
{
  const Array *x = in[0], *y = in[1];
  gboolean tx = a[0] != 0, ty = a[1] != 0;
  guint m = array_dim (x, tx ? -1 : -2), k = array_dim (x, tx ? -2 : -1), n = array_dim (y, ty ? -2 : -1);
  EidShape shape = x->shape;
  shape.dim[shape.rank - 2] = m;
  shape.dim[shape.rank - 1] = n;

  Array *out = array_new (shape);
  for (gsize b = 0; b < out->count / (m * n); b++)
    add_product (out->value + b * m * n, x->value + b * m * k, tx, y->value + b * k * n, ty, m, n, k);
  return out;
}

/* --- Normalisation ------------------------------------------------------- */

/* The mean and the sum of squared deviations of @n values, @stride apart. */
static void
moments (const double *x, guint n, gsize stride, double *mean, double *squares)
{
  *mean = *squares = 0;
  for (guint i = 0; i < n; i++)
    *mean += x[i * stride] / n;
  for (guint i = 0; i < n; i++)
    *squares += (x[i * stride] - *mean) * (x[i * stride] - *mean);
}

Array *
reference_layer_norm (Array **in, const double *a)
{
  guint d = array_dim (in[0], -1);

  Array *out = like (in[0]);
  for (gsize r = 0; r < out->count; r += d)
    {
      double mean, squares;
      moments (in[0]->value + r, d, 1, &mean, &squares);
      for (guint i = 0; i < d; i++)
        {
          out->value[r + i] = (in[0]->value[r + i] - mean) / sqrt (squares / d + a[0]);
          if (in[1] != NULL)
            out->value[r + i] = out->value[r + i] * in[1]->value[i] + in[2]->value[i];
        }
    }
  return out;
}

static Array *
batch_norm (Array **in, double epsilon, gboolean training)
{
  guint d = array_dim (in[0], -1), m = (guint) (in[0]->count / d);

  Array *out = like (in[0]);
  for (guint i = 0; i < d; i++)
    {
      double mean, variance;
      moments (in[0]->value + i, m, d, &mean, &variance);
      variance /= m;
      if (!training)
        {
          mean = in[3]->value[i];
          variance = in[4]->value[i];
        }
      for (guint r = 0; r < m; r++)
        {
          double value = (in[0]->value[r * d + i] - mean) / sqrt (variance + epsilon);
          out->value[r * d + i] = in[1] != NULL ? value * in[1]->value[i] + in[2]->value[i] : value;
        }
    }
  return out;
}

Array *
reference_batch_norm_training (Array **in, const double *a)
{
  return batch_norm (in, a[0], TRUE);
}

Array *
reference_batch_norm_running (Array **in, const double *a)
{
  return batch_norm (in, a[0], FALSE);
}

Array *
reference_normalize (Array **in, const double *a)
{
  guint d = array_dim (in[0], -1);

  Array *out = like (in[0]);
  for (gsize r = 0; r < out->count; r += d)
    {
      double squares = 0;
      for (guint i = 0; i < d; i++)
        squares += in[0]->value[r + i] * in[0]->value[r + i];
      for (guint i = 0; i < d; i++)
        out->value[r + i] = in[0]->value[r + i] / MAX (sqrt (squares), 1e-12);
    }
  return out;
}

Array *
reference_standardize (Array **in, const double *a)
{
  guint d = array_dim (in[0], -1);

  Array *out = like (in[0]);
  for (gsize r = 0; r < out->count; r += d)
    {
      double mean, squares;
      moments (in[0]->value + r, d, 1, &mean, &squares);
      for (guint i = 0; i < d; i++)
        out->value[r + i] = (in[0]->value[r + i] - mean) / sqrt (squares / (d - 1) + a[0]);
    }
  return out;
}

Array *
reference_unstandardize (Array **in, const double *a)
{
  guint d = array_dim (in[0], -1);

  Array *out = like (in[0]);
  for (gsize r = 0; r < out->count; r += d)
    {
      double mean, squares;
      moments (in[1]->value + r, d, 1, &mean, &squares);
      for (guint i = 0; i < d; i++)
        out->value[r + i] = in[0]->value[r + i] * sqrt (squares / (d - 1) + a[0]) + mean;
    }
  return out;
}

static void
softmax_row (double *row, guint n)
{
  double top = -G_MAXDOUBLE, sum = 0;
  for (guint i = 0; i < n; i++)
    top = MAX (top, row[i]);
  for (guint i = 0; i < n; i++)
    sum += row[i] = exp (row[i] - top);
  for (guint i = 0; i < n; i++)
    row[i] /= sum;
}

Array *
reference_softmax (Array **in, const double *a)
{
  guint d = array_dim (in[0], -1);

  Array *out = like (in[0]);
  memcpy (out->value, in[0]->value, out->count * sizeof (double));
  for (gsize r = 0; r < out->count; r += d)
    softmax_row (out->value + r, d);
  return out;
}

/* --- Losses -------------------------------------------------------------- */

/* -log softmax (row)[target] */
static double
surprise (const double *row, guint n, guint target)
{
  double top = -G_MAXDOUBLE, sum = 0;
  for (guint i = 0; i < n; i++)
    top = MAX (top, row[i]);
  for (guint i = 0; i < n; i++)
    sum += exp (row[i] - top);
  return log (sum) + top - row[target];
}

Array *
reference_cross_entropy (Array **in, const double *a)
{
  guint m = array_dim (in[0], 0), n = array_dim (in[0], 1);
  double loss = 0;
  for (guint r = 0; r < m; r++)
    loss += surprise (in[0]->value + (gsize) r * n, n, (guint) in[1]->value[r]) / m;
  return scalar (loss);
}

Array *
reference_mask_diagonal (Array **in, const double *a)
{
  Array *out = like (in[0]);
  for (gsize i = 0; i < out->count; i++)
    out->value[i] = i % (array_dim (in[0], 0) + 1) == 0 ? (double) (float) a[0] : in[0]->value[i];
  return out;
}

/* Chen et al. 2020, equation 1, pair by pair: the row of similarities without
 * the sample itself, and the other view of it as the target.                 */
Array *
reference_nt_xent (Array **in, const double *a)
{
  guint rows = array_dim (in[0], 0), d = array_dim (in[0], 1);
  g_autofree double *others = g_new (double, rows - 1);
  double loss = 0;

  for (guint i = 0; i < rows; i++)
    {
      guint pair = (i + rows / 2) % rows, filled = 0, target = 0;
      for (guint j = 0; j < rows; j++)
        {
          double dot = 0;
          if (j == i)
            continue;
          for (guint e = 0; e < d; e++)
            dot += in[0]->value[i * d + e] * in[0]->value[j * d + e];
          if (j == pair)
            target = filled;
          others[filled++] = dot / (double) (float) a[0];
        }
      loss += surprise (others, filled, target) / rows;
    }
  return scalar (loss);
}

static double
dot (const double *a, const double *b, guint d)
{
  double sum = 0;
  for (guint e = 0; e < d; e++)
    sum += a[e] * b[e];
  return sum;
}

/* Query by query: what it is told apart from in a list, and its own key, first of it or in its place. */
Array *
reference_info_nce (Array **in, const double *a)
{
  guint rows = array_dim (in[0], 0), d = array_dim (in[0], 1), negatives = in[2] ? array_dim (in[2], 0) : 0;
  g_autofree double *list = g_new (double, MAX (rows, 1 + negatives));
  double loss = 0;

  for (guint i = 0; i < rows; i++)
    {
      const double *query = in[0]->value + (gsize) i * d;
      guint filled = 0, target = in[2] ? 0 : i;
      for (guint j = 0; j < rows; j++)
        if (!in[2] || j == i)
          list[filled++] = dot (query, in[1]->value + (gsize) j * d, d) / (double) (float) a[0];
      for (guint j = 0; j < negatives; j++)
        list[filled++] = dot (query, in[2]->value + (gsize) j * d, d) / (double) (float) a[0];
      loss += surprise (list, filled, target) / rows;
    }
  return scalar (loss);
}

Array *
reference_masked_mse (Array **in, const double *a)
{
  guint p = array_dim (in[0], -1);
  double loss = 0, masked = 0;
  for (gsize t = 0; t < in[2]->count; t++)
    {
      masked += in[2]->value[t];
      for (guint i = 0; i < p; i++)
        {
          double difference = in[0]->value[t * p + i] - in[1]->value[t * p + i];
          loss += in[2]->value[t] * difference * difference / p;
        }
    }
  return scalar (loss / masked);
}
