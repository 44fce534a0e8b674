/* quarantine.c: the plugins that cannot be used, each with its reason and a button
 * that has the engine try it again: a group of the preferences.              */
#include <glib/gi18n.h>

#include "app/workbench/client/inventory.h"
#include "app/workbench/window/private.h"

#include "ui/ui.h"

static void
on_retried (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) row = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  GtkWidget *button = g_object_get_data (G_OBJECT (row), "button");
  g_autofree char *markup = g_markup_escape_text (answer ? _ ("It can be used again.") : error->message, -1);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
  gtk_widget_set_sensitive (button, answer == NULL);
}

typedef struct
{
  EidWindow *window; /* whose list is made anew afterwards */
  char *file;
  GtkWidget *row;
} Retry;

static void
retry_free (gpointer data, GClosure *closure)
{
  Retry *retry = data;

  g_object_unref (retry->window);
  g_free (retry->file);
  g_free (retry);
}

static void
on_retry (GtkWidget *button, Retry *retry)
{
  gtk_widget_set_sensitive (button, FALSE);
  eid_engine_client_retry_plugin (retry->window->client, retry->file, on_retried, g_object_ref (retry->row));
  eid_window_list_plugins (retry->window);
}

static GtkWidget *
make_row (EidWindow *self, const EidPluginInfo *plugin)
{
  GtkWidget *row = adw_action_row_new (), *button = gtk_button_new_with_mnemonic (_ ("_Try Again"));
  g_autofree char *name = g_path_get_basename (plugin->file), *shown = g_filename_display_name (name);
  g_autofree char *title = g_markup_escape_text (shown, -1);
  g_autofree char *reason = g_markup_escape_text (plugin->refused, -1);
  g_autofree char *label = g_strdup_printf (_ ("Try %s Again"), shown);
  Retry *retry = g_new (Retry, 1);

  *retry = (Retry){ g_object_ref (self), g_strdup (plugin->file), row };
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), reason);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_tooltip_text (row, plugin->file);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  eid_button_set_name (button, label);
  g_object_set_data (G_OBJECT (row), "button", button);
  g_signal_connect_data (button, "clicked", G_CALLBACK (on_retry), retry, retry_free, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

GtkWidget *
eid_window_make_plugin_group (EidWindow *self)
{
  GtkWidget *group = NULL;

  for (guint i = 0; self->plugins && i < self->plugins->len; i++)
    {
      const EidPluginInfo *plugin = g_ptr_array_index (self->plugins, i);

      if (*plugin->refused == '\0')
        continue;
      if (group == NULL)
        {
          group = adw_preferences_group_new ();
          adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Plugins Set Aside"));
          adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                                 _ ("They cannot be used, or crashed when they were. One "
                                                    "that is built anew is tried by itself."));
        }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_row (self, plugin));
    }
  return group;
}
