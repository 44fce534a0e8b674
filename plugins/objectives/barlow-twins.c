/* Barlow Twins: each channel should say the same of both views of a picture, and something else
 * than every other channel.
 *
 * Zbontar et al. 2021, arXiv:2103.03230. Batch norms see one view at a time, as in its reference code.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam barlow_params[] = {
  EID_PARAM_FLOAT_LIVE ("lambda", 0.0051, 0, 1,
                        N_ ("Weight of what different channels have in common against what each keeps")),
  EID_PARAM_INT ("hidden", 1024, 8, 8192,
                 N_ ("Channels of the projector's two hidden layers; 8192 in the paper")),
  EID_PARAM_INT ("output", 1024, 8, 8192,
                 N_ ("Channels that are compared; the more the better, 8192 in the paper")),
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector;
} BarlowTwins;

static gboolean
barlow_build (EidObjective *self, GError **error)
{
  BarlowTwins *barlow = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  barlow->projector =
      eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, hidden, output),
               EID_BATCH_NORM, EID_PLAIN_BATCH_NORM);
  return TRUE;
}

/* The embedding [B, D] of one view; each channel has mean 0 and deviation 1 over the batch. */
static EidTensor *
barlow_embed (EidObjective *self, EidStep *step, guint view)
{
  BarlowTwins *barlow = eid_objective_state (self);
  EidTensor *h = eid_encode (step, eid_view (step, view))->pooled;

  return eid_cast (eid_apply (step, barlow->projector, h), EID_F32);
}

static EidTensor *
barlow_loss (EidObjective *self, EidStep *step)
{
  EidTensor *a = barlow_embed (self, step, 0), *b = barlow_embed (self, step, 1);
  /* Equation 2: correlations of the channels of one view with those of the other, [D, D]. */
  EidTensor *c = eid_scale (eid_matmul (a, TRUE, b, FALSE), 1.0f / eid_dim (a, 0));
  /* Equation 1: on the diagonal they should be 1, and 0 off it. */
  EidTensor *invariance = eid_sum (eid_square (eid_shift (eid_diagonal (c), -1)));
  EidTensor *redundancy = eid_off_diagonal_squares (c);

  eid_publish_projections (step, a);
  eid_publish_scalar (step, "invariance", invariance);
  eid_publish_scalar (step, "redundancy", redundancy);
  return eid_add (invariance, eid_scale (redundancy, eid_param_float (self, "lambda")));
}

/* clang-format off */ /* which would take the name for a subtraction */
EID_OBJECTIVE (barlow-twins, .title = N_ ("Barlow Twins"), .source = "arXiv:2103.03230",
               .params = barlow_params, .state_size = sizeof (BarlowTwins), .build = barlow_build,
               .views = eid_views_two_crops, .loss = barlow_loss)
