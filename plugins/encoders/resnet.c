/* Residual network: pictures through convolutions, each stage half the size and twice as wide.
 *
 * He et al. 2016, arXiv:1512.03385. The parameters carry torchvision's names, so that a checkpoint
 * of torchvision's ResNet of the same depth and width is this encoder, and the other way.
 */

#include "eidoscope.h"

#include <glib/gi18n-lib.h>

static const EidParam resnet_params[] = {
  EID_PARAM_CHOICE ("depth", 0, "18|34|50", N_ ("Layers; 50 has bottlenecks, and four times the features")),
  EID_PARAM_CHOICE ("stem", 0, "cifar|imagenet",
                    N_ ("How pictures come in: at full size, for small ones, or at a quarter of it")),
  EID_PARAM_FLOAT ("width", 1, 0.0625, 2, N_ ("Channels, in those of the published network")), EID_PARAM_END
};

enum
{
  STAGES = 4,
  CHANNELS = 64, /* of the first stage, at width 1 */
  EXPANSION = 4, /* of a bottleneck's result       */
};

static const struct
{
  const char *name;
  gboolean bottleneck;
  guint blocks[STAGES];
} depths[] = {
  { "18", FALSE, { 2, 2, 2, 2 } },
  { "34", FALSE, { 3, 4, 6, 3 } },
  { "50", TRUE, { 3, 4, 6, 3 } },
};

typedef struct
{
  EidModule *layers[3]; /* convolutions with their norms; of a basic block two */
  EidModule *shortcut;  /* where the shape changes, else NULL                  */
} Block;

typedef struct
{
  EidModule *stem;
  gboolean pools; /* after the stem */
  guint width, n_blocks;
  Block *blocks;
} Resnet;

/* "layer1.0.conv2" with "layer1.0.bn2", or the two parts of "layer1.0.downsample" */
static EidModule *
layer_new (EidEncoder *self, const char *block, guint layer, guint in, guint out, guint kernel, guint stride)
{
  g_autofree char *convolution =
      layer ? g_strdup_printf ("%s.conv%u", block, layer) : g_strdup_printf ("%s.downsample.0", block);
  g_autofree char *norm =
      layer ? g_strdup_printf ("%s.bn%u", block, layer) : g_strdup_printf ("%s.downsample.1", block);

  return eid_conv_norm_module (self, convolution, norm, in, out, kernel, stride);
}

/* @in channels to @inner, of a bottleneck times EXPANSION; returns what comes out. */
static guint
block_build (EidEncoder *self, Block *block, const char *name, gboolean bottleneck, guint in, guint inner,
             guint stride)
{
  guint out = bottleneck ? inner * EXPANSION : inner;

  if (bottleneck)
    {
      block->layers[0] = layer_new (self, name, 1, in, inner, 1, 1);
      block->layers[1] = layer_new (self, name, 2, inner, inner, 3, stride);
      block->layers[2] = layer_new (self, name, 3, inner, out, 1, 1);
    }
  else
    {
      block->layers[0] = layer_new (self, name, 1, in, inner, 3, stride);
      block->layers[1] = layer_new (self, name, 2, inner, out, 3, 1);
    }
  if (stride > 1 || in != out)
    block->shortcut = layer_new (self, name, 0, in, out, 1, stride);
  return out;
}

static gboolean
resnet_build (EidEncoder *self, GError **error)
{
  Resnet *resnet = eid_encoder_state (self);
  guint channels = (guint) (CHANNELS * eid_param_float (self, "width") + 0.5f), depth = 0, side;

  while (!g_str_equal (depths[depth].name, eid_param_choice (self, "depth")))
    depth++;
  resnet->pools = g_str_equal (eid_param_choice (self, "stem"), "imagenet");
  resnet->stem = resnet->pools
                     ? eid_conv_norm_module (self, "conv1", "bn1", eid_image_channels (self), channels, 7, 2)
                     : eid_conv_norm_module (self, "conv1", "bn1", eid_image_channels (self), channels, 3, 1);
  side = resnet->pools ? (eid_image_size (self) + 3) / 4 : eid_image_size (self);

  for (guint stage = 0; stage < STAGES; stage++)
    resnet->n_blocks += depths[depth].blocks[stage];
  resnet->blocks = eid_plugin_alloc (self, resnet->n_blocks * sizeof *resnet->blocks);
  resnet->width = channels;
  for (guint stage = 0, b = 0; stage < STAGES; stage++)
    {
      for (guint i = 0; i < depths[depth].blocks[stage]; i++, b++)
        {
          g_autofree char *name = g_strdup_printf ("layer%u.%u", stage + 1, i);

          resnet->width = block_build (self, &resnet->blocks[b], name, depths[depth].bottleneck,
                                       resnet->width, channels << stage, stage > 0 && i == 0 ? 2 : 1);
        }
      if (stage > 0)
        side = (side + 1) / 2;
    }
  eid_encoder_describe (self, resnet->width, side * side, 0);
  return TRUE;
}

static EidTensor *
block_apply (EidStep *step, const Block *block, EidTensor *x)
{
  EidTensor *shortcut = block->shortcut ? eid_apply (step, block->shortcut, x) : x;
  guint last = block->layers[2] ? 2 : 1;

  for (guint i = 0; i < last; i++)
    x = eid_apply_conv_norm (step, block->layers[i], x, NULL, TRUE);
  return eid_apply_conv_norm (step, block->layers[last], x, shortcut, TRUE);
}

static EidFeatures *
resnet_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  Resnet *resnet = eid_encoder_state (self);
  EidTensor *x = eid_apply_conv_norm (step, resnet->stem, images, NULL, TRUE);
  EidTensor *tokens;

  if (resnet->pools)
    x = eid_max_pool2d (x, 3, 2, 1);
  for (guint i = 0; i < resnet->n_blocks; i++)
    x = block_apply (step, &resnet->blocks[i], x);
  /* Each pixel of the last map is a token. */
  tokens = eid_reshape (x, EID_SHAPE (eid_dim (x, 0), eid_dim (x, 1) * eid_dim (x, 2), eid_dim (x, 3)));
  return eid_features (step, eid_mean_tokens (tokens), tokens, NULL);
}

EID_ENCODER (resnet, .title = N_ ("Residual network"), .source = "arXiv:1512.03385", .params = resnet_params,
             .state_size = sizeof (Resnet), .abilities = EID_CAN_RESIZE, .build = resnet_build,
             .encode = resnet_encode)
