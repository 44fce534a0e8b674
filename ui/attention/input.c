/* input.c: the query of an EidAttentionView follows the pointer and the keys. */
#include "ui/attention/view.h"

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
  eid_attention_view_activate (self, picture);
}

/* Arrows move the query; Page Up and Down go to the picture before and after; Escape lets go. */
static gboolean
key_pressed (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
             EidAttentionView *self)
{
  int grid = (int) self->grid, row, column, query;

  if (self->count == 0)
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
      self->current = MIN (self->current + 1, MAX (1, self->visible) - 1);
      break;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      eid_attention_view_activate (self, self->current);
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

void
eid_attention_view_add_controllers (EidAttentionView *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  eid_plot_listen (self, G_CALLBACK (motion), G_CALLBACK (leave), G_CALLBACK (key_pressed));
  g_signal_connect (click, "released", G_CALLBACK (released), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
