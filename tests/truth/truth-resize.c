/* truth-resize.c: position embeddings of weights are resized as their family does it, when they are read and
 * when crops of another size are. */
#include "tests/truth/weights-files.h"

#include "app/engine/weights/positions.h"
#include "app/engine/weights/weights.h"

#include <glib/gstdio.h>
#include <string.h>

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
  { "corners",
    EID_RESIZE_CORNERS,
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

/* --- The rule stays with the weights ------------------------------------------------------------------ */

/* The encoder by Hugging Face's names, as transformers would have saved it: nothing says whose it is. */
static void
write_plain (const char *name)
{
  g_autofree char *written = tiny_path (world, "named.safetensors"), *file = tiny_path (world, name);
  g_autofree char *config = tiny_path (world, "config.json");
  g_autoptr (GArray) list = eid_safetensor_list_new ();
  g_autoptr (EidSafetensors) tensors = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (TinyResult) export =
      TINY_RUN (world, "export", "run", "--names", "huggingface", "--output", "named.safetensors");

  tiny_assert_status (&export, 0);
  tensors = eid_safetensors_open (written, &error);
  g_assert_no_error (error);
  file_add (list, tensors, "", 1);
  file_write (list, file);
  g_unlink (config);
}

static void
assert_recorded (const char *run, const char *line)
{
  g_autofree char *folder = tiny_path (world, run);
  g_autofree char *file = g_build_filename (folder, "recipe.ini", NULL), *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  assert_says (text, line);
}

#define FROM(file) "--set", "Encoder.weights=" file, "--set", "Encoder.pooling=class", "--precision", "f32"

/* A run that begins with weights keeps how they are resized: in its recipe, over a resumption, and in what is
 * exported of it by whatever names. */
static void
test_a_run_keeps_the_rule_of_its_weights (void)
{
  weights_begin ();
  write_plain ("plain.safetensors");
  g_auto (TinyResult) train =
      TINY_RUN (world, "train", "simclr.ini", "--out", "begun", "--steps", "1", FROM ("plain.safetensors"));
  tiny_assert_status (&train, 0);
  assert_says (train.errors, "by the rule “plain”, as the weights’ own program does it");
  assert_recorded ("begun", "resize=plain\n");

  g_auto (TinyResult) resume = TINY_RUN (world, "train", "simclr.ini", "--resume", "begun", "--steps", "2",
                                         FROM ("plain.safetensors"));
  tiny_assert_status (&resume, 0);

  g_auto (TinyResult) export = TINY_RUN (world, "export", "begun", "--output", "begun.safetensors");
  g_auto (TinyResult) larger = TINY_RUN (world, "embed", "--weights", "begun.safetensors", "--path", "data",
                                         "--size", "24", "--output", "larger.csv");
  tiny_assert_status (&export, 0);
  tiny_assert_status (&larger, 0);
  assert_says (larger.errors, "patches are resized to 6 × 6 by the rule “plain”");
}

static void
test_the_rule_can_be_given (void)
{
  weights_begin ();
  write_plain ("given.safetensors");
  g_auto (TinyResult) train = TINY_RUN (world, "train", "simclr.ini", "--out", "given", "--steps", "1",
                                        FROM ("given.safetensors"), "--set", "Encoder.resize=offset");
  tiny_assert_status (&train, 0);
  g_assert_null (strstr (train.errors, "by the rule"));
  assert_recorded ("given", "resize=offset\n");

  /* Without weights it stays open, which is antialiased. */
  g_auto (TinyResult) fresh = TINY_RUN (world, "train", "simclr.ini", "--out", "fresh", "--steps", "1");
  tiny_assert_status (&fresh, 0);
  assert_recorded ("fresh", "resize=auto\n");
}

void
add_resize_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *path = g_strdup_printf ("/truth/weights/positions/%s", rules[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_positions_are_resized_as_the_family_does);
    }
  g_test_add_func ("/truth/weights/positions/run-keeps-the-rule", test_a_run_keeps_the_rule_of_its_weights);
  g_test_add_func ("/truth/weights/positions/rule-can-be-given", test_the_rule_can_be_given);
}
