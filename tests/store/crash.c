/* crash.c: a process that trains is killed, twenty times over, at moments it
 * does not choose. What it had reported as kept must be there, and the run
 * must go on from it.
 */
#include "tests/store/folder.h"

#include "app/store/store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS           20
#define SYNC_EVERY       5
#define CHECKPOINT_EVERY 20

/* What the child says through the pipe: a kind and the step it concerns. */
typedef struct
{
  enum
  {
    REWOUND,
    SYNCED,
    SAVED
  } kind;
  guint64 step;
} Report;

static void
demand (gboolean good, const GError *error)
{
  if (good)
    return;
  fprintf (stderr, "the writer failed: %s\n", error != NULL ? error->message : "no reason");
  _exit (1);
}

static void
tell (int out, int kind, guint64 step)
{
  Report report = { kind, step };

  demand (write (out, &report, sizeof report) == sizeof report, NULL);
}

static void
save (EidRun *run, guint64 step, GError **error)
{
  static float values[50000];
  const EidSafetensor tensors[] = {
    { (char *) "values", "F32", 1, { G_N_ELEMENTS (values) }, sizeof values, values },
    { (char *) "step", "U64", 1, { 1 }, sizeof step, &step },
  };
  g_autofree char *file = eid_run_checkpoint_file (run, step);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = step;
  demand (eid_safetensors_write (file, tensors, G_N_ELEMENTS (tensors), NULL, error), *error);
}

/* Trains on as fast as it can, until it is killed. */
G_NORETURN static void
write_for_ever (const char *folder, int out)
{
  GError *error = NULL;
  EidRun *run = eid_run_open (folder, TRUE, &error);
  EidSafetensors *newest;
  guint64 step = 0;

  demand (run != NULL, error);
  newest = eid_run_newest_checkpoint (run, &step, NULL, NULL);
  eid_safetensors_free (newest);
  demand (eid_run_rewind (run, step, &error), error);
  tell (out, REWOUND, step);
  for (;;)
    {
      step++;
      demand (eid_run_metric (run, step, "loss", 1.0 / step, &error), error);
      demand (eid_run_event (run, step, "warning", "x", &error), error);
      if (step % SYNC_EVERY == 0)
        {
          demand (eid_run_sync (run, &error), error);
          tell (out, SYNCED, step);
        }
      if (step % CHECKPOINT_EVERY == 0)
        {
          save (run, step, &error);
          tell (out, SAVED, step);
          eid_run_prune_checkpoints (run, 3);
        }
    }
}

static void
check_numbers (EidRun *run, guint64 synced)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) series = eid_run_metric_series (run, "loss", &error);
  g_autoptr (GPtrArray) events = eid_run_events (run, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (series->len, >=, synced);
  g_assert_cmpuint (events->len, ==, series->len);
  for (guint i = 0; i < series->len; i++)
    {
      EidPoint point = g_array_index (series, EidPoint, i);

      g_assert_cmpuint (point.step, ==, i + 1);
      g_assert_cmpfloat (point.value, ==, 1.0 / (i + 1));
    }
}

static void
check_checkpoint (EidRun *run, guint64 saved)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *skipped = NULL;
  guint64 step = 0;
  g_autoptr (EidSafetensors) newest = eid_run_newest_checkpoint (run, &step, &skipped, &error);
  const EidSafetensor *values;

  if (saved == 0 && newest == NULL)
    return;
  g_assert_no_error (error);
  g_assert_null (skipped);
  g_assert_cmpuint (step, >=, saved);
  values = eid_safetensors_find (newest, "values");
  for (guint64 i = 0; i < values->dim[0]; i++)
    g_assert_cmpfloat (((const float *) values->data)[i], ==, step);
}

/* Whatever was reported as kept before the kill is there after it. */
static void
test_killed (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20260103);
  g_autoptr (EidRecipe) recipe = eid_recipe_parse ("[Dataset]\npath = /data\n", "test.ini", NULL);
  char *folder = test_folder_new ();
  g_autofree char *place = test_file (folder, "run");
  g_autoptr (GError) error = NULL;
  guint64 saved = 0, first_synced = 0;

  eid_run_close (eid_run_create (place, recipe, 0, &error));
  g_assert_no_error (error);
  for (guint round = 0; round < ROUNDS; round++)
    {
      int ends[2], status;
      guint64 synced = saved;
      g_autoptr (EidRun) run = NULL;
      Report report;
      pid_t child;

      g_assert_cmpint (pipe (ends), ==, 0);
      child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          close (ends[0]);
          write_for_ever (place, ends[1]);
        }
      close (ends[1]);
      g_usleep (g_rand_int_range (random, 5000, 150000));
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
      while (read (ends[0], &report, sizeof report) == sizeof report)
        {
          if (report.kind == SAVED)
            saved = report.step;
          else
            synced = report.step;
        }
      close (ends[0]);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status)); /* else it failed: see its message above */

      g_test_message ("round %u: synced %" G_GUINT64_FORMAT ", saved %" G_GUINT64_FORMAT, round, synced,
                      saved);
      run = eid_run_open (place, round % 2, &error);
      g_assert_no_error (error);
      check_numbers (run, synced);
      check_checkpoint (run, saved);
      if (round == 0)
        first_synced = synced;
    }
  /* Else the rounds did not build upon each other. */
  g_assert_cmpuint (saved, >, first_synced);
  test_folder_remove (folder);
}

G_NORETURN static void
create_for_ever (const char *folder, EidRecipe *recipe)
{
  for (guint i = 0;; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autofree char *place = test_file (folder, name);
      GError *error = NULL;
      EidRun *run = eid_run_create (place, recipe, 0, &error);

      demand (run != NULL, error);
      eid_run_close (run);
    }
}

/* A run killed while it was made is one that opens, or none: then its folder
 * can become one.                                                            */
static void
test_killed_creating (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20260104);
  g_autoptr (EidRecipe) recipe = eid_recipe_parse ("[Dataset]\npath = /data\n", "test.ini", NULL);
  guint runs = 0;

  for (guint round = 0; round < ROUNDS; round++)
    {
      char *folder = test_folder_new ();
      g_autoptr (GDir) dir = NULL;
      const char *name;
      int status;
      pid_t child = fork ();

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        create_for_ever (folder, recipe);
      g_usleep (g_rand_int_range (random, 5000, 60000));
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFSIGNALED (status)); /* else it failed: see its message above */

      dir = g_dir_open (folder, 0, NULL);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *place = test_file (folder, name);
          g_autofree char *file = test_file (place, "recipe.ini");
          g_autoptr (GError) error = NULL;

          if (g_file_test (file, G_FILE_TEST_EXISTS))
            {
              eid_run_close (eid_run_open (place, FALSE, &error));
              g_assert_no_error (error);
              eid_run_close (eid_run_open (place, TRUE, &error));
            }
          else
            eid_run_close (eid_run_create (place, recipe, 0, &error));
          g_assert_no_error (error);
          runs++;
        }
      test_folder_remove (folder);
    }
  g_test_message ("%u runs", runs);
  g_assert_cmpuint (runs, >, 0); /* else no round came as far as a folder */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/crash/killed", test_killed);
  g_test_add_func ("/store/crash/killed-creating", test_killed_creating);
  return test_run_isolated ();
}
