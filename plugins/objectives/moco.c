/* MoCo v2: of the pictures of many batches, kept in a queue, a view's query should be most like the
 * key of its own picture's other view. Keys come from the teacher, a slow copy of the model, so that
 * those in the queue agree with new ones.
 *
 * He et al. 2019, arXiv:1911.05722, with the projector and the temperature of Chen et al. 2020,
 * arXiv:2003.04297. Each view goes through the encoder by itself, so that batch norm sees one at a
 * time; the paper's shuffling of keys between devices hides nothing on one device, and is left out.
 */

#include "eidoscope.h"

#include <math.h>

static const EidParam moco_params[] = {
  EID_PARAM_FLOAT_LIVE ("temperature", 0.2, 0.01, 2,
                        N_ ("Divides similarities; lower looks harder at the nearest pictures")),
  EID_PARAM_INT ("queue", 4096, 1, 1048576,
                 N_ ("Keys of earlier pictures that a query is told apart from; 65536 in the paper")),
  EID_PARAM_FLOAT_LIVE ("teacher-momentum", 0.99, 0, 1,
                        N_ ("How slowly the teacher, which makes the keys, follows; 0.999 in the paper, for "
                            "long runs")),
  EID_PARAM_BOOL ("symmetric", FALSE, N_ ("Each view is query once and key once; twice the work a step")),
  EID_PARAM_INT ("hidden", 512, 8, 8192, N_ ("Hidden channels of the projector; 2048 in the paper")),
  EID_PARAM_INT ("output", 128, 8, 8192, N_ ("Channels in which views are compared")),
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector;
  EidQueue *queue;
} MoCo;

static gboolean
moco_build (EidObjective *self, GError **error)
{
  MoCo *moco = eid_objective_state (self);
  guint output = eid_param_int (self, "output");

  moco->projector = eid_mlp (self, "projector",
                             EID_WIDTHS (eid_encoder_width (self), eid_param_int (self, "hidden"), output),
                             EID_NO_NORM, EID_NO_NORM);
  moco->queue = eid_queue (self, "queue", eid_param_int (self, "queue"), output);
  return TRUE;
}

/* images [B, H, W, C] to directions [B, output] */
static EidTensor *
moco_project (EidObjective *self, EidStep *step, EidTensor *images)
{
  MoCo *moco = eid_objective_state (self);

  return eid_normalize (eid_apply (step, moco->projector, eid_encode (step, images)->pooled));
}

/* Queries of one view, keys of the other: equation 1. The keys then join the queue. */
static EidTensor *
moco_contrast (EidObjective *self, EidStep *step, guint query_view, guint key_view)
{
  MoCo *moco = eid_objective_state (self);
  EidTensor *queries = moco_project (self, step, eid_view (step, query_view));
  EidTensor *keys = eid_forward_teacher (self, step, moco_project, eid_view (step, key_view));

  eid_queue_push (step, moco->queue, keys);
  if (query_view == 0)
    eid_publish_similarity (step, "positive-similarity", queries, keys);
  return eid_info_nce (queries, keys, eid_queue_rows (moco->queue), eid_param_float (self, "temperature"));
}

static EidTensor *
moco_loss (EidObjective *self, EidStep *step)
{
  EidTensor *loss = moco_contrast (self, step, 0, 1);

  if (eid_param_bool (self, "symmetric"))
    loss = eid_scale (eid_add (loss, moco_contrast (self, step, 1, 0)), 0.5f);
  eid_step_set_teacher_momentum (step, eid_param_float (self, "teacher-momentum"));
  return loss;
}

/* The key and every row of the queue are as likely. */
static double
moco_chance (EidObjective *self)
{
  return log (1.0 + eid_param_int (self, "queue"));
}

EID_OBJECTIVE (moco, .title = N_ ("MoCo v2"), .source = "arXiv:2003.04297", .params = moco_params,
               .state_size = sizeof (MoCo), .build = moco_build, .views = eid_views_two_crops,
               .loss = moco_loss, .chance = moco_chance, .teacher = TRUE)
