/* truth-weights.c: weights of published models: which of several are taken, by which names, and normalised as
 * their family does it. */
#include "tests/truth/weights-files.h"

#include "app/engine/weights/weights.h"

#include <glib/gstdio.h>
#include <string.h>

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

  weights_begin ();
  path = tiny_path (world, "two.safetensors");
  single = tiny_path (world, "single.safetensors");
  {
    g_autoptr (GArray) file = eid_safetensor_list_new ();

    file_add (file, encoder, "", 1);
    file_write (file, single);
  }
  alone = embed ("single.safetensors", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (guint order = 0; order < (i == 0 ? 2 : 1); order++)
      {
        g_autoptr (GArray) file = eid_safetensor_list_new ();
        g_autofree char *features = NULL, *said = NULL, *taken = NULL;

        for (guint part = 0; part < 2; part++)
          file_add (file, encoder, pairs[i][(part + order) % 2], (part + order) % 2 == 0 ? 1 : 0.5f);
        file_add_zeros (file, "head.last_layer.weight", "7x16");
        file_add_zeros (file, "prototypes.weight", "5x16");
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
  g_autoptr (GArray) file = eid_safetensor_list_new ();
  g_autoptr (GError) error = NULL;

  weights_begin ();
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

  weights_begin ();
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

/* --- Heads and normalisation, by the command ------------------------------------------------------------ */

static void
test_another_number_of_heads_is_refused (void)
{
  weights_begin ();
  g_auto (TinyResult) wrong = TINY_RUN (world, "embed", "--weights", "timm.safetensors", "--path", "data",
                                        "--set", "Encoder.heads=4", "--output", "features.csv");

  g_assert_cmpint (wrong.status, ==, 2);
  assert_says (wrong.errors, "was made with 2 attention heads, and 4 are asked for; set heads = 2.");
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
  weights_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (normalisations); i++)
    {
      g_autofree char *out = g_strdup_printf ("normalised-%u", i);
      g_auto (TinyResult) train = TINY_RUN (world, "train", "tiny.ini", "--out", out, "--steps", "1", "--set",
                                            normalisations[i].mean, "--set", normalisations[i].std);

      g_assert_cmpint (train.status, ==, normalisations[i].status);
      assert_says (train.errors, normalisations[i].said);
    }
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/truth/weights/places-have-an-order", test_places_have_an_order);
  g_test_add_func ("/truth/weights/encoder-is-read-off-the-file", test_the_encoder_is_read_off_the_file);
  g_test_add_func ("/truth/weights/configuration-counts", test_a_configuration_counts);
  g_test_add_func ("/truth/weights/one-rule-says-which", test_one_rule_says_which_encoder);
  g_test_add_func ("/truth/weights/names-in-memory", test_names_in_memory_are_known);
  g_test_add_func ("/truth/weights/heads", test_another_number_of_heads_is_refused);
  g_test_add_func ("/truth/weights/normalisation-can-be-given", test_normalisation_can_be_given);
  add_export_tests ();
  add_foreign_tests ();
  add_resize_tests ();
  status = g_test_run ();
  weights_end ();
  return status;
}
