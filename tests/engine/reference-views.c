/* reference-views.c: tokens of text, resized positions, running means and the loss between views, on the host
 * in float64.
 */
#include "tests/engine/table.h"

#include <math.h>

Array *
reference_embedding (Array **in, const double *a)
{
  guint depth = array_dim (in[0], 1);
  EidShape shape = in[1]->shape;
  Array *out;

  shape.dim[shape.rank++] = depth;
  out = array_new (shape);
  for (gsize row = 0; row < in[1]->count; row++)
    for (guint d = 0; d < depth; d++)
      out->value[row * depth + d] = in[0]->value[(gsize) in[1]->value[row] * depth + d];
  return out;
}

/* The cubic kernel of @a, from its two pieces. */
static double
cubic (double x, double a)
{
  x = fabs (x);
  if (x <= 1)
    return (a + 2) * x * x * x - (a + 3) * x * x + 1;
  return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
}

/* What place @i of @to takes from place @k of @from, before it is shared out. */
static double
weight (guint i, guint to, guint k, guint from, EidResize how)
{
  double step = (double) from / (how == EID_RESIZE_OFFSET ? to + 0.1 : to), sum = 0;
  double centre = (i + 0.5) * step - 0.5;

  if (how == EID_RESIZE_ANTIALIASED)
    return cubic ((k - centre) / (step > 1 ? step : 1), -0.5);
  if (how == EID_RESIZE_CORNERS)
    centre = to == 1 ? 0 : i * (from - 1.0) / (to - 1.0);
  /* The edges are repeated: those beyond count for the first and the last. */
  for (int n = -4; n < (int) from + 4; n++)
    if (CLAMP (n, 0, (int) from - 1) == (int) k)
      sum += cubic (n - centre, -0.75);
  return sum;
}

Array *
reference_resize_positions_by (Array **in, const double *a)
{
  guint grid = (guint) a[0], height = (guint) a[1], width = (guint) a[2], depth = array_dim (in[0], 1);
  EidResize how = (EidResize) a[3];
  Array *out = array_new (EID_SHAPE (height * width, depth));

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        double *row = out->value + (gsize) (y * width + x) * depth, sum = 0;

        for (guint v = 0; v < grid; v++)
          for (guint u = 0; u < grid; u++)
            {
              double w = weight (y, height, v, grid, how) * weight (x, width, u, grid, how);

              sum += w;
              for (guint d = 0; d < depth; d++)
                row[d] += w * in[0]->value[(gsize) (v * grid + u) * depth + d];
            }
        for (guint d = 0; d < depth; d++)
          row[d] /= sum;
      }
  return out;
}

Array *
reference_resize_positions (Array **in, const double *a)
{
  const double timm[] = { a[0], a[1], a[2], EID_RESIZE_ANTIALIASED };

  return reference_resize_positions_by (in, timm);
}

Array *
reference_running_mean (Array **in, const double *a)
{
  guint rows = array_dim (in[1], 0), columns = array_dim (in[1], 1);
  Array *out = array_new (EID_SHAPE (columns));

  for (guint c = 0; c < columns; c++)
    {
      double mean = 0;

      for (guint r = 0; r < rows; r++)
        mean += in[1]->value[(gsize) r * columns + c] / rows;
      out->value[c] = a[0] * in[0]->value[c] + (1 - a[0]) * mean;
    }
  return out;
}

/* log of the softmax of @x [n] over @temperature, into @out */
static void
log_softmax (const double *x, guint n, double temperature, double *out)
{
  double top = -INFINITY, sum = 0;

  for (guint i = 0; i < n; i++)
    top = fmax (top, x[i] / temperature);
  for (guint i = 0; i < n; i++)
    sum += exp (x[i] / temperature - top);
  for (guint i = 0; i < n; i++)
    out[i] = x[i] / temperature - top - log (sum);
}

Array *
reference_soft_cross_entropy (Array **in, const double *a)
{
  guint batch = (guint) a[0], n = array_dim (in[0], 1), pairs = 0;
  guint views = array_dim (in[0], 0) / batch, targets = array_dim (in[1], 0) / batch;
  g_autofree double *said = g_new (double, n), *told = g_new (double, n);
  Array *out = array_new (EID_SHAPE (1));

  for (guint view = 0; view < views; view++)
    for (guint target = 0; target < targets; target++)
      {
        if (view == target)
          continue;
        pairs++;
        for (guint b = 0; b < batch; b++)
          {
            log_softmax (in[0]->value + (gsize) (view * batch + b) * n, n, a[1], said);
            log_softmax (in[1]->value + (gsize) (target * batch + b) * n, n, 1, told);
            for (guint i = 0; i < n; i++)
              out->value[0] -= exp (told[i]) * said[i];
          }
      }
  out->value[0] /= (double) pairs * batch;
  return out;
}

Array *
reference_scale_rows (Array **in, const double *a)
{
  Array *out = array_new (in[0]->shape);
  gsize length = in[0]->count / in[1]->count;

  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[0]->value[i] * in[1]->value[i / length];
  return out;
}

Array *
reference_hide_tokens (Array **in, const double *a)
{
  Array *out = array_new (in[0]->shape);
  guint width = array_dim (in[0], 2);

  for (gsize i = 0; i < out->count; i++)
    out->value[i] = in[2]->value[i / width] == 1 ? in[1]->value[i % width] : in[0]->value[i];
  return out;
}
