/* close.c: closing the window, which ends its engines: with a checkpoint where a run goes on,
 * and leaving no process behind. */
#include "app/workbench/window/private.h"

#include "app/workbench/client/settings.h"

#include <glib/gi18n.h>

static void
remember_size (EidWindow *self)
{
  GSettings *settings = eid_settings ();
  int width, height;

  if (settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set (settings, "window-size", "(ii)", width, height);
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
}

static gboolean
on_engine_ended (gpointer data)
{
  EidWindow *self = data;

  if (--self->engines_left == 0)
    gtk_window_destroy (GTK_WINDOW (self));
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
on_shut_down (GObject *source, GAsyncResult *result, gpointer data)
{
  eid_engine_client_shut_down_finish (EID_ENGINE_CLIENT (source), result);
  on_engine_ended (data);
}

static void
shut_down (EidWindow *self)
{
  self->engines_left = self->compare ? 2 : 1;
  if (self->compare)
    eid_compare_end (self->compare, on_engine_ended, g_object_ref (self));
  eid_engine_client_shut_down (self->client, on_shut_down, g_object_ref (self));
}

gboolean
eid_window_close_request (GtkWindow *window)
{
  EidWindow *self = EID_WINDOW (window);
  const gboolean busy = eid_engine_client_busy (self->client)
                        || (self->compare && eid_engine_client_busy (eid_compare_client (self->compare)));

  /* Asked twice: at once, without the checkpoint. */
  if (self->closing)
    {
      eid_engine_client_kill (self->client);
      if (self->compare)
        eid_compare_kill (self->compare);
      return TRUE;
    }
  self->closing = TRUE;
  remember_size (self);
  if (busy)
    eid_window_show_toast (self, _ ("Saving a checkpoint before closing"), EID_TOAST_STAYS);
  else
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  eid_window_update (self);
  shut_down (self);
  return TRUE;
}
