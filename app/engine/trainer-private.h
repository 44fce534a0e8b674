/* trainer-private.h: what trainer.c and trainer-step.c share. */
#pragma once

#include "trainer.h"

G_BEGIN_DECLS

/* What a step leaves on the device until the next one is under way. */
typedef struct
{
  guint64 step; /* counted from 0                                */
  float loss, norm;
  double learning_rate;
  EidPending *loss_pending, *norm_pending; /* NULL: already read              */
} EidStepNumbers;

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
  guint skipped;             /* pictures told about                           */

  gint64 step_started;
  double seconds;        /* in steps, all                                 */
  double smooth_seconds; /* in one step, lately; 0: not known yet         */

  EidEvaluation evaluation;
  gboolean evaluated; /* at the present step                           */
};

void eid_step_numbers_drop (EidStepNumbers *numbers);

/* The next step on @batch, and the numbers of the one before. Errors as
 * eid_trainer_step().                                                        */
gboolean eid_trainer_make_step (EidTrainer *trainer, const EidBatch *batch, GError **error);

G_END_DECLS
