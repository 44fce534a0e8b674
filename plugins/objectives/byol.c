/* BYOL: from one view of a picture the student predicts what the teacher, a slow copy of it, makes of
 * the other view. No picture is told apart from another; the predictor and the teacher's slowness
 * keep all of them from becoming the same.
 *
 * Grill et al. 2020, arXiv:2006.07733. Each view goes through by itself, so that batch norm sees one
 * at a time, as in the paper's code.
 */

#include "eidoscope.h"

static const EidParam byol_params[] = {
  EID_PARAM_FLOAT ("teacher-momentum", 0.996, 0, 1,
                   N_ ("How slowly the teacher follows the student at first; 1 at the end of the run. Short "
                       "runs want less")),
  EID_PARAM_INT ("hidden", 512, 8, 8192,
                 N_ ("Hidden channels of projector and predictor; 4096 in the paper")),
  EID_PARAM_INT ("output", 128, 8, 8192, N_ ("Channels in which views are compared; 256 in the paper")),
  EID_PARAM_BOOL ("stop-gradient", TRUE,
                  N_ ("Predict the teacher. Off: the student itself, with gradient, to see it collapse")),
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector, *predictor;
} Byol;

static gboolean
byol_build (EidObjective *self, GError **error)
{
  Byol *byol = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  byol->projector = eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, output),
                             EID_BATCH_NORM, EID_NO_NORM);
  byol->predictor =
      eid_mlp (self, "predictor", EID_WIDTHS (output, hidden, output), EID_BATCH_NORM, EID_NO_NORM);
  return TRUE;
}

/* images [B, H, W, C] to [B, output] */
static EidTensor *
byol_project (EidObjective *self, EidStep *step, EidTensor *images)
{
  Byol *byol = eid_objective_state (self);

  return eid_apply (step, byol->projector, eid_encode (step, images)->pooled);
}

/* Squared distance of unit vectors, 2 - 2 cos, the mean over rows: equation 2. */
static EidTensor *
byol_distance (EidTensor *prediction, EidTensor *target)
{
  EidTensor *difference = eid_sub (eid_normalize (prediction), eid_normalize (target));

  return eid_scale (eid_sum (eid_square (difference)), 1.0f / eid_dim (prediction, 0));
}

/* Both views predict each other. */
static EidTensor *
byol_loss (EidObjective *self, EidStep *step)
{
  Byol *byol = eid_objective_state (self);
  gboolean stop_gradient = eid_param_bool (self, "stop-gradient");
  EidTensor *prediction[2], *target[2];

  for (guint v = 0; v < 2; v++)
    {
      EidTensor *view = eid_view (step, v), *z = byol_project (self, step, view);

      prediction[v] = eid_apply (step, byol->predictor, z);
      target[v] = stop_gradient ? eid_forward_teacher (self, step, byol_project, view) : z;
    }
  eid_publish_projections (step, target[0]);
  eid_step_set_teacher_momentum (step,
                                 eid_cosine_schedule (step, eid_param_float (self, "teacher-momentum"), 1));
  return eid_add (byol_distance (prediction[0], target[1]), byol_distance (prediction[1], target[0]));
}

/* Predictions at right angles to what they predict, of both views. */
static double
byol_chance (EidObjective *self)
{
  return 2 + 2;
}

EID_OBJECTIVE (byol, .title = N_ ("BYOL"), .source = "arXiv:2006.07733", .params = byol_params,
               .state_size = sizeof (Byol), .build = byol_build, .views = eid_views_two_crops,
               .loss = byol_loss, .chance = byol_chance, .teacher = TRUE)
