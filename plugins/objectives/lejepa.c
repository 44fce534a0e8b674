/* LeJEPA: the views of a picture should have one embedding, and the embeddings of all pictures the
 * standard normal distribution, which is best for whatever is asked of them later. There is no
 * teacher, and nothing is kept from its gradient.
 *
 * Balestriero and LeCun 2025, arXiv:2511.08544. The projector sees all views at once, and knots lie on
 * one side of 0, as in its reference code.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam lejepa_params[] = {
  EID_PARAM_FLOAT_LIVE (
      "lambda", 0.02, 0, 1,
      N_ ("Weight of the distribution's distance from the normal; that of the views' has the rest")),
  EID_PARAM_INT ("slices", 256, 1, 16384,
                 N_ ("Random directions, new in each step, along which the distribution is looked at")),
  EID_PARAM_INT ("knots", 17, 2, 64, N_ ("Points at which characteristic functions are compared")),
  EID_PARAM_FLOAT ("t-max", 3, 0.1, 20, N_ ("The last of them; the farther, the finer what is seen")),
  EID_PARAM_INT ("hidden", 512, 8, 8192,
                 N_ ("Channels of the projector's two hidden layers; 2048 in the reference code")),
  EID_PARAM_INT ("output", 64, 2, 8192, N_ ("Channels of an embedding")),
  EID_PARAMS_MULTI_CROP (4), /* 6 in the paper */
  EID_PARAM_END
};

#define LARGE_CROPS 2

typedef struct
{
  EidModule *projector;
} LeJepa;

static gboolean
lejepa_build (EidObjective *self, GError **error)
{
  LeJepa *lejepa = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden");

  if (!eid_multi_crop_check (self, error))
    return FALSE;
  lejepa->projector = eid_mlp (
      self, "proj", EID_WIDTHS (eid_encoder_width (self), hidden, hidden, eid_param_int (self, "output")),
      EID_BATCH_NORM, EID_NO_NORM);
  return TRUE;
}

/* Directions drawn anew in each step, unit vectors [slices, D]. */
static EidTensor *
lejepa_slices (EidObjective *self, EidStep *step)
{
  guint slices = eid_param_int (self, "slices"), width = eid_param_int (self, "output");
  g_autofree float *values = g_new (float, (gsize) slices *width);
  EidRandom random;

  eid_step_random (step, 0, 0, &random);
  for (gsize i = 0; i < (gsize) slices * width; i++)
    values[i] = eid_random_normal (&random);
  return eid_normalize (
      eid_tensor_from_data (eid_step_device (step), EID_F32, EID_SHAPE (slices, width), values));
}

/* Algorithm 1: the embeddings z [V B, D] of each view against the normal distribution. */
static EidTensor *
lejepa_sigreg (EidObjective *self, EidStep *step, EidTensor *z)
{
  guint views = eid_view_count (step);
  EidTensor *along = eid_matmul (z, FALSE, lejepa_slices (self, step), TRUE); /* [V B, slices] */

  return eid_epps_pulley (eid_reshape (along, EID_SHAPE (views, eid_dim (z, 0) / views, eid_dim (along, 1))),
                          eid_param_int (self, "knots"), eid_param_float (self, "t-max"));
}

/* Each view's distance from the mean of the large crops. */
static EidTensor *
lejepa_invariance (EidStep *step, EidTensor *z)
{
  guint views = eid_view_count (step), batch = eid_dim (z, 0) / views, width = eid_dim (z, 1);
  EidTensor *by_view = eid_reshape (z, EID_SHAPE (views, batch, width));
  EidTensor *centers = eid_mean_axis (eid_rows (by_view, 0, LARGE_CROPS), 0, NULL); /* [B, D] */

  return eid_mean (eid_square (eid_sub (by_view, centers)));
}

/* Algorithm 2 */
static EidTensor *
lejepa_loss (EidObjective *self, EidStep *step)
{
  LeJepa *lejepa = eid_objective_state (self);
  float lambda = eid_param_float (self, "lambda");
  EidTensor *z = eid_cast (eid_apply (step, lejepa->projector, eid_encode_views (step)), EID_F32);
  EidTensor *invariance = lejepa_invariance (step, z), *sigreg = lejepa_sigreg (self, step, z);

  eid_publish_scalar (step, "invariance", invariance);
  eid_publish_scalar (step, "sigreg", sigreg);
  return eid_add (eid_scale (invariance, 1 - lambda), eid_scale (sigreg, lambda));
}

EID_OBJECTIVE (lejepa, .title = N_ ("LeJEPA"), .source = "arXiv:2511.08544", .params = lejepa_params,
               .state_size = sizeof (LeJepa), .abilities = EID_CAN_RESIZE, .build = lejepa_build,
               .views = eid_views_multi_crop, .loss = lejepa_loss)
