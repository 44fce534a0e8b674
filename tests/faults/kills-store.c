/* kills-store.c: a run is written, edited, gone back in and closed, and the writer killed at every call that
 * changes its folder: see kill-at.c. Whatever was told to be kept is there afterwards, for whoever reads
 * and for whoever writes, and an undo was made whole or not at all.
 *
 * This program plays the writer, too: "test-kills-store play FOLDER TOLD".     */
#define _GNU_SOURCE /* nftw */
#include "app/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS  6
#define EDITED 3 /* at this step */
#define BEFORE 2 /* the checkpoint before it */
#define KEPT   4 /* the moment that is */
#define CODE   "not a shared object, but kept as one"
#define MOST   5000 /* points */

/* --- The writer ------------------------------------------------------------------- */

static int told;

static void
tell (const char *what, guint64 step)
{
  g_autofree char *line = g_strdup_printf ("%s %" G_GUINT64_FORMAT "\n", what, step);

  g_assert_cmpint (write (told, line, strlen (line)), ==, (gssize) strlen (line));
}

static void
save (EidRun *run, guint64 step)
{
  const EidSafetensor tensor = { (char *) "step", "U64", 1, { 1 }, sizeof step, &step };
  g_autofree char *file = eid_run_checkpoint_file (run, step);
  g_autoptr (GError) error = NULL;

  eid_run_sync (run, &error);
  g_assert_no_error (error);
  tell ("synced", step);
  eid_safetensors_write (file, &tensor, 1, NULL, &error);
  g_assert_no_error (error);
  tell ("saved", step);
  eid_run_prune_checkpoints (run, 2);
  eid_run_event (run, step, "checkpoint", file, &error);
  g_assert_no_error (error);
}

static EidRun *
write_history (const char *folder, const char *code)
{
  g_autoptr (EidRecipe) recipe = eid_recipe_parse ("[Dataset]\npath = /data\n", "kills.ini", NULL);
  g_autoptr (GError) error = NULL;
  EidRun *run = eid_run_create (folder, recipe, 0, &error);
  g_autofree char *name = NULL;
  gboolean fresh;

  g_assert_no_error (error);
  tell ("made", 0);
  name = eid_run_keep_code (run, code, &fresh, &error);
  g_assert_no_error (error);
  tell (name, 0);
  for (guint64 step = 1; step <= STEPS; step++)
    {
      eid_run_metric (run, step, "loss", 1.0 / (double) step, &error);
      g_assert_no_error (error);
      if (step == EDITED)
        {
          eid_run_edit (run, step, "Objective", "temperature", "0.2", "0.1", &error);
          g_assert_no_error (error);
          tell ("edited", step);
        }
      if (step == KEPT)
        {
          eid_run_moment (run, step, "embedding", g_variant_new_parsed ("{'count': <uint32 3>}"), &error);
          g_assert_no_error (error);
          eid_run_keep_moment (run, step, TRUE, &error);
          g_assert_no_error (error);
          tell ("kept", step);
        }
      if (step % 2 == 0)
        save (run, step);
    }
  return run;
}

/* Writes a run and takes its edit back, as the engine does: the run closed in between. */
static void
play (const char *folder, const char *file)
{
  g_autofree char *code = g_strconcat (file, ".so", NULL);
  g_autoptr (GError) error = NULL;
  guint64 step;
  EidRun *run;

  told = open (file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  g_assert_cmpint (told, >=, 0);
  g_file_set_contents (code, CODE, -1, &error);
  g_assert_no_error (error);
  eid_run_close (write_history (folder, code));
  run = eid_run_open (folder, TRUE, &error);
  g_assert_no_error (error);
  tell ("undoing", 0);
  eid_run_undo (run, &step, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (step, ==, BEFORE);
  tell ("undone", step);
  eid_run_close (run);
  tell ("closed", 0);
}

/* --- What is left ------------------------------------------------------------------ */

typedef struct
{
  char *code; /* its name; NULL: not told                */
  guint64 synced, saved;
  gboolean made, edited, kept, undoing, undone, closed;
} Told;

static Told
read_told (const char *file)
{
  Told result = { NULL };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return result;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", 2);
      const guint64 step = words[0] != NULL && words[1] != NULL ? g_ascii_strtoull (words[1], NULL, 10) : 0;

      result.made |= g_strcmp0 (words[0], "made") == 0;
      result.edited |= g_strcmp0 (words[0], "edited") == 0;
      result.kept |= g_strcmp0 (words[0], "kept") == 0;
      result.undoing |= g_strcmp0 (words[0], "undoing") == 0;
      result.undone |= g_strcmp0 (words[0], "undone") == 0;
      result.closed |= g_strcmp0 (words[0], "closed") == 0;
      if (g_strcmp0 (words[0], "synced") == 0)
        result.synced = step;
      if (g_strcmp0 (words[0], "saved") == 0)
        result.saved = step;
      if (words[0] != NULL && g_str_has_suffix (words[0], ".so"))
        result.code = g_strdup (words[0]);
    }
  return result;
}

static gboolean
holds_edit (GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    if (g_str_equal (((EidEvent *) events->pdata[i])->kind, "edit"))
      return TRUE;
  return FALSE;
}

static void
check_numbers (EidRun *run, guint64 least, guint64 most)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) series = eid_run_metric_series (run, "loss", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (series->len, >=, least);
  g_assert_cmpuint (series->len, <=, most);
  for (guint i = 0; i < series->len; i++)
    {
      const EidPoint point = g_array_index (series, EidPoint, i);

      g_assert_cmpuint (point.step, ==, i + 1);
      g_assert_cmpfloat (point.value, ==, 1.0 / (i + 1));
    }
}

/* All that are there can be read, and none is beyond @most. */
static void
check_checkpoints (EidRun *run, guint64 newest, guint64 most)
{
  g_autoptr (GArray) steps = eid_run_checkpoints (run);

  if (newest > 0)
    g_assert_cmpuint (steps->len, >, 0);
  for (guint i = 0; i < steps->len; i++)
    {
      const guint64 step = g_array_index (steps, guint64, i);
      g_autofree char *file = eid_run_checkpoint_file (run, step);
      g_autoptr (GError) error = NULL;
      g_autoptr (EidSafetensors) tensors = eid_safetensors_open (file, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (step, <=, most);
      if (i == 0)
        g_assert_cmpuint (step, >=, newest);
    }
}

static void
check_code (EidRun *run, const char *name)
{
  g_autofree char *file = eid_run_code_file (run, name), *bytes = NULL;

  g_assert_true (g_file_get_contents (file, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, CODE);
}

static void
check_run (const char *folder, gboolean writable, const Told *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidRun) run = eid_run_open (folder, writable, &error);
  g_autoptr (GPtrArray) events = NULL, taken_back = NULL;
  g_autoptr (GArray) moments = NULL;
  gboolean undone;

  g_assert_no_error (error);
  events = eid_run_events (run, &error);
  g_assert_no_error (error);
  taken_back = eid_run_undone_events (run, &error);
  g_assert_no_error (error);
  moments = eid_run_moments (run, &error);
  g_assert_no_error (error);

  undone = holds_edit (taken_back);
  g_assert_true (!undone || expected->undoing);
  g_assert_true (undone || !expected->undone);
  if (expected->edited)
    g_assert_true (holds_edit (events) != undone);
  if (undone)
    {
      check_numbers (run, BEFORE, BEFORE);
      check_checkpoints (run, BEFORE, BEFORE);
      g_assert_cmpuint (moments->len, ==, 0);
    }
  else
    {
      check_numbers (run, expected->synced, STEPS);
      check_checkpoints (run, expected->saved, STEPS);
      if (expected->kept)
        g_assert_true (moments->len == 1 && g_array_index (moments, EidMoment, 0).kept);
    }
  if (expected->code != NULL)
    check_code (run, expected->code);
}

/* Nothing was made yet: a run can be made there. */
static void
make_anew (const char *folder)
{
  g_autoptr (EidRecipe) recipe = eid_recipe_parse ("[Dataset]\npath = /data\n", "kills.ini", NULL);
  g_autoptr (GError) error = NULL;
  EidRun *run = eid_run_create (folder, recipe, 0, &error);

  g_assert_no_error (error);
  eid_run_close (run);
}

static int
look_for_temporary (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  return strstr (file + walk->base, ".partial-") != NULL;
}

/* --- The test ------------------------------------------------------------------------ */

static const char *program;

static int
remove_one (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  return g_remove (file);
}

/* FALSE: it came to its end. */
static gboolean
play_until (const char *folder, const char *file, guint at)
{
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *point = g_strdup_printf ("%u", at), *data = g_strconcat (file, ".data", NULL);
  const char *words[] = { program, "play", folder, file, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  environment = g_environ_setenv (environment, "LD_PRELOAD", g_getenv ("EIDOSCOPE_KILL_AT_LIBRARY"), TRUE);
  environment = g_environ_setenv (environment, "XDG_DATA_HOME", data, TRUE);
  environment = g_environ_setenv (environment, "EIDOSCOPE_KILL_BELOW", folder, TRUE);
  environment = g_environ_setenv (environment, "EIDOSCOPE_KILL_AT", point, TRUE);
  g_spawn_sync (NULL, (char **) words, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL)
    return TRUE;
  g_assert_cmpint (status, ==, 0);
  return FALSE;
}

static void
test_every_point (void)
{
  g_autofree char *made = g_dir_make_tmp ("eidoscope-test-XXXXXX", NULL);
  g_autofree char *place = realpath (made, NULL);
  g_autofree char *folder = g_build_filename (place, "run", NULL),
                  *file = g_build_filename (place, "told", NULL);
  g_autofree char *recipe = g_build_filename (folder, "recipe.ini", NULL);
  gboolean killed = TRUE;
  guint at;

  for (at = 1; killed && at < MOST; at++)
    {
      Told expected;

      nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
      g_remove (file);
      killed = play_until (folder, file, at);
      expected = read_told (file);
      g_assert_true (killed || expected.closed);
      if (!g_file_test (recipe, G_FILE_TEST_EXISTS))
        {
          g_assert_false (expected.made);
          make_anew (folder);
        }
      else
        for (gboolean writable = FALSE; writable <= TRUE; writable++)
          check_run (folder, writable, &expected);
      g_assert_cmpint (nftw (folder, look_for_temporary, 16, FTW_PHYS), ==, 0);
      g_free (expected.code);
    }
  g_test_message ("%u points", at);
  g_assert_cmpuint (at, >, 100);
  nftw (place, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "play"))
    {
      play (argv[2], argv[3]);
      return 0;
    }
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faults/kills-store/every-point", test_every_point);
  return g_test_run ();
}
