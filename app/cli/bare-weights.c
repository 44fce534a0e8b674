/* bare-weights.c: see bare-weights.h. */
#include "app/cli/bare-weights.h"

#include "app/datasets/dataset.h"
#include "app/engine/weights/weights.h"

#include <glib/gi18n-lib.h>

void
eid_bare_weights_clear (EidBareWeights *bare)
{
  g_free (bare->weights);
  g_free (bare->path);
  g_strfreev (bare->set);
}

static gboolean set (EidRecipe *recipe, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
set (EidRecipe *recipe, GError **error, const char *format, ...)
{
  g_autofree char *assignment = NULL;
  va_list values;

  va_start (values, format);
  assignment = g_strdup_vprintf (format, values);
  va_end (values);
  return eid_recipe_set (recipe, assignment, error);
}

/* The encoder as far as @weights tell, and the size that they were made for. */
static gboolean
set_encoder (EidRecipe *recipe, const EidWeightsDescription *weights, guint size, GError **error)
{
  for (guint i = 0; i < weights->settings->len; i++)
    if (!set (recipe, error, "%s", (const char *) weights->settings->pdata[i]))
      return FALSE;
  if (size == 0)
    size = weights->size;
  return (size == 0 || set (recipe, error, "Dataset.size=%u", size))
         && (weights->channels == 0 || weights->channels > 3
             || set (recipe, error, "Dataset.channels=%u", weights->channels));
}

/* The recipe of a model that is only looked through: what its objective is does not matter, and features are
 * the encoder's alone. Free. */
static EidRecipe *
make_recipe (const EidBareWeights *bare, const char *path, const char *const *settings, GError **error)
{
  g_autoptr (EidWeightsDescription) weights = eid_weights_describe (bare->weights, error);
  g_autofree char *file = g_canonicalize_filename (bare->weights, NULL);
  g_autoptr (EidSurvey) survey = weights != NULL ? eid_dataset_survey (path, error) : NULL;
  g_autofree char *data = survey != NULL ? g_canonicalize_filename (survey->path, NULL) : NULL;
  g_autoptr (EidRecipe) recipe = NULL;
  gboolean chosen = FALSE;

  if (survey == NULL)
    return NULL;
  for (guint i = 0; bare->set != NULL && bare->set[i] != NULL; i++)
    chosen |= g_str_has_prefix (bare->set[i], "Encoder.plugin=");
  if (weights->settings->len == 0 && !chosen && weights->foreign != NULL)
    {
      eid_weights_refuse_foreign (bare->weights, weights->foreign, EID_ERROR_USAGE, error);
      return NULL;
    }
  if (weights->settings->len == 0 && !chosen)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("%s: its tensors are not those of a vision transformer or residual network as the "
                      "program knows them. Name the encoder: --set Encoder.plugin=… and its other keys."),
                   bare->weights);
      return NULL;
    }
  recipe = eid_recipe_parse ("[Dataset]\npath = .\n", bare->weights, error);
  if (recipe == NULL || !set (recipe, error, "Dataset.path=%s", data)
      || !set (recipe, error, "Dataset.reader=%s", survey->reader) || !set (recipe, error, "Run.batch=32")
      || !set (recipe, error, "Objective.plugin=simclr")
      || !set_encoder (recipe, weights, (guint) bare->size, error)
      || !set (recipe, error, "Encoder.weights=%s", file))
    return NULL;
  for (guint i = 0; bare->set != NULL && bare->set[i] != NULL; i++)
    if (!eid_recipe_set (recipe, bare->set[i], error))
      return NULL;
  for (guint i = 0; settings != NULL && settings[i] != NULL; i += 2)
    if (settings[i + 1] != NULL && !set (recipe, error, "%s=%s", settings[i], settings[i + 1]))
      return NULL;
  return eid_recipe_check (recipe, error) ? g_steal_pointer (&recipe) : NULL;
}

EidSetup *
eid_bare_weights_open (const EidBareWeights *bare, const char *path, const char *device,
                       const char *const *settings, EidProgressBar *bar, EidRegistry *registry,
                       GError **error)
{
  const EidSetupOptions options = {
    .device = device,
    .preparing = bar != NULL ? eid_progress_preparing : NULL,
    .user_data = bar,
  };
  EidRecipe *recipe;
  EidSetup *setup;

  if (bare->size < 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("--size is a number of pixels, above 0."));
      return NULL;
    }
  recipe = make_recipe (bare, path, settings, error);
  if (recipe == NULL)
    return NULL;
  setup = eid_setup_new (recipe, registry, &options, error);
  if (bar != NULL)
    eid_progress_clear (bar);
  if (setup == NULL)
    return NULL;
  for (guint i = 0; i < setup->told->len; i++)
    g_printerr ("%s\n", (const char *) setup->told->pdata[i]);
  if (bar != NULL)
    {
      setup->done = eid_progress_done;
      setup->done_data = bar;
    }
  return setup;
}
