/* convolution.c: convolutional layers, under the names torchvision has for them. */

#include "plugins/kit/private.h"

#include <math.h>
#include <string.h>

/* --- A convolution, alone and with its norm ------------------------------------------- */

static EidTensor *
conv_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  return eid_conv2d (x, module->weight, module->bias, module->stride, module->padding, module->groups);
}

EidModule *
eid_conv_module (EidPlugin *self, const char *name, guint in, guint out, guint kernel, guint stride,
                 guint padding, guint groups, gboolean bias)
{
  EidModule *module = eid_module_new (self, name, conv_apply);
  /* He et al. 2015, by how many places of the result a pixel reaches. */
  EidInit kaiming = { .kind = EID_INIT_NORMAL, .scale = sqrtf (2.0f * groups / (out * kernel * kernel)) };
  EidInit zero = { .kind = EID_INIT_CONSTANT, .scale = 0 };

  module->stride = stride;
  module->padding = padding;
  module->groups = groups;
  module->weight = eid_module_parameter (self, name, "weight", EID_SHAPE (out, in / groups, kernel, kernel),
                                         EID_WEIGHT, kaiming);
  if (bias)
    module->bias = eid_module_parameter (self, name, "bias", EID_SHAPE (out), EID_NO_DECAY, zero);
  return module;
}

EidTensor *
eid_apply_conv_norm (EidStep *step, EidModule *module, EidTensor *x, EidTensor *residual, gboolean relu)
{
  const EidModule *conv = module->parts[0];
  const EidBatchNorm norm = eid_module_batch_norm (module->parts[1]);
  EidTensor *out;

  eid_scope_push (step->model->device, module->name);
  out = eid_conv2d_norm (x, conv->weight, conv->stride, conv->padding, conv->groups, &norm, step->training,
                         residual, relu);
  eid_scope_pop (step->model->device);
  return out;
}

static EidTensor *
conv_norm_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  return eid_apply_conv_norm (step, module, x, NULL, FALSE);
}

EidModule *
eid_conv_norm_module (EidPlugin *self, const char *convolution, const char *norm, guint in, guint out,
                      guint kernel, guint stride)
{
  EidModule *module = eid_module_new (self, convolution, conv_norm_apply);

  module->parts[0] = eid_conv_module (self, convolution, in, out, kernel, stride, kernel / 2, 1, FALSE);
  module->parts[1] = eid_batch_norm_module (self, norm, out);
  return module;
}

/* --- Residual block: He et al. 2016 ------------------------------------------------------ */

enum
{
  LAYERS = 3,       /* of a bottleneck; else the third is NULL                */
  SHORTCUT = LAYERS /* NULL where the input has the result's shape            */
};

static EidTensor *
residual_apply (EidStep *step, EidModule *block, EidTensor *x)
{
  EidTensor *shortcut = block->parts[SHORTCUT] ? eid_apply (step, block->parts[SHORTCUT], x) : x;
  guint last = block->parts[2] ? 2 : 1;

  if (shortcut != x)
    eid_tensor_spare (shortcut);
  for (guint i = 0; i < last; i++)
    x = eid_apply_conv_norm (step, block->parts[i], x, NULL, TRUE);
  return eid_apply_conv_norm (step, block->parts[last], x, shortcut, TRUE);
}

EidModule *
eid_residual_block (EidPlugin *self, const char *name, guint in, guint out, guint stride, gboolean bottleneck)
{
  EidModule *block = eid_module_new (self, name, residual_apply);
  guint inner = bottleneck ? out / 4 : out;
  const struct
  {
    guint in, out, kernel, stride;
  } basic[LAYERS] = { { in, out, 3, stride }, { out, out, 3, 1 } },
    narrow[LAYERS] = { { in, inner, 1, 1 }, { inner, inner, 3, stride }, { inner, out, 1, 1 } };

  block->is_block = TRUE;
  for (guint i = 0; i < (bottleneck ? 3 : 2); i++)
    {
      g_autofree char *convolution = g_strdup_printf ("%s.conv%u", name, i + 1);
      g_autofree char *norm = g_strdup_printf ("%s.bn%u", name, i + 1);

      block->parts[i] = bottleneck ? eid_conv_norm_module (self, convolution, norm, narrow[i].in,
                                                           narrow[i].out, narrow[i].kernel, narrow[i].stride)
                                   : eid_conv_norm_module (self, convolution, norm, basic[i].in, basic[i].out,
                                                           basic[i].kernel, basic[i].stride);
    }
  if (stride > 1 || in != out)
    {
      g_autofree char *convolution = g_strconcat (name, ".downsample.0", NULL);
      g_autofree char *norm = g_strconcat (name, ".downsample.1", NULL);

      block->parts[SHORTCUT] = eid_conv_norm_module (self, convolution, norm, in, out, 1, stride);
    }
  return block;
}

/* --- One after another -------------------------------------------------------------------- */

static EidTensor *
sequence_apply (EidStep *step, EidModule *sequence, EidTensor *x)
{
  guint count = 0;

  while (count < G_N_ELEMENTS (sequence->parts) && sequence->parts[count])
    count++;
  return eid_apply_all (step, sequence->parts, count, x);
}

EidModule *
eid_sequence (EidPlugin *self, const char *name, EidModule *const *modules, guint count)
{
  EidModule *sequence = eid_module_new (self, name, sequence_apply);

  g_return_val_if_fail (count <= G_N_ELEMENTS (sequence->parts), NULL);
  memcpy (sequence->parts, modules, count * sizeof *modules);
  return sequence;
}
