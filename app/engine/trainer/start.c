/* start.c: what is worth saying before the first step of a session: of the data and
 * the schedule, which go together less well than they might.                 */
#include "app/engine/trainer/private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

G_GNUC_PRINTF (3, 4)
static gboolean
warn (EidTrainer *trainer, GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return eid_trainer_record_event (trainer, "warning", text, error);
}

static gboolean
check_batch (EidTrainer *trainer, GError **error)
{
  const EidSetup *setup = trainer->setup;
  const guint count = eid_dataset_count (setup->train);

  return setup->batch <= count
         || warn (
             trainer, error,
             _ ("The batch of %'u is larger than the %'u there are to train on: some are in it more than "
                "once, and a method that tells each from all others is asked to tell them from "
                "themselves. Set [Run] batch to %u or less."),
             setup->batch, count, count);
}

static gboolean
check_warmup (EidTrainer *trainer, GError **error)
{
  const guint64 warmup = (guint64) eid_recipe_int (trainer->setup->recipe, "Optimizer", "warmup");

  return warmup < trainer->steps
         || warn (trainer, error,
                  _ ("The warm-up of %'" PRIu64 " steps is as long as the run of %'" PRIu64
                     " or longer: the learning rate rises to its end and is never lowered. Set [Optimizer] "
                     "warmup to less, or [Run] steps to more."),
                  warmup, trainer->steps);
}

/* The schedule is a function of where in the run a step is. */
static gboolean
check_schedule (EidTrainer *trainer, GError **error)
{
  const guint64 step = trainer->setup->step;
  const EidUpdate then = eid_optimizer_update (trainer->setup->recipe, step, trainer->former_steps);
  const EidUpdate now = eid_optimizer_update (trainer->setup->recipe, step, trainer->steps);

  return trainer->former_steps == 0 || trainer->former_steps == trainer->steps
         || warn (
             trainer, error,
             _ ("The run ends at step %'" PRIu64 " instead of %'" PRIu64
                ", and its schedules follow: at step %'" PRIu64
                " the learning rate jumps from %.3g to %.3g. The run’s recipe.ini says so from here on."),
             trainer->steps, trainer->former_steps, step, (double) then.learning_rate,
             (double) now.learning_rate);
}

gboolean
eid_trainer_tell_start (EidTrainer *trainer, GError **error)
{
  if (trainer->setup->changed != NULL && !warn (trainer, error, "%s", trainer->setup->changed))
    return FALSE;
  return (trainer->former_steps != 0 || (check_batch (trainer, error) && check_warmup (trainer, error)))
         && check_schedule (trainer, error);
}
