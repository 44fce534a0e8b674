/* golden-weights.c: encoders with the weights that other programs name in ways of their own, against
 * what these programs make of them (tests/golden/weights.py); and into such names and back.
 */
#include "tests/engine/golden-model.h"
#include "tests/engine/device.h"

#include "app/engine/weights/weights.h"

#include <glib/gstdio.h>
#include <math.h>
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

  g_assert_true (eid_weights_load (parameters, file, NULL, NULL, &error));
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

/* --- Pictures of another size ------------------------------------------------------------------- */

/* What the libraries themselves make of pictures of 4 and of 20 pixels, with weights of another size
 * (tests/weights/resized.py). */
static const struct
{
  const char *file, *names; /* by whose names they are read; NULL: by those of the file */
  guint size;               /* that the weights are of */
  const char *resize;       /* how the family resizes their position embeddings */
  const char *settings[32];
  float features[2][12];
} resized[] = {
  { "weights-vit",
    NULL,
    SIZE,
    "plain",
    { ENCODER, OF ("2", "12"), NULL },
    { { -1.348971f, 0.03935048f, 0.6816468f, 0.2954016f, 0.8804907f, -2.169299f, 2.071156f, 0.7024806f,
        0.5120581f, -0.8615653f, -0.6398589f, -0.1814054f },
      { -1.145896f, -0.2015139f, 0.7119239f, 0.7543019f, 0.009936022f, -2.966989f, 2.176707f, 0.138242f,
        0.6501746f, -0.6129915f, -0.4595903f, 0.2421694f } } },
  { "weights-dinov2",
    NULL,
    SIZE,
    "antialiased",
    { ENCODER, REGISTERS, OF ("2", "12"), NULL },
    { { 0.1279658f, -0.8036612f, 0.9166201f, -1.992233f, -0.3313427f, 0.2343655f, 1.165668f, -0.7234328f,
        -0.7039136f, 0.9598281f, 1.287372f, 0.294043f },
      { -0.1865331f, -0.9835966f, 1.535389f, -1.701797f, 0.6135936f, -0.4189532f, 0.9256393f, -0.6894069f,
        -0.3547479f, 0.1484863f, 0.00755736f, 0.4261004f } } },
  { "weights-timm",
    NULL,
    12,
    "antialiased",
    { ENCODER, REGISTERS, OF ("2", "12"), NULL },
    { { 0.7851353f, -0.8988603f, -1.585796f, 0.01065885f, -0.1247485f, 0.8908872f, 0.3233922f, 0.03635304f,
        0.6698092f, -0.5886168f, -1.764031f, 0.2739111f },
      { 0.905367f, -0.8122478f, -3.538573f, 0.4153671f, -0.2460274f, 0.2904439f, -0.6665485f, 0.1882162f,
        1.570589f, -0.8359704f, 0.3700745f, 0.6986735f } } },
  { "weights-torchvision",
    NULL,
    SIZE,
    "corners",
    { ENCODER, OF ("2", "12"), NULL },
    { { 0.3412744f, 0.01337659f, 0.06650192f, 0.5931358f, -0.04785017f, 0.4118223f, 0.05714586f, 0.8017629f,
        0.04291118f, -0.2870066f, -0.04877121f, -0.2446668f },
      { 0.4199566f, -0.01887619f, 0.2176092f, 1.342408f, -0.3248537f, -0.09518055f, 0.4331939f, 0.4460282f,
        -0.06737749f, -0.328582f, -0.04903553f, -0.06413408f } } },
  { "weights-vit",
    "dinov2",
    SIZE,
    "offset",
    { ENCODER, OF ("2", "12"), "Encoder.layer-scale", "0.1", NULL },
    { { -1.364941f, 0.05652761f, 0.6831633f, 0.2956175f, 0.8783947f, -2.166537f, 2.065476f, 0.7072363f,
        0.5082239f, -0.8632414f, -0.6414436f, -0.1787275f },
      { -1.153488f, -0.1933332f, 0.7128429f, 0.7547435f, 0.01050588f, -2.966427f, 2.17555f, 0.1415011f,
        0.647503f, -0.6138952f, -0.4605906f, 0.2417543f } } },
};

/* As resized.py draws it, [1, size, size, CHANNELS]. */
static EidTensor *
draw_picture (guint size)
{
  g_autofree float *values = g_new (float, (gsize) size *size *CHANNELS);
  float *value = values;

  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      for (guint c = 0; c < CHANNELS; c++)
        *value++ = (float) ((y * 7 + x * 3 + c * 5) % 11) / 5 - 1;
  return eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (1, size, size, CHANNELS), values);
}

/* The weights in @file by other @names, in a file without a word of where they are from. */
static void
rename_weights (EidRegistry *registry, const char *file, const char *names, const char *renamed)
{
  static const char *const settings[] = { ENCODER, OF ("2", "12"), NULL };
  const EidWeightsFacts facts = { .size = SIZE, .heads = 3, .epsilon = 1e-6 };
  g_autoptr (EidModel) model = golden_model (registry, "vit", "simclr", SIZE, CHANNELS, 1, settings);
  g_autoptr (GArray) list = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (eid_weights_load (eid_model_parameters (model), file, NULL, NULL, &error));
  list = eid_weights_named (eid_model_parameters (model), names, &facts, NULL, NULL, &error);
  g_assert_no_error (error);
  eid_safetensors_write (renamed, (const EidSafetensor *) list->data, list->len, NULL, &error);
  g_assert_no_error (error);
}

/* The rule is that of the weights: what describes them says it, and the encoder keeps to it. */
static void
test_other_sizes_are_theirs (void)
{
  static const guint sizes[] = { 4, 20 };
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-resized-XXXXXX", NULL);
  g_autofree char *renamed = g_build_filename (folder, "weights.safetensors", NULL);
  g_autoptr (EidRegistry) registry = eid_registry_new ();

  for (guint i = 0; i < G_N_ELEMENTS (resized); i++)
    {
      g_autofree char *stored = path_of (resized[i].file);
      const char *file = resized[i].names != NULL ? renamed : stored;
      const char *settings[34];
      guint count = 0;
      g_autoptr (GError) error = NULL;
      eid_arena_push (test_device);

      if (resized[i].names != NULL)
        rename_weights (registry, stored, resized[i].names, renamed);
      g_autoptr (EidWeightsDescription) described = eid_weights_describe (file, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (described->resize, ==, resized[i].resize);
      for (; resized[i].settings[count] != NULL; count++)
        settings[count] = resized[i].settings[count];
      settings[count++] = "Encoder.resize";
      settings[count++] = described->resize;
      settings[count] = NULL;
      g_autoptr (EidModel) model =
          golden_model (registry, "vit", "simclr", resized[i].size, CHANNELS, 1, settings);
      g_assert_true (eid_weights_load (eid_model_parameters (model), file, NULL, NULL, &error));
      g_assert_no_error (error);
      for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
        {
          g_autofree float *features = test_read (eid_model_features (model, draw_picture (sizes[s])));

          for (guint j = 0; j < 12; j++)
            if (fabsf (features[j] - resized[i].features[s][j]) > 1e-4f)
              test_complain ("%s at %u pixels, %s: feature %u is %g, not %g", resized[i].file, sizes[s],
                             described->resize, j, (double) features[j], (double) resized[i].features[s][j]);
        }
      test_device_is_well ();
      eid_arena_pop (test_device);
    }
  g_unlink (renamed);
  g_rmdir (folder);
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
      g_assert_true (eid_weights_load (parameters, file, NULL, NULL, &error));
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

      g_assert_false (eid_weights_load (eid_model_parameters (model), file, NULL, NULL, &error));
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
  g_test_add_func ("/engine/golden/weights/other-sizes-are-theirs", test_other_sizes_are_theirs);
  g_test_add_func ("/engine/golden/weights/names-go-both-ways", test_names_go_both_ways);
  g_test_add_func ("/engine/golden/weights/misfits-are-refused", test_misfits_are_refused);
}
