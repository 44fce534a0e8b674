/* patch-draw.c: patch tokens of several pictures, and which are like which. */
#include "ui/base/draw.h"

#include <math.h>

#define MOST_PICTURES 256
#define MOST_GRID     256
#define MOST_WIDTH    65536 /* products of bytes then fit a sum of 32 bits */

gboolean
eid_patches_valid (const EidPatches *patches)
{
  gsize cells = (gsize) patches->count * patches->grid * patches->grid;

  if (patches->count == 0 || patches->count > MOST_PICTURES || patches->grid == 0 || patches->grid > MOST_GRID
      || patches->size == 0 || patches->size > 8192 || patches->width == 0 || patches->width > MOST_WIDTH
      || (patches->channels != 1 && patches->channels != 3 && patches->channels != 4) || !patches->images
      || !patches->colours || !patches->tokens)
    return FALSE;
  return g_bytes_get_size (patches->images)
             == (gsize) patches->count * patches->size * patches->size * patches->channels
         && g_bytes_get_size (patches->colours) == cells * 3
         && g_bytes_get_size (patches->tokens) == cells * patches->width;
}

static gint32
product (const gint8 *a, const gint8 *b, guint width)
{
  gint32 sum = 0;

  for (guint d = 0; d < width; d++)
    sum += a[d] * b[d];
  return sum;
}

float *
eid_patches_lengths (const EidPatches *patches)
{
  gsize cells = (gsize) patches->count * patches->grid * patches->grid;
  const gint8 *tokens = g_bytes_get_data (patches->tokens, NULL);
  float *lengths = g_new (float, cells);

  for (gsize i = 0; i < cells; i++, tokens += patches->width)
    lengths[i] = sqrtf ((float) product (tokens, tokens, patches->width));
  return lengths;
}

void
eid_patches_similarity (const EidPatches *patches, const float *lengths, guint picture, guint patch,
                        guint other, float *row)
{
  gsize cells = (gsize) patches->grid * patches->grid, from = picture * cells + patch, to = other * cells;
  const gint8 *tokens = g_bytes_get_data (patches->tokens, NULL);

  for (gsize k = 0; k < cells; k++)
    {
      float scale = lengths[from] * lengths[to + k];

      row[k] = scale > 0 ? (float) product (tokens + from * patches->width,
                                            tokens + (to + k) * patches->width, patches->width)
                               / scale
                         : 0;
    }
}
