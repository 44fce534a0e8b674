/* weights-positions.c: see weights-positions.h. */
#include "weights-positions.h"

#include <math.h>

/* Keys 1981, "Cubic convolution interpolation for digital image processing". */
static double
cubic (double x, double a)
{
  x = fabs (x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

static void
fill_antialiased (double *row, guint place, guint from, guint to)
{
  const double scale = (double) from / to, widen = MAX (scale, 1), centre = (place + 0.5) * scale;
  double sum = 0;

  for (guint k = 0; k < from; k++)
    sum += row[k] = cubic ((k + 0.5 - centre) / widen, -0.5);
  for (guint k = 0; k < from; k++)
    row[k] /= sum;
}

static void
fill_plain (double *row, double centre, guint from)
{
  const int first = (int) floor (centre);

  for (int k = first - 1; k <= first + 2; k++)
    row[CLAMP (k, 0, (int) from - 1)] += cubic (k - centre, -0.75);
}

/* [to, from]: what each of @to places takes of @from places. NULL: no memory. */
static double *
resize_weights (guint from, guint to, EidResize how)
{
  double *weights = g_try_new0 (double, (gsize) to *from);

  for (guint i = 0; weights != NULL && i < to; i++)
    {
      double *row = weights + (gsize) i * from;

      switch (how)
        {
        case EID_RESIZE_ANTIALIASED:
          fill_antialiased (row, i, from, to);
          break;
        case EID_RESIZE_PLAIN:
          fill_plain (row, (i + 0.5) * from / to - 0.5, from);
          break;
        case EID_RESIZE_ALIGN_CORNERS:
          fill_plain (row, to > 1 ? (double) i * (from - 1) / (to - 1) : 0, from);
          break;
        case EID_RESIZE_OFFSET:
          fill_plain (row, (i + 0.5) * from / (to + 0.1) - 0.5, from);
          break;
        }
    }
  return weights;
}

/* out [to, columns] = weights [to, from] in [from, columns] */
static void
multiply (const double *weights, guint to, guint from, const double *in, gsize columns, double *out)
{
  for (guint i = 0; i < to; i++)
    for (guint k = 0; k < from; k++)
      {
        const double weight = weights[(gsize) i * from + k];

        for (gsize j = 0; weight != 0 && j < columns; j++)
          out[i * columns + j] += weight * in[k * columns + j];
      }
}

float *
eid_positions_resize (const float *positions, guint from, guint to, guint width, EidResize how)
{
  const gsize count = (gsize) from * from * width, made = (gsize) to * to * width;
  g_autofree double *weights = resize_weights (from, to, how);
  g_autofree double *in = g_try_new (double, count), *down = g_try_new0 (double, (gsize) to *from *width);
  g_autofree double *out = g_try_new0 (double, made);
  g_autofree float *resized = g_try_new (float, made);

  if (weights == NULL || in == NULL || down == NULL || out == NULL || resized == NULL)
    return NULL;
  for (gsize i = 0; i < count; i++)
    in[i] = (double) positions[i];
  multiply (weights, to, from, in, (gsize) from * width, down);
  for (guint y = 0; y < to; y++)
    multiply (weights, to, from, down + (gsize) y * from * width, width, out + (gsize) y * to * width);
  for (gsize i = 0; i < made; i++)
    resized[i] = (float) out[i];
  return g_steal_pointer (&resized);
}
