/* My plugin: pictures as patches, which look at one another.
 *
 * An encoder to begin with: a small vision transformer, Dosovitskiy et al. 2021, arXiv:2010.11929.
 * Say here what yours is and from which paper. eidoscope.h explains every function; after each change:
 *
 *   eidoscope build my-plugin.c
 */
#include <eidoscope.h>

/* Keys of the recipe's [Encoder], and controls in the workbench: the default, the least, the most. */
static const EidParam my_plugin_params[] = {
  EID_PARAM_INT ("patch", 4, 1, 64, "Side of a patch, pixels; divides the picture's size"),
  EID_PARAM_INT ("width", 96, 8, 4096, "Channels of a token; a multiple of heads"),
  EID_PARAM_INT ("depth", 3, 1, 16, "Blocks"),
  EID_PARAM_INT ("heads", 3, 1, 64, "Attention heads in a block"),
  EID_PARAM_CHOICE ("pooling", 0, "mean|max", "What of its tokens stands for a picture"),
  EID_PARAM_END
};

/* Zeroed at first, and freed with the plugin. What is to be in checkpoints is a parameter or a module. */
typedef struct
{
  EidModule *patches, *norm, *blocks[16];
  EidTensor *positions; /* [N, D] */
} State;

/* Once, before the first step: everything that is trained, by name; and what the encoder is. */
static gboolean
my_plugin_build (EidEncoder *self, GError **error)
{
  State *state = eid_encoder_state (self);
  guint patch = eid_param_int (self, "patch"), size = eid_image_size (self);
  guint width = eid_param_int (self, "width"), heads = eid_param_int (self, "heads");
  guint tokens = (size / patch) * (size / patch);

  if (size % patch != 0 || width % heads != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   "[Encoder] patch = %u must divide the picture's %u pixels, and heads = %u the width of %u.",
                   patch, size, heads, width);
      return FALSE;
    }
  eid_encoder_describe (self, width, tokens, patch);
  state->patches = eid_patch_embed_module (self, "patch_embed.proj", patch, eid_image_channels (self), width);
  state->positions = eid_parameter (self, "pos_embed", EID_SHAPE (tokens, width), EID_NO_DECAY,
                                    (EidInit){ .kind = EID_INIT_NORMAL, .scale = 0.02f });
  for (gint i = 0; i < eid_param_int (self, "depth"); i++)
    {
      g_autofree char *name = g_strdup_printf ("blocks.%d", i);

      state->blocks[i] = eid_transformer_block (self, name, width, heads, 4);
    }
  state->norm = eid_layer_norm_module (self, "norm", width);
  return TRUE;
}

/* images [B, H, W, C] to features: tokens [B, N, D], and what stands for a picture, [B, D]. The blocks
 * publish their attention by themselves. @keep: see EID_CAN_MASK, which this encoder does not say. */
static EidFeatures *
my_plugin_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  State *state = eid_encoder_state (self);
  EidTensor *patches = eid_patchify (images, eid_param_int (self, "patch")); /* [B, N, C p p] */
  EidTensor *x = eid_add (eid_apply (step, state->patches, patches), state->positions); /* [B, N, D] */
  gboolean max = g_str_equal (eid_param_choice (self, "pooling"), "max");

  x = eid_apply_all (step, state->blocks, eid_param_int (self, "depth"), x);
  x = eid_apply (step, state->norm, x);
  return eid_features (step, max ? eid_max_axis (x, 1) : eid_mean_tokens (x), x, NULL);
}

EID_ENCODER (my-plugin,
             .title = "My plugin",
             .source = "arXiv:2010.11929",
             .params = my_plugin_params,
             .state_size = sizeof (State),
             .abilities = EID_CAN_TOKENS | EID_CAN_ATTENTION,
             .build = my_plugin_build,
             .encode = my_plugin_encode)
