/* narrow.c: a window of 800 pixels has room for every page in every language, before a run, in one and after
 * it. The language is LANGUAGE, its catalogue in EIDOSCOPE_CATALOGUES.            */
#include <libintl.h>
#include <locale.h>

#include "tests/ui/fake-window.h"

#define WIDTH 800

static void
assert_fits (GtkWidget *widget, const char *what)
{
  int least;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  if (least > WIDTH)
    g_error ("%s: %s takes %d pixels at the least", g_getenv ("LANGUAGE"), what, least);
}

static void
assert_all_fits (EidWindow *window)
{
  for (guint i = 0; i < EID_WINDOW_PAGES; i++)
    assert_fits (GTK_WIDGET (window->page[i]), G_OBJECT_TYPE_NAME (window->page[i]));
  assert_fits (GTK_WIDGET (window->start_page), "the start page");
  assert_fits (window->narrow_tabs, "the row of tabs");
  assert_fits (GTK_WIDGET (window), "the window");
}

/* An autoencoder's run has all the pages. */
static void
test_everything_fits (void)
{
  static const char recipe[] = "[Run]\nsteps=1000000\n[Encoder]\nplugin=vit\n[Objective]\nplugin=mae\n"
                               "[Dataset]\nreader=folder\npath=/none\n";
  EidWindow *window = fake_window_with (recipe, FALSE);

  assert_all_fits (window);
  eid_window_start (window);
  wait_until (window, fake_window_trains (window));
  for (guint i = 0; i < EID_WINDOW_PAGES; i++)
    {
      adw_view_stack_set_visible_child (window->pages, GTK_WIDGET (window->page[i]));
      wait_until (window, eid_page_get_step (window->page[i]) > 0);
    }
  assert_all_fits (window);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.stop", NULL);
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE);
  /* Of a long run, which says how it ended. */
  for (guint i = 0; i < EID_WINDOW_PAGES; i++)
    eid_page_set_step (window->page[i], 1234567);
  assert_all_fits (window);
  fake_window_close (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("narrow-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("FAKE_ENGINE_OWN", "1", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("EIDOSCOPE_CATALOGUES"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    return 77;
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/narrow/everything-fits", test_everything_fits);
  return g_test_run ();
}
