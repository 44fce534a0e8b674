/* steer.c: going back in a run and out of it, over a real engine: edits undone, states
 * saved, branches, and the past as its views showed it.
 */
#include "tests/wire/engine.h"

#include <glib/gstdio.h>
#include <string.h>

/* The tiny recipe with other [Run] keys. Free. */
static char *
recipe_with (Engine *engine, const char *run_keys)
{
  g_autofree char *text = tiny_recipe_text (engine->world->data);
  g_autoptr (GRegex) regex =
      g_regex_new ("steps = 24\n|checkpoint-every = 4\n|evaluate-every = 12\n", 0, 0, NULL);
  g_autofree char *rest = g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);

  return g_strdup_printf ("[Run]\n%s%s", run_keys, rest + strlen ("[Run]\n"));
}

#define SHORT "steps = 120\ncheckpoint-every = 10\nevaluate-every = 0\nmoment-every = 10\n"
#define LONG  "steps = 100000\ncheckpoint-every = 10\nevaluate-every = 0\nmoment-every = 10\n"

static void
set (Engine *engine, const char *section, const char *key, const char *value)
{
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_set_sync (engine->proxy, section, key, value, NULL, &error);
  g_assert_no_error (error);
}

static guint64
pause_now (Engine *engine)
{
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "paused");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return engine->step;
}

static void
go_on (Engine *engine)
{
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_continue_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
}

static void
wait_past (Engine *engine, guint64 step)
{
  engine_wait (engine, engine_has_stepped_past, &step);
}

static guint64
undo (Engine *engine, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *edit = NULL;
  guint64 step = 0;

  eid_wire_engine_call_undo_sync (engine->proxy, "", "", &step, &edit, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (edit, ==, expected);
  engine->step = 0;
  return step;
}

static GVariant *
timeline (Engine *engine)
{
  g_autoptr (GError) error = NULL;
  GVariant *timeline = NULL;

  eid_wire_engine_call_timeline_sync (engine->proxy, &timeline, NULL, &error);
  g_assert_no_error (error);
  return timeline;
}

static gboolean
recipe_says (Engine *engine, const char *line)
{
  g_autoptr (GVariant) now = timeline (engine);
  const char *recipe = NULL;

  g_assert_true (g_variant_lookup (now, "recipe", "&s", &recipe));
  return strstr (recipe, line) != NULL;
}

/* How many events of @kind there are under @key: "events", "undone". */
static guint
count_events (Engine *engine, const char *key, const char *kind)
{
  g_autoptr (GVariant) now = timeline (engine);
  g_autoptr (GVariant) events = g_variant_lookup_value (now, key, G_VARIANT_TYPE ("a(txss)"));
  guint count = 0;

  g_assert_nonnull (events);
  for (gsize i = 0; i < g_variant_n_children (events); i++)
    {
      const char *found;

      g_variant_get_child (events, i, "(tx&s&s)", NULL, NULL, &found, NULL);
      count += g_str_equal (found, kind);
    }
  return count;
}

/* Of the first event of that kind, or NULL. */
static char *
event_text (Engine *engine, const char *kind)
{
  g_autoptr (GVariant) now = timeline (engine);
  g_autoptr (GVariant) events = g_variant_lookup_value (now, "events", G_VARIANT_TYPE ("a(txss)"));

  for (gsize i = 0; events && i < g_variant_n_children (events); i++)
    {
      const char *found, *text;
      g_autoptr (GVariant) event = g_variant_get_child_value (events, i);

      g_variant_get (event, "(tx&s&s)", NULL, NULL, &found, &text);
      if (g_str_equal (found, kind))
        return g_strdup (text);
    }
  return NULL;
}

static char *
checkpoint_file (const char *run, guint64 step)
{
  g_autofree char *name = g_strdup_printf ("%" G_GUINT64_FORMAT ".safetensors", step);

  return g_build_filename (run, "checkpoints", name, NULL);
}

static char *
read_all (const char *file, gsize *length)
{
  g_autoptr (GError) error = NULL;
  char *contents;

  g_file_get_contents (file, &contents, length, &error);
  g_assert_no_error (error);
  return contents;
}

/* A run whose edits were all undone ends with the bits of one that had none; an edit
 * undone alone leaves those before it to be made again at their step.         */
static void
test_undo_gives_the_same_bits (void)
{
  Engine *engine = engine_new (OVER_SOCKET), *other = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_with (engine, SHORT);
  g_autofree char *run = engine_start (engine, recipe), *untouched = NULL;
  g_autofree char *place = tiny_path (engine->world, "untouched");
  g_autofree char *one = checkpoint_file (run, 120), *two = checkpoint_file (place, 120);
  g_autofree char *edited = NULL, *plain = NULL;
  g_autoptr (GError) error = NULL;
  gsize edited_length, plain_length;
  guint64 paused, back;

  wait_past (engine, 22);
  paused = pause_now (engine);
  set (engine, "Optimizer", "lr", "0.01");
  set (engine, "Optimizer", "clip", "0.5");
  set (engine, "Optimizer", "clip", "0.5"); /* no edit */
  go_on (engine);
  wait_past (engine, paused + 15);

  back = undo (engine, "Optimizer.clip: 3.0 → 0.5");
  /* Each edit made a checkpoint first: nothing is lost of what was trained before it. */
  g_assert_cmpuint (back, ==, paused);
  wait_past (engine, paused + 2);
  g_assert_true (recipe_says (engine, "lr=0.01"));
  g_assert_true (recipe_says (engine, "clip=3.0"));
  g_assert_cmpuint (count_events (engine, "events", "edit"), ==, 1);
  g_assert_cmpuint (count_events (engine, "undone", "edit"), ==, 1);

  g_assert_cmpuint (undo (engine, "Optimizer.lr: 1e-3 → 0.01"), ==, back);
  g_assert_true (recipe_says (engine, "lr=1e-3"));
  engine_wait (engine, engine_is_in, "done");

  eid_wire_engine_call_start_sync (other->proxy, recipe, "", place, &untouched, NULL, &error);
  g_assert_no_error (error);
  engine_wait (other, engine_is_in, "done");
  edited = read_all (one, &edited_length);
  plain = read_all (two, &plain_length);
  g_assert_cmpmem (edited, edited_length, plain, plain_length);

  g_assert_cmpint (engine_free (other), ==, 0);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* A paused run is paused after the undo; without an edit it says that there is none. */
static void
test_undo_keeps_a_pause (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_with (engine, LONG);
  g_autofree char *run = engine_start (engine, recipe), *edit = NULL;
  g_autoptr (GError) error = NULL;
  guint64 step;

  wait_past (engine, 12);
  pause_now (engine);
  set (engine, "Optimizer", "lr", "0.01");
  undo (engine, "Optimizer.lr: 1e-3 → 0.01");
  engine_wait (engine, engine_is_in, "paused");
  g_assert_false (eid_wire_engine_call_undo_sync (engine->proxy, "", "", &step, &edit, NULL, &error));
  g_assert_nonnull (strstr (error->message, "no edit"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* Another engine than the one that was lost takes a run up without its last edit. */
static void
test_undo_after_a_crash (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_with (engine, LONG), *run = engine_start (engine, recipe), *edit = NULL;
  g_autoptr (GError) error = NULL;
  TinyWorld *world;
  guint64 step = 0, paused;
  int status;

  wait_past (engine, 12);
  paused = pause_now (engine);
  set (engine, "Optimizer", "lr", "0.01");
  g_subprocess_send_signal (engine->process, SIGKILL);
  world = engine_leave (engine, &status);

  engine = engine_new_in (world, OVER_SOCKET);
  eid_wire_engine_call_undo_sync (engine->proxy, run, "", &step, &edit, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (edit, ==, "Optimizer.lr: 1e-3 → 0.01");
  g_assert_cmpuint (step, ==, paused);
  wait_past (engine, paused + 2);
  g_assert_true (recipe_says (engine, "lr=1e-3"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static guint64
told_step (Engine *engine)
{
  g_autoptr (GVariant) now = timeline (engine);
  guint64 step = 0;

  g_assert_true (g_variant_lookup (now, "step", "t", &step));
  return step;
}

/* The health of a step that was gone back to: the look at it or before it. */
static guint64
health_at (Engine *engine, guint64 at)
{
  g_autoptr (GVariant) health = NULL;
  GVariantBuilder options;
  guint64 step = 0, looked = 1;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "at", g_variant_new_uint64 (at));
  health = engine_look (engine, EID_WIRE_VIEW_HEALTH, g_variant_builder_end (&options), 0, &step, NULL);
  g_assert_true (g_variant_lookup (health, "step", "t", &looked));
  g_assert_cmpuint (looked, ==, step);
  return step;
}

/* A run that is opened makes no step, and loses nothing that it has; what can be seen of it can be seen. */
static void
test_open_trains_nothing (void)
{
  Engine *engine = engine_new (OVER_SOCKET), *second = NULL;
  g_autofree char *plain = recipe_with (engine, LONG);
  g_auto (GStrv) halves = g_strsplit (plain, "[Evaluate]\n", 2);
  g_autofree char *recipe = g_strconcat (halves[0], "[Evaluate]\nhealth-every = 10\n", halves[1], NULL);
  g_autofree char *run = engine_start (engine, recipe);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) series = NULL;
  guint64 stopped, step = 0;
  TinyWorld *world;
  int status;

  wait_past (engine, 32);
  eid_wire_engine_call_stop_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  stopped = told_step (engine);
  world = engine_leave (engine, &status);
  g_assert_cmpint (status, ==, 0);

  second = engine_new_in (world, OVER_SOCKET);
  eid_wire_engine_call_open_sync (second->proxy, run, "", &step, NULL, &error);
  g_assert_no_error (error);
  engine_wait (second, engine_is_in, "done");
  g_assert_cmpuint (step, ==, stopped);
  g_assert_cmpuint (told_step (second), ==, stopped);
  g_assert_cmpuint (health_at (second, 25), ==, 20);
  g_assert_cmpuint (health_at (second, 0), ==, 0);
  eid_wire_engine_call_history_sync (second->proxy, &series, NULL, &error);
  g_assert_no_error (error);
  {
    g_autoptr (GVariant) loss = g_variant_lookup_value (series, "loss", G_VARIANT_TYPE ("a(td)"));
    g_assert_cmpuint (g_variant_n_children (loss), ==, stopped);
  }
  /* No step is made of itself; a command of training is refused, and Resume goes on. */
  g_assert_false (eid_wire_engine_call_continue_sync (second->proxy, NULL, &error));
  g_clear_error (&error);
  g_assert_cmpuint (told_step (second), ==, stopped);
  eid_wire_engine_call_resume_sync (second->proxy, run, "", &step, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (step, ==, stopped);
  wait_past (second, stopped + 2);
  g_assert_cmpint (engine_free (second), ==, 0);
}

static guint64
look_at (Engine *engine, guint64 at, GVariant **picture)
{
  GVariantBuilder options;
  guint64 step = 0;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "at", g_variant_new_uint64 (at));
  *picture = engine_look (engine, EID_WIRE_VIEW_ATTENTION, g_variant_builder_end (&options), 0, &step, NULL);
  return step;
}

/* The past is shown as it was, while the run goes on and after it was opened from the disk,
 * with its verdict; what was saved by hand is there at once and stays.        */
static void
test_moments_and_saves (void)
{
  Engine *engine = engine_new (OVER_SOCKET), *second = NULL;
  g_autofree char *recipe = recipe_with (engine, SHORT);
  g_autofree char *run = engine_start (engine, recipe), *saved = NULL;
  g_autoptr (GVariant) early = NULL, first = NULL, late = NULL, again = NULL, now = NULL, health = NULL;
  g_autoptr (GError) error = NULL;
  guint64 step = 0;

  wait_past (engine, 32);
  g_assert_cmpuint (look_at (engine, 25, &early), ==, 20);
  g_assert_cmpuint (look_at (engine, 3, &first), ==, 10);
  g_assert_false (g_variant_equal (early, first));
  pause_now (engine);
  g_assert_true (eid_wire_engine_call_save_sync (engine->proxy, &step, NULL, &error));
  g_assert_no_error (error);
  saved = checkpoint_file (run, step);
  g_assert_true (g_file_test (saved, G_FILE_TEST_EXISTS));
  go_on (engine);
  engine_wait (engine, engine_is_in, "done");
  g_assert_true (g_file_test (saved, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (look_at (engine, G_MAXUINT64, &late), ==, 120);

  second = engine_new (OVER_SOCKET);
  eid_wire_engine_call_resume_sync (second->proxy, run, "", &step, NULL, &error);
  g_assert_nonnull (error); /* it is still the other engine's */
  g_clear_error (&error);
  eid_wire_engine_call_start_sync (engine->proxy, "[Run]\n", "", "", NULL, NULL, NULL); /* lets go of it */
  eid_wire_engine_call_resume_sync (second->proxy, run, "", &step, NULL, &error);
  g_assert_no_error (error);
  engine_wait (second, engine_is_in, "done");
  g_assert_cmpuint (second->evaluations, ==, 1); /* told, not measured again: the history has one */
  g_assert_cmpuint (look_at (second, 25, &again), ==, 20);
  g_assert_true (g_variant_equal (early, again));
  now = timeline (second);
  health = g_variant_lookup_value (now, "health", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (health);
  g_assert_true (g_variant_lookup (health, "step", "t", &step));
  g_assert_cmpuint (count_events (second, "events", "evaluation"), ==, 1);
  g_assert_cmpint (engine_free (second), ==, 0);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static guint
count_of (GVariant *picture, const char *key)
{
  guint value = 0;

  g_variant_lookup (picture, key, "u", &value);
  return value;
}

static gsize
bytes_of (GVariant *picture, const char *key)
{
  g_autoptr (GVariant) pixels = g_variant_lookup_value (picture, key, G_VARIANT_TYPE_BYTESTRING);

  return pixels != NULL ? g_variant_get_size (pixels) : 0;
}

/* What is gone back to has as many pictures as what is there now, and as large ones, though less is kept. */
static void
test_the_past_has_number_and_size_of_the_present (void)
{
  static const struct
  {
    const char *view, *pixels;
  } views[] = {
    { EID_WIRE_VIEW_AUGMENTATIONS, "sources" },
    { EID_WIRE_VIEW_AUGMENTATIONS, "pixels" },
    { EID_WIRE_VIEW_RECONSTRUCTION, "honest" },
    { EID_WIRE_VIEW_ATTENTION, "images" },
  };
  static const char *const counts[] = { "count", "size", "view-size", "patch", "grid" };
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *plain =
      recipe_with (engine, "steps = 12\ncheckpoint-every = 10\nevaluate-every = 0\nmoment-every = 4\n");
  g_autofree char *run = NULL;
  GString *recipe = g_string_new (plain);

  g_assert_cmpuint (g_string_replace (recipe, "size = 16\n", "size = 160\n", 1), ==, 1);
  g_assert_cmpuint (g_string_replace (recipe, "patch = 4\n", "patch = 20\n", 1), ==, 1);
  run = engine_start (engine, recipe->str);
  engine_wait (engine, engine_is_in, "done");
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_autoptr (GVariant) past = NULL, now = NULL;
      GVariantDict options;
      guint64 step = 0;

      g_variant_dict_init (&options, NULL);
      g_variant_dict_insert (&options, "at", "t", (guint64) 5);
      past = engine_look (engine, views[i].view, g_variant_dict_end (&options), 0, &step, NULL);
      g_assert_cmpuint (step, ==, 4);
      now = engine_look (engine, views[i].view, NULL, 0, &step, NULL);
      g_assert_cmpuint (step, ==, 12);
      for (guint j = 0; j < G_N_ELEMENTS (counts); j++)
        g_assert_cmpuint (count_of (past, counts[j]), ==, count_of (now, counts[j]));
      g_assert_cmpuint (count_of (past, "size"), ==, 160);
      g_assert_cmpuint (bytes_of (past, views[i].pixels), >, 0);
      g_assert_cmpuint (bytes_of (past, views[i].pixels), ==, bytes_of (now, views[i].pixels));
    }
  g_string_free (recipe, TRUE);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static char *
first_told (Engine *engine, const char *prefix)
{
  g_autoptr (GVariant) now = timeline (engine);
  g_auto (GStrv) told = NULL;

  g_assert_true (g_variant_lookup (now, "told", "^as", &told));
  for (guint i = 0; told[i] != NULL; i++)
    if (g_str_has_prefix (told[i], prefix))
      return g_strdup (told[i]);
  return NULL;
}

/* What was decided as the run was made is said while it runs, and can be read when it is opened again. */
static void
test_what_was_decided_is_said (void)
{
  Engine *engine = engine_new (OVER_SOCKET), *second = NULL;
  g_autofree char *recipe = recipe_with (engine, SHORT);
  g_autofree char *run = engine_start (engine, recipe);
  g_autofree char *data = first_told (engine, "Data: "),
                  *decided = first_told (engine, "Pictures are normalised");
  g_autofree char *kept = event_text (engine, "note"), *again = NULL, *data_again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (data);
  g_assert_nonnull (decided);
  g_assert_cmpstr (kept, ==, decided);
  engine_wait (engine, engine_is_in, "done");
  eid_wire_engine_call_start_sync (engine->proxy, "[Run]\n", "", "", NULL, NULL, NULL); /* lets go of it */
  second = engine_new (OVER_SOCKET);
  g_assert_true (eid_wire_engine_call_open_sync (second->proxy, run, "", NULL, NULL, &error));
  g_assert_no_error (error);
  again = event_text (second, "note");
  data_again = first_told (second, "Data: ");
  g_assert_cmpstr (again, ==, decided);
  g_assert_cmpstr (data_again, ==, data);
  g_assert_cmpint (engine_free (second), ==, 0);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* A branch goes on from the checkpoint with the changed recipe and the history up to there;
 * its parent is saved and left as it is; what does not fit is refused.        */
static void
test_branch (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_with (engine, LONG);
  g_autofree char *run = engine_start (engine, recipe), *branch = NULL, *none = NULL;
  g_autofree char *place = tiny_path (engine->world, "branch"), *started = NULL, *kept = NULL;
  g_autofree char *deeper = NULL, *slower = NULL, *changes = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) picture = NULL;
  guint64 step = 0, start = 0;
  char **halves;

  wait_past (engine, 22);
  pause_now (engine);
  g_assert_true (eid_wire_engine_call_save_sync (engine->proxy, &step, NULL, &error));
  go_on (engine);
  wait_past (engine, step + 20);

  halves = g_strsplit (recipe, "depth = 2", 2);
  deeper = g_strjoin ("depth = 3", halves[0], halves[1], NULL);
  g_strfreev (halves);
  g_assert_false (
      eid_wire_engine_call_branch_sync (engine->proxy, step, deeper, place, &none, &start, NULL, &error));
  g_assert_nonnull (strstr (error->message, "blocks.2"));
  g_clear_error (&error);
  g_assert_false (
      eid_wire_engine_call_branch_sync (engine->proxy, 1, "", place, &none, &start, NULL, &error));
  g_assert_nonnull (strstr (error->message, "no checkpoint"));
  g_clear_error (&error);
  g_assert_false (g_file_test (place, G_FILE_TEST_EXISTS));
  g_assert_true (engine_is_in (engine, "running"));

  halves = g_strsplit (recipe, "warmup = 4", 2);
  slower = g_strjoin ("warmup = 4\nlr = 0.0001", halves[0], halves[1], NULL);
  g_strfreev (halves);
  g_assert_true (
      eid_wire_engine_call_branch_sync (engine->proxy, step, slower, place, &branch, &start, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (branch, ==, place);
  g_assert_cmpuint (start, ==, step);
  started = checkpoint_file (place, step);
  kept = checkpoint_file (run, step);
  g_assert_true (g_file_test (started, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_assert_true (recipe_says (engine, "lr=0.0001"));
  g_assert_cmpuint (count_events (engine, "events", "branch"), ==, 1);
  changes = event_text (engine, "branch");
  g_assert_true (g_str_has_suffix (changes, ": lr 1e-3 → 0.0001")); /* and nothing that nobody changed */
  g_assert_cmpuint (look_at (engine, 12, &picture), ==, 10);
  engine->step = 0;
  wait_past (engine, step + 5);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* That one is there, so it can be branched from: to save the present must not cost it. */
static void
test_branch_from_the_oldest (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_with (engine, LONG), *run = engine_start (engine, recipe), *branch = NULL;
  g_autoptr (GVariant) now = NULL, list = NULL;
  g_autoptr (GError) error = NULL;
  guint64 oldest = G_MAXUINT64, start = 0, step;
  GVariantIter each;

  wait_past (engine, 55);
  pause_now (engine);
  now = timeline (engine);
  list = g_variant_lookup_value (now, "checkpoints", G_VARIANT_TYPE ("at"));
  g_assert_cmpuint (g_variant_n_children (list), >=, 3);
  g_variant_iter_init (&each, list);
  while (g_variant_iter_next (&each, "t", &step))
    oldest = MIN (oldest, step);
  g_assert_true (
      eid_wire_engine_call_branch_sync (engine->proxy, oldest, "", "", &branch, &start, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (start, ==, oldest);
  g_assert_cmpstr (branch, !=, run);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/steer/undo-gives-the-same-bits", test_undo_gives_the_same_bits);
  g_test_add_func ("/wire/steer/undo-keeps-a-pause", test_undo_keeps_a_pause);
  g_test_add_func ("/wire/steer/undo-after-a-crash", test_undo_after_a_crash);
  g_test_add_func ("/wire/steer/open-trains-nothing", test_open_trains_nothing);
  g_test_add_func ("/wire/steer/moments-and-saves", test_moments_and_saves);
  g_test_add_func ("/wire/steer/the-past-has-number-and-size-of-the-present",
                   test_the_past_has_number_and_size_of_the_present);
  g_test_add_func ("/wire/steer/branch", test_branch);
  g_test_add_func ("/wire/steer/branch-from-the-oldest", test_branch_from_the_oldest);
  g_test_add_func ("/wire/steer/what-was-decided-is-said", test_what_was_decided_is_said);
  return g_test_run ();
}
