/* VICReg: both views of a picture should have one embedding, of which each channel varies over the
 * batch (variance, so that nothing collapses) and no two channels vary together (covariance).
 *
 * Bardes et al. 2022, arXiv:2105.04906. Where its reference code weighs otherwise than the equations,
 * this follows the code, for which the defaults are meant: invariance is a mean over channels too,
 * variance a mean over the views. Batch norms see one view at a time.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam vicreg_params[] = {
  EID_PARAM_FLOAT_LIVE ("invariance", 25, 0, 1000, N_ ("Weight of the distance between views")),
  EID_PARAM_FLOAT_LIVE ("variance", 25, 0, 1000, N_ ("Weight of what channels lack of a deviation of 1")),
  EID_PARAM_FLOAT_LIVE ("covariance", 1, 0, 1000, N_ ("Weight of what channels have in common")),
  EID_PARAM_INT ("hidden", 1024, 8, 8192,
                 N_ ("Channels of the expander's two hidden layers; 8192 in the paper")),
  EID_PARAM_INT ("output", 1024, 8, 8192,
                 N_ ("Channels of an embedding; the more the better, 8192 in the paper")),
  EID_PARAM_END
};

#define GAMMA   1.0f  /* the deviation that is wanted */
#define EPSILON 1e-4f /* added to variances           */

typedef struct
{
  EidModule *hidden, *output; /* the expander */
} VicReg;

static gboolean
vicreg_build (EidObjective *self, GError **error)
{
  VicReg *vicreg = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  vicreg->hidden = eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, hidden),
                            EID_BATCH_NORM, EID_BATCH_NORM);
  /* Without a bias, to which the loss would be blind. */
  vicreg->output = eid_linear_module (self, "projector.6", hidden, output, FALSE);
  return TRUE;
}

/* The embedding Z [B, D] of one view. */
static EidTensor *
vicreg_embed (EidObjective *self, EidStep *step, guint view)
{
  VicReg *vicreg = eid_objective_state (self);
  EidTensor *h = eid_encode (step, eid_view (step, view))->pooled;

  h = eid_relu (eid_apply (step, vicreg->hidden, h));
  return eid_cast (eid_apply (step, vicreg->output, h), EID_F32);
}

/* v (Z), equations 1 and 2, from the covariances [D, D] */
static EidTensor *
vicreg_variance (EidTensor *covariance)
{
  EidTensor *deviation = eid_sqrt (eid_shift (eid_diagonal (covariance), EPSILON));

  return eid_mean (eid_relu (eid_shift (eid_scale (deviation, -1), GAMMA)));
}

/* c (Z), equation 4 */
static EidTensor *
vicreg_covariance (EidTensor *covariance)
{
  return eid_scale (eid_off_diagonal_squares (covariance), 1.0f / eid_dim (covariance, 0));
}

/* Equation 6 */
static EidTensor *
vicreg_loss (EidObjective *self, EidStep *step)
{
  EidTensor *z_a = vicreg_embed (self, step, 0), *z_b = vicreg_embed (self, step, 1);
  EidTensor *c_a = eid_covariance (z_a), *c_b = eid_covariance (z_b); /* equation 3 */
  EidTensor *invariance = eid_mean (eid_square (eid_sub (z_a, z_b))); /* equation 5 */
  EidTensor *variance = eid_scale (eid_add (vicreg_variance (c_a), vicreg_variance (c_b)), 0.5f);
  EidTensor *covariance = eid_add (vicreg_covariance (c_a), vicreg_covariance (c_b));

  eid_publish_projections (step, z_a);
  eid_publish_scalar (step, "invariance", invariance);
  eid_publish_scalar (step, "variance", variance);
  eid_publish_scalar (step, "covariance", covariance);
  return eid_add (eid_add (eid_scale (invariance, eid_param_float (self, "invariance")),
                           eid_scale (variance, eid_param_float (self, "variance"))),
                  eid_scale (covariance, eid_param_float (self, "covariance")));
}

EID_OBJECTIVE (vicreg, .title = N_ ("VICReg"), .source = "arXiv:2105.04906", .params = vicreg_params,
               .state_size = sizeof (VicReg), .build = vicreg_build, .views = eid_views_two_crops,
               .loss = vicreg_loss)
