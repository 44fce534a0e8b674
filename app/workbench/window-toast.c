/* window-toast.c: words at the window's foot, for a few seconds. One at a time, the newest
 * in the place of the one on screen: a hundred warnings are not queued for a hundred
 * times five seconds.                                                          */
#include "window-private.h"

static void
on_toast_gone (EidWindow *self, AdwToast *toast)
{
  if (self->toast == toast)
    self->toast = NULL;
}

AdwToast *
eid_window_show_toast (EidWindow *self, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  if (self->toast == NULL)
    {
      self->toast = adw_toast_new (markup);
      g_signal_connect_object (self->toast, "dismissed", G_CALLBACK (on_toast_gone), self, G_CONNECT_SWAPPED);
      adw_toast_overlay_add_toast (self->toasts, self->toast);
    }
  adw_toast_set_title (self->toast, markup);
  adw_toast_set_button_label (self->toast, NULL);
  return self->toast;
}

void
eid_window_toast (EidWindow *self, const char *text)
{
  eid_window_show_toast (self, text);
}

void
eid_window_toast_action (EidWindow *self, const char *text, const char *label, const char *action)
{
  AdwToast *toast = eid_window_show_toast (self, text);

  adw_toast_set_button_label (toast, label);
  adw_toast_set_action_name (toast, action);
}
