/* actions.c: what a person can tell the window to do, from menus, buttons and keys. */
#include <glib/gi18n.h>

#include "app/store/store.h"

#include "app/workbench/client/settings.h"
#include "app/workbench/window/private.h"

static const char *const page_names[EID_WINDOW_PAGES] = { "augmentations", "reconstruction", "attention",
                                                          "embedding", "progress", "own" };

/* --- The run --------------------------------------------------------------- */

static void
act_start (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_start (EID_WINDOW (widget));
}

static void
act_pause (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EidEngineClient *client = EID_WINDOW (widget)->client;

  if (eid_engine_client_phase (client) == EID_PHASE_PAUSED)
    eid_engine_client_continue (client);
  else
    eid_engine_client_pause (client);
}

static void
act_step (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_engine_client_step_once (EID_WINDOW (widget)->client);
}

static void
act_stop (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_toast (EID_WINDOW (widget), _ ("Stopping after a checkpoint"));
  eid_engine_client_stop (EID_WINDOW (widget)->client);
}

static void
act_save (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_save (EID_WINDOW (widget));
}

static void
act_undo (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_undo (EID_WINDOW (widget));
}

/* Of the run while there is one that goes on, else of the draft. */
static void
act_undo_last (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EidWindow *self = EID_WINDOW (widget);
  const gboolean draft =
      !eid_engine_client_busy (self->client) && self->draft && eid_draft_can_undo (self->draft);

  gtk_widget_activate_action (widget, draft ? "win.undo-edit" : "win.undo", NULL);
}

static void
act_now (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_timeline_back_to_now (EID_WINDOW (widget)->timeline);
}

static void
act_new_run (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_show_page (EID_WINDOW (widget), "recipe");
}

static void
act_page (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const guint number = g_variant_get_uint32 (parameter);

  if (number < EID_WINDOW_PAGES && gtk_widget_get_parent (GTK_WIDGET (EID_WINDOW (widget)->page[number]))
      && adw_view_stack_page_get_visible (
          adw_view_stack_get_page (EID_WINDOW (widget)->pages, GTK_WIDGET (EID_WINDOW (widget)->page[number]))))
    eid_window_show_page (EID_WINDOW (widget), page_names[number]);
}

static void
act_open_folder (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *uri =
      g_filename_to_uri (eid_engine_client_folder (EID_WINDOW (widget)->client), NULL, NULL);

  if (uri)
    gtk_show_uri (GTK_WINDOW (widget), uri, GDK_CURRENT_TIME);
}

static void
on_resume_response (EidWindow *self, int response)
{
  g_autoptr (GFile) file =
      response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->chooser)) : NULL;
  g_autofree char *path = file ? g_file_get_path (file) : NULL;

  g_clear_object (&self->chooser);
  if (path)
    eid_window_resume (self, path);
}

static void
act_resume (GtkWidget *widget, const char *name, GVariant *parameter)
{
  EidWindow *self = EID_WINDOW (widget);
  g_autofree char *set = eid_settings_runs_folder ();
  g_autofree char *runs = set ? g_steal_pointer (&set) : eid_runs_folder ();
  g_autoptr (GFile) folder = g_file_new_for_path (runs);

  if (self->chooser)
    return;
  self->chooser = gtk_file_chooser_native_new (_ ("Run to Resume"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Resume"), NULL);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_resume_response), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* --- Two runs ------------------------------------------------------------------- */

static void
act_compare (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_choose_comparison (EID_WINDOW (widget));
}

static void
act_compare_with (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_compare_with (EID_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
act_compare_origin (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_compare_with_origin (EID_WINDOW (widget));
}

static void
act_compare_end (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_end_comparison (EID_WINDOW (widget));
}

/* --- The draft, and the window ------------------------------------------------ */

static void
act_export (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_export (EID_WINDOW (widget));
}

static void
act_messages (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_show_messages (EID_WINDOW (widget));
}

static void
act_new_plugin (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_new_plugin (EID_WINDOW (widget));
}

static void
act_open_plugin (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_open_plugin (EID_WINDOW (widget));
}

static void
act_build_plugin (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_plugin_pane_build (EID_WINDOW (widget)->plugin_pane);
}

static void
act_undo_edit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_undo_edit (EID_WINDOW (widget));
}

static void
act_redo_edit (GtkWidget *widget, const char *name, GVariant *parameter)
{
  eid_window_redo_edit (EID_WINDOW (widget));
}

static void
act_sidebar (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AdwFlap *flap = EID_WINDOW (widget)->flap;

  adw_flap_set_reveal_flap (flap, !adw_flap_get_reveal_flap (flap));
}

/* --- Which there are --------------------------------------------------------- */

static const struct
{
  const char *name, *parameter;
  void (*act) (GtkWidget *widget, const char *name, GVariant *parameter);
} actions[] = {
  { "win.start", NULL, act_start },
  { "win.pause", NULL, act_pause },
  { "win.step", NULL, act_step },
  { "win.stop", NULL, act_stop },
  { "win.save", NULL, act_save },
  { "win.undo", NULL, act_undo },
  { "win.undo-last", NULL, act_undo_last },
  { "win.now", NULL, act_now },
  { "win.new-run", NULL, act_new_run },
  { "win.resume", NULL, act_resume },
  { "win.compare", NULL, act_compare },
  { "win.compare-with", "s", act_compare_with },
  { "win.compare-origin", NULL, act_compare_origin },
  { "win.compare-end", NULL, act_compare_end },
  { "win.open-folder", NULL, act_open_folder },
  { "win.export", NULL, act_export },
  { "win.messages", NULL, act_messages },
  { "win.new-plugin", NULL, act_new_plugin },
  { "win.open-plugin", NULL, act_open_plugin },
  { "win.build-plugin", NULL, act_build_plugin },
  { "win.undo-edit", NULL, act_undo_edit },
  { "win.redo-edit", NULL, act_redo_edit },
  { "win.sidebar", NULL, act_sidebar },
  { "win.page", "u", act_page },
};

typedef struct
{
  guint key;
  GdkModifierType modifiers;
  const char *action;
} Key;

static const Key keys[] = {
  { GDK_KEY_Return, GDK_CONTROL_MASK, "win.start" },
  { GDK_KEY_KP_Enter, GDK_CONTROL_MASK, "win.start" },
  { GDK_KEY_S, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.stop" },
  { GDK_KEY_s, GDK_CONTROL_MASK, "win.save" },
  { GDK_KEY_z, GDK_CONTROL_MASK, "win.undo-last" },
  { GDK_KEY_Z, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.redo-edit" },
  { GDK_KEY_N, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.new-run" },
  { GDK_KEY_k, GDK_CONTROL_MASK, "win.compare" },
  { GDK_KEY_K, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.compare-end" },
  { GDK_KEY_o, GDK_CONTROL_MASK, "win.resume" },
  { GDK_KEY_e, GDK_CONTROL_MASK, "win.export" },
  { GDK_KEY_P, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.new-plugin" },
  { GDK_KEY_O, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "win.open-plugin" },
  { GDK_KEY_b, GDK_CONTROL_MASK, "win.build-plugin" },
  { GDK_KEY_F9, 0, "win.sidebar" },
  { GDK_KEY_w, GDK_CONTROL_MASK, "window.close" },
};

/* For when whatever has the focus has no use for them. */
static const Key plain_keys[] = {
  { GDK_KEY_space, 0, "win.pause" },
  { GDK_KEY_period, 0, "win.step" },
  { GDK_KEY_Escape, 0, "win.now" },
};

void
eid_window_install_actions (GtkWidgetClass *widget_class)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter, actions[i].act);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (widget_class, keys[i].key, keys[i].modifiers, keys[i].action, NULL);
  for (guint i = 0; i < EID_WINDOW_PAGES; i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + i, GDK_ALT_MASK, "win.page", "u", i);
}

/* A window of GTK has its own use for Space, which a controller precedes. */
void
eid_window_add_plain_keys (EidWindow *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_BUBBLE);
  for (guint i = 0; i < G_N_ELEMENTS (plain_keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_keyval_trigger_new (plain_keys[i].key, plain_keys[i].modifiers),
                          gtk_named_action_new (plain_keys[i].action)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}
