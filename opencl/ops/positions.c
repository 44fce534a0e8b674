/* positions.c: position embeddings of a grid of patches, resized to another grid. */

#include "opencl/core/private.h"

#include <math.h>
#include <glib/gi18n-lib.h>

/* A side has no more than these; the product's matrix has the fourth power of it. */
#define MOST_PLACES 256

EidResize
eid_resize_named (const char *name)
{
  static const char *const names[] = { "antialiased", "plain", "corners", "offset" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (names[i], name) == 0)
      return (EidResize) i;
  return EID_RESIZE_ANTIALIASED;
}

/* Keys 1981, "Cubic convolution interpolation for digital image processing". */
static double
cubic (double x, double a)
{
  x = fabs (x);
  if (x < 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

/* Where there are fewer places than before, each takes from as many more, so that nothing is skipped. */
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

double *
eid_resize_shares (guint from, guint to, EidResize how)
{
  double *shares = g_new0 (double, (gsize) to *from);

  for (guint i = 0; i < to; i++)
    {
      double *row = shares + (gsize) i * from;

      switch (how)
        {
        case EID_RESIZE_ANTIALIASED:
          fill_antialiased (row, i, from, to);
          break;
        case EID_RESIZE_PLAIN:
          fill_plain (row, (i + 0.5) * from / to - 0.5, from);
          break;
        case EID_RESIZE_CORNERS:
          fill_plain (row, to > 1 ? (double) i * (from - 1) / (to - 1) : 0, from);
          break;
        case EID_RESIZE_OFFSET:
          fill_plain (row, (i + 0.5) * from / (to + 0.1) - 0.5, from);
          break;
        }
    }
  return shares;
}

EidTensor *
eid_resize_positions (EidTensor *positions, guint grid, guint height, guint width)
{
  return eid_resize_positions_by (positions, grid, height, width, EID_RESIZE_ANTIALIASED);
}

EidTensor *
eid_resize_positions_by (EidTensor *positions, guint grid, guint height, guint width, EidResize how)
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
  down = eid_resize_shares (grid, height, how);
  across = eid_resize_shares (grid, width, how);
  matrix = g_new (float, (gsize) to *from);
  for (guint i = 0; i < to; i++)
    for (guint k = 0; k < from; k++)
      matrix[(gsize) i * from + k] =
          (float) (down[i / width * grid + k / grid] * across[i % width * grid + k % grid]);
  return eid_cast (eid_matmul (eid_tensor_from_data (device, EID_F32, EID_SHAPE (to, from), matrix), FALSE,
                               eid_cast (positions, EID_F32), FALSE),
                   device->precision);
}
