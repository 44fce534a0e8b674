/* reference-layers.c: films to patches, positions to another grid and recurrent
 * cells, on the host in float64.
 */
#include "table.h"

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
