/* distillation.c: what methods share in which a student says what its teacher says, in classes of
 * their own making: the head that ends in these classes, and how sure the teacher is.
 *
 * Caron et al. 2021, arXiv:2104.14294. */

#include "plugins/kit/private.h"

enum
{
  MLP,
  LAST_LAYER
};

static EidTensor *
head_apply (EidStep *step, EidModule *head, EidTensor *x)
{
  gboolean frozen = eid_step_progress (step) < head->freeze;

  x = eid_apply (step, head->parts[MLP], x);
  return frozen ? eid_apply_frozen (step, head->parts[LAST_LAYER], x)
                : eid_apply (step, head->parts[LAST_LAYER], x);
}

EidModule *
eid_prototype_head (EidObjective *self, const char *name)
{
  guint hidden = eid_param_int (self, "hidden"), bottleneck = eid_param_int (self, "bottleneck");
  EidModule *head = eid_module_new (self, name, head_apply);
  g_autofree char *mlp = g_strconcat (name, ".mlp", NULL);
  g_autofree char *last_layer = g_strconcat (name, ".last_layer", NULL);

  head->freeze = eid_param_float (self, "freeze-last-layer");
  head->parts[MLP] = eid_mlp (self, mlp, EID_WIDTHS (eid_encoder_width (self), hidden, hidden, bottleneck),
                              EID_NO_NORM, EID_NO_NORM);
  eid_mlp_set_gelu (head->parts[MLP]);
  head->parts[LAST_LAYER] =
      eid_cosine_module (self, last_layer, bottleneck, eid_param_int (self, "prototypes"));
  return head;
}

float
eid_teacher_temperature (EidObjective *self, EidStep *step)
{
  return eid_linear_schedule (step, eid_param_float (self, "teacher-temperature"),
                              eid_param_float (self, "teacher-temperature-end"),
                              eid_param_float (self, "temperature-warmup"));
}
