/* truth-exports.c: exports are the run's own features, by names that load, or say why not. */
#include "tests/truth/weights-files.h"

#include <glib/gstdio.h>

/* What a run's teacher makes of pictures, its exported weights make too, in another folder's company. */
static void
test_an_export_gives_the_features_of_the_run (void)
{
  static const char *const ways[] = { "auto", "student" };

  weights_begin ();
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
  weights_begin ();
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

  weights_begin ();
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

void
add_export_tests (void)
{
  g_test_add_func ("/truth/weights/export-is-the-run", test_an_export_gives_the_features_of_the_run);
  g_test_add_func ("/truth/weights/nobody-could-load", test_what_nobody_could_load_is_refused);
  g_test_add_func ("/truth/weights/configuration-comes-along", test_a_configuration_comes_along);
}
