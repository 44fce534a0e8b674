/* replace.c: the code of an objective is replaced while it trains, over a real engine.
 * $EIDOSCOPE_REPLACED holds it in several states of being written.
 */
#include "engine.h"

#include "store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *
sample (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".so", NULL);

  return g_build_filename (g_getenv ("EIDOSCOPE_REPLACED"), file, NULL);
}

static void
copy_file (const char *from, const char *to, const char *tail)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) all = NULL;
  gsize length;

  g_file_get_contents (from, &bytes, &length, &error);
  g_assert_no_error (error);
  all = g_string_new_len (bytes, (gssize) length);
  g_string_append (all, tail);
  g_file_set_contents (to, all->str, (gssize) all->len, &error);
  g_assert_no_error (error);
}

static char *
recipe (Engine *engine, guint steps)
{
  return g_strdup_printf (
      "[Run]\ntitle = Replaced\nsteps = %u\nbatch = 16\nseed = 3\ncheckpoint-every = 5\n"
      "evaluate-every = 0\nmoments = 0\n"
      "[Dataset]\nreader = idx\npath = %s\nsize = 16\n"
      "[Encoder]\nplugin = vit\npatch = 4\nwidth = 16\ndepth = 1\nheads = 2\n"
      "[Objective]\nplugin = replaced\n"
      "[Evaluate]\nhealth-every = 100000\ntrain-limit = 60\ntest-limit = 30\nprobe-epochs = 1\n",
      steps, engine->world->data);
}

static Engine *
begin (guint steps, char **run)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *text = recipe (engine, steps);
  g_autoptr (GError) error = NULL;

  /* Its first steps are made one by one. */
  *run = engine_start (engine, text);
  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "paused");
  return engine;
}

static guint64
step_of (Engine *engine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) timeline = NULL;
  guint64 step = 0;

  eid_wire_engine_call_timeline_sync (engine->proxy, &timeline, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (timeline, "step", "t", &step));
  return step;
}

static void
step_to (Engine *engine, guint64 step)
{
  while (step_of (engine) < step)
    {
      const guint before = engine->progresses;
      g_autoptr (GError) error = NULL;

      eid_wire_engine_call_step_sync (engine->proxy, NULL, &error);
      g_assert_no_error (error);
      while (engine->progresses == before || !engine_is_in (engine, "paused"))
        g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (step_of (engine), ==, step);
}

static void
run_out (Engine *engine)
{
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_continue_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "done");
}

static GVariant *
replace (Engine *engine, const char *file)
{
  g_autoptr (GError) error = NULL;
  GVariant *report = NULL;

  eid_wire_engine_call_replace_sync (engine->proxy, file, &report, NULL, &error);
  g_assert_no_error (error);
  return report;
}

static GVariant *
replace_by (Engine *engine, const char *name)
{
  g_autofree char *file = sample (name);

  return replace (engine, file);
}

static void
refuse (Engine *engine, const char *name, const char *sentence)
{
  g_autofree char *file = sample (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) report = NULL;

  g_assert_false (eid_wire_engine_call_replace_sync (engine->proxy, file, &report, NULL, &error));
  g_dbus_error_strip_remote_error (error);
  if (strstr (error->message, sentence) == NULL)
    g_test_message ("%s: %s", name, error->message);
  g_assert_nonnull (strstr (error->message, sentence));
}

/* --- What came of a run ------------------------------------------------------------- */

typedef struct
{
  EidSafetensors *state;
  GArray *losses; /* EidPoint */
} Outcome;

static Outcome
outcome_read (const char *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRun) opened = eid_run_open (run, FALSE, &error);
  Outcome outcome = { 0 };
  guint64 step;

  g_assert_no_error (error);
  outcome.state = eid_run_newest_checkpoint (opened, &step, NULL, &error);
  g_assert_no_error (error);
  outcome.losses = eid_run_metric_series (opened, "loss", &error);
  g_assert_no_error (error);
  return outcome;
}

static void
outcome_clear (Outcome *outcome)
{
  eid_safetensors_free (outcome->state);
  g_array_unref (outcome->losses);
}

static void
assert_same (const Outcome *a, const Outcome *b)
{
  g_assert_cmpuint (a->losses->len, ==, b->losses->len);
  for (guint i = 0; i < a->losses->len; i++)
    g_assert_cmpfloat (g_array_index (a->losses, EidPoint, i).value, ==,
                       g_array_index (b->losses, EidPoint, i).value);
  g_assert_cmpuint (eid_safetensors_count (a->state), ==, eid_safetensors_count (b->state));
  for (guint i = 0; i < eid_safetensors_count (a->state); i++)
    {
      const EidSafetensor *one = eid_safetensors_get (a->state, i);
      const EidSafetensor *other = eid_safetensors_find (b->state, one->name);

      g_assert_nonnull (other);
      if (memcmp (one->data, other->data, one->bytes) != 0)
        g_test_message ("%s differs", one->name);
      g_assert_cmpmem (one->data, one->bytes, other->data, other->bytes);
    }
}

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
  refuse (engine, "not-finite", "is not finite");
  refuse (engine, "wrong-shape", "matmul");
  refuse (engine, "unbuilt", "even more odd");
  step_to (engine, 5);
  refuse (engine, "other", "“another” is not the objective that this run trains");
  refuse (engine, "missing", "cannot be read");
  run_out (engine);
  outcome = outcome_read (run);
  assert_same (&outcome, undisturbed ());
  outcome_clear (&outcome);
  /* Of what failed nothing is kept. */
  code = g_build_filename (run, "code", NULL);
  dir = g_dir_open (code, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    files++;
  g_assert_cmpuint (files, ==, 1);
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
  text = recipe (engine, 200);
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

/* --- A hundred in a row --------------------------------------------------------------- */

typedef struct
{
  guint64 resident; /* bytes                                   */
  guint files;      /* open                                    */
  guint mapped;     /* of code                                 */
  guint64 device;   /* bytes in use, as Progress told it last  */
} Footprint;

static guint64 device_bytes;

static void
on_memory (EidWireEngine *proxy, GVariant *report, gpointer user_data)
{
  g_assert_true (g_variant_lookup (report, "memory", "t", &device_bytes));
}

static Footprint
footprint (Engine *engine)
{
  const char *pid = g_subprocess_get_identifier (engine->process);
  g_autofree char *statm = g_strdup_printf ("/proc/%s/statm", pid),
                  *maps = g_strdup_printf ("/proc/%s/maps", pid);
  g_autofree char *fds = g_strdup_printf ("/proc/%s/fd", pid), *numbers = NULL, *text = NULL;
  g_autoptr (GDir) dir = g_dir_open (fds, 0, NULL);
  g_autoptr (GHashTable) mapped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = NULL;
  Footprint now = { .device = device_bytes };

  g_assert_true (g_file_get_contents (statm, &numbers, NULL, NULL));
  g_assert_true (g_file_get_contents (maps, &text, NULL, NULL));
  now.resident = g_ascii_strtoull (strchr (numbers, ' '), NULL, 10) * 4096;
  while (g_dir_read_name (dir) != NULL)
    now.files++;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "/run/code/") != NULL)
      g_hash_table_add (mapped, g_strdup (strchr (lines[i], '/')));
  now.mapped = g_hash_table_size (mapped);
  return now;
}

static void
test_hundred (void)
{
  g_autofree char *run = NULL;
  Engine *engine = begin (100000, &run);
  Footprint early = { 0 }, late;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) series = NULL, losses = NULL;
  double slowest = 0;

  g_signal_connect (engine->proxy, "progress", G_CALLBACK (on_memory), NULL);
  step_to (engine, 1);
  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("new-%u.so", i), *tail = g_strdup_printf ("%u", i);
      g_autofree char *file = tiny_path (engine->world, name), *from = sample (i % 2 ? "wider" : "same");
      const gint64 started = g_get_monotonic_time ();
      g_autoptr (GVariant) report = NULL;

      copy_file (from, file, tail); /* other bytes each time: another shared object to the loader */
      report = replace (engine, file);
      step_to (engine, 1 + i);
      slowest = MAX (slowest, (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC);
      if (i == 20)
        early = footprint (engine);
    }
  late = footprint (engine);
  g_test_message (
      "after 20 and 100: %.1f and %.1f MiB resident, %u and %u files open, %u and %u of code mapped, "
      "%" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT " device bytes; slowest %.2f s",
      (double) early.resident / 1048576, (double) late.resident / 1048576, early.files, late.files,
      early.mapped, late.mapped, early.device, late.device, slowest);
  g_assert_cmpuint (late.files, ==, early.files);
  g_assert_cmpuint (late.mapped, ==, early.mapped);
  g_assert_cmpuint (late.mapped, <=, 1);
  g_assert_cmpuint (late.device, ==, early.device);
  g_assert_cmpuint (late.resident, <, early.resident + 16 * 1024 * 1024);

  eid_wire_engine_call_history_sync (engine->proxy, &series, NULL, &error);
  g_assert_no_error (error);
  losses = g_variant_lookup_value (series, "loss", G_VARIANT_TYPE ("a(td)"));
  g_assert_cmpuint (g_variant_n_children (losses), ==, 101);
  for (gsize i = 0; i < g_variant_n_children (losses); i++)
    {
      double loss;

      g_variant_get_child (losses, i, "(td)", NULL, &loss);
      g_assert_true (isfinite (loss));
    }
  eid_wire_engine_call_stop_sync (engine->proxy, NULL, NULL);
  engine_free (engine);
}

/* --- From a saved source to code that trains ----------------------------------------- */

#define SECONDS 3.0 /* of a machine at rest */
#define LINES   150

/* The sample's source with functions that nobody calls, until it has so many lines. */
static char *
long_source (Engine *engine)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) all = NULL;
  char *file = tiny_path (engine->world, "replaced.c");
  guint lines = 0;

  g_assert_true (g_file_get_contents (g_getenv ("EIDOSCOPE_REPLACED_SOURCE"), &text, NULL, NULL));
  for (const char *c = text; *c; c++)
    lines += *c == '\n';
  all = g_string_new (NULL);
  for (guint i = 0; lines < LINES; i++, lines += 5)
    g_string_append_printf (all,
                            "#include <eidoscope.h>\n"
                            "EidTensor *extra_%u (EidTensor *x);\n"
                            "EidTensor *extra_%u (EidTensor *x) {\n"
                            "  return eid_scale (eid_exp (eid_normalize (x)), %u);\n}\n",
                            i, i, i);
  g_string_append (all, text);
  g_assert_true (g_file_set_contents (file, all->str, -1, NULL));
  return file;
}

/* Other work on the machine makes everything as much slower as there is of it for a core. */
static double
allowance (void)
{
  double load = 0;

  if (getloadavg (&load, 1) != 1)
    load = 0;
  return SECONDS * MAX (1, 1 + load / g_get_num_processors ());
}

static void
test_from_source (void)
{
  g_autofree char *run = NULL, *source = NULL, *file = NULL, *command = NULL;
  Engine *engine = begin (100000, &run);
  g_autoptr (GVariant) report = NULL;
  double compiled, all;
  gint64 started;
  int status;

  step_to (engine, 3);
  source = long_source (engine);
  file = tiny_path (engine->world, "built.so");
  command = g_strdup_printf (
      "${CC:-cc} -shared -fPIC -O2 -g -o %s %s $(pkg-config --cflags --libs eidoscope) -lm", file, source);
  started = g_get_monotonic_time ();
  g_assert_true (g_spawn_sync (NULL, (char *[]){ "sh", "-c", command, NULL }, NULL, G_SPAWN_SEARCH_PATH, NULL,
                               NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  compiled = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  report = replace (engine, file);
  step_to (engine, 4);
  all = (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC;
  g_test_message ("saved source of %d lines to its first step: %.2f s, of which the compiler %.2f s", LINES,
                  all, compiled);
  g_test_minimized_result (all, "seconds from a saved source to its first step");
  g_assert_cmpfloat (all, <, allowance ());
  eid_wire_engine_call_stop_sync (engine->proxy, NULL, NULL);
  engine_free (engine);
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
  g_test_add_func ("/replace/hundred", test_hundred);
  g_test_add_func ("/replace/from-source", test_from_source);
  status = g_test_run ();
  g_unlink (file);
  g_rmdir (folder);
  return status;
}
