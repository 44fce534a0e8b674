/* draw.c: from the maps that are held to a heat map: what a query attends to in
 * one layer and head or rolled out through the layers, the patches with most of it, and its
 * colours.
 */
#include "ui/base/draw.h"

#include <math.h>
#include <string.h>

#define MOST_PICTURES 256
#define MOST_GRID     256
#define MOST_EXTRA    64
#define MOST_LAYERS   256

/* Of patches that are left out. */
#define LEFT_OUT 38

guint
eid_attention_tokens (const EidAttention *attention)
{
  return attention->extra + attention->grid * attention->grid;
}

static gboolean
has_size (GBytes *bytes, gsize size)
{
  return bytes && g_bytes_get_size (bytes) == size;
}

gboolean
eid_attention_valid (const EidAttention *attention)
{
  gsize rows, pixels;

  if (attention->count == 0 || attention->count > MOST_PICTURES || attention->grid == 0
      || attention->grid > MOST_GRID || attention->extra > MOST_EXTRA || attention->size == 0
      || attention->size > 8192 || attention->layers == 0 || attention->layers > MOST_LAYERS
      || attention->heads == 0 || attention->heads > MOST_LAYERS || attention->n_planes == 0
      || attention->n_planes > MOST_LAYERS * MOST_LAYERS || !attention->planes
      || (attention->class_token && attention->extra == 0)
      || (attention->channels != 1 && attention->channels != 3 && attention->channels != 4))
    return FALSE;
  for (guint i = 0; i < attention->n_planes; i++)
    if (attention->planes[i].layer < 0 || (guint) attention->planes[i].layer >= attention->layers
        || attention->planes[i].head < EID_HEADS_MEAN || attention->planes[i].head >= (int) attention->heads)
      return FALSE;
  pixels = (gsize) attention->size * attention->size * attention->channels;
  rows = (gsize) attention->n_planes * attention->count * eid_attention_tokens (attention);
  for (guint of = 0; of < 2; of++)
    if ((of == 0 || attention->maps[of] || attention->greatest[of])
        && (!has_size (attention->maps[of], rows * eid_attention_tokens (attention))
            || !has_size (attention->greatest[of], rows * sizeof (float))))
      return FALSE;
  return has_size (attention->images, attention->count * pixels);
}

/* --- Rows -------------------------------------------------------------------------- */

static int
plane_of (const EidAttention *attention, int layer, int head)
{
  for (guint i = 0; i < attention->n_planes; i++)
    if (attention->planes[i].layer == layer && attention->planes[i].head == head)
      return (int) i;
  return -1;
}

static int
resolve_layer (const EidAttention *attention, int layer)
{
  return layer < 0 ? layer + (int) attention->layers : layer;
}

gboolean
eid_attention_holds (const EidAttention *attention, int layer, int head)
{
  int last = resolve_layer (attention, layer);

  if (last < 0 || last >= (int) attention->layers || head >= (int) attention->heads)
    return FALSE;
  if (head == EID_HEADS_ROLLOUT)
    {
      for (int i = 0; i <= last; i++)
        if (plane_of (attention, i, EID_HEADS_MEAN) < 0)
          return FALSE;
      return TRUE;
    }
  if (head == EID_HEADS_ALL)
    {
      for (guint i = 0; i < attention->heads; i++)
        if (plane_of (attention, last, (int) i) < 0)
          return FALSE;
      return TRUE;
    }
  return plane_of (attention, last, head) >= 0;
}

/* Adds @share of the row of token @query to @sum [tokens]. */
static void
add_row (const EidAttention *attention, guint of, guint plane, guint picture, guint query, float share,
         float *sum)
{
  guint tokens = eid_attention_tokens (attention);
  gsize row = ((gsize) plane * attention->count + picture) * tokens + query;
  const guint8 *bytes = (const guint8 *) g_bytes_get_data (attention->maps[of], NULL) + row * tokens;
  float greatest;

  /* Bytes from the wire need not stand where floats may. */
  memcpy (&greatest,
          (const guint8 *) g_bytes_get_data (attention->greatest[of], NULL) + row * sizeof greatest,
          sizeof greatest);
  share *= greatest / 255;
  for (guint i = 0; i < tokens; i++)
    sum[i] += share * bytes[i];
}

/* The row of @from [tokens], a mixture of queries, through one map. */
static void
through (const EidAttention *attention, guint of, guint plane, guint picture, const float *from, float *row)
{
  guint tokens = eid_attention_tokens (attention);

  memset (row, 0, tokens * sizeof *row);
  for (guint query = 0; query < tokens; query++)
    if (from[query] > 0)
      add_row (attention, of, plane, picture, query, from[query], row);
}

void
eid_attention_row (const EidAttention *attention, guint of, int layer, int head, guint picture, int token,
                   float *row)
{
  guint tokens = eid_attention_tokens (attention), patches = tokens - attention->extra;
  g_autofree float *from = g_new0 (float, tokens);
  int last = resolve_layer (attention, layer);

  for (guint i = 0; i < tokens; i++)
    row[i] = NAN;
  if (of > 1 || !attention->maps[of] || head == EID_HEADS_ALL || !eid_attention_holds (attention, layer, head)
      || picture >= attention->count || token >= (int) tokens)
    return;
  for (guint i = 0; i < tokens; i++)
    from[i] = token < 0 ? (i >= attention->extra ? 1.0f / patches : 0) : i == (guint) token;
  if (head != EID_HEADS_ROLLOUT)
    {
      through (attention, of, (guint) plane_of (attention, last, head), picture, from, row);
      return;
    }
  /* Half of what a layer gives is its input (Abnar & Zuidema 2020, section 3). */
  for (int i = last; i >= 0; i--)
    {
      through (attention, of, (guint) plane_of (attention, i, EID_HEADS_MEAN), picture, from, row);
      for (guint k = 0; k < tokens; k++)
        from[k] = row[k] = (from[k] + row[k]) / 2;
    }
}

/* --- Mass -------------------------------------------------------------------------- */

/* What is no number has no mass. */
static float
mass_of (float value)
{
  return value > 0 && isfinite (value) ? value : 0;
}

static int
compare_greatest_first (gconstpointer a, gconstpointer b, gpointer values)
{
  float x = mass_of (((const float *) values)[*(const guint *) a]);
  float y = mass_of (((const float *) values)[*(const guint *) b]);

  return (x < y) - (x > y);
}

guint
eid_attention_keep_mass (const float *values, guint n, double mass, guint8 *keep)
{
  g_autofree guint *order = g_new (guint, MAX (n, 1));
  double sum = 0, kept = 0;
  guint many = 0;

  memset (keep, mass >= 1, n);
  if (mass >= 1)
    return n;
  for (guint i = 0; i < n; i++)
    {
      order[i] = i;
      sum += (double) mass_of (values[i]);
    }
  g_qsort_with_data (order, (int) n, sizeof *order, compare_greatest_first, (gpointer) values);
  for (; many < n && kept < mass * sum && mass_of (values[order[many]]) > 0; many++)
    {
      kept += (double) mass_of (values[order[many]]);
      keep[order[many]] = TRUE;
    }
  return many;
}

/* --- Colours ----------------------------------------------------------------------- */

void
eid_attention_extent (const float *values, gsize n, float *least, float *greatest)
{
  *least = INFINITY;
  *greatest = -INFINITY;
  for (gsize k = 0; k < n; k++)
    if (isfinite (values[k]))
      {
        *least = fminf (*least, values[k]);
        *greatest = fmaxf (*greatest, values[k]);
      }
  if (*least > *greatest) /* no finite value at all */
    *least = *greatest = NAN;
}

GdkTexture *
eid_attention_heat (const float *row, guint grid, float least, float greatest, const guint8 *keep)
{
  g_autofree guint8 *pixels = g_malloc ((gsize) grid * grid * 3);

  for (gsize k = 0; k < (gsize) grid * grid; k++)
    {
      GdkRGBA colour = eid_viridis (greatest > least ? (row[k] - least) / (double) (greatest - least) : 0);

      pixels[3 * k] = (guint8) (colour.red * 255 + 0.5f);
      pixels[3 * k + 1] = (guint8) (colour.green * 255 + 0.5f);
      pixels[3 * k + 2] = (guint8) (colour.blue * 255 + 0.5f);
      if (keep && !keep[k])
        memset (pixels + 3 * k, LEFT_OUT, 3);
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
