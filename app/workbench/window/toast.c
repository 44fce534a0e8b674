/* toast.c: words at the window's foot, for a few seconds. One at a time, the newest
 * in the place of the one on screen: a hundred warnings are not queued for a hundred
 * times five seconds.                                                          */
#include "app/workbench/window/private.h"

static void
on_toast_gone (EidWindow *self, AdwToast *toast)
{
  if (self->toast != toast)
    return;
  self->toast = NULL;
  g_clear_handle_id (&self->toast_time, g_source_remove);
}

/* In a frame: libadwaita 1.2 frees a toast that has gone although it may not have been drawn coming yet, and
 * where a busy machine draws no frame in between, that ends in a crash. */
static gboolean
dismiss (GtkWidget *toasts, GdkFrameClock *clock, gpointer data)
{
  EidWindow *self = data;

  if (self->toast && self->toast_time == 0) /* no other words have come meanwhile */
    adw_toast_dismiss (self->toast);
  return G_SOURCE_REMOVE;
}

static gboolean
on_time_over (gpointer data)
{
  EidWindow *self = data;
  GtkWidget *words = gtk_widget_get_last_child (GTK_WIDGET (self->toasts));

  /* Whoever points at them may be about to press their button. */
  if (gtk_widget_get_state_flags (words) & (GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_FOCUS_WITHIN))
    return G_SOURCE_CONTINUE;
  self->toast_time = 0;
  gtk_widget_add_tick_callback (GTK_WIDGET (self->toasts), dismiss, self, NULL);
  return G_SOURCE_REMOVE;
}

AdwToast *
eid_window_show_toast (EidWindow *self, const char *text, guint seconds)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  if (self->toast == NULL)
    {
      self->toast = adw_toast_new (markup);
      adw_toast_set_timeout (self->toast, 0);
      g_signal_connect_object (self->toast, "dismissed", G_CALLBACK (on_toast_gone), self, G_CONNECT_SWAPPED);
      adw_toast_overlay_add_toast (self->toasts, self->toast);
    }
  adw_toast_set_title (self->toast, markup);
  adw_toast_set_button_label (self->toast, NULL);
  g_clear_handle_id (&self->toast_time, g_source_remove);
  if (seconds != EID_TOAST_STAYS)
    self->toast_time = g_timeout_add_seconds (seconds, on_time_over, self);
  return self->toast;
}

void
eid_window_toast (EidWindow *self, const char *text)
{
  eid_window_show_toast (self, text, EID_TOAST_SECONDS);
}

void
eid_window_toast_action (EidWindow *self, const char *text, const char *label, const char *action,
                         guint seconds)
{
  AdwToast *toast = eid_window_show_toast (self, text, seconds);

  adw_toast_set_button_label (toast, label);
  adw_toast_set_action_name (toast, action);
}
