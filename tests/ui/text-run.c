/* text-run.c: a run of text in the window, over the fake engine: which pages there are, that nothing speaks
 * of pictures, its attention by layer, head and query; and what is said about a run.   */
#include <string.h>

#include "app/workbench/pages/plugin/attention.h"
#include "app/workbench/pages/private.h"
#include "tests/ui/fake-window.h"

/* Neither a label nor a tooltip of what can be seen below @widget speaks of pictures. */
static void
assert_of_text (GtkWidget *widget)
{
  const char *texts[] = { GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget)) : NULL,
                          gtk_widget_get_tooltip_text (widget) };

  if (!gtk_widget_get_visible (widget))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *lower = texts[i] ? g_utf8_strdown (texts[i], -1) : NULL;

      if (lower && (strstr (lower, "picture") || strstr (lower, "img/s")))
        g_error ("a run of text says “%s”", texts[i]);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    assert_of_text (child);
}

static gboolean
is_offered (EidWindow *window, EidPage *page)
{
  return adw_view_stack_page_get_visible (adw_view_stack_get_page (window->pages, GTK_WIDGET (page)));
}

static void
assert_pages_of_text (EidWindow *window)
{
  g_assert_false (is_offered (window, window->augmentations));
  g_assert_false (is_offered (window, window->reconstruction));
  g_assert_false (is_offered (window, window->attention));
  g_assert_true (is_offered (window, window->embedding));
  g_assert_true (is_offered (window, window->progress));
}

/* Before it is started, while it runs, and opened again. */
static void
test_text_is_spoken_of_as_text (void)
{
  EidWindow *window = fake_window_with (fake_recipe_of_text, FALSE);
  g_autofree char *folder = NULL;

  assert_pages_of_text (window);
  fake_window_close (window);

  window = fake_window_with (fake_recipe_of_text, TRUE);
  wait_until (window, g_str_has_prefix (adw_window_title_get_subtitle (window->title), "410k\u00a0tokens/s"));
  assert_pages_of_text (window);
  wait_until (window, is_offered (window, window->own));
  wait_until (window,
              fake_window_text (GTK_WIDGET (window->progress), "loss")
                  && strstr (fake_window_text (GTK_WIDGET (window->progress), "loss"), "410k\u00a0tokens/s"));
  eid_window_show_page (window, "embedding");
  wait_until (window, eid_page_get_picture (window->embedding));
  for (guint i = 3; i < EID_WINDOW_PAGES; i++)
    assert_of_text (GTK_WIDGET (window->page[i]));
  assert_of_text (GTK_WIDGET (window->health_line));
  folder = g_strdup (eid_engine_client_folder (window->client));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.stop", NULL);
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE);
  fake_window_close (window);

  window = fake_window_with (fake_recipe_of_pictures, FALSE);
  g_assert_true (is_offered (window, window->augmentations));
  eid_window_open_run (window, folder);
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE && !window->beginning);
  assert_pages_of_text (window);
  fake_window_close (window);
}

#define assert_query(window, attention, expected)                                                            \
  wait_until (window, g_strcmp0 (fake_window_text (GTK_WIDGET (attention), "Query"), expected) == 0)

/* The token under the pointer asks at once, another head or layer once the engine has answered. */
static void
test_attention_has_layer_head_and_query (void)
{
  EidWindow *window = fake_window_with (fake_recipe_of_text, TRUE);
  EidOwnAttention *attention;
  GtkDropDown *layers, *heads;

  wait_until (window, is_offered (window, window->own));
  eid_window_show_page (window, "own");
  wait_until (window, (attention = fake_window_part (window->own, EID_TYPE_OWN_ATTENTION, 0)));
  layers = fake_window_part (attention, GTK_TYPE_DROP_DOWN, 0);
  heads = fake_window_part (attention, GTK_TYPE_DROP_DOWN, 1);
  wait_until (window, gtk_drop_down_get_selected (layers) == 1);
  g_assert_cmpuint (gtk_drop_down_get_selected (heads), ==, 0);
  assert_query (window, attention,
                "Query “t” (11) attends most to “t” (1) 50.0\u00a0%, “t” (11) 50.0\u00a0%");
  g_signal_emit_by_name (fake_window_part (attention, EID_TYPE_TOKEN_STRIP, 0), "pointed", 3);
  assert_query (window, attention,
                "Query space (4) attends most to “t” (1) 50.0\u00a0%, space (4) 50.0\u00a0%");
  g_signal_emit_by_name (fake_window_part (attention, EID_TYPE_TOKEN_STRIP, 0), "pointed", -1); /* it stays */
  gtk_drop_down_set_selected (heads, 1);
  assert_query (window, attention, "Query space (4) attends most to “t” (1) 100\u00a0%");
  gtk_drop_down_set_selected (heads, 2);
  assert_query (window, attention, "Query space (4) attends most to space (4) 100\u00a0%");
  gtk_drop_down_set_selected (layers, 0);
  assert_query (
      window, attention,
      "Query space (4) attends most to “t” (1) 25.0\u00a0%, “h” (2) 25.0\u00a0%, “e” (3) 25.0\u00a0%");
  fake_window_close (window);
}

/* The folder of a run of which there is something to see: it has made a step. */
static char *
stopped_run (const char *recipe)
{
  EidWindow *window = fake_window_with (recipe, TRUE);
  char *folder = g_strdup (eid_engine_client_folder (window->client));

  g_assert_nonnull (folder);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.stop", NULL);
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE);
  fake_window_close (window);
  return folder;
}

/* Beside a run of pictures a run of text has the pages of text; both show what their plugins publish, each
 * with what its data are. */
static void
test_text_is_compared_with_pictures (void)
{
  g_autofree char *folder = stopped_run (fake_recipe_of_pictures), *sentence = NULL;
  EidWindow *window = fake_window_with (fake_recipe_of_text, TRUE);
  EidPage *beside;

  wait_until (window, is_offered (window, window->own));
  eid_window_compare_with (window, folder);
  assert_pages_of_text (window);
  eid_window_show_page (window, "own");
  beside = eid_page_private (window->own)->beside;
  wait_until (window, eid_page_get_picture (window->own) && eid_page_get_picture (beside));
  g_assert_nonnull (fake_window_part (window->own, EID_TYPE_OWN_ATTENTION, 0));
  g_assert_null (fake_window_part (beside, EID_TYPE_OWN_ATTENTION, 0));
  g_assert_true (eid_page_is_text (window->own));
  g_assert_false (eid_page_is_text (beside));
  sentence = eid_compare_sentence (window->compare);
  g_assert_cmpstr (sentence, ==, "These runs have different data: samples are not the same");
  eid_window_end_comparison (window);
  g_assert_true (is_offered (window, window->own));
  fake_window_close (window);
}

/* What was decided as the run was made, and what it tells on the way, stands under its curves. */
static void
test_what_the_engine_says_of_a_run_is_shown (void)
{
  EidWindow *window = fake_window_with (fake_recipe_of_pictures, TRUE);

  wait_until (window, g_strcmp0 (fake_window_text (GTK_WIDGET (window->progress), "A run, on"),
                                 "A run, on nothing, in f32\nData: none.\n"
                                 "The weights’ head is left out: 2 tensors.\nThere is no probe of classes.")
                          == 0);
  fake_window_close (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("text-run-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("FAKE_ENGINE_OWN", "1", TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    return 77;
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/text-run/spoken-of-as-text", test_text_is_spoken_of_as_text);
  g_test_add_func ("/text-run/attention", test_attention_has_layer_head_and_query);
  g_test_add_func ("/text-run/compared", test_text_is_compared_with_pictures);
  g_test_add_func ("/text-run/about", test_what_the_engine_says_of_a_run_is_shown);
  return g_test_run ();
}
