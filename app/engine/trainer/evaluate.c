/* evaluate.c: the evaluations of a run, with its baselines before the first. They take long:
 * they say how far they are, can be skipped, and are put off where somebody waits for the run. */
#include "app/engine/trainer/private.h"

#include "app/engine/setup/data-report.h"
#include "app/wire/wire.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

/* --- Telling --------------------------------------------------------------- */

static void
tell_preparing (EidTrainer *trainer, const char *what)
{
  if (trainer->listener.preparing != NULL)
    trainer->listener.preparing (what, trainer->listener.user_data);
}

/* Why there are no probes, once. */
static gboolean
tell_obstacle (EidTrainer *trainer, GError **error)
{
  const char *obstacle = trainer->setup->obstacle;

  if (obstacle == NULL || trainer->told_obstacle)
    return TRUE;
  trainer->told_obstacle = TRUE;
  /* Data without classes are meant to be so; of a class alone somebody expects a number. */
  return eid_trainer_record_event (
      trainer, eid_dataset_classes (trainer->setup->train) > 0 ? "warning" : EID_WIRE_EVENT_NOTE, obstacle,
      error);
}

void
eid_trainer_tell_evaluated (EidTrainer *trainer)
{
  if (trainer->listener.evaluated != NULL)
    trainer->listener.evaluated (&trainer->evaluation, trainer->listener.user_data);
}

/* --- Evaluating ------------------------------------------------------------ */

static gboolean
record_evaluation (EidTrainer *trainer, gboolean baselines, GError **error)
{
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      const double value = EID_EVALUATION_VALUE (&trainer->evaluation, field);

      /* The look at this step has recorded its numbers. */
      if (field->baseline == baselines && field->probe && !isnan (value)
          && !eid_run_metric (trainer->run, baselines ? 0 : trainer->setup->step, field->name, value, error))
        return FALSE;
    }
  eid_trainer_tell_evaluated (trainer);
  return TRUE;
}

/* Whether the history has an evaluation of the present step. */
static gboolean
has_evaluation (EidTrainer *trainer, gboolean *has, GError **error)
{
  g_autoptr (GPtrArray) events = eid_run_events (trainer->run, error);

  *has = FALSE;
  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      const EidEvent *event = g_ptr_array_index (events, i);

      if (event->step == trainer->setup->step && g_str_equal (event->kind, "evaluation"))
        *has = TRUE;
    }
  return events != NULL;
}

/* They wait for the first evaluation: whoever starts a run wants to see it move. */
static gboolean
ensure_baselines (EidTrainer *trainer, GError **error)
{
  g_autofree char *obstacle = eid_data_obstacle (trainer->setup);

  if (obstacle != NULL || !isnan (trainer->evaluation.linear_random))
    return TRUE;
  tell_preparing (trainer, _ ("Measuring the baselines"));
  return eid_evaluate_baselines (trainer->setup, EID_PROBE_ALL, &trainer->evaluation, error)
         && record_evaluation (trainer, TRUE, error) && eid_run_sync (trainer->run, error);
}

/* What is said of the features at a step is what the look at it found. */
static void
take_rank (EidTrainer *trainer)
{
  const EidVitals *vitals = &g_array_index (trainer->vitals, EidVitals, trainer->vitals->len - 1);

  trainer->evaluation.rank = vitals->value[EID_VITAL_RANK];
  trainer->evaluation.z_std = vitals->value[EID_VITAL_Z_STD];
}

static gboolean
is_hurried (EidTrainer *trainer)
{
  return trainer->listener.hurried != NULL && trainer->listener.hurried (trainer->listener.user_data);
}

/* How far it is, some times a second; and whether it goes on. */
static gboolean
tell_part (const char *what, guint64 done, guint64 all, gpointer data)
{
  EidTrainer *trainer = data;
  const gint64 now = g_get_monotonic_time ();
  g_autofree char *text = NULL;

  if (eid_evaluation_is_skipped ())
    return FALSE;
  trainer->waits = is_hurried (trainer);
  if (trainer->waits)
    return FALSE;
  if (done < all && now - trainer->told_part < G_USEC_PER_SEC / 5)
    return TRUE;
  trainer->told_part = now;
  /* TRANSLATORS: during an evaluation: "Features", "Pixels", "Nearest neighbours" or "Linear probe"; how much
   * of it is done, of how much. */
  text = g_strdup_printf (_ ("Evaluating: %s, %'" PRIu64 " of %'" PRIu64), what, done, all);
  tell_preparing (trainer, text);
  return TRUE;
}

/* What may take long, and may be skipped or put off. */
static gboolean
probe (EidTrainer *trainer, gboolean *skipped, GError **error)
{
  EidSetup *setup = trainer->setup;
  gboolean good;
  GError *cause = NULL;

  setup->done = tell_part;
  setup->done_data = trainer;
  if (trainer->listener.event != NULL)
    trainer->listener.event (trainer->setup->step, "evaluating", "", trainer->listener.user_data);
  eid_evaluation_begin ();
  good = ensure_baselines (trainer, &cause);
  if (good)
    {
      tell_preparing (trainer, _ ("Measuring the features"));
      good = eid_evaluate (trainer->setup, EID_PROBE_KNN | EID_PROBE_LINEAR, &trainer->evaluation, &cause);
    }
  setup->done = NULL;
  *skipped = eid_evaluation_end () && !good;
  if (*skipped || trainer->waits)
    g_clear_error (&cause);
  else if (!good)
    g_propagate_error (error, cause);
  return good || *skipped || trainer->waits;
}

/* After a checkpoint: an evaluation that fails loses nothing of the training. */
gboolean
eid_trainer_evaluate_now (EidTrainer *trainer, GError **error)
{
  gboolean skipped;

  trainer->waits = FALSE;
  if (trainer->evaluated)
    return TRUE;
  if (!eid_trainer_save (trainer, error))
    return FALSE;
  trainer->evaluated = TRUE;
  if (!eid_trainer_settle (trainer, error) || !eid_trainer_look_now (trainer, error)
      || !probe (trainer, &skipped, error))
    return FALSE;
  if (trainer->waits)
    {
      trainer->evaluated = FALSE;
      return TRUE;
    }
  if (skipped)
    return eid_trainer_tell_health (trainer, error)
           && eid_trainer_record_event (trainer, "warning", _ ("This evaluation was skipped."), error)
           && eid_trainer_take_moment (trainer, error);
  take_rank (trainer);
  return eid_trainer_tell_pictures (trainer, TRUE, error) && tell_obstacle (trainer, error)
         && record_evaluation (trainer, FALSE, error) && eid_trainer_tell_health (trainer, error)
         && eid_run_event (trainer->run, trainer->setup->step, "evaluation", "", error)
         && eid_trainer_take_moment (trainer, error);
}

/* A session that ended between a checkpoint and the evaluation after it left the latter to be made. */
gboolean
eid_trainer_find_waiting_evaluation (EidTrainer *trainer, GError **error)
{
  gboolean has = FALSE;

  if (trainer->setup->step == 0 || !eid_trainer_is_due (trainer->setup->step, trainer->evaluate_every))
    return TRUE;
  if (!has_evaluation (trainer, &has, error))
    return FALSE;
  trainer->waits = !has;
  return TRUE;
}

gboolean
eid_trainer_evaluation_waits (EidTrainer *trainer)
{
  return trainer->waits;
}

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

double
eid_trainer_chance (EidTrainer *trainer)
{
  return trainer->chance;
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
