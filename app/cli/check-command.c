/* check-command.c: `eidoscope check PLUGIN`: examines a plugin and says what was found. The examinations are
 * the engine's (check.h), each in a process of its own (check-child.h).      */
#define _GNU_SOURCE /* nftw() */
#include "app/cli/check-child.h"
#include "app/cli/check-report.h"
#include "app/cli/cli.h"

#include "plugins/host.h"

#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* Of the training: long enough for the loss of a small model to fall, and for a collapse to show. */
#define STEPS 200

/* An examination takes seconds; where a driver compiles kernels for the first time, a minute. */
#define SECONDS 180

typedef struct
{
  char *device, *with, *examine, *scratch;
  char **only;
  int steps, seconds;
  gboolean json, list;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->device);
  g_free (options->with);
  g_free (options->examine);
  g_free (options->scratch);
  g_strfreev (options->only);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* --- Which plugin ---------------------------------------------------------------------- */

/* The file of the plugin called @word: a file's name, or the id of one there is. NULL, with the exit
 * status, if there is none. Free. */
static char *
find_file (const char *word, int *status)
{
  g_autoptr (EidRegistry) registry = NULL;
  g_autofree char *named = g_strconcat (word, ".so", NULL);

  if (strchr (word, G_DIR_SEPARATOR) != NULL || g_str_has_suffix (word, ".so"))
    {
      if (g_file_test (word, G_FILE_TEST_IS_REGULAR) && g_str_has_suffix (word, ".so"))
        return g_canonicalize_filename (word, NULL);
      *status = eid_cli_usage (_ ("%s: there is no such file, or its name does not end in .so."), word);
      return NULL;
    }
  registry = eid_registry_new ();
  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);
      g_autofree char *base = g_path_get_basename (entry->file);

      if (entry->descriptor != NULL ? strcmp (entry->descriptor->id, word) == 0 : strcmp (base, named) == 0)
        return g_strdup (entry->file);
    }
  *status = eid_cli_usage (_ ("There is no plugin “%s”; “eidoscope plugins” lists those there are. Give a "
                              "file as ./NAME.so."),
                           word);
  return NULL;
}

/* --- Which examinations ------------------------------------------------------------------- */

static const EidExamination *
find_examination (const char *name)
{
  guint count;
  const EidExamination *examinations = eid_check_examinations (&count);

  for (guint i = 0; i < count; i++)
    if (strcmp (examinations[i].name, name) == 0)
      return &examinations[i];
  return NULL;
}

static gboolean
check_names (const Options *options, int *status)
{
  for (guint i = 0; options->only != NULL && options->only[i] != NULL; i++)
    if (find_examination (options->only[i]) == NULL)
      {
        *status = eid_cli_usage (_ ("There is no examination “%s”; “eidoscope check --list” lists them."),
                                 options->only[i]);
        return FALSE;
      }
  return TRUE;
}

static int
list_examinations (void)
{
  guint count;
  const EidExamination *examinations = eid_check_examinations (&count);

  for (guint i = 0; i < count; i++)
    eid_cli_print ("%-14s %s\n", examinations[i].name, _ (examinations[i].title));
  return 0;
}

/* --- All of them ------------------------------------------------------------------------------ */

typedef struct
{
  EidProgressBar bar;
  const char *title; /* of the examination */
} Progress;

static void
on_tell (const char *what, guint64 done, guint64 all, gpointer user_data)
{
  Progress *progress = user_data;
  g_autofree char *text = g_strdup_printf ("%s: %s", progress->title, what);

  if (all > 0)
    eid_progress_done (text, done, all, &progress->bar);
  else
    eid_progress_preparing (text, &progress->bar);
}

/* Where the first examination cannot even load the plugin, the others need not try. */
static EidFinding
not_examined (void)
{
  return (EidFinding){ EID_CHECK_SKIPPED, g_strdup (_ ("Not examined: the plugin could not be loaded.")),
                       NULL };
}

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
examine_all (const Options *options, const EidCheckOptions *quiet, EidCheckTally *tally)
{
  guint count;
  const EidExamination *examinations = eid_check_examinations (&count);
  Progress progress = { .bar = eid_progress_bar () };
  g_autofree char *cache = g_build_filename (quiet->scratch, "cache", NULL);
  EidCheckOptions check = *quiet;
  gboolean lost = FALSE;

  check.tell = on_tell;
  check.user_data = &progress;
  for (guint i = 0; i < count; i++)
    {
      const gint64 started = g_get_monotonic_time ();
      g_auto (EidFinding) finding = { EID_CHECK_FAILED, NULL, NULL };

      if (options->only != NULL
          && !g_strv_contains ((const char *const *) options->only, examinations[i].name))
        continue;
      progress.title = _ (examinations[i].title);
      on_tell (_ ("Starting"), 0, 0, &progress);
      finding = lost && i > 1 ? not_examined ()
                              : eid_check_apart (examinations[i].name, &check, (guint) options->seconds);
      eid_progress_clear (&progress.bar);
      if (finding.outcome == EID_CHECK_FAILED)
        remove_folder (cache); /* it may have been set aside in there */
      lost = lost || (i == 0 && finding.outcome == EID_CHECK_FAILED && finding.cure == NULL);
      eid_check_report_finding (tally, &examinations[i], &finding,
                                (double) (g_get_monotonic_time () - started) / G_USEC_PER_SEC, options->json);
    }
}

static int
check_plugin (const Options *options, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL, *with = NULL, *scratch = NULL;
  EidCheckTally tally = { .plugin = word };
  EidCheckOptions check;
  int status = 0;
  guint failed;

  file = find_file (word, &status);
  if (file == NULL || (options->with != NULL && (with = find_file (options->with, &status)) == NULL))
    return status;
  scratch = g_dir_make_tmp ("eidoscope-check-XXXXXX", &error);
  if (scratch == NULL)
    return eid_cli_fail (g_steal_pointer (&error));
  check = (EidCheckOptions){
    .file = file,
    .with = with,
    .device = options->device,
    .scratch = scratch,
    .steps = (guint) options->steps,
  };
  tally.file = file;
  if (!options->json)
    eid_check_report_begin (&tally);
  examine_all (options, &check, &tally);
  failed = tally.count[EID_CHECK_FAILED];
  eid_check_report_end (&tally, options->json);
  remove_folder (scratch);
  return failed > 0 ? 1 : 0;
}

/* --- The command ---------------------------------------------------------------------------------- */

/* The other side of check-child.h. */
static int
examine_here (const Options *options, const char *file)
{
  EidCheckOptions check = {
    .file = file,
    .with = options->with,
    .device = options->device,
    .scratch = options->scratch,
    .steps = (guint) options->steps,
  };

  return eid_check_child (options->examine, &check);
}

static char *
describe (void)
{
  GString *text = g_string_new (_ ("Examinations, all of them unless some are named:\n"));
  guint count;
  const EidExamination *examinations = eid_check_examinations (&count);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "  %-14s %s\n", examinations[i].name, _ (examinations[i].title));
  g_string_append (text, _ ("\nExit status: 0 when none failed, 1 when one did, 2 on bad usage.\n"));
  return g_string_free (text, FALSE);
}

int
eid_command_check (int argc, char **argv)
{
  g_auto (Options) options = { .steps = STEPS, .seconds = SECONDS };
  const GOptionEntry entries[] = {
    { "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.only, N_ ("Make this examination; may be said again"),
      N_ ("NAME") },
    { "list", 0, 0, G_OPTION_ARG_NONE, &options.list, N_ ("List the examinations"), NULL },
    { "with", 0, 0, G_OPTION_ARG_FILENAME, &options.with,
      N_ ("Examine it with this encoder or objective instead of those that fit it best"), N_ ("PLUGIN") },
    { "steps", 0, 0, G_OPTION_ARG_INT, &options.steps, N_ ("Train for so many steps (200)"), N_ ("N") },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &options.seconds, N_ ("Give an examination so many seconds (180)"),
      N_ ("N") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device,
      N_ ("Compute on this device: its number or a part of its name"), N_ ("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object an examination"), NULL },
    { "examine", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &options.examine, "", NULL },
    { "scratch", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &options.scratch, "", NULL },
    { NULL },
  };
  g_autofree char *description = describe ();
  g_auto (GStrv) rest = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("PLUGIN.so|ID"),
                      _ ("Examines a plugin: is it what it says it is, and are its gradients true?"),
                      description, &rest, &status))
    return status;
  if (options.list)
    return list_examinations ();
  if (rest[0] == NULL || rest[1] != NULL)
    return eid_cli_usage (_ ("“check” takes one plugin: a file, ./NAME.so, or the id of one there is."));
  if (options.steps < 10 || options.steps > 100000)
    return eid_cli_usage (_ ("--steps takes a number from 10 to 100000."));
  if (options.seconds < 1 || options.seconds > 86400)
    return eid_cli_usage (_ ("--timeout takes a number from 1 to 86400."));
  if (!check_names (&options, &status))
    return status;
  if (options.examine != NULL && options.scratch != NULL)
    return examine_here (&options, rest[0]);
  return check_plugin (&options, rest[0]);
}
