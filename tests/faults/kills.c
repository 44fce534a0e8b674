/* kills.c: a short training is killed at the calls that change its folder, one by one: each write, also
 * half-way, each rename, fsync and unlink. Whatever was left behind, the run goes on, and ends with
 * the same bits as one that was not disturbed: the same last checkpoint, the same numbers.
 *
 * Here at a sample of the points; with EIDOSCOPE_LONG=1 at all of them. $EIDOSCOPE_KILL_AT_LIBRARY is
 * the library that kills: see kill-at.c.                                      */
#define _GNU_SOURCE /* nftw */
#include "app/store/store.h"
#include "tests/support/tiny.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS  "8"
#define SAMPLE 6 /* points of each training */

/* Numbers that the clock makes. */
static const char *const passing[] = { "samples-per-second", NULL };

typedef struct
{
  TinyWorld *world;
  char *run;         /* the folder of the run that is killed */
  char *begun;       /* a copy of one that was killed in its middle, to resume */
  char *log;         /* of the points that were passed */
  char *undisturbed; /* a run that was not killed */
  char **points;     /* those that it passed */
  GBytes *end;       /* its last checkpoint */
} World;

/* --- Files ---------------------------------------------------------------------- */

static int
remove_one (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  return g_remove (file);
}

static void
remove_folder (const char *folder)
{
  nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
copy_folder (const char *from, const char *to)
{
  const char *words[] = { "cp", "-a", from, to, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static GBytes *
read_end (const char *run)
{
  g_autofree char *file = g_build_filename (run, "checkpoints", STEPS ".safetensors", NULL);
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize length;

  g_file_get_contents (file, &bytes, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (bytes, length);
}

/* --- Runs ----------------------------------------------------------------------- */

/* Trains into `run`, or resumes it, killed at point @at; 0: not at all. */
static TinyResult
train (World *world, gboolean resume, guint at)
{
  g_autofree char *preload = g_strconcat ("LD_PRELOAD=", g_getenv ("EIDOSCOPE_KILL_AT_LIBRARY"), NULL);
  g_autofree char *below = g_strconcat ("EIDOSCOPE_KILL_BELOW=", world->run, NULL);
  g_autofree char *log = g_strconcat ("EIDOSCOPE_KILL_LOG=", world->log, NULL);
  g_autofree char *point = g_strdup_printf ("EIDOSCOPE_KILL_AT=%u", at);
  const char *const environment[] = { preload, below, log, point, NULL };
  const char *const fresh[] = { "train", "tiny.ini", "--out", "run", "--steps", STEPS, NULL };
  const char *const again[] = { "train", "--resume", "run", NULL };

  g_remove (world->log);
  return tiny_run (world->world, resume ? again : fresh, environment);
}

/* The points that the last training passed, a line of each: "17 rename PATH". */
static char **
read_points (World *world)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (world->log, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (g_strchomp (text), "\n", -1);
}

/* "17 rename …/8.safetensors.partial-K3T2X1" -> "rename safetensors": call and kind of file. */
static char *
kind_of (const char *point)
{
  g_auto (GStrv) words = g_strsplit (point, " ", 3);
  g_autofree char *name = g_path_get_basename (words[2]);
  const char *kind = name + strspn (name, "0123456789.");

  return g_strdup_printf ("%s %.*s", words[1], (int) strcspn (kind, "."), kind);
}

/* Of each kind of points the number of the one in the middle, kinds in the order of their first. */
static GArray *
middles_of_kinds (char **points)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) kinds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  GArray *middles = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint number = 1; points[number - 1] != NULL; number++)
    {
      char *kind = kind_of (points[number - 1]);
      GArray *same = g_hash_table_lookup (numbers, kind);

      if (same == NULL)
        {
          same = g_array_new (FALSE, FALSE, sizeof (guint));
          g_ptr_array_add (kinds, same);
        }
      g_array_append_val (same, number);
      g_hash_table_replace (numbers, kind, same);
    }
  for (guint i = 0; i < kinds->len; i++)
    {
      GArray *same = g_ptr_array_index (kinds, i);

      g_array_append_val (middles, g_array_index (same, guint, same->len / 2));
    }
  return middles;
}

/* --- What is asked of a run at its end -------------------------------------------- */

static EidRun *
open_run (const char *folder)
{
  g_autoptr (GError) error = NULL;
  EidRun *run = eid_run_open (folder, FALSE, &error);

  g_assert_no_error (error);
  return run;
}

/* Every series of numbers is as in the undisturbed run. */
static void
check_numbers (World *world)
{
  g_autoptr (EidRun) run = open_run (world->run);
  g_autoptr (EidRun) undisturbed = open_run (world->undisturbed);
  g_auto (GStrv) names = eid_run_metric_names (run, NULL);
  g_auto (GStrv) expected = eid_run_metric_names (undisturbed, NULL);

  g_assert_cmpstrv (names, expected);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GArray) found = eid_run_metric_series (run, names[i], NULL);
      g_autoptr (GArray) right = eid_run_metric_series (undisturbed, names[i], NULL);

      if (g_strv_contains (passing, names[i]))
        continue;
      if (found->len != right->len)
        g_test_message ("%s has %u points instead of %u", names[i], found->len, right->len);
      g_assert_cmpuint (found->len, ==, right->len);
      for (guint j = 0; j < found->len; j++)
        {
          const EidPoint *point = &g_array_index (found, EidPoint, j);
          const EidPoint *other = &g_array_index (right, EidPoint, j);

          g_assert_cmpuint (point->step, ==, other->step);
          if (memcmp (&point->value, &other->value, sizeof point->value) != 0)
            g_test_message ("%s at step %u is %.17g instead of %.17g", names[i], (guint) point->step,
                            point->value, other->value);
          g_assert_cmpmem (&point->value, sizeof point->value, &other->value, sizeof other->value);
        }
    }
}

static int
look_for_temporary (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  if (strstr (file + walk->base, ".partial-") != NULL)
    {
      g_test_message ("%s was left behind", file);
      return 1;
    }
  return 0;
}

static void
check_end (World *world)
{
  g_autoptr (GBytes) end = read_end (world->run);

  g_assert_true (g_bytes_equal (end, world->end));
  check_numbers (world);
  g_assert_cmpint (nftw (world->run, look_for_temporary, 16, FTW_PHYS), ==, 0);
}

/* --- The test --------------------------------------------------------------------- */

/* Goes on with what a kill left, as a person would: resumes, or where no run was made yet trains anew. */
static void
go_on (World *world)
{
  g_autofree char *recipe = g_build_filename (world->run, "recipe.ini", NULL);
  g_auto (TinyResult) result = train (world, g_file_test (recipe, G_FILE_TEST_EXISTS), 0);

  tiny_assert_status (&result, 0);
}

/* A training killed at point @at, gone on with, and looked at. FALSE: it has fewer points. */
static gboolean
kill_at (World *world, gboolean resume, guint at)
{
  g_auto (TinyResult) result = { 0 };
  g_auto (GStrv) points = NULL;

  remove_folder (world->run);
  if (resume)
    copy_folder (world->begun, world->run);
  result = train (world, resume, at);
  if (result.status == 0)
    return FALSE;
  tiny_assert_status (&result, -1);
  points = read_points (world);
  g_assert_cmpuint (g_strv_length (points), ==, at);
  g_test_message ("killed before %s", points[at - 1]);
  go_on (world);
  check_end (world);
  return TRUE;
}

/* @points: of a training that was not killed. */
static void
kill_at_points (World *world, gboolean resume, char **points)
{
  const gboolean all = g_strcmp0 (g_getenv ("EIDOSCOPE_LONG"), "1") == 0;
  g_autoptr (GArray) middles = middles_of_kinds (points);

  g_test_message ("%u points of %u kinds", g_strv_length (points), middles->len);
  g_assert_cmpuint (middles->len, >, SAMPLE);
  if (all)
    for (guint at = 1; kill_at (world, resume, at); at++)
      ;
  else
    for (guint i = 0; i < SAMPLE; i++)
      {
        const guint kind = (2 * i + 1) * middles->len / (2 * SAMPLE);

        g_assert_true (kill_at (world, resume, g_array_index (middles, guint, kind)));
      }
}

static void
world_setup (World *world, gconstpointer data)
{
  g_autofree char *text = NULL, *real = NULL;
  g_autoptr (GString) recipe = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (TinyResult) undisturbed = { 0 };

  world->world = tiny_world_new ();
  real = realpath (world->world->folder, NULL);
  world->run = g_build_filename (real, "run", NULL);
  world->begun = g_build_filename (real, "begun", NULL);
  world->undisturbed = g_build_filename (real, "undisturbed", NULL);
  world->log = g_build_filename (real, "points", NULL);

  /* Moments at steps, not by the clock: every training passes the same points. */
  text = tiny_recipe_text (world->world->data);
  recipe = g_string_new (text);
  g_string_replace (recipe, "checkpoint-every = 4\n", "checkpoint-every = 2\nmoment-every = 3\n", 1);
  g_string_replace (recipe, "evaluate-every = 12\n", "evaluate-every = 4\n", 1);
  g_file_set_contents (world->world->recipe, recipe->str, -1, &error);
  g_string_replace (recipe, "\ndepth = 2\n", "\ndepth = 1\n", 1);
  g_file_set_contents (world->world->recipe, recipe->str, -1, &error);
  g_assert_no_error (error);

  undisturbed = train (world, FALSE, 0);
  tiny_assert_status (&undisturbed, 0);
  world->points = read_points (world);
  g_assert_cmpint (g_rename (world->run, world->undisturbed), ==, 0);
  world->end = read_end (world->undisturbed);
}

static void
world_teardown (World *world, gconstpointer data)
{
  g_clear_pointer (&world->points, g_strfreev);
  g_clear_pointer (&world->end, g_bytes_unref);
  tiny_world_free (world->world);
  g_free (world->run);
  g_free (world->begun);
  g_free (world->undisturbed);
  g_free (world->log);
}

/* Killed while it is made and while it trains. */
static void
test_train (World *world, gconstpointer data)
{
  kill_at_points (world, FALSE, world->points);
}

/* Killed in its middle, and killed again while it goes on. */
static void
test_resume (World *world, gconstpointer data)
{
  g_auto (TinyResult) begun = { 0 };
  g_auto (TinyResult) resumed = { 0 };
  g_auto (GStrv) points = NULL;

  begun = train (world, FALSE, g_strv_length (world->points) / 2);
  tiny_assert_status (&begun, -1);
  copy_folder (world->run, world->begun);
  resumed = train (world, TRUE, 0);
  tiny_assert_status (&resumed, 0);
  check_end (world);
  points = read_points (world);
  kill_at_points (world, TRUE, points);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/faults/kills/train", World, NULL, world_setup, test_train, world_teardown);
  g_test_add ("/faults/kills/resume", World, NULL, world_setup, test_resume, world_teardown);
  return g_test_run ();
}
