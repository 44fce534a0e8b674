/* replace.c: the code of a plugin is replaced while it trains, over a real engine.
 * $EIDOSCOPE_REPLACED holds an objective in several states of being written,
 * $EIDOSCOPE_ENCODERS the encoders that come with the program.
 */
#include "tests/wire/exchange.h"
#include "tests/wire/replace.h"

#include <glib/gstdio.h>
#include <string.h>

/* The run that nobody disturbs, made once. */
static const Outcome *
undisturbed (void)
{
  static Outcome outcome;

  if (outcome.state == NULL)
    {
      g_autofree char *run = NULL;
      Engine *engine = begin (12, &run);

      run_out (engine);
      outcome = outcome_read (run);
      engine_free (engine);
    }
  return &outcome;
}

static void
refuse_sample (Engine *engine, const char *name, const char *sentence)
{
  g_autofree char *file = sample (name);

  refuse (engine, file, sentence);
}

/* --- Tests ------------------------------------------------------------------------------ */

/* Weights, queue and moments go over bit by bit: a run in which the same code took the place of itself is
 * the run in which nothing happened. */
static void
test_same_code (void)
{
  g_autofree char *run = NULL;
  Engine *engine = begin (12, &run);
  g_autoptr (GVariant) report = NULL;
  Outcome outcome;
  g_auto (GStrv) fresh = NULL, dropped = NULL;
  guint32 kept = 0;
  guint64 step = 0;

  step_to (engine, 7);
  report = replace_by (engine, "same");
  g_assert_true (g_variant_lookup (report, "kept", "u", &kept));
  g_assert_true (g_variant_lookup (report, "step", "t", &step));
  g_assert_true (g_variant_lookup (report, "new", "^as", &fresh));
  g_assert_true (g_variant_lookup (report, "dropped", "^as", &dropped));
  g_assert_cmpuint (step, ==, 7);
  g_assert_cmpuint (kept, >, 10);
  g_assert_cmpuint (g_strv_length (fresh) + g_strv_length (dropped), ==, 0);
  g_assert_cmpuint (step_of (engine), ==, 7); /* it rests where it rested */
  engine_wait (engine, engine_has_told, "code Code of replaced replaced at step 7");
  run_out (engine);
  outcome = outcome_read (run);
  g_assert_nonnull (strstr (eid_safetensors_metadata (outcome.state, "code.objective"), "same-"));
  assert_same (&outcome, undisturbed ());
  outcome_clear (&outcome);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* New tensors begin as build() makes them, those that are gone are dropped, values of parameters that are
 * still there stay; and an undo leads back to the code of before. */
static void
test_other_tensors (void)
{
  g_autofree char *run = NULL, *edit = NULL;
  Engine *engine = begin (12, &run);
  g_autoptr (GVariant) report = NULL, timeline = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) fresh = NULL, dropped = NULL;
  const char *text;
  guint64 step = 0;
  Outcome outcome;

  step_to (engine, 3);
  eid_wire_engine_call_set_sync (engine->proxy, "Objective", "temperature", "0.4", NULL, &error);
  g_assert_no_error (error);
  report = replace_by (engine, "wider");
  g_assert_true (g_variant_lookup (report, "new", "^as", &fresh));
  g_assert_true (g_variant_lookup (report, "dropped", "^as", &dropped));
  g_assert_true (g_strv_contains ((const char *const *) fresh, "objective.second.weight"));
  g_assert_true (g_strv_contains ((const char *const *) dropped, "objective.queue.rows"));
  eid_wire_engine_call_timeline_sync (engine->proxy, &timeline, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (timeline, "recipe", "&s", &text));
  g_assert_nonnull (strstr (text, "temperature=0.4"));
  g_assert_nonnull (strstr (text, "weight=0.5"));
  g_assert_null (strstr (text, "output="));
  /* Parameters that came with it are live at once. */
  eid_wire_engine_call_set_sync (engine->proxy, "Objective", "weight", "0.25", NULL, &error);
  g_assert_no_error (error);
  step_to (engine, 6);

  eid_wire_engine_call_undo_sync (engine->proxy, "", "", &step, &edit, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&edit, g_free);
  eid_wire_engine_call_undo_sync (engine->proxy, "", "", &step, &edit, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (edit, "Objective.code: "));
  g_assert_cmpuint (step, ==, 3);
  eid_wire_engine_call_set_sync (engine->proxy, "Objective", "temperature", "0.2", NULL, &error);
  g_assert_no_error (error);
  run_out (engine);
  outcome = outcome_read (run);
  assert_same (&outcome, undisturbed ());
  outcome_clear (&outcome);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* Whoever goes on from before the exchange makes it again, at its step. */
static void
test_made_again (void)
{
  g_autofree char *run = NULL, *copy = NULL;
  Engine *engine = begin (12, &run);
  g_autoptr (GVariant) report = NULL;
  Outcome straight, resumed;
  int status;

  step_to (engine, 7);
  report = replace_by (engine, "wider");
  run_out (engine);
  straight = outcome_read (run);
  /* As after a kill before it: the checkpoints since are not there. */
  copy = tiny_path (engine->world, "copy");
  g_assert_true (g_spawn_sync (NULL, (char *[]){ "cp", "-r", run, copy, NULL }, NULL, G_SPAWN_SEARCH_PATH,
                               NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  for (guint step = 6; step <= 12; step++)
    {
      g_autofree char *name = g_strdup_printf ("%s/checkpoints/%u.safetensors", copy, step);

      g_unlink (name);
    }
  {
    g_auto (TinyResult) result = TINY_RUN (engine->world, "train", "--resume", copy);

    tiny_assert_status (&result, 0);
  }
  resumed = outcome_read (copy);
  assert_same (&straight, &resumed);
  outcome_clear (&straight);
  outcome_clear (&resumed);
  engine_free (engine);
}

/* Whatever is wrong with the new code, the old one goes on as if nothing had happened. */
static void
test_failing (void)
{
  g_autofree char *run = NULL, *code = NULL;
  Engine *engine = begin (12, &run);
  g_autoptr (GDir) dir = NULL;
  Outcome outcome;
  guint files = 0;

  step_to (engine, 4);
  refuse_sample (engine, "not-finite", "is not finite");
  refuse_sample (engine, "wrong-shape", "matmul");
  refuse_sample (engine, "unbuilt", "even more odd");
  step_to (engine, 5);
  refuse_sample (engine, "other", "“another” is not the objective that this run trains");
  refuse_sample (engine, "missing", "cannot be read");
  run_out (engine);
  outcome = outcome_read (run);
  assert_same (&outcome, undisturbed ());
  outcome_clear (&outcome);
  /* Of what failed nothing is kept; what is kept has its seal beside it. */
  code = g_build_filename (run, "code", NULL);
  dir = g_dir_open (code, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    files++;
  g_assert_cmpuint (files, ==, 2);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* Code that crashes takes the engine with it, and no more: the run goes on with the code of before. */
static void
test_crash (void)
{
  g_autofree char *run = NULL, *file = sample ("crash");
  Engine *engine = begin (12, &run);
  g_autoptr (GVariant) report = NULL;
  g_autoptr (GError) error = NULL;
  Outcome outcome;

  step_to (engine, 7);
  g_assert_false (eid_wire_engine_call_replace_sync (engine->proxy, file, &report, NULL, &error));
  {
    g_auto (TinyResult) result = TINY_RUN (engine->world, "train", "--resume", run);

    tiny_assert_status (&result, 0);
  }
  outcome = outcome_read (run);
  assert_same (&outcome, undisturbed ());
  outcome_clear (&outcome);
  engine_free (engine);
}

/* A plugin that is built again between two runs is the new one in the second, in the same engine. */
static void
test_built_again (void)
{
  g_autofree char *run = NULL, *from = sample ("wider"), *second = NULL, *text = NULL, *folder = NULL;
  g_autofree char *installed = g_build_filename (g_getenv ("EIDOSCOPE_PLUGIN_PATH"), "replaced.so", NULL),
                  *half = g_strconcat (installed, "~", NULL), *first = sample ("first");
  Engine *engine = begin (2, &run);
  g_autoptr (GVariant) timeline = NULL;
  g_autoptr (GError) error = NULL;
  const char *recipe_now;

  run_out (engine);
  copy_file (from, half, "");
  g_assert_cmpint (g_rename (half, installed), ==, 0);
  text = exchange_recipe (engine, 200);
  folder = tiny_path (engine->world, "second");
  eid_wire_engine_call_start_sync (engine->proxy, text, "", folder, &second, NULL, &error);
  g_assert_no_error (error);
  eid_wire_engine_call_timeline_sync (engine->proxy, &timeline, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (timeline, "recipe", "&s", &recipe_now));
  g_assert_nonnull (strstr (recipe_now, "weight=0.5"));
  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "paused");
  run_out (engine);
  {
    Outcome outcome = outcome_read (second);

    g_assert_nonnull (eid_safetensors_find (outcome.state, "objective.second.weight"));
    outcome_clear (&outcome);
  }
  copy_file (first, half, "");
  g_assert_cmpint (g_rename (half, installed), ==, 0);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- An encoder ------------------------------------------------------------------------- */

static char *
built_in_encoder (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".so", NULL);

  return g_build_filename (g_getenv ("EIDOSCOPE_ENCODERS"), file, NULL);
}

/* The encoder's code is taken as the objective's is: weights and moments go over bit by bit, and what is
 * another encoder is refused.                                                                        */
static void
test_encoder (void)
{
  g_autofree char *run = NULL, *same = built_in_encoder ("vit"), *other = built_in_encoder ("resnet");
  Engine *engine = begin (12, &run);
  g_autoptr (GVariant) report = NULL;
  g_auto (GStrv) fresh = NULL, dropped = NULL;
  guint32 kept = 0;
  Outcome outcome;

  step_to (engine, 4);
  refuse (engine, other, "“resnet” is not the encoder that this run trains");
  step_to (engine, 6);
  report = replace (engine, same);
  g_assert_true (g_variant_lookup (report, "kept", "u", &kept));
  g_assert_true (g_variant_lookup (report, "new", "^as", &fresh));
  g_assert_true (g_variant_lookup (report, "dropped", "^as", &dropped));
  g_assert_cmpuint (kept, >, 10);
  g_assert_cmpuint (g_strv_length (fresh) + g_strv_length (dropped), ==, 0);
  run_out (engine);
  outcome = outcome_read (run);
  g_assert_nonnull (strstr (eid_safetensors_metadata (outcome.state, "code.encoder"), "vit-"));
  assert_same (&outcome, undisturbed ());
  outcome_clear (&outcome);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-plugins-XXXXXX", &error);
  g_autofree char *file = g_build_filename (folder, "replaced.so", NULL), *from = sample ("first");
  int status;

  g_assert_no_error (error);
  copy_file (from, file, "");
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replace/same-code", test_same_code);
  g_test_add_func ("/replace/other-tensors", test_other_tensors);
  g_test_add_func ("/replace/made-again", test_made_again);
  g_test_add_func ("/replace/failing", test_failing);
  g_test_add_func ("/replace/crash", test_crash);
  g_test_add_func ("/replace/built-again", test_built_again);
  g_test_add_func ("/replace/encoder", test_encoder);
  replace_add_endurance ();
  status = g_test_run ();
  g_unlink (file);
  g_rmdir (folder);
  return status;
}
