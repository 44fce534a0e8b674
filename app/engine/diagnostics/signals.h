/* signals.h: the vital signs of a run at one step, all on the same pictures and
 * the same draws whenever it is looked: what diagnosis.h judges.               */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

typedef enum
{
  /* Of training: means over the steps since the look before. */
  EID_VITAL_LOSS,
  EID_VITAL_GRADIENT_NORM,
  /* Of the features of the watched pictures; see metrics.h. */
  EID_VITAL_Z_STD,
  EID_VITAL_COSINE,
  EID_VITAL_STD_HINGE,
  EID_VITAL_RANK,
  EID_VITAL_ALPHA,
  /* Of views of some of them, where the objective is of augmented pictures. */
  EID_VITAL_LIDAR,
  EID_VITAL_ALIGNMENT,
  EID_VITAL_UNIFORMITY,
  /* Of the objective on watched views, and what it publishes. */
  EID_VITAL_WATCH_LOSS,
  EID_VITAL_TEACHER_ENTROPY,
  EID_VITAL_TEACHER_KL,
  EID_VITAL_PROTOTYPE_USE,
  EID_VITAL_PROJECTION_STD,
  EID_VITAL_PROJECTION_DIMENSIONS,
  EID_N_VITALS
} EidVital;

/* As metrics of a run and on the wire: "z-std". */
extern const char *const eid_vital_names[EID_N_VITALS];
/* What stands before the name of a number of the objective's own there. */
#define EID_OWN_PREFIX "own."

typedef struct
{
  guint64 step;
  double value[EID_N_VITALS]; /* NaN where there is none */
  guint own_count;            /* what the objective publishes under names of its own */
  EidScalar own[EID_MOST_SCALARS];
} EidVitals;

EidVitals eid_vitals_none (guint64 step);

/* Looks at the model as it is. The two numbers of training are left to the
 * caller. Errors: EID_ERROR, EID_DATASET_ERROR.                              */
gboolean eid_vitals_look (EidSetup *setup, EidVitals *vitals, GError **error);

/* After how many steps a look is due again if it is to take less than a
 * fiftieth of the time of training, a step being three passes of each view:
 * forwards, and twice as much backwards.                                     */
guint64 eid_vitals_interval (EidSetup *setup);

G_END_DECLS
