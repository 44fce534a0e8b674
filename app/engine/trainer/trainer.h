/* trainer.h: one run, step by step: data, draws, views, loss, gradients,
 * optimiser, and what is kept of it on disk.
 *
 * A trainer belongs to one thread. It never waits for the device inside a
 * step: the numbers of a step are read while the next one runs, so progress
 * is reported one step behind.                                               */
#pragma once

#include "app/engine/views/context.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 step, steps; /* steps done, of so many                       */
  double loss;
  double chance; /* loss of a model that knows nothing, or NaN   */
  double learning_rate, gradient_norm;
  double samples_per_second; /* pictures, or passages of text, lately        */
  double tokens_per_second;  /* of text; NaN: the data are pictures          */
  double seconds_left;       /* NaN while not known                          */
  guint64 device_bytes;      /* in use on the device                         */
} EidProgress;

/* Whoever wants to know. Called from the trainer's thread; any may be NULL. */
typedef struct
{
  void (*preparing) (const char *what, gpointer user_data);
  void (*progress) (const EidProgress *progress, gpointer user_data);
  void (*evaluated) (const EidEvaluation *evaluation, gpointer user_data);
  /* @kind: "warning", "checkpoint", "edit", "alarm", "recovery", "moment",
   * "code" */
  void (*event) (guint64 step, const char *kind, const char *text, gpointer user_data);
  void (*health) (const EidHealthReport *report, gpointer user_data);
  /* Whether somebody waits for the trainer to come back: an evaluation is put off then, to be made anew
   * before the next step or in the next session. */
  gboolean (*hurried) (gpointer user_data);
  gpointer user_data;
} EidListener;

typedef struct _EidTrainer EidTrainer;

/* Begins a run of @recipe (taken in every case) in the new folder @folder
 * (NULL: a fresh name among the user's runs). Nothing is trained yet. Errors:
 * EID_ERROR, EID_DATASET_ERROR, EID_STORE_ERROR.                             */
EidTrainer *eid_trainer_new (EidRecipe *recipe, EidRegistry *registry, const char *device, const char *folder,
                             const EidListener *listener, GError **error);

/* Goes on with the run in @folder from its newest good checkpoint, or from the
 * start when it has none. @steps: a new end of the run, 0: as it was.        */
EidTrainer *eid_trainer_resume (const char *folder, EidRegistry *registry, const char *device, guint64 steps,
                                const EidListener *listener, GError **error);

/* The same to look at alone: its history stays as it is, beyond the checkpoint too. Not to be stepped. */
EidTrainer *eid_trainer_open (const char *folder, EidRegistry *registry, const char *device,
                              const EidListener *listener, GError **error);

void eid_trainer_free (EidTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidTrainer, eid_trainer_free)

EidSetup *eid_trainer_setup (EidTrainer *trainer);
EidRun *eid_trainer_run (EidTrainer *trainer);
double eid_trainer_chance (EidTrainer *trainer);    /* or NaN */
guint64 eid_trainer_steps (EidTrainer *trainer);    /* of the whole run   */
gboolean eid_trainer_is_done (EidTrainer *trainer); /* all steps are made */

/* One step, and what falls due after it: baselines after the first, an
 * evaluation, a checkpoint. An evaluation that was put off is made before it; put
 * off once more, no step is made. Errors: EID_ERROR_NOT_FINITE, which names step and
 * tensor; what else can fail. The trainer is of no further use then.         */
gboolean eid_trainer_step (EidTrainer *trainer, GError **error);

/* Waits for the numbers of the step before and reports them, so that a paused
 * run shows its newest state.                                                */
gboolean eid_trainer_settle (EidTrainer *trainer, GError **error);

/* Writes a checkpoint of the state as it is, if there is none yet. */
gboolean eid_trainer_save (EidTrainer *trainer, GError **error);
/* The same, and a moment with it; neither is ever thinned out. */
gboolean eid_trainer_save_for_good (EidTrainer *trainer, GError **error);

/* A last evaluation and checkpoint. To be called once all steps are made; again, where the evaluation waits
 * afterwards. */
gboolean eid_trainer_finish (EidTrainer *trainer, GError **error);

/* Whether an evaluation was put off. */
gboolean eid_trainer_evaluation_waits (EidTrainer *trainer);

/* Changes a live parameter from the next step on, and writes it into the run's
 * history, durably. Errors: EID_ERROR_USAGE.                                 */
gboolean eid_trainer_set (EidTrainer *trainer, const char *section, const char *key, const char *value,
                          GError **error);

/* What became of the tensors when code was replaced. */
typedef struct
{
  const char *kind; /* "encoder" or "objective"                           */
  char *id;
  guint64 step;
  guint kept;
  GPtrArray *fresh, *dropped; /* char *, tensors                          */
  GPtrArray *defaulted;       /* char *, parameters whose value is none any more */
  char *sentence;
} EidReplacement;

EidReplacement *eid_replacement_new (void);
void eid_replacement_free (EidReplacement *replacement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidReplacement, eid_replacement_free)

/* The plugin in @file takes the place of the one of its id that is being trained, from the next step on:
 * tensors of the same name and shape are kept with all that belongs to them, parameters' values where the key
 * still takes them. NULL with the reason, and the run goes on as it was, where it cannot be loaded or built
 * or does not make its first step. To be called when the state is saved: code that crashes takes the process
 * with it, and what is gone on with then is the code of before. Free.             */
EidReplacement *eid_trainer_replace (EidTrainer *trainer, const char *file, GError **error);

/* Makes a new run in @folder (NULL: a fresh name among the user's runs) that goes on
 * from the checkpoint of @step with @recipe (NULL: as it was then; taken in every
 * case), and has the history up to there. To be resumed. -> its folder; free.
 * Errors: EID_ERROR_USAGE where there is no such checkpoint, or where it does not
 * fit what the recipe wants; EID_STORE_ERROR.                                */
char *eid_trainer_branch (EidTrainer *trainer, guint64 step, EidRecipe *recipe, const char *folder,
                          GError **error);

/* The pictures of the last step made: @count numbers in the training half, and
 * the step they were drawn for; of a run taken up, of the step before. NULL before
 * the first step.                                                            */
const guint32 *eid_trainer_last_samples (EidTrainer *trainer, guint *count, guint64 *step);

/* What views of the run are computed from, as it is now. */
EidViewContext eid_trainer_view_context (EidTrainer *trainer);

/* Time spent in the steps of this session, and samples per second over it. */
double eid_trainer_seconds (EidTrainer *trainer);
double eid_trainer_samples_per_second (EidTrainer *trainer);

/* The last look at the run's health, of former sessions too; FALSE before the first. It lives until the
 * next. */
gboolean eid_trainer_health (EidTrainer *trainer, EidHealthReport *report);
/* The look at @step, or the last one before it, or the first there is. FALSE: there is none, or it
 * cannot be read, which sets @error. */
gboolean eid_trainer_health_at (EidTrainer *trainer, guint64 step, EidHealthReport *report, GError **error);

/* The newest evaluation; its step is 0 and its values are NaN before the first. */
const EidEvaluation *eid_trainer_evaluation (EidTrainer *trainer);

G_END_DECLS
