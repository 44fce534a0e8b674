/* private.h: what the files of the trainer share. */
#pragma once

#include "app/engine/setup/optimizer.h"
#include "app/engine/trainer/trainer.h"

G_BEGIN_DECLS

/* What a step leaves on the device until the next one is under way. */
typedef struct
{
  guint64 step;  /* counted from 0                                */
  float *losses; /* of the batch's parts                          */
  float norm;
  double learning_rate;
  GPtrArray *pending; /* EidPending, reads under way; empty: all is read   */
} EidStepNumbers;

#define EID_N_MOMENT_VIEWS 5

struct _EidTrainer
{
  EidSetup *setup;
  EidRun *run;
  EidLoader *loader;
  EidListener listener;

  guint64 first_step, steps; /* of this session, of the run                   */
  guint64 checkpoint_every, evaluate_every;
  guint64 saved_step; /* of the newest checkpoint; 0: none             */
  double chance;

  EidStepNumbers numbers[2]; /* of even and of odd steps                      */
  guint32 *samples;          /* [B] of the last step                          */
  gboolean found_samples;    /* they are those of the step before the first   */
  guint unreadable;          /* pictures told about                           */
  gboolean told_obstacle;    /* why there are no probes                       */
  guint64 former_steps;      /* of a resumed run, before it was; 0: it is new */

  gint64 step_started;
  double seconds;        /* in steps, all                                 */
  double smooth_seconds; /* in one step, lately; 0: not known yet         */

  EidEvaluation evaluation;
  gboolean evaluated; /* at the present step                           */
  gboolean waits;     /* the evaluation of the present step was put off */
  gint64 told_part;   /* when it was told last how far one is           */

  guint64 health_every;
  gboolean looks_early;              /* nobody said when, so the first are near       */
  GArray *vitals;                    /* EidVitals, of every look                      */
  GArray *verdicts;                  /* EidVerdict, likewise                          */
  EidVerdict verdict;                /* at the last of them                           */
  EidVerdictKind told;               /* the last one that was told                    */
  double watched_loss, watched_norm; /* sums over the steps since then                */
  guint watched_steps;

  EidMap *map;              /* NULL before it is looked at                   */
  GPtrArray *waiting_edits; /* EidEvent, of steps to come                    */

  guint64 moment_bytes, moment_every;        /* bytes 0: none is kept       */
  guint64 last_moment;                       /* its step; 0: none           */
  guint moment_pictures[EID_N_MOMENT_VIEWS]; /* in each view; 0: not to be had */
  gint64 moment_after;                       /* none that could wait is taken before */
  gint64 moment_took;                        /* microseconds of the quickest         */
  guint moments_taken;                       /* in this session                      */
};

/* The listener hears of it, and the history keeps it. */
gboolean eid_trainer_record_event (EidTrainer *trainer, const char *kind, const char *text, GError **error);

/* Whether something that is done every @every steps, 0: never, is done at @step. */
gboolean eid_trainer_is_due (guint64 step, guint64 every);

/* Pictures that are not seen as they are stored: those that could not be read since it was told last, @all: be
 * they ever so few, and that some were stretched. */
gboolean eid_trainer_tell_pictures (EidTrainer *trainer, gboolean all, GError **error);

/* After a checkpoint, unless the present step has been evaluated; `waits` where it was put off. */
gboolean eid_trainer_evaluate_now (EidTrainer *trainer, GError **error);
/* Of a run that is gone on with: `waits` where the evaluation of its step was not made. */
gboolean eid_trainer_find_waiting_evaluation (EidTrainer *trainer, GError **error);
void eid_trainer_tell_evaluated (EidTrainer *trainer);

/* What the data and the schedule give reason to say before the first step of a session. */
gboolean eid_trainer_tell_start (EidTrainer *trainer, GError **error);

/* Whether the same features for all pictures would satisfy the objective: then their spread is watched. */
gboolean eid_trainer_can_collapse (EidTrainer *trainer);
/* What the history knows of the run's health; to be called once there is a run. */
gboolean eid_trainer_begin_health (EidTrainer *trainer, GError **error);
void eid_trainer_end_health (EidTrainer *trainer);
/* Of each step made. */
void eid_trainer_watch_step (EidTrainer *trainer, double loss, double norm);
/* Between steps: looks, if it is due. Errors as eid_vitals_look(). */
gboolean eid_trainer_check_health (EidTrainer *trainer, GError **error);
/* Looks now, unless it has been looked at this step, and does not tell. */
gboolean eid_trainer_look_now (EidTrainer *trainer, GError **error);
/* Tells of the last look, and of an alarm that it raised or took back. */
gboolean eid_trainer_tell_health (EidTrainer *trainer, GError **error);

/* Edits of the history that are of @step or later wait for their step to come … */
gboolean eid_trainer_load_edits (EidTrainer *trainer, guint64 step, GError **error);
/* … and those that are due are made. */
gboolean eid_trainer_make_edits (EidTrainer *trainer, GError **error);

/* "Code of dcl replaced at step 40: 12 tensors kept, 1 new (…)". Free. */
char *eid_replacement_describe (const EidReplacement *report);

#define EID_CODE_KEY   "code"
#define EID_CODE_EVENT "code"

/* An edit "Objective.code" made again: the code that the run keeps under this name, as at its step. */
gboolean eid_trainer_take_code (EidTrainer *trainer, guint part, const char *code, GError **error);

gboolean eid_trainer_begin_moments (EidTrainer *trainer, GError **error);
/* Between steps: at once, unless there is one of this step; and only if it is due. */
gboolean eid_trainer_take_moment (EidTrainer *trainer, GError **error);
gboolean eid_trainer_check_moment (EidTrainer *trainer, GError **error);

void eid_step_numbers_drop (EidStepNumbers *numbers);

/* The next step on @batch, and the numbers of the one before. Errors as
 * eid_trainer_step().                                                        */
gboolean eid_trainer_make_step (EidTrainer *trainer, const EidBatch *batch, GError **error);

/* Views, loss and gradients of a batch part by part, and of one part; the
 * losses are read into @numbers unless it is NULL.                           */
void eid_trainer_run_parts (EidTrainer *trainer, const EidBatch *batch, guint64 step,
                            EidStepNumbers *numbers);
void eid_trainer_run_part (EidTrainer *trainer, const EidBatch *part, guint64 step, EidStepNumbers *numbers,
                           guint place);

/* Both FALSE, with what can be found out about it. The first runs the step
 * again with every operation checked, and says which was the first to leave
 * the finite numbers; the second tries, out of memory, what would fit, and
 * takes @cause.                                                              */
gboolean eid_trainer_fail_not_finite (EidTrainer *trainer, const EidStepNumbers *numbers, gboolean of_loss,
                                      GError **error);
gboolean eid_trainer_fail_step (EidTrainer *trainer, GError *cause, GError **error);

G_END_DECLS
