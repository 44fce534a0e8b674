/* reference-tokens.c: the operations on tokens, on the host in float64; the rest
 * stands in reference.c.
 */
#include "tests/engine/table.h"

#include <math.h>
#include <string.h>

/* --- Tokens -------------------------------------------------------------- */

/* Copies between images [B, H, W, C] and patches [B, (H/p)(W/p), C p p]. */
static void
patches (double *images, double *tokens, EidShape images_shape, guint patch, gboolean forward)
{
  guint height = images_shape.dim[1], width = images_shape.dim[2], channels = images_shape.dim[3];

  for (guint b = 0; b < images_shape.dim[0]; b++)
    for (guint y = 0; y < height; y++)
      for (guint x = 0; x < width; x++)
        for (guint c = 0; c < channels; c++)
          {
            double *pixel = images + (((gsize) b * height + y) * width + x) * channels + c;
            gsize token = ((gsize) b * (height / patch) + y / patch) * (width / patch) + x / patch;
            double *element = tokens + ((token * channels + c) * patch + y % patch) * patch + x % patch;
            if (forward)
              *element = *pixel;
            else
              *pixel = *element;
          }
}

Array *
reference_patchify (Array **in, const double *a)
{
  guint patch = (guint) a[0];
  guint tokens = array_dim (in[0], 1) / patch * (array_dim (in[0], 2) / patch);
  Array *out = array_new (EID_SHAPE (array_dim (in[0], 0), tokens, array_dim (in[0], 3) * patch * patch));
  patches (in[0]->value, out->value, in[0]->shape, patch, TRUE);
  return out;
}

Array *
reference_unpatchify (Array **in, const double *a)
{
  guint patch = (guint) a[0];
  Array *out = array_new (
      EID_SHAPE (array_dim (in[0], 0), (guint) a[1], (guint) a[2], array_dim (in[0], 2) / patch / patch));
  patches (out->value, in[0]->value, out->shape, patch, FALSE);
  return out;
}

Array *
reference_prepend_token (Array **in, const double *a)
{
  guint batch = array_dim (in[0], 0), n = array_dim (in[0], 1), d = array_dim (in[0], 2);
  guint count = (guint) in[1]->count / d;

  Array *out = array_new (EID_SHAPE (batch, n + count, d));
  for (guint b = 0; b < batch; b++)
    {
      double *row = out->value + (gsize) b * (n + count) * d;
      memcpy (row, in[1]->value, count * d * sizeof (double));
      memcpy (row + count * d, in[0]->value + (gsize) b * n * d, n * d * sizeof (double));
    }
  return out;
}

Array *
reference_tokens (Array **in, const double *a)
{
  guint batch = array_dim (in[0], 0), n = array_dim (in[0], 1), d = array_dim (in[0], 2);
  guint first = (guint) a[0], count = (guint) a[1];

  Array *out = array_new (EID_SHAPE (batch, count, d));
  for (guint b = 0; b < batch; b++)
    memcpy (out->value + (gsize) b * count * d, in[0]->value + ((gsize) b * n + first) * d,
            count * d * sizeof (double));
  return out;
}

Array *
reference_mean_tokens (Array **in, const double *a)
{
  guint batch = array_dim (in[0], 0), n = array_dim (in[0], 1), d = array_dim (in[0], 2);

  Array *out = array_new (EID_SHAPE (batch, d));
  for (gsize i = 0; i < in[0]->count; i++)
    out->value[i / (n * d) * d + i % d] += in[0]->value[i] / n;
  return out;
}

Array *
reference_gather_tokens (Array **in, const double *a)
{
  guint n = array_dim (in[0], -2), d = array_dim (in[0], -1);
  guint batch = array_dim (in[1], 0), keep = array_dim (in[1], 1);
  gboolean shared = in[0]->shape.rank == 2;

  Array *out = array_new (EID_SHAPE (batch, keep, d));
  for (guint b = 0; b < batch; b++)
    for (guint k = 0; k < keep; k++)
      {
        gsize row = (shared ? 0 : (gsize) b * n) + (gsize) in[1]->value[b * keep + k];
        memcpy (out->value + ((gsize) b * keep + k) * d, in[0]->value + row * d, d * sizeof (double));
      }
  return out;
}

Array *
reference_restore_tokens (Array **in, const double *a)
{
  guint batch = array_dim (in[0], 0), keep = array_dim (in[0], 1), d = array_dim (in[0], 2);
  guint n = array_dim (in[2], 1);

  Array *out = array_new (EID_SHAPE (batch, n, d));
  for (guint b = 0; b < batch; b++)
    for (guint i = 0; i < n; i++)
      {
        gsize place = (gsize) in[2]->value[b * n + i];
        const double *from = place < keep ? in[0]->value + (b * keep + place) * d : in[1]->value;
        memcpy (out->value + ((gsize) b * n + i) * d, from, d * sizeof (double));
      }
  return out;
}
