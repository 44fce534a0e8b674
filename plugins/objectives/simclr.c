/* SimCLR: two views of a picture should be more alike than views of different pictures.
 *
 * Chen et al. 2020, arXiv:2002.05709.
 */

#include "eidoscope.h"

#include <math.h>

static const EidParam simclr_params[] = {
  EID_PARAM_FLOAT_LIVE ("temperature", 0.2, 0.01, 2,
                        N_ ("Divides similarities; lower looks harder at the nearest pictures")),
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the projector")),
  EID_PARAM_INT ("output", 128, 8, 8192,
                 N_ ("Channels of the projector's output, in which views are compared")),
  EID_PARAM_BOOL ("last-norm", 0, N_ ("A batch norm after the projector's last layer too")), EID_PARAM_END
};

typedef struct
{
  EidModule *projector;
} SimClr;

static gboolean
simclr_build (EidObjective *self, GError **error)
{
  SimClr *simclr = eid_objective_state (self);

  simclr->projector = eid_mlp (
      self, "projector",
      EID_WIDTHS (eid_encoder_width (self), eid_param_int (self, "hidden"), eid_param_int (self, "output")),
      EID_BATCH_NORM, eid_param_bool (self, "last-norm") ? EID_BATCH_NORM : EID_NO_NORM);
  return TRUE;
}

/* NT-Xent over the 2B views of a batch: equation 1. */
static EidTensor *
simclr_loss (EidObjective *self, EidStep *step)
{
  SimClr *simclr = eid_objective_state (self);
  EidTensor *h = eid_encode (step, eid_all_views (step))->pooled;        /* [2B, width] */
  EidTensor *z = eid_normalize (eid_apply (step, simclr->projector, h)); /* [2B, output] */

  return eid_nt_xent (z, eid_param_float (self, "temperature"));
}

/* Every one of the 2B - 1 other views is as likely to be the partner. */
static double
simclr_chance (EidObjective *self)
{
  return log (2.0 * eid_batch_size (self) - 1);
}

EID_OBJECTIVE (simclr, .title = N_ ("SimCLR"), .source = "arXiv:2002.05709", .params = simclr_params,
               .state_size = sizeof (SimClr), .build = simclr_build, .views = eid_views_two_crops,
               .loss = simclr_loss, .chance = simclr_chance)
