/* truth-weights.c: weights of published models: which of several are taken, by which names, normalised and
 * resized as their family does it; and exports that load, or say why not.    */
#include "tiny.h"

#include "weights-positions.h"
#include "weights.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* --- Position embeddings --------------------------------------------------------------------- */

/* What PyTorch 2.15 makes of a grid of one channel, by each rule. */
static const float from_3[] = { -1, 0.25f, 1.5f, 0.75f, -0.75f, 0.5f, -0.25f, 1, -0.5f };
static const float from_4[] = { -1,     0.25f, 1.5f,  0,     0.75f, -0.75f, 0.5f,  -1,
                                -0.25f, 1,     -0.5f, 0.75f, 1.5f,  0,      1.25f, -0.25f };

static const struct
{
  const char *name;
  EidResize how;
  float to_4[16], to_3[9]; /* of from_3, of from_4 */
} rules[] = {
  { "antialiased",
    EID_RESIZE_ANTIALIASED,
    { -1.1642209f, -0.30563681f, 0.86657394f, 1.6175373f, 0.20179621f, -0.35199486f, -0.0077233997f,
      1.0187824f, 0.53435f, 0.066108311f, -0.13029234f, 0.068274158f, -0.37504177f, 0.68655844f, 0.57570718f,
      -0.63810147f },
    { -0.48872854f, 0.67928659f, 0.14284648f, 0.23179652f, 0.010690837f, -0.13072041f, 0.8228037f,
      0.55377574f, 0.28474779f } },
  { "plain",
    EID_RESIZE_PLAIN,
    { -1.2295f, -0.33712018f, 0.93123156f, 1.661499f, 0.28747076f, -0.46012884f, -0.11171526f, 1.0816222f,
      0.64013189f, 0.03459549f, -0.22502142f, 0.048377872f, -0.42566699f, 0.79052252f, 0.6729688f,
      -0.69361132f },
    { -0.63810891f, 0.9457827f, 0.070759589f, 0.23870624f, -0.090576172f, -0.1507071f, 1.0656785f,
      0.57769097f, 0.089703428f } },
  { "align-corners",
    EID_RESIZE_ALIGN_CORNERS,
    { -1, -0.28240741f, 0.78240741f, 1.5f, 0.31018519f, -0.50660151f, -0.24434156f, 0.92592593f, 0.62962963f,
      -0.057013032f, -0.29363855f, 0.074074074f, -0.25f, 0.77314815f, 0.66666667f, -0.5f },
    { -1, 1.1328125f, 0, 0.25f, -0.090576172f, -0.125f, 1.5f, 0.625f, -0.25f } },
  { "offset",
    EID_RESIZE_OFFSET,
    { -1.2419277f, -0.3787218f, 0.87536438f, 1.6258333f, 0.22849155f, -0.43249873f, -0.14808602f, 1.0608427f,
      0.70580528f, 0.011316791f, -0.30058903f, 0.094469175f, -0.39297331f, 0.71247329f, 0.72171599f,
      -0.60528348f },
    { -0.68072136f, 0.86795313f, 0.29282897f, 0.31807657f, -0.12049562f, -0.25553753f, 0.92692952f,
      0.49715687f, 0.26656704f } },
};

static void
check_resized (const float *values, guint from, guint to, EidResize how, const float *expected)
{
  g_autofree float *resized = eid_positions_resize (values, from, to, 1, how);

  for (guint i = 0; i < to * to; i++)
    g_assert_cmpfloat_with_epsilon (resized[i], expected[i], 1e-5);
}

static void
test_positions_are_resized_as_the_family_does (gconstpointer data)
{
  const guint rule = GPOINTER_TO_UINT (data);

  check_resized (from_3, 3, 4, rules[rule].how, rules[rule].to_4);
  check_resized (from_4, 4, 3, rules[rule].how, rules[rule].to_3);
}

/* --- Files of weights ------------------------------------------------------------------------- */

/* A file in the making: tensors that it owns. */
static void
clear_tensor (gpointer data)
{
  EidSafetensor *tensor = data;

  g_free (tensor->name);
  g_free ((gpointer) tensor->data);
}

static GArray *
file_new (void)
{
  GArray *file = g_array_new (FALSE, TRUE, sizeof (EidSafetensor));

  g_array_set_clear_func (file, clear_tensor);
  return file;
}

/* Adds the F32 tensors of @tensors as PREFIX NAME, each value @scale times. */
static void
file_add (GArray *file, EidSafetensors *tensors, const char *prefix, float scale)
{
  for (guint i = 0; i < eid_safetensors_count (tensors); i++)
    {
      EidSafetensor tensor = *eid_safetensors_get (tensors, i);
      g_autofree float *values = eid_safetensor_floats (&tensor, NULL);

      for (gsize j = 0; j < tensor.bytes / sizeof (float); j++)
        values[j] *= scale;
      tensor.name = g_strconcat (prefix, tensor.name, NULL);
      tensor.data = g_memdup2 (values, tensor.bytes);
      g_array_append_val (file, tensor);
    }
}

static void
file_add_one (GArray *file, const char *name, guint rows, guint columns)
{
  EidSafetensor tensor = { .name = g_strdup (name), .type = "F32", .rank = 2, .dim = { rows, columns } };

  tensor.bytes = (guint64) rows * columns * sizeof (float);
  tensor.data = g_malloc0 (tensor.bytes);
  g_array_append_val (file, tensor);
}

static void
file_write (GArray *file, const char *path)
{
  g_autoptr (GError) error = NULL;

  eid_safetensors_write (path, (const EidSafetensor *) file->data, file->len, NULL, &error);
  g_assert_no_error (error);
}

/* A tiny run, once for all tests, and its encoder by timm's names. */
static TinyWorld *world;
static EidSafetensors *encoder;

/* The tiny recipe with another objective, as OBJECTIVE.ini. */
static void
write_recipe (const char *objective)
{
  g_autofree char *text = tiny_recipe_text (world->data), *name = g_strconcat (objective, ".ini", NULL);
  g_autofree char *file = tiny_path (world, name), *plugin = g_strdup_printf ("plugin = %s\n", objective);
  g_autoptr (GString) recipe = g_string_new (text);
  g_autoptr (GError) error = NULL;

  g_string_replace (recipe, "plugin = mae\ndecoder-width = 8\ndecoder-depth = 1\ndecoder-heads = 2\n", plugin,
                    1);
  g_file_set_contents (file, recipe->str, -1, &error);
  g_assert_no_error (error);
}

static void
begin (void)
{
  g_autofree char *file = NULL;
  g_autoptr (GError) error = NULL;

  if (world != NULL)
    return;
  world = tiny_world_new ();
  write_recipe ("byol");
  write_recipe ("simclr");
  g_auto (TinyResult) train = TINY_RUN (world, "train", "byol.ini", "--out", "run", "--steps", "2",
                                        "--precision", "f32", "--set", "Objective.teacher-momentum=0.5",
                                        "--set", "Optimizer.lr=0.01", "--set", "Encoder.pooling=class");

  if (train.status != 0)
    g_test_message ("%s", train.errors);
  tiny_assert_status (&train, 0);
  g_auto (TinyResult) export = TINY_RUN (world, "export", "run", "--output", "timm.safetensors");
  tiny_assert_status (&export, 0);
  file = tiny_path (world, "timm.safetensors");
  encoder = eid_safetensors_open (file, &error);
  g_assert_no_error (error);
}

static void
end (void)
{
  g_clear_pointer (&encoder, eid_safetensors_free);
  g_clear_pointer (&world, tiny_world_free);
}

#define BARE(file)                                                                                           \
  "--weights", file, "--path", "data", "--size", "16", "--set", "Encoder.heads=2", "--set",                  \
      "Run.precision=f32", "--set", "Dataset.mean=0.5", "--set", "Dataset.std=0.25"

/* The features that the weights in @file give, as text; what was said goes to *@said. */
static char *
embed (const char *file, char **said)
{
  g_auto (TinyResult) result = TINY_RUN (world, "embed", BARE (file), "--output", "features.csv");
  g_autofree char *path = tiny_path (world, "features.csv");
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  tiny_assert_status (&result, 0);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  if (said != NULL)
    *said = g_steal_pointer (&result.errors);
  return text;
}

static void
assert_says (const char *text, const char *words)
{
  if (strstr (text, words) == NULL)
    g_test_message ("“%s” is not in:\n%s", words, text);
  g_assert_nonnull (strstr (text, words));
}

/* --- Which of several ---------------------------------------------------------------------------- */

/* The first of each pair is taken, whatever the order in the file. */
static const char *const pairs[][2] = {
  { "teacher.backbone.", "student.backbone." },
  { "module.encoder_q.", "module.encoder_k." },
  { "model_ema.vit.", "model.vit." },
};

static void
test_one_rule_says_which_encoder (void)
{
  g_autofree char *alone = NULL, *path = NULL, *single = NULL;

  begin ();
  path = tiny_path (world, "two.safetensors");
  single = tiny_path (world, "single.safetensors");
  {
    g_autoptr (GArray) file = file_new ();

    file_add (file, encoder, "", 1);
    file_write (file, single);
  }
  alone = embed ("single.safetensors", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (guint order = 0; order < (i == 0 ? 2 : 1); order++)
      {
        g_autoptr (GArray) file = file_new ();
        g_autofree char *features = NULL, *said = NULL, *taken = NULL;

        for (guint part = 0; part < 2; part++)
          file_add (file, encoder, pairs[i][(part + order) % 2], (part + order) % 2 == 0 ? 1 : 0.5f);
        file_add_one (file, "head.last_layer.weight", 7, 16);
        file_add_one (file, "prototypes.weight", 5, 16);
        file_write (file, path);
        features = embed ("two.safetensors", &said);
        if (strcmp (features, alone) != 0)
          g_test_message ("not “%s” is taken: %s", pairs[i][0], said);
        g_assert_cmpstr (features, ==, alone);
        taken = g_strdup_printf ("“%s” is taken, not “%s”", pairs[i][0], pairs[i][1]);
        assert_says (said, taken);
        assert_says (said, "tensors beyond the encoder are passed over");
      }
}

static void
test_places_have_an_order (void)
{
  static const char *const order[] = {
    "target_encoder.",       "teacher.", "teacher.backbone.", "",
    "module.encoder_q.",     "online.",  "student.backbone.", "module.encoder_k.",
    "momentum_encoder.net.", "decoder.", "teacher.predictor."
  };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint j = 0; j < G_N_ELEMENTS (order); j++)
      {
        const int found = eid_naming_compare_places (order[i], order[j]);

        g_assert_cmpint ((found > 0) - (found < 0), ==, (i > j) - (i < j));
      }
}

/* Names of modules in transformers 5, as a state dictionary has them. */
static void
test_names_in_memory_are_known (void)
{
  static const char *const names[][2] = { { "encoder.layer.", "layers." },
                                          { "attention.attention.query", "attention.q_proj" },
                                          { "attention.attention.key", "attention.k_proj" },
                                          { "attention.attention.value", "attention.v_proj" },
                                          { "attention.output.dense", "attention.o_proj" },
                                          { "intermediate.dense", "mlp.fc1" },
                                          { "output.dense", "mlp.fc2" } };
  g_autofree char *path = NULL, *renamed = NULL, *features = NULL, *expected = NULL, *said = NULL;
  g_autoptr (EidSafetensors) tensors = NULL;
  g_autoptr (GArray) file = file_new ();
  g_autoptr (GError) error = NULL;

  begin ();
  g_auto (TinyResult) export =
      TINY_RUN (world, "export", "run", "--names", "huggingface", "--output", "hf/model.safetensors");
  g_assert_cmpint (export.status, ==, 1); /* there is no such folder */
  path = tiny_path (world, "hf");
  g_mkdir (path, 0700);
  g_auto (TinyResult) again =
      TINY_RUN (world, "export", "run", "--names", "huggingface", "--output", "hf/model.safetensors");
  tiny_assert_status (&again, 0);
  renamed = tiny_path (world, "hf/model.safetensors");
  tensors = eid_safetensors_open (renamed, &error);
  g_assert_no_error (error);
  file_add (file, tensors, "", 1);
  for (guint i = 0; i < file->len; i++)
    {
      EidSafetensor *tensor = &g_array_index (file, EidSafetensor, i);
      g_autoptr (GString) name = g_string_new (tensor->name);

      for (guint n = 0; n < G_N_ELEMENTS (names); n++)
        g_string_replace (name, names[n][0], names[n][1], 0);
      g_free (tensor->name);
      tensor->name = g_strconcat ("vit.", name->str, NULL);
    }
  g_free (renamed);
  renamed = tiny_path (world, "memory.safetensors");
  file_write (file, renamed);
  features = embed ("memory.safetensors", &said);
  assert_says (said, "transformers 5 in memory (ViT, MAE, I-JEPA)");
  assert_says (said, "epsilon of 1e-12"); /* the family's, where no config.json says otherwise */
  g_clear_pointer (&said, g_free);
  expected = embed ("hf/model.safetensors", &said);
  g_assert_null (strstr (said, "1e-12"));
}

/* --- What the file was made with -------------------------------------------------------------------- */

static char *
golden (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);

  return g_test_build_filename (G_TEST_DIST, file, NULL);
}

static const struct
{
  const char *file, *summary;
  guint size;
} described[] = {
  { "weights-vit",
    "plugin = vit, patch = 4, width = 12, depth = 2, mlp-ratio = 2, pooling = class, positions = learned, "
    "norm = tokens, pre-norm = false, registers = 0, layer-scale = 0",
    8 },
  { "weights-timm",
    "plugin = vit, patch = 4, width = 12, depth = 2, mlp-ratio = 2, pooling = class, positions = learned, "
    "norm = tokens, pre-norm = false, registers = 2, layer-scale = 1e-5",
    12 },
};

static void
test_the_encoder_is_read_off_the_file (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (described); i++)
    {
      g_autofree char *file = golden (described[i].file);
      g_autoptr (GError) error = NULL;
      g_autoptr (EidWeightsDescription) found = eid_weights_describe (file, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (found->summary, ==, described[i].summary);
      g_assert_cmpuint (found->size, ==, described[i].size);
      g_assert_cmpint (found->heads_said, ==, EID_SAID_NOWHERE);
      g_assert_cmpint (found->moments_said, ==, EID_SAID_BY_FAMILY);
      g_assert_cmpfloat_with_epsilon (found->mean[0], 0.485f, 1e-6);
      g_assert_cmpfloat_with_epsilon (found->std[2], 0.225f, 1e-6);
    }
}

/* A configuration beside the file says heads, epsilon and normalisation; one of another encoder, or one that
 * is no configuration, nothing. */
static void
test_a_configuration_counts (void)
{
  static const struct
  {
    const char *text;
    guint heads;
    double epsilon;
  } configs[] = {
    { "{\"model_type\": \"vit\", \"hidden_size\": 12, \"num_hidden_layers\": 2, \"num_attention_heads\": 6, "
      "\"layer_norm_eps\": 1e-05}",
      6, 1e-5 },
    { "{\"hidden_size\": 768, \"num_attention_heads\": 6, \"layer_norm_eps\": 1e-05}", 0, 1e-12 },
    { "{\"hidden_size\": 12, \"num_attention_heads\": -6, \"layer_norm_eps\": \"x\"}", 0, 1e-12 },
    { "[[[[", 0, 1e-12 },
    { "", 0, 1e-12 },
  };
  g_autofree char *source = golden ("weights-vit"), *bytes = NULL, *file = NULL, *config = NULL,
                  *processor = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  begin ();
  g_auto (TinyResult) made = TINY_RUN (world, "plugins");
  g_autofree char *folder = tiny_path (world, "configured");

  g_mkdir (folder, 0700);
  file = g_build_filename (folder, "model.safetensors", NULL);
  config = g_build_filename (folder, "config.json", NULL);
  processor = g_build_filename (folder, "preprocessor_config.json", NULL);
  g_file_get_contents (source, &bytes, &length, &error);
  g_file_set_contents (file, bytes, (gssize) length, &error);
  g_file_set_contents (processor, "{\"image_mean\": [0.5, 0.4, 0.3], \"image_std\": [0.5, 0.25, 0.125]}", -1,
                       &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (EidWeightsDescription) found = NULL;

      g_file_set_contents (config, configs[i].text, -1, &error);
      found = eid_weights_describe (file, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (found->heads, ==, configs[i].heads);
      g_assert_cmpfloat (found->epsilon, ==, configs[i].epsilon);
      g_assert_cmpint (found->moments_said, ==, i == 0 || i == 2 ? EID_SAID_BY_CONFIG : EID_SAID_BY_FAMILY);
      g_assert_cmpfloat_with_epsilon (found->std[2], i == 0 || i == 2 ? 0.125f : 0.225f, 1e-6);
    }
}

/* What no setting gives is refused by its name, and not loaded without it. */
static void
test_foreign_parts_are_named (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GArray) normed = file_new (), deep = file_new ();
  g_autoptr (EidWeightsDescription) found = NULL;
  g_autoptr (GError) error = NULL;

  begin ();
  path = tiny_path (world, "foreign.safetensors");
  file_add_one (deep, "conv1.0.weight", 32, 27);
  file_add_one (deep, "layer1.0.conv1.weight", 64, 64);
  file_write (deep, path);
  found = eid_weights_describe (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->settings->len, ==, 0);
  assert_says (found->foreign, "a stem of three convolutions (ResNet-D) (the tensor “conv1.0.weight”)");

  file_add (normed, encoder, "teacher.", 1);
  file_add_one (normed, "teacher.blocks.1.attn.q_norm.weight", 1, 8);
  file_write (normed, path);
  g_auto (TinyResult) refused = TINY_RUN (world, "embed", BARE ("foreign.safetensors"), "--output", "f.csv");
  g_assert_cmpint (refused.status, ==, 1);
  assert_says (refused.errors, "a norm of queries and keys (QK-norm) (the tensor "
                               "“teacher.blocks.1.attn.q_norm.weight”)");
}

/* --- Heads and normalisation, by the command ------------------------------------------------------------ */

static void
test_another_number_of_heads_is_refused (void)
{
  begin ();
  g_auto (TinyResult) wrong = TINY_RUN (world, "embed", "--weights", "timm.safetensors", "--path", "data",
                                        "--set", "Encoder.heads=4", "--output", "features.csv");

  g_assert_cmpint (wrong.status, ==, 2);
  assert_says (wrong.errors, "was made with 2 attention heads, and 4 are asked for; set heads = 2.");
}

/* What a run's teacher makes of pictures, its exported weights make too, in another folder's company. */
static void
test_an_export_gives_the_features_of_the_run (void)
{
  static const char *const ways[] = { "auto", "student" };

  begin ();
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_auto (TinyResult) run =
          TINY_RUN (world, "embed", "run", "--features", ways[i], "--output", "run.csv");
      g_auto (TinyResult) export =
          TINY_RUN (world, "export", "run", "--features", ways[i], "--output", "again.safetensors");
      g_auto (TinyResult) bare = TINY_RUN (world, "embed", "--weights", "again.safetensors", "--path", "data",
                                           "--set", "Run.precision=f32", "--output", "bare.csv");
      g_autofree char *a = tiny_path (world, "run.csv"), *b = tiny_path (world, "bare.csv");
      g_autofree char *of_run = NULL, *of_bare = NULL;

      tiny_assert_status (&run, 0);
      tiny_assert_status (&export, 0);
      tiny_assert_status (&bare, 0);
      assert_says (export.errors, i == 0 ? "the weights of the teacher" : "the weights of the student");
      assert_says (bare.errors, "as the file of weights says");
      g_assert_true (g_file_get_contents (a, &of_run, NULL, NULL));
      g_assert_true (g_file_get_contents (b, &of_bare, NULL, NULL));
      g_assert_cmpstr (of_run, ==, of_bare);
    }
}

static const struct
{
  const char *mean, *std;
  int status;
  const char *said;
} normalisations[] = {
  { "Dataset.mean=0.25", "Dataset.std=0.5", 0,
    "normalised with mean 0.25 and deviation 0.5: as [Dataset] mean and std" },
  { "Dataset.mean=auto", "Dataset.std=0.5", 0, "and deviation 0.5: the deviation as [Dataset] has it" },
  { "Dataset.mean=0.1 0.2", "Dataset.std=auto", 2, "“0.1 0.2” is neither auto nor one number, or three" },
  { "Dataset.mean=0.5", "Dataset.std=0", 2, "“0” is neither auto nor one number above 0" },
  { "Dataset.mean=nan", "Dataset.std=auto", 2, "“nan” is neither auto nor one number" },
  { "Dataset.mean=auto", "Dataset.std=auto", 0, ": those of the training pictures." },
};

static void
test_normalisation_can_be_given (void)
{
  begin ();
  for (guint i = 0; i < G_N_ELEMENTS (normalisations); i++)
    {
      g_autofree char *out = g_strdup_printf ("normalised-%u", i);
      g_auto (TinyResult) train = TINY_RUN (world, "train", "tiny.ini", "--out", out, "--steps", "1", "--set",
                                            normalisations[i].mean, "--set", normalisations[i].std);

      g_assert_cmpint (train.status, ==, normalisations[i].status);
      assert_says (train.errors, normalisations[i].said);
    }
}

/* --- Exports that nobody could load ----------------------------------------------------------------------
 */

static const struct
{
  const char *settings[3], *names, *said;
} refused[] = {
  { { "Encoder.pooling=mean" }, "torchvision", "[Encoder] pooling = class would do" },
  { { "Encoder.pooling=mean" }, "dinov2", "[Encoder] pooling = class would do" },
  { { "Encoder.pooling=mean", "Encoder.registers=2" }, "huggingface", "[Encoder] pooling = class would do" },
  { { "Encoder.pooling=class", "Encoder.norm=pooled" }, "huggingface", "[Encoder] norm = tokens would do" },
};

static void
test_what_nobody_could_load_is_refused (void)
{
  begin ();
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *out = g_strdup_printf ("refused-%u", i),
                      *file = tiny_path (world, "refused.safetensors");
      const char *second = refused[i].settings[1] != NULL ? refused[i].settings[1] : refused[i].settings[0];
      g_auto (TinyResult) train = TINY_RUN (world, "train", "simclr.ini", "--out", out, "--steps", "1",
                                            "--set", refused[i].settings[0], "--set", second);
      g_auto (TinyResult) export =
          TINY_RUN (world, "export", out, "--names", refused[i].names, "--output", "refused.safetensors");

      tiny_assert_status (&train, 0);
      g_assert_cmpint (export.status, ==, 2);
      assert_says (export.errors, refused[i].said);
      g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
    }
}

static void
test_a_configuration_comes_along (void)
{
  g_autofree char *folder = NULL, *config = NULL, *text = NULL;

  begin ();
  folder = tiny_path (world, "for-hf");
  g_mkdir (folder, 0700);
  config = g_build_filename (folder, "config.json", NULL);
  g_auto (TinyResult) export =
      TINY_RUN (world, "export", "run", "--names", "huggingface", "--output", "for-hf/model.safetensors");

  tiny_assert_status (&export, 0);
  g_assert_true (g_file_get_contents (config, &text, NULL, NULL));
  assert_says (text, "\"model_type\": \"vit\"");
  assert_says (text, "\"layer_norm_eps\": 1e-06");
  assert_says (text, "\"num_attention_heads\": 2");

  /* That of another model is not written over. */
  g_file_set_contents (config, "{}", -1, NULL);
  g_auto (TinyResult) other =
      TINY_RUN (world, "export", "run", "--names", "huggingface", "--output", "for-hf/other.safetensors");
  g_assert_cmpint (other.status, ==, 1);
  assert_says (other.errors, "is there already, of another model");
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *path = g_strdup_printf ("/truth/weights/positions/%s", rules[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_positions_are_resized_as_the_family_does);
    }
  g_test_add_func ("/truth/weights/places-have-an-order", test_places_have_an_order);
  g_test_add_func ("/truth/weights/encoder-is-read-off-the-file", test_the_encoder_is_read_off_the_file);
  g_test_add_func ("/truth/weights/configuration-counts", test_a_configuration_counts);
  g_test_add_func ("/truth/weights/one-rule-says-which", test_one_rule_says_which_encoder);
  g_test_add_func ("/truth/weights/names-in-memory", test_names_in_memory_are_known);
  g_test_add_func ("/truth/weights/foreign-parts", test_foreign_parts_are_named);
  g_test_add_func ("/truth/weights/heads", test_another_number_of_heads_is_refused);
  g_test_add_func ("/truth/weights/export-is-the-run", test_an_export_gives_the_features_of_the_run);
  g_test_add_func ("/truth/weights/normalisation-can-be-given", test_normalisation_can_be_given);
  g_test_add_func ("/truth/weights/nobody-could-load", test_what_nobody_could_load_is_refused);
  g_test_add_func ("/truth/weights/configuration-comes-along", test_a_configuration_comes_along);
  status = g_test_run ();
  end ();
  return status;
}
