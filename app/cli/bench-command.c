/* bench-command.c: `eidoscope bench`: how fast this machine works, on cases that
 * tests/bench/ measures other programs on.                                   */
#include "app/cli/cli.h"

#include "app/cli/bench-report.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *precision, *device;
  double seconds;
  gboolean json, profile, views;
} Options;

static const char *const precisions[] = { "auto", "f32", "bf16", NULL };

/* --- Progress: a line that changes on a terminal, now and then one more elsewhere ----- */

#define SECONDS_A_LINE 30

typedef struct
{
  gboolean terminal;
  gint64 told;      /* when the last line was written                         */
  const char *name; /* of the case                                            */
  guint number, count;
} Progress;

static void
on_tell (const char *what, gpointer user_data)
{
  Progress *progress = user_data;
  const gint64 now = g_get_monotonic_time ();

  if (!progress->terminal && now < progress->told + SECONDS_A_LINE * G_USEC_PER_SEC)
    return;
  progress->told = now;
  if (progress->terminal)
    eid_terminal_clear_line ();
  if (progress->name != NULL)
    eid_cli_tell (_ ("case %u of %u, %s: %s…"), progress->number, progress->count, progress->name, what);
  else
    eid_cli_tell ("%s…", what);
  if (!progress->terminal)
    fputc ('\n', stderr);
}

static void
clear_progress (const Progress *progress)
{
  if (progress->terminal)
    eid_terminal_clear_line ();
}

/* --- The machine ------------------------------------------------------------------ */

static void
machine_clear (EidBenchMachine *machine)
{
  g_free (machine->device);
  g_free (machine->platform);
  g_free (machine->gemm);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidBenchMachine, machine_clear)

static gboolean
look_at_machine (const Options *options, EidBenchMachine *machine, GError **error)
{
  g_autoptr (EidDevice) device = eid_device_open (options->device, error);
  const EidDeviceInfo *info;

  if (device == NULL)
    return FALSE;
  info = eid_device_info (device);
  machine->device = g_strdup (info->name);
  machine->platform = g_strdup (info->platform);
  machine->gemm = g_strdup (eid_device_gemm_name (device));
  machine->compute_units = info->compute_units;
  machine->precision = eid_precision_choose (device, options->precision);
  return TRUE;
}

/* --- The cases -------------------------------------------------------------------- */

/* NULL with @status where one is not known. */
static GPtrArray *
choose_cases (char **names, int *status)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  guint count;
  const EidBenchCase *all = eid_bench_cases (&count);

  for (guint i = 0; i < count && names[0] == NULL; i++)
    g_ptr_array_add (chosen, (gpointer) &all[i]);
  for (guint i = 0; names[i] != NULL; i++)
    {
      const EidBenchCase *bench = eid_bench_find (names[i]);

      if (bench == NULL)
        {
          *status = eid_cli_usage (_ ("There is no case “%s”. “eidoscope bench --help” lists what there is."),
                                   names[i]);
          return NULL;
        }
      g_ptr_array_add (chosen, (gpointer) bench);
    }
  return g_steal_pointer (&chosen);
}

static gboolean
run_case (const EidBenchCase *bench, const Options *options, const EidBenchMachine *machine,
          const EidBenchOptions *bench_options, GError **error)
{
  const gboolean watched = options->views && eid_bench_has_views (bench);
  g_autoptr (EidBenchResult) result = eid_bench_run (bench, bench_options, error);
  EidBenchViews views;
  gboolean good = result != NULL && (!watched || eid_bench_views (bench, bench_options, &views, error));

  clear_progress (bench_options->user_data);
  if (!good)
    return FALSE;
  if (options->json)
    {
      eid_bench_report_json (machine, bench, result, watched ? &views : NULL);
      return TRUE;
    }
  eid_bench_report_case (bench, result);
  if (watched)
    eid_bench_report_views (&views);
  if (options->profile)
    eid_bench_report_profile (result);
  return TRUE;
}

static int
run (GPtrArray *cases, const Options *options)
{
  g_auto (EidBenchMachine) machine = { 0 };
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  Progress progress = { .terminal = isatty (STDERR_FILENO),
                        .told = g_get_monotonic_time (),
                        .count = cases->len };
  EidBenchOptions bench_options;
  GError *error = NULL;
  int status = 0;

  on_tell (_ ("Measuring what the device does at best"), &progress);
  if (!look_at_machine (options, &machine, &error)
      || !eid_bench_ceiling (options->device, machine.precision, &machine.ceiling, &error))
    {
      clear_progress (&progress);
      return eid_cli_fail (error);
    }
  bench_options = (EidBenchOptions){
    .registry = registry,
    .device = options->device,
    .precision = machine.precision,
    .seconds = options->seconds,
    .ceiling = machine.ceiling,
    .tell = on_tell,
    .user_data = &progress,
  };
  clear_progress (&progress);
  if (!options->json)
    {
      eid_bench_report_machine (&machine);
      eid_bench_report_heading ();
    }
  for (guint i = 0; i < cases->len; i++)
    {
      const EidBenchCase *bench = cases->pdata[i];

      progress.name = bench->name;
      progress.number = i + 1;
      if (!run_case (bench, options, &machine, &bench_options, &error)) /* the others may fare better */
        status = eid_cli_fail (g_steal_pointer (&error));
    }
  return status;
}

/* The cases there are, for --help. Free. */
static char *
describe_cases (void)
{
  GString *text = g_string_new (_ ("Cases, all of them unless some are named:\n"));
  guint count;
  const EidBenchCase *cases = eid_bench_cases (&count);

  for (guint i = 0; i < count; i++)
    g_string_append_printf (text, "  %-20s %s\n", cases[i].name, _ (cases[i].title));
  return g_string_free (text, FALSE);
}

static void
options_clear (Options *options)
{
  g_free (options->precision);
  g_free (options->device);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

int
eid_command_bench (int argc, char **argv)
{
  g_auto (Options) options = { .precision = g_strdup ("auto"), .seconds = 5 };
  const GOptionEntry entries[] = {
    { "precision", 0, 0, G_OPTION_ARG_STRING, &options.precision, N_ ("Number format: auto, f32 or bf16"),
      N_ ("FORMAT") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device,
      N_ ("Compute on this device: its number or a part of its name"), N_ ("NAME") },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, N_ ("Time each case for so long (5)"),
      N_ ("N") },
    { "profile", 0, 0, G_OPTION_ARG_NONE, &options.profile, N_ ("Show the time of each kernel"), NULL },
    { "views", 0, 0, G_OPTION_ARG_NONE, &options.views,
      N_ ("Also measure what it costs that all pages are watched"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON Lines on standard output"), NULL },
    { NULL },
  };
  g_autofree char *description = describe_cases ();
  g_autoptr (GPtrArray) cases = NULL;
  g_auto (GStrv) names = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("[CASE…]"), _ ("Measures how fast this machine trains."),
                      description, &names, &status))
    return status;
  if (!g_strv_contains (precisions, options.precision))
    return eid_cli_usage (_ ("--precision takes auto, f32 or bf16, not “%s”."), options.precision);
  if (!(options.seconds >= 0 && options.seconds <= 3600))
    return eid_cli_usage (_ ("--seconds takes a number from 0 to 3600."));
  cases = choose_cases (names, &status);
  return cases != NULL ? run (cases, &options) : status;
}
