/* truth-foreign.c: weights that the program cannot take are refused by the name of what they are. */
#include "tests/truth/weights-files.h"

#include "app/engine/weights/weights.h"

#include <glib/gstdio.h>
#include <string.h>

/* --- By names and shapes -------------------------------------------------------------------------------- */

#define TRANSFORMER                                                                                          \
  "patch_embed.proj.weight 48x3x8x8, cls_token 1x1x48, blocks.0.norm1.weight 48, "                           \
  "blocks.0.attn.qkv.weight 144x48, "
#define MLP      "blocks.0.mlp.fc1.weight 192x48, blocks.0.mlp.fc2.weight 48x192, "
#define BIASED   TRANSFORMER "blocks.0.norm1.bias 48, pos_embed 1x17x48, "
#define RESIDUAL "conv1.weight 64x3x7x7, bn1.weight 64, layer1.0.conv1.weight 64x64x1x1, "
#define DEEP     RESIDUAL "bn1.running_mean 64, layer1.0.conv3.weight 256x64x1x1, "

/* Of each family the tensors that tell it, as tests/weights/peers.py makes it whole. */
static const struct
{
  const char *family, *tensors, *said;
} families[] = {
  { "dinov2-giant", BIASED "blocks.0.mlp.w12.weight 256x48",
    "a gated perceptron (SwiGLU) (the tensor “blocks.0.mlp.w12.weight”)" },
  { "dinov2-giant-of-timm", BIASED "blocks.0.mlp.fc1.weight 256x48, blocks.0.mlp.fc2.weight 48x128",
    "a gated perceptron (SwiGLU) (the tensor “blocks.0.mlp.fc1.weight”)" },
  { "dinov2-giant-of-transformers",
    "embeddings.patch_embeddings.projection.weight 48x3x8x8, encoder.layer.0.norm1.weight 48, "
    "encoder.layer.0.mlp.weights_in.weight 256x48",
    "a gated perceptron (SwiGLU) (the tensor “encoder.layer.0.mlp.weights_in.weight”)" },
  { "dinov3-of-transformers",
    "embeddings.cls_token 1x1x48, embeddings.patch_embeddings.weight 48x3x8x8, "
    "model.layer.0.attention.q_proj.weight 48x48, model.layer.0.mlp.up_proj.weight 192x48",
    "rotary positions (the tensor “model.layer.0.mlp.up_proj.weight”)" },
  { "dinov3", TRANSFORMER MLP "blocks.0.norm1.bias 48, rope_embed.periods 16",
    "rotary positions (the tensor “rope_embed.periods”)" },
  { "dinov3-of-timm", TRANSFORMER MLP "blocks.0.norm1.bias 48",
    "no position embeddings but rotary or relative positions" },
  { "siglip-of-transformers",
    "vision_model.embeddings.patch_embedding.weight 48x3x8x8, vision_model.head.probe 1x1x48",
    "a pooling by attention, as SigLIP has it (the tensor “vision_model.head.probe”)" },
  { "clip-of-transformers",
    "vision_model.embeddings.class_embedding 48, vision_model.embeddings.patch_embedding.weight 48x3x8x8",
    "a vision tower by CLIP’s names (the tensor “vision_model.embeddings.class_embedding”)" },
  { "deit-of-transformers",
    "deit.embeddings.cls_token 1x1x48, deit.embeddings.distillation_token 1x1x48, "
    "deit.embeddings.patch_embeddings.projection.weight 48x3x8x8",
    "a distillation token (DeiT) (the tensor “deit.embeddings.distillation_token”)" },
  { "beit-of-timm",
    TRANSFORMER MLP "blocks.0.norm1.bias 48, blocks.0.gamma_1 48, "
                    "blocks.0.attn.relative_position_bias_table 52x4",
    "relative positions (the tensor “blocks.0.attn.relative_position_bias_table”)" },
  { "rms-norm", TRANSFORMER MLP "pos_embed 1x17x48",
    "norms without a bias, such as RMSNorm (the tensor “blocks.0.norm1.weight”)" },
  { "hiera", BIASED MLP "blocks.1.norm1.weight 96",
    "stages of several widths (the tensor “blocks.1.norm1.weight”)" },
  { "cait", BIASED "blocks_token_only.0.norm1.weight 48",
    "blocks for the class token alone (CaiT, XCiT) (the tensor “blocks_token_only.0.norm1.weight”)" },
  { "parallel", "patch_embed.proj.weight 48x3x8x8, pos_embed 1x17x48, blocks.0.in_norm.weight 48",
    "branches side by side in its blocks (the tensor “blocks.0.in_norm.weight”)" },
  { "swin", "patch_embed.proj.weight 48x3x4x4, layers.0.blocks.0.attn.relative_position_bias_table 169x3",
    "relative positions (the tensor “layers.0.blocks.0.attn.relative_position_bias_table”)" },
  { "resnet-101",
    DEEP
    "layer1.0.conv2.weight 64x64x3x3, layer1.1.conv1.weight 64x256x1x1, layer2.0.conv1.weight 128x256x1x1",
    "stages of 2, 1, 0 and 0 blocks, where those of 18, 34 and 50 layers are known" },
  { "resnext", DEEP "layer1.0.conv2.weight 128x4x3x3",
    "grouped convolutions (ResNeXt) (the tensor “layer1.0.conv2.weight”)" },
  { "wide-resnet", DEEP "layer1.0.conv2.weight 128x128x3x3",
    "blocks of another width (Wide ResNet) (the tensor “layer1.0.conv2.weight”)" },
  { "res2net", "conv1.weight 64x3x7x7, bn1.weight 64, bn1.running_mean 64, layer1.0.conv1.weight 104x64x1x1",
    "blocks of another width (Res2Net) (the tensor “layer1.0.conv1.weight”)" },
  { "resnet-d", "conv1.0.weight 32x3x3x3, layer1.0.conv1.weight 64x64x3x3",
    "a stem of three convolutions (ResNet-D) (the tensor “conv1.0.weight”)" },
  { "resnet-d-of-a-plain-stem",
    DEEP "layer1.0.conv2.weight 64x64x3x3, layer2.0.downsample.1.weight 512x256x1x1",
    "a pooling before its shortcuts (ResNet-D) (the tensor “layer2.0.downsample.1.weight”)" },
  { "group-norm", RESIDUAL "layer1.0.conv3.weight 256x64x1x1, layer1.0.conv2.weight 64x64x3x3",
    "norms without running statistics, such as GroupNorm (the tensor “bn1.weight”)" },
  { "anti-aliased", "conv1.weight 64x3x7x7, layer2.0.conv3.0.filt 128x1x3x3",
    "anti-aliased strides (the tensor “layer2.0.conv3.0.filt”)" },
  { "resnet-v2", "stem.conv.weight 64x3x7x7, stages.0.blocks.0.conv1.weight 64x64x1x1",
    "residual blocks that begin with their norm (ResNet v2) (the tensor “stages.0.blocks.0.conv1.weight”)" },
  { "regnet", "stem.conv.weight 32x3x3x3, s1.b1.se.fc1.weight 8x48x1x1, s1.b1.conv1.conv.weight 48x32x1x1",
    "the blocks of a RegNet (the tensor “s1.b1.conv1.conv.weight”)" },
  { "mobilenet-of-torchvision",
    "features.0.0.weight 32x3x3x3, features.1.conv.0.0.weight 32x1x3x3, features.2.conv.1.0.weight 96x1x3x3",
    "convolutions of one channel each (ConvNeXt, MobileNet) (the tensor “features.1.conv.0.0.weight”)" },
};

/* Adds "NAME 64x3x7x7, NAME …" */
static void
add_tensors (GArray *file, const char *tensors)
{
  g_auto (GStrv) list = g_strsplit (tensors, ", ", -1);

  for (guint i = 0; list[i] != NULL && *list[i] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (list[i], " ", 2);

      file_add_zeros (file, parts[0], parts[1]);
    }
}

static void
test_families_are_named (gconstpointer data)
{
  const guint family = GPOINTER_TO_UINT (data);
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-families-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autoptr (GArray) tensors = eid_safetensor_list_new ();
  g_autoptr (EidWeightsDescription) found = NULL;
  g_autoptr (GError) error = NULL;

  add_tensors (tensors, families[family].tensors);
  file_write (tensors, file);
  found = eid_weights_describe (file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->settings->len, ==, 0);
  g_assert_cmpstr (found->foreign, ==, families[family].said);
  g_unlink (file);
  g_rmdir (folder);
}

/* What no setting gives is refused by its name, and not loaded without it: all of the encoder is there, and
 * one tensor more. */
static const struct
{
  const char *name, *shape, *said;
} extras[] = {
  { "blocks.1.attn.q_norm.weight", "8", "a norm of queries and keys (QK-norm)" },
  { "attn_pool.latent", "1x1x16", "a pooling by attention, as SigLIP has it" },
  { "dist_token", "1x1x16", "a distillation token (DeiT)" },
  { "rope.periods", "4", "rotary positions" },
};

static void
test_parts_beside_an_encoder_are_named (void)
{
  weights_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (extras); i++)
    {
      g_autoptr (GArray) file = eid_safetensor_list_new ();
      g_autofree char *path = tiny_path (world, "foreign.safetensors");
      g_autofree char *name = g_strconcat ("teacher.", extras[i].name, NULL);
      g_autofree char *said =
          g_strdup_printf ("its network has %s (the tensor “%s”), which the program’s", extras[i].said, name);

      file_add (file, encoder, "teacher.", 1);
      file_add_zeros (file, name, extras[i].shape);
      file_write (file, path);
      g_auto (TinyResult) refused =
          TINY_RUN (world, "embed", BARE ("foreign.safetensors"), "--output", "f.csv");
      g_assert_cmpint (refused.status, ==, 1);
      assert_says (refused.errors, said);
    }
}

/* --- By the configuration beside
 * ----------------------------------------------------------------------------- */

static const struct
{
  const char *config, *said;
} configurations[] = {
  { "{\"hidden_size\": 12, \"hidden_act\": \"quick_gelu\"}", "the activation “quick_gelu” (config.json)" },
  { "{\"hidden_size\": 12, \"hidden_act\": \"gelu_pytorch_tanh\"}", NULL },
  { "{\"hidden_size\": 12, \"hidden_act\": \"gelu\"}", NULL },
  { "{\"hidden_size\": 24, \"hidden_act\": \"quick_gelu\"}", NULL }, /* of another model */
  { "{\"hidden_act\": \"silu\"}", NULL },
  { "{\"hidden_size\": 12, \"hidden_act\": 7}", NULL },
  { "{\"model_type\": \"resnet\", \"downsample_in_bottleneck\": true}",
    "bottlenecks that stride in their first convolution (config.json)" },
  { "{\"model_type\": \"resnet\", \"hidden_act\": \"gelu\"}", "the activation “gelu” (config.json)" },
  { "{\"architecture\": \"resnetblur50\", \"pretrained_cfg\": {}}", "anti-aliased strides (config.json)" },
  { "{\"architecture\": \"vit_base_patch16_rpn_224\", \"num_features\": 12, \"pretrained_cfg\": {}}",
    "norms after the branches of its blocks (config.json)" },
  { "{\"architecture\": \"vit_base_patch16_clip_quickgelu_224\", \"num_features\": 12, \"pretrained_cfg\": "
    "{}}",
    "the activation QuickGELU (config.json)" },
};

static void
test_a_configuration_tells_what_tensors_do_not (void)
{
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "weights-vit.safetensors", NULL);
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-configured-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *config = g_build_filename (folder, "config.json", NULL), *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (source, &bytes, &length, &error);
  g_file_set_contents (file, bytes, (gssize) length, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (configurations); i++)
    {
      g_autoptr (EidWeightsDescription) found = NULL;

      g_file_set_contents (config, configurations[i].config, -1, &error);
      found = eid_weights_describe (file, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found->foreign_said, ==, configurations[i].said);
    }
  g_unlink (config);
  g_unlink (file);
  g_rmdir (folder);
}

static void
test_what_a_configuration_tells_is_refused (void)
{
  g_autofree char *path = NULL, *config = NULL;
  g_autoptr (GArray) file = eid_safetensor_list_new ();

  weights_begin ();
  path = tiny_path (world, "said.safetensors");
  config = tiny_path (world, "config.json");
  file_add (file, encoder, "", 1);
  file_write (file, path);
  g_assert_true (g_file_set_contents (config, "{\"hidden_size\": 16, \"hidden_act\": \"relu\"}", -1, NULL));
  g_auto (TinyResult) refused = TINY_RUN (world, "embed", BARE ("said.safetensors"), "--output", "f.csv");
  g_unlink (config);
  g_assert_cmpint (refused.status, ==, 1);
  assert_says (refused.errors, "its network has the activation “relu” (config.json), which the program’s");
}

/* --- Files of other kinds ------------------------------------------------------------------------------- */

static const struct
{
  const char *name, *bytes;
  gsize length;
  const char *said;
} others[] = {
  { "zip.pth", "PK\x03\x04\0\0\x08\x08\0\0", 10, "is a file as torch.save() writes it" },
  { "model.bin", "\x80\x02\x8a\nl\xfc\x9c\x46\xf9 ", 10, "\"model.bin\", weights_only=True" },
  { "called.safetensors", "\x80\x04\x95\x10\0\0\0\0\0\0", 10, "\"called.safetensors\", weights_only" },
  { "model.safetensors.index.json", "{\"weight_map\": {}}", 18, "weights that lie in several files" },
  { "model-00001-of-00002.safetensors", "\x02\0\0\0\0\0\0\0{}", 10, "weights that lie in several files" },
  { "short", "PK", 2, "it is shorter than the length of a header" },
};

/* They are refused with what to do, by the command and where they are described alike. */
static void
test_files_of_other_kinds_are_refused (void)
{
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-kinds-XXXXXX", NULL);
  g_autofree char *whole = g_build_filename (folder, "model-00001-of-00001.safetensors", NULL);
  g_autoptr (EidWeightsDescription) one = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *file = g_build_filename (folder, others[i].name, NULL);
      g_autoptr (EidWeightsDescription) found = NULL;
      g_autoptr (GError) refused = NULL;

      g_assert_true (g_file_set_contents (file, others[i].bytes, (gssize) others[i].length, NULL));
      found = eid_weights_describe (file, &refused);
      g_assert_null (found);
      assert_says (refused->message, others[i].said);
      g_unlink (file);
    }
  /* A single part is whole; its header's length begins as a pickle does. */
  {
    g_autoptr (GString) bytes = g_string_new_len ("\x80\x02\0\0\0\0\0\0{}", 10);

    while (bytes->len < 8 + 0x280)
      g_string_append_c (bytes, ' ');
    g_assert_true (g_file_set_contents (whole, bytes->str, (gssize) bytes->len, NULL));
  }
  one = eid_weights_describe (whole, &error);
  g_assert_no_error (error);
  g_unlink (whole);
  g_rmdir (folder);
}

void
add_foreign_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autofree char *path = g_strdup_printf ("/truth/weights/families/%s", families[i].family);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_families_are_named);
    }
  g_test_add_func ("/truth/weights/parts-beside-an-encoder", test_parts_beside_an_encoder_are_named);
  g_test_add_func ("/truth/weights/configuration-tells", test_a_configuration_tells_what_tensors_do_not);
  g_test_add_func ("/truth/weights/configuration-refuses", test_what_a_configuration_tells_is_refused);
  g_test_add_func ("/truth/weights/other-kinds", test_files_of_other_kinds_are_refused);
}
