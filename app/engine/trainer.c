/* trainer.c: a run from its making to its end: steps, and between them what falls
 * due: baselines, evaluations, checkpoints. A step is trainer-step.c, edits are
 * trainer-edits.c, and what is kept to go back to is trainer-moments.c.       */
#include "trainer-private.h"

#include "checkpoint.h"
#include "crash.h"
#include "data-report.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#define CHECKPOINTS_KEPT 3

/* Unreadable pictures that are told of as they are met. */
#define FEW 16

/* Room on the disk beside the checkpoints: history and pictures. */
#define BYTES_BESIDE (16 * 1024 * 1024)

/* --- Telling --------------------------------------------------------------- */

gboolean
eid_trainer_record_event (EidTrainer *trainer, const char *kind, const char *text, GError **error)
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
      trainer, eid_dataset_classes (trainer->setup->train) > 0 ? "warning" : "note", obstacle, error);
}

static void
tell_evaluated (EidTrainer *trainer)
{
  if (trainer->listener.evaluated != NULL)
    trainer->listener.evaluated (&trainer->evaluation, trainer->listener.user_data);
}

/* Pictures that could not be read, each once: at first as they are met; of many, whenever their number
 * has doubled, and at the end of the run.                                     */
static gboolean
tell_unreadable (EidTrainer *trainer, gboolean all, GError **error)
{
  const guint now =
      eid_dataset_unreadable (trainer->setup->train) + eid_dataset_unreadable (trainer->setup->test);
  g_autofree char *text = NULL;

  if (now == trainer->unreadable || (!all && now > FEW && now < 2 * trainer->unreadable))
    return TRUE;
  trainer->unreadable = now;
  text = eid_setup_tell_unreadable (trainer->setup);
  return text == NULL || eid_trainer_record_event (trainer, "warning", text, error);
}

/* Pictures that are not seen as they are stored. */
static gboolean
tell_pictures (EidTrainer *trainer, gboolean all, GError **error)
{
  g_autofree char *stretched = eid_data_tell_stretched (trainer->setup);

  return tell_unreadable (trainer, all, error)
         && (stretched == NULL || eid_trainer_record_event (trainer, "note", stretched, error));
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

/* The baselines of a resumed run are in its history already, unless they are of other data. */
static gboolean
load_baselines (EidTrainer *trainer, GError **error)
{
  if (trainer->setup->changed != NULL)
    return TRUE;
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

/* A run opened at a step at which its features were measured does not measure them again. */
static gboolean
load_evaluation (EidTrainer *trainer, GError **error)
{
  if (eid_dataset_classes (trainer->setup->train) == 0 || trainer->setup->step == 0)
    return TRUE;
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      EidPoint last;

      if (field->baseline)
        continue;
      if (!eid_run_last_point (trainer->run, field->name, &last, error))
        return FALSE;
      if (last.step == trainer->setup->step)
        EID_EVALUATION_VALUE (&trainer->evaluation, field) = last.value;
    }
  trainer->evaluated = !isnan (trainer->evaluation.knn) && !isnan (trainer->evaluation.linear);
  if (trainer->evaluated)
    trainer->evaluation.step = trainer->setup->step;
  return TRUE;
}

static void
wait_for_read (gpointer pending)
{
  eid_pending_wait (pending);
}

/* @trainer has its setup and run; the rest follows from them. */
static gboolean
begin (EidTrainer *trainer, GError **error)
{
  EidSetup *setup = trainer->setup;

  eid_crash_set_folder (eid_run_folder (trainer->run));
  read_run_settings (trainer);
  trainer->first_step = setup->step;
  trainer->saved_step = setup->step;
  eid_model_set_steps (setup->model, trainer->steps);
  trainer->chance = eid_model_chance (setup->model);
  trainer->samples = g_new0 (guint32, setup->batch);
  for (guint i = 0; i < G_N_ELEMENTS (trainer->numbers); i++)
    {
      trainer->numbers[i].losses = g_new0 (float, setup->parts);
      trainer->numbers[i].pending = g_ptr_array_new_with_free_func (wait_for_read);
    }
  trainer->evaluation = eid_evaluation_none ();
  trainer->loader = eid_loader_new (setup->train, setup->batch, setup->seed, setup->step,
                                    CLAMP (g_get_num_processors () / 2, 1, 8));
  return eid_setup_keep_code (setup, trainer->run, error) && load_baselines (trainer, error)
         && load_evaluation (trainer, error) && eid_trainer_begin_health (trainer, error)
         && eid_trainer_load_edits (trainer, setup->step, error)
         && eid_trainer_begin_moments (trainer, error);
}

static EidSetupOptions
setup_options (const char *device, const EidListener *listener)
{
  return (EidSetupOptions){ device, listener->preparing, listener->user_data, TRUE };
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

/* The run goes on to @steps; 0: to those of its recipe.ini, which says from here on what they are. */
static gboolean
take_steps (EidTrainer *trainer, guint64 steps, GError **error)
{
  EidRecipe *own = eid_run_recipe (trainer->run);
  g_autofree char *assignment = NULL;

  trainer->former_steps = (guint64) eid_recipe_int (trainer->setup->recipe, "Run", "steps");
  if (steps == 0)
    steps = MAX ((guint64) eid_recipe_int (own, "Run", "steps"),
                 MIN (trainer->setup->step, trainer->former_steps));
  assignment = g_strdup_printf ("Run.steps=%" G_GUINT64_FORMAT, steps);
  return eid_recipe_set (trainer->setup->recipe, assignment, error)
         && ((guint64) eid_recipe_int (own, "Run", "steps") == steps
             || eid_run_change_recipe (trainer->run, assignment, error));
}

/* A trainer of the run in @folder at its newest good checkpoint; it has not begun. */
static EidTrainer *
load (const char *folder, EidRegistry *registry, const char *device, const EidListener *listener,
      GError **error)
{
  g_autoptr (EidTrainer) trainer = g_new0 (EidTrainer, 1);
  const EidSetupOptions options = setup_options (device, listener);

  trainer->listener = *listener;
  trainer->run = eid_run_open (folder, TRUE, error);
  if (trainer->run == NULL)
    return NULL;
  trainer->setup = eid_setup_open (trainer->run, registry, &options, error);
  return trainer->setup != NULL ? g_steal_pointer (&trainer) : NULL;
}

EidTrainer *
eid_trainer_resume (const char *folder, EidRegistry *registry, const char *device, guint64 steps,
                    const EidListener *listener, GError **error)
{
  g_autoptr (EidTrainer) trainer = load (folder, registry, device, listener, error);

  if (trainer == NULL)
    return NULL;
  if (!take_steps (trainer, steps, error))
    return NULL;
  if (!eid_run_rewind (trainer->run, trainer->setup->step, error) || !begin (trainer, error))
    return NULL;
  return g_steal_pointer (&trainer);
}

EidTrainer *
eid_trainer_open (const char *folder, EidRegistry *registry, const char *device, const EidListener *listener,
                  GError **error)
{
  g_autoptr (EidTrainer) trainer = load (folder, registry, device, listener, error);

  return trainer != NULL && begin (trainer, error) ? g_steal_pointer (&trainer) : NULL;
}

void
eid_trainer_free (EidTrainer *trainer)
{
  if (trainer == NULL)
    return;
  eid_crash_set_folder (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (trainer->numbers); i++)
    {
      g_clear_pointer (&trainer->numbers[i].pending, g_ptr_array_unref);
      g_free (trainer->numbers[i].losses);
    }
  eid_trainer_end_health (trainer);
  g_clear_pointer (&trainer->map, eid_map_free);
  g_clear_pointer (&trainer->waiting_edits, g_ptr_array_unref);
  g_clear_pointer (&trainer->loader, eid_loader_free);
  g_clear_pointer (&trainer->setup, eid_setup_free);
  g_clear_pointer (&trainer->run, eid_run_close);
  g_free (trainer->samples);
  g_free (trainer);
}

/* --- Evaluations and checkpoints ---------------------------------------------- */

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
  tell_evaluated (trainer);
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
  text = g_strdup_printf (_ ("Evaluating: %s, %" PRIu64 " of %" PRIu64), what, done, all);
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
static gboolean
evaluate_now (EidTrainer *trainer, GError **error)
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
  return tell_pictures (trainer, TRUE, error) && tell_obstacle (trainer, error)
         && record_evaluation (trainer, FALSE, error) && eid_trainer_tell_health (trainer, error)
         && eid_run_event (trainer->run, trainer->setup->step, "evaluation", "", error)
         && eid_trainer_take_moment (trainer, error);
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
  return eid_trainer_record_event (trainer, "checkpoint", file, error);
}

gboolean
eid_trainer_save_for_good (EidTrainer *trainer, GError **error)
{
  return eid_trainer_take_moment (trainer, error)
         && eid_run_keep_moment (trainer->run, trainer->setup->step, TRUE, error)
         && eid_trainer_save (trainer, error) && eid_run_sync (trainer->run, error);
}

static gboolean
is_due (guint64 step, guint64 every)
{
  return every != 0 && step % every == 0;
}

/* A session that ended between a checkpoint and the evaluation after it left the latter to be made. */
static gboolean
find_waiting_evaluation (EidTrainer *trainer, GError **error)
{
  gboolean has = FALSE;

  if (trainer->setup->step == 0 || !is_due (trainer->setup->step, trainer->evaluate_every))
    return TRUE;
  if (!has_evaluation (trainer, &has, error))
    return FALSE;
  trainer->waits = !has;
  return TRUE;
}

/* Looks at the features. Data that cannot be read then cost no step that was made. */
static gboolean
check_health (EidTrainer *trainer, GError **error)
{
  GError *cause = NULL;

  if (eid_trainer_check_health (trainer, &cause))
    return TRUE;
  if (cause->domain == EID_DATASET_ERROR)
    eid_trainer_save (trainer, NULL);
  g_propagate_error (error, cause);
  return FALSE;
}

gboolean
eid_trainer_step (EidTrainer *trainer, GError **error)
{
  const guint64 step = trainer->setup->step;
  const EidBatch *batch;

  g_return_val_if_fail (!eid_trainer_is_done (trainer), FALSE);

  if (step == trainer->first_step && !trainer->waits
      && (!eid_trainer_tell_start (trainer, error) || !find_waiting_evaluation (trainer, error)))
    return FALSE;
  if (trainer->waits && !evaluate_now (trainer, error))
    return FALSE;
  if (trainer->waits)
    return TRUE;
  /* With the weights as they were drawn: what later looks are compared with. */
  if (step == trainer->first_step && !check_health (trainer, error))
    return FALSE;
  if (!eid_trainer_make_edits (trainer, error))
    return FALSE;
  trainer->step_started = g_get_monotonic_time ();
  batch = eid_loader_next (trainer->loader, error);
  if (batch == NULL || !eid_trainer_make_step (trainer, batch, error))
    return FALSE;
  if (!tell_pictures (trainer, FALSE, error) || !check_health (trainer, error))
    return FALSE;
  if (is_due (step + 1, trainer->evaluate_every) && step + 1 < trainer->steps
      && !evaluate_now (trainer, error))
    return FALSE;
  if (!eid_trainer_check_moment (trainer, error))
    return FALSE;
  return !is_due (step + 1, trainer->checkpoint_every) || eid_trainer_save (trainer, error);
}

gboolean
eid_trainer_finish (EidTrainer *trainer, GError **error)
{
  /* Of a finished run that was opened: measured before, and told once here. */
  if (trainer->evaluated && trainer->first_step == trainer->setup->step)
    tell_evaluated (trainer);
  return eid_trainer_save (trainer, error) && evaluate_now (trainer, error)
         && eid_trainer_take_moment (trainer, error) && eid_run_sync (trainer->run, error);
}

/* --- Asking ---------------------------------------------------------------------- */

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

EidMap *
eid_trainer_map (EidTrainer *trainer)
{
  if (trainer->map == NULL)
    trainer->map = eid_map_new ();
  return trainer->map;
}
