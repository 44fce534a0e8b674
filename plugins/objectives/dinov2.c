/* DINOv2: of every crop of a picture the student says what its teacher says of the other crops (DINO),
 * of every patch hidden from it what the teacher, who sees it, says of it (iBOT), and the pictures of
 * a batch are kept apart (KoLeo). Sinkhorn's iterations keep all classes in use.
 *
 * Oquab et al. 2024, arXiv:2304.07193, section 4; Zhou et al. 2022, arXiv:2111.07832 (iBOT). Parameter
 * names as in its reference code, but for the gain of the last layers: frozen at 1 there, it is left
 * out here.
 */

#include "eidoscope.h"

#include <math.h>
#include <glib/gi18n-lib.h>

static const EidParam dinov2_params[] = {
  EID_PARAMS_DISTILLATION (0.07),
  EID_PARAM_FLOAT ("teacher-momentum", 0.992, 0, 1,
                   N_ ("How slowly the teacher follows the student at first; 1 at the end of the run. Short "
                       "runs want less")),
  EID_PARAM_INT ("sinkhorn", 3, 1, 20, N_ ("Iterations that even out the use of the classes")),
  EID_PARAM_FLOAT_LIVE ("dino-weight", 1, 0, 100, N_ ("Weight of what is said of pictures")),
  EID_PARAM_FLOAT_LIVE ("ibot-weight", 1, 0, 100, N_ ("Weight of what is said of hidden patches")),
  EID_PARAM_FLOAT_LIVE ("koleo-weight", 0.1, 0, 100, N_ ("Weight of keeping pictures apart")),
  EID_PARAM_FLOAT ("mask-share", 0.5, 0.01, 1, N_ ("Share of the large crops in which patches are hidden")),
  EID_PARAM_FLOAT ("mask-min", 0.1, 0.01, 0.95,
                   N_ ("Smallest share of such a crop's patches that is hidden")),
  EID_PARAM_FLOAT ("mask-max", 0.5, 0.01, 0.95, N_ ("Largest share of such a crop's patches that is hidden")),
  EID_PARAMS_MULTI_CROP (4), /* 8 in the paper */
  EID_PARAM_END
};

#define LARGE_CROPS 2

typedef struct
{
  guint prototypes;
  EidModule *dino_head, *ibot_head;
} DinoV2;

static gboolean
dinov2_build (EidObjective *self, GError **error)
{
  DinoV2 *dinov2 = eid_objective_state (self);
  float least = eid_param_float (self, "mask-min"), most = eid_param_float (self, "mask-max");

  if (!eid_multi_crop_check (self, error))
    return FALSE;
  if (least > most)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("[Objective] mask-min = %g is above mask-max = %g."),
                   (double) least, (double) most);
      return FALSE;
    }
  dinov2->prototypes = eid_param_int (self, "prototypes");
  dinov2->dino_head = eid_prototype_head (self, "dino_head");
  dinov2->ibot_head = eid_prototype_head (self, "ibot_head");
  return TRUE;
}

/* Those of all pictures' tokens [B, N, D] that are @hidden: [M, D]. */
static EidTensor *
hidden_tokens (EidTensor *tokens, EidTensor *hidden)
{
  guint count = eid_dim (tokens, 0) * eid_dim (tokens, 1);

  return eid_embedding (eid_reshape (tokens, EID_SHAPE (count, eid_dim (tokens, 2))), hidden);
}

/* What the teacher makes of @x [M, D] through @head: probabilities [M, K], of even use. */
static EidTensor *
dinov2_targets (EidObjective *self, EidStep *step, EidModule *head, EidTensor *x)
{
  return eid_sinkhorn (eid_apply_teacher (step, head, x), eid_teacher_temperature (self, step),
                       eid_param_int (self, "sinkhorn"));
}

/* Cross-entropy over the hidden patches, the mean of each picture's: log sum exp (s / t) - sum (q s / t)
 * of logits s and targets q [M, K]. Cosines are no more than 1, so the exponentials need no shift. */
static EidTensor *
ibot_loss (EidTensor *logits, EidTensor *targets, EidTensor *weight, float temperature)
{
  EidTensor *scaled = eid_scale (eid_cast (logits, EID_F32), 1 / temperature);
  EidTensor *log_sums = eid_log (eid_sum_axis (eid_exp (scaled), 1, NULL)); /* [M] */

  return eid_sub (eid_sum (eid_mul (log_sums, weight)),
                  eid_sum (eid_mul (scaled, eid_scale_rows (targets, weight))));
}

/* Minus the mean logarithm of the distance from each of @x [B, D], of unit length, to the nearest of
 * the others (Sablayrolles et al. 2019; section 4, "KoLeo regularizer"). */
static EidTensor *
koleo_loss (EidTensor *x)
{
  EidTensor *unit = eid_normalize (x), *fixed = eid_detach (unit), *nearest, *squares;

  eid_top_k (eid_mask_diagonal (eid_matmul (fixed, FALSE, fixed, TRUE), -2), 1, &nearest);
  nearest = eid_reshape (nearest, EID_SHAPE (eid_dim (x, 0)));
  squares = eid_sum_axis (eid_square (eid_sub (unit, eid_embedding (unit, nearest))), 1, NULL);
  return eid_scale (eid_mean (eid_log (eid_clamp (squares, 1e-12f, 4))), -0.5f);
}

static EidTensor *
dinov2_loss (EidObjective *self, EidStep *step)
{
  DinoV2 *dinov2 = eid_objective_state (self);
  EidTensor *images = eid_views_range (step, 0, LARGE_CROPS); /* [2 B, H, W, C] */
  guint crops = eid_dim (images, 0), batch = crops / LARGE_CROPS, small = eid_view_count (step) - LARGE_CROPS;
  float temperature = eid_param_float (self, "student-temperature");
  EidBlockMasking masking =
      eid_block_masking (step, crops, eid_encoder_tokens (self), eid_param_float (self, "mask-share"),
                         eid_param_float (self, "mask-min"), eid_param_float (self, "mask-max"));
  EidFeatures *teacher = eid_encode_teacher (step, images);
  EidFeatures *student = eid_encode_hidden (step, images, masking.mask);
  EidTensor *pooled = student->pooled, *targets, *logits, *patch_targets, *dino, *ibot, *koleo;

  targets = dinov2_targets (self, step, dinov2->dino_head, teacher->pooled); /* [2 B, K] */
  if (small > 0)
    pooled = eid_concat (pooled, eid_encode (step, eid_views_range (step, LARGE_CROPS, small))->pooled);
  logits = eid_apply (step, dinov2->dino_head, pooled); /* [V B, K] */
  dino = eid_soft_cross_entropy (logits, targets, batch, temperature);

  patch_targets = dinov2_targets (self, step, dinov2->ibot_head,
                                  hidden_tokens (teacher->tokens, masking.hidden)); /* [M, K] */
  ibot = ibot_loss (eid_apply (step, dinov2->ibot_head, hidden_tokens (student->tokens, masking.hidden)),
                    patch_targets, masking.weight, temperature);

  koleo = eid_add (koleo_loss (eid_rows (student->pooled, 0, batch)),
                   koleo_loss (eid_rows (student->pooled, batch, batch)));

  eid_publish_assignments (step, targets, eid_rows (logits, 0, crops), temperature);
  eid_publish_scalar (step, "dino", dino);
  eid_publish_scalar (step, "ibot", eid_scale (ibot, 1.0f / crops));
  eid_publish_scalar (step, "koleo", koleo);
  eid_step_set_teacher_momentum (step,
                                 eid_cosine_schedule (step, eid_param_float (self, "teacher-momentum"), 1));
  return eid_add (eid_add (eid_scale (dino, eid_param_float (self, "dino-weight")),
                           eid_scale (ibot, eid_param_float (self, "ibot-weight") / crops)),
                  eid_scale (koleo, eid_param_float (self, "koleo-weight")));
}

/* All prototypes are as likely; patches are hidden in a share of the crops. KoLeo is left out: what it
 * comes to depends on the pictures. */
static double
dinov2_chance (EidObjective *self)
{
  DinoV2 *dinov2 = eid_objective_state (self);
  double patches =
      (double) eid_param_float (self, "ibot-weight") * (double) eid_param_float (self, "mask-share");

  return log (dinov2->prototypes) * ((double) eid_param_float (self, "dino-weight") + patches);
}

EID_OBJECTIVE (dinov2, .title = N_ ("DINOv2"), .source = "arXiv:2304.07193", .params = dinov2_params,
               .state_size = sizeof (DinoV2), .abilities = EID_CAN_TOKENS | EID_CAN_RESIZE | EID_CAN_HIDE,
               .build = dinov2_build, .views = eid_views_multi_crop, .loss = dinov2_loss,
               .chance = dinov2_chance, .teacher = TRUE)
