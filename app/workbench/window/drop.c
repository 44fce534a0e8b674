/* drop.c: what is dropped on the window: data to learn from, wherever it
 * falls; a page that takes pictures for itself has it first.                 */
#include <glib/gi18n.h>

#include "app/workbench/window/private.h"

void
eid_window_bring (EidWindow *self, const char *path)
{
  if (self->beginning || self->closing || eid_engine_client_busy (self->client))
    {
      eid_window_toast (self, _ ("A run is going on: stop it before you bring other data"));
      return;
    }
  eid_window_show_page (self, "recipe");
  eid_window_forget_recipe (self);
  eid_window_complain (self, NULL);
  eid_start_page_bring (self->start_page, path);
}

static gboolean
on_drop (EidWindow *self, const GValue *value)
{
  GSList *files = g_value_get_boxed (value);
  g_autofree char *path = files ? g_file_get_path (files->data) : NULL;

  if (path == NULL)
    {
      eid_window_toast (self, _ ("That is not on this machine: drop a folder or file that is"));
      return FALSE;
    }
  eid_window_bring (self, path);
  return TRUE;
}

void
eid_window_accept_drops (EidWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
