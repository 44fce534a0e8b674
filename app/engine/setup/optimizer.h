/* optimizer.h: what a recipe's [Optimizer] asks of an update of the weights. */
#pragma once

#include "app/store/store.h"
#include "opencl/core/tensor.h"

G_BEGIN_DECLS

EidRule eid_optimizer_rule (EidRecipe *recipe);

/* The update after step @step (counted from 0) of @steps; the teacher stays. */
EidUpdate eid_optimizer_update (EidRecipe *recipe, guint64 step, guint64 steps);

G_END_DECLS
