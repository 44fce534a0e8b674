/* view.c: EidAttentionView, pictures under what one query attends to or what is like it.
 *
 * What is given is kept whole; each picture keeps the heat maps of its query as textures
 * until data, query or choice change. Pictures stand in as many columns as make them largest.
 */
#include "ui/attention/view.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (EidAttentionView, eid_attention_view, GTK_TYPE_WIDGET)

enum
{
  PROP_QUERY = 1,
  PROP_QUERY_PICTURE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- What the mode shows -------------------------------------------------------- */

static void
clear_textures (GPtrArray *textures, guint count)
{
  g_ptr_array_set_size (textures, 0);
  g_ptr_array_set_size (textures, (int) count);
}

static void
unref_texture (gpointer texture)
{
  if (texture) /* a place that was never drawn is empty */
    g_object_unref (texture);
}

static void
redraw (EidAttentionView *self)
{
  eid_attention_view_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
take_pictures (EidAttentionView *self, guint count, guint size, guint grid, guint channels, GBytes *images)
{
  if (count != self->count || size != self->size || grid != self->grid)
    { /* a query on what was there says nothing of what is */
      self->query = self->query_picture = -1;
      self->current = self->anchor_picture = 0;
      self->anchor_patch = grid / 2 * grid + grid / 2;
      self->visible = count; /* until it is laid out */
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
  self->count = count;
  self->size = size;
  self->grid = grid;
  g_ptr_array_set_size (self->captions, (int) count);
  g_array_set_size (self->least, count);
  g_array_set_size (self->greatest, count);
  g_array_set_size (self->outside, count);
  g_array_set_size (self->best, count);
  clear_textures (self->images, count);
  clear_textures (self->shown, count);
  for (guint i = 0; i < count; i++)
    self->images->pdata[i] = eid_texture_from_batch (images, i, size, channels);
}

/* Tiles and their heat, after a choice. */
static void
refresh_heats (EidAttentionView *self)
{
  guint tiles = self->count ? eid_attention_view_count_tiles (self) : 0;

  if (tiles != self->tiles)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  self->tiles = tiles;
  clear_textures (self->heats, self->count * tiles);
  clear_textures (self->heats_shown, self->count * tiles);
  g_array_set_size (self->kept, self->count * tiles);
  eid_attention_view_make_all_heats (self);
  redraw (self);
}

void
eid_attention_view_refresh (EidAttentionView *self)
{
  const EidAttention *attention = &self->attention;
  const EidPatches *patches = &self->patches;

  if (self->mode == EID_PATCHES_ATTENTION)
    take_pictures (self, attention->count, attention->size, attention->grid, attention->channels,
                   attention->images);
  else
    take_pictures (self, patches->count, patches->size, patches->grid, patches->channels, patches->images);
  refresh_heats (self);
}

void
eid_attention_view_set_query (EidAttentionView *self, int picture, int patch)
{
  int old_picture, old_query;

  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  old_picture = self->query_picture;
  old_query = self->query;
  patch = CLAMP (patch, -1, (int) (self->grid * self->grid) - 1);
  picture = CLAMP (picture, -1, (int) self->count - 1);
  if (patch == old_query && picture == old_picture)
    return;
  self->query = patch;
  self->query_picture = picture;
  if (picture >= 0 && patch >= 0)
    {
      self->anchor_picture = (guint) picture;
      self->anchor_patch = (guint) patch;
      if (self->mode == EID_PATCHES_SIMILARITY)
        eid_attention_view_make_all_heats (self);
    }
  for (guint i = 0; self->mode == EID_PATCHES_ATTENTION && i < self->count; i++)
    if (old_picture < 0 || picture < 0 || (guint) old_picture == i || (guint) picture == i)
      eid_attention_view_make_heats (self, i);
  if (patch != old_query)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY]);
  if (picture != old_picture)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY_PICTURE]);
  redraw (self);
}

void
eid_attention_view_activate (EidAttentionView *self, guint picture)
{
  g_signal_emit (self, signals[ACTIVATED], 0, picture);
}

/* --- Size and drawing ------------------------------------------------------------- */

static void
eid_attention_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  eid_attention_view_lay_out (EID_ATTENTION_VIEW (widget), width, height);
}

static void
eid_attention_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                            int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : 480;
}

static void
eid_attention_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidAttentionView *self = EID_ATTENTION_VIEW (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->count == 0)
    {
      GskRenderNode *node =
          eid_plot_empty (&style, self->empty_text ? self->empty_text : _ ("No attention yet"),
                          gtk_widget_get_width (widget), gtk_widget_get_height (widget));

      if (node)
        gtk_snapshot_append_node (snapshot, node);
      g_clear_pointer (&node, gsk_render_node_unref);
    }
  for (guint i = 0; i < self->visible; i++)
    eid_attention_view_draw_picture (self, snapshot, &style, i);
  eid_attention_view_draw_note (self, snapshot, &style);
  eid_plot_style_clear (&style);
}

/* --- Choices --------------------------------------------------------------------------------------- */

void
eid_attention_view_set_mode (EidAttentionView *self, EidPatchesMode mode)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  if (mode == self->mode)
    return;
  self->mode = mode;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  mode == EID_PATCHES_ATTENTION ? _ ("Attention")
                                  : mode == EID_PATCHES_COLOURS ? _ ("Patch colours")
                                                                : _ ("Patch similarity"),
                                  -1);
  eid_attention_view_refresh (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
eid_attention_view_set_head (EidAttentionView *self, int layer, int head)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  if (layer == self->layer && head == self->head)
    return;
  self->layer = layer;
  self->head = head;
  refresh_heats (self);
}

gboolean
eid_attention_view_holds (EidAttentionView *self, int layer, int head)
{
  g_return_val_if_fail (EID_IS_ATTENTION_VIEW (self), FALSE);
  return self->attention.count > 0 && eid_attention_holds (&self->attention, layer, head);
}

void
eid_attention_view_set_whose (EidAttentionView *self, EidAttentionWhose whose)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  if (whose == self->whose || whose == 0)
    return;
  self->whose = whose;
  refresh_heats (self);
}

void
eid_attention_view_set_rest (EidAttentionView *self, int token)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  if (token == self->rest)
    return;
  self->rest = token;
  refresh_heats (self);
}

void
eid_attention_view_set_mass (EidAttentionView *self, double mass)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  self->mass = mass >= 0 ? MIN (mass, 1) : 1;
  refresh_heats (self);
}

void
eid_attention_view_set_caption (EidAttentionView *self, guint index, const char *caption)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  if (index >= self->captions->len || g_strcmp0 (self->captions->pdata[index], caption) == 0)
    return;
  g_free (self->captions->pdata[index]);
  self->captions->pdata[index] = g_strdup (caption);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
eid_attention_view_set_overlay (EidAttentionView *self, double opacity)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  self->overlay = opacity > 0 ? MIN (opacity, 1) : 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_attention_view_set_empty_text (EidAttentionView *self, const char *text)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  g_free (self->empty_text);
  self->empty_text = g_strdup (text);
  redraw (self);
}

/* --- The object ------------------------------------------------------------------------------------ */

static void
eid_attention_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  EidAttentionView *self = EID_ATTENTION_VIEW (object);

  if (id == PROP_QUERY)
    g_value_set_int (value, self->query);
  else
    g_value_set_int (value, self->query_picture);
}

static void
eid_attention_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  EidAttentionView *self = EID_ATTENTION_VIEW (object);

  if (id == PROP_QUERY)
    eid_attention_view_set_query (self, self->query_picture, g_value_get_int (value));
  else
    eid_attention_view_set_query (self, g_value_get_int (value), self->query);
}

static void
eid_attention_view_finalize (GObject *object)
{
  EidAttentionView *self = EID_ATTENTION_VIEW (object);

  eid_attention_view_drop (self);
  g_ptr_array_unref (self->captions);
  g_ptr_array_unref (self->images);
  g_ptr_array_unref (self->shown);
  g_ptr_array_unref (self->heats);
  g_ptr_array_unref (self->heats_shown);
  g_array_unref (self->least);
  g_array_unref (self->greatest);
  g_array_unref (self->kept);
  g_array_unref (self->outside);
  g_array_unref (self->best);
  g_free (self->empty_text);
  G_OBJECT_CLASS (eid_attention_view_parent_class)->finalize (object);
}

static void
eid_attention_view_class_init (EidAttentionViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = eid_attention_view_get_property;
  object_class->set_property = eid_attention_view_set_property;
  object_class->finalize = eid_attention_view_finalize;
  widget_class->size_allocate = eid_attention_view_size_allocate;
  widget_class->measure = eid_attention_view_measure;
  widget_class->snapshot = eid_attention_view_snapshot;

  properties[PROP_QUERY] = g_param_spec_int ("query", NULL, NULL, -1, G_MAXINT, -1, flags);
  properties[PROP_QUERY_PICTURE] = g_param_spec_int ("query-picture", NULL, NULL, -1, G_MAXINT, -1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[ACTIVATED] = g_signal_new ("activated", EID_TYPE_ATTENTION_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "eidattentionview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_attention_view_init (EidAttentionView *self)
{
  self->captions = g_ptr_array_new_with_free_func (g_free);
  self->images = g_ptr_array_new_with_free_func (unref_texture);
  self->shown = g_ptr_array_new_with_free_func (unref_texture);
  self->heats = g_ptr_array_new_with_free_func (unref_texture);
  self->heats_shown = g_ptr_array_new_with_free_func (unref_texture);
  self->least = g_array_new (FALSE, TRUE, sizeof (float));
  self->greatest = g_array_new (FALSE, TRUE, sizeof (float));
  self->kept = g_array_new (FALSE, TRUE, sizeof (guint));
  self->outside = g_array_new (FALSE, TRUE, sizeof (float));
  self->best = g_array_new (FALSE, TRUE, sizeof (int));
  self->overlay = 0.6;
  self->mass = 1;
  self->layer = -1;
  self->head = EID_HEADS_MEAN;
  self->whose = EID_ATTENTION_STUDENT;
  self->rest = self->query = self->query_picture = -1;
  self->columns = self->across = 1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Attention"), -1);
  eid_attention_view_describe (self);
  eid_attention_view_add_controllers (self);
}

GtkWidget *
eid_attention_view_new (void)
{
  return g_object_new (EID_TYPE_ATTENTION_VIEW, NULL);
}
