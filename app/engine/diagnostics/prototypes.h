/* prototypes.h: which prototypes a teacher names for the watched pictures: a few
 * for all of them is how a method of assignments collapses.                  */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

typedef struct
{
  guint prototypes;  /* K there are                                             */
  guint pictures;    /* looked at                                               */
  guint rows;        /* their views that were assigned                          */
  double *use;       /* [K] share of the rows that name it first; sums to 1     */
  double *mass;      /* [K] its mean probability over the rows; sums to 1       */
  guint unused;      /* prototypes that no row names                            */
  double in_use;     /* of how many the uses speak: exp of their entropy        */
  double entropy;    /* of a row's probabilities, nats, mean; ln K at most      */
  double divergence; /* of the student from the teacher, nats; NaN: not told   */
} EidPrototypes;

/* As the objective assigns the large views of up to EID_WATCHED test pictures, drawn as health
 * draws them, batch by batch. Errors: EID_ERROR_USAGE where the objective assigns nothing; EID_ERROR,
 * EID_DATASET_ERROR.                                                         */
EidPrototypes *eid_watch_prototypes (EidSetup *setup, GError **error);
void eid_prototypes_free (EidPrototypes *prototypes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPrototypes, eid_prototypes_free)

G_END_DECLS
