/* NNCLR: a view is compared not with its picture's other view, but with that view's nearest neighbour
 * among pictures of earlier batches: another picture of, as one hopes, the same kind.
 *
 * Dwibedi et al. 2021, arXiv:2104.14548, as its pseudo-code has it. Each view goes through by itself,
 * so that batch norm sees one at a time.
 */

#include "eidoscope.h"

#include <math.h>

static const EidParam nnclr_params[] = {
  EID_PARAM_FLOAT_LIVE ("temperature", 0.1, 0.01, 2,
                        N_ ("Divides similarities; lower looks harder at the nearest pictures")),
  EID_PARAM_INT ("queue", 4096, 1, 1048576,
                 N_ ("Earlier pictures, the support set, among which neighbours are looked for; 98304 in the "
                     "paper")),
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the projector; 2048 in the paper")),
  EID_PARAM_INT ("output", 128, 8, 8192, N_ ("Channels in which views are compared; 256 in the paper")),
  EID_PARAM_INT ("predictor-hidden", 512, 8, 8192,
                 N_ ("Hidden channels of the predictor; 4096 in the paper")),
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector, *predictor;
  EidQueue *support;
} NnClr;

static gboolean
nnclr_build (EidObjective *self, GError **error)
{
  NnClr *nnclr = eid_objective_state (self);
  guint hidden = eid_param_int (self, "hidden"), output = eid_param_int (self, "output");

  nnclr->projector =
      eid_mlp (self, "projector", EID_WIDTHS (eid_encoder_width (self), hidden, hidden, output),
               EID_BATCH_NORM, EID_BATCH_NORM);
  nnclr->predictor =
      eid_mlp (self, "predictor", EID_WIDTHS (output, eid_param_int (self, "predictor-hidden"), output),
               EID_BATCH_NORM, EID_NO_NORM);
  nnclr->support = eid_queue (self, "support", eid_param_int (self, "queue"), output);
  return TRUE;
}

/* NN (z, Q): that row of the support set which is nearest to each of z [B, output]. Equation 2. */
static EidTensor *
nnclr_neighbours (NnClr *nnclr, EidTensor *z)
{
  EidTensor *support = eid_queue_rows (nnclr->support), *nearest;

  eid_top_k (eid_matmul (z, FALSE, support, TRUE), 1, &nearest); /* I32 [B, 1] */
  return eid_embedding (support, eid_reshape (nearest, EID_SHAPE (eid_dim (z, 0))));
}

/* Of both views' neighbours, to each the other view's prediction: equation 3. */
static EidTensor *
nnclr_loss (EidObjective *self, EidStep *step)
{
  NnClr *nnclr = eid_objective_state (self);
  float temperature = eid_param_float (self, "temperature");
  EidTensor *z[2], *neighbours[2], *predictions[2];

  for (guint v = 0; v < 2; v++)
    {
      EidTensor *h = eid_encode (step, eid_view (step, v))->pooled; /* [B, width] */
      EidTensor *projection = eid_apply (step, nnclr->projector, h);

      z[v] = eid_detach (eid_normalize (projection));
      neighbours[v] = nnclr_neighbours (nnclr, z[v]);
      predictions[v] = eid_normalize (eid_apply (step, nnclr->predictor, projection));
    }
  eid_queue_push (step, nnclr->support, z[0]);
  eid_publish_similarity (step, "neighbour-similarity", z[0], neighbours[0]);
  eid_publish_similarity (step, "positive-similarity", neighbours[0], predictions[1]);
  return eid_scale (eid_add (eid_info_nce (neighbours[0], predictions[1], NULL, temperature),
                             eid_info_nce (neighbours[1], predictions[0], NULL, temperature)),
                    0.5f);
}

/* All predictions of the batch are as likely. */
static double
nnclr_chance (EidObjective *self)
{
  return log (eid_batch_size (self));
}

EID_OBJECTIVE (nnclr, .title = N_ ("NNCLR"), .source = "arXiv:2104.14548", .params = nnclr_params,
               .state_size = sizeof (NnClr), .build = nnclr_build, .views = eid_views_two_crops,
               .loss = nnclr_loss, .chance = nnclr_chance)
