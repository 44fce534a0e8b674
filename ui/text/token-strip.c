/* token-strip.c: EidTokenStrip, a text on the colours of its tokens' numbers, as a widget. */
#include "ui/text/token-strip.h"

#include <math.h>

struct _EidTokenStrip
{
  GtkWidget parent;

  EidTokenStripData data;
  gssize pointed, mark; /* -1: none */

  EidTokenStripLayout layout;
  GskRenderNode *node; /* of width × height; drawn anew where they are 0 */
  int width, height;
};

G_DEFINE_FINAL_TYPE (EidTokenStrip, eid_token_strip, GTK_TYPE_WIDGET)

static guint pointed_signal;

static void
tell (EidTokenStrip *self)
{
  g_autofree char *text = eid_token_strip_tell (&self->data, self->pointed);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void
invalidate (EidTokenStrip *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
eid_token_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidTokenStrip *self = EID_TOKEN_STRIP (widget);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->width != width || self->height != height)
    {
      g_clear_pointer (&self->node, gsk_render_node_unref);
      eid_token_strip_layout_clear (&self->layout);
      self->layout = eid_token_strip_layout (&self->data, &style, width);
      self->node = eid_token_strip_draw (&self->data, &self->layout, &style, width, height);
      self->width = width;
      self->height = height;
    }
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  if (self->mark >= 0 && (gsize) self->mark < (gsize) self->data.count * self->data.length)
    eid_token_strip_snapshot_outline (snapshot, &self->layout, (gsize) self->mark);
  if (self->pointed >= 0)
    eid_token_strip_snapshot_pointed (snapshot, &self->data, &self->layout, &style, (gsize) self->pointed,
                                      width, height);
  eid_plot_style_clear (&style);
}

static GtkSizeRequestMode
eid_token_strip_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
eid_token_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                         int *natural, int *minimum_baseline, int *natural_baseline)
{
  EidTokenStrip *self = EID_TOKEN_STRIP (widget);
  EidTokenStripLayout layout;
  EidPlotStyle style;

  *minimum = 160;
  *natural = 600;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    return;
  eid_plot_style_init (&style, widget);
  layout = eid_token_strip_layout (&self->data, &style, for_size > 0 ? for_size : *natural);
  *minimum = *natural = self->data.tokens ? (int) ceil (layout.height) : 120;
  eid_token_strip_layout_clear (&layout);
  eid_plot_style_clear (&style);
}

static void
eid_token_strip_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_token_strip_parent_class)->css_changed (widget, change);
  invalidate (EID_TOKEN_STRIP (widget));
  gtk_widget_queue_resize (widget);
}

/* --- Pointer and keys --------------------------------------------------------------------- */

static void
point_at (EidTokenStrip *self, gssize pointed)
{
  if (self->pointed == pointed)
    return;
  self->pointed = pointed;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, pointed_signal, 0, (int) pointed);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidTokenStrip *self)
{
  point_at (self, self->width > 0 ? eid_token_strip_at (&self->data, &self->layout, x, y) : -1);
}

static void
leave (GtkEventControllerMotion *controller, EidTokenStrip *self)
{
  point_at (self, -1);
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidTokenStrip *self)
{
  const gssize last = (gssize) self->data.count * self->data.length - 1;
  const gsize now = (gsize) MAX (self->pointed, 0);

  if (last < 0 || self->width == 0)
    return FALSE;
  switch (key)
    {
    case GDK_KEY_Left:
      point_at (self, MAX (self->pointed - 1, 0));
      return TRUE;
    case GDK_KEY_Right:
      point_at (self, MIN (self->pointed + 1, last));
      return TRUE;
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      point_at (self, (gssize) eid_token_strip_beside (&self->data, &self->layout, now, key == GDK_KEY_Down));
      return TRUE;
    case GDK_KEY_Home:
      point_at (self, 0);
      return TRUE;
    case GDK_KEY_End:
      point_at (self, last);
      return TRUE;
    case GDK_KEY_Escape:
      point_at (self, -1);
      return TRUE;
    default:
      return FALSE;
    }
}

/* --- The widget --------------------------------------------------------------------------- */

static void
eid_token_strip_finalize (GObject *object)
{
  EidTokenStrip *self = EID_TOKEN_STRIP (object);

  g_clear_pointer (&self->node, gsk_render_node_unref);
  eid_token_strip_layout_clear (&self->layout);
  eid_token_strip_data_clear (&self->data);
  g_free (self->data.empty_text);
  G_OBJECT_CLASS (eid_token_strip_parent_class)->finalize (object);
}

static void
eid_token_strip_class_init (EidTokenStripClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = eid_token_strip_finalize;
  widget_class->snapshot = eid_token_strip_snapshot;
  widget_class->get_request_mode = eid_token_strip_request_mode;
  widget_class->measure = eid_token_strip_measure;
  widget_class->css_changed = eid_token_strip_css_changed;
  pointed_signal = g_signal_new ("pointed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_css_name (widget_class, "eidtokenstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_token_strip_init (EidTokenStrip *self)
{
  self->pointed = self->mark = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (invalidate), self,
                           G_CONNECT_SWAPPED);
  tell (self);
}

GtkWidget *
eid_token_strip_new (void)
{
  return g_object_new (EID_TYPE_TOKEN_STRIP, NULL);
}

gboolean
eid_token_strip_set_tokens (EidTokenStrip *self, const EidTokens *tokens)
{
  const gsize before = (gsize) self->data.count * self->data.length;
  gboolean fits;

  g_return_val_if_fail (EID_IS_TOKEN_STRIP (self), FALSE);
  fits = eid_token_strip_data_set (&self->data, tokens);
  if (before != (gsize) self->data.count * self->data.length)
    self->pointed = -1;
  invalidate (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  tell (self);
  return fits;
}

void
eid_token_strip_set_mark (EidTokenStrip *self, int token)
{
  g_return_if_fail (EID_IS_TOKEN_STRIP (self));
  self->mark = token;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_token_strip_set_title (EidTokenStrip *self, const char *title)
{
  g_return_if_fail (EID_IS_TOKEN_STRIP (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

void
eid_token_strip_set_empty_text (EidTokenStrip *self, const char *text)
{
  g_return_if_fail (EID_IS_TOKEN_STRIP (self));
  g_free (self->data.empty_text);
  self->data.empty_text = g_strdup (text);
  invalidate (self);
  tell (self);
}
