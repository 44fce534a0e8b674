/* scatter.c: EidScatter, points of an embedding as a widget. */
#include "draw.h"

#include <glib/gi18n-lib.h>

#define REACH 14 /* pixels between pointer and point */

struct _EidScatter
{
  GtkWidget parent;

  EidScatterData data;
  gssize pointed; /* -1: none */

  EidScatterLayout layout;
  GskRenderNode *node; /* of width × height; drawn anew where they are 0 */
  int width, height;
};

G_DEFINE_FINAL_TYPE (EidScatter, eid_scatter, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
invalidate (EidScatter *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static char *
describe (EidScatter *self)
{
  g_autoptr (GArray) classes = eid_scatter_classes (&self->data);
  g_autofree char *count = eid_format_count (self->data.n);

  if (self->layout.empty)
    return g_strdup (self->data.empty_text ? self->data.empty_text : _ ("No points yet"));
  if (classes->len == 0)
    return g_strdup_printf (_ ("%s points"), count);
  return g_strdup_printf (_ ("%s points of %u classes"), count, classes->len);
}

/* The pointed point, larger, and what it is. */
static void
snapshot_pointed (EidScatter *self, GtkSnapshot *snapshot, const EidPlotStyle *style, int width, int height)
{
  const EidScatterData *data = &self->data;
  double x = eid_axis_pixel (&self->layout.x, data->x[self->pointed]);
  double y = eid_axis_pixel (&self->layout.y, data->y[self->pointed]);
  int label = data->labels ? data->labels[self->pointed] : -1;
  guint slot = data->labels ? eid_scatter_slot (label) : 5;
  GdkRGBA colour = eid_category_colour (slot, style->dark);
  g_autofree char *number = eid_format_count ((guint64) self->pointed);
  g_autofree char *heading = g_strdup_printf (_ ("picture %s"), number);
  g_autofree char *name = data->labels ? eid_scatter_class_name (data, label) : NULL;
  EidReadoutLine line = { (int) slot, name, NULL };
  cairo_t *cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));

  eid_plot_mark (cr, slot, x, y, 6);
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &style->foreground);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  cairo_destroy (cr);
  eid_plot_readout (snapshot, style, heading, &line, name ? 1 : 0, x, y, width, height);
}

static void
eid_scatter_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidScatter *self = EID_SCATTER (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->width != width || self->height != height)
    {
      g_autofree char *description = NULL;

      g_clear_pointer (&self->node, gsk_render_node_unref);
      self->layout = eid_scatter_layout (&self->data, &style, width, height);
      self->node = eid_scatter_draw (&self->data, &self->layout, &style, width, height);
      self->width = width;
      self->height = height;
      description = describe (self);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description,
                                      -1);
    }
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  if (self->pointed >= 0 && (gsize) self->pointed < self->data.n)
    snapshot_pointed (self, snapshot, &style, width, height);
  eid_plot_style_clear (&style);
}

static void
eid_scatter_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                     int *minimum_baseline, int *natural_baseline)
{
  *minimum = 160;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 560 : 420;
}

static void
eid_scatter_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_scatter_parent_class)->css_changed (widget, change);
  invalidate (EID_SCATTER (widget));
}

static void
point_at (EidScatter *self, gssize pointed)
{
  if (self->pointed == pointed)
    return;
  self->pointed = pointed;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidScatter *self)
{
  point_at (self, self->width ? eid_scatter_at (&self->data, &self->layout, x, y, REACH) : -1);
}

static void
leave (GtkEventControllerMotion *controller, EidScatter *self)
{
  point_at (self, -1);
}

static void
released (GtkGestureClick *gesture, int count, double x, double y, EidScatter *self)
{
  gssize at = self->width ? eid_scatter_at (&self->data, &self->layout, x, y, REACH) : -1;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (at >= 0)
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) at);
}

/* Left and Right walk through the points by number; Enter activates. */
static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidScatter *self)
{
  gssize by, n = (gssize) self->data.n, next = self->pointed;

  switch (key)
    {
    case GDK_KEY_Left:
      by = -1;
      break;
    case GDK_KEY_Right:
      by = 1;
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      if (self->pointed < 0)
        return FALSE;
      g_signal_emit (self, signals[ACTIVATED], 0, (guint) self->pointed);
      return TRUE;
    case GDK_KEY_Escape:
      if (self->pointed < 0)
        return FALSE;
      point_at (self, -1);
      return TRUE;
    default:
      return FALSE;
    }
  do
    next += by;
  while (next >= 0 && next < n
         && !(eid_plot_value (self->data.x[next], FALSE) && eid_plot_value (self->data.y[next], FALSE)));
  if (next < 0 || next >= n)
    return TRUE;
  point_at (self, next);
  return TRUE;
}

static void
clear_points (EidScatter *self)
{
  g_clear_pointer (&self->data.x, g_free);
  g_clear_pointer (&self->data.y, g_free);
  g_clear_pointer (&self->data.labels, g_free);
  self->data.n = 0;
  self->pointed = -1;
}

static void
eid_scatter_dispose (GObject *object)
{
  g_clear_pointer (&EID_SCATTER (object)->node, gsk_render_node_unref);
  G_OBJECT_CLASS (eid_scatter_parent_class)->dispose (object);
}

static void
eid_scatter_finalize (GObject *object)
{
  EidScatter *self = EID_SCATTER (object);

  clear_points (self);
  g_strfreev (self->data.names);
  g_free (self->data.x_title);
  g_free (self->data.y_title);
  g_free (self->data.empty_text);
  G_OBJECT_CLASS (eid_scatter_parent_class)->finalize (object);
}

static void
eid_scatter_class_init (EidScatterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = eid_scatter_dispose;
  object_class->finalize = eid_scatter_finalize;
  widget_class->snapshot = eid_scatter_snapshot;
  widget_class->measure = eid_scatter_measure;
  widget_class->css_changed = eid_scatter_css_changed;

  signals[ACTIVATED] = g_signal_new ("activated", EID_TYPE_SCATTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "eidscatter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_scatter_init (EidScatter *self)
{
  GtkEventController *move = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->pointed = -1;
  self->layout.empty = TRUE;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Embedding"), -1);
  g_signal_connect (move, "enter", G_CALLBACK (motion), self);
  g_signal_connect (move, "motion", G_CALLBACK (motion), self);
  g_signal_connect (move, "leave", G_CALLBACK (leave), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), move);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (invalidate), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
eid_scatter_new (void)
{
  return g_object_new (EID_TYPE_SCATTER, NULL);
}

void
eid_scatter_set_points (EidScatter *self, const double *x, const double *y, const int *labels, gsize n)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  clear_points (self);
  if (x && y && n > 0 && n <= G_MAXINT)
    {
      self->data.x = g_memdup2 (x, n * sizeof *x);
      self->data.y = g_memdup2 (y, n * sizeof *y);
      self->data.labels = labels ? g_memdup2 (labels, n * sizeof *labels) : NULL;
      self->data.n = n;
    }
  invalidate (self);
}

void
eid_scatter_set_class_names (EidScatter *self, const char *const *names)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_strfreev (self->data.names);
  self->data.names = g_strdupv ((char **) names);
  invalidate (self);
}

void
eid_scatter_set_axis_titles (EidScatter *self, const char *x_title, const char *y_title)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_free (self->data.x_title);
  g_free (self->data.y_title);
  self->data.x_title = g_strdup (x_title);
  self->data.y_title = g_strdup (y_title);
  invalidate (self);
}

void
eid_scatter_set_empty_text (EidScatter *self, const char *text)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_free (self->data.empty_text);
  self->data.empty_text = g_strdup (text);
  invalidate (self);
}
