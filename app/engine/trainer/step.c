/* step.c: one step of a run, in the order of the data: draws, views, loss
 * and gradients, optimiser; and the numbers of the step before, read while
 * this one runs.                                                             */
#include "app/engine/trainer/private.h"

#include "app/engine/setup/optimizer.h"
#include "app/engine/setup/views.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

void
eid_step_numbers_drop (EidStepNumbers *numbers)
{
  g_ptr_array_set_size (numbers->pending, 0);
}

static double
mean_loss (const EidTrainer *trainer, const EidStepNumbers *numbers)
{
  double sum = 0;

  for (guint i = 0; i < trainer->setup->parts; i++)
    sum += (double) numbers->losses[i];
  return sum / trainer->setup->parts;
}

/* Part @i of @batch, which lies in it. */
static EidBatch
part_of (const EidSetup *setup, const EidBatch *batch, guint i)
{
  const guint count = batch->count / setup->parts, first = i * count;

  return (EidBatch){
    .count = count,
    .pixels = batch->pixels + first * eid_dataset_bytes (setup->train),
    .samples = batch->samples + first,
    .labels = batch->labels + first,
  };
}

void
eid_trainer_run_part (EidTrainer *trainer, const EidBatch *part, guint64 step, EidStepNumbers *numbers,
                      guint place)
{
  EidSetup *setup = trainer->setup;
  EidViewTensors views;
  EidTensor *loss;

  eid_arena_push (setup->device);
  views =
      eid_drawn_views (setup, eid_model_views (setup->model), part->pixels, part->samples, part->count, step);
  loss = eid_model_loss (setup->model, views, part->samples, step, setup->seed, TRUE);
  if (numbers != NULL)
    g_ptr_array_add (numbers->pending, eid_tensor_read_later (loss, &numbers->losses[place]));
  eid_arena_pop (setup->device);
}

void
eid_trainer_run_parts (EidTrainer *trainer, const EidBatch *batch, guint64 step, EidStepNumbers *numbers)
{
  for (guint i = 0; i < trainer->setup->parts; i++)
    {
      const EidBatch part = part_of (trainer->setup, batch, i);

      eid_trainer_run_part (trainer, &part, step, numbers, i);
    }
}

static void
run_step (EidTrainer *trainer, const EidBatch *batch, guint64 step)
{
  EidSetup *setup = trainer->setup;
  EidStepNumbers *numbers = &trainer->numbers[step % 2];
  EidUpdate update = eid_optimizer_update (setup->recipe, step, trainer->steps);

  numbers->step = step;
  numbers->learning_rate = (double) update.learning_rate;
  eid_trainer_run_parts (trainer, batch, step, numbers);
  update.teacher_momentum = eid_model_teacher_momentum (setup->model);
  eid_arena_push (setup->device);
  g_ptr_array_add (numbers->pending,
                   eid_tensor_read_later (
                       eid_parameters_update (eid_model_parameters (setup->model), &update), &numbers->norm));
  eid_arena_pop (setup->device);
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

static gboolean
tell_no_gradient (EidTrainer *trainer, GError **error)
{
  g_autofree char *text = g_strdup_printf (
      _ ("No gradient comes out of the loss() of “%s”: no weight will ever change. Perhaps something on the "
         "way from the features to the loss is detached, or the loss is constant."),
      eid_model_objective (trainer->setup->model)->id);

  return eid_trainer_record_event (trainer, "warning", text, error);
}

/* Waits for the numbers of a step, keeps and reports them. */
static gboolean
settle (EidTrainer *trainer, EidStepNumbers *numbers, GError **error)
{
  const guint64 done = numbers->step + 1;
  GError *cause = NULL;
  EidProgress progress;
  double seconds, loss;

  if (numbers->pending->len == 0)
    return TRUE;
  eid_step_numbers_drop (numbers);
  if (!eid_device_check (trainer->setup->device, &cause))
    return eid_trainer_fail_step (trainer, cause, error);
  loss = mean_loss (trainer, numbers);
  if (!isfinite (loss) || !isfinite (numbers->norm))
    return eid_trainer_fail_not_finite (trainer, numbers, !isfinite (loss), error);

  seconds = seconds_a_step (trainer);
  progress = (EidProgress){
    .step = done,
    .steps = trainer->steps,
    .loss = loss,
    .chance = trainer->chance,
    .learning_rate = numbers->learning_rate,
    .gradient_norm = (double) numbers->norm,
    .samples_per_second = trainer->setup->batch / seconds,
    .tokens_per_second = eid_setup_is_text (trainer->setup)
                             ? trainer->setup->batch / seconds * eid_setup_tokens (trainer->setup)
                             : NAN,
    .seconds_left = (double) (trainer->steps - done) * seconds,
    .device_bytes = eid_device_bytes (trainer->setup->device),
  };
  if (!eid_run_metric (trainer->run, done, "loss", progress.loss, error)
      || !eid_run_metric (trainer->run, done, "learning-rate", progress.learning_rate, error)
      || !eid_run_metric (trainer->run, done, "gradient-norm", progress.gradient_norm, error)
      || !eid_run_metric (trainer->run, done, "samples-per-second", progress.samples_per_second, error))
    return FALSE;
  if (numbers->step == trainer->first_step && numbers->norm == 0 && !tell_no_gradient (trainer, error))
    return FALSE;
  eid_trainer_watch_step (trainer, progress.loss, progress.gradient_norm);
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
  const gboolean flowing = before->pending->len > 0;
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
