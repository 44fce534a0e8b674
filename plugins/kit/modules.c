/* modules.c: the layers plugins are built from, under the names PyTorch's have. */

#include "plugins/kit/private.h"

#include <math.h>

/* --- Parameters ------------------------------------------------------------------- */

EidTensor *
eid_parameter (EidPlugin *self, const char *name, EidShape shape, EidParameterKind kind, EidInit init)
{
  g_autofree char *full = g_strconcat (self->prefix, name, NULL);

  return eid_parameters_add (self->model->parameters, full, shape, kind, init);
}

EidTensor *
eid_module_parameter (EidPlugin *self, const char *module, const char *part, EidShape shape,
                      EidParameterKind kind, EidInit init)
{
  g_autofree char *name = g_strconcat (module, ".", part, NULL);

  return eid_parameter (self, name, shape, kind, init);
}

static EidInit
constant (float value)
{
  return (EidInit){ .kind = EID_INIT_CONSTANT, .scale = value };
}

EidModule *
eid_module_new (EidPlugin *self, const char *name, EidTensor *(*apply) (EidStep *, EidModule *, EidTensor *) )
{
  EidModule *module = eid_plugin_alloc (self, sizeof *module);

  module->name = g_intern_string (name);
  module->apply = apply;
  return module;
}

typedef struct
{
  EidStep *step;
  EidModule *module;
  guint pass;
} Call;

static EidTensor *
run_module (EidTensor *x, gpointer data)
{
  const Call *call = data;
  EidDevice *device = call->step->model->device;
  EidTensor *out;

  call->step->pass = call->pass; /* as it was, where this is computed again */
  eid_scope_push (device, call->module->name);
  out = call->module->apply (call->step, call->module, x);
  eid_scope_pop (device);
  return out;
}

EidTensor *
eid_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  EidDevice *device = step->model->device;
  Call call = { step, module, step->pass };

  if (!eid_is_recording (device)) /* nobody asks for what lies on the way */
    {
      eid_arena_push (device);
      return eid_arena_pop_keeping (device, run_module (x, &call));
    }
  if (module->is_block && step->model->recompute)
    return eid_recompute (x, run_module, &call, sizeof call);
  return run_module (x, &call);
}

EidTensor *
eid_apply_all (EidStep *step, EidModule *const *modules, guint count, EidTensor *x)
{
  for (guint i = 0; i < count; i++)
    {
      EidTensor *before = x;

      if (i > 0)
        eid_tensor_spare (before);
      x = eid_apply (step, modules[i], x);
      if (i > 0 && x != before)
        eid_tensor_drop (before);
    }
  return x;
}

EidTensor *
eid_module_weight (EidModule *module)
{
  return module->weight;
}

/* --- Layers ------------------------------------------------------------------------- */

static EidTensor *
linear_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  return eid_linear (x, module->weight, module->bias);
}

/* A weight of @shape that takes @in numbers to @out, uniform as Glorot & Bengio 2010 have it. */
static EidModule *
linear_of_shape (EidPlugin *self, const char *name, EidShape shape, guint in, guint out, gboolean bias)
{
  EidModule *module = eid_module_new (self, name, linear_apply);
  EidInit xavier = { .kind = EID_INIT_UNIFORM, .scale = sqrtf (6.0f / (in + out)) };

  module->weight = eid_module_parameter (self, name, "weight", shape, EID_WEIGHT, xavier);
  if (bias)
    module->bias = eid_module_parameter (self, name, "bias", EID_SHAPE (out), EID_NO_DECAY, constant (0));
  return module;
}

EidModule *
eid_linear_module (EidPlugin *self, const char *name, guint in, guint out, gboolean bias)
{
  return linear_of_shape (self, name, EID_SHAPE (out, in), in, out, bias);
}

EidModule *
eid_patch_embed_module (EidPlugin *self, const char *name, guint patch, guint channels, guint out)
{
  return linear_of_shape (self, name, EID_SHAPE (out, channels, patch, patch), channels * patch * patch, out,
                          TRUE);
}

static EidTensor *
cosine_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  return eid_linear (eid_normalize (x), eid_normalize (module->weight), NULL);
}

EidModule *
eid_cosine_module (EidPlugin *self, const char *name, guint in, guint out)
{
  EidModule *module = eid_module_new (self, name, cosine_apply);

  /* Decay would shorten the rows, which changes nothing but how far an update turns them. */
  module->weight = eid_module_parameter (self, name, "weight", EID_SHAPE (out, in), EID_NO_DECAY,
                                         (EidInit){ .kind = EID_INIT_UNIFORM, .scale = 1 / sqrtf (in) });
  return module;
}

EidTensor *
eid_apply_frozen (EidStep *step, EidModule *module, EidTensor *x)
{
  EidModule frozen = *module;

  frozen.weight = eid_detach (module->weight);
  if (module->bias)
    frozen.bias = eid_detach (module->bias);
  return frozen.apply (step, &frozen, x);
}

static EidTensor *
layer_norm_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  return eid_layer_norm (x, module->weight, module->bias, module->epsilon);
}

EidModule *
eid_layer_norm_module (EidPlugin *self, const char *name, guint width)
{
  EidModule *module = eid_module_new (self, name, layer_norm_apply);

  module->epsilon = 1e-6f;
  module->weight = eid_module_parameter (self, name, "weight", EID_SHAPE (width), EID_NO_DECAY, constant (1));
  module->bias = eid_module_parameter (self, name, "bias", EID_SHAPE (width), EID_NO_DECAY, constant (0));
  return module;
}

void
eid_module_set_epsilon (EidModule *norm, float epsilon)
{
  norm->epsilon = epsilon;
  for (guint i = 0; i < G_N_ELEMENTS (norm->parts); i++)
    if (norm->parts[i] != NULL && norm->parts[i]->apply == layer_norm_apply)
      norm->parts[i]->epsilon = epsilon;
}

EidBatchNorm
eid_module_batch_norm (EidModule *norm)
{
  return (EidBatchNorm){
    .gain = norm->weight,
    .bias = norm->bias,
    .running_mean = norm->running_mean,
    .running_var = norm->running_var,
    .momentum = 0.1f, /* as PyTorch has them */
    .epsilon = 1e-5f,
  };
}

static EidTensor *
batch_norm_apply (EidStep *step, EidModule *module, EidTensor *x)
{
  const EidBatchNorm norm = eid_module_batch_norm (module);

  return eid_batch_norm_full (x, &norm, step->training, NULL, FALSE);
}

EidModule *
eid_batch_norm_plain (EidPlugin *self, const char *name, guint width)
{
  EidModule *module = eid_module_new (self, name, batch_norm_apply);

  module->running_mean =
      eid_module_parameter (self, name, "running_mean", EID_SHAPE (width), EID_BUFFER, constant (0));
  module->running_var =
      eid_module_parameter (self, name, "running_var", EID_SHAPE (width), EID_BUFFER, constant (1));
  return module;
}

EidModule *
eid_batch_norm_module (EidPlugin *self, const char *name, guint width)
{
  EidModule *module = eid_batch_norm_plain (self, name, width);

  module->weight = eid_module_parameter (self, name, "weight", EID_SHAPE (width), EID_NO_DECAY, constant (1));
  module->bias = eid_module_parameter (self, name, "bias", EID_SHAPE (width), EID_NO_DECAY, constant (0));
  return module;
}

/* --- Transformer block: Vaswani et al. 2017, pre-norm as Dosovitskiy et al. 2021 ----------- */

enum
{
  NORM1,
  QKV,
  PROJ,
  NORM2,
  FC1,
  FC2
};

/* One factor a picture, [B]: 0 for those that the branch is left out for. They depend on the step, the
 * picture, the block and the branch alone. */
static EidTensor *
path_factors (EidStep *step, EidModule *block, guint branch, guint pictures)
{
  guint stream = 0x10000 + (block->number * 2 + branch) * 16 + step->pass % 16;
  g_autofree float *factors = g_new (float, pictures);

  for (guint b = 0; b < pictures; b++)
    {
      EidRandom random;

      eid_step_random (step, b, stream, &random);
      factors[b] = eid_random_float (&random) < block->drop_path ? 0 : 1 / (1 - block->drop_path);
    }
  return eid_tensor_from_data (step->model->device, EID_F32, EID_SHAPE (pictures), factors);
}

/* x + what becomes of the branch @y [B, N, D] on its way. */
static EidTensor *
add_branch (EidStep *step, EidModule *block, guint branch, EidTensor *x, EidTensor *y)
{
  if (block->gains[branch])
    y = eid_mul (y, block->gains[branch]);
  if (block->drop_path > 0 && step->training && !step->in_teacher)
    y = eid_scale_rows (y, path_factors (step, block, branch, eid_dim (y, 0)));
  return eid_add (x, y);
}

static EidTensor *
block_apply (EidStep *step, EidModule *block, EidTensor *x)
{
  gboolean seen = step->in_encoder && step->artefacts && (step->watched & EID_SHOW_ATTENTION);
  gboolean plain = !block->gains[0] && block->drop_path == 0; /* each sum is then part of a product */
  EidModule *proj = block->parts[PROJ], *fc1 = block->parts[FC1], *fc2 = block->parts[FC2];
  EidTensor *probabilities, *y;

  y = eid_apply (step, block->parts[QKV], eid_apply (step, block->parts[NORM1], x)); /* [B, N, 3 D] */
  y = eid_attention (y, block->heads, block->causal, seen ? &probabilities : NULL);
  if (seen)
    eid_publish_attention (step, step->layer++, step->extra_tokens, probabilities);
  if (plain)
    x = eid_linear_add (y, proj->weight, proj->bias, x);
  else
    x = add_branch (step, block, 0, x, eid_linear (y, proj->weight, proj->bias));

  y = eid_apply (step, block->parts[NORM2], x);
  y = eid_feed_forward (y, fc1->weight, fc1->bias, fc2->weight, fc2->bias, plain ? x : NULL);
  return plain ? y : add_branch (step, block, 1, x, y);
}

static EidModule *
block_of_parts (EidPlugin *self, const char *name, const char *const *parts, guint width, guint heads,
                float mlp_ratio)
{
  EidModule *block = eid_module_new (self, name, block_apply);
  guint hidden = (guint) (width * mlp_ratio);
  const struct
  {
    guint in, out;
  } shapes[] = {
    [NORM1] = { width, 0 }, [QKV] = { width, 3 * width }, [PROJ] = { width, width },
    [NORM2] = { width, 0 }, [FC1] = { width, hidden },    [FC2] = { hidden, width },
  };

  block->heads = heads;
  block->is_block = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *part = g_strconcat (name, ".", parts[i], NULL);

      block->parts[i] = shapes[i].out ? eid_linear_module (self, part, shapes[i].in, shapes[i].out, TRUE)
                                      : eid_layer_norm_module (self, part, width);
    }
  return block;
}

EidModule *
eid_transformer_block (EidPlugin *self, const char *name, guint width, guint heads, float mlp_ratio)
{
  static const char *const parts[] = {
    [NORM1] = "norm1", [QKV] = "attn.qkv", [PROJ] = "attn.proj",
    [NORM2] = "norm2", [FC1] = "mlp.fc1",  [FC2] = "mlp.fc2",
  };

  return block_of_parts (self, name, parts, width, heads, mlp_ratio);
}

EidModule *
eid_transformer_block_full (EidPlugin *self, const char *name, guint width, guint heads, float mlp_ratio,
                            EidBlockOptions options)
{
  static const char *const gains[] = { "ls1.gamma", "ls2.gamma" };
  EidModule *block = eid_transformer_block (self, name, width, heads, mlp_ratio);

  block->number = eid_parameters_count (self->model->parameters);
  block->drop_path = options.drop_path;
  for (guint branch = 0; branch < 2 && options.layer_scale > 0; branch++)
    block->gains[branch] = eid_module_parameter (self, name, gains[branch], EID_SHAPE (width), EID_NO_DECAY,
                                                 constant (options.layer_scale));
  return block;
}

EidModule *
eid_causal_block (EidPlugin *self, const char *name, guint width, guint heads, float mlp_ratio)
{
  static const char *const parts[] = {
    [NORM1] = "ln_1", [QKV] = "attn.c_attn", [PROJ] = "attn.c_proj",
    [NORM2] = "ln_2", [FC1] = "mlp.c_fc",    [FC2] = "mlp.c_proj",
  };
  EidModule *block = block_of_parts (self, name, parts, width, heads, mlp_ratio);

  block->causal = TRUE;
  eid_module_set_epsilon (block->parts[NORM1], 1e-5f);
  eid_module_set_epsilon (block->parts[NORM2], 1e-5f);
  return block;
}

/* --- Fixed position embedding ------------------------------------------------------------- */

/* The first half of a token's channels speaks of its row's x, the second of its y, each half
 * sines and then cosines of falling frequency, as the reference code of He et al. 2022 has it. */
float *
eid_sincos_positions (guint grid, guint width, gboolean class_token)
{
  guint quarter = width / 4, skip = class_token ? 1 : 0;
  float *values = g_new0 (float, ((gsize) grid * grid + skip) * width);

  for (guint y = 0; y < grid; y++)
    for (guint x = 0; x < grid; x++)
      {
        float *row = values + ((gsize) y * grid + x + skip) * width;

        for (guint i = 0; i < quarter; i++)
          {
            double frequency = pow (10000, -(double) i / quarter);

            row[i] = sin (x * frequency);
            row[quarter + i] = cos (x * frequency);
            row[2 * quarter + i] = sin (y * frequency);
            row[3 * quarter + i] = cos (y * frequency);
          }
      }
  return values;
}
