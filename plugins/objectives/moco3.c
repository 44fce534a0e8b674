/* MoCo v3: what the student predicts of a view should be most like what the teacher, a slow copy of
 * it, makes of the same picture's other view, among all pictures of the batch. No queue.
 *
 * Chen et al. 2021, arXiv:2104.02057, algorithm 1, with the projector and predictor it has for vision
 * transformers. Each view goes through by itself, so that batch norm sees one at a time. The paper
 * also keeps a transformer's patch embedding as it was drawn, which steadies batches of thousands.
 */

#include "eidoscope.h"

#include <math.h>

static const EidParam moco3_params[] = {
  EID_PARAM_FLOAT ("temperature", 0.2, 0.01, 2,
                   N_ ("Divides similarities; lower looks harder at the nearest pictures")),
  EID_PARAM_FLOAT ("teacher-momentum", 0.99, 0, 1,
                   N_ ("How slowly the teacher follows the student at first; 1 at the end of the run")),
  EID_PARAM_INT ("hidden", 512, 8, 8192,
                 N_ ("Hidden channels of projector and predictor; 4096 in the paper")),
  EID_PARAM_INT ("output", 128, 8, 8192, N_ ("Channels in which views are compared; 256 in the paper")),
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector, *predictor;
} MoCo3;

static gboolean
moco3_build (EidObjective *self, GError **error)
{
  MoCo3 *moco = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  moco->projector = eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, hidden, output),
                             EID_BATCH_NORM, EID_PLAIN_BATCH_NORM);
  moco->predictor =
      eid_mlp (self, "predictor", EID_WIDTHS (output, hidden, output), EID_BATCH_NORM, EID_PLAIN_BATCH_NORM);
  return TRUE;
}

/* images [B, H, W, C] to [B, output] */
static EidTensor *
moco3_project (EidObjective *self, EidStep *step, EidTensor *images)
{
  MoCo3 *moco = eid_objective_state (self);

  return eid_apply (step, moco->projector, eid_encode (step, images)->pooled);
}

/* InfoNCE over the batch, times 2 tau, which keeps gradients of one size for all temperatures. */
static EidTensor *
moco3_contrast (EidObjective *self, EidTensor *queries, EidTensor *keys)
{
  float temperature = eid_param_float (self, "temperature");

  return eid_scale (eid_info_nce (eid_normalize (queries), eid_normalize (keys), NULL, temperature),
                    2 * temperature);
}

static EidTensor *
moco3_loss (EidObjective *self, EidStep *step)
{
  MoCo3 *moco = eid_objective_state (self);
  EidTensor *queries[2], *keys[2];

  for (guint v = 0; v < 2; v++)
    {
      EidTensor *view = eid_view (step, v);

      queries[v] = eid_apply (step, moco->predictor, moco3_project (self, step, view));
      keys[v] = eid_forward_teacher (self, step, moco3_project, view);
    }
  eid_publish_similarity (step, "positive-similarity", queries[0], keys[1]);
  eid_step_set_teacher_momentum (step,
                                 eid_cosine_schedule (step, eid_param_float (self, "teacher-momentum"), 1));
  return eid_add (moco3_contrast (self, queries[0], keys[1]), moco3_contrast (self, queries[1], keys[0]));
}

/* All keys of the batch are as likely, for the queries of both views. */
static double
moco3_chance (EidObjective *self)
{
  return 2 * 2 * (double) eid_param_float (self, "temperature") * log (eid_batch_size (self));
}

EID_OBJECTIVE (moco3, .title = N_ ("MoCo v3"), .source = "arXiv:2104.02057", .params = moco3_params,
               .state_size = sizeof (MoCo3), .build = moco3_build, .views = eid_views_two_crops,
               .loss = moco3_loss, .chance = moco3_chance, .teacher = TRUE)
