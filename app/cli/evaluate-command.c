/* evaluate-command.c: `eidoscope evaluate`: how good the features of a run are,
 * with its baselines beside. The run on the disk stays as it is.             */
#include "app/cli/cli.h"

#include "app/cli/evaluate-report.h"

#include "app/engine/evaluation/dense.h"
#include "app/engine/evaluation/finetune.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdio.h>

/* --- What is asked ------------------------------------------------------------- */

typedef struct
{
  EidBareWeights bare; /* its path is the folder of the dense probe without it */
  char *probe, *features, *labels, *k, *temperature, *device;
  int epochs;
  gint64 steps;
  double learning_rate, layer_decay;
  gboolean json, trust_code;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->probe);
  eid_bare_weights_clear (&options->bare);
  g_free (options->features);
  g_free (options->labels);
  g_free (options->k);
  g_free (options->temperature);
  g_free (options->device);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static const char *const probe_names[] = { "knn", "linear", "finetune", "dense", NULL };

static gboolean
is_probe (const Options *options, const char *name)
{
  return g_strcmp0 (options->probe, name) == 0;
}

/* Whether @options make sense together; else what eid_cli_usage() returned is in @status. */
static gboolean
check_options (const Options *options, int *status)
{
  const gboolean finetune = is_probe (options, "finetune");
  g_autofree char *names = g_strjoinv (", ", (char **) probe_names);

  *status = 0;
  if (options->probe != NULL && !g_strv_contains (probe_names, options->probe))
    *status = eid_cli_usage (_ ("There is no probe “%s”: there are %s."), options->probe, names);
  else if (options->epochs < 0 || options->steps < 0 || options->learning_rate < 0 || options->layer_decay < 0
           || options->layer_decay > 1)
    *status = eid_cli_usage (_ ("--epochs, --steps and --lr are above nought, --layer-decay is up to 1."));
  else if (!finetune && (options->steps > 0 || options->learning_rate > 0 || options->layer_decay > 0))
    *status = eid_cli_usage (_ ("--steps, --lr and --layer-decay go with --probe finetune."));
  else if (is_probe (options, "dense") ? options->bare.path == NULL
                                       : options->bare.path != NULL && options->bare.weights == NULL)
    *status = eid_cli_usage (_ ("--path FOLDER goes with --weights, of pictures, and with --probe dense, of "
                                "pictures and masks."));
  else if (is_probe (options, "dense") && options->labels != NULL)
    *status = eid_cli_usage (_ ("--labels is a share of classes of pictures; --probe dense has masks."));
  return *status == 0;
}

/* --- Frozen features -------------------------------------------------------------- */

/* Baselines the run measured itself, in the same way, are not measured again. */
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
      if (run == NULL)
        {
          all = FALSE;
          continue;
        }
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

static gboolean
evaluate_features (EidSetup *setup, EidRun *run, const Options *options, EidEvaluation *evaluation,
                   GError **error)
{
  const gboolean as_the_run =
      options->labels == NULL && options->k == NULL && options->temperature == NULL && options->epochs == 0
      && setup->changed == NULL;
  EidProbe wanted = EID_PROBE_ALL;

  if (is_probe (options, "knn"))
    wanted = EID_PROBE_KNN | EID_PROBE_HEALTH;
  else if (is_probe (options, "linear"))
    wanted = EID_PROBE_LINEAR | EID_PROBE_HEALTH;
  *evaluation = eid_evaluation_none ();
  if (!eid_evaluate (setup, wanted, evaluation, error))
    return FALSE;
  if (setup->obstacle != NULL)
    return TRUE;
  if (!(as_the_run ? take_baselines (setup, run, wanted, evaluation, error)
                   : eid_evaluate_baselines (setup, wanted, evaluation, error)))
    return FALSE;
  if (!(wanted & EID_PROBE_KNN))
    evaluation->knn_random = evaluation->knn_pixels = NAN;
  if (!(wanted & EID_PROBE_LINEAR))
    evaluation->linear_random = evaluation->linear_pixels = NAN;
  return TRUE;
}

/* --- What is told ------------------------------------------------------------------ */

static JsonBuilder *
report_object (const EidSetup *setup)
{
  JsonBuilder *builder = eid_json_object ();

  eid_json_add_integer (builder, "step", (gint64) setup->step);
  eid_json_add_text (builder, "features", eid_setup_teacher_features (setup) ? "teacher" : "student");
  eid_json_add_number (builder, "labels", eid_recipe_float (setup->recipe, "Evaluate", "labels"));
  return builder;
}

static void
report_features (const EidSetup *setup, const EidEvaluation *evaluation, gboolean json)
{
  JsonBuilder *builder;

  if (!json)
    {
      eid_report_print_evaluation (eid_cli_out (), evaluation);
      if (setup->obstacle != NULL)
        fprintf (eid_cli_out (), "%s\n", setup->obstacle);
      return;
    }
  builder = report_object (setup);
  if (setup->obstacle != NULL)
    eid_json_add_text (builder, "no_probe", setup->obstacle);
  eid_report_add_evaluation (builder, evaluation);
  eid_json_print (builder);
}

static void
report_comparison (const EidSetup *setup, const char *key, const char *title, const EidComparison *comparison,
                   gboolean json)
{
  JsonBuilder *builder;

  if (!json)
    {
      eid_report_print_comparison (eid_cli_out (), title, comparison);
      return;
    }
  builder = report_object (setup);
  eid_report_add_comparison (builder, key, comparison);
  eid_json_print (builder);
}

/* --- The command ------------------------------------------------------------------- */

static gboolean
evaluate (EidSetup *setup, EidRun *run, const Options *options, EidProgressBar *bar, GError **error)
{
  EidEvaluation evaluation;
  EidComparison comparison;
  gboolean good;

  if (is_probe (options, "finetune"))
    {
      EidFinetune finetune = EID_FINETUNE_DEFAULT;

      finetune.steps = (guint64) options->steps;
      finetune.epochs = (guint) options->epochs;
      if (options->learning_rate > 0)
        finetune.learning_rate = options->learning_rate;
      if (options->layer_decay > 0)
        finetune.layer_decay = options->layer_decay;
      good = eid_finetune (setup, &finetune, &comparison, error);
      eid_progress_clear (bar);
      if (good)
        report_comparison (setup, "finetune", _ ("fine-tuned"), &comparison, options->json);
      return good;
    }

  if (is_probe (options, "dense"))
    {
      g_autofree char *told = NULL;

      good = eid_dense (setup, options->bare.path, &comparison, &told, error);
      eid_progress_clear (bar);
      if (told != NULL)
        g_printerr ("%s\n", told);
      if (good)
        report_comparison (setup, "dense", _ ("mean IoU of patches"), &comparison, options->json);
      return good;
    }

  good = evaluate_features (setup, run, options, &evaluation, error);
  eid_progress_clear (bar);
  if (good)
    report_features (setup, &evaluation, options->json);
  return good;
}

int
eid_command_evaluate (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  const GOptionEntry entries[] = {
    { "probe", 0, 0, G_OPTION_ARG_STRING, &options.probe,
      N_ ("Only this one: knn, linear, finetune or dense; knn and linear if none is named"), N_ ("NAME") },
    EID_BARE_WEIGHTS_OPTIONS (options.bare),
    { "path", 0, 0, G_OPTION_ARG_FILENAME, &options.bare.path,
      N_ ("With --weights: the pictures. dense: images/NAME.jpg or another format, and masks/NAME.png of "
          "classes 0, 1, … as values of its samples, 255 ignored"),
      N_ ("FOLDER") },
    { "labels", 0, 0, G_OPTION_ARG_STRING, &options.labels,
      N_ ("Per cent of the training labels to learn from, of each class alike"), N_ ("PERCENT") },
    { "features", 0, 0, G_OPTION_ARG_STRING, &options.features,
      N_ ("Of the student or of the teacher, where there is one; auto takes the teacher"), N_ ("WHOSE") },
    { "k", 0, 0, G_OPTION_ARG_STRING, &options.k, N_ ("knn: neighbours that vote"), N_ ("NUMBER") },
    { "temperature", 0, 0, G_OPTION_ARG_STRING, &options.temperature, N_ ("knn: temperature of the votes"),
      N_ ("NUMBER") },
    { "epochs", 0, 0, G_OPTION_ARG_INT, &options.epochs,
      N_ ("linear, dense, finetune: passes over the pictures; finetune makes 100, but sees 50,000 pictures "
          "at most "
          "if this is left out"),
      N_ ("NUMBER") },
    { "steps", 0, 0, G_OPTION_ARG_INT64, &options.steps, N_ ("finetune: batches, in place of --epochs"),
      N_ ("NUMBER") },
    { "lr", 0, 0, G_OPTION_ARG_DOUBLE, &options.learning_rate, N_ ("finetune: peak learning rate (0.001)"),
      N_ ("NUMBER") },
    { "layer-decay", 0, 0, G_OPTION_ARG_DOUBLE, &options.layer_decay,
      N_ ("finetune: by what each block learns slower than the next (0.65)"), N_ ("NUMBER") },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options.device, N_ ("Compute on this device"), N_ ("NAME") },
    { "trust-code", 0, 0, G_OPTION_ARG_NONE, &options.trust_code,
      N_ ("Run the code that comes with the run, although it is not yours"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print one JSON object"), NULL },
    { NULL },
  };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_auto (GStrv) rest = NULL;
  g_autofree char *epochs = NULL;
  EidProgressBar bar = eid_progress_bar ();
  GError *error = NULL;
  gboolean good;
  int status;

  if (!eid_cli_parse (
          argc, argv, entries, _ ("RUN"),
          _ ("Measures the features of a run’s newest checkpoint: RUN is its folder or name. Beside them "
             "stand the same measures of an encoder with random weights and of the bare pixels."),
          _ ("knn       nearest neighbours among the training features vote on a test picture’s class\n"
             "linear    a linear layer is trained on the frozen features\n"
             "finetune  the whole encoder is trained on labels, from the run’s weights; the run itself "
             "stays as it is\n"
             "dense     a linear layer is trained on frozen patch tokens to tell what is where\n"),
          &rest, &status))
    return status;
  if (g_strv_length (rest) != (options.bare.weights == NULL))
    return eid_cli_usage (_ ("“evaluate” takes one run, its folder or its name; or --weights FILE and --path "
                             "FOLDER."));
  if (!eid_cli_check_bare (&options.bare, &status) || !check_options (&options, &status))
    return status;

  if (options.epochs > 0)
    epochs = g_strdup_printf ("%d", options.epochs);
  const char *const settings[] = {
    "Evaluate.features",
    options.features,
    "Evaluate.labels",
    options.labels,
    "Evaluate.knn-k",
    options.k,
    "Evaluate.knn-temperature",
    options.temperature,
    "Evaluate.probe-epochs",
    is_probe (&options, "finetune") ? NULL : epochs,
    NULL,
  };
  if (options.trust_code)
    eid_run_trust_all_code ();
  registry = eid_registry_new ();
  if (options.bare.weights != NULL)
    {
      g_autofree char *images =
          is_probe (&options, "dense") ? g_build_filename (options.bare.path, "images", NULL) : NULL;

      setup = eid_bare_weights_open (&options.bare, images != NULL ? images : options.bare.path,
                                     options.device, settings, &bar, registry, &error);
    }
  else
    setup = eid_cli_open_watched (rest[0], options.device, settings, &bar, registry, &run, &error);
  if (setup == NULL)
    return eid_cli_fail (error);
  if (!is_probe (&options, "dense"))
    eid_cli_say_data (setup);
  good = evaluate (setup, run, &options, &bar, &error);
  eid_progress_clear (&bar);
  eid_cli_say_unreadable (setup);
  return good ? 0 : eid_cli_fail (error);
}
