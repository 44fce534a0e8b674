/* trainer.c: a run from its making to its end: steps, and between them what falls
 * due. A step is step.c, evaluations are evaluate.c, edits are
 * edits.c, and what is kept to go back to is snapshots.c.                */
#include "app/engine/trainer/private.h"

#include "app/engine/setup/checkpoint.h"
#include "app/engine/setup/crash.h"
#include "app/engine/setup/data-report.h"
#include "app/wire/wire.h"

#include <math.h>
#include <string.h>

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

gboolean
eid_trainer_tell_pictures (EidTrainer *trainer, gboolean all, GError **error)
{
  g_autofree char *stretched = eid_data_tell_stretched (trainer->setup);

  return tell_unreadable (trainer, all, error)
         && (stretched == NULL || eid_trainer_record_event (trainer, EID_WIRE_EVENT_NOTE, stretched, error));
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

/* What was decided as the run was made is not decided again when it is opened, but can be read then. */
static gboolean
keep_told (EidTrainer *trainer, GError **error)
{
  const GPtrArray *told = trainer->setup->told;

  for (guint i = 0; i < told->len; i++)
    if (!eid_run_event (trainer->run, trainer->setup->step, EID_WIRE_EVENT_NOTE, told->pdata[i], error))
      return FALSE;
  return TRUE;
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
  if (trainer->run == NULL || !begin (trainer, error) || !keep_told (trainer, error))
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

/* --- Checkpoints and what falls due ------------------------------------------- */

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

gboolean
eid_trainer_is_due (guint64 step, guint64 every)
{
  return every != 0 && step % every == 0;
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
      && (!eid_trainer_tell_start (trainer, error) || !eid_trainer_find_waiting_evaluation (trainer, error)))
    return FALSE;
  if (trainer->waits && !eid_trainer_evaluate_now (trainer, error))
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
  if (!eid_trainer_tell_pictures (trainer, FALSE, error) || !check_health (trainer, error))
    return FALSE;
  if (eid_trainer_is_due (step + 1, trainer->evaluate_every) && step + 1 < trainer->steps
      && !eid_trainer_evaluate_now (trainer, error))
    return FALSE;
  if (!eid_trainer_check_moment (trainer, error))
    return FALSE;
  return !eid_trainer_is_due (step + 1, trainer->checkpoint_every) || eid_trainer_save (trainer, error);
}

gboolean
eid_trainer_finish (EidTrainer *trainer, GError **error)
{
  /* Of a finished run that was opened: measured before, and told once here. */
  if (trainer->evaluated && trainer->first_step == trainer->setup->step)
    eid_trainer_tell_evaluated (trainer);
  return eid_trainer_save (trainer, error) && eid_trainer_evaluate_now (trainer, error)
         && eid_trainer_take_moment (trainer, error) && eid_run_sync (trainer->run, error);
}

/* --- Asking ---------------------------------------------------------------------- */

/* Of a run that was taken up: which pictures a step had follows from the seed. */
static gboolean
find_samples (EidTrainer *trainer)
{
  const EidSetup *setup = trainer->setup;
  g_autoptr (EidLoader) loader = eid_loader_new (setup->train, setup->batch, setup->seed, setup->step - 1, 1);
  const EidBatch *batch = eid_loader_next (loader, NULL);

  if (batch != NULL)
    memcpy (trainer->samples, batch->samples, batch->count * sizeof (guint32));
  return batch != NULL;
}

const guint32 *
eid_trainer_last_samples (EidTrainer *trainer, guint *count, guint64 *step)
{
  if (trainer->setup->step == 0)
    return NULL;
  if (trainer->setup->step == trainer->first_step && !trainer->found_samples
      && !(trainer->found_samples = find_samples (trainer)))
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

EidViewContext
eid_trainer_view_context (EidTrainer *trainer)
{
  EidViewContext context = { .setup = trainer->setup, .can_collapse = eid_trainer_can_collapse (trainer) };

  if (trainer->map == NULL)
    trainer->map = eid_map_new ();
  context.map = trainer->map;
  context.samples = eid_trainer_last_samples (trainer, &context.n_samples, &context.samples_step);
  context.has_health = eid_trainer_health (trainer, &context.health);
  return context;
}
