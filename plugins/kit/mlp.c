/* mlp.c: the multi-layer perceptrons that objectives end in: projectors and predictors. */

#include "plugins/kit/private.h"

#define LAYERS (EID_MOST_WIDTHS - 1)

/* parts: linear and norm of each layer; the norm, and after the last layer the linear, may be NULL. */
G_STATIC_ASSERT (2 * LAYERS <= G_N_ELEMENTS (((EidModule *) NULL)->parts));

/* @x through the norm, if there is one, and the activation. */
static EidTensor *
activate (EidStep *step, EidModule *mlp, EidModule *norm, EidTensor *x)
{
  if (norm && norm->running_mean && !mlp->gelu) /* both in one pass */
    {
      const EidBatchNorm batch_norm = eid_module_batch_norm (norm);

      return eid_batch_norm_full (x, &batch_norm, step->training, NULL, TRUE);
    }
  if (norm)
    x = eid_apply (step, norm, x);
  return mlp->gelu ? eid_gelu (x) : eid_relu (x);
}

static EidTensor *
mlp_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  for (guint i = 0; i < LAYERS && module->parts[2 * i]; i++)
    {
      EidModule *norm = module->parts[2 * i + 1];
      gboolean last = i + 1 == LAYERS || module->parts[2 * i + 2] == NULL;

      x = eid_apply (step, module->parts[2 * i], x);
      if (!last)
        x = activate (step, module, norm, x);
      else if (norm)
        x = eid_apply (step, norm, x);
    }
  return x;
}

static EidModule *
norm_of_kind (EidPlugin *self, const char *name, guint width, EidNorm kind)
{
  switch (kind)
    {
    case EID_BATCH_NORM:
      return eid_batch_norm_module (self, name, width);
    case EID_PLAIN_BATCH_NORM:
      return eid_batch_norm_plain (self, name, width);
    case EID_LAYER_NORM:
      return eid_layer_norm_module (self, name, width);
    case EID_NO_NORM:
    default:
      return NULL;
    }
}

EidModule *
eid_mlp (EidPlugin *self, const char *name, EidWidths widths, EidNorm hidden, EidNorm last)
{
  EidModule *module = eid_module_new (self, name, mlp_apply);
  guint place = 0; /* as torch.nn.Sequential counts, ReLU too */

  for (guint i = 0; i + 1 < widths.count; i++)
    {
      EidNorm kind = i + 2 < widths.count ? hidden : last;
      g_autofree char *linear = g_strdup_printf ("%s.%u", name, place++);
      g_autofree char *norm = NULL;

      /* A norm has a bias of its own; one before it would be taken off again. */
      module->parts[2 * i] =
          eid_linear_module (self, linear, widths.width[i], widths.width[i + 1], kind == EID_NO_NORM);
      if (kind != EID_NO_NORM)
        norm = g_strdup_printf ("%s.%u", name, place++);
      module->parts[2 * i + 1] = norm_of_kind (self, norm, widths.width[i + 1], kind);
      place++;
    }
  return module;
}

void
eid_mlp_set_gelu (EidModule *mlp)
{
  mlp->gelu = TRUE;
}
