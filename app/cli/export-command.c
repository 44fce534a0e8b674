/* export-command.c: `eidoscope embed` and `eidoscope export`: features and
 * weights for other programs.                                                */
#include "app/cli/cli.h"

#include "app/cli/bare-weights.h"
#include "app/engine/setup/checkpoint.h"
#include "app/engine/evaluation/feature-file.h"
#include "app/cli/progress.h"

#include <glib/gi18n-lib.h>

/* --- Features -------------------------------------------------------------------- */

static void
report_features (const char *file, const EidFeatureSet *set, const char *split, const EidSetup *setup,
                 gboolean json)
{
  g_autofree char *labels = eid_feature_file_labels (file);
  JsonBuilder *builder;

  g_printerr (eid_setup_is_text (setup) ? g_dngettext (GETTEXT_PACKAGE, "%s: %'u passage, %'u features\n",
                                                       "%s: %'u passages, %'u features each\n", set->count)
                                        : g_dngettext (GETTEXT_PACKAGE, "%s: %'u picture, %'u features\n",
                                                       "%s: %'u pictures, %'u features each\n", set->count),
              file, set->count, set->width);
  if (labels != NULL)
    g_printerr (_ ("%s: their labels\n"), labels);
  if (!json)
    return;
  builder = eid_json_object ();
  eid_json_add_text (builder, "file", file);
  eid_json_add_text (builder, "labels", labels != NULL ? labels : file);
  eid_json_add_text (builder, "split", split);
  eid_json_add_text (builder, "features", eid_setup_teacher_features (setup) ? "teacher" : "student");
  eid_json_add_integer (builder, "step", (gint64) setup->step);
  eid_json_add_integer (builder, "pictures", set->count);
  eid_json_add_integer (builder, "left_out",
                        eid_dataset_unreadable (g_str_equal (split, "train") ? setup->train : setup->test));
  eid_json_add_integer (builder, "width", set->width);
  eid_json_print (builder);
}

int
eid_command_embed (int argc, char **argv)
{
  g_autofree char *output = NULL, *split = NULL, *features = NULL, *device = NULL;
  gboolean trust_code = FALSE;
  g_auto (EidBareWeights) bare = { 0 };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("File to write: its ending chooses the format"),
      N_ ("FILE.npy|.csv") },
    { "split", 0, 0, G_OPTION_ARG_STRING, &split, N_ ("Half of the data: test (the default) or train"),
      N_ ("HALF") },
    { "features", 0, 0, G_OPTION_ARG_STRING, &features,
      N_ ("Of the student or of the teacher, where there is one; auto takes the teacher"), N_ ("WHOSE") },
    { "trust-code", 0, 0, G_OPTION_ARG_NONE, &trust_code,
      N_ ("Run the code that comes with the run, although it is not yours"), NULL },
    EID_BARE_WEIGHTS_OPTIONS (bare),
    EID_BARE_WEIGHTS_PATH (bare),
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
    { NULL },
  };
  const char *settings[] = { "Evaluate.features", NULL, NULL };
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_autoptr (EidFeatureSet) set = NULL;
  g_auto (GStrv) rest = NULL;
  EidProgressBar bar = eid_progress_bar ();
  EidDataset *dataset;
  GError *error = NULL;
  gboolean good;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Writes the features of every picture: float32 [pictures, width] as .npy, with the "
                         "labels as -labels.csv beside it, or both as one .csv."),
                      NULL, &rest, &status))
    return status;
  if (g_strv_length (rest) != (bare.weights == NULL) || output == NULL)
    return eid_cli_usage (
        _ ("“embed” takes one run, or --weights FILE and --path FOLDER; and --output FILE.npy "
           "or FILE.csv."));
  if (!eid_cli_check_bare (&bare, &status))
    return status;
  if (!eid_feature_file_known (output))
    return eid_cli_usage (_ ("%s: the file’s name ends in .npy or .csv."), output);
  if (split != NULL && !g_str_equal (split, "train") && !g_str_equal (split, "test"))
    return eid_cli_usage (_ ("There is no half “%s” of the data: there are test and train."), split);

  settings[1] = features; /* now that it is known */
  if (trust_code)
    eid_run_trust_all_code ();
  registry = eid_registry_new ();
  setup = bare.weights != NULL
              ? eid_bare_weights_open (&bare, bare.path, device, settings, &bar, registry, &error)
              : eid_cli_open_watched (rest[0], device, settings, &bar, registry, &run, &error);
  if (setup == NULL)
    return eid_cli_fail (error);
  eid_cli_say_data (setup);
  dataset = g_strcmp0 (split, "train") == 0 ? setup->train : setup->test;
  set = eid_features_of (setup, setup->model, dataset, 0, &error);
  good = set != NULL && eid_feature_file_write (output, set, dataset, &error);
  eid_progress_clear (&bar);
  eid_cli_say_unreadable (setup);
  if (!good)
    return eid_cli_fail (error);
  report_features (output, set, split != NULL ? split : "test", setup, json);
  return 0;
}

/* --- Weights ---------------------------------------------------------------------- */

int
eid_command_export (int argc, char **argv)
{
  gboolean trust_code = FALSE;
  g_autofree char *output = NULL, *names = NULL, *features = NULL, *device = NULL;
  g_auto (EidBareWeights) bare = { 0 };
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, N_ ("File to write"), N_ ("FILE.safetensors") },
    { "names", 0, 0, G_OPTION_ARG_STRING, &names,
      N_ ("Whose names the weights get: timm (the default), torchvision, huggingface or dinov2"),
      N_ ("NAMES") },
    { "trust-code", 0, 0, G_OPTION_ARG_NONE, &trust_code,
      N_ ("Run the code that comes with the run, although it is not yours"), NULL },
    { "features", 0, 0, G_OPTION_ARG_STRING, &features,
      N_ ("Of the student or of the teacher, where there is one; auto takes the teacher"), N_ ("WHOSE") },
    EID_BARE_WEIGHTS_OPTIONS (bare),
    EID_BARE_WEIGHTS_PATH (bare),
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, N_ ("Compute on this device"), N_ ("NAME") },
    { NULL },
  };
  const char *settings[] = { "Evaluate.features", NULL, NULL };
  g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (EidRegistry) registry = NULL;
  g_autoptr (EidRun) run = NULL;
  g_autoptr (EidSetup) setup = NULL;
  g_auto (GStrv) rest = NULL;
  EidProgressBar bar = eid_progress_bar ();
  GError *error = NULL;
  int status;

  if (!eid_cli_parse (argc, argv, entries, _ ("RUN"),
                      _ ("Writes the weights of a run’s encoder, named as timm or others name them."), NULL,
                      &rest, &status))
    return status;
  if (g_strv_length (rest) != (bare.weights == NULL) || output == NULL)
    return eid_cli_usage (_ ("“export” takes one run, or --weights FILE and --path FOLDER; and --output "
                             "FILE.safetensors."));
  if (!eid_cli_check_bare (&bare, &status))
    return status;

  if (trust_code)
    eid_run_trust_all_code ();
  registry = eid_registry_new ();
  settings[1] = features;
  setup = bare.weights != NULL
              ? eid_bare_weights_open (&bare, bare.path, device, settings, &bar, registry, &error)
              : eid_cli_open_watched (rest[0], device, settings, &bar, registry, &run, &error);
  if (setup == NULL || !eid_checkpoint_export (setup, names != NULL ? names : "timm", output, told, &error))
    return eid_cli_fail (error);
  if (eid_model_objective (setup->model)->teacher)
    g_printerr (eid_setup_teacher_features (setup) ? _ ("%s: the weights of the teacher\n")
                                                   : _ ("%s: the weights of the student\n"),
                output);
  else
    g_printerr ("%s\n", output);
  for (guint i = 0; i < told->len; i++)
    g_printerr ("%s\n", (const char *) told->pdata[i]);
  return 0;
}
