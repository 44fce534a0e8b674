/* Vision transformer: pictures as rows of patches.
 *
 * Dosovitskiy et al. 2021, arXiv:2010.11929. The parameters carry timm's names, so that a
 * checkpoint of timm's VisionTransformer of the same shape is this encoder, and the other way.
 * Pictures of another size than it was built for are taken as timm's dynamic_img_size has it, or as the
 * family of the weights it began with does it.
 *
 * Registers (Darcet et al. 2024, arXiv:2309.16588) stand between the class token and the patches and
 * have no position, as in DINOv2; positions are laid out as there, the class token's first. LayerScale
 * and stochastic depth are the transformer block's.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam vit_params[] = {
  EID_PARAM_INT ("patch", 4, 1, 64, N_ ("Side of a patch, pixels; the picture's size must be a multiple")),
  EID_PARAM_INT ("width", 128, 8, 4096, N_ ("Channels of a token; a multiple of heads, and of 4")),
  EID_PARAM_INT ("depth", 4, 1, 64, N_ ("Transformer blocks")),
  EID_PARAM_INT ("heads", 4, 1, 64, N_ ("Attention heads in a block")),
  EID_PARAM_FLOAT ("mlp-ratio", 4, 0.5, 16, N_ ("Hidden channels of a block's perceptron, in widths")),
  EID_PARAM_CHOICE (
      "pooling", 0, "mean|class|mean-class",
      N_ ("What stands for the picture: the mean of its patch tokens, a class token, or the mean "
          "of the patch tokens beside a class token")),
  EID_PARAM_CHOICE ("norm", 0, "tokens|pooled",
                    N_ ("What the last layer norm is of: every token, or what stands for the picture; the "
                        "latter is fc_norm in timm")),
  EID_PARAM_BOOL ("pre-norm", 0, N_ ("Whether there is a layer norm before the first block, as in CLIP")),
  EID_PARAM_FLOAT (
      "epsilon", 0, 0, 0.01,
      N_ ("What layer norms add to the variance; 0: as the weights to begin with were made, else "
          "1e-6")),
  EID_PARAM_CHOICE ("positions", 0, "learned|sincos",
                    N_ ("Position embedding: learned, or fixed sines and cosines")),
  EID_PARAM_CHOICE (
      "resize", 0, "auto|antialiased|plain|corners|offset",
      N_ ("How position embeddings are resized for other crop sizes: as in timm (antialiased), transformers "
          "(plain), torchvision (corners) or DINOv2 (offset); auto: as the weights were made, else "
          "antialiased")),
  EID_PARAM_INT (
      "registers", 0, 0, 16,
      N_ ("Tokens that belong to no patch and keep what belongs to the whole picture; DINOv2 has 4")),
  EID_PARAM_FLOAT ("layer-scale", 0, 0, 1,
                   N_ ("What the learned gains of a block's branches begin at; 0: none, in DINOv2 1e-5")),
  EID_PARAM_FLOAT ("drop-path", 0, 0, 0.9,
                   N_ ("Share of pictures that pass the last block's branches by while training; rises "
                       "evenly from 0 at the first")),
  EID_PARAM_END
};

typedef struct
{
  guint patch, grid, tokens, depth, registers;
  gboolean class_pooling, has_class, norm_is_of_pooled;
  EidResize resize;
  EidModule *projection; /* patch_embed.proj, as a linear layer over patches */
  EidTensor *positions;  /* [1, 1 + tokens, D]; without class token [1, tokens, D] */
  EidTensor *class_token;
  EidTensor *register_tokens; /* [1, R, D] or NULL */
  EidTensor *mask_token;      /* [1, D]; NULL where no objective hides patches */
  EidModule *pre_norm;        /* NULL: none */
  EidModule **blocks;
  EidModule *norm;
} Vit;

static gboolean
vit_check (EidEncoder *self, guint patch, guint width, guint heads, GError **error)
{
  if (eid_image_size (self) % patch != 0)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Encoder] patch = %u does not divide the picture's size of %u pixels ([Dataset] size)."),
                 patch, eid_image_size (self));
  else if (width % heads != 0 || width % 4 != 0)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Encoder] width = %u must be a multiple of heads = %u, and of 4."), width, heads);
  else
    return TRUE;
  return FALSE;
}

static gboolean
vit_build (EidEncoder *self, GError **error)
{
  Vit *vit = eid_encoder_state (self);
  guint width = eid_param_int (self, "width"), heads = eid_param_int (self, "heads");
  gboolean fixed = g_str_equal (eid_param_choice (self, "positions"), "sincos");
  gfloat epsilon = eid_param_float (self, "epsilon");
  guint extra;

  vit->patch = eid_param_int (self, "patch");
  vit->depth = eid_param_int (self, "depth");
  vit->registers = eid_param_int (self, "registers");
  vit->class_pooling = g_str_equal (eid_param_choice (self, "pooling"), "class");
  vit->has_class = !g_str_equal (eid_param_choice (self, "pooling"), "mean");
  vit->norm_is_of_pooled = g_str_equal (eid_param_choice (self, "norm"), "pooled");
  vit->resize = eid_resize_named (eid_param_choice (self, "resize"));
  if (epsilon <= 0)
    epsilon = 1e-6f;
  if (!vit_check (self, vit->patch, width, heads, error))
    return FALSE;
  vit->grid = eid_image_size (self) / vit->patch;
  vit->tokens = vit->grid * vit->grid;
  extra = vit->has_class ? 1 : 0;
  eid_encoder_describe (self, width, vit->tokens, vit->patch);

  vit->projection =
      eid_patch_embed_module (self, "patch_embed.proj", vit->patch, eid_image_channels (self), width);
  if (fixed)
    {
      g_autofree float *values = eid_sincos_positions (vit->grid, width, vit->has_class);

      vit->positions = eid_parameter (self, "pos_embed", EID_SHAPE (1, vit->tokens + extra, width),
                                      EID_BUFFER, (EidInit){ .kind = EID_INIT_VALUES, .values = values });
    }
  else
    vit->positions = eid_parameter (self, "pos_embed", EID_SHAPE (1, vit->tokens + extra, width),
                                    EID_NO_DECAY, (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.02f });
  if (vit->has_class)
    vit->class_token = eid_parameter (self, "cls_token", EID_SHAPE (1, 1, width), EID_NO_DECAY,
                                      (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.02f });

  if (vit->registers > 0)
    vit->register_tokens = eid_parameter (self, "reg_token", EID_SHAPE (1, vit->registers, width),
                                          EID_NO_DECAY, (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.02f });
  if (eid_objective_needs (self, EID_CAN_HIDE))
    vit->mask_token = eid_parameter (self, "mask_token", EID_SHAPE (1, width), EID_NO_DECAY,
                                     (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.02f });

  if (eid_param_bool (self, "pre-norm"))
    {
      vit->pre_norm = eid_layer_norm_module (self, "norm_pre", width);
      eid_module_set_epsilon (vit->pre_norm, epsilon);
    }
  vit->blocks = eid_plugin_alloc (self, vit->depth * sizeof *vit->blocks);
  for (guint i = 0; i < vit->depth; i++)
    {
      g_autofree char *name = g_strdup_printf ("blocks.%u", i);
      const EidBlockOptions options = {
        .layer_scale = eid_param_float (self, "layer-scale"),
        .drop_path = eid_param_float (self, "drop-path") * i / MAX (1, vit->depth - 1),
      };

      vit->blocks[i] =
          eid_transformer_block_full (self, name, width, heads, eid_param_float (self, "mlp-ratio"), options);
      eid_module_set_epsilon (vit->blocks[i], epsilon);
    }
  vit->norm = eid_layer_norm_module (self, vit->norm_is_of_pooled ? "fc_norm" : "norm", width);
  eid_module_set_epsilon (vit->norm, epsilon);
  return TRUE;
}

/* Of a grid of @height times @width patches, [height width, D]; @positions [tokens, D] are those of
 * the size the encoder was built for. */
static EidTensor *
vit_positions (Vit *vit, EidTensor *positions, guint height, guint width)
{
  if (height == vit->grid && width == vit->grid)
    return positions;
  return eid_resize_positions_by (positions, vit->grid, height, width, vit->resize);
}

/* What stands before the patches: the class token with its position, and the registers; [P, D] or NULL. */
static EidTensor *
vit_first_tokens (Vit *vit, EidTensor *positions)
{
  guint width = eid_dim (vit->positions, 2);
  EidTensor *first = NULL, *registers;

  if (vit->class_token)
    first = eid_add (eid_reshape (vit->class_token, EID_SHAPE (1, width)), eid_rows (positions, 0, 1));
  if (vit->register_tokens == NULL)
    return first;
  registers = eid_reshape (vit->register_tokens, EID_SHAPE (vit->registers, width));
  return first ? eid_concat (first, registers) : registers;
}

static EidFeatures *
vit_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  Vit *vit = eid_encoder_state (self);
  guint width = eid_dim (vit->positions, 2), extra = vit->has_class ? 1 : 0;
  EidTensor *positions = eid_reshape (vit->positions, EID_SHAPE (vit->tokens + extra, width));
  EidTensor *hidden = eid_step_hidden (step), *first = vit_first_tokens (vit, positions);
  EidTensor *patches, *patch_positions, *x, *tokens, *pooled, *class_token = NULL;

  patches = eid_patchify (images, vit->patch); /* [B, N, C p p] */
  patch_positions = vit_positions (vit, extra ? eid_rows (positions, 1, vit->tokens) : positions,
                                   eid_dim (images, 1) / vit->patch, eid_dim (images, 2) / vit->patch);
  if (keep) /* before the projection, which then has less to do */
    {
      patches = eid_gather_tokens (patches, keep); /* [B, K, C p p] */
      patch_positions = eid_gather_tokens (patch_positions, keep);
    }
  x = eid_apply (step, vit->projection, patches); /* [B, N or K, D] */
  if (hidden)
    x = eid_hide_tokens (x, eid_reshape (vit->mask_token, EID_SHAPE (width)), hidden);
  x = eid_add (x, patch_positions);
  if (first)
    x = eid_prepend_token (x, first);

  extra += vit->registers;
  eid_step_set_extra_tokens (step, extra);
  if (vit->pre_norm)
    x = eid_apply (step, vit->pre_norm, x);
  x = eid_apply_all (step, vit->blocks, vit->depth, x);
  if (!vit->norm_is_of_pooled)
    x = eid_apply (step, vit->norm, x);

  tokens = extra ? eid_tokens (x, extra, eid_dim (x, 1) - extra) : x;
  if (vit->class_token)
    class_token = eid_reshape (eid_tokens (x, 0, 1), EID_SHAPE (eid_dim (x, 0), width));
  pooled = vit->class_pooling ? class_token : eid_mean_tokens (tokens);
  if (vit->norm_is_of_pooled)
    {
      pooled = eid_apply (step, vit->norm, pooled);
      if (vit->class_pooling)
        class_token = pooled;
    }
  return eid_features (step, pooled, tokens, class_token);
}

EID_ENCODER (vit, .title = N_ ("Vision transformer"), .source = "arXiv:2010.11929", .params = vit_params,
             .state_size = sizeof (Vit),
             .abilities = EID_CAN_TOKENS | EID_CAN_MASK | EID_CAN_ATTENTION | EID_CAN_RESIZE | EID_CAN_HIDE,
             .build = vit_build, .encode = vit_encode)
