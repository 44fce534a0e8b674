/* good.c: a sound plugin, for the registry's tests. It only describes itself. */
#include "eidoscope.h"

static const EidParam params[] = {
  EID_PARAM_INT ("depth", 4, 1, 64, "Number of blocks"),
  EID_PARAM_FLOAT_LIVE ("temperature", 0.1, 0.01, 1, "Divisor of the similarities"),
  EID_PARAM_BOOL ("norm", TRUE, "Whether the output is normalised"),
  EID_PARAM_CHOICE ("pool", 1, "class|mean", "What the pooled features are"),
  EID_PARAM_END,
};

static gboolean
sample_build (EidEncoder *self, GError **error)
{
  return TRUE;
}

static EidFeatures *
sample_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  return NULL;
}

EID_ENCODER (sample, .title = N_ ("Sample"), .source = "arXiv:0000.00000", .params = params,
             .abilities = EID_CAN_TOKENS, .build = sample_build, .encode = sample_encode)
