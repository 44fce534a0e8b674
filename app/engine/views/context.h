/* context.h: what views are computed from. Whoever has a run fills it, the trainer above all; no view knows
 * where it comes from.                                                        */
#pragma once

#include "app/engine/diagnostics/diagnosis.h"
#include "app/engine/evaluation/evaluate.h"
#include "app/engine/views/projection.h"

G_BEGIN_DECLS

/* One look at the run's health is one record: all that is said of the health of a run at a step is said
 * of this. Told after each look, again once an evaluation has been made at its step, and once where a
 * run is gone on with. */
typedef struct
{
  const EidVitals *vitals;
  const EidVerdict *verdict;
  EidBand bands[EID_N_VITALS];
  double reference[EID_N_VITALS]; /* see eid_verdict_reference(); or NaN             */
  guint most_rank;                /* dimensions that the features could fill         */
  guint pictures;                 /* that were looked at                             */
  EidEvaluation probes;           /* the newest of that step or before; its step is 0
                                     where there is none                             */
  gboolean changed;               /* an alarm was raised or taken back               */
} EidHealthReport;

/* All is the filler's, and lives until the next step at least. */
typedef struct
{
  EidSetup *setup;
  const guint32 *samples; /* of the training split: those of the last step made; NULL before the first */
  guint n_samples;
  guint64 samples_step;   /* the step they were drawn for */
  EidMap *map;            /* remembers where the watched pictures were */
  gboolean can_collapse;  /* the same features for all pictures would satisfy the objective */
  gboolean has_health;    /* the health has been looked at: */
  EidHealthReport health;
} EidViewContext;

G_END_DECLS
