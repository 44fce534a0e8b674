/* throughput.c: a few steps of a recipe on its own data, timed; nothing of them is
 * kept but the time, by device, model and shape of the batch.                */
#include "app/engine/service/throughput.h"

#include "app/engine/setup/optimizer.h"
#include "app/engine/setup/views.h"

#include <glib/gstdio.h>
#include <math.h>

#define MEASURE_SECONDS 1.0 /* steps are timed for so long …                 */
#define LEAST_STEPS     3   /* … and at least so many                        */
#define MOST_STEPS      50
#define MOST_KEPT       200 /* paces in the file; then it is begun anew      */
#define KEPT_DAYS       30

/* A start that took longer compiled kernels, which are there the next time. */
#define COLD_SECONDS 5

static double
seconds_since (gint64 time)
{
  return (double) (g_get_monotonic_time () - time) / G_USEC_PER_SEC;
}

/* --- What is kept ------------------------------------------------------------- */

static char *
pace_file (void)
{
  return g_build_filename (g_get_user_cache_dir (), "eidoscope", "pace.ini", NULL);
}

/* The sections that a step's time depends on, but for where the data lie and how
 * long the run is.                                                           */
static const char *const timed_sections[] = { "Dataset", "Augment", "Encoder", "Objective" };
static const char *const timed_keys[] = { "batch", "accumulate", "recompute", "precision" };

/* A name of @device's driver and @recipe's work, the same for the same. */
static char *
pace_key (EidRecipe *recipe, const EidDeviceInfo *device)
{
  g_autofree char *text = eid_recipe_to_text (recipe);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GString) work = g_string_new (EID_VERSION);

  g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_NONE, NULL);
  g_key_file_remove_key (keys, "Dataset", "path", NULL);
  g_string_append_printf (work, "\n%s\n%s\n%s\n", device->name, device->platform, device->driver);
  for (guint i = 0; i < G_N_ELEMENTS (timed_sections); i++)
    {
      g_auto (GStrv) names = g_key_file_get_keys (keys, timed_sections[i], NULL, NULL);

      for (guint k = 0; names != NULL && names[k] != NULL; k++)
        {
          g_autofree char *value = g_key_file_get_string (keys, timed_sections[i], names[k], NULL);

          g_string_append_printf (work, "%s.%s=%s\n", timed_sections[i], names[k], value);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (timed_keys); i++)
    {
      g_autofree char *value = g_key_file_get_string (keys, "Run", timed_keys[i], NULL);

      g_string_append_printf (work, "%s=%s\n", timed_keys[i], value != NULL ? value : "");
    }
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, work->str, work->len);
}

static gboolean
load_pace (const char *key, EidPace *pace)
{
  g_autofree char *file = pace_file ();
  g_autoptr (GKeyFile) kept = g_key_file_new ();
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  EidPace found;

  if (!g_key_file_load_from_file (kept, file, G_KEY_FILE_NONE, NULL))
    return FALSE;
  found = (EidPace){
    .first_seconds = g_key_file_get_double (kept, key, "first", NULL),
    .step_seconds = g_key_file_get_double (kept, key, "step", NULL),
    .steps = (guint) g_key_file_get_uint64 (kept, key, "steps", NULL),
    .time = g_key_file_get_int64 (kept, key, "time", NULL),
    .stored = TRUE,
  };
  if (!(found.step_seconds > 0 && found.first_seconds > 0 && isfinite (found.step_seconds)
        && isfinite (found.first_seconds) && found.time <= now
        && now - found.time < KEPT_DAYS * 24 * 60 * 60))
    return FALSE;
  *pace = found;
  return TRUE;
}

/* Where it cannot be kept it is measured again the next time. */
static void
keep_pace (const char *key, const EidPace *pace)
{
  g_autofree char *file = pace_file (), *folder = g_path_get_dirname (file);
  g_autoptr (GKeyFile) kept = g_key_file_new ();
  gsize count = 0;

  g_mkdir_with_parents (folder, 0777);
  if (g_key_file_load_from_file (kept, file, G_KEY_FILE_NONE, NULL))
    {
      g_auto (GStrv) groups = g_key_file_get_groups (kept, &count);

      if (count >= MOST_KEPT)
        {
          g_key_file_unref (kept);
          kept = g_key_file_new ();
        }
    }
  g_key_file_set_double (kept, key, "first", pace->first_seconds);
  g_key_file_set_double (kept, key, "step", pace->step_seconds);
  g_key_file_set_uint64 (kept, key, "steps", pace->steps);
  g_key_file_set_int64 (kept, key, "time", pace->time);
  g_key_file_save_to_file (kept, file, NULL);
}

/* --- Measuring ------------------------------------------------------------------ */

/* One step as the trainer makes it, waited for. */
static gboolean
make_step (EidSetup *setup, EidLoader *loader, guint64 step, GError **error)
{
  const guint64 steps = (guint64) eid_recipe_int (setup->recipe, "Run", "steps");
  const EidBatch *batch = eid_loader_next (loader, error);
  const guint count = setup->batch / setup->parts;
  EidUpdate update;

  if (batch == NULL)
    return FALSE;
  for (guint part = 0; part < setup->parts; part++)
    {
      const guint first = part * count;
      EidViewTensors views;

      eid_arena_push (setup->device);
      views = eid_drawn_views (setup, eid_model_views (setup->model),
                               batch->pixels + first * eid_dataset_bytes (setup->train),
                               batch->samples + first, count, step);
      eid_model_loss (setup->model, views, batch->samples + first, step, setup->seed, TRUE);
      eid_arena_pop (setup->device);
    }
  update = eid_optimizer_update (setup->recipe, step, steps);
  update.teacher_momentum = eid_model_teacher_momentum (setup->model);
  eid_arena_push (setup->device);
  eid_parameters_update (eid_model_parameters (setup->model), &update);
  eid_arena_pop (setup->device);
  eid_device_finish (setup->device);
  return eid_device_check (setup->device, error);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* The setup and the first step of @recipe (taken), timed. NULL without an error
 * when interrupted.                                                          */
static EidSetup *
begin (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options, EidInterrupted interrupted,
       EidLoader **loader, double *seconds, GError **error)
{
  const gint64 began = g_get_monotonic_time ();
  g_autoptr (EidSetup) setup = eid_setup_new (recipe, registry, options, error);

  if (setup == NULL || interrupted (options->user_data))
    return NULL;
  *loader =
      eid_loader_new (setup->train, setup->batch, setup->seed, 0, CLAMP (g_get_num_processors () / 2, 1, 8));
  eid_model_set_steps (setup->model, (guint64) eid_recipe_int (setup->recipe, "Run", "steps"));
  if (!make_step (setup, *loader, 0, error))
    return NULL;
  *seconds = seconds_since (began);
  return g_steal_pointer (&setup);
}

/* The steps after the first. FALSE without an error when interrupted. */
static gboolean
time_steps (EidSetup *setup, EidLoader *loader, EidInterrupted interrupted, gpointer user_data, EidPace *pace,
            GError **error)
{
  const gint64 began = g_get_monotonic_time ();
  double times[MOST_STEPS];
  guint made = 0;

  for (; made < LEAST_STEPS || (made < MOST_STEPS && seconds_since (began) < MEASURE_SECONDS); made++)
    {
      const gint64 started = g_get_monotonic_time ();

      if (interrupted (user_data) || !make_step (setup, loader, made + 1, error))
        return FALSE;
      times[made] = seconds_since (started);
    }
  qsort (times, made, sizeof *times, compare_times);
  pace->step_seconds = times[made / 2];
  pace->steps = made;
  pace->time = g_get_real_time () / G_USEC_PER_SEC;
  return TRUE;
}

/* Takes @recipe. FALSE without an error when interrupted. */
static gboolean
measure (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options, EidInterrupted interrupted,
         EidPace *pace, GError **error)
{
  g_autofree char *text = eid_recipe_to_text (recipe);
  g_autoptr (EidLoader) loader = NULL;
  g_autoptr (EidSetup) setup =
      begin (recipe, registry, options, interrupted, &loader, &pace->first_seconds, error);

  if (setup == NULL || !time_steps (setup, loader, interrupted, options->user_data, pace, error))
    return FALSE;
  if (pace->first_seconds > COLD_SECONDS)
    {
      EidRecipe *again = eid_recipe_parse (text, "", error);

      g_clear_pointer (&loader, eid_loader_free);
      g_clear_pointer (&setup, eid_setup_free);
      if (again != NULL)
        setup = begin (again, registry, options, interrupted, &loader, &pace->first_seconds, error);
    }
  return setup != NULL;
}

gboolean
eid_pace_measure (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options,
                  EidInterrupted interrupted, EidPace *pace, GError **error)
{
  EidDevice *device = eid_device_open (options->device, error);
  g_autofree char *key = NULL;

  *pace = (EidPace){ 0 };
  if (device == NULL || !eid_recipe_resolve (recipe, registry, error))
    {
      eid_recipe_free (recipe);
      g_clear_pointer (&device, eid_device_close);
      return FALSE;
    }
  key = pace_key (recipe, eid_device_info (device));
  eid_device_close (device);
  if (load_pace (key, pace) || interrupted (options->user_data))
    {
      eid_recipe_free (recipe);
      return pace->stored;
    }
  if (!measure (recipe, registry, options, interrupted, pace, error))
    return FALSE;
  keep_pace (key, pace);
  return TRUE;
}
