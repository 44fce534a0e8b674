/* runs.c: a run's folder, its numbers and its checkpoints, as long as nothing
 * dies; crash.c is about what does.
 */
#include "tests/store/folder.h"

#include "app/store/store.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *place; /* of the run */
  EidRecipe *recipe;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = test_folder_new ();
  fixture->place = test_file (fixture->folder, "deep/run");
  fixture->recipe = eid_recipe_parse (
      "[Run]\ntitle = Été à Zürich!\n[Dataset]\npath = /data\n[Encoder]\ndepth = 3\n", "test.ini", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  eid_recipe_free (fixture->recipe);
  g_free (fixture->place);
  test_folder_remove (fixture->folder);
}

static EidRun *
create (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  EidRun *run = eid_run_create (fixture->place, fixture->recipe, 1000, &error);

  g_assert_no_error (error);
  g_assert_nonnull (run);
  return run;
}

static EidRun *
open_run (Fixture *fixture, gboolean writable)
{
  g_autoptr (GError) error = NULL;
  EidRun *run = eid_run_open (fixture->place, writable, &error);

  g_assert_no_error (error);
  g_assert_nonnull (run);
  return run;
}

static void
write_checkpoint (EidRun *run, guint64 step)
{
  static const float value[1] = { 1 };
  const EidSafetensor tensor = { (char *) "a", "F32", 1, { 1 }, 4, value };
  g_autofree char *file = eid_run_checkpoint_file (run, step);
  g_autoptr (GError) error = NULL;

  eid_safetensors_write (file, &tensor, 1, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
has_checkpoint (EidRun *run, guint64 step)
{
  g_autofree char *file = eid_run_checkpoint_file (run, step);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* Cuts the file of @step in half. */
static void
break_checkpoint (EidRun *run, guint64 step)
{
  g_autofree char *file = eid_run_checkpoint_file (run, step);
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (file, &contents, &length, NULL));
  g_assert_true (g_file_set_contents (file, contents, length / 2, NULL));
}

static guint
count_points (EidRun *run, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) series = eid_run_metric_series (run, name, &error);

  g_assert_no_error (error);
  return series->len;
}

/* A new run holds the resolved recipe, and opens again as it was made. */
static void
test_create (Fixture *fixture, gconstpointer data)
{
  EidRun *run = create (fixture);
  g_autofree char *text = eid_recipe_to_text (fixture->recipe);
  g_autofree char *stored = eid_recipe_to_text (eid_run_recipe (run));

  g_assert_cmpstr (eid_run_folder (run), ==, fixture->place);
  g_assert_cmpstr (stored, ==, text);
  eid_run_close (run);

  run = open_run (fixture, TRUE);
  g_autofree char *reopened = eid_recipe_to_text (eid_run_recipe (run));
  g_assert_cmpstr (reopened, ==, text);
  eid_run_close (run);
}

/* Without a folder a run gets a readable name of its own, never a used one. */
static void
test_fresh_names (Fixture *fixture, gconstpointer data)
{
  const char *expected[] = { "ete-a-zurich-1", "ete-a-zurich-2", "ete-a-zurich-8" };
  g_autofree char *runs = eid_runs_folder ();
  g_autofree char *seventh = g_build_filename (runs, "ete-a-zurich-7", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (EidRun) run = eid_run_create (NULL, fixture->recipe, 0, &error);

      g_assert_no_error (error);
      g_autofree char *name = g_path_get_basename (eid_run_folder (run));
      g_autofree char *parent = g_path_get_dirname (eid_run_folder (run));
      g_assert_cmpstr (name, ==, expected[i]);
      g_assert_cmpstr (parent, ==, runs);
      if (i == 1)
        g_assert_cmpint (g_mkdir (seventh, 0755), ==, 0);
    }
}

/* What cannot become a run is refused with the reason, and nothing is left. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *plain = test_file_new (fixture->folder, "plain", "x", 1);
  g_autoptr (EidRecipe) incomplete = eid_recipe_parse ("", "test.ini", NULL);
  g_autoptr (GError) error = NULL;
  EidRun *run;

  g_assert_null (eid_run_create (fixture->place, fixture->recipe, G_MAXUINT64 / 2, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "--out"));
  g_assert_false (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  g_assert_null (eid_run_create (plain, fixture->recipe, 0, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_clear_error (&error);

  g_assert_null (eid_run_create ("/proc/eidoscope/run", fixture->recipe, 0, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "--out"));
  g_clear_error (&error);

  g_assert_null (eid_run_create (fixture->place, incomplete, 0, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE);
  g_assert_false (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
  g_clear_error (&error);

  run = create (fixture);
  eid_run_close (run);
  g_assert_null (eid_run_create (fixture->place, fixture->recipe, 0, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "holds a run already"));
}

/* What is no run, or a damaged one, does not open. */
static void
test_not_a_run (Fixture *fixture, gconstpointer data)
{
  g_autofree char *database = g_build_filename (fixture->place, "run.db", NULL);
  g_autofree char *garbage = g_strnfill (8192, 'x');
  g_autoptr (GError) error = NULL;

  for (guint writable = 0; writable < 2; writable++)
    {
      g_assert_null (eid_run_open (fixture->folder, writable, &error));
      g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
      g_assert_nonnull (strstr (error->message, "is no run"));
      g_clear_error (&error);
    }

  eid_run_close (create (fixture));
  g_assert_true (g_file_set_contents (database, garbage, -1, NULL));
  for (guint writable = 0; writable < 2; writable++)
    {
      g_assert_null (eid_run_open (fixture->place, writable, &error));
      g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT);
      g_test_message ("%s", error->message);
      g_clear_error (&error);
    }

  /* The remedy that the message gives. */
  g_assert_cmpint (g_unlink (database), ==, 0);
  g_autoptr (EidRun) reader = open_run (fixture, FALSE);
  g_autoptr (EidRun) run = open_run (fixture, TRUE);
  g_assert_cmpuint (count_points (reader, "loss"), ==, 0);
  g_assert_cmpuint (count_points (run, "loss"), ==, 0);
}

/* Numbers come back by step, the last of a pair wins, NaN and infinity stay. */
static void
test_metrics (Fixture *fixture, gconstpointer data)
{
  EidRun *run = create (fixture);
  g_autoptr (GError) error = NULL;

  for (guint step = 10; step > 0; step--)
    g_assert_true (eid_run_metric (run, step, "loss", 1.0 / step, &error));
  g_assert_true (eid_run_metric (run, 4, "loss", 0.1, &error));
  g_assert_true (eid_run_metric (run, 5, "loss", NAN, &error));
  g_assert_true (eid_run_metric (run, 6, "loss", -INFINITY, &error));
  g_assert_true (eid_run_metric (run, 6, "k'nn", 0.5, &error));
  g_assert_true (eid_run_sync (run, &error));
  g_assert_true (eid_run_sync (run, &error));
  eid_run_close (run);

  run = open_run (fixture, FALSE);
  g_auto (GStrv) names = eid_run_metric_names (run, &error);
  g_autoptr (GArray) series = eid_run_metric_series (run, "loss", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  g_assert_cmpstr (names[0], ==, "k'nn");
  g_assert_cmpstr (names[1], ==, "loss");
  g_assert_cmpuint (series->len, ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      EidPoint point = g_array_index (series, EidPoint, i);

      g_assert_cmpuint (point.step, ==, i + 1);
      if (point.step == 5)
        g_assert_true (isnan (point.value));
      else
        g_assert_cmpfloat (point.value, ==,
                           point.step == 4   ? 0.1
                           : point.step == 6 ? -INFINITY
                                             : 1.0 / point.step);
    }
  g_assert_cmpuint (count_points (run, "none"), ==, 0);
  eid_run_close (run);
}

/* Events come back by step, in the order in which they happened. */
static void
test_events (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidRun) run = create (fixture);
  g_autoptr (GError) error = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  g_assert_true (eid_run_event (run, 9, "edit", "lr 1e-3 → 5e-4", &error));
  g_assert_true (eid_run_event (run, 3, "warning", "first", &error));
  g_assert_true (eid_run_event (run, 3, "warning", "second", &error));
  g_autoptr (GPtrArray) events = eid_run_events (run, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (events->len, ==, 3);
  g_assert_cmpstr (((EidEvent *) events->pdata[0])->text, ==, "first");
  g_assert_cmpstr (((EidEvent *) events->pdata[1])->text, ==, "second");
  g_assert_cmpstr (((EidEvent *) events->pdata[2])->text, ==, "lr 1e-3 → 5e-4");
  g_assert_cmpstr (((EidEvent *) events->pdata[2])->kind, ==, "edit");
  g_assert_cmpuint (((EidEvent *) events->pdata[2])->step, ==, 9);
  g_assert_cmpint (((EidEvent *) events->pdata[2])->time, >=, now);
}

/* Rewinding forgets what came after the step, and nothing else. */
static void
test_rewind (Fixture *fixture, gconstpointer data)
{
  EidRun *run = create (fixture);
  g_autoptr (GError) error = NULL;

  for (guint step = 1; step <= 10; step++)
    {
      g_assert_true (eid_run_metric (run, step, "loss", step, &error));
      g_assert_true (eid_run_event (run, step, "warning", "x", &error));
    }
  g_assert_true (eid_run_rewind (run, 6, &error));
  eid_run_close (run);

  run = open_run (fixture, FALSE);
  g_autoptr (GPtrArray) events = eid_run_events (run, &error);
  g_assert_cmpuint (count_points (run, "loss"), ==, 6);
  g_assert_cmpuint (events->len, ==, 6);
  g_assert_cmpuint (((EidEvent *) events->pdata[5])->step, ==, 6);
  eid_run_close (run);
}

/* One writer at a time; readers see what was synced, and cannot write. */
static void
test_lock (Fixture *fixture, gconstpointer data)
{
  EidRun *writer = create (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRun) reader = open_run (fixture, FALSE);

  g_assert_null (eid_run_open (fixture->place, TRUE, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "is being trained by another window or process"));
  g_clear_error (&error);

  g_assert_true (eid_run_metric (writer, 1, "loss", 1, NULL));
  g_assert_cmpuint (count_points (writer, "loss"), ==, 1);
  g_assert_cmpuint (count_points (reader, "loss"), ==, 0);
  g_assert_true (eid_run_sync (writer, NULL));
  g_assert_cmpuint (count_points (reader, "loss"), ==, 1);

  g_assert_false (eid_run_metric (reader, 2, "loss", 1, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_clear_error (&error);

  eid_run_close (writer);
  writer = open_run (fixture, TRUE);
  eid_run_close (writer);
}

/* A second process is refused with the number of the first; when that is killed, the run is free. */
static void
test_lock_of_another_process (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *holder = NULL;
  int line[2];
  pid_t child;
  char byte;

  eid_run_close (create (fixture));
  g_assert_cmpint (pipe (line), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      EidRun *run = eid_run_open (fixture->place, TRUE, NULL);

      if (run == NULL || write (line[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  close (line[1]);
  g_assert_cmpint (read (line[0], &byte, 1), ==, 1);
  close (line[0]);
  holder = g_strdup_printf ("another window or process (%d)", (int) child);

  g_assert_null (eid_run_open (fixture->place, TRUE, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_assert_nonnull (strstr (error->message, holder));
  eid_run_close (open_run (fixture, FALSE));

  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  eid_run_close (open_run (fixture, TRUE));
}

/* The newest checkpoint wins; a broken one is passed over and named. */
static void
test_newest_checkpoint (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidRun) run = create (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *skipped = NULL, *stray = NULL;
  EidSafetensors *tensors;
  guint64 step = 0;

  g_assert_null (eid_run_newest_checkpoint (run, &step, &skipped, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_assert_null (skipped);
  g_clear_error (&error);

  write_checkpoint (run, 90);
  write_checkpoint (run, 200);
  write_checkpoint (run, 1000);
  stray = test_file_new (eid_run_folder (run), "checkpoints/9999.safetensors.partial-abcdef", "x", 1);
  tensors = eid_run_newest_checkpoint (run, &step, &skipped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (step, ==, 1000);
  g_assert_null (skipped);
  eid_safetensors_free (tensors);

  break_checkpoint (run, 1000);
  tensors = eid_run_newest_checkpoint (run, &step, &skipped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (step, ==, 200);
  g_test_message ("%s", skipped);
  g_assert_nonnull (strstr (skipped, "1000.safetensors"));
  eid_safetensors_free (tensors);

  break_checkpoint (run, 200);
  break_checkpoint (run, 90);
  g_assert_null (eid_run_newest_checkpoint (run, &step, NULL, &error));
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT);
  g_assert_nonnull (strstr (error->message, "90.safetensors"));
}

/* Pruning keeps the newest good ones, and always one of them. */
static void
test_prune (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidRun) run = create (fixture);

  for (guint step = 100; step <= 600; step += 100)
    write_checkpoint (run, step);
  eid_run_prune_checkpoints (run, 4);
  g_assert_false (has_checkpoint (run, 200));
  g_assert_true (has_checkpoint (run, 300));

  break_checkpoint (run, 600);
  break_checkpoint (run, 500);
  eid_run_prune_checkpoints (run, 0);
  g_assert_true (has_checkpoint (run, 400));
  g_assert_false (has_checkpoint (run, 300));
}

/* What a killed writer left of a checkpoint goes when the run is opened. */
static void
test_sweep (Fixture *fixture, gconstpointer data)
{
  EidRun *run = create (fixture);
  g_autofree char *stray =
      test_file_new (eid_run_folder (run), "checkpoints/20.safetensors.partial-abcdef", "x", 1);

  write_checkpoint (run, 10);
  eid_run_close (run);
  eid_run_close (open_run (fixture, FALSE));
  g_assert_true (g_file_test (stray, G_FILE_TEST_EXISTS));
  run = open_run (fixture, TRUE);
  g_assert_false (g_file_test (stray, G_FILE_TEST_EXISTS));
  g_assert_true (has_checkpoint (run, 10));
  eid_run_close (run);
}

/* When the disk is full numbers are refused with an error; what was synced
 * stays, and with space again the run goes on.                               */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  EidRun *run = create (fixture);
  struct rlimit before, limit;
  g_autoptr (GError) error = NULL;
  guint step = 0, synced = 0;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = 256 * 1024;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  while (error == NULL && step < 100000)
    {
      step++;
      if (eid_run_metric (run, step, "loss", step, &error) && step % 50 == 0 && eid_run_sync (run, &error))
        synced = step;
    }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO);
  g_test_message ("step %u, synced %u: %s", step, synced, error->message);
  g_assert_nonnull (strstr (error->message, "--out"));
  g_assert_cmpuint (synced, >, 0);
  g_clear_error (&error);

  g_assert_true (eid_run_rewind (run, synced, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_points (run, "loss"), ==, synced);
  g_assert_true (eid_run_metric (run, synced + 1, "loss", 1, &error));
  g_assert_true (eid_run_sync (run, &error));
  eid_run_close (run);
  run = open_run (fixture, FALSE);
  g_assert_cmpuint (count_points (run, "loss"), ==, synced + 1);
  eid_run_close (run);
}

/* A list of recent runs shows where each stands, and passes over what is none. */
static void
test_list_and_summary (Fixture *fixture, gconstpointer data)
{
  EidRun *run = create (fixture);
  g_autofree char *place = g_path_get_dirname (fixture->place);
  g_autofree char *other = g_build_filename (place, "no-run", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) folders = NULL;
  g_autoptr (EidRunSummary) summary = NULL;

  g_assert_true (eid_run_metric (run, 7, "loss", 1, &error));
  g_assert_true (eid_run_metric (run, 12, "loss", 1, &error));
  g_assert_true (eid_run_metric (run, 10, "knn", 0.5, &error));
  g_assert_true (eid_run_sync (run, &error));
  eid_run_close (run);
  g_assert_cmpint (g_mkdir (other, 0777), ==, 0);

  folders = eid_run_list (place, 10);
  g_assert_cmpuint (folders->len, ==, 1);
  summary = eid_run_summary_read (g_ptr_array_index (folders, 0), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (summary->title, ==, "Été à Zürich!");
  g_assert_cmpuint (summary->step, ==, 12);
  g_assert_cmpuint (summary->steps, ==, 1000);
  g_assert_cmpfloat (summary->knn, ==, 0.5);
  g_assert_cmpint (summary->time, >, 0);
  g_assert_null (eid_run_summary_read (other, NULL));
}

#define ADD(name, test) g_test_add ("/store/run/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("create", test_create);
  ADD ("fresh-names", test_fresh_names);
  ADD ("refused", test_refused);
  ADD ("not-a-run", test_not_a_run);
  ADD ("metrics", test_metrics);
  ADD ("events", test_events);
  ADD ("rewind", test_rewind);
  ADD ("lock", test_lock);
  ADD ("lock-of-another-process", test_lock_of_another_process);
  ADD ("newest-checkpoint", test_newest_checkpoint);
  ADD ("prune", test_prune);
  ADD ("sweep", test_sweep);
  ADD ("list-and-summary", test_list_and_summary);
  ADD ("full-disk", test_full_disk);
  return test_run_isolated ();
}
