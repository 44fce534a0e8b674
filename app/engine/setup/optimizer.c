/* optimizer.c: see optimizer.h. */
#include "app/engine/setup/optimizer.h"

#include "app/engine/setup/schedule.h"

#define EPSILON 1e-8f

static const char *const rule_names[] = {
  [EID_ADAMW] = "adamw",
  [EID_SGD] = "sgd",
  [EID_LARS] = "lars",
};

EidRule
eid_optimizer_rule (EidRecipe *recipe)
{
  const char *name = eid_recipe_text (recipe, "Optimizer", "name");
  guint rule = EID_ADAMW;

  while (rule + 1 < G_N_ELEMENTS (rule_names) && !g_str_equal (name, rule_names[rule]))
    rule++;
  return rule;
}

static float
number (EidRecipe *recipe, const char *key)
{
  return (float) eid_recipe_float (recipe, "Optimizer", key);
}

/* Constant, or from [Optimizer] weight-decay to weight-decay-end (Caron et al. 2021). */
static double
weight_decay (EidRecipe *recipe, guint64 step, guint64 steps)
{
  const double decay = eid_recipe_float (recipe, "Optimizer", "weight-decay");
  const double end = eid_recipe_float (recipe, "Optimizer", "weight-decay-end");

  return end < 0 ? decay : eid_schedule_cosine (decay, end, steps, step);
}

EidUpdate
eid_optimizer_update (EidRecipe *recipe, guint64 step, guint64 steps)
{
  const guint64 warmup = (guint64) eid_recipe_int (recipe, "Optimizer", "warmup");
  const double peak = eid_recipe_float (recipe, "Optimizer", "lr");

  return (EidUpdate){
    .rule = eid_optimizer_rule (recipe),
    .learning_rate = (float) eid_schedule_learning_rate (peak, warmup, steps, step),
    .weight_decay = (float) weight_decay (recipe, step, steps),
    .clip = number (recipe, "clip"),
    .beta1 = number (recipe, "beta1"),
    .beta2 = number (recipe, "beta2"),
    .epsilon = EPSILON,
    .momentum = number (recipe, "momentum"),
    .nesterov = eid_recipe_bool (recipe, "Optimizer", "nesterov"),
    .trust = number (recipe, "trust"),
    .teacher_momentum = 1,
    .update = step + 1,
  };
}
