/* attention-draw.c: from attention weights to a heat map: which row a query reads, its
 * extent, and its colours.
 */
#include "draw.h"

#include <math.h>
#include <string.h>

#define MOST_PICTURES 256
#define MOST_GRID     256
#define MOST_EXTRA    64

static gsize
token_count (const EidAttention *attention)
{
  return attention->extra + (gsize) attention->grid * attention->grid;
}

gboolean
eid_attention_valid (const EidAttention *attention)
{
  gsize tokens = token_count (attention), pixels;

  if (!attention->images || !attention->weights)
    return FALSE;
  if (attention->count == 0 || attention->count > MOST_PICTURES || attention->grid == 0
      || attention->grid > MOST_GRID || attention->extra > MOST_EXTRA || attention->size == 0
      || attention->size > 8192
      || (attention->channels != 1 && attention->channels != 3 && attention->channels != 4))
    return FALSE;
  pixels = (gsize) attention->size * attention->size * attention->channels;
  return g_bytes_get_size (attention->images) == attention->count * pixels
         && g_bytes_get_size (attention->weights) == attention->count * tokens * tokens * sizeof (float);
}

/* Bytes from the wire need not stand where floats may. */
static float
weight_at (const guint8 *weights, gsize index)
{
  float weight;

  memcpy (&weight, weights + index * sizeof weight, sizeof weight);
  return weight;
}

void
eid_attention_row (const EidAttention *attention, guint picture, int query, float *row, float *least,
                   float *greatest)
{
  gsize tokens = token_count (attention), patches = tokens - attention->extra, first;
  const guint8 *weights = g_bytes_get_data (attention->weights, NULL);

  weights += (gsize) picture * tokens * tokens * sizeof (float);
  if (query >= 0)
    query = (int) MIN ((gsize) query, patches - 1);
  /* The class token is the first; a patch stands after the extra tokens. */
  first = query >= 0 ? attention->extra + (gsize) query : 0;
  for (gsize k = 0; k < patches; k++)
    {
      double sum = 0;

      if (query >= 0 || attention->extra > 0)
        row[k] = weight_at (weights, first * tokens + attention->extra + k);
      else
        {
          for (gsize q = 0; q < tokens; q++)
            sum += weight_at (weights, q * tokens + k);
          row[k] = (float) (sum / (double) tokens);
        }
    }

  *least = INFINITY;
  *greatest = -INFINITY;
  for (gsize k = 0; k < patches; k++)
    if (isfinite (row[k]))
      {
        *least = fminf (*least, row[k]);
        *greatest = fmaxf (*greatest, row[k]);
      }
  if (*least > *greatest) /* no finite weight at all */
    *least = *greatest = NAN;
}

GdkTexture *
eid_attention_heat (const float *row, guint grid, float least, float greatest)
{
  g_autofree guint8 *pixels = g_malloc ((gsize) grid * grid * 3);

  for (gsize k = 0; k < (gsize) grid * grid; k++)
    {
      GdkRGBA colour = eid_viridis (greatest > least ? (row[k] - least) / (double) (greatest - least) : 0);

      pixels[3 * k] = (guint8) (colour.red * 255 + 0.5f);
      pixels[3 * k + 1] = (guint8) (colour.green * 255 + 0.5f);
      pixels[3 * k + 2] = (guint8) (colour.blue * 255 + 0.5f);
    }
  return eid_texture_new (pixels, grid, grid, 3);
}

void
eid_snapshot_viridis (GtkSnapshot *snapshot, const graphene_rect_t *bar)
{
  GskColorStop stops[10];
  graphene_point_t end = { bar->origin.x + bar->size.width, bar->origin.y };

  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      stops[i].offset = (float) i / (G_N_ELEMENTS (stops) - 1);
      stops[i].color = eid_viridis (stops[i].offset);
    }
  gtk_snapshot_append_linear_gradient (snapshot, bar, &bar->origin, &end, stops, G_N_ELEMENTS (stops));
}
