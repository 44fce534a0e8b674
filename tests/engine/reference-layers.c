/* reference-layers.c: films to patches and recurrent cells, on the host in float64.
 */
#include "tests/engine/table.h"

#include <math.h>

Array *
reference_patchify_film (Array **in, const double *a)
{
  guint frames = (guint) a[0], patch = (guint) a[1];
  const guint *size = in[0]->shape.dim; /* B, T, H, W, C */
  guint along = size[1] / frames, down = size[2] / patch, across = size[3] / patch;
  const double *pixel = in[0]->value;

  Array *out = array_new (EID_SHAPE (size[0], along * down * across, size[4] * frames * patch * patch));
  for (guint b = 0; b < size[0]; b++)
    for (guint t = 0; t < size[1]; t++)
      for (guint y = 0; y < size[2]; y++)
        for (guint x = 0; x < size[3]; x++)
          for (guint c = 0; c < size[4]; c++)
            {
              gsize token = (((gsize) b * along + t / frames) * down + y / patch) * across + x / patch;
              gsize place = ((c * frames + t % frames) * patch + y % patch) * patch + x % patch;
              out->value[token * array_dim (out, 2) + place] = *pixel++;
            }
  return out;
}

/* --- Recurrent cells --------------------------------------------------------- */

/* Of the products with x and h: row @gate of the three of unit @unit of sample @b. */
static double
weighed (Array **in, guint which, guint b, guint gate, guint unit)
{
  const Array *x = in[which], *weight = in[2 + which], *bias = in[4 + which];
  guint width = array_dim (in[1], 1), inputs = array_dim (x, 1), row = gate * width + unit;
  double sum = bias != NULL ? bias->value[row] : 0;
  for (guint i = 0; i < inputs; i++)
    sum += x->value[b * inputs + i] * weight->value[row * inputs + i];
  return sum;
}

/* The equations of PyTorch's documentation of GRUCell. */
Array *
reference_gru_cell (Array **in, const double *a)
{
  guint width = array_dim (in[1], 1);

  Array *out = array_new (in[1]->shape);
  for (gsize i = 0; i < out->count; i++)
    {
      guint b = i / width, unit = i % width;
      double r = 1 / (1 + exp (-weighed (in, 0, b, 0, unit) - weighed (in, 1, b, 0, unit)));
      double z = 1 / (1 + exp (-weighed (in, 0, b, 1, unit) - weighed (in, 1, b, 1, unit)));
      double n = tanh (weighed (in, 0, b, 2, unit) + r * weighed (in, 1, b, 2, unit));
      out->value[i] = (1 - z) * n + z * in[1]->value[i];
    }
  return out;
}
