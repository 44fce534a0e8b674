/* heat.c: the heat maps of an EidAttentionView for its query, and the same in
 * words. Tiles of one picture share a scale; cosines share one among all pictures.
 */
#include "ui/attention/view.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define FLOAT_OF(array, i) g_array_index (array, float, i)

int
eid_attention_view_query_of (EidAttentionView *self, guint picture)
{
  if (self->mode == EID_PATCHES_SIMILARITY)
    return picture == self->anchor_picture ? (int) self->anchor_patch : -1;
  return self->query_picture < 0 || (guint) self->query_picture == picture ? self->query : -1;
}

/* --- Tiles ------------------------------------------------------------------------ */

/* Of those asked for, those that are held. */
static EidAttentionWhose
held_whose (EidAttentionView *self)
{
  return self->attention.maps[1] ? self->whose : EID_ATTENTION_STUDENT;
}

guint
eid_attention_view_count_tiles (EidAttentionView *self)
{
  EidAttentionWhose whose = held_whose (self);

  switch (self->mode)
    {
    case EID_PATCHES_COLOURS:
      return 2;
    case EID_PATCHES_SIMILARITY:
      return 1;
    default:
      return (whose == (EID_ATTENTION_STUDENT | EID_ATTENTION_TEACHER) ? 2 : 1)
             * (self->head == EID_HEADS_ALL ? MAX (1, self->attention.heads) : 1);
    }
}

void
eid_attention_view_map_of (EidAttentionView *self, guint tile, guint *of, int *head)
{
  guint each = self->head == EID_HEADS_ALL ? MAX (1, self->attention.heads) : 1;

  *of = held_whose (self) == EID_ATTENTION_TEACHER ? 1 : tile / each;
  *head = self->head == EID_HEADS_ALL ? (int) (tile % each) : self->head;
}

char *
eid_attention_view_tile_name (EidAttentionView *self, guint tile)
{
  gboolean both = held_whose (self) == (EID_ATTENTION_STUDENT | EID_ATTENTION_TEACHER);
  guint of;
  int head;

  if (self->mode != EID_PATCHES_ATTENTION || self->tiles < 2)
    return NULL;
  eid_attention_view_map_of (self, tile, &of, &head);
  if (head < 0)
    return g_strdup (of ? _ ("teacher") : _ ("student"));
  if (both)
    /* Translators: the number is that of an attention head; there is little room. */
    return g_strdup_printf (of ? _ ("teacher %d") : _ ("student %d"), head + 1);
  return g_strdup_printf (_ ("head %d"), head + 1);
}

/* --- Heat -------------------------------------------------------------------------- */

/* Takes @texture for the place. */
static void
put_heat (EidAttentionView *self, guint picture, guint tile, GdkTexture *texture)
{
  guint i = picture * self->tiles + tile;

  g_clear_object ((GdkTexture **) &self->heats->pdata[i]);
  g_clear_object ((GdkTexture **) &self->heats_shown->pdata[i]);
  self->heats->pdata[i] = texture;
}

static void
make_attention (EidAttentionView *self, guint picture)
{
  EidAttention *attention = &self->attention;
  guint cells = self->grid * self->grid, tokens = eid_attention_tokens (attention);
  g_autofree float *rows = g_new (float, (gsize) self->tiles *cells), *row = g_new (float, tokens);
  g_autofree guint8 *keep = g_malloc (cells);
  int query = eid_attention_view_query_of (self, picture);
  float *least = &FLOAT_OF (self->least, picture), *greatest = &FLOAT_OF (self->greatest, picture);

  for (guint tile = 0; tile < self->tiles; tile++)
    {
      float outside = 0;
      guint of;
      int head;

      eid_attention_view_map_of (self, tile, &of, &head);
      eid_attention_row (attention, of, self->layer, head, picture,
                         query >= 0 ? (int) attention->extra + query : self->rest, row);
      for (guint i = 0; i < attention->extra; i++)
        outside += row[i];
      if (tile == 0)
        FLOAT_OF (self->outside, picture) = outside;
      memcpy (rows + (gsize) tile * cells, row + attention->extra, cells * sizeof *row);
    }
  eid_attention_extent (rows, (gsize) self->tiles * cells, least, greatest);
  for (guint tile = 0; tile < self->tiles; tile++)
    {
      const float *values = rows + (gsize) tile * cells;

      g_array_index (self->kept, guint, picture * self->tiles + tile) =
          eid_attention_keep_mass (values, cells, self->mass, keep);
      put_heat (self, picture, tile, eid_attention_heat (values, self->grid, *least, *greatest, keep));
    }
}

static void
make_colours (EidAttentionView *self, guint picture)
{
  put_heat (self, picture, 1, eid_texture_from_batch (self->patches.colours, picture, self->grid, 3));
}

/* Of all pictures: their scale is one. */
static void
make_similarity (EidAttentionView *self)
{
  guint cells = self->grid * self->grid;
  g_autofree float *rows = g_new (float, (gsize) self->count *cells);
  float least, greatest;

  for (guint i = 0; i < self->count; i++)
    eid_patches_similarity (&self->patches, self->lengths, self->anchor_picture, self->anchor_patch, i,
                            rows + (gsize) i * cells);
  eid_attention_extent (rows, (gsize) self->count * cells, &least, &greatest);
  for (guint i = 0; i < self->count; i++)
    {
      const float *row = rows + (gsize) i * cells;
      int best = 0;

      for (guint k = 1; k < cells; k++)
        if (row[k] > row[best])
          best = (int) k;
      g_array_index (self->best, int, i) = i == self->anchor_picture ? -1 : best;
      FLOAT_OF (self->least, i) = least;
      FLOAT_OF (self->greatest, i) = greatest;
      put_heat (self, i, 0, eid_attention_heat (row, self->grid, least, greatest, NULL));
    }
}

void
eid_attention_view_make_heats (EidAttentionView *self, guint picture)
{
  if (self->mode == EID_PATCHES_ATTENTION)
    make_attention (self, picture);
  else if (self->mode == EID_PATCHES_COLOURS)
    make_colours (self, picture);
}

void
eid_attention_view_make_all_heats (EidAttentionView *self)
{
  if (self->mode == EID_PATCHES_SIMILARITY && self->count > 0)
    make_similarity (self);
  else
    for (guint i = 0; i < self->count; i++)
      eid_attention_view_make_heats (self, i);
}

/* --- In words ------------------------------------------------------------------------ */

/* Free. */
static char *
name_query (EidAttentionView *self)
{
  const EidAttention *attention = &self->attention;

  if (self->query >= 0)
    return g_strdup_printf (_ ("patch in row %u, column %u"), (guint) self->query / self->grid + 1,
                            (guint) self->query % self->grid + 1);
  if (self->rest < 0 || self->rest >= (int) attention->extra)
    return g_strdup (_ ("mean of all patches"));
  if (self->rest == 0 && attention->class_token)
    return g_strdup (_ ("class token"));
  return g_strdup_printf (_ ("register %d"), self->rest + (attention->class_token ? 0 : 1));
}

static char *
describe_attention (EidAttentionView *self, guint picture)
{
  g_autofree char *from = eid_format_number (FLOAT_OF (self->least, picture));
  g_autofree char *to = eid_format_number (FLOAT_OF (self->greatest, picture));
  g_autofree char *query = name_query (self);
  g_autofree char *outside = eid_format_percent (FLOAT_OF (self->outside, picture));
  g_autofree char *mass = eid_format_percent (self->mass);
  GString *text = g_string_new (NULL);

  /* Translators: the second is "patch in row 2, column 3", or "class token". */
  g_string_append_printf (text, _ ("Picture %'u, %s: weights from %s to %s"), picture + 1, query, from, to);
  if (self->attention.extra > 0)
    g_string_append_printf (text, _ ("; %s of the weight is on tokens that are no patches"), outside);
  if (self->mass < 1)
    g_string_append_printf (text, _ ("; %'u of %'u patches have %s of what is on patches"),
                            g_array_index (self->kept, guint, picture * self->tiles), self->grid * self->grid,
                            mass);
  return g_string_free (text, FALSE);
}

static char *
describe_similarity (EidAttentionView *self)
{
  g_autofree char *from = eid_format_number (FLOAT_OF (self->least, 0));
  g_autofree char *to = eid_format_number (FLOAT_OF (self->greatest, 0));
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("Picture %u, patch in row %u, column %u: cosines from %s to %s"),
                          self->anchor_picture + 1, self->anchor_patch / self->grid + 1,
                          self->anchor_patch % self->grid + 1, from, to);
  for (guint i = 0; i < self->count; i++)
    {
      int best = g_array_index (self->best, int, i);

      if (best >= 0)
        g_string_append_printf (text, _ ("; most alike in picture %u: row %u, column %u"), i + 1,
                                (guint) best / self->grid + 1, (guint) best % self->grid + 1);
    }
  return g_string_free (text, FALSE);
}

void
eid_attention_view_describe (EidAttentionView *self)
{
  g_autofree char *text = NULL;
  guint picture = self->query_picture < 0 ? self->current : (guint) self->query_picture;

  if (picture >= self->count)
    text = g_strdup (self->empty_text ? self->empty_text : _ ("No attention yet"));
  else if (self->mode == EID_PATCHES_COLOURS)
    text = g_strdup_printf (
        g_dngettext (
            GETTEXT_PACKAGE, "%'u picture, and its patches coloured by their first three principal axes",
            "%'u pictures, and their patches coloured by their first three principal axes", self->count),
        self->count);
  else if (self->mode == EID_PATCHES_SIMILARITY)
    text = describe_similarity (self);
  else
    text = describe_attention (self, picture);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}
