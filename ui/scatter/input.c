/* input.c: pointer and keys of EidScatter: pointing, zooming, panning, the lasso. */
#include "ui/scatter/scatter.h"

#include <math.h>

#define REACH      14   /* pixels between pointer and point                */
#define CLICK      4    /* pixels that a pressed pointer may move          */
#define ZOOM_STEP  1.25 /* of a notch of the wheel, or a key               */
#define PAN_SHARE  0.1  /* of what is in sight, a key                      */
#define LASSO_STEP 3    /* pixels between two corners                      */

/* --- Pointer ------------------------------------------------------------------------- */

static gssize
point_under (EidScatter *self, double x, double y)
{
  const double reach = fmax (REACH, self->layout.pictures / 2);

  return eid_scatter_is_laid_out (self) ? eid_scatter_at (&self->data, &self->layout, x, y, reach) : -1;
}

static void
motion (GtkEventControllerMotion *controller, double x, double y, EidScatter *self)
{
  self->pointer_x = x;
  self->pointer_y = y;
  if (!self->panning && self->corners->len == 0)
    eid_scatter_point_at (self, point_under (self, x, y));
}

static void
leave (GtkEventControllerMotion *controller, EidScatter *self)
{
  eid_scatter_point_at (self, -1);
}

static gboolean
scroll (GtkEventControllerScroll *controller, double dx, double dy, EidScatter *self)
{
  if (!eid_scatter_is_laid_out (self))
    return FALSE;
  eid_scatter_zoom_at (self, pow (ZOOM_STEP, -dy), self->pointer_x, self->pointer_y);
  return TRUE;
}

static void
add_corner (EidScatter *self, double x, double y)
{
  const graphene_point_t corner = GRAPHENE_POINT_INIT ((float) x, (float) y);

  if (self->corners->len > 0)
    {
      const graphene_point_t *last = &g_array_index (self->corners, graphene_point_t, self->corners->len - 1);

      if (hypot (x - (double) last->x, y - (double) last->y) < LASSO_STEP)
        return;
    }
  g_array_append_val (self->corners, corner);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
drag_begin (GtkGestureDrag *gesture, double x, double y, EidScatter *self)
{
  const GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->panning = FALSE;
  g_array_set_size (self->corners, 0);
  if (!eid_scatter_is_laid_out (self))
    return;
  if (self->lasso || (state & GDK_SHIFT_MASK))
    add_corner (self, x, y);
  self->grabbed_x = self->layout.x.from / 2 + self->layout.x.to / 2;
  self->grabbed_y = self->layout.y.from / 2 + self->layout.y.to / 2;
}

static void
drag_update (GtkGestureDrag *gesture, double dx, double dy, EidScatter *self)
{
  double x, y;

  if (!eid_scatter_is_laid_out (self))
    return;
  if (self->corners->len > 0)
    {
      gtk_gesture_drag_get_start_point (gesture, &x, &y);
      add_corner (self, x + dx, y + dy);
    }
  else if ((self->panning || hypot (dx, dy) > CLICK) && self->data.zoom > 1)
    {
      const EidAxis *h = &self->layout.x, *v = &self->layout.y;

      self->panning = TRUE;
      eid_scatter_look_at (self, self->grabbed_x - dx * (h->to - h->from) / (h->pixel_to - h->pixel_from),
                           self->grabbed_y - dy * (v->to - v->from) / (v->pixel_to - v->pixel_from));
    }
}

static void
end_lasso (EidScatter *self)
{
  g_free (self->selected);
  self->selected = g_new0 (guint8, MAX (self->data.n, 1));
  if (eid_scatter_within (&self->data, &self->layout, self->corners, self->selected) == 0)
    g_clear_pointer (&self->selected, g_free);
  g_array_set_size (self->corners, 0);
  eid_scatter_invalidate_marks (self);
  eid_scatter_emit_selected (self);
}

static void
drag_end (GtkGestureDrag *gesture, double dx, double dy, EidScatter *self)
{
  const gboolean lasso = self->corners->len > 2, moved = hypot (dx, dy) > CLICK;
  double x = 0, y = 0;
  gssize at;

  self->panning = FALSE;
  if (lasso)
    {
      end_lasso (self);
      return;
    }
  g_array_set_size (self->corners, 0);
  if (moved)
    return;
  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  at = point_under (self, x + dx, y + dy);
  if (at < 0)
    return;
  /* What comes of it may take room from the map: what was pointed at is elsewhere then. */
  eid_scatter_point_at (self, -1);
  eid_scatter_emit_activated (self, (guint) at);
}

/* --- Keys ------------------------------------------------------------------------------- */

/* To the next point that is shown, by number. */
static gboolean
walk (EidScatter *self, gssize by)
{
  const gssize n = (gssize) self->data.n;
  gssize next = self->pointed;

  do
    next += by;
  while (next >= 0 && next < n && !eid_scatter_drawable (&self->data, (gsize) next));
  if (next >= 0 && next < n)
    eid_scatter_point_at (self, next);
  return TRUE;
}

static gboolean
pan (EidScatter *self, double right, double up)
{
  const EidAxis *x = &self->layout.x, *y = &self->layout.y;

  if (!eid_scatter_is_laid_out (self) || !(self->data.zoom > 1))
    return FALSE;
  eid_scatter_look_at (self, x->from / 2 + x->to / 2 + right * PAN_SHARE * (x->to - x->from),
                       y->from / 2 + y->to / 2 + up * PAN_SHARE * (y->to - y->from));
  return TRUE;
}

void
eid_scatter_set_selection (EidScatter *self, const guint *numbers, gsize n)
{
  g_return_if_fail (EID_IS_SCATTER (self));
  g_clear_pointer (&self->selected, g_free);
  if (n > 0 && self->data.n > 0)
    self->selected = g_new0 (guint8, self->data.n);
  for (gsize i = 0; self->selected && i < n; i++)
    if (numbers[i] < self->data.n)
      self->selected[numbers[i]] = 1;
  eid_scatter_invalidate_marks (self);
}

static gboolean
toggle_selected (EidScatter *self)
{
  gboolean any = FALSE;

  if (self->pointed < 0)
    return FALSE;
  if (!self->selected)
    self->selected = g_new0 (guint8, self->data.n);
  self->selected[self->pointed] = !self->selected[self->pointed];
  for (gsize i = 0; i < self->data.n; i++)
    any |= self->selected[i];
  if (!any)
    g_clear_pointer (&self->selected, g_free);
  eid_scatter_invalidate_marks (self);
  eid_scatter_emit_selected (self);
  return TRUE;
}

static gboolean
select_all (EidScatter *self)
{
  if (self->data.n == 0)
    return FALSE;
  g_free (self->selected);
  self->selected = g_new0 (guint8, self->data.n);
  for (gsize i = 0; i < self->data.n; i++)
    self->selected[i] = eid_scatter_drawable (&self->data, i);
  eid_scatter_invalidate_marks (self);
  eid_scatter_emit_selected (self);
  return TRUE;
}

/* The selection goes first, then the rings, then what is pointed at. */
static gboolean
give_up (EidScatter *self)
{
  if (self->selected)
    {
      eid_scatter_clear_selection (self);
      eid_scatter_emit_selected (self);
    }
  else if (self->centre >= 0)
    eid_scatter_set_rings (self, -1, NULL, 0);
  else if (self->pointed >= 0)
    eid_scatter_point_at (self, -1);
  else
    return FALSE;
  return TRUE;
}

static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidScatter *self)
{
  const gboolean shift = (state & GDK_SHIFT_MASK) != 0;

  switch (key)
    {
    case GDK_KEY_Left:
      return shift ? pan (self, -1, 0) : walk (self, -1);
    case GDK_KEY_Right:
      return shift ? pan (self, 1, 0) : walk (self, 1);
    case GDK_KEY_Up:
      return shift && pan (self, 0, 1);
    case GDK_KEY_Down:
      return shift && pan (self, 0, -1);
    case GDK_KEY_plus:
    case GDK_KEY_equal:
    case GDK_KEY_KP_Add:
      eid_scatter_zoom (self, ZOOM_STEP);
      return TRUE;
    case GDK_KEY_minus:
    case GDK_KEY_KP_Subtract:
      eid_scatter_zoom (self, 1 / ZOOM_STEP);
      return TRUE;
    case GDK_KEY_0:
    case GDK_KEY_KP_0:
      eid_scatter_zoom (self, 0);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (self->pointed < 0)
        return FALSE;
      eid_scatter_emit_activated (self, (guint) self->pointed);
      return TRUE;
    case GDK_KEY_space:
      return toggle_selected (self);
    case GDK_KEY_a:
      return (state & GDK_CONTROL_MASK) && select_all (self);
    case GDK_KEY_Escape:
      return give_up (self);
    default:
      return FALSE;
    }
}

void
eid_scatter_add_controllers (EidScatter *self)
{
  GtkEventController *wheel = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new ();

  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect (wheel, "scroll", G_CALLBACK (scroll), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end), self);
  gtk_widget_add_controller (GTK_WIDGET (self), wheel);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
}
