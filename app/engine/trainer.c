/* trainer.c: the run loop; see trainer.h. The order of a step is the flow of
 * the data: batch, draws, views, loss and gradients, optimiser.              */
#include "trainer.h"

#include "checkpoint.h"
#include "schedule.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define CHECKPOINTS_KEPT 3

/* Room on the disk beside the checkpoints: history and pictures. */
#define BYTES_BESIDE (16 * 1024 * 1024)

/* What a step leaves on the device until the next one is under way. */
typedef struct
{
  guint64 step; /* counted from 0 */
  float loss, norm;
  double learning_rate;
  EidPending *loss_pending, *norm_pending; /* NULL: already read */
} StepNumbers;

struct _EidTrainer
{
  EidSetup *setup;
  EidRun *run;
  EidLoader *loader;
  EidListener listener;

  guint64 first_step, steps;
  guint64 checkpoint_every, evaluate_every;
  guint64 saved_step; /* of the newest checkpoint; 0: none */
  double chance;
  StepNumbers numbers[2]; /* of even and of odd steps */
  guint32 *samples;       /* [B] of the last step */
  guint skipped;          /* pictures told about */

  gint64 step_started;
  double seconds, smooth_seconds; /* in steps: all, and one, smoothed */
  EidEvaluation evaluation;
  gboolean evaluated; /* at the present step */
};

/* --- Telling --------------------------------------------------------------- */

static gboolean
record_event (EidTrainer *trainer, const char *kind, const char *text, GError **error)
{
  if (trainer->listener.event != NULL)
    trainer->listener.event (trainer->setup->step, kind, text, trainer->listener.user_data);
  return eid_run_event (trainer->run, trainer->setup->step, kind, text, error);
}

static void
tell_preparing (EidTrainer *trainer, const char *what)
{
  if (trainer->listener.preparing != NULL)
    trainer->listener.preparing (what, trainer->listener.user_data);
}

static void
tell_evaluated (EidTrainer *trainer)
{
  if (trainer->listener.evaluated != NULL)
    trainer->listener.evaluated (&trainer->evaluation, trainer->listener.user_data);
}

/* The first skipped picture is named, then every doubling of their number. */
static gboolean
tell_skipped (EidTrainer *trainer, GError **error)
{
  g_autofree char *first = NULL, *text = NULL;
  const guint skipped = eid_loader_skipped (trainer->loader, &first);

  if (skipped == 0 || skipped < 2 * trainer->skipped)
    return TRUE;
  trainer->skipped = skipped;
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u picture could not be read and was left out: %s",
                                       "%u pictures could not be read and were left out; the first: %s",
                                       skipped),
                          skipped, first != NULL ? first : "");
  return record_event (trainer, "warning", text, error);
}

/* --- Making and freeing ----------------------------------------------------- */

static void
read_run_settings (EidTrainer *trainer)
{
  EidRecipe *recipe = trainer->setup->recipe;

  trainer->steps = (guint64) eid_recipe_int (recipe, "Run", "steps");
  trainer->checkpoint_every = (guint64) eid_recipe_int (recipe, "Run", "checkpoint-every");
  trainer->evaluate_every = (guint64) eid_recipe_int (recipe, "Run", "evaluate-every");
}

/* The baselines of a resumed run are in its history already. */
static gboolean
load_baselines (EidTrainer *trainer, GError **error)
{
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      g_autoptr (GArray) series = NULL;

      if (!field->baseline)
        continue;
      series = eid_run_metric_series (trainer->run, field->name, error);
      if (series == NULL)
        return FALSE;
      if (series->len > 0)
        EID_EVALUATION_VALUE (&trainer->evaluation, field) = g_array_index (series, EidPoint, 0).value;
    }
  return TRUE;
}

/* @trainer has its setup and run; the rest follows from them. */
static gboolean
begin (EidTrainer *trainer, GError **error)
{
  EidSetup *setup = trainer->setup;

  read_run_settings (trainer);
  trainer->first_step = setup->step;
  trainer->saved_step = setup->step;
  trainer->chance = eid_model_chance (setup->model);
  trainer->samples = g_new0 (guint32, setup->batch);
  trainer->evaluation = eid_evaluation_none ();
  trainer->loader = eid_loader_new (setup->train, setup->batch, setup->seed, setup->step,
                                    CLAMP (g_get_num_processors () / 2, 1, 8));
  return load_baselines (trainer, error);
}

static EidSetupOptions
setup_options (const char *device, const EidListener *listener)
{
  return (EidSetupOptions){ device, listener->preparing, listener->user_data };
}

EidTrainer *
eid_trainer_new (EidRecipe *recipe, EidRegistry *registry, const char *device, const char *folder,
                 const EidListener *listener, GError **error)
{
  g_autoptr (EidTrainer) trainer = g_new0 (EidTrainer, 1);
  const EidSetupOptions options = setup_options (device, listener);

  trainer->listener = *listener;
  trainer->setup = eid_setup_new (recipe, registry, &options, error);
  if (trainer->setup == NULL)
    return NULL;
  /* One more than are kept: the newest is written before the oldest goes. */
  trainer->run =
      eid_run_create (folder, trainer->setup->recipe,
                      eid_checkpoint_bytes (trainer->setup) * (CHECKPOINTS_KEPT + 1) + BYTES_BESIDE, error);
  if (trainer->run == NULL || !begin (trainer, error))
    return NULL;
  return g_steal_pointer (&trainer);
}

EidTrainer *
eid_trainer_resume (const char *folder, EidRegistry *registry, const char *device, guint64 steps,
                    const EidListener *listener, GError **error)
{
  g_autoptr (EidTrainer) trainer = g_new0 (EidTrainer, 1);
  const EidSetupOptions options = setup_options (device, listener);

  trainer->listener = *listener;
  trainer->run = eid_run_open (folder, TRUE, error);
  if (trainer->run == NULL)
    return NULL;
  trainer->setup = eid_setup_open (trainer->run, registry, &options, TRUE, error);
  if (trainer->setup == NULL)
    return NULL;
  if (steps != 0)
    {
      g_autofree char *assignment = g_strdup_printf ("Run.steps=%" G_GUINT64_FORMAT, steps);

      if (!eid_recipe_set (trainer->setup->recipe, assignment, error))
        return NULL;
    }
  if (!eid_run_rewind (trainer->run, trainer->setup->step, error) || !begin (trainer, error))
    return NULL;
  return g_steal_pointer (&trainer);
}

static void
drop_pending (StepNumbers *numbers)
{
  g_clear_pointer (&numbers->loss_pending, eid_pending_wait);
  g_clear_pointer (&numbers->norm_pending, eid_pending_wait);
}

void
eid_trainer_free (EidTrainer *trainer)
{
  if (trainer == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (trainer->numbers); i++)
    drop_pending (&trainer->numbers[i]);
  g_clear_pointer (&trainer->loader, eid_loader_free);
  g_clear_pointer (&trainer->setup, eid_setup_free);
  g_clear_pointer (&trainer->run, eid_run_close);
  g_free (trainer->samples);
  g_free (trainer);
}

/* --- One step ---------------------------------------------------------------- */

/* Views of @batch as step @step draws them, [V B, S, S, C], in the arena. */
static EidTensor *
make_views (EidSetup *setup, const EidBatch *batch, guint64 step)
{
  const EidViews views = eid_model_views (setup->model);
  const guint size = eid_dataset_size (setup->train);
  g_autofree EidAugmentDraw *draws = eid_augment_draws (&setup->augment, setup->channels, views, setup->seed,
                                                        (guint32) step, batch->samples, batch->count);
  EidTensor *pictures = eid_tensor_from_data (
      setup->device, EID_U8, EID_SHAPE (batch->count, size, size, setup->channels), batch->pixels);

  return eid_augment (pictures, draws, views.count, setup->size, setup->mean, setup->std);
}

static EidTensor *
loss_and_gradients (EidSetup *setup, const EidBatch *batch, guint64 step)
{
  EidTensor *views = make_views (setup, batch, step);

  eid_parameters_zero_gradients (eid_model_parameters (setup->model));
  return eid_model_loss (setup->model, views, batch->samples, step, setup->seed, TRUE);
}

static void
run_step (EidTrainer *trainer, const EidBatch *batch, guint64 step)
{
  EidSetup *setup = trainer->setup;
  EidRecipe *recipe = setup->recipe;
  StepNumbers *numbers = &trainer->numbers[step % 2];
  const EidAdamW settings = {
    .learning_rate = (float) eid_schedule_learning_rate (
        eid_recipe_float (recipe, "Optimizer", "lr"),
        (guint64) eid_recipe_int (recipe, "Optimizer", "warmup"), trainer->steps, step),
    .beta1 = (float) eid_recipe_float (recipe, "Optimizer", "beta1"),
    .beta2 = (float) eid_recipe_float (recipe, "Optimizer", "beta2"),
    .epsilon = 1e-8f,
    .weight_decay = (float) eid_recipe_float (recipe, "Optimizer", "weight-decay"),
    .clip = (float) eid_recipe_float (recipe, "Optimizer", "clip"),
    .update = step + 1,
  };
  EidTensor *loss, *norm;

  eid_arena_push (setup->device);
  loss = loss_and_gradients (setup, batch, step);
  norm = eid_parameters_adamw (eid_model_parameters (setup->model), &settings);
  numbers->step = step;
  numbers->learning_rate = (double) settings.learning_rate;
  numbers->loss_pending = eid_tensor_read_later (loss, &numbers->loss);
  numbers->norm_pending = eid_tensor_read_later (norm, &numbers->norm);
  eid_arena_pop (setup->device);
}

/* Runs the step again with every operation checked, and says which was the
 * first to leave the finite numbers. The weights are those before the step:
 * the optimiser leaves them alone when the gradient is not finite.           */
static gboolean
fail_not_finite (EidTrainer *trainer, const StepNumbers *numbers, GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autoptr (EidLoader) loader = eid_loader_new (setup->train, setup->batch, setup->seed, numbers->step, 1);
  const EidBatch *batch = eid_loader_next (loader, NULL);
  g_autoptr (GError) culprit = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  char rate[G_ASCII_DTOSTR_BUF_SIZE];

  if (batch != NULL)
    {
      eid_set_finite_check (setup->device, TRUE);
      eid_arena_push (setup->device);
      loss_and_gradients (setup, batch, numbers->step);
      eid_arena_pop (setup->device);
      eid_set_finite_check (setup->device, FALSE);
      eid_device_check (setup->device, &culprit);
    }

  g_string_append_printf (
      text,
      isfinite (numbers->loss)
          ? _ ("Training stopped at step %" G_GUINT64_FORMAT ": the gradient is not finite.")
          : _ ("Training stopped at step %" G_GUINT64_FORMAT ": the loss is not finite."),
      numbers->step + 1);
  g_string_append_c (text, ' ');
  if (culprit != NULL)
    g_string_append (text, culprit->message);
  else
    g_string_append (text, _ ("Running the step again did not show which tensor was the first."));
  g_string_append_c (text, ' ');
  if (trainer->saved_step > 0)
    g_string_append_printf (text, _ ("The checkpoint of step %" G_GUINT64_FORMAT " is good."),
                            trainer->saved_step);
  else
    g_string_append (text, _ ("There is no checkpoint yet."));
  g_string_append_printf (
      text, _ (" Try a lower [Optimizer] lr than %s."),
      g_ascii_formatd (rate, sizeof rate, "%g", eid_recipe_float (setup->recipe, "Optimizer", "lr")));
  /* In the history alone: whoever listens is given the error. */
  eid_run_event (trainer->run, setup->step, "warning", text->str, NULL);
  eid_run_sync (trainer->run, NULL);
  g_set_error_literal (error, EID_ERROR, EID_ERROR_NOT_FINITE, text->str);
  return FALSE;
}

static double
seconds_since (gint64 time)
{
  return (double) (g_get_monotonic_time () - time) / G_USEC_PER_SEC;
}

/* What one step takes lately; at the very start, what the present one took. */
static double
seconds_a_step (EidTrainer *trainer)
{
  return trainer->smooth_seconds > 0 ? trainer->smooth_seconds
                                     : fmax (seconds_since (trainer->step_started), 1e-6);
}

/* Waits for the numbers of a step, keeps and reports them. */
static gboolean
settle (EidTrainer *trainer, StepNumbers *numbers, GError **error)
{
  const guint64 done = numbers->step + 1;
  EidProgress progress;
  double seconds;

  if (numbers->loss_pending == NULL)
    return TRUE;
  drop_pending (numbers);
  if (!eid_device_check (trainer->setup->device, error))
    return FALSE;
  if (!isfinite (numbers->loss) || !isfinite (numbers->norm))
    return fail_not_finite (trainer, numbers, error);

  seconds = seconds_a_step (trainer);
  progress = (EidProgress){
    .step = done,
    .steps = trainer->steps,
    .loss = (double) numbers->loss,
    .chance = trainer->chance,
    .learning_rate = numbers->learning_rate,
    .gradient_norm = (double) numbers->norm,
    .samples_per_second = trainer->setup->batch / seconds,
    .seconds_left = (double) (trainer->steps - done) * seconds,
  };
  if (!eid_run_metric (trainer->run, done, "loss", progress.loss, error)
      || !eid_run_metric (trainer->run, done, "learning-rate", progress.learning_rate, error)
      || !eid_run_metric (trainer->run, done, "gradient-norm", progress.gradient_norm, error)
      || !eid_run_metric (trainer->run, done, "samples-per-second", progress.samples_per_second, error))
    return FALSE;
  if (trainer->listener.progress != NULL)
    trainer->listener.progress (&progress, trainer->listener.user_data);
  return TRUE;
}

gboolean
eid_trainer_settle (EidTrainer *trainer, GError **error)
{
  const guint64 step = trainer->setup->step; /* the last two made: step - 2, step - 1 */
  const gint64 started = g_get_monotonic_time ();
  const gboolean good = settle (trainer, &trainer->numbers[step % 2], error)
                        && settle (trainer, &trainer->numbers[(step + 1) % 2], error);

  trainer->seconds += seconds_since (started);
  return good;
}

/* --- Evaluations and checkpoints ---------------------------------------------- */

static gboolean
record_evaluation (EidTrainer *trainer, gboolean baselines, GError **error)
{
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      const double value = EID_EVALUATION_VALUE (&trainer->evaluation, field);

      if (field->baseline == baselines && !isnan (value)
          && !eid_run_metric (trainer->run, baselines ? 0 : trainer->setup->step, field->name, value, error))
        return FALSE;
    }
  tell_evaluated (trainer);
  return TRUE;
}

static gboolean
ensure_baselines (EidTrainer *trainer, GError **error)
{
  if (eid_dataset_classes (trainer->setup->train) == 0 || !isnan (trainer->evaluation.linear_random))
    return TRUE;
  tell_preparing (trainer, _ ("Measuring the baselines"));
  return eid_evaluate_baselines (trainer->setup, EID_PROBE_ALL, &trainer->evaluation, error)
         && record_evaluation (trainer, TRUE, error) && eid_run_sync (trainer->run, error);
}

static gboolean
evaluate_now (EidTrainer *trainer, GError **error)
{
  if (trainer->evaluated)
    return TRUE;
  trainer->evaluated = TRUE;
  tell_preparing (trainer, _ ("Measuring the features"));
  return eid_trainer_settle (trainer, error)
         && eid_evaluate (trainer->setup, EID_PROBE_ALL, &trainer->evaluation, error)
         && record_evaluation (trainer, FALSE, error);
}

gboolean
eid_trainer_save (EidTrainer *trainer, GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autofree char *file = NULL;

  if (setup->step == trainer->saved_step)
    return TRUE;
  /* Only a state whose every loss is known to be finite is kept, and the
   * history up to it is on the disk before it. */
  if (!eid_trainer_settle (trainer, error) || !eid_run_sync (trainer->run, error))
    return FALSE;
  file = eid_run_checkpoint_file (trainer->run, setup->step);
  if (!eid_checkpoint_write (setup, file, error))
    return FALSE;
  trainer->saved_step = setup->step;
  eid_run_prune_checkpoints (trainer->run, CHECKPOINTS_KEPT);
  return record_event (trainer, "checkpoint", file, error);
}

static gboolean
is_due (guint64 step, guint64 every)
{
  return every != 0 && step % every == 0;
}

gboolean
eid_trainer_step (EidTrainer *trainer, GError **error)
{
  EidSetup *setup = trainer->setup;
  const guint64 step = setup->step;
  StepNumbers *before = &trainer->numbers[(step + 1) % 2];
  const gboolean flowing = before->loss_pending != NULL;
  const EidBatch *batch;
  double elapsed;

  g_return_val_if_fail (!eid_trainer_is_done (trainer), FALSE);

  trainer->step_started = g_get_monotonic_time ();
  batch = eid_loader_next (trainer->loader, error);
  if (batch == NULL)
    return FALSE;
  memcpy (trainer->samples, batch->samples, batch->count * sizeof (guint32));
  run_step (trainer, batch, step);
  setup->step = step + 1;
  trainer->evaluated = FALSE;

  /* The first step of a session is waited for: it says that all is well. */
  if (!settle (trainer, before, error)
      || (step == trainer->first_step && !settle (trainer, &trainer->numbers[step % 2], error)))
    return FALSE;
  elapsed = seconds_since (trainer->step_started);
  trainer->seconds += elapsed;
  /* A step that found none before it to wait for says nothing of the pace. */
  if (flowing)
    trainer->smooth_seconds =
        trainer->smooth_seconds > 0 ? 0.9 * trainer->smooth_seconds + 0.1 * elapsed : elapsed;

  if (!tell_skipped (trainer, error) || !ensure_baselines (trainer, error))
    return FALSE;
  if (is_due (step + 1, trainer->evaluate_every) && step + 1 < trainer->steps
      && !evaluate_now (trainer, error))
    return FALSE;
  return !is_due (step + 1, trainer->checkpoint_every) || eid_trainer_save (trainer, error);
}

gboolean
eid_trainer_finish (EidTrainer *trainer, GError **error)
{
  return eid_trainer_save (trainer, error) && ensure_baselines (trainer, error)
         && evaluate_now (trainer, error) && eid_run_sync (trainer->run, error);
}

/* --- Live edits ------------------------------------------------------------------ */

static const EidRecipeKey *
find_key (const char *section, const char *key)
{
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  for (guint i = 0; i < count; i++)
    if (g_str_equal (keys[i].section, section) && g_str_equal (keys[i].key, key))
      return &keys[i];
  return NULL;
}

gboolean
eid_trainer_set (EidTrainer *trainer, const char *section, const char *key, const char *value, GError **error)
{
  g_autofree char *assignment = g_strdup_printf ("%s.%s=%s", section, key, value);
  const EidRecipeKey *known = find_key (section, key);

  if (known != NULL && !known->live)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("[%s] %s cannot change while a run goes on: begin a new run with it."), section, key);
      return FALSE;
    }
  if (known == NULL && !eid_model_set (trainer->setup->model, section, key, value, error))
    return FALSE;
  return eid_recipe_set (trainer->setup->recipe, assignment, error)
         && record_event (trainer, "edit", assignment, error);
}

/* --- Asking ---------------------------------------------------------------------- */

EidSetup *
eid_trainer_setup (EidTrainer *trainer)
{
  return trainer->setup;
}

EidRun *
eid_trainer_run (EidTrainer *trainer)
{
  return trainer->run;
}

guint64
eid_trainer_steps (EidTrainer *trainer)
{
  return trainer->steps;
}

gboolean
eid_trainer_is_done (EidTrainer *trainer)
{
  return trainer->setup->step >= trainer->steps;
}

const guint32 *
eid_trainer_last_samples (EidTrainer *trainer, guint *count, guint64 *step)
{
  if (trainer->setup->step == trainer->first_step)
    return NULL;
  *count = trainer->setup->batch;
  *step = trainer->setup->step - 1;
  return trainer->samples;
}

double
eid_trainer_seconds (EidTrainer *trainer)
{
  return trainer->seconds;
}

double
eid_trainer_samples_per_second (EidTrainer *trainer)
{
  const double pictures = (double) (trainer->setup->step - trainer->first_step) * trainer->setup->batch;

  return trainer->seconds > 0 ? pictures / trainer->seconds : 0;
}

const EidEvaluation *
eid_trainer_evaluation (EidTrainer *trainer)
{
  return &trainer->evaluation;
}
