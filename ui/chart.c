/* chart.c: EidChart, the line chart as a widget: it keeps the data, caches the drawn
 * node until they change, and follows pointer and keys.
 */
#include "draw.h"

#include <glib/gi18n-lib.h>

#include <math.h>

struct _EidChart
{
  GtkWidget parent;

  EidChartData *data;
  double cursor;  /* NaN: none                       */
  double pointed; /* x under pointer or keys; NaN: none */
  gboolean seekable;
  gboolean dragging;

  EidChartLayout layout; /* of the node               */
  GskRenderNode *node;   /* NULL: to be drawn         */
  int width, height;     /* the node's                */
};

G_DEFINE_FINAL_TYPE (EidChart, eid_chart, GTK_TYPE_WIDGET)

enum
{
  SEEK,
  MARKER_ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* The data changed: the node is drawn anew with the next frame. */
static void
invalidate (EidChart *self)
{
  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->width = self->height = 0;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
draw_again (EidChart *self, int width, int height, const EidPlotStyle *style)
{
  g_autofree char *description = eid_chart_describe (self->data);

  g_clear_pointer (&self->node, gsk_render_node_unref);
  self->layout = eid_chart_layout (self->data, style, width, height);
  self->node = eid_chart_draw (self->data, &self->layout, style, width, height);
  self->width = width;
  self->height = height;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description,
                                  -1);
}

static void
append_and_unref (GtkSnapshot *snapshot, GskRenderNode *node)
{
  if (!node)
    return;
  gtk_snapshot_append_node (snapshot, node);
  gsk_render_node_unref (node);
}

static void
eid_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  EidChart *self = EID_CHART (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  EidPlotStyle style;

  eid_plot_style_init (&style, widget);
  if (self->width != width || self->height != height)
    draw_again (self, width, height, &style);
  if (self->node)
    gtk_snapshot_append_node (snapshot, self->node);
  append_and_unref (snapshot, eid_chart_draw_cursor (&self->layout, &style, self->cursor));
  append_and_unref (snapshot,
                    eid_chart_draw_readout (self->data, &self->layout, &style, self->pointed, width, height));
  eid_plot_style_clear (&style);
}

static void
eid_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                   int *minimum_baseline, int *natural_baseline)
{
  EidChart *self = EID_CHART (widget);
  gboolean compact = self->data->compact;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 160;
      *natural = 480;
    }
  else
    {
      *minimum = compact ? 56 : 120;
      *natural = compact ? 84 : 240;
    }
}

static void
eid_chart_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (eid_chart_parent_class)->css_changed (widget, change);
  invalidate (EID_CHART (widget));
}

/* --- Pointer and keys --------------------------------------------------------- */

static void
point_at (EidChart *self, double x)
{
  if (x == self->pointed || (isnan (x) && isnan (self->pointed)))
    return;
  self->pointed = x;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The nearest x at which any line has a point: read-outs name values that are. */
static double
snap (EidChart *self, double x)
{
  double best = NAN;

  for (guint i = 0; i < self->data->series->len; i++)
    {
      const EidSeries *series = self->data->series->pdata[i];
      gssize nearest = eid_series_nearest (series, x);
      double at = nearest < 0 ? NAN : g_array_index (series->x, double, nearest);

      if (!isnan (at) && (isnan (best) || fabs (at - x) < fabs (best - x)))
        best = at;
    }
  return best;
}

static double
value_at (EidChart *self, double pixel)
{
  const EidAxis *axis = &self->layout.x;

  return CLAMP (eid_axis_value (axis, pixel), axis->from, axis->to);
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidChart *self)
{
  const graphene_rect_t *plot = &self->layout.plot;

  if (self->layout.empty || !self->width || x < plot->origin.x - 4
      || x > plot->origin.x + plot->size.width + 4)
    point_at (self, NAN);
  else
    point_at (self, snap (self, value_at (self, x)));
}

static void
leave (GtkEventControllerMotion *controller, EidChart *self)
{
  point_at (self, NAN);
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, EidChart *self)
{
  int marker;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->dragging = FALSE;
  if (self->layout.empty || !self->width)
    return;
  marker = eid_chart_marker_at (self->data, &self->layout, x, y);
  if (marker >= 0)
    g_signal_emit (self, signals[MARKER_ACTIVATED], 0, (guint) marker);
  else if (self->seekable)
    {
      self->dragging = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      g_signal_emit (self, signals[SEEK], 0, value_at (self, x));
    }
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, EidChart *self)
{
  double x, y;

  if (self->dragging && gtk_gesture_drag_get_start_point (gesture, &x, &y))
    g_signal_emit (self, signals[SEEK], 0, value_at (self, x + dx));
}

/* Left and Right go from point to point of the longest line, with Control ten at once. */
static gboolean
step (EidChart *self, double from, int by, double *to)
{
  const EidSeries *longest = NULL;
  gssize place;

  for (guint i = 0; i < self->data->series->len; i++)
    {
      const EidSeries *series = self->data->series->pdata[i];

      if (!longest || series->x->len > longest->x->len)
        longest = series;
    }
  if (!longest || longest->x->len == 0)
    return FALSE;
  place = isnan (from) ? (gssize) longest->x->len - 1 : eid_series_nearest (longest, from) + by;
  place = CLAMP (place, 0, (gssize) longest->x->len - 1);
  *to = g_array_index (longest->x, double, place);
  return TRUE;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, EidChart *self)
{
  double from = self->seekable && !isnan (self->cursor) ? self->cursor : self->pointed, to;
  int stride = state & GDK_CONTROL_MASK ? 10 : 1, by;

  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      by = -stride;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      by = stride;
      break;
    case GDK_KEY_Home:
      by = -G_MAXINT / 2;
      break;
    case GDK_KEY_End:
      by = G_MAXINT / 2;
      break;
    case GDK_KEY_Escape:
      if (isnan (self->pointed))
        return FALSE;
      point_at (self, NAN);
      return TRUE;
    default:
      return FALSE;
    }
  if (!step (self, from, by, &to))
    return FALSE;
  point_at (self, to);
  if (self->seekable)
    g_signal_emit (self, signals[SEEK], 0, to);
  return TRUE;
}

/* --- The object --------------------------------------------------------------------- */

static void
eid_chart_dispose (GObject *object)
{
  EidChart *self = EID_CHART (object);

  g_clear_pointer (&self->node, gsk_render_node_unref);
  G_OBJECT_CLASS (eid_chart_parent_class)->dispose (object);
}

static void
eid_chart_finalize (GObject *object)
{
  eid_chart_data_free (EID_CHART (object)->data);
  G_OBJECT_CLASS (eid_chart_parent_class)->finalize (object);
}

static void
eid_chart_class_init (EidChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = eid_chart_dispose;
  object_class->finalize = eid_chart_finalize;
  widget_class->snapshot = eid_chart_snapshot;
  widget_class->measure = eid_chart_measure;
  widget_class->css_changed = eid_chart_css_changed;

  signals[SEEK] = g_signal_new ("seek", EID_TYPE_CHART, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_DOUBLE);
  signals[MARKER_ACTIVATED] = g_signal_new ("marker-activated", EID_TYPE_CHART, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "eidchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_chart_init (EidChart *self)
{
  GtkEventController *move = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->data = eid_chart_data_new ();
  self->cursor = self->pointed = NAN;
  self->layout.empty = TRUE;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect (move, "enter", G_CALLBACK (motion), self);
  g_signal_connect (move, "motion", G_CALLBACK (motion), self);
  g_signal_connect (move, "leave", G_CALLBACK (leave), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (GTK_WIDGET (self), move);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (invalidate), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
eid_chart_new (void)
{
  return g_object_new (EID_TYPE_CHART, NULL);
}

/* --- Setters ---------------------------------------------------------------------------- */

static void
set_text (EidChart *self, char **field, const char *text)
{
  if (g_strcmp0 (*field, text) == 0)
    return;
  g_free (*field);
  *field = g_strdup (text);
  invalidate (self);
}

void
eid_chart_set_title (EidChart *self, const char *title)
{
  g_return_if_fail (EID_IS_CHART (self));
  set_text (self, &self->data->title, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title ? title : _ ("Chart"), -1);
}

void
eid_chart_set_x_title (EidChart *self, const char *title)
{
  g_return_if_fail (EID_IS_CHART (self));
  set_text (self, &self->data->x_title, title);
}

void
eid_chart_set_unit (EidChart *self, const char *unit)
{
  g_return_if_fail (EID_IS_CHART (self));
  set_text (self, &self->data->unit, unit);
}

void
eid_chart_set_empty_text (EidChart *self, const char *text)
{
  g_return_if_fail (EID_IS_CHART (self));
  set_text (self, &self->data->empty_text, text);
}

void
eid_chart_set_log (EidChart *self, gboolean log_x, gboolean log_y)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->data->log_x = log_x;
  self->data->log_y = log_y;
  invalidate (self);
}

void
eid_chart_set_x_range (EidChart *self, double from, double to)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->data->x_from = from;
  self->data->x_to = to;
  invalidate (self);
}

void
eid_chart_set_y_range (EidChart *self, double from, double to)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->data->y_from = from;
  self->data->y_to = to;
  invalidate (self);
}

void
eid_chart_set_compact (EidChart *self, gboolean compact)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->data->compact = compact;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  invalidate (self);
}

void
eid_chart_set_smoothing (EidChart *self, double smoothing)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->data->smoothing = smoothing > 0 ? MIN (smoothing, 0.999) : 0;
  invalidate (self);
}

guint
eid_chart_add_series (EidChart *self, const char *name, guint slot)
{
  guint index;

  g_return_val_if_fail (EID_IS_CHART (self), 0);
  eid_chart_data_series (self->data, name, slot, &index);
  invalidate (self);
  return index;
}

void
eid_chart_append (EidChart *self, guint series, double x, double y)
{
  g_return_if_fail (EID_IS_CHART (self));
  if (series >= self->data->series->len)
    return;
  eid_series_add (self->data->series->pdata[series], x, y);
  invalidate (self);
}

void
eid_chart_set_points (EidChart *self, guint series, const double *x, const double *y, gsize n)
{
  g_return_if_fail (EID_IS_CHART (self));
  if (series >= self->data->series->len)
    return;
  eid_series_set (self->data->series->pdata[series], x, y, x && y ? n : 0);
  invalidate (self);
}

void
eid_chart_set_rule (EidChart *self, const char *label, double value, guint slot)
{
  g_return_if_fail (EID_IS_CHART (self));
  eid_chart_data_rule (self->data, label, value, slot);
  invalidate (self);
}

guint
eid_chart_add_marker (EidChart *self, EidMarkerKind kind, double x, const char *label)
{
  EidMarker *marker;

  g_return_val_if_fail (EID_IS_CHART (self), 0);
  marker = g_new0 (EidMarker, 1);
  marker->kind = kind;
  marker->x = x;
  marker->label = g_strdup (label);
  g_ptr_array_add (self->data->markers, marker);
  invalidate (self);
  return self->data->markers->len - 1;
}

void
eid_chart_clear_markers (EidChart *self)
{
  g_return_if_fail (EID_IS_CHART (self));
  g_ptr_array_set_size (self->data->markers, 0);
  invalidate (self);
}

void
eid_chart_clear (EidChart *self)
{
  g_return_if_fail (EID_IS_CHART (self));
  g_ptr_array_set_size (self->data->series, 0);
  g_ptr_array_set_size (self->data->rules, 0);
  g_ptr_array_set_size (self->data->markers, 0);
  self->pointed = NAN;
  invalidate (self);
}

void
eid_chart_set_cursor (EidChart *self, double x)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->cursor = x;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
eid_chart_set_seekable (EidChart *self, gboolean seekable)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->seekable = seekable;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), seekable ? "col-resize" : NULL);
}
