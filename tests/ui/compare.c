/* compare.c: two runs beside one another in a window, over the real engine in
 * EIDOSCOPE_ENGINE: one is branched off the other and shown beside it; and what is
 * known of two runs without any engine.                                      */
#include <string.h>

#include "app/workbench/pages/attention/attention.h"
#include "app/workbench/pages/private.h"
#include "app/workbench/client/recipe-difference.h"
#include "app/workbench/session/timeline-private.h"
#include "app/workbench/window/private.h"
#include "tests/support/tiny.h"
#include "ui/ui.h"
#include "tests/ui/wait.h"

static EidPhase
phase_of_second (EidWindow *window)
{
  return eid_engine_client_phase (eid_compare_client (window->compare));
}

static void
activate (EidWindow *window, const char *action)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (window), action, NULL));
}

/* A run of the tiny world, to its end, in a window of its own. */
static EidWindow *
open_finished_run (TinyWorld *world)
{
  EidWindow *window = eid_window_new (NULL);

  eid_window_begin (window, world->recipe);
  gtk_window_present (GTK_WINDOW (window));
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE);
  return window;
}

static void
close_window (EidWindow *window)
{
  gpointer left = window;

  g_object_add_weak_pointer (G_OBJECT (window), &left);
  gtk_window_close (GTK_WINDOW (window));
  while (left)
    g_main_context_iteration (NULL, TRUE);
}

static void
on_resumed (GObject *source, GAsyncResult *result, gpointer sentence)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  g_assert_null (answer);
  *(char **) sentence = g_strdup (error->message);
}

/* What the first engine is told of a run that the second has open. */
static void
assert_locked (EidWindow *window, const char *folder)
{
  g_autofree char *sentence = NULL;

  eid_engine_client_resume (window->client, folder, "", on_resumed, &sentence);
  wait_until (window, sentence);
  if (strstr (sentence, "is being trained by another window or process") == NULL)
    g_error ("the second engine says: %s", sentence);
}

/* A branch can be compared with the run it came from: on the same data and seed, page by page, what
 * is chosen on one is shown by both; the second run is nobody else's meanwhile; then one is alone. */
static void
test_branch_is_compared_with_its_origin (void)
{
  TinyWorld *world = tiny_world_new ();
  EidWindow *window = open_finished_run (world);
  g_autofree char *origin = g_strdup (eid_engine_client_folder (window->client)), *sentence = NULL;
  EidPageAttention *leader = EID_PAGE_ATTENTION (window->attention), *beside;
  guint64 step;

  /* The whole of it: earlier ones tell of checkpoints that are gone since. */
  wait_until (window, eid_timeline_chronicle (window->timeline)
                          && eid_timeline_chronicle (window->timeline)->step == 24
                          && eid_chronicle_checkpoint (eid_timeline_chronicle (window->timeline), 23, &step));
  eid_window_branch (window, step);
  wait_until (window, window->origin);
  g_assert_cmpstr (window->origin, ==, origin);
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE);
  activate (window, "win.compare-origin");
  g_assert_nonnull (window->compare);
  wait_until (window, phase_of_second (window) == EID_PHASE_DONE);
  sentence = eid_compare_sentence (window->compare);
  g_assert_cmpstr (sentence, ==, "Same data and same seed");
  g_assert_false (eid_compare_is_doubtful (window->compare));

  eid_window_show_page (window, "attention");
  beside = EID_PAGE_ATTENTION (eid_page_private (window->attention)->beside);
  g_assert_true (eid_page_follows (EID_PAGE (beside)));
  wait_until (window, eid_page_get_picture (window->attention) && eid_page_get_picture (EID_PAGE (beside)));
  gtk_drop_down_set_selected (leader->layers, 0);
  gtk_range_set_value (leader->mass, 0.5);
  g_assert_cmpint (beside->layer, ==, 0);
  g_assert_cmpfloat (gtk_range_get_value (beside->mass), ==, 0.5);
  eid_attention_view_set_query (beside->view, 1, 2);
  {
    int query, picture;

    g_object_get (leader->view, "query", &query, "query-picture", &picture, NULL);
    g_assert_cmpint (query, ==, 2);
    g_assert_cmpint (picture, ==, 1);
  }
  wait_until (window,
              window->timeline->second_chronicle && window->timeline->second_chronicle->moments->len > 1);
  step = g_array_index (window->timeline->second_chronicle->moments, EidKeptMoment, 0).step;
  g_signal_emit_by_name (window->timeline, "travel", TRUE, step);
  g_assert_true (eid_page_private (EID_PAGE (beside))->past);
  g_assert_cmpuint (eid_page_private (EID_PAGE (beside))->at, ==, step);
  assert_locked (window, origin);

  activate (window, "win.compare-end");
  g_assert_null (window->compare);
  g_assert_null (eid_page_private (window->attention)->beside);
  close_window (window);
  tiny_world_free (world);
}

/* A run that another window trains is not opened a second time, which is said where it would be. */
static void
test_run_of_another_window_is_refused (void)
{
  TinyWorld *world = tiny_world_new ();
  EidWindow *one = open_finished_run (world), *other = open_finished_run (world);
  g_autofree char *sentence = NULL;

  eid_window_compare_with (one, eid_engine_client_folder (other->client));
  g_assert_nonnull (one->compare);
  wait_until (one, phase_of_second (one) == EID_PHASE_FAILED);
  wait_until (one, eid_compare_is_doubtful (one->compare));
  sentence = eid_compare_sentence (one->compare);
  if (strstr (sentence, "is being trained by another window or process") == NULL)
    g_error ("the second engine says: %s", sentence);
  close_window (one);
  /* The other goes on as if nothing had been. */
  g_assert_cmpint (eid_engine_client_phase (other->client), ==, EID_PHASE_DONE);
  close_window (other);
  tiny_world_free (world);
}

/* The question that is asked above the window, or NULL. */
static AdwMessageDialog *
find_question (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *link = windows; link; link = link->next)
    if (ADW_IS_MESSAGE_DIALOG (link->data))
      return link->data;
  return NULL;
}

static void
answer_question (const char *response)
{
  AdwMessageDialog *question = find_question ();

  g_assert_nonnull (question);
  adw_message_dialog_response (question, response);
  gtk_window_destroy (GTK_WINDOW (question));
}

/* A run that brings somebody else's code is not opened beside another either before that is agreed to; then
 * it is, and it is not asked again. */
static void
test_code_of_others_is_asked_about (void)
{
  TinyWorld *world = tiny_world_new ();
  EidWindow *window = open_finished_run (world);
  g_autofree char *origin = g_strdup (eid_engine_client_folder (window->client));
  g_autofree char *code = g_build_filename (origin, "code", NULL);
  g_autofree char *file = g_build_filename (code, "foreign.so", NULL);
  g_autoptr (GError) error = NULL;
  guint64 step = 0;

  wait_until (window, eid_timeline_chronicle (window->timeline)
                          && eid_timeline_chronicle (window->timeline)->step == 24
                          && eid_chronicle_checkpoint (eid_timeline_chronicle (window->timeline), 23, &step));
  eid_window_branch (window, step);
  wait_until (window, window->origin);
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_DONE);
  g_assert_cmpint (g_mkdir_with_parents (code, 0700), ==, 0);
  g_file_set_contents (file, "code of somebody", -1, &error);
  g_assert_no_error (error);

  activate (window, "win.compare-origin");
  g_assert_null (window->compare);
  answer_question ("cancel");
  g_assert_null (window->compare);
  activate (window, "win.compare-origin");
  answer_question ("trust");
  g_assert_nonnull (window->compare);
  wait_until (window, phase_of_second (window) == EID_PHASE_DONE);
  g_assert_false (eid_compare_is_doubtful (window->compare));
  activate (window, "win.compare-end");
  activate (window, "win.compare-origin");
  g_assert_null (find_question ());
  g_assert_nonnull (window->compare);
  close_window (window);
  tiny_world_free (world);
}

static void
test_recipes_are_compared_key_by_key (void)
{
  g_autoptr (GPtrArray) differences =
      eid_recipe_differences ("[Run]\ntitle=One\nseed=1\n[Objective]\nplugin=mae\nmask-ratio=0.75\n",
                              "[Run]\ntitle=Other\nseed=1\n[Objective]\nplugin=simclr\ntemperature=0.2\n");
  g_autoptr (GPtrArray) none = eid_recipe_differences ("no recipe", "[Run]\nseed=1\n");
  const EidRecipeDifference *last;

  g_assert_cmpuint (differences->len, ==, 3);
  g_assert_true (eid_recipe_differs (differences, "Objective", "plugin"));
  g_assert_false (eid_recipe_differs (differences, "Run", NULL));
  last = differences->pdata[2];
  g_assert_cmpstr (last->key, ==, "temperature");
  g_assert_cmpstr (last->first, ==, "–");
  g_assert_cmpstr (last->second, ==, "0.2");
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("compare-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("XDG_CACHE_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workbench/compare/recipes-key-by-key", test_recipes_are_compared_key_by_key);
  if (gtk_init_check ())
    {
      adw_init ();
      eid_ui_init ();
      g_test_add_func ("/workbench/compare/branch-with-its-origin", test_branch_is_compared_with_its_origin);
      g_test_add_func ("/workbench/compare/run-of-another-window-is-refused",
                       test_run_of_another_window_is_refused);
      g_test_add_func ("/workbench/compare/code-of-others-is-asked-about",
                       test_code_of_others_is_asked_about);
    }
  return g_test_run ();
}
