/* train-command.c: `eidoscope train`: a recipe in, a run folder out. */
#include "app/cli/cli.h"

#include "app/cli/train-report.h"
#include "app/engine/weights/weights.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char **set;
  char *steps, *seed, *device, *precision, *out, *resume;
  gboolean json, trust_code;
} Options;

/* --- Ctrl-C ---------------------------------------------------------------------- */

static gint interrupts;

/* The first ends the run after its step, the second at once. */
static gpointer
wait_for_interrupts (gpointer signals)
{
  int number;

  while (sigwait (signals, &number) == 0)
    if (g_atomic_int_add (&interrupts, 1) > 0)
      _exit (128 + number);
  return NULL;
}

/* One thread takes them, all others and the processes they start are spared: a driver that is told of
 * Ctrl-C while it compiles a kernel, or whose compiler is, fails. Before there are other threads. */
static void
catch_interrupts (void)
{
  static sigset_t signals;
  struct sigaction hangup;

  sigemptyset (&signals);
  /* The terminal is closed; nohup(1) asks to go on nevertheless. */
  if (sigaction (SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  g_thread_unref (g_thread_new ("interrupts", wait_for_interrupts, &signals));
}

/* Somebody waits for the end, or nobody reads on: an evaluation is left to the next session. */
static gboolean
is_hurried (gpointer unused)
{
  return g_atomic_int_get (&interrupts) > 0 || eid_cli_output_failed ();
}

/* --- The recipe ------------------------------------------------------------------ */

static gboolean
set_key (EidRecipe *recipe, const char *key, const char *value, GError **error)
{
  g_autofree char *assignment = g_strdup_printf ("Run.%s=%s", key, value);

  return value == NULL || eid_recipe_set (recipe, assignment, error);
}

static gboolean
apply_options (EidRecipe *recipe, const Options *options, GError **error)
{
  for (guint i = 0; options->set != NULL && options->set[i] != NULL; i++)
    if (!eid_recipe_set (recipe, options->set[i], error))
      return FALSE;
  return set_key (recipe, "steps", options->steps, error) && set_key (recipe, "seed", options->seed, error)
         && set_key (recipe, "precision", options->precision, error);
}

/* The first key in which two resolved recipes differ, or NULL. Free. */
static char *
first_difference (EidRecipe *a, EidRecipe *b)
{
  g_autofree char *text_a = eid_recipe_to_text (a), *text_b = eid_recipe_to_text (b);
  g_auto (GStrv) lines_a = g_strsplit (text_a, "\n", -1);
  g_auto (GStrv) lines_b = g_strsplit (text_b, "\n", -1);

  for (guint i = 0; lines_a[i] != NULL || lines_b[i] != NULL; i++)
    {
      if (g_strcmp0 (lines_a[i], lines_b[i]) != 0
          && !g_str_has_prefix (lines_a[i] != NULL ? lines_a[i] : "", "title="))
        return g_strdup (lines_b[i] != NULL ? lines_b[i] : lines_a[i]);
      if (lines_a[i] == NULL || lines_b[i] == NULL)
        break;
    }
  return NULL;
}

/* Whether nothing is asked for beside --resume but a number of steps. */
static gboolean
is_plain (const char *recipe_name, const Options *options)
{
  return recipe_name == NULL && options->set == NULL && options->seed == NULL && options->precision == NULL;
}

/* What @wanted leaves open of what comes with weights to begin with becomes that of @own. */
static gboolean
keep_of_weights (EidRecipe *own, EidRecipe *wanted, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (wanted), before = eid_recipe_plugin_values (own);

  for (guint i = 0; eid_weights_settings[i] != NULL; i++)
    {
      const char *key = eid_weights_settings[i], *kept = g_hash_table_lookup (before, key);
      g_autofree char *assignment = kept != NULL ? g_strconcat (key, "=", kept, NULL) : NULL;

      if (kept != NULL && eid_weights_is_open (g_hash_table_lookup (values, key))
          && !eid_recipe_set (wanted, assignment, error))
        return FALSE;
    }
  return TRUE;
}

/* What is asked for beside --resume must be what the run was begun with, all
 * but its number of steps, which goes to *@steps (0: as it was).             */
static gboolean
check_against_run (const char *folder, const char *recipe_name, const Options *options, EidRegistry *registry,
                   guint64 *steps, GError **error)
{
  g_autoptr (EidRun) run = eid_run_open (folder, FALSE, error);
  g_autoptr (EidRecipe) wanted = NULL;
  g_autoptr (EidRecipe) own = NULL;
  g_autofree char *text = NULL, *same_steps = NULL, *difference = NULL;

  *steps = 0;
  if (run == NULL)
    return FALSE;
  text = eid_recipe_to_text (eid_run_recipe (run));
  own = eid_recipe_parse (text, folder, error);
  wanted =
      recipe_name != NULL ? eid_recipe_load (recipe_name, error) : eid_recipe_parse (text, folder, error);
  if (own == NULL || wanted == NULL || !apply_options (wanted, options, error))
    return FALSE;
  /* Its plugins may be those that the run keeps, and be nowhere else. */
  if (is_plain (recipe_name, options))
    {
      *steps = options->steps != NULL ? (guint64) eid_recipe_int (wanted, "Run", "steps") : 0;
      return TRUE;
    }
  if (!eid_recipe_resolve (wanted, registry, error))
    return FALSE;

  if (recipe_name != NULL || eid_recipe_int (wanted, "Run", "steps") != eid_recipe_int (own, "Run", "steps"))
    *steps = (guint64) eid_recipe_int (wanted, "Run", "steps");
  /* What was left open is what the run was begun with. */
  if (g_str_equal (eid_recipe_text (wanted, "Run", "precision"), "auto"))
    {
      g_autofree char *same = g_strdup_printf ("Run.precision=%s", eid_recipe_text (own, "Run", "precision"));

      if (!eid_recipe_set (wanted, same, error))
        return FALSE;
    }
  if (!keep_of_weights (own, wanted, error))
    return FALSE;
  same_steps = g_strdup_printf ("Run.steps=%s", eid_recipe_text (wanted, "Run", "steps"));
  if (!eid_recipe_set (own, same_steps, error))
    return FALSE;
  difference = first_difference (own, wanted);
  if (difference == NULL)
    return TRUE;
  g_set_error (
      error, EID_ERROR, EID_ERROR_USAGE,
      _ ("The run %s was begun with another recipe: “%s” differs. Leave the recipe and the options out "
         "to go on with it, or begin a new run without --resume."),
      folder, difference);
  return FALSE;
}

static EidTrainer *
make_trainer (const char *recipe_name, const Options *options, EidRegistry *registry,
              const EidListener *listener, GError **error)
{
  if (options->resume != NULL)
    {
      g_autofree char *folder = eid_cli_run_folder (options->resume);
      guint64 steps;

      if (!check_against_run (folder, recipe_name, options, registry, &steps, error))
        return NULL;
      return eid_trainer_resume (folder, registry, options->device, steps, listener, error);
    }

  g_autoptr (EidRecipe) recipe = eid_recipe_load (recipe_name, error);

  if (recipe == NULL || !apply_options (recipe, options, error))
    return NULL;
  return eid_trainer_new (g_steal_pointer (&recipe), registry, options->device, options->out, listener,
                          error);
}

/* --- The run ---------------------------------------------------------------------- */

static int
end_early (EidTrainer *trainer, EidTrainReport *report)
{
  const char *folder = eid_run_folder (eid_trainer_run (trainer));
  g_autofree char *quoted = g_shell_quote (folder);
  GError *error = NULL;

  if (!eid_trainer_save (trainer, &error) || !eid_run_sync (eid_trainer_run (trainer), &error))
    return eid_cli_fail (error);
  eid_train_report_end (report, trainer, FALSE);
  eid_train_report_say (report, _ ("Stopped at step %'" PRIu64 ". To go on: eidoscope train --resume %s"),
                        eid_trainer_setup (trainer)->step, quoted);
  return 0;
}

static int
run (EidTrainer *trainer, EidTrainReport *report)
{
  GError *error = NULL;

  /* Nobody reads on, or there is no room for what is told: the run is saved for whoever mends that. */
  while (!eid_trainer_is_done (trainer) && !is_hurried (NULL))
    if (!eid_trainer_step (trainer, &error))
      {
        eid_train_report_say (report, _ ("The run lies in %s"), eid_run_folder (eid_trainer_run (trainer)));
        return eid_cli_fail (error);
      }
  if (eid_trainer_is_done (trainer) && !eid_trainer_finish (trainer, &error))
    return eid_cli_fail (error);
  if (!eid_trainer_is_done (trainer) || eid_trainer_evaluation_waits (trainer))
    return end_early (trainer, report);
  if (!eid_train_draw_sheets (trainer, report, &error))
    return eid_cli_fail (error);
  eid_train_report_end (report, trainer, TRUE);
  eid_train_report_say (report, _ ("The run lies in %s"), eid_run_folder (eid_trainer_run (trainer)));
  return 0;
}

/* The sections of a recipe and their keys, for --help. Free. */
static char *
describe_recipes (void)
{
  GString *text = g_string_new (_ ("A recipe’s sections and keys, with their defaults:\n"));
  const char *section = "";
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  for (guint i = 0; i < count; i++)
    {
      if (!g_str_equal (keys[i].section, section))
        g_string_append_printf (text, "\n  [%s]\n", keys[i].section);
      section = keys[i].section;
      g_string_append_printf (text, "    %-16s %-8s %s\n", keys[i].key,
                              keys[i].value != NULL ? keys[i].value : "", _ (keys[i].doc));
    }
  g_string_append (text,
                   _ ("\nThe other keys of [Encoder] and [Objective] are those of the plugin: see “eidoscope "
                      "plugins”.\nCtrl-C ends the run after its step, with a checkpoint; twice, at once.\n"));
  return g_string_free (text, FALSE);
}

static int
check_words (char **words, const Options *options)
{
  if (g_strv_length (words) > 1)
    return eid_cli_usage (_ ("“train” takes one recipe; “%s” is one too many."), words[1]);
  if (words[0] == NULL && options->resume == NULL)
    return eid_cli_usage (
        _ ("“train” takes a recipe: a file, or a name out of “eidoscope recipes”; or --resume DIR."));
  if (options->resume != NULL && options->out != NULL)
    return eid_cli_usage (_ ("--resume goes on in the run’s own folder: leave --out away."));
  return 0;
}

static void
options_clear (Options *options)
{
  g_strfreev (options->set);
  g_free (options->steps);
  g_free (options->seed);
  g_free (options->device);
  g_free (options->precision);
  g_free (options->out);
  g_free (options->resume);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

int
eid_command_train (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.set, N_ ("Change a key of the recipe"),
      N_ ("SECTION.KEY=VALUE") },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &options.steps, N_ ("Train on this many batches"), N_ ("N") },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &options.seed, N_ ("Begin every random draw from this number"),
      N_ ("N") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device,
      N_ ("Compute on this device: its number or a part of its name"), N_ ("NAME") },
    { "precision", 0, 0, G_OPTION_ARG_STRING, &options.precision, N_ ("Number format: auto, f32 or bf16"),
      N_ ("FORMAT") },
    { "out", 0, 0, G_OPTION_ARG_FILENAME, &options.out, N_ ("Make the run in this new folder"), N_ ("DIR") },
    { "resume", 0, 0, G_OPTION_ARG_FILENAME, &options.resume, N_ ("Go on with the run in this folder"),
      N_ ("DIR") },
    { "trust-code", 0, 0, G_OPTION_ARG_NONE, &options.trust_code,
      N_ ("Run the code that comes with the run, although it is not yours"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON Lines on standard output"), NULL },
    { NULL },
  };
  g_autofree char *description = describe_recipes ();
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidTrainer) trainer = NULL;
  g_auto (GStrv) words = NULL;
  EidTrainReport report;
  EidListener listener;
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RECIPE"), _ ("Trains an encoder by a recipe."), description,
                      &words, &status))
    return status;
  status = check_words (words, &options);
  if (status != 0)
    return status;

  if (options.trust_code)
    eid_run_trust_all_code ();
  catch_interrupts ();
  report = eid_train_report_new (options.json);
  listener = eid_train_report_listener (&report);
  listener.hurried = is_hurried;
  registry = eid_registry_new ();
  trainer = make_trainer (words[0], &options, registry, &listener, &error);
  if (trainer == NULL)
    {
      if (report.bar_drawn)
        eid_terminal_clear_line ();
      return eid_cli_fail (error);
    }
  eid_train_report_begin (&report, trainer);
  return run (trainer, &report);
}
