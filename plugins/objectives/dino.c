/* DINO: of every view of a picture the student says what the teacher, a slow copy of it, says of
 * the picture's other views; a centre and a sharp teacher keep both from saying the same of all.
 *
 * Caron et al. 2021, arXiv:2104.14294. Parameter names as in its reference code, but for the gain
 * of the last layer: frozen at 1 there, it is left out here.
 */

#include "eidoscope.h"

#include <math.h>
#include <glib/gi18n-lib.h>

static const EidParam dino_params[] = {
  EID_PARAMS_DISTILLATION (0.04),
  EID_PARAM_FLOAT_LIVE ("center-momentum", 0.9, 0, 1,
                        N_ ("How slowly the centre follows the teacher's mean logits")),
  EID_PARAM_FLOAT ("teacher-momentum", 0.996, 0, 1,
                   N_ ("How slowly the teacher follows the student at first; 1 at the end of the run. Short "
                       "runs want less")),
  EID_PARAMS_MULTI_CROP (4), /* 8 in the paper */
  EID_PARAM_END
};

#define LARGE_CROPS 2

typedef struct
{
  guint prototypes;
  EidModule *head;
  EidTensor *center; /* [1, K] */
} Dino;

static gboolean
dino_build (EidObjective *self, GError **error)
{
  Dino *dino = eid_objective_state (self);

  dino->prototypes = eid_param_int (self, "prototypes");
  if (!eid_multi_crop_check (self, error))
    return FALSE;
  dino->head = eid_prototype_head (self, "head");
  dino->center = eid_parameter (self, "center", EID_SHAPE (1, dino->prototypes), EID_BUFFER,
                                (EidInit){ .kind = EID_INIT_CONSTANT });
  return TRUE;
}

/* What the teacher makes of the large crops: probabilities [2 B, K]. Moves the centre. */
static EidTensor *
dino_targets (EidObjective *self, EidStep *step)
{
  Dino *dino = eid_objective_state (self);
  EidTensor *center = eid_reshape (dino->center, EID_SHAPE (dino->prototypes));
  EidTensor *pooled = eid_encode_teacher (step, eid_views_range (step, 0, LARGE_CROPS))->pooled;
  EidTensor *logits = eid_cast (eid_apply_teacher (step, dino->head, pooled), EID_F32);
  EidTensor *targets =
      eid_softmax (eid_scale (eid_sub (logits, center), 1 / eid_teacher_temperature (self, step)));

  if (eid_step_training (step))
    eid_running_mean (center, logits, eid_param_float (self, "center-momentum"));
  return targets;
}

/* Cross-entropy over all pairs of a large crop, seen by the teacher, and another crop, seen by the
 * student: equation 3 and algorithm 1. */
static EidTensor *
dino_loss (EidObjective *self, EidStep *step)
{
  Dino *dino = eid_objective_state (self);
  guint batch = eid_dim (eid_view (step, 0), 0);
  float temperature = eid_param_float (self, "student-temperature");
  EidTensor *targets = dino_targets (self, step);
  EidTensor *logits = eid_apply (step, dino->head, eid_encode_views (step)); /* [V B, K] */

  eid_publish_assignments (step, targets, eid_rows (logits, 0, LARGE_CROPS * batch), temperature);
  eid_step_set_teacher_momentum (step,
                                 eid_cosine_schedule (step, eid_param_float (self, "teacher-momentum"), 1));
  return eid_soft_cross_entropy (logits, targets, batch, temperature);
}

/* All prototypes are as likely. */
static double
dino_chance (EidObjective *self)
{
  Dino *dino = eid_objective_state (self);

  return log (dino->prototypes);
}

EID_OBJECTIVE (dino, .title = N_ ("DINO"), .source = "arXiv:2104.14294", .params = dino_params,
               .state_size = sizeof (Dino), .abilities = EID_CAN_RESIZE, .build = dino_build,
               .views = eid_views_multi_crop, .loss = dino_loss, .chance = dino_chance, .teacher = TRUE)
