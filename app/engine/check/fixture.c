/* fixture.c: the small world a plugin is examined in: a recipe of the pair, models, batches and
 * runs of it; see private.h. */
#include "app/engine/check/private.h"

#include "app/engine/check/data.h"
#include "app/engine/setup/views.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- The recipe --------------------------------------------------------------------- */

/* Of parameters that most plugins have, by these names. What is not here keeps its default. */
static const struct
{
  const char *key;
  EidParamType type;
  double value;
} small[] = {
  { "width", EID_TYPE_INT, 32 },         { "width", EID_TYPE_FLOAT, 0.125 },   { "depth", EID_TYPE_INT, 2 },
  { "heads", EID_TYPE_INT, 2 },          { "hidden", EID_TYPE_INT, 64 },       { "output", EID_TYPE_INT, 32 },
  { "prototypes", EID_TYPE_INT, 64 },    { "bottleneck", EID_TYPE_INT, 16 },   { "queue", EID_TYPE_INT, 64 },
  { "decoder-width", EID_TYPE_INT, 16 }, { "decoder-heads", EID_TYPE_INT, 2 }, { "slices", EID_TYPE_INT, 64 },
};

gboolean
eid_check_small_value (const EidParam *param, double *value)
{
  for (guint i = 0; i < G_N_ELEMENTS (small); i++)
    if (strcmp (param->key, small[i].key) == 0 && param->type == small[i].type)
      {
        *value = CLAMP (small[i].value, param->min, param->max);
        return TRUE;
      }
  return FALSE;
}

static void
add_section (GString *text, const char *section, const EidDescriptor *plugin)
{
  g_string_append_printf (text, "[%s]\nplugin = %s\n", section, plugin->id);
  for (const EidParam *param = plugin->params; param && param->key; param++)
    {
      g_autofree char *value = NULL;
      double number;

      if (!eid_check_small_value (param, &number))
        continue;
      value = eid_param_format (param, number);
      g_string_append_printf (text, "%s = %s\n", param->key, value);
    }
}

/* The data set of the scratch folder; it is written once. Free. */
static char *
ensure_data (const EidCheck *check, gboolean text, GError **error)
{
  g_autofree char *path = g_build_filename (check->options->scratch, text ? "text.txt" : "pictures", NULL);
  const gboolean written =
      g_file_test (path, G_FILE_TEST_EXISTS)
      || (text ? eid_check_write_text (path, error) : eid_check_write_pictures (path, EID_CHECK_SIDE, error));

  return written ? g_steal_pointer (&path) : NULL;
}

EidRecipe *
eid_check_recipe (const EidCheck *check, const char *const *settings, GError **error)
{
  const gboolean reads_text = (check->encoder->abilities & EID_CAN_TEXT) != 0;
  g_autofree char *path = ensure_data (check, reads_text, error);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (EidRecipe) recipe = NULL;

  if (path == NULL)
    return NULL;
  g_string_append_printf (text,
                          "[Run]\nsteps = 8\nbatch = %d\nseed = 5\nprecision = f32\nmoments = 0\n"
                          "checkpoint-every = 1000000\nevaluate-every = 0\n"
                          "[Dataset]\nreader = %s\npath = %s\nsize = %d\n"
                          "[Optimizer]\nwarmup = 2\n"
                          "[Evaluate]\nhealth-every = 1000000\n",
                          EID_CHECK_BATCH, reads_text ? "text" : "idx", path, EID_CHECK_SIDE);
  add_section (text, "Encoder", check->encoder);
  add_section (text, "Objective", check->objective);
  recipe = eid_recipe_parse (text->str, check->options->scratch, error);
  for (guint i = 0; recipe != NULL && settings != NULL && settings[i] != NULL; i++)
    if (!eid_recipe_set (recipe, settings[i], error))
      return NULL;
  return g_steal_pointer (&recipe);
}

/* --- Models and batches ------------------------------------------------------------------ */

static void
tell_preparing (const char *what, gpointer user_data)
{
  eid_check_tell (user_data, what, 0, 0);
}

EidSetup *
eid_check_setup (const EidCheck *check, const char *const *settings, GError **error)
{
  const EidSetupOptions options = { .device = check->options->device,
                                    .preparing = tell_preparing,
                                    .user_data = (gpointer) check,
                                    .to_train = TRUE };
  EidRecipe *recipe = eid_check_recipe (check, settings, error);

  return recipe != NULL ? eid_setup_new (recipe, check->registry, &options, error) : NULL;
}

void
eid_check_batch_clear (EidCheckBatch *batch)
{
  g_clear_pointer (&batch->pixels, g_free);
}

gboolean
eid_check_batch (EidSetup *setup, guint number, guint count, EidCheckBatch *batch, GError **error)
{
  const guint all = eid_dataset_count (setup->train);

  batch->count = count;
  for (guint i = 0; i < count; i++)
    batch->samples[i] = (number * count + i) % all;
  batch->pixels = eid_dataset_read_all (setup->train, batch->samples, &batch->count, error);
  return batch->pixels != NULL;
}

void
eid_check_noise (EidSetup *setup, guint number, guint count, EidCheckBatch *batch)
{
  const gsize bytes = eid_dataset_bytes (setup->train);

  batch->count = count;
  batch->pixels = g_malloc (bytes * count);
  for (guint i = 0; i < count; i++)
    {
      EidRandom random;
      guint8 *pixels = batch->pixels + i * bytes;

      batch->samples[i] = number * count + i;
      eid_random_init (&random, setup->seed, number, i, 1);
      if (eid_setup_is_text (setup))
        for (gsize at = 0; at < bytes / sizeof (gint32); at++)
          ((gint32 *) (gpointer) pixels)[at] = (gint32) eid_random_below (&random, setup->channels);
      else
        for (gsize at = 0; at < bytes; at++)
          pixels[at] = (guint8) eid_random_below (&random, 256);
    }
}

gboolean
eid_check_loss (EidSetup *setup, EidModel *model, const EidCheckBatch *batch, guint64 step, double *loss,
                GError **error)
{
  EidViewTensors views;

  eid_arena_push (setup->device);
  views = eid_drawn_views (setup, eid_model_views (model), batch->pixels, batch->samples, batch->count, step);
  *loss = (double) eid_tensor_scalar (eid_model_loss (model, views, batch->samples, step, setup->seed, TRUE));
  eid_arena_pop (setup->device);
  return eid_device_check (setup->device, error);
}

/* --- Runs ------------------------------------------------------------------------------------- */

EidTrainer *
eid_check_trainer (const EidCheck *check, const char *name, const char *const *settings,
                   const EidListener *listener, GError **error)
{
  const EidListener silent = { .preparing = tell_preparing, .user_data = (gpointer) check };
  g_autofree char *folder =
      g_strdup_printf ("%s/%s-%s-%s", check->options->scratch, check->name, check->objective->id, name);
  EidRecipe *recipe = eid_check_recipe (check, settings, error);

  return recipe != NULL ? eid_trainer_new (recipe, check->registry, check->options->device, folder,
                                           listener != NULL ? listener : &silent, error)
                        : NULL;
}
