/* SwAV: of every view of a picture the model says to which prototypes the picture's other views were
 * assigned; assignments use all prototypes alike, which keeps pictures apart.
 *
 * Caron et al. 2020, arXiv:2006.09882. Parameter names as in its reference code.
 */

#include "eidoscope.h"

#include <math.h>
#include <glib/gi18n-lib.h>

static const EidParam swav_params[] = {
  EID_PARAM_INT ("prototypes", 512, 8, 131072,
                 N_ ("Directions that views are assigned to; 3000 in the paper")),
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the projector; 2048 in the paper")),
  EID_PARAM_INT ("output", 128, 8, 8192, N_ ("Channels of unit length before the prototypes")),
  EID_PARAM_FLOAT_LIVE ("temperature", 0.1, 0.01, 1, N_ ("Divides what is said of other views")),
  EID_PARAM_FLOAT_LIVE ("epsilon", 0.05, 0.005, 1,
                        N_ ("Divides the scores of assignments; the lower, the fewer prototypes a view has")),
  EID_PARAM_INT ("iterations", 3, 1, 100,
                 N_ ("Iterations of Sinkhorn's algorithm, which evens out the prototypes' use")),
  EID_PARAM_FLOAT ("freeze-prototypes", 0.01, 0, 1,
                   N_ ("Share of the run in which the prototypes stay as they were drawn")),
  EID_PARAM_INT ("queue", 1024, 0, 1048576,
                 N_ ("Earlier views that are assigned along with the batch; 0: none. 3840 in the paper, for "
                     "batches of 256")),
  EID_PARAM_FLOAT ("queue-start", 0.1, 0, 1,
                   N_ ("Share of the run in which the queue is filled, but not yet used")),
  EID_PARAMS_MULTI_CROP (4), /* 6 in the paper */
  EID_PARAM_END
};

#define LARGE_CROPS 2

typedef struct
{
  guint prototypes;
  EidModule *projector, *assign; /* assign: the prototypes */
  EidQueue *queue[LARGE_CROPS];  /* NULL: there is none    */
} Swav;

static gboolean
swav_build (EidObjective *self, GError **error)
{
  static const char *const queues[LARGE_CROPS] = { "queue.0", "queue.1" };
  Swav *swav = eid_objective_state (self);
  guint output = eid_param_int (self, "output"), queue = eid_param_int (self, "queue");

  swav->prototypes = eid_param_int (self, "prototypes");
  if (!eid_multi_crop_check (self, error))
    return FALSE;
  swav->projector = eid_mlp (self, "projection_head",
                             EID_WIDTHS (eid_encoder_width (self), eid_param_int (self, "hidden"), output),
                             EID_BATCH_NORM, EID_NO_NORM);
  swav->assign = eid_cosine_module (self, "prototypes", output, swav->prototypes);
  for (guint i = 0; i < LARGE_CROPS && queue > 0; i++)
    swav->queue[i] = eid_queue (self, queues[i], queue, output);
  return TRUE;
}

/* The codes [B, K] of large crop @crop of z [V B, output], whose scores are [V B, K]: equation 3 and
 * section 3.1, "Computing codes online" and "Working with small batches". */
static EidTensor *
swav_codes (EidObjective *self, EidStep *step, EidTensor *z, EidTensor *scores, guint crop)
{
  Swav *swav = eid_objective_state (self);
  EidQueue *queue = swav->queue[crop];
  guint batch = eid_dim (z, 0) / eid_view_count (step);

  scores = eid_rows (eid_detach (scores), crop * batch, batch);
  if (queue && eid_step_progress (step) >= eid_param_float (self, "queue-start"))
    scores = eid_concat (scores,
                         eid_cast (eid_apply_frozen (step, swav->assign, eid_queue_rows (queue)), EID_F32));
  if (queue)
    eid_queue_push (step, queue, eid_rows (eid_detach (z), crop * batch, batch));
  scores = eid_sinkhorn (scores, eid_param_float (self, "epsilon"), eid_param_int (self, "iterations"));
  return eid_rows (scores, 0, batch);
}

/* Cross-entropy over all pairs of a large crop, which has a code, and another crop: equations 1 and 2,
 * and section 3.2 for small crops. */
static EidTensor *
swav_loss (EidObjective *self, EidStep *step)
{
  Swav *swav = eid_objective_state (self);
  guint batch = eid_dim (eid_view (step, 0), 0);
  gboolean frozen = eid_step_progress (step) < eid_param_float (self, "freeze-prototypes");
  float temperature = eid_param_float (self, "temperature");
  EidTensor *z = eid_apply (step, swav->projector, eid_encode_views (step)); /* [V B, output] */
  EidTensor *scores = frozen ? eid_apply_frozen (step, swav->assign, z) : eid_apply (step, swav->assign, z);
  EidTensor *codes;

  scores = eid_cast (scores, EID_F32); /* [V B, K] */
  codes = eid_concat (swav_codes (self, step, z, scores, 0), swav_codes (self, step, z, scores, 1));
  eid_publish_assignments (step, codes, eid_rows (scores, 0, LARGE_CROPS * batch), temperature);
  return eid_soft_cross_entropy (scores, codes, batch, temperature);
}

/* All prototypes are as likely. */
static double
swav_chance (EidObjective *self)
{
  Swav *swav = eid_objective_state (self);

  return log (swav->prototypes);
}

EID_OBJECTIVE (swav, .title = N_ ("SwAV"), .source = "arXiv:2006.09882", .params = swav_params,
               .state_size = sizeof (Swav), .abilities = EID_CAN_RESIZE, .build = swav_build,
               .views = eid_views_multi_crop, .loss = swav_loss, .chance = swav_chance)
