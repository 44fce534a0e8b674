/* application.c: the program; see application.h. Folders named on the command
 * line are runs to look at and go on with, or pictures to learn from; files are
 * recipes. Opening trains nothing: that is begun by hand.                     */
#include "app/workbench/application.h"

#include <glib/gi18n.h>

#include "ui/ui.h"

#include "app/workbench/window/preferences.h"
#include "app/workbench/window/window.h"

struct _EidApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (EidApplication, eid_application, ADW_TYPE_APPLICATION)

static void
eid_application_startup (GApplication *application)
{
  static const struct
  {
    const char *action, *keys[3];
  } keys[] = {
    { "app.quit", { "<Control>q" } },
    { "app.new-window", { "<Control>n" } },
    { "app.preferences", { "<Control>comma" } },
    { "win.show-help-overlay", { "F1", "<Control>question" } },
  };

  G_APPLICATION_CLASS (eid_application_parent_class)->startup (application);
  eid_ui_init ();
  eid_preferences_apply ();
  /* After GTK's own, which know of no F1. */
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), keys[i].action, keys[i].keys);
  gtk_window_set_default_icon_name ("org.eidoscope.Workbench");
}

static void
eid_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = GTK_WINDOW (eid_window_new (GTK_APPLICATION (application)));
  gtk_window_present (window);
}

static gboolean
is_run (const char *folder)
{
  g_autofree char *recipe = g_build_filename (folder, "recipe.ini", NULL);

  return g_file_test (recipe, G_FILE_TEST_EXISTS);
}

static void
eid_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *path = g_file_get_path (files[i]);
      EidWindow *window = eid_window_new (GTK_APPLICATION (application));

      if (path && g_str_has_suffix (path, ".c"))
        eid_window_watch_plugin (window, path);
      else if (path && g_file_test (path, G_FILE_TEST_IS_REGULAR))
        eid_window_choose_recipe (window, path);
      else if (path && is_run (path))
        eid_window_open_run (window, path);
      else if (path)
        eid_window_bring (window, path);
      gtk_window_present (GTK_WINDOW (window));
    }
}

/* Every window closes as if by hand: with a checkpoint where a run goes on. */
static void
act_quit (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (application));

  for (GList *l = windows; l; l = l->next)
    gtk_window_close (l->data);
}

/* With an engine of its own: what is trained in one window knows nothing of another. */
static void
act_new_window (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  gtk_window_present (GTK_WINDOW (eid_window_new (application)));
}

static void
act_preferences (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *window = gtk_application_get_active_window (application);

  eid_preferences_present (window, EID_IS_WINDOW (window) ? eid_window_make_plugin_group (EID_WINDOW (window))
                                                          : NULL);
}

static void
act_about (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  adw_show_about_window (gtk_application_get_active_window (application), "application-name", "Eidoscope",
                         "application-icon", "org.eidoscope.Workbench", "version", EID_VERSION, "comments",
                         _ ("Watch representations form: train, look inside and steer in one place."),
                         "developer-name", _ ("The Eidoscope authors"), "license-type", GTK_LICENSE_MIT_X11,
                         NULL);
}

static void
eid_application_class_init (EidApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = eid_application_startup;
  application_class->activate = eid_application_activate;
  application_class->open = eid_application_open;
}

static void
eid_application_init (EidApplication *self)
{
  static const GActionEntry actions[] = { { "quit", act_quit, NULL, NULL, NULL, { 0 } },
                                          { "new-window", act_new_window, NULL, NULL, NULL, { 0 } },
                                          { "preferences", act_preferences, NULL, NULL, NULL, { 0 } },
                                          { "about", act_about, NULL, NULL, NULL, { 0 } } };
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

EidApplication *
eid_application_new (void)
{
  return g_object_new (EID_TYPE_APPLICATION, "application-id", "org.eidoscope.Workbench", "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/org/eidoscope/Workbench", NULL);
}
