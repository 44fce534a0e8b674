/* An objective whose loss becomes infinite at a step of choice: what a learning
 * rate out of bounds does sooner or later. For the tests of faults.          */

#include "eidoscope.h"

#include <math.h>

static const EidParam burst_params[] = {
  EID_PARAM_INT ("at", 6, 0, 1000000, N_ ("Step, from 0, whose loss is infinite")),
  EID_PARAM_END,
};

static gboolean
burst_build (EidObjective *self, GError **error)
{
  return TRUE;
}

static EidTensor *
burst_loss (EidObjective *self, EidStep *step)
{
  EidTensor *features = eid_encode (step, eid_all_views (step))->pooled; /* [B, D] */
  const gboolean now = eid_step_number (step) >= (guint64) eid_param_int (self, "at");

  return eid_scale (eid_mean (eid_mul (features, features)), now ? INFINITY : 1);
}

EID_OBJECTIVE (burst, .title = "Burst", .params = burst_params, .views = eid_views_one_crop,
               .build = burst_build, .loss = burst_loss)
