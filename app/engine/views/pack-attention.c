/* pack-attention.c: looks at attention and at patch tokens, made small enough to be
 * held in the window: one byte a weight or channel.                          */
#include "app/engine/views/pack.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Bytes of maps or of tokens in an answer, at most. */
#define MOST_BYTES ((gsize) 8 << 20)

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

/* --- Attention ------------------------------------------------------------------ */

typedef struct
{
  gint layer, head; /* -1: the mean of the heads */
} Plane;

static void
add_layer (GArray *planes, gint layer, guint heads)
{
  for (gint head = -1; head < (gint) heads; head++)
    g_array_append_val (planes, ((Plane){ layer, head }));
}

/* The maps that @room planes hold, the chosen one in any case. */
static GArray *
choose_planes (const EidAttentionView *view, gsize room, gint layer, gint head)
{
  const gsize each = 1 + (gsize) view->heads;
  GArray *planes = g_array_new (FALSE, FALSE, sizeof (Plane));

  if (room >= view->layers * each)
    for (guint i = 0; i < view->layers; i++)
      add_layer (planes, (gint) i, view->heads);
  else if (room >= view->layers + view->heads)
    for (guint i = 0; i < view->layers; i++)
      add_layer (planes, (gint) i, (gint) i == layer ? view->heads : 0);
  else if (room >= each)
    add_layer (planes, layer, view->heads);
  else
    g_array_append_val (planes, ((Plane){ layer, head }));
  return planes;
}

/* A row of weights in bytes; returns the weight that 255 stands for. */
static float
quantise (const float *row, guint count, guint8 *bytes)
{
  float greatest = 0;

  for (guint i = 0; i < count; i++)
    greatest = isfinite (row[i]) ? fmaxf (greatest, row[i]) : INFINITY;
  if (!(greatest > 0) || !isfinite (greatest))
    {
      memset (bytes, 0, count);
      return 0;
    }
  for (guint i = 0; i < count; i++)
    bytes[i] = (guint8) (fmaxf (row[i], 0) / greatest * 255 + 0.5f);
  return greatest;
}

static void
add_maps (GVariantBuilder *out, const EidAttentionView *view, const EidArtefacts *of, GArray *planes,
          guint count, const char *maps_key, const char *greatest_key)
{
  const gsize tokens = view->tokens, rows = planes->len * count * tokens;
  guint8 *maps = g_malloc (rows * tokens);
  float *greatest = g_new (float, rows);
  g_autofree float *map = g_new (float, tokens *tokens);
  gsize row = 0;

  for (guint i = 0; i < planes->len; i++)
    for (guint picture = 0; picture < count; picture++)
      {
        const Plane *plane = &g_array_index (planes, Plane, i);

        eid_attention_map (view, of, picture, (guint) plane->layer, plane->head, map);
        for (guint query = 0; query < tokens; query++, row++)
          greatest[row] = quantise (map + query * tokens, view->tokens, maps + row * tokens);
      }
  eid_look_add_bytes (out, maps_key, maps, rows * tokens);
  eid_look_add_bytes (out, greatest_key, greatest, rows * sizeof (float));
}

static GVariant *
pack_planes (GArray *planes)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(ii)"));
  for (guint i = 0; i < planes->len; i++)
    {
      const Plane *plane = &g_array_index (planes, Plane, i);

      g_variant_builder_add (&list, "(ii)", plane->layer, plane->head);
    }
  return g_variant_builder_end (&list);
}

static void
add_pictures (GVariantBuilder *out, guint8 **images, char **labels, guint count, guint size, guint channels)
{
  eid_look_add_count (out, "count", count);
  eid_look_add_count (out, "size", size);
  eid_look_add_count (out, "channels", channels);
  eid_look_add_bytes (out, "images", g_steal_pointer (images), (gsize) count * size * size * channels);
  add (out, "labels", g_variant_new_strv ((const char *const *) labels, count));
}

/* How many of @count pictures of @bytes each there is room for. */
static gboolean
fit (guint *count, gsize bytes, guint tokens, GError **error)
{
  *count = (guint) MIN (*count, MOST_BYTES / bytes);
  if (*count == 0)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("A picture of %'u tokens is too large to be shown: choose larger patches."), tokens);
  return *count > 0;
}

gboolean
eid_look_at_attention (EidSetup *setup, const EidPictures *pictures, GVariant *options, GVariantBuilder *out,
                       GError **error)
{
  g_autoptr (EidAttentionView) view = NULL;
  g_autoptr (GArray) planes = NULL;
  const char *whose = "student";
  gint layer = -1, head = -1;
  gboolean both;
  gsize square;
  guint count, most = G_MAXUINT;

  g_variant_lookup (options, "planes", "u", &most);
  g_variant_lookup (options, "layer", "i", &layer);
  g_variant_lookup (options, "head", "i", &head);
  g_variant_lookup (options, "whose", "&s", &whose);
  both = g_str_equal (whose, "both");
  view = eid_show_attention (setup, pictures, EID_OF_STUDENT | (both ? EID_OF_TEACHER : 0), error);
  if (view == NULL || (layer = eid_attention_layer (view, layer, head, error)) < 0)
    return FALSE;
  count = view->count;
  square = (gsize) view->tokens * view->tokens * (both ? 2 : 1);
  if (!fit (&count, square, view->tokens, error))
    return FALSE;
  planes = choose_planes (view, MIN (MOST_BYTES / (square * count), most), layer, head);

  add_pictures (out, &view->images, view->labels, count, view->size, view->channels);
  eid_look_add_count (out, "grid", view->grid);
  eid_look_add_count (out, "extra", view->extra);
  eid_look_add_count (out, "layers", view->layers);
  eid_look_add_count (out, "heads", view->heads);
  add (out, "class-token", g_variant_new_boolean (view->class_token));
  add (out, "has-teacher", g_variant_new_boolean (eid_has_teacher (setup)));
  add (out, "layer", g_variant_new_int32 (layer));
  add (out, "head", g_variant_new_int32 (head));
  add (out, "planes", pack_planes (planes));
  add_maps (out, view, view->student, planes, count, "maps", "greatest");
  if (both)
    add_maps (out, view, view->teacher, planes, count, "teacher-maps", "teacher-greatest");
  return TRUE;
}

/* --- Patches ---------------------------------------------------------------------- */

/* A basis on the wire: mean, axes, deviations and shares, one after another. */
#define BASIS_LENGTH(width) ((gsize) (1 + EID_PATCH_AXES) * (width) + 2 * EID_PATCH_AXES)

static EidPatchBasis *
read_basis (GVariant *options)
{
  g_autoptr (GVariant) held = g_variant_lookup_value (options, "basis", G_VARIANT_TYPE ("ad"));
  gsize length = 0;
  const double *values = held != NULL ? g_variant_get_fixed_array (held, &length, sizeof (double)) : NULL;
  const gsize width = length > 2 * EID_PATCH_AXES ? (length - 2 * EID_PATCH_AXES) / (1 + EID_PATCH_AXES) : 0;
  EidPatchBasis *basis;

  if (width == 0 || width > G_MAXUINT16 || length != BASIS_LENGTH (width))
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!isfinite (values[i]))
      return NULL;
  basis = eid_patch_basis_new ((guint) width);
  memcpy (basis->mean, values, width * sizeof (double));
  memcpy (basis->axes, values + width, EID_PATCH_AXES * width * sizeof (double));
  memcpy (basis->spread, values + (1 + EID_PATCH_AXES) * width, sizeof basis->spread);
  memcpy (basis->explained, values + (1 + EID_PATCH_AXES) * width + EID_PATCH_AXES, sizeof basis->explained);
  return basis;
}

static void
add_basis (GVariantBuilder *out, const EidPatchBasis *basis)
{
  const gsize width = basis->width;
  g_autofree double *values = g_new (double, BASIS_LENGTH (width));

  memcpy (values, basis->mean, width * sizeof (double));
  memcpy (values + width, basis->axes, EID_PATCH_AXES * width * sizeof (double));
  memcpy (values + (1 + EID_PATCH_AXES) * width, basis->spread, sizeof basis->spread);
  memcpy (values + (1 + EID_PATCH_AXES) * width + EID_PATCH_AXES, basis->explained, sizeof basis->explained);
  add (out, "basis",
       g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, values, BASIS_LENGTH (width), sizeof (double)));
  add (out, "explained",
       g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, basis->explained, EID_PATCH_AXES, sizeof (double)));
}

/* A token in signed bytes: its direction, which is all that a cosine sees. */
static void
shorten (const float *token, guint width, gint8 *bytes)
{
  float greatest = 0;

  for (guint d = 0; d < width; d++)
    greatest = isfinite (token[d]) ? fmaxf (greatest, fabsf (token[d])) : INFINITY;
  for (guint d = 0; d < width; d++)
    bytes[d] = greatest > 0 && isfinite (greatest) ? (gint8) lrintf (token[d] / greatest * 127) : 0;
}

gboolean
eid_look_at_patches (EidSetup *setup, const EidPictures *pictures, GVariant *options, GVariantBuilder *out,
                     GError **error)
{
  g_autoptr (EidPatchBasis) former = read_basis (options);
  g_autoptr (EidPatchesView) view = NULL;
  gboolean frozen = FALSE;
  guint count, width, patches;
  gint8 *tokens;

  g_variant_lookup (options, "frozen", "b", &frozen);
  view = eid_show_patches (setup, pictures, former, frozen, error);
  if (view == NULL)
    return FALSE;
  count = view->count;
  width = view->basis->width;
  patches = view->grid * view->grid;
  if (!fit (&count, (gsize) patches * width, patches, error))
    return FALSE;
  tokens = g_new (gint8, (gsize) count * patches * width);
  for (gsize i = 0; i < (gsize) count * patches; i++)
    shorten (view->tokens + i * width, width, tokens + i * width);

  add_pictures (out, &view->images, view->labels, count, view->size, view->channels);
  eid_look_add_count (out, "grid", view->grid);
  eid_look_add_count (out, "width", width);
  eid_look_add_bytes (out, "colours", g_steal_pointer (&view->colours), (gsize) count * patches * 3);
  eid_look_add_bytes (out, "tokens", tokens, (gsize) count * patches * width);
  add_basis (out, view->basis);
  return TRUE;
}
