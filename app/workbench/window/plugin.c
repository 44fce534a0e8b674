/* plugin.c: a plugin's source is begun or opened, and then lives in the pane at the foot. */
#include <glib/gi18n.h>

#include "app/workbench/window/private.h"

static const char *const kinds[] = { "objective", "encoder" };

/* --- Beginning one --------------------------------------------------------------------- */

static void
on_begun (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *file = eid_plugin_begin_finish (result, &error);

  eid_window_complain (self, file ? NULL : error->message);
  if (file == NULL)
    return;
  eid_plugin_pane_open (self->plugin_pane, file, TRUE);
  eid_plugin_pane_edit (self->plugin_pane);
  eid_window_update (self);
}

/* ~/Documents/Eidoscope/NAME. Free. */
static char *
place_of (const char *name)
{
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);

  return g_build_filename (documents ? documents : g_get_home_dir (), "Eidoscope", name, NULL);
}

static void
on_new_response (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  EidWindow *self = EID_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (dialog)));
  GtkEditable *name = g_object_get_data (G_OBJECT (dialog), "name");
  AdwComboRow *kind = g_object_get_data (G_OBJECT (dialog), "kind");
  g_autofree char *folder = NULL;

  if (!g_str_equal (response, "begin"))
    return;
  folder = place_of (gtk_editable_get_text (name));
  eid_plugin_begin (kinds[MIN (adw_combo_row_get_selected (kind), 1)], gtk_editable_get_text (name), folder,
                    on_begun, g_object_ref (self));
}

/* What is wrong with a name is said before it is asked for. */
static void
on_name_changed (AdwMessageDialog *dialog, GtkEditable *editable)
{
  const char *name = gtk_editable_get_text (editable);
  const gboolean good =
      g_regex_match_simple ("^[a-z][a-z0-9-]*$", name, 0, 0) && !g_str_has_prefix (name, "eid");
  g_autofree char *place = place_of (good ? name : "…"),
                  *body = g_strdup_printf (
                      _ ("A source that compiles and trains is written into %s and opened in "
                         "your editor. Each time you save it, it is built."),
                      place);

  adw_message_dialog_set_body (
      dialog,
      good || *name == '\0' ? body : _ ("A name begins with a letter and is made of a-z, 0-9 and -."));
  adw_message_dialog_set_response_enabled (dialog, "begin", good);
}

void
eid_window_new_plugin (EidWindow *self)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("New Plugin"), NULL);
  GtkWidget *group = adw_preferences_group_new (), *kind = adw_combo_row_new (), *name = adw_entry_row_new ();
  g_autoptr (GtkStringList) names =
      gtk_string_list_new ((const char *const[]){ _ ("Objective"), _ ("Encoder"), NULL });

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (kind), _ ("Kind"));
  adw_combo_row_set_model (ADW_COMBO_ROW (kind), G_LIST_MODEL (names));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (name), _ ("Name"));
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (name), TRUE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), kind);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), name);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), group);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "begin",
                                    _ ("_Begin"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "begin", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "begin");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_object_set_data (G_OBJECT (dialog), "name", name);
  g_object_set_data (G_OBJECT (dialog), "kind", kind);
  g_signal_connect_object (name, "changed", G_CALLBACK (on_name_changed), dialog, G_CONNECT_SWAPPED);
  g_signal_connect (dialog, "response", G_CALLBACK (on_new_response), NULL);
  on_name_changed (ADW_MESSAGE_DIALOG (dialog), GTK_EDITABLE (name));
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (name);
}

/* --- Opening one ------------------------------------------------------------------------ */

void
eid_window_watch_plugin (EidWindow *self, const char *source)
{
  eid_plugin_pane_open (self->plugin_pane, source, FALSE);
  eid_window_update (self);
}

static void
on_open_response (EidWindow *self, int response)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  g_clear_object (&self->chooser);
  if (path)
    eid_window_watch_plugin (self, path);
}

void
eid_window_open_plugin (EidWindow *self)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  if (self->chooser)
    return;
  gtk_file_filter_set_name (filter, _ ("C sources"));
  gtk_file_filter_add_pattern (filter, "*.c");
  self->chooser = gtk_file_chooser_native_new (_ ("Source of a Plugin"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), NULL);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_open_response), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* --- Keeping it informed ------------------------------------------------------------------ */

void
eid_window_update_plugin (EidWindow *self)
{
  g_autofree char *encoder = self->draft ? eid_draft_get (self->draft, "Encoder", "plugin") : NULL;
  g_autofree char *objective = self->draft ? eid_draft_get (self->draft, "Objective", "plugin") : NULL;

  eid_plugin_pane_set_used (self->plugin_pane, encoder, objective);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.build-plugin",
                                 eid_plugin_pane_is_open (self->plugin_pane));
}
