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
  MOST_BLOCKS = 6, /* of a stage              */
  CHANNELS = 64,   /* of the first, at width 1 */
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
  EidModule *stem, *stages[STAGES];
  gboolean pools; /* after the stem */
} Resnet;

static EidModule *
stage_build (EidEncoder *self, guint stage, guint blocks, guint in, guint out, gboolean bottleneck)
{
  g_autofree char *name = g_strdup_printf ("layer%u", stage + 1);
  EidModule *modules[MOST_BLOCKS];

  for (guint i = 0; i < blocks; i++)
    {
      g_autofree char *block = g_strdup_printf ("%s.%u", name, i);

      modules[i] =
          eid_residual_block (self, block, i == 0 ? in : out, out, i == 0 && stage > 0 ? 2 : 1, bottleneck);
    }
  return eid_sequence (self, name, modules, blocks);
}

static gboolean
resnet_build (EidEncoder *self, GError **error)
{
  Resnet *resnet = eid_encoder_state (self);
  guint width = (guint) (CHANNELS * eid_param_float (self, "width") + 0.5f), in = width, depth = 0;
  guint side = eid_image_size (self);

  while (!g_str_equal (depths[depth].name, eid_param_choice (self, "depth")))
    depth++;
  resnet->pools = g_str_equal (eid_param_choice (self, "stem"), "imagenet");
  resnet->stem = eid_conv_norm_module (self, "conv1", "bn1", eid_image_channels (self), width,
                                       resnet->pools ? 7 : 3, resnet->pools ? 2 : 1);
  if (resnet->pools)
    side = (side + 3) / 4;
  for (guint stage = 0; stage < STAGES; stage++)
    {
      guint out = (width << stage) * (depths[depth].bottleneck ? 4 : 1);

      resnet->stages[stage] =
          stage_build (self, stage, depths[depth].blocks[stage], in, out, depths[depth].bottleneck);
      in = out;
      if (stage > 0)
        side = (side + 1) / 2;
    }
  eid_encoder_describe (self, in, side * side, 0);
  return TRUE;
}

static EidFeatures *
resnet_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  Resnet *resnet = eid_encoder_state (self);
  EidTensor *x = eid_apply_conv_norm (step, resnet->stem, images, NULL, TRUE), *tokens;

  if (resnet->pools)
    {
      EidTensor *large = x;

      x = eid_max_pool2d (large, 3, 2, 1);
      eid_tensor_drop (large);
    }
  x = eid_apply_all (step, resnet->stages, STAGES, x);
  /* Each pixel of the last map is a token. */
  tokens = eid_reshape (x, EID_SHAPE (eid_dim (x, 0), eid_dim (x, 1) * eid_dim (x, 2), eid_dim (x, 3)));
  return eid_features (step, eid_mean_tokens (tokens), tokens, NULL);
}

EID_ENCODER (resnet, .title = N_ ("Residual network"), .source = "arXiv:1512.03385", .params = resnet_params,
             .state_size = sizeof (Resnet), .abilities = EID_CAN_RESIZE, .build = resnet_build, .encode = resnet_encode)
