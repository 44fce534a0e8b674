/* attention-view.c: EidAttentionView, pictures under what one query attends to.
 *
 * The query is the patch under the pointer; each picture keeps the heat map of its query
 * as a texture until data or query change. Pictures stand in as many columns as make
 * them largest.
 */
#include "attention-view.h"

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

/* --- The query ------------------------------------------------------------------ */

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
make_heat (EidAttentionView *self, guint picture)
{
  guint grid = self->data.grid;
  g_autofree float *row = g_new (float, (gsize) grid *grid);
  float *least = &g_array_index (self->least, float, picture);
  float *greatest = &g_array_index (self->greatest, float, picture);

  eid_attention_row (&self->data, picture, eid_attention_view_query_of (self, picture), row, least, greatest);
  g_clear_object ((GdkTexture **) &self->heats->pdata[picture]);
  g_clear_object ((GdkTexture **) &self->heats_shown->pdata[picture]);
  self->heats->pdata[picture] = eid_attention_heat (row, grid, *least, *greatest);
}

/* What a screen reader says: the query and the extent of the picture it is on. */
static void
update_description (EidAttentionView *self)
{
  g_autofree char *text = NULL, *from = NULL, *to = NULL;
  guint picture = self->query_picture < 0 ? self->current : (guint) self->query_picture;
  guint grid = MAX (1, self->data.grid);

  if (picture >= self->data.count)
    text = g_strdup (self->empty_text ? self->empty_text : _ ("No attention yet"));
  else
    {
      from = eid_format_number (g_array_index (self->least, float, picture));
      to = eid_format_number (g_array_index (self->greatest, float, picture));
      if (self->query >= 0)
        /* Translators: place of a patch in a picture, and the weights it gives to others. */
        text =
            g_strdup_printf (_ ("Picture %u, patch in row %u, column %u: weights from %s to %s"), picture + 1,
                             (guint) self->query / grid + 1, (guint) self->query % grid + 1, from, to);
      else if (self->data.extra > 0)
        text = g_strdup_printf (_ ("Picture %u, class token: weights from %s to %s"), picture + 1, from, to);
      else
        text = g_strdup_printf (_ ("Picture %u, mean of all patches: weights from %s to %s"), picture + 1,
                                from, to);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

void
eid_attention_view_set_query (EidAttentionView *self, int picture, int patch)
{
  int old_picture, old_query, patches;

  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  old_picture = self->query_picture;
  old_query = self->query;
  patches = (int) (self->data.grid * self->data.grid);
  patch = CLAMP (patch, -1, patches - 1);
  picture = CLAMP (picture, -1, (int) self->data.count - 1);
  if (patch == old_query && picture == old_picture)
    return;
  self->query = patch;
  self->query_picture = picture;
  for (guint i = 0; i < self->data.count; i++)
    if (old_picture < 0 || picture < 0 || (guint) old_picture == i || (guint) picture == i)
      make_heat (self, i);
  if (patch != old_query)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY]);
  if (picture != old_picture)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUERY_PICTURE]);
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
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
  if (self->data.count == 0)
    {
      GskRenderNode *node =
          eid_plot_empty (&style, self->empty_text ? self->empty_text : _ ("No attention yet"),
                          gtk_widget_get_width (widget), gtk_widget_get_height (widget));

      if (node)
        gtk_snapshot_append_node (snapshot, node);
      g_clear_pointer (&node, gsk_render_node_unref);
    }
  for (guint i = 0; i < self->data.count; i++)
    eid_attention_view_draw_picture (self, snapshot, &style, i);
  eid_plot_style_clear (&style);
}

/* --- Pointer and keys --------------------------------------------------------------------- */

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidAttentionView *self)
{
  guint picture;
  int patch;

  if (eid_attention_view_patch_at (self, x, y, &picture, &patch))
    eid_attention_view_set_query (self, (int) picture, patch);
  else
    eid_attention_view_set_query (self, -1, -1);
}

static void
leave (GtkEventControllerMotion *controller, EidAttentionView *self)
{
  eid_attention_view_set_query (self, -1, -1);
}

static void
released (GtkGestureClick *gesture, int count, double x, double y, EidAttentionView *self)
{
  guint picture;
  int patch;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (!eid_attention_view_patch_at (self, x, y, &picture, &patch))
    return;
  self->current = picture;
  g_signal_emit (self, signals[ACTIVATED], 0, picture);
}

/* Arrows move the query; Page Up and Down go to the picture before and after; Escape lets go. */
static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidAttentionView *self)
{
  int grid = (int) self->data.grid, row, column, query;

  if (self->data.count == 0)
    return FALSE;
  query = self->query_picture == (int) self->current && self->query >= 0 ? self->query
                                                                         : grid / 2 * grid + grid / 2;
  row = query / grid;
  column = query % grid;
  switch (key)
    {
    case GDK_KEY_Left:
      column--;
      break;
    case GDK_KEY_Right:
      column++;
      break;
    case GDK_KEY_Up:
      row--;
      break;
    case GDK_KEY_Down:
      row++;
      break;
    case GDK_KEY_Page_Up:
      self->current = self->current > 0 ? self->current - 1 : 0;
      break;
    case GDK_KEY_Page_Down:
      self->current = MIN (self->current + 1, self->data.count - 1);
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      g_signal_emit (self, signals[ACTIVATED], 0, self->current);
      return TRUE;
    case GDK_KEY_Escape:
      if (self->query < 0)
        return FALSE;
      eid_attention_view_set_query (self, -1, -1);
      return TRUE;
    default:
      return FALSE;
    }
  row = CLAMP (row, 0, grid - 1);
  column = CLAMP (column, 0, grid - 1);
  eid_attention_view_set_query (self, (int) self->current, row * grid + column);
  return TRUE;
}

/* --- Data -------------------------------------------------------------------------------------- */

void
eid_attention_view_clear (EidAttentionView *self)
{
  g_return_if_fail (EID_IS_ATTENTION_VIEW (self));
  g_clear_pointer (&self->data.images, g_bytes_unref);
  g_clear_pointer (&self->data.weights, g_bytes_unref);
  self->data = (EidAttention){ 0 };
  g_ptr_array_set_size (self->images, 0);
  g_ptr_array_set_size (self->shown, 0);
  g_ptr_array_set_size (self->heats, 0);
  g_ptr_array_set_size (self->heats_shown, 0);
  update_description (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

gboolean
eid_attention_view_set_data (EidAttentionView *self, guint count, guint size, guint channels, guint grid,
                             guint extra, GBytes *images, GBytes *weights)
{
  EidAttention data = { .count = count, .size = size, .channels = channels, .grid = grid, .extra = extra };
  gboolean same_shape;

  g_return_val_if_fail (EID_IS_ATTENTION_VIEW (self), FALSE);
  data.images = images;
  data.weights = weights;
  if (!eid_attention_valid (&data))
    {
      eid_attention_view_clear (self);
      return FALSE;
    }
  same_shape = data.count == self->data.count && data.size == self->data.size && data.grid == self->data.grid;
  g_bytes_ref (images);
  g_bytes_ref (weights);
  g_clear_pointer (&self->data.images, g_bytes_unref);
  g_clear_pointer (&self->data.weights, g_bytes_unref);
  self->data = data;
  if (!same_shape) /* a query on what was there says nothing of what is */
    {
      self->query = self->query_picture = -1;
      self->current = 0;
      g_ptr_array_set_size (self->captions, (int) count);
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
  clear_textures (self->images, count);
  clear_textures (self->shown, count);
  clear_textures (self->heats, count);
  clear_textures (self->heats_shown, count);
  g_array_set_size (self->least, count);
  g_array_set_size (self->greatest, count);
  for (guint i = 0; i < count; i++)
    {
      self->images->pdata[i] = eid_texture_from_batch (images, i, size, channels);
      make_heat (self, i);
    }
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
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
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
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

  g_clear_pointer (&self->data.images, g_bytes_unref);
  g_clear_pointer (&self->data.weights, g_bytes_unref);
  g_ptr_array_unref (self->captions);
  g_ptr_array_unref (self->images);
  g_ptr_array_unref (self->shown);
  g_ptr_array_unref (self->heats);
  g_ptr_array_unref (self->heats_shown);
  g_array_unref (self->least);
  g_array_unref (self->greatest);
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
  GtkEventController *move = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->captions = g_ptr_array_new_with_free_func (g_free);
  self->images = g_ptr_array_new_with_free_func (unref_texture);
  self->shown = g_ptr_array_new_with_free_func (unref_texture);
  self->heats = g_ptr_array_new_with_free_func (unref_texture);
  self->heats_shown = g_ptr_array_new_with_free_func (unref_texture);
  self->least = g_array_new (FALSE, TRUE, sizeof (float));
  self->greatest = g_array_new (FALSE, TRUE, sizeof (float));
  self->overlay = 0.6;
  self->query = self->query_picture = -1;
  self->columns = 1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Attention"), -1);
  update_description (self);
  g_signal_connect (move, "enter", G_CALLBACK (motion), self);
  g_signal_connect (move, "motion", G_CALLBACK (motion), self);
  g_signal_connect (move, "leave", G_CALLBACK (leave), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), move);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
eid_attention_view_new (void)
{
  return g_object_new (EID_TYPE_ATTENTION_VIEW, NULL);
}
