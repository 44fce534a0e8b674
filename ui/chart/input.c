/* input.c: pointer and keys on a line chart: the read-out follows them, and a seekable
 * chart tells where they are.
 */
#include "ui/chart/chart.h"

#include <math.h>

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

/* The number of the stop at or before @x, 0 where there is none before. */
static guint
stop_at (EidChart *self, double x)
{
  guint place = 0;

  while (place + 1 < self->stops->len && g_array_index (self->stops, double, place + 1) <= x)
    place++;
  return place;
}

static double
nearest_stop (EidChart *self, double x)
{
  const guint before = stop_at (self, x), after = MIN (before + 1, self->stops->len - 1);
  const double one = g_array_index (self->stops, double, before),
               other = g_array_index (self->stops, double, after);

  return fabs (other - x) < fabs (one - x) ? other : one;
}

static void
seek (EidChart *self, double x)
{
  if (self->stops->len > 0)
    x = nearest_stop (self, x);
  g_signal_emit_by_name (self, "seek", x);
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
    g_signal_emit_by_name (self, "marker-activated", (guint) marker);
  else if (self->seekable)
    {
      self->dragging = TRUE;
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
      seek (self, value_at (self, x));
    }
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, EidChart *self)
{
  double x, y;

  if (self->dragging && gtk_gesture_drag_get_start_point (gesture, &x, &y))
    seek (self, value_at (self, x + dx));
}

/* Left and Right go from stop to stop, or from point to point of the longest line; with
 * Control ten at once.                                                             */
static gboolean
step (EidChart *self, double from, int by, double *to)
{
  const EidSeries *longest = NULL;
  gssize place;

  if (self->seekable && self->stops->len > 0)
    {
      place = isnan (from) ? (gssize) self->stops->len - 1 : (gssize) stop_at (self, from) + by;
      place = CLAMP (place, 0, (gssize) self->stops->len - 1);
      *to = g_array_index (self->stops, double, place);
      return TRUE;
    }
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
      return !self->seekable; /* whoever was led somewhere goes back by the same key */
    default:
      return FALSE;
    }
  if (!step (self, from, by, &to))
    return FALSE;
  point_at (self, to);
  if (self->seekable)
    seek (self, to);
  return TRUE;
}

void
eid_chart_add_input (EidChart *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
