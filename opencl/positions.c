/* positions.c: position embeddings of a grid of patches, resized to another grid. */

#include "private.h"

#include <math.h>
#include <glib/gi18n-lib.h>

/* A side has no more than these; the product's matrix has the fourth power of it. */
#define MOST_PLACES 256

/* Keys 1981, "Cubic convolution interpolation", with a = -1/2. */
static double
cubic (double x)
{
  const double a = -0.5;

  x = fabs (x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

/* weights [to, from]: what each of @to places takes of @from places; where there are fewer of them,
 * each takes from as many more, so that nothing is skipped. */
static double *
resize_weights (guint from, guint to)
{
  double *weights = g_new0 (double, (gsize) to *from);
  double scale = (double) from / to, widen = MAX (scale, 1);

  for (guint i = 0; i < to; i++)
    {
      double *row = weights + (gsize) i * from, centre = (i + 0.5) * scale, sum = 0;

      for (guint k = 0; k < from; k++)
        sum += row[k] = cubic ((k + 0.5 - centre) / widen);
      for (guint k = 0; k < from; k++)
        row[k] /= sum;
    }
  return weights;
}

EidTensor *
eid_resize_positions (EidTensor *positions, guint grid, guint height, guint width)
{
  EidDevice *device = positions->device;
  guint from = grid * grid, to = height * width;
  g_autofree double *down = NULL, *across = NULL;
  g_autofree float *matrix = NULL;

  if (!eid_require (
          device,
          grid > 0 && grid <= MOST_PLACES && positions->shape.rank == 2 && eid_dim (positions, 0) == from,
          "resize_positions", _ ("the positions must be [%u, D], of a grid of %u patches a side"), from, grid)
      || !eid_require (device, height > 0 && height <= MOST_PLACES && width > 0 && width <= MOST_PLACES,
                       "resize_positions", _ ("%u × %u is not a grid of patches"), width, height)
      || !eid_require_floats ("resize_positions", positions, NULL))
    return eid_output (device, "resize_positions", EID_F32, EID_SHAPE (1, eid_last (positions)));
  down = resize_weights (grid, height);
  across = resize_weights (grid, width);
  matrix = g_new (float, (gsize) to *from);
  for (guint i = 0; i < to; i++)
    for (guint k = 0; k < from; k++)
      matrix[(gsize) i * from + k] =
          (float) (down[i / width * grid + k / grid] * across[i % width * grid + k % grid]);
  return eid_cast (eid_matmul (eid_tensor_from_data (device, EID_F32, EID_SHAPE (to, from), matrix), FALSE,
                               eid_cast (positions, EID_F32), FALSE),
                   device->precision);
}
