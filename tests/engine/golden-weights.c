/* golden-weights.c: encoders with the weights that other programs name in ways of their own, against
 * what these programs make of them (tests/golden/weights.py); and into such names and back.
 */
#include "golden-model.h"
#include "device.h"

#include "weights.h"

#include <glib/gstdio.h>
#include <string.h>

enum
{
  SIZE = 8,
  CHANNELS = 3
};

#define ENCODER                                                                                              \
  "Encoder.patch", "4", "Encoder.heads", "3", "Encoder.mlp-ratio", "2", "Encoder.positions", "learned",      \
      "Encoder.pooling", "class"
#define OF(depth, width) "Encoder.depth", depth, "Encoder.width", width
#define REGISTERS        "Encoder.registers", "2", "Encoder.layer-scale", "0.1"
/* An objective that hides patches, so that there is a mask token, and a teacher. */
#define SMALL "Objective.prototypes", "20", "Objective.hidden", "16", "Objective.bottleneck", "8"

typedef struct
{
  const char *file, *objective;
  const char *settings[32];
} Source;

static const Source sources[] = {
  { "weights-vit", "simclr", { ENCODER, OF ("2", "12"), NULL } },
  { "weights-dinov2", "simclr", { ENCODER, REGISTERS, OF ("2", "12"), NULL } },
  { "weights-dinov2", "dinov2", { ENCODER, REGISTERS, SMALL, OF ("2", "12"), NULL } },
  { "weights-timm", "simclr", { ENCODER, REGISTERS, OF ("2", "12"), NULL } },
  { "weights-torchvision", "simclr", { ENCODER, OF ("2", "12"), NULL } },
};

static char *
path_of (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);

  return g_test_build_filename (G_TEST_DIST, file, NULL);
}

/* The same features, from the encoder and from its teacher. */
static void
test_features_are_theirs (gconstpointer data)
{
  const Source *source = data;
  g_autofree char *file = path_of (source->file);
  g_autoptr (GError) error = NULL;
  Golden golden;

  golden_open (&golden, source->file);
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (EidModel) model =
      golden_model (registry, "vit", source->objective, SIZE, CHANNELS, 2, source->settings);
  EidParameters *parameters = eid_model_parameters (model);
  EidTensor *images = golden_tensor (&golden, "images");

  g_assert_true (eid_weights_load (parameters, file, NULL, &error));
  g_assert_no_error (error);
  golden_check (&golden, "pooled", eid_model_features (model, images));
  golden_check (&golden, "tokens", eid_model_tokens (model, images));
  if (eid_parameters_has_teacher (parameters))
    {
      eid_parameters_use_teacher (parameters, TRUE);
      golden_check (&golden, "pooled", eid_model_features (model, images));
      eid_parameters_use_teacher (parameters, FALSE);
    }
  golden_close (&golden);
}

/* --- There and back ---------------------------------------------------------------------------- */

static const struct
{
  const char *names, *encoder, *expected; /* one name that there must be */
  const char *settings[32];
} ways[] = {
  { "timm", "vit", "blocks.1.attn.qkv.weight", { ENCODER, REGISTERS, OF ("2", "12"), NULL } },
  { "dinov2", "vit", "register_tokens", { ENCODER, REGISTERS, OF ("2", "12"), NULL } },
  { "huggingface",
    "vit",
    "encoder.layer.1.attention.attention.key.bias",
    { ENCODER, REGISTERS, OF ("2", "12"), NULL } },
  { "huggingface", "vit", "encoder.layer.1.layernorm_before.bias", { ENCODER, OF ("2", "12"), NULL } },
  { "torchvision",
    "vit",
    "encoder.layers.encoder_layer_1.self_attention.in_proj_weight",
    { ENCODER, OF ("2", "12"), NULL } },
  { "torchvision",
    "resnet",
    "layer1.0.bn2.running_var",
    { "Encoder.depth", "18", "Encoder.stem", "imagenet", NULL } },
  { "huggingface",
    "resnet",
    "encoder.stages.3.layers.0.shortcut.normalization.weight",
    { "Encoder.depth", "18", "Encoder.stem", "imagenet", "Encoder.width", "0.0625", NULL } },
};

/* Weights written by other names are the same weights when they are read again. */
static void
test_names_go_both_ways (void)
{
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-weights-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "weights.safetensors", NULL);
  g_autoptr (EidRegistry) registry = eid_registry_new ();

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const EidWeightsFacts facts = { .size = 16, .heads = 3, .epsilon = 1e-6 };
      g_autoptr (GError) error = NULL;
      eid_arena_push (test_device);
      g_autoptr (EidModel) model =
          golden_model (registry, ways[i].encoder, "simclr", 16, CHANNELS, 2, ways[i].settings);
      EidParameters *parameters = eid_model_parameters (model);
      EidTensor *images = test_tensor (EID_SHAPE (2, 16, 16, CHANNELS), 1);
      g_autofree float *before = test_read (eid_model_features (model, images)), *after = NULL;
      g_autoptr (GArray) list = eid_weights_named (parameters, ways[i].names, &facts, NULL, NULL, &error);
      gboolean found = FALSE;

      g_assert_no_error (error);
      for (guint t = 0; t < list->len; t++)
        found |= g_str_equal (g_array_index (list, EidSafetensor, t).name, ways[i].expected);
      if (!found)
        test_complain ("by the names of %s there is no %s", ways[i].names, ways[i].expected);
      eid_safetensors_write (file, (const EidSafetensor *) list->data, list->len, NULL, &error);
      g_assert_no_error (error);

      for (guint p = 0; p < eid_parameters_count (parameters); p++)
        {
          EidTensor *tensor = eid_parameters_tensor (parameters, p);
          g_autofree float *zeros = g_new0 (float, eid_tensor_count (tensor));
          eid_tensor_write (tensor, zeros);
        }
      g_assert_true (eid_weights_load (parameters, file, NULL, &error));
      g_assert_no_error (error);
      after = test_read (eid_model_features (model, images));
      for (guint j = 0; j < 2 * eid_model_width (model); j++)
        g_assert_cmpfloat (before[j], ==, after[j]);
      test_device_is_well ();
      eid_arena_pop (test_device);
    }
  g_unlink (file);
  g_rmdir (folder);
}

/* --- What does not fit -------------------------------------------------------------------------- */

static const struct
{
  const char *file;
  const char *words[3]; /* of the message */
  const char *settings[32];
} misfits[] = {
  { "weights-vit",
    { "vit.encoder.layer.2.layernorm_before.weight", "blocks.2.norm1.weight", "[12]" },
    { ENCODER, OF ("3", "12"), NULL } },
  { "weights-vit", { "vit.encoder.layer.1.", "no place", "" }, { ENCODER, OF ("1", "12"), NULL } },
  { "weights-vit",
    { "vit.embeddings.patch_embeddings.projection.weight", "[12, 3, 4, 4]", "[24, 3, 4, 4]" },
    { ENCODER, OF ("2", "24"), NULL } },
  { "weights-dinov2",
    { "dinov2.embeddings.register_tokens", "no place", "[1, 2, 12]" },
    { ENCODER, OF ("2", "12"), "Encoder.layer-scale", "0.1", NULL } },
  { "adamw", { "adamw", "timm", "huggingface" }, { ENCODER, OF ("2", "12"), NULL } },
};

/* The message names the tensor and both shapes, and nothing is loaded. */
static void
test_misfits_are_refused (void)
{
  g_autoptr (EidRegistry) registry = eid_registry_new ();

  for (guint i = 0; i < G_N_ELEMENTS (misfits); i++)
    {
      g_autofree char *file = path_of (misfits[i].file);
      g_autoptr (GError) error = NULL;
      eid_arena_push (test_device);
      g_autoptr (EidModel) model =
          golden_model (registry, "vit", "simclr", SIZE, CHANNELS, 2, misfits[i].settings);
      EidTensor *images = test_tensor (EID_SHAPE (2, SIZE, SIZE, CHANNELS), 1);
      g_autofree float *before = test_read (eid_model_features (model, images)), *after = NULL;

      g_assert_false (eid_weights_load (eid_model_parameters (model), file, NULL, &error));
      g_assert_error (error, EID_ERROR, EID_ERROR_FAILED);
      for (guint w = 0; w < G_N_ELEMENTS (misfits[i].words); w++)
        if (strstr (error->message, misfits[i].words[w]) == NULL)
          test_complain ("“%s” does not say %s", error->message, misfits[i].words[w]);
      after = test_read (eid_model_features (model, images));
      for (guint j = 0; j < 2 * eid_model_width (model); j++)
        g_assert_cmpfloat (before[j], ==, after[j]);
      test_device_is_well ();
      eid_arena_pop (test_device);
    }
}

void
add_weights_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    {
      g_autofree char *path = g_strdup_printf ("/engine/golden/weights/%s-with-%s-is-theirs", sources[i].file,
                                               sources[i].objective);
      g_test_add_data_func (path, &sources[i], test_features_are_theirs);
    }
  g_test_add_func ("/engine/golden/weights/names-go-both-ways", test_names_go_both_ways);
  g_test_add_func ("/engine/golden/weights/misfits-are-refused", test_misfits_are_refused);
}
