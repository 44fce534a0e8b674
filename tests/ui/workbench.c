/* workbench.c: the workbench's window made whole under fatal warnings, and its lists and preferences.
 *
 * The engine is fake-engine.c, named in EIDOSCOPE_ENGINE.                     */
#include <string.h>

#include "app/workbench/window/preferences.h"
#include "app/workbench/start/recent-list.h"
#include "app/workbench/client/settings.h"
#include "tests/ui/wait.h"

static void
on_gone (gpointer gone, GObject *window)
{
  *(gboolean *) gone = TRUE;
}

/* The label below @widget that holds @words, or NULL. */
static GtkWidget *
find_words (GtkWidget *widget, const char *words)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), words))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_words (child, words);
  return found;
}

static void
test_run_that_is_gone_is_shown_as_gone (void)
{
  GtkWidget *list;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  list = g_object_ref_sink (g_object_new (EID_TYPE_RECENT_LIST, NULL));
  eid_recent_remember ("/nowhere/a-run");
  eid_recent_list_refresh (EID_RECENT_LIST (list));
  wait_patiently (find_words (list, "Gone"), "the list has no such word");
  g_assert_nonnull (find_words (list, "a-run"));
  g_object_unref (list);
}

static void
test_preferences_are_kept_and_act (void)
{
  GSettings *settings = eid_settings ();
  GList *windows;

  if (!gtk_init_check () || settings == NULL)
    {
      g_test_skip ("needs a display and the settings' schema");
      return;
    }
  adw_init ();
  eid_preferences_apply ();
  g_settings_set_string (settings, "color-scheme", "dark");
  g_assert_true (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  g_settings_set_string (settings, "color-scheme", "light");
  g_assert_false (adw_style_manager_get_dark (adw_style_manager_get_default ()));

  eid_preferences_present (NULL, NULL);
  windows = gtk_window_list_toplevels ();
  g_assert_nonnull (windows);
  g_assert_nonnull (find_words (windows->data, "Where runs are kept"));
  gtk_window_destroy (windows->data);
  g_list_free (windows);
  g_settings_reset (settings, "color-scheme");
}

static void
test_window_is_made_and_goes (void)
{
  EidWindow *window;
  gboolean gone = FALSE;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  eid_ui_init ();
  window = eid_window_new (NULL);
  g_object_weak_ref (G_OBJECT (window), on_gone, &gone);
  gtk_window_present (GTK_WINDOW (window));
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_IDLE);
  wait_until (window, gtk_widget_get_mapped (GTK_WIDGET (window)));
  gtk_window_close (GTK_WINDOW (window));
  while (!gone)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
stall (gpointer unused)
{
  g_usleep (400 * 1000);
  return G_SOURCE_REMOVE;
}

static void
stall_next (void)
{
  g_timeout_add_full (G_PRIORITY_HIGH, 0, stall, NULL, NULL);
}

/* No frame is drawn from before a toast comes until after it was to have gone: it goes without a crash. */
static void
test_toast_goes_where_no_frame_was_drawn (void)
{
  EidWindow *window;
  gpointer left;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  eid_ui_init ();
  window = left = eid_window_new (NULL);
  g_object_add_weak_pointer (G_OBJECT (window), &left);
  gtk_window_present (GTK_WINDOW (window));
  /* What is told of the plugins has been read. */
  wait_until (window, window->toast && gtk_widget_get_mapped (GTK_WIDGET (window->toasts)));
  eid_window_show_toast (window, "former words", 1);
  wait_until (window, window->toast == NULL);
  g_signal_connect (eid_window_show_toast (window, "words", 1), "dismissed", G_CALLBACK (stall_next), NULL);
  g_usleep (1100 * 1000);
  wait_until (window, gtk_widget_get_last_child (GTK_WIDGET (window->toasts))
                          == adw_toast_overlay_get_child (window->toasts));
  gtk_window_close (GTK_WINDOW (window));
  while (left)
    g_main_context_iteration (NULL, TRUE);
}

/* Before anything is asked for. */
static void
test_missing_driver_is_said_at_once (void)
{
  EidWindow *window;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  eid_ui_init ();
  g_setenv ("FAKE_ENGINE_NO_DEVICE", "1", TRUE);
  window = eid_window_new (NULL);
  gtk_window_present (GTK_WINDOW (window));
  wait_until (
      window,
      find_words (GTK_WIDGET (window->health_line),
                  "There is no OpenCL device to compute on. Install a driver for your GPU, or PoCL to "
                  "compute on the processor (on Debian: apt install pocl-opencl-icd), and start the "
                  "engine again"));
  gtk_window_destroy (GTK_WINDOW (window));
  g_unsetenv ("FAKE_ENGINE_NO_DEVICE");
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("workbench-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("EIDOSCOPE_PATIENCE", "2", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workbench/recent/gone-is-shown-as-gone", test_run_that_is_gone_is_shown_as_gone);
  g_test_add_func ("/workbench/preferences/are-kept-and-act", test_preferences_are_kept_and_act);
  g_test_add_func ("/workbench/window/is-made-and-goes", test_window_is_made_and_goes);
  g_test_add_func ("/workbench/toast/goes-where-no-frame-was-drawn",
                   test_toast_goes_where_no_frame_was_drawn);
  g_test_add_func ("/workbench/window/missing-driver-is-said-at-once", test_missing_driver_is_said_at_once);
  return g_test_run ();
}
