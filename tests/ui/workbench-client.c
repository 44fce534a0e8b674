/* workbench-client.c: the workbench's client through every way in which an engine can end.
 *
 * The engine is fake-engine.c, named in EIDOSCOPE_ENGINE.                     */
#include <string.h>

#include "app/workbench/client/client.h"
#include "app/workbench/client/process.h"
#include "tests/ui/patience.h"

static const char recipe[] =
    "[Run]\nsteps=1000000\n[Encoder]\nplugin=vit\n[Objective]\nplugin=simclr\n[Dataset]\npath=/none\n";

typedef struct
{
  EidEngineClient *client;
  GAsyncResult *result;
  guint reports, refusals;
} Fixture;

#define wait_until(fixture, condition)                                                                       \
  wait_patiently (condition, "the phase is %d, the message “%s”",                                            \
                  eid_engine_client_phase ((fixture)->client),                                               \
                  eid_engine_client_message ((fixture)->client))

#define wait_for_phase(fixture, wanted)                                                                      \
  wait_until (fixture, eid_engine_client_phase ((fixture)->client) == (wanted))

static void
on_answer (GObject *source, GAsyncResult *result, gpointer fixture)
{
  g_set_object (&((Fixture *) fixture)->result, result);
}

static GVariant *
answer_of (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  wait_until (fixture, fixture->result);
  result = g_steal_pointer (&fixture->result);
  return eid_engine_client_call_finish (fixture->client, result, error);
}

static void
on_progress (Fixture *fixture)
{
  fixture->reports++;
}

static void
on_refused (Fixture *fixture)
{
  fixture->refusals++;
}

static void
set_up (Fixture *fixture, gconstpointer fault)
{
  g_auto (GStrv) words = g_strsplit (fault ? fault : "", "=", 2);

  if (words[0] && words[1])
    g_setenv (words[0], words[1], TRUE);
  fixture->client = eid_engine_client_new ();
  g_signal_connect_swapped (fixture->client, "progress", G_CALLBACK (on_progress), fixture);
  g_signal_connect_swapped (fixture->client, "refused", G_CALLBACK (on_refused), fixture);
  eid_engine_client_launch (fixture->client, on_answer, fixture);
  wait_until (fixture, fixture->result);
  g_assert_true (eid_engine_client_launch_finish (fixture->client, fixture->result, NULL));
  g_clear_object (&fixture->result);
  g_assert_cmpint (eid_engine_client_phase (fixture->client), ==, EID_PHASE_IDLE);
  if (words[0] && words[1])
    g_unsetenv (words[0]);
}

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  eid_engine_client_set_what (fixture->client, "SimCLR on ViT");
  eid_engine_client_start (fixture->client, recipe, "", on_answer, fixture);
  answer = answer_of (fixture, &error);
  g_assert_no_error (error);
  g_assert_nonnull (eid_engine_client_folder (fixture->client));
}

static void
tear_down (Fixture *fixture, gconstpointer fault)
{
  eid_engine_client_shut_down (fixture->client, on_answer, fixture);
  wait_until (fixture, fixture->result);
  g_clear_object (&fixture->result);
  g_clear_object (&fixture->client);
}

static void
test_run_pauses_steps_and_stops (Fixture *fixture, gconstpointer unused)
{
  guint64 held;

  start (fixture);
  wait_until (fixture, fixture->reports > 1);
  eid_engine_client_pause (fixture->client);
  wait_for_phase (fixture, EID_PHASE_PAUSED);
  held = eid_engine_client_step (fixture->client);
  eid_engine_client_step_once (fixture->client);
  /* While it is made the phase may be another for less than a turn of the main loop. */
  wait_until (fixture, eid_engine_client_step (fixture->client) == held + 1
                           && eid_engine_client_phase (fixture->client) == EID_PHASE_PAUSED);
  eid_engine_client_continue (fixture->client);
  wait_until (fixture, eid_engine_client_step (fixture->client) > held + 1);
  eid_engine_client_stop (fixture->client);
  wait_for_phase (fixture, EID_PHASE_DONE);
  g_assert_cmpuint (fixture->refusals, ==, 0);
}

static void
test_look_waits_for_a_newer_step (Fixture *fixture, gconstpointer unused)
{
  guint64 first, second;
  g_autoptr (GVariant) one = NULL, two = NULL;

  start (fixture);
  eid_engine_client_look (fixture->client, "augmentations",
                          g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), 0, on_answer, fixture);
  one = answer_of (fixture, NULL);
  g_variant_get (one, "(t@a{sv})", &first, NULL);
  eid_engine_client_look (fixture->client, "augmentations",
                          g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), MAX (first, 1), on_answer,
                          fixture);
  two = answer_of (fixture, NULL);
  g_variant_get (two, "(t@a{sv})", &second, NULL);
  g_assert_cmpuint (second, >, first);
}

static void
test_refusals_are_told (Fixture *fixture, gconstpointer fault)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  eid_engine_client_start (fixture->client, recipe, "", on_answer, fixture);
  answer = answer_of (fixture, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  /* Fit to be shown: without the protocol's own prefix. */
  g_assert_true (g_str_has_prefix (error->message, "Dataset.path"));
}

static void
test_crash_is_told_and_survived (Fixture *fixture, gconstpointer fault)
{
  g_autofree char *folder = NULL, *messages = NULL;
  g_autoptr (GVariant) answer = NULL;

  start (fixture);
  folder = g_strdup (eid_engine_client_folder (fixture->client));
  wait_for_phase (fixture, EID_PHASE_LOST);
  g_assert_nonnull (strstr (eid_engine_client_message (fixture->client), "SimCLR on ViT"));
  g_assert_nonnull (strstr (eid_engine_client_message (fixture->client), "illegal access in loss()"));
  messages = eid_engine_client_messages (fixture->client);
  g_assert_nonnull (strstr (messages, "fake-engine: simclr: illegal access in loss()\n"));
  eid_engine_client_launch (fixture->client, on_answer, fixture);
  wait_until (fixture, fixture->result);
  g_clear_object (&fixture->result);
  eid_engine_client_resume (fixture->client, folder, "", on_answer, fixture);
  answer = answer_of (fixture, NULL);
  g_assert_nonnull (answer);
  wait_for_phase (fixture, EID_PHASE_RUNNING);
}

static void
test_calls_end_with_their_engine (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  start (fixture);
  wait_for_phase (fixture, EID_PHASE_RUNNING);
  eid_engine_client_look (fixture->client, "augmentations",
                          g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), G_MAXUINT32, on_answer,
                          fixture);
  eid_engine_client_kill (fixture->client);
  answer = answer_of (fixture, &error);
  g_assert_null (answer);
  g_assert_nonnull (error);
  wait_for_phase (fixture, EID_PHASE_LOST);
}

static void
test_silence_is_noticed (Fixture *fixture, gconstpointer fault)
{
  start (fixture);
  wait_until (fixture, eid_engine_client_stuck (fixture->client));
  eid_engine_client_kill (fixture->client);
  wait_for_phase (fixture, EID_PHASE_LOST);
  g_assert_false (eid_engine_client_stuck (fixture->client));
}

static void
test_no_engine_is_an_error (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *given = g_strdup (g_getenv ("EIDOSCOPE_ENGINE")), *found = NULL;

  g_setenv ("EIDOSCOPE_ENGINE", "/nowhere/at/all", TRUE);
  found = eid_engine_process_find (&error);
  g_assert_null (found);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_setenv ("EIDOSCOPE_ENGINE", given, TRUE);
}

#define ADD(path, fault, test) g_test_add ("/workbench/client/" path, Fixture, fault, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("client-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("EIDOSCOPE_PATIENCE", "2", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("run-pauses-steps-and-stops", NULL, test_run_pauses_steps_and_stops);
  ADD ("look-waits-for-a-newer-step", NULL, test_look_waits_for_a_newer_step);
  ADD ("refusals-are-told", "FAKE_ENGINE_REFUSE=Start", test_refusals_are_told);
  ADD ("crash-is-told-and-survived", "FAKE_ENGINE_CRASH=30", test_crash_is_told_and_survived);
  ADD ("calls-end-with-their-engine", NULL, test_calls_end_with_their_engine);
  ADD ("silence-is-noticed", "FAKE_ENGINE_HANG=30", test_silence_is_noticed);
  g_test_add_func ("/workbench/client/no-engine-is-an-error", test_no_engine_is_an_error);
  return g_test_run ();
}
