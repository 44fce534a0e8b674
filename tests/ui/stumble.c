/* stumble.c: an objective that reads what it may not when it is told to, in the middle of a
 * run: what a plugin with a mistake does. For tests of what the window says then.      */

#include "eidoscope.h"

#include <signal.h>

static const EidParam stumble_params[] = {
  EID_PARAM_FLOAT_LIVE ("tread", 0, 0, 1, N_ ("Above one half, the next step is a false one")),
  EID_PARAM_END,
};

static gboolean
stumble_build (EidObjective *self, GError **error)
{
  return TRUE;
}

static EidTensor *
stumble_loss (EidObjective *self, EidStep *step)
{
  EidTensor *features = eid_encode (step, eid_all_views (step))->pooled; /* [B, D] */

  if (eid_param_float (self, "tread") > 0.5)
    raise (SIGSEGV);
  return eid_mean (eid_mul (features, features));
}

EID_OBJECTIVE (stumble, .title = "Stumble", .params = stumble_params, .views = eid_views_one_crop,
               .build = stumble_build, .loss = stumble_loss)
