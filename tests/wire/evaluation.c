/* evaluation.c: an evaluation that takes long: it says what it does and how far it is, is skipped when
 * that is asked for, and makes way for whoever wants the run.
 */
#include "tests/wire/engine.h"

#include <string.h>

/* Updates of a linear probe: many times what a test waits for. No probe comes to its end here. */
#define PICTURES 1200
#define EPOCHS   10000
#define UPDATES  50000

static GString *messages; /* that the engine has told, a line each */

static void
on_state (EidWireEngine *proxy, const char *state, const char *message, gpointer unused)
{
  g_string_append_printf (messages, "%s\n", message);
}

static Engine *
begin (void)
{
  Engine *engine = engine_new (OVER_SOCKET);

  messages = g_string_new (NULL);
  tiny_write_data (engine->world->data, PICTURES);
  g_signal_connect (engine->proxy, "state-changed", G_CALLBACK (on_state), NULL);
  return engine;
}

static void
end (Engine *engine)
{
  const guint evaluations = engine->evaluations;
  g_autofree char *whole = g_strdup_printf ("Linear probe, %d of %d", UPDATES, UPDATES);

  g_assert_cmpint (engine_free (engine), ==, 0);
  g_assert_cmpuint (evaluations, ==, 0);
  g_assert_null (strstr (messages->str, whole));
  g_string_free (messages, TRUE);
}

/* @steps, and evaluations after each @every of them. Free. */
static char *
slow_recipe (Engine *engine, guint steps, guint every)
{
  g_autofree char *text = tiny_recipe_text (engine->world->data);
  GString *recipe = g_string_new (text);
  g_autofree char *length = g_strdup_printf ("steps = %u\n", steps);
  g_autofree char *due = g_strdup_printf ("evaluate-every = %u\n", every);
  g_autofree char *epochs = g_strdup_printf ("probe-epochs = %d\n", EPOCHS);

  g_assert_cmpuint (g_string_replace (recipe, "steps = 24\n", length, 1), ==, 1);
  g_assert_cmpuint (g_string_replace (recipe, "evaluate-every = 12\n", due, 1), ==, 1);
  g_assert_cmpuint (g_string_replace (recipe, "probe-epochs = 3\n", epochs, 1), ==, 1);
  g_assert_cmpuint (g_string_replace (recipe, "train-limit = 120\n", "train-limit = 0\n", 1), ==, 1);
  return g_string_free (recipe, FALSE);
}

static gboolean
is_in_probe (Engine *engine, gconstpointer unused)
{
  return strstr (messages->str, "Evaluating: Linear probe, ") != NULL;
}

/* Until an evaluation that begins from here on is in the midst of its linear probe. */
static void
wait_for_probe (Engine *engine)
{
  g_string_truncate (messages, 0);
  engine_wait (engine, is_in_probe, NULL);
  g_assert_nonnull (strstr (engine->events->str, "evaluating \n"));
}

static gboolean
skip (Engine *engine)
{
  g_autoptr (GError) error = NULL;
  gboolean skipped = FALSE;

  eid_wire_engine_call_skip_sync (engine->proxy, &skipped, NULL, &error);
  g_assert_no_error (error);
  return skipped;
}

typedef gboolean (*Command) (EidWireEngine *proxy, GCancellable *cancellable, GError **error);

static void
command (Engine *engine, Command call, const char *state)
{
  g_autoptr (GError) error = NULL;

  call (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, state);
}

static guint64
resume (Engine *engine, const char *run)
{
  g_autoptr (GError) error = NULL;
  guint64 step = 0;

  eid_wire_engine_call_resume_sync (engine->proxy, run, "", &step, NULL, &error);
  g_assert_no_error (error);
  return step;
}

static guint
count_skipped (Engine *engine)
{
  guint count = 0;

  for (const char *at = engine->events->str; (at = strstr (at, "This evaluation was skipped.")) != NULL; at++)
    count++;
  return count;
}

/* In the midst of a probe, not after it; the run goes on. Leaving in the next one does not wait for it
 * either. */
static void
test_skip (void)
{
  Engine *engine = begin ();
  g_autofree char *recipe = slow_recipe (engine, 24, 4), *run = NULL;
  const guint64 first = 4;

  g_assert_false (skip (engine));
  run = engine_start (engine, recipe);
  wait_for_probe (engine);
  g_assert_cmpuint (engine->step, <=, first);
  g_assert_true (skip (engine));
  engine_wait (engine, engine_has_told, "warning This evaluation was skipped.\n");
  engine_wait (engine, engine_has_stepped_past, &first);
  wait_for_probe (engine);
  g_assert_cmpuint (count_skipped (engine), ==, 1);
  end (engine);
}

/* Pause and Stop are answered in the midst of it. It was not skipped, but put off: it is made anew before the
 * next step, and in the next session. */
static void
test_pause_and_stop_put_it_off (void)
{
  Engine *engine = begin ();
  g_autofree char *recipe = slow_recipe (engine, 24, 4), *run = engine_start (engine, recipe);
  const guint64 first = 4;

  wait_for_probe (engine);
  command (engine, eid_wire_engine_call_pause_sync, "paused");
  g_assert_cmpuint (engine->step, ==, first);
  command (engine, eid_wire_engine_call_continue_sync, "running");
  wait_for_probe (engine);
  command (engine, eid_wire_engine_call_stop_sync, "done");
  g_assert_cmpuint (engine->step, ==, first);
  g_assert_cmpuint (count_skipped (engine), ==, 0);
  g_assert_cmpuint (resume (engine, run), ==, first);
  wait_for_probe (engine);
  g_assert_true (skip (engine));
  engine_wait (engine, engine_has_stepped_past, &first);
  end (engine);
}

/* The last one, after all steps, likewise; a run that was stopped in it can be ended by Skip. */
static void
test_the_last_one_is_put_off (void)
{
  Engine *engine = begin ();
  g_autofree char *recipe = slow_recipe (engine, 4, 0), *run = engine_start (engine, recipe);

  wait_for_probe (engine);
  command (engine, eid_wire_engine_call_pause_sync, "paused");
  command (engine, eid_wire_engine_call_continue_sync, "running");
  wait_for_probe (engine);
  command (engine, eid_wire_engine_call_stop_sync, "done");
  g_assert_cmpuint (resume (engine, run), ==, 4);
  wait_for_probe (engine);
  g_assert_cmpuint (count_skipped (engine), ==, 0);
  g_assert_true (skip (engine));
  engine_wait (engine, engine_is_in, "done");
  g_assert_cmpuint (count_skipped (engine), ==, 1);
  end (engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/evaluation/skip", test_skip);
  g_test_add_func ("/wire/evaluation/pause-and-stop-put-it-off", test_pause_and_stop_put_it_off);
  g_test_add_func ("/wire/evaluation/the-last-one-is-put-off", test_the_last_one_is_put_off);
  return g_test_run ();
}
