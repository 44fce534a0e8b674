/* objective.c: NT-Xent with a running centre, for tests that replace it while it trains.
 * What is defined at its compilation says what was changed, or broken, in it.          */
#include "eidoscope.h"

#include <math.h>

#ifndef MARK
#define MARK "first"
#endif

static const EidParam params[] = {
  EID_PARAM_FLOAT_LIVE ("temperature", 0.2, 0.05, 2, "Divides similarities: " MARK),
#ifdef WIDER
  EID_PARAM_FLOAT_LIVE ("weight", 0.5, 0, 1, "How much the second head counts"),
#else
  EID_PARAM_INT ("output", 16, 8, 64, "Channels in which views are compared"),
#endif
  EID_PARAM_END
};

typedef struct
{
  EidModule *projector, *second;
  EidQueue *queue;
} Replaced;

static gboolean
replaced_build (EidObjective *self, GError **error)
{
  Replaced *replaced = eid_objective_state (self);
  guint width = eid_encoder_width (self);

#ifdef UNBUILT
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE, "[Objective] output must be even more odd.");
  return FALSE;
#endif
  replaced->projector = eid_mlp (self, "projector", EID_WIDTHS (width, 32, 16), EID_BATCH_NORM, EID_NO_NORM);
#ifdef WIDER
  replaced->second = eid_linear_module (self, "second", width, 16, TRUE);
#else
  replaced->queue = eid_queue (self, "queue", 32, 16);
#endif
  return TRUE;
}

static EidTensor *
replaced_loss (EidObjective *self, EidStep *step)
{
  Replaced *replaced = eid_objective_state (self);
  float temperature = eid_param_float (self, "temperature");
  EidTensor *h = eid_encode (step, eid_all_views (step))->pooled;          /* [2B, width] */
  EidTensor *z = eid_normalize (eid_apply (step, replaced->projector, h)); /* [2B, 16]    */
  EidTensor *loss = eid_nt_xent (z, temperature);

#ifdef CRASH
  static int *volatile nowhere;

  *nowhere = 1;
#endif
#ifdef NOT_FINITE
  loss = eid_log (eid_scale (loss, -1));
#endif
#ifdef WRONG_SHAPE
  loss = eid_matmul (z, FALSE, z, FALSE);
#endif
#ifdef WIDER
  loss = eid_add (loss,
                  eid_scale (eid_nt_xent (eid_normalize (eid_apply (step, replaced->second, h)), temperature),
                             eid_param_float (self, "weight")));
#else
  eid_queue_push (step, replaced->queue, eid_rows (z, 0, eid_dim (z, 0) / 2));
#endif
  return loss;
}

static double
replaced_chance (EidObjective *self)
{
  return log (2.0 * eid_batch_size (self) - 1);
}

#ifdef OTHER
#define ID another
#else
#define ID replaced
#endif
#define DESCRIBE(id, ...) EID_OBJECTIVE (id, __VA_ARGS__)

DESCRIBE (ID, .title = "Replaced", .params = params, .state_size = sizeof (Replaced), .build = replaced_build,
          .views = eid_views_two_crops, .loss = replaced_loss, .chance = replaced_chance)
