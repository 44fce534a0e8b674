/* history.c: what a run keeps of its past beside its curves: edits and how they are
 * undone, moments of the views, and the branch that inherits them.
 */
#include "tests/store/folder.h"

#include "app/store/store.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder, *place;
  EidRecipe *recipe;
  EidRun *run;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = test_folder_new ();
  fixture->place = test_file (fixture->folder, "run");
  fixture->recipe = eid_recipe_parse ("[Dataset]\npath = /data\n", "test.ini", &error);
  g_assert_no_error (error);
  fixture->run = eid_run_create (fixture->place, fixture->recipe, 0, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  eid_run_close (fixture->run);
  eid_recipe_free (fixture->recipe);
  g_free (fixture->place);
  test_folder_remove (fixture->folder);
}

static void
reopen (Fixture *fixture, gboolean writable)
{
  g_autoptr (GError) error = NULL;

  eid_run_close (fixture->run);
  fixture->run = eid_run_open (fixture->place, writable, &error);
  g_assert_no_error (error);
}

/* As the trainer does it: steps with a number each, and a checkpoint at the end. */
static void
train (Fixture *fixture, guint64 from, guint64 to, gboolean save)
{
  static const float value[1] = { 1 };
  const EidSafetensor tensor = { (char *) "a", "F32", 1, { 1 }, 4, value };
  g_autofree char *file = eid_run_checkpoint_file (fixture->run, to);
  g_autoptr (GError) error = NULL;

  for (guint64 step = from + 1; step <= to; step++)
    g_assert_true (eid_run_metric (fixture->run, step, "loss", (double) step, &error));
  if (!save)
    return;
  /* As the trainer does it: what led to a checkpoint is on the disk before it. */
  g_assert_true (eid_run_sync (fixture->run, &error));
  g_assert_true (eid_safetensors_write (file, &tensor, 1, NULL, &error));
  g_assert_true (eid_run_event (fixture->run, to, "checkpoint", file, &error));
  g_assert_true (eid_run_sync (fixture->run, &error));
}

static void
edit (Fixture *fixture, guint64 step, const char *key, const char *before, const char *after)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (eid_run_edit (fixture->run, step, "Optimizer", key, before, after, &error));
  g_assert_no_error (error);
}

static guint64
undo (Fixture *fixture, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint64 step = 99;

  g_assert_true (eid_run_undo (fixture->run, &step, &text, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
  return step;
}

/* "edit@25 checkpoint@30 ": what the run remembers. */
static char *
list (GPtrArray *events)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    g_string_append_printf (text, "%s@%d ", ((EidEvent *) events->pdata[i])->kind,
                            (int) ((EidEvent *) events->pdata[i])->step);
  g_ptr_array_unref (events);
  return g_string_free (text, FALSE);
}

static void
assert_events (Fixture *fixture, const char *standing, const char *undone)
{
  g_autofree char *events = list (eid_run_events (fixture->run, NULL));
  g_autofree char *former = list (eid_run_undone_events (fixture->run, NULL));

  g_assert_cmpstr (events, ==, standing);
  g_assert_cmpstr (former, ==, undone);
}

static guint64
last_step (Fixture *fixture)
{
  g_autoptr (GArray) series = eid_run_metric_series (fixture->run, "loss", NULL);

  return series->len > 0 ? g_array_index (series, EidPoint, series->len - 1).step : 0;
}

static guint64
newest (Fixture *fixture)
{
  g_autoptr (GArray) steps = eid_run_checkpoints (fixture->run);

  return steps->len > 0 ? g_array_index (steps, guint64, 0) : 0;
}

/* --- Edits ------------------------------------------------------------------ */

/* An edit is read back as what a recipe takes, in the form of older versions too. */
static void
test_edit_text (void)
{
  g_autofree char *now = eid_edit_assignment ("Objective.temperature: 0.2 → 0.1");
  g_autofree char *then = eid_edit_assignment ("Objective.temperature=0.1");

  g_assert_cmpstr (now, ==, "Objective.temperature=0.1");
  g_assert_cmpstr (then, ==, "Objective.temperature=0.1");
  g_assert_null (eid_edit_assignment ("nothing of the kind"));
}

/* Undoing goes to the checkpoint before the edit; what came after is kept apart. */
static void
test_undo (Fixture *fixture, gconstpointer data)
{
  train (fixture, 0, 20, TRUE);
  train (fixture, 20, 25, FALSE);
  edit (fixture, 25, "lr", "1e-3", "5e-4");
  train (fixture, 25, 30, TRUE);
  train (fixture, 30, 40, TRUE);

  g_assert_cmpuint (undo (fixture, "Optimizer.lr: 1e-3 → 5e-4"), ==, 20);
  g_assert_cmpuint (last_step (fixture), ==, 20);
  g_assert_cmpuint (newest (fixture), ==, 20);
  assert_events (fixture, "checkpoint@20 undo@20 ", "edit@25 checkpoint@30 checkpoint@40 ");
}

/* A checkpoint of the edit's own step serves where it was written before the edit. */
static void
test_undo_at_a_checkpoint (Fixture *fixture, gconstpointer data)
{
  train (fixture, 0, 10, TRUE);
  edit (fixture, 10, "lr", "1e-3", "5e-4");
  train (fixture, 10, 20, FALSE);
  edit (fixture, 20, "clip", "3", "1");
  train (fixture, 20, 20, TRUE);

  g_assert_cmpuint (undo (fixture, "Optimizer.clip: 3 → 1"), ==, 10);
  g_assert_cmpuint (undo (fixture, "Optimizer.lr: 1e-3 → 5e-4"), ==, 10);
}

/* Without a checkpoint before it the run begins anew; without an edit nothing happens. */
static void
test_undo_to_the_start (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 step;

  edit (fixture, 3, "lr", "1e-3", "5e-4");
  train (fixture, 0, 10, TRUE);
  g_assert_cmpuint (undo (fixture, "Optimizer.lr: 1e-3 → 5e-4"), ==, 0);
  g_assert_cmpuint (last_step (fixture), ==, 0);
  g_assert_cmpuint (newest (fixture), ==, 0);
  g_assert_false (eid_run_undo (fixture->run, &step, NULL, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
}

/* Edits between the checkpoint and the undone one stay, to be made again. */
static void
test_other_edits_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) waiting = NULL;

  train (fixture, 0, 20, TRUE);
  edit (fixture, 22, "clip", "3", "1");
  edit (fixture, 25, "lr", "1e-3", "5e-4");
  train (fixture, 20, 30, TRUE);
  g_assert_cmpuint (undo (fixture, "Optimizer.lr: 1e-3 → 5e-4"), ==, 20);
  waiting = eid_run_waiting_edits (fixture->run, 20, NULL);
  g_assert_cmpuint (waiting->len, ==, 1);
  g_assert_cmpuint (((EidEvent *) waiting->pdata[0])->step, ==, 22);

  /* A person's later word on the same key outweighs it. */
  edit (fixture, 21, "clip", "3", "2");
  g_ptr_array_unref (waiting);
  waiting = eid_run_waiting_edits (fixture->run, 20, NULL);
  g_assert_cmpuint (waiting->len, ==, 1);
  g_assert_cmpuint (((EidEvent *) waiting->pdata[0])->step, ==, 21);
}

/* What an undo that is under way is to remove nobody sees any more, and whoever
 * writes next removes it.                                                     */
static void
test_undo_is_completed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->place, "run.db", NULL);
  g_autofree char *later = eid_run_checkpoint_file (fixture->run, 20);
  sqlite3 *database;

  train (fixture, 0, 10, TRUE);
  train (fixture, 10, 20, TRUE);
  g_clear_pointer (&fixture->run, eid_run_close);
  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "INSERT INTO rewinding VALUES (10)", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (database);

  reopen (fixture, FALSE);
  g_assert_cmpuint (newest (fixture), ==, 10);
  g_assert_true (g_file_test (later, G_FILE_TEST_EXISTS));
  reopen (fixture, TRUE);
  g_assert_cmpuint (newest (fixture), ==, 10);
  g_assert_false (g_file_test (later, G_FILE_TEST_EXISTS));
  train (fixture, 10, 20, TRUE);
  reopen (fixture, FALSE);
  g_assert_cmpuint (newest (fixture), ==, 20);
}

/* A process that edits, saves and undoes for ever, killed at any instant, leaves a
 * run whose numbers end where its newest checkpoint or a later sync has them, and
 * whose checkpoints are all of the line that stands.                          */
static void
test_killed_undoing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20260211);

  g_clear_pointer (&fixture->run, eid_run_close);
  for (guint round = 0; round < 12; round++)
    {
      g_autoptr (GPtrArray) events = NULL;
      guint64 saved = 0, undone = 0;
      int status;
      const pid_t child = fork ();

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          reopen (fixture, TRUE);
          /* What was saved but not yet told of, killed in between, is told now. */
          if (!eid_run_rewind (fixture->run, newest (fixture), NULL)
              || !eid_run_event (fixture->run, newest (fixture), "checkpoint", "", NULL)
              || !eid_run_sync (fixture->run, NULL))
            _exit (1);
          for (;;)
            {
              const guint64 step = newest (fixture);

              train (fixture, step, step + 5, TRUE);
              edit (fixture, step + 5, "lr", "1", "2");
              train (fixture, step + 5, step + 10, TRUE);
              if (undo (fixture, "Optimizer.lr: 1 → 2") != step + 5)
                _exit (1);
            }
        }
      g_usleep ((gulong) g_rand_int_range (random, 3000, 60000));
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status));

      reopen (fixture, round % 2 != 0);
      events = eid_run_events (fixture->run, NULL);
      for (guint i = 0; i < events->len; i++)
        {
          const EidEvent *event = events->pdata[i];

          if (g_str_equal (event->kind, "checkpoint"))
            saved = event->step;
          if (g_str_equal (event->kind, "undo"))
            undone = event->step;
        }
      /* The newest checkpoint is one that the history has, or is about to have. */
      g_test_message ("round %u: newest %d, saved %d, undone to %d", round, (int) newest (fixture),
                      (int) saved, (int) undone);
      g_assert_cmpuint (newest (fixture), >=, MAX (saved, undone));
      g_assert_cmpuint (newest (fixture), <=, MAX (saved, undone) + 5);
      g_assert_cmpuint (last_step (fixture), >=, saved);
      g_clear_pointer (&fixture->run, eid_run_close);
    }
}

/* What an edit goes back to is not thinned out, nor what was kept. */
static void
test_wanted_checkpoints_stay (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) steps = NULL;
  const guint64 expected[] = { 80, 70, 40, 20 };

  for (guint64 step = 0; step < 80; step += 10)
    {
      if (step == 40)
        edit (fixture, 45, "lr", "1e-3", "5e-4");
      train (fixture, step, step + 10, TRUE);
    }
  g_assert_true (eid_run_keep_moment (fixture->run, 20, TRUE, NULL));
  eid_run_prune_checkpoints (fixture->run, 2);
  steps = eid_run_checkpoints (fixture->run);
  g_assert_cmpmem (steps->data, steps->len * sizeof (guint64), expected, sizeof expected);
}

/* --- Moments ------------------------------------------------------------------ */

/* Bytes that do not pack, so that a bound is met exactly. */
static GVariant *
picture (guint64 step, gsize bytes)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) step);
  guint8 *noise = g_malloc (bytes);
  GVariantDict dict;

  for (gsize i = 0; i < bytes; i++)
    noise[i] = (guint8) g_rand_int (random);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "count", "u", (guint) step);
  g_variant_dict_insert_value (
      &dict, "images",
      g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, noise, bytes, TRUE, g_free, noise));
  return g_variant_dict_end (&dict);
}

static void
take (Fixture *fixture, guint64 step, gsize bytes, guint64 bound)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (eid_run_moment (fixture->run, step, "attention", picture (step, bytes), &error));
  g_assert_true (eid_run_bound_moments (fixture->run, bound, &error));
  g_assert_true (eid_run_sync (fixture->run, &error));
}

static guint
moment_at (Fixture *fixture, const char *view, guint64 at)
{
  g_autoptr (GError) error = NULL;
  guint64 step = 0;
  guint count = 0;
  g_autoptr (GVariant) picture = eid_run_moment_at (fixture->run, view, at, &step, &error);

  g_assert_no_error (error);
  if (picture == NULL)
    return 0;
  g_assert_true (g_variant_lookup (picture, "count", "u", &count));
  g_assert_cmpuint (count, ==, step);
  return count;
}

/* The moment at or before a step is found, the first where there is none before. */
static void
test_moment_at (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (moment_at (fixture, "attention", 5), ==, 0);
  take (fixture, 10, 50, G_MAXUINT32);
  take (fixture, 20, 50, G_MAXUINT32);
  take (fixture, 40, 50, G_MAXUINT32);
  reopen (fixture, FALSE);
  g_assert_cmpuint (moment_at (fixture, "attention", 3), ==, 10);
  g_assert_cmpuint (moment_at (fixture, "attention", 10), ==, 10);
  g_assert_cmpuint (moment_at (fixture, "attention", 39), ==, 20);
  g_assert_cmpuint (moment_at (fixture, "attention", G_MAXUINT64), ==, 40);
  g_assert_cmpuint (moment_at (fixture, "embedding", 40), ==, 0);
}

/* A full store thins out its middle: never more bytes than allowed, first, last and kept stay,
 * and no hole is far wider than the others.                                   */
static void
test_moments_are_bounded (Fixture *fixture, gconstpointer data)
{
  const guint64 bound = 40 * 1100;
  g_autofree char *file = g_build_filename (fixture->place, "run.db", NULL);
  guint64 widest = 0;
  gboolean kept = FALSE;
  GStatBuf status;

  for (guint64 step = 10; step <= 3000; step += 10)
    {
      g_autoptr (GArray) moments = NULL;

      take (fixture, step, 1000, bound);
      if (step == 500)
        g_assert_true (eid_run_keep_moment (fixture->run, 500, TRUE, NULL));
      moments = eid_run_moments (fixture->run, NULL);
      g_assert_cmpuint (moments->len, <=, 42);
      g_assert_cmpuint (g_array_index (moments, EidMoment, 0).step, ==, 10);
      g_assert_cmpuint (g_array_index (moments, EidMoment, moments->len - 1).step, ==, step);
      widest = 0;
      for (guint i = 1; i < moments->len; i++)
        {
          widest = MAX (widest, g_array_index (moments, EidMoment, i).step
                                    - g_array_index (moments, EidMoment, i - 1).step);
          kept = kept
                 || (g_array_index (moments, EidMoment, i).step == 500 && step == 3000
                     && g_array_index (moments, EidMoment, i).kept);
        }
    }
  g_assert_true (kept);
  g_assert_cmpuint (widest, <=, 300);
  reopen (fixture, TRUE);
  g_assert_cmpint (g_stat (file, &status), ==, 0);
  g_assert_cmpint (status.st_size, <, 4 * (gint64) bound);
}

/* A picture that was changed on the disk is an error that names it, not a picture. */
static void
test_damaged_moment (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->place, "run.db", NULL);
  g_autoptr (GError) error = NULL;
  sqlite3 *database;
  guint64 step;

  take (fixture, 10, 500, G_MAXUINT32);
  g_clear_pointer (&fixture->run, eid_run_close);
  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (database, "UPDATE moment SET picture = substr (picture, 1, 200)", NULL, NULL, NULL), ==,
      SQLITE_OK);
  sqlite3_close (database);
  reopen (fixture, FALSE);
  g_assert_null (eid_run_moment_at (fixture->run, "attention", 10, &step, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT);
}

/* A run of the first version opens: for reading with no moments, for writing with room for them. */
static void
test_older_run (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->place, "run.db", NULL);
  g_autoptr (GArray) none = NULL;
  sqlite3 *database;

  train (fixture, 0, 10, TRUE);
  g_clear_pointer (&fixture->run, eid_run_close);
  g_assert_cmpint (sqlite3_open (file, &database), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (database,
                    "DROP TABLE undone; DROP TABLE rewinding; DROP TABLE moment; DROP TABLE kept;"
                    "PRAGMA user_version = 1",
                    NULL, NULL, NULL),
      ==, SQLITE_OK);
  sqlite3_close (database);

  reopen (fixture, FALSE);
  none = eid_run_moments (fixture->run, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  assert_events (fixture, "checkpoint@10 ", "");
  g_assert_cmpuint (last_step (fixture), ==, 10);
  reopen (fixture, TRUE);
  take (fixture, 10, 50, G_MAXUINT32);
  g_assert_cmpuint (moment_at (fixture, "attention", 10), ==, 10);
}

/* --- Branches ----------------------------------------------------------------- */

/* A branch has the history up to its step, and nothing of its parent's to undo. */
static void
test_inherit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *place = test_file (fixture->folder, "branch");
  g_autoptr (GError) error = NULL;
  EidRun *parent = fixture->run;
  guint64 step;

  train (fixture, 0, 10, TRUE);
  edit (fixture, 12, "lr", "1e-3", "5e-4");
  take (fixture, 15, 50, G_MAXUINT32);
  train (fixture, 10, 20, TRUE);
  take (fixture, 25, 50, G_MAXUINT32);
  train (fixture, 20, 30, TRUE);

  fixture->run = eid_run_create (place, fixture->recipe, 0, &error);
  g_assert_no_error (error);
  g_assert_true (eid_run_inherit (fixture->run, parent, 20, &error));
  g_assert_true (eid_run_event (fixture->run, 20, "branch", "from run", &error));
  g_assert_cmpuint (last_step (fixture), ==, 20);
  g_assert_cmpuint (moment_at (fixture, "attention", 99), ==, 15);
  assert_events (fixture, "checkpoint@10 edit@12 checkpoint@20 branch@20 ", "");
  g_assert_false (eid_run_undo (fixture->run, &step, NULL, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
  eid_run_close (parent);
}

#define ADD(name, test) g_test_add ("/store/history/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/history/edit-text", test_edit_text);
  ADD ("undo", test_undo);
  ADD ("undo-at-a-checkpoint", test_undo_at_a_checkpoint);
  ADD ("undo-to-the-start", test_undo_to_the_start);
  ADD ("other-edits-wait", test_other_edits_wait);
  ADD ("undo-is-completed", test_undo_is_completed);
  ADD ("killed-undoing", test_killed_undoing);
  ADD ("wanted-checkpoints-stay", test_wanted_checkpoints_stay);
  ADD ("moment-at", test_moment_at);
  ADD ("moments-are-bounded", test_moments_are_bounded);
  ADD ("damaged-moment", test_damaged_moment);
  ADD ("older-run", test_older_run);
  ADD ("inherit", test_inherit);
  return test_run_isolated ();
}
