/* setup.c: from a recipe to an open device, data and a model; see setup.h. Recipes alone are
 * resolved in recipe.c, pictures made views of in samples.c. */
#include "app/engine/setup/private.h"

#include "app/engine/setup/checkpoint.h"
#include "app/engine/setup/data-report.h"
#include "app/engine/setup/layer-rates.h"
#include "app/engine/setup/pictures.h"
#include "app/engine/weights/weights.h"

#include <glib/gi18n-lib.h>

/* --- The recipe's [Run] ------------------------------------------------------ */

EidType
eid_precision_choose (EidDevice *device, const char *name)
{
  if (g_str_equal (name, "auto"))
    return eid_device_gains_by_bf16 (device) ? EID_BF16 : EID_F32;
  return g_str_equal (name, "bf16") ? EID_BF16 : EID_F32;
}

const char *
eid_precision_name (EidType precision)
{
  return precision == EID_BF16 ? "bf16" : "f32";
}

/* The recipe says from here on what "auto" came to: a run goes on in the precision it began with. */
static gboolean
set_precision (EidSetup *setup, GError **error)
{
  const EidType precision =
      eid_precision_choose (setup->device, eid_recipe_text (setup->recipe, "Run", "precision"));
  g_autofree char *resolved = g_strdup_printf ("Run.precision=%s", eid_precision_name (precision));

  eid_device_set_precision (setup->device, precision);
  return eid_recipe_set (setup->recipe, resolved, error);
}

/* A batch is made in parts of equal size, of two pictures at least: some methods compare them. */
static gboolean
read_parts (EidSetup *setup, GError **error)
{
  EidRecipe *recipe = setup->recipe;

  setup->batch = (guint) eid_recipe_int (recipe, "Run", "batch");
  setup->parts = (guint) eid_recipe_int (recipe, "Run", "accumulate");
  if (setup->batch % setup->parts != 0 || setup->batch / setup->parts < 2)
    return eid_recipe_fail_at (
        recipe, "Run", "accumulate",
        g_error_new (EID_ERROR, EID_ERROR_USAGE,
                     _ ("a batch of %u cannot be made in %u equal parts of two or more; "
                        "choose a number that divides [Run] batch."),
                     setup->batch, setup->parts),
        error);
  return TRUE;
}

/* --- The parts, in the order of the flow ---------------------------------- */

EidDataset *
eid_setup_open_data (EidRecipe *recipe, const char *half, GError **error)
{
  const EidDatasetSpec spec = {
    .reader = eid_recipe_text (recipe, "Dataset", "reader"),
    .path = eid_recipe_text (recipe, "Dataset", "path"),
    .size = (guint) eid_recipe_int (recipe, "Dataset", "size"),
    .limit = (guint) eid_recipe_int (recipe, "Dataset", "limit"),
    .channels = (guint) eid_recipe_int (recipe, "Dataset", "channels"),
  };

  return eid_dataset_open (&spec, half, error);
}

static gboolean
open_data (EidSetup *setup, GError **error)
{
  setup->train = eid_setup_open_data (setup->recipe, "train", error);
  if (setup->train == NULL)
    return FALSE;
  setup->test = eid_setup_open_data (setup->recipe, "test", error);
  if (setup->test == NULL)
    return FALSE;
  if (eid_dataset_count (setup->train) == 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s: there is nothing to train on."),
                   eid_recipe_text (setup->recipe, "Dataset", "path"));
      return FALSE;
    }
  if (eid_setup_is_text (setup))
    setup->channels = eid_dataset_vocabulary (setup->train);
  else
    setup->channels = eid_dataset_channels (setup->train);
  if (eid_dataset_size (setup->train) != eid_dataset_size (setup->test)
      || eid_dataset_channels (setup->train) != eid_dataset_channels (setup->test))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s: the pictures of the training and test halves differ in size or channels."),
                   eid_recipe_text (setup->recipe, "Dataset", "path"));
      return FALSE;
    }
  setup->size = eid_dataset_size (setup->train);
  return TRUE;
}

/* Whether the encoder reads what the data are. */
static gboolean
check_reads (EidSetup *setup, GError **error)
{
  const char *id = eid_recipe_text (setup->recipe, "Encoder", "plugin");
  const EidDescriptor *encoder = eid_registry_find (setup->registry, "encoder", id, error);
  const gboolean is_text = eid_setup_is_text (setup);
  GError *cause = NULL;

  if (encoder == NULL)
    return FALSE;
  if (is_text == ((encoder->abilities & EID_CAN_TEXT) != 0))
    return TRUE;
  cause = g_error_new (EID_ERROR, EID_ERROR_USAGE,
                       is_text ? _ ("“%s” reads pictures, and the data are text; choose an encoder of text, "
                                    "or another reader in [Dataset].")
                               : _ ("“%s” reads text, and the data are pictures; choose an encoder of "
                                    "pictures, or reader = text in [Dataset]."),
                       id);
  return eid_recipe_fail_at (setup->recipe, "Encoder", "plugin", cause, error);
}

static void
tell (const EidSetupOptions *options, const char *what)
{
  if (options->preparing != NULL)
    options->preparing (what, options->user_data);
}

char *
eid_build_text (const char *what, guint number, guint count)
{
  return count > 0 ? g_strdup_printf (_ ("Compiling kernels %u of %u (%s)"), number, count, what)
                   : g_strdup_printf (_ ("Compiling kernels, %u so far (%s)"), number, what);
}

static void
on_build (const char *what, guint number, guint count, gpointer user_data)
{
  const EidSetup *setup = user_data;
  g_autofree char *text = eid_build_text (what, number, count);

  setup->preparing (text, setup->preparing_data);
}

EidModel *
eid_setup_fresh_model (const EidSetup *setup, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (setup->recipe);

  return eid_model_new (setup->device, setup->registry, eid_recipe_text (setup->recipe, "Encoder", "plugin"),
                        eid_recipe_text (setup->recipe, "Objective", "plugin"), values, setup->size,
                        setup->channels, setup->batch / setup->parts, setup->seed, error);
}

/* --- Whose features -------------------------------------------------------- */

gboolean
eid_setup_teacher_features (const EidSetup *setup)
{
  return eid_model_objective (setup->model)->teacher
         && !g_str_equal (eid_recipe_text (setup->recipe, "Evaluate", "features"), "student");
}

static gboolean
check_features (EidSetup *setup, GError **error)
{
  const char *features = eid_recipe_text (setup->recipe, "Evaluate", "features");

  if (!g_str_equal (features, "teacher") || eid_model_objective (setup->model)->teacher)
    return TRUE;
  return eid_recipe_fail_at (setup->recipe, "Evaluate", "features",
                             g_error_new (EID_ERROR, EID_ERROR_USAGE,
                                          _ ("the objective “%s” has no teacher; choose auto or student."),
                                          eid_model_objective (setup->model)->id),
                             error);
}

/* --- What training needs ---------------------------------------------------- */

static gboolean
set_rates (EidSetup *setup, GError **error)
{
  GError *cause = NULL;

  return eid_layer_rates_set (eid_model_parameters (setup->model),
                              eid_recipe_float (setup->recipe, "Optimizer", "layer-decay"), &cause)
         || eid_recipe_fail_at (setup->recipe, "Optimizer", "layer-decay", cause, error);
}

/* --- Weights to begin with --------------------------------------------------- */

static void tell_text (EidSetup *setup, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell_text (EidSetup *setup, const char *format, ...)
{
  va_list values;

  va_start (values, format);
  g_ptr_array_add (setup->told, g_strdup_vprintf (format, values));
  va_end (values);
}

/* How many heads a transformer has does not show in its tensors, and another number gives other features. */
static gboolean
check_heads (EidSetup *setup, const EidWeightsDescription *weights, const char *file, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (setup->recipe);
  const char *text = g_hash_table_lookup (values, "Encoder.heads");
  const guint heads = text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 0;

  if (heads == 0)
    return TRUE;
  switch (weights->heads_said)
    {
    case EID_SAID_BY_FILE:
    case EID_SAID_BY_CONFIG:
      if (weights->heads == heads)
        return TRUE;
      return eid_recipe_fail_at (
          setup->recipe, "Encoder", "heads",
          g_error_new (EID_ERROR, EID_ERROR_USAGE,
                       _ ("%s was made with %u attention heads, and %u are asked for; set heads = %u."), file,
                       weights->heads, heads, weights->heads),
          error);
    case EID_SAID_BY_FAMILY:
      if (weights->heads == heads)
        tell_text (
            setup,
            _ ("%s does not say how many attention heads it has: %'u, as published models of %'u features."),
            file, heads, weights->width);
      else
        tell_text (
            setup,
            _ ("%s does not say how many attention heads it has. Published models of %'u features have "
               "%'u; %'u are taken, as [Encoder] heads has it, and features are wrong if that is wrong."),
            file, weights->width, weights->heads, heads);
      return TRUE;
    default:
      tell_text (
          setup,
          _ ("%s does not say how many attention heads it has: %'u are taken, as [Encoder] heads has it, "
             "and features are wrong if that is wrong."),
          file, heads);
      return TRUE;
    }
}

/* Gives @key, "Encoder.epsilon", the @value of the weights where the encoder has it and the recipe leaves it
 * open; *@taken says whether. */
static gboolean
take_from_weights (EidSetup *setup, const char *key, const char *value, gboolean *taken, GError **error)
{
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (setup->recipe);
  g_autofree char *assignment = value != NULL ? g_strconcat (key, "=", value, NULL) : NULL;

  *taken = value != NULL && eid_weights_is_open (g_hash_table_lookup (values, key));
  return !*taken || eid_recipe_set (setup->recipe, assignment, error);
}

/* What [Encoder] weights names, NULL: nothing. What the recipe leaves open of eid_weights_settings is that of
 * the weights. */
static gboolean
describe_weights (EidSetup *setup, EidWeightsDescription **weights, GError **error)
{
  const char *file = eid_recipe_text (setup->recipe, "Encoder", "weights");
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  gboolean epsilon, resize;
  GError *cause = NULL;

  *weights = NULL;
  if (*file == '\0')
    return TRUE;
  *weights = eid_weights_describe (file, &cause);
  if (*weights == NULL)
    return eid_recipe_fail_at (setup->recipe, "Encoder", "weights", cause, error);
  g_ascii_formatd (number, sizeof number, "%g", (*weights)->epsilon);
  if (!take_from_weights (setup, "Encoder.epsilon", (*weights)->epsilon > 0 ? number : NULL, &epsilon, error)
      || !take_from_weights (setup, "Encoder.resize", (*weights)->resize, &resize, error))
    return FALSE;
  if (epsilon)
    tell_text (setup, _ ("Layer norms have an epsilon of %s, as the weights were made with."), number);
  if (resize)
    /* TRANSLATORS: %s is a value of a setting, such as antialiased or plain. */
    tell_text (setup,
               _ ("Crops of another size get their position embeddings by the rule “%s”, as the weights’ own "
                  "program does it."),
               (*weights)->resize);
  return check_heads (setup, *weights, file, error);
}

static gboolean
load_weights (EidSetup *setup, GError **error)
{
  const char *file = eid_recipe_text (setup->recipe, "Encoder", "weights");
  g_autoptr (GHashTable) values = eid_recipe_plugin_values (setup->recipe);
  const char *resize = g_hash_table_lookup (values, "Encoder.resize");
  GError *cause = NULL;

  if (*file == '\0'
      || eid_weights_load (eid_model_parameters (setup->model), file,
                           eid_weights_is_open (resize) ? NULL : resize, setup->told, &cause))
    return TRUE;
  return eid_recipe_fail_at (setup->recipe, "Encoder", "weights", cause, error);
}

gboolean
eid_setup_ready_model (EidSetup *setup, gboolean to_train, GError **error)
{
  if (!check_features (setup, error) || (to_train && !set_rates (setup, error)))
    return FALSE;
  eid_model_set_parts (setup->model, setup->parts);
  eid_model_set_recompute (setup->model, eid_recipe_bool (setup->recipe, "Run", "recompute"));
  return TRUE;
}

/* --- All of it ------------------------------------------------------------- */

/* @checkpoint, of @run: NULL for weights to begin with. Takes @recipe. */
static EidSetup *
setup_build (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options, EidRun *run,
             EidSafetensors *checkpoint, GError **error)
{
  g_autoptr (EidSetup) setup = g_new0 (EidSetup, 1);
  g_autoptr (EidWeightsDescription) weights = NULL;

  setup->told = g_ptr_array_new_with_free_func (g_free);
  setup->registry = registry;
  setup->recipe = recipe;
  setup->seed = (guint64) eid_recipe_int (recipe, "Run", "seed");
  setup->augment = eid_augment_from_recipe (recipe);
  if (checkpoint != NULL && !eid_setup_place_code (setup, recipe, run, checkpoint, error))
    return NULL;
  if (!eid_recipe_resolve (recipe, registry, error) || !read_parts (setup, error))
    return NULL;

  setup->device = eid_device_open (options->device, error);
  if (setup->device == NULL)
    return NULL;
  setup->preparing = options->preparing;
  setup->preparing_data = options->user_data;
  eid_device_on_build (setup->device, options->preparing != NULL ? on_build : NULL, setup);
  if (!set_precision (setup, error))
    return NULL;
  eid_device_prepare (setup->device); /* goes on while the data are opened */

  tell (options, _ ("Opening the data"));
  if (!open_data (setup, error) || !check_reads (setup, error))
    return NULL;
  if (checkpoint != NULL && !eid_data_compare (setup, checkpoint, options->to_train, error))
    return NULL;
  if (checkpoint == NULL && !describe_weights (setup, &weights, error))
    return NULL;
  if (checkpoint == NULL && !eid_setup_is_text (setup) && !eid_setup_choose_moments (setup, weights, error))
    return NULL;

  tell (options, _ ("Building the model"));
  setup->model = eid_setup_fresh_model (setup, error);
  if (setup->model == NULL || !eid_setup_ready_model (setup, options->to_train, error))
    return NULL;
  if (checkpoint == NULL && !load_weights (setup, error))
    return NULL;
  if (checkpoint != NULL
      && (!eid_checkpoint_load (setup, checkpoint, error)
          || (options->to_train && !eid_checkpoint_load_moments (setup, checkpoint, error))))
    return NULL;
  return g_steal_pointer (&setup);
}

EidSetup *
eid_setup_new (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options, GError **error)
{
  return setup_build (recipe, registry, options, NULL, NULL, error);
}

static gboolean
has_checkpoint_files (EidRun *run)
{
  g_autofree char *folder = g_build_filename (eid_run_folder (run), "checkpoints", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".safetensors"))
      return TRUE;
  return FALSE;
}

static gboolean
apply_settings (EidRecipe *recipe, const char *const *settings, GError **error)
{
  for (guint i = 0; settings != NULL && settings[i] != NULL; i += 2)
    {
      g_autofree char *assignment = g_strdup_printf ("%s=%s", settings[i], settings[i + 1]);

      if (settings[i + 1] != NULL && !eid_recipe_set (recipe, assignment, error))
        return FALSE;
    }
  return TRUE;
}

EidSetup *
eid_setup_open (EidRun *run, EidRegistry *registry, const EidSetupOptions *options, GError **error)
{
  g_autoptr (EidSafetensors) checkpoint = NULL;
  g_autofree char *text = NULL, *skipped = NULL;
  EidRecipe *recipe;

  if (options->to_train && !has_checkpoint_files (run))
    text = eid_recipe_to_text (eid_run_recipe (run));
  else
    {
      guint64 step;

      checkpoint = eid_run_newest_checkpoint (run, &step, &skipped, error);
      if (checkpoint == NULL)
        return NULL;
      if (skipped != NULL)
        g_message (_ ("Passed over a checkpoint: %s"), skipped);
      /* The recipe as it was at that step, with the edits made on the way. */
      text = g_strdup (eid_safetensors_metadata (checkpoint, EID_CHECKPOINT_RECIPE));
      if (text == NULL)
        text = eid_recipe_to_text (eid_run_recipe (run));
    }

  recipe = eid_recipe_parse (text, eid_run_folder (run), error);
  if (recipe == NULL)
    return NULL;
  if (!apply_settings (recipe, options->settings, error))
    {
      eid_recipe_free (recipe);
      return NULL;
    }
  return setup_build (recipe, registry, options, run, checkpoint, error);
}

void
eid_setup_free (EidSetup *setup)
{
  if (setup == NULL)
    return;
  g_clear_pointer (&setup->model, eid_model_free);
  eid_setup_displace_code (setup);
  g_clear_pointer (&setup->test, eid_dataset_unref);
  g_clear_pointer (&setup->train, eid_dataset_unref);
  g_clear_pointer (&setup->device, eid_device_close);
  g_clear_pointer (&setup->recipe, eid_recipe_free);
  g_clear_pointer (&setup->own, eid_pictures_free);
  g_clear_pointer (&setup->told, g_ptr_array_unref);
  g_free (setup->own_name);
  g_free (setup->obstacle);
  g_free (setup->changed);
  g_free (setup);
}

gboolean
eid_setup_tell_done (const EidSetup *setup, const char *what, guint64 done, guint64 all, GError **error)
{
  if (setup->done == NULL || setup->done (what, done, all, setup->done_data))
    return TRUE;
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The evaluation was skipped."));
  return FALSE;
}
