/* trainer-step.c: one step of a run, in the order of the data: draws, views, loss
 * and gradients, optimiser; and the numbers of the step before, read while
 * this one runs.                                                             */
#include "trainer-private.h"

#include "schedule.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

void
eid_step_numbers_drop (EidStepNumbers *numbers)
{
  g_clear_pointer (&numbers->loss_pending, eid_pending_wait);
  g_clear_pointer (&numbers->norm_pending, eid_pending_wait);
}

/* Views of @batch as step @step draws them, in the arena. */
static EidViewTensors
make_views (EidSetup *setup, const EidBatch *batch, guint64 step)
{
  const EidViews views = eid_model_views (setup->model);
  const guint size = eid_dataset_size (setup->train);
  g_autofree EidAugmentDraw *draws = NULL;
  EidViewTensors tensors = { NULL };
  EidTensor *pictures;

  if (eid_setup_is_text (setup))
    {
      tensors.views = eid_setup_text_views (setup, batch->pixels, batch->count, views.count);
      return tensors;
    }
  draws = eid_augment_draws (&setup->augment, setup->channels, views, setup->seed, (guint32) step,
                             batch->samples, batch->count);
  pictures = eid_tensor_from_data (setup->device, EID_U8,
                                   EID_SHAPE (batch->count, size, size, setup->channels), batch->pixels);
  tensors.views = eid_augment (pictures, draws, views.count, setup->size, setup->mean, setup->std);
  if (views.small_count > 0)
    tensors.small = eid_augment (pictures, draws + (gsize) views.count * batch->count, views.small_count,
                                 views.small_size, setup->mean, setup->std);
  return tensors;
}

static EidTensor *
loss_and_gradients (EidSetup *setup, const EidBatch *batch, guint64 step)
{
  const EidViewTensors views = make_views (setup, batch, step);

  return eid_model_loss (setup->model, views, batch->samples, step, setup->seed, TRUE);
}

static void
run_step (EidTrainer *trainer, const EidBatch *batch, guint64 step)
{
  EidSetup *setup = trainer->setup;
  EidRecipe *recipe = setup->recipe;
  EidStepNumbers *numbers = &trainer->numbers[step % 2];
  EidUpdate settings = {
    .rule = EID_ADAMW,
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
  settings.teacher_momentum = eid_model_teacher_momentum (setup->model);
  norm = eid_parameters_update (eid_model_parameters (setup->model), &settings);
  numbers->step = step;
  numbers->learning_rate = (double) settings.learning_rate;
  numbers->loss_pending = eid_tensor_read_later (loss, &numbers->loss);
  numbers->norm_pending = eid_tensor_read_later (norm, &numbers->norm);
  eid_arena_pop (setup->device);
}

/* Runs the step again with every operation checked, and says which was the
 * first to leave the finite numbers. The optimiser halts at the first gradient
 * that is not finite, so the weights are those the step was made with.       */
static gboolean
fail_not_finite (EidTrainer *trainer, const EidStepNumbers *numbers, GError **error)
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

  g_string_append_printf (text,
                          isfinite (numbers->loss)
                              ? _ ("Training stopped at step %" PRIu64 ": the gradient is not finite.")
                              : _ ("Training stopped at step %" PRIu64 ": the loss is not finite."),
                          numbers->step + 1);
  g_string_append_c (text, ' ');
  if (culprit != NULL)
    g_string_append (text, culprit->message);
  else
    g_string_append (text, _ ("Running the step again did not show which tensor was the first."));
  g_string_append_c (text, ' ');
  if (trainer->saved_step > 0)
    g_string_append_printf (text, _ ("The checkpoint of step %" PRIu64 " is good."), trainer->saved_step);
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
settle (EidTrainer *trainer, EidStepNumbers *numbers, GError **error)
{
  const guint64 done = numbers->step + 1;
  EidProgress progress;
  double seconds;

  if (numbers->loss_pending == NULL)
    return TRUE;
  eid_step_numbers_drop (numbers);
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

gboolean
eid_trainer_make_step (EidTrainer *trainer, const EidBatch *batch, GError **error)
{
  const guint64 step = trainer->setup->step;
  EidStepNumbers *before = &trainer->numbers[(step + 1) % 2];
  const gboolean flowing = before->loss_pending != NULL;
  double elapsed;

  memcpy (trainer->samples, batch->samples, batch->count * sizeof (guint32));
  run_step (trainer, batch, step);
  trainer->setup->step = step + 1;
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
  return TRUE;
}
