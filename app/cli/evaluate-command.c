/* evaluate-command.c: `eidoscope evaluate`: how good the features of a run are,
 * with its baselines beside.                                                 */
#include "cli.h"

#include "evaluate-report.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>

static const struct
{
  const char *name;
  EidProbe probe;
} probes[] = { { "knn", EID_PROBE_KNN }, { "linear", EID_PROBE_LINEAR } };

static gboolean
find_probe (const char *name, EidProbe *probe)
{
  for (guint i = 0; i < G_N_ELEMENTS (probes); i++)
    if (g_str_equal (probes[i].name, name))
      {
        *probe = probes[i].probe | EID_PROBE_HEALTH;
        return TRUE;
      }
  return FALSE;
}

/* Baselines the run measured itself are not measured again. */
static gboolean
take_baselines (EidSetup *setup, EidRun *run, EidProbe wanted, EidEvaluation *evaluation, GError **error)
{
  gboolean all = TRUE;

  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      g_autoptr (GArray) series = NULL;

      if (!field->baseline)
        continue;
      series = eid_run_metric_series (run, field->name, error);
      if (series == NULL)
        return FALSE;
      if (series->len > 0)
        EID_EVALUATION_VALUE (evaluation, field) = g_array_index (series, EidPoint, 0).value;
      else
        all = FALSE;
    }
  return all || eid_evaluate_baselines (setup, wanted, evaluation, error);
}

int
eid_command_evaluate (int argc, char **argv)
{
  g_autofree char *probe_name = NULL, *device = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "probe", 0, 0, G_OPTION_ARG_STRING, &probe_name, N_ ("Only this probe: knn or linear"), N_ ("NAME") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_auto (GStrv) rest = NULL;
  EidEvaluation evaluation = eid_evaluation_none ();
  EidProbe wanted = EID_PROBE_ALL;
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Measures the features of a run’s newest checkpoint: RUN is its folder or name."),
                      NULL, &rest, &status))
    return status;
  if (g_strv_length (rest) != 1)
    return eid_cli_usage (_ ("“evaluate” takes one run: its folder, or its name."));
  if (probe_name != NULL && !find_probe (probe_name, &wanted))
    return eid_cli_usage (_ ("There is no probe “%s”: there are knn and linear."), probe_name);

  registry = eid_registry_new ();
  setup = eid_cli_open (rest[0], device, registry, &run, &error);
  if (setup == NULL || !eid_evaluate (setup, wanted, &evaluation, &error)
      || !take_baselines (setup, run, wanted, &evaluation, &error))
    return eid_cli_fail (error);
  if (!(wanted & EID_PROBE_KNN))
    evaluation.knn_random = evaluation.knn_pixels = NAN;
  if (!(wanted & EID_PROBE_LINEAR))
    evaluation.linear_random = evaluation.linear_pixels = NAN;

  if (json)
    {
      JsonBuilder *builder = eid_json_object ();

      eid_json_add_integer (builder, "step", (gint64) evaluation.step);
      eid_report_add_evaluation (builder, &evaluation);
      eid_json_print (builder);
    }
  else
    eid_report_print_evaluation (stdout, &evaluation);
  return 0;
}
