/* chart.c: EidChart, the line chart as a widget: it keeps the data, caches the drawn
 * node until they change, and follows pointer and keys.
 */
#include "ui/chart/chart.h"

#include <glib/gi18n-lib.h>

#include <math.h>

G_DEFINE_FINAL_TYPE (EidChart, eid_chart, GTK_TYPE_WIDGET)

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

/* A tick on the axis for each place that can be gone to; where there are more than pixels, one a pixel. */
static void
draw_stops (EidChart *self, GtkSnapshot *snapshot, const EidPlotStyle *style)
{
  const GdkRGBA colour = eid_plot_faint (style, 0.6f);
  double last = -INFINITY;

  for (guint i = 0; self->seekable && !self->layout.empty && i < self->stops->len; i++)
    {
      const double stop = g_array_index (self->stops, double, i);
      double x;

      if (!eid_plot_value (stop, self->layout.x.log) || stop < self->layout.x.from
          || stop > self->layout.x.to)
        continue;
      x = round (eid_axis_pixel (&self->layout.x, stop));
      if (x > last)
        eid_plot_fill (snapshot, &colour, x, self->layout.y.pixel_from, 1, 5);
      last = x;
    }
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
  draw_stops (self, snapshot, &style);
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
  g_array_unref (EID_CHART (object)->stops);
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

  g_signal_new ("seek", EID_TYPE_CHART, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_DOUBLE);
  g_signal_new ("marker-activated", EID_TYPE_CHART, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_UINT);
  gtk_widget_class_set_css_name (widget_class, "eidchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
eid_chart_init (EidChart *self)
{
  self->data = eid_chart_data_new ();
  self->stops = g_array_new (FALSE, FALSE, sizeof (double));
  self->cursor = self->pointed = NAN;
  self->layout.empty = TRUE;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  eid_chart_add_input (self);
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
eid_chart_style_series (EidChart *self, guint series, const char *name, guint slot, gboolean dashed)
{
  EidSeries *styled;

  g_return_if_fail (EID_IS_CHART (self));
  if (series >= self->data->series->len)
    return;
  styled = self->data->series->pdata[series];
  g_free (styled->name);
  styled->name = g_strdup (name);
  styled->slot = slot;
  styled->dashed = dashed;
  invalidate (self);
}

void
eid_chart_drop_series (EidChart *self, guint count)
{
  g_return_if_fail (EID_IS_CHART (self));
  if (count < self->data->series->len)
    g_ptr_array_set_size (self->data->series, (int) count);
  invalidate (self);
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
eid_chart_put (EidChart *self, guint series, double x, double y)
{
  g_return_if_fail (EID_IS_CHART (self));
  if (series >= self->data->series->len)
    return;
  eid_series_put (self->data->series->pdata[series], x, y);
  invalidate (self);
}

void
eid_chart_set_dots (EidChart *self, gboolean dots)
{
  g_return_if_fail (EID_IS_CHART (self));
  self->data->dots = dots;
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
eid_chart_set_dashed_rule (EidChart *self, const char *label, double value, guint slot, EidDash dash)
{
  g_return_if_fail (EID_IS_CHART (self));
  eid_chart_data_dashed_rule (self->data, label, value, slot, dash);
  invalidate (self);
}

void
eid_chart_set_rule (EidChart *self, const char *label, double value, guint slot)
{
  eid_chart_set_dashed_rule (self, label, value, slot, EID_DASH_SHORT);
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

double
eid_chart_marker_x (EidChart *self, guint index)
{
  g_return_val_if_fail (EID_IS_CHART (self), NAN);
  return index < self->data->markers->len ? ((EidMarker *) self->data->markers->pdata[index])->x : NAN;
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

void
eid_chart_set_stops (EidChart *self, const double *stops, gsize n)
{
  g_return_if_fail (EID_IS_CHART (self));
  g_array_set_size (self->stops, 0);
  if (stops)
    g_array_append_vals (self->stops, stops, (guint) n);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
