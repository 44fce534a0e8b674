/* compare-dialog.c: see compare-dialog.h. */
#include "app/workbench/session/compare-dialog.h"

#include <glib/gi18n.h>

#include "app/store/store.h"

#include "app/workbench/start/recent-list.h"
#include "app/workbench/client/settings.h"

typedef struct
{
  GtkWindow *window, *parent;
  EidCompareChosen chosen;
  GtkFileChooserNative *chooser;
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *dialog = data;

  g_clear_object (&dialog->chooser);
  g_free (dialog);
}

static void
choose (Dialog *dialog, const char *folder)
{
  GtkWindow *parent = dialog->parent;
  const EidCompareChosen chosen = dialog->chosen;
  g_autofree char *own = g_strdup (folder);

  gtk_window_destroy (dialog->window);
  chosen (own, parent);
}

static void
on_opened (EidRecentList *list, const char *folder, Dialog *dialog)
{
  choose (dialog, folder);
}

static void
on_response (GtkNativeDialog *chooser, int response, Dialog *dialog)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  g_clear_object (&dialog->chooser);
  if (path)
    choose (dialog, path);
}

static void
on_other (GtkButton *button, Dialog *dialog)
{
  g_autofree char *set = eid_settings_runs_folder ();
  g_autofree char *runs = set ? g_steal_pointer (&set) : eid_runs_folder ();
  g_autoptr (GFile) folder = g_file_new_for_path (runs);

  g_clear_object (&dialog->chooser);
  dialog->chooser = gtk_file_chooser_native_new (_ ("Run to Compare With"), dialog->window,
                                                 GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Compare"), NULL);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog->chooser), folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog->chooser), TRUE);
  g_signal_connect (dialog->chooser, "response", G_CALLBACK (on_response), dialog);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog->chooser));
}

static GtkWidget *
make_content (Dialog *dialog, const char *own, GPtrArray *plugins)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *list = g_object_new (EID_TYPE_RECENT_LIST, NULL);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *other = gtk_button_new_with_mnemonic (_ ("_Other Run…"));

  eid_recent_list_set_plugins (EID_RECENT_LIST (list), plugins);
  eid_recent_list_set_others (EID_RECENT_LIST (list), own);
  eid_recent_list_refresh (EID_RECENT_LIST (list));
  g_signal_connect (list, "opened", G_CALLBACK (on_opened), dialog);
  g_signal_connect (other, "clicked", G_CALLBACK (on_other), dialog);
  gtk_widget_set_halign (other, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), list);
  gtk_box_append (GTK_BOX (box), other);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

static gboolean
on_escape (GtkWidget *window, GVariant *unused, gpointer data)
{
  gtk_window_close (GTK_WINDOW (window));
  return TRUE;
}

void
eid_compare_dialog_present (GtkWindow *parent, const char *own, GPtrArray *plugins, EidCompareChosen chosen)
{
  GtkWidget *window = adw_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_shortcut_controller_new ();
  Dialog *dialog = g_new0 (Dialog, 1);

  dialog->window = GTK_WINDOW (window);
  dialog->parent = parent;
  dialog->chosen = chosen;
  g_object_set_data_full (G_OBJECT (window), "dialog", dialog, dialog_free);
  gtk_window_set_title (dialog->window, _ ("Compare With"));
  gtk_window_set_transient_for (dialog->window, parent);
  gtk_window_set_destroy_with_parent (dialog->window, TRUE);
  gtk_window_set_modal (dialog->window, TRUE);
  gtk_window_set_default_size (dialog->window, 560, 520);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), make_content (dialog, own, plugins));
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (on_escape, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
  gtk_window_present (dialog->window);
}
