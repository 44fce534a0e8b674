/* SimSiam: predict one view's projection from the other's; what is predicted gets no gradient, and
 * that alone keeps all pictures from becoming the same.
 *
 * Chen and He 2020, arXiv:2011.10566. Each view goes through by itself, so that batch norm sees one
 * at a time, as in the paper's code. The predictor's learning rate follows its schedule like all
 * others; the paper gains a little by holding it constant.
 */

#include "eidoscope.h"

static const EidParam simsiam_params[] = {
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the projector; 2048 in the paper")),
  EID_PARAM_INT ("output", 512, 8, 8192, N_ ("Channels in which views are compared; 2048 in the paper")),
  EID_PARAM_INT ("bottleneck", 128, 8, 8192,
                 N_ ("Hidden channels of the predictor, a quarter of its output's; 512 in the paper")),
  EID_PARAM_BOOL ("stop-gradient", TRUE,
                  N_ ("What is predicted gets no gradient. Off: it does, to see it collapse")),
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector, *predictor;
} SimSiam;

static gboolean
simsiam_build (EidObjective *self, GError **error)
{
  SimSiam *simsiam = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  simsiam->projector =
      eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, hidden, output),
               EID_BATCH_NORM, EID_PLAIN_BATCH_NORM);
  simsiam->predictor =
      eid_mlp (self, "predictor", EID_WIDTHS (output, eid_param_int (self, "bottleneck"), output),
               EID_BATCH_NORM, EID_NO_NORM);
  return TRUE;
}

/* The mean cosine of rows of p and z [B, output]: minus equation 1. */
static EidTensor *
simsiam_cosine (EidTensor *p, EidTensor *z)
{
  return eid_scale (eid_sum (eid_mul (eid_normalize (p), eid_normalize (z))), 1.0f / eid_dim (p, 0));
}

/* Both views predict each other: equation 4. */
static EidTensor *
simsiam_loss (EidObjective *self, EidStep *step)
{
  SimSiam *simsiam = eid_objective_state (self);
  gboolean stop_gradient = eid_param_bool (self, "stop-gradient");
  EidTensor *p[2], *z[2];

  for (guint v = 0; v < 2; v++)
    {
      EidTensor *h = eid_encode (step, eid_view (step, v))->pooled; /* [B, width] */

      z[v] = eid_apply (step, simsiam->projector, h);
      p[v] = eid_apply (step, simsiam->predictor, z[v]);
      if (stop_gradient)
        z[v] = eid_detach (z[v]);
    }
  eid_publish_projections (step, z[0]);
  return eid_scale (eid_add (simsiam_cosine (p[0], z[1]), simsiam_cosine (p[1], z[0])), -0.5f);
}

/* Predictions at right angles to what they predict. */
static double
simsiam_chance (EidObjective *self)
{
  return 0;
}

EID_OBJECTIVE (simsiam, .title = N_ ("SimSiam"), .source = "arXiv:2011.10566", .params = simsiam_params,
               .state_size = sizeof (SimSiam), .build = simsiam_build, .views = eid_views_two_crops,
               .loss = simsiam_loss, .chance = simsiam_chance)
