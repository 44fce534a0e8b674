/* inside.c: what is read from attention and patch tokens, on numbers of known answer, and the files
 * that `inspect` writes of them.                                             */
#include "app/engine/views/compute.h"

#include "tests/support/tiny.h"

#include <math.h>
#include <string.h>

/* --- Attention --------------------------------------------------------------------- */

/* Two layers of two heads over a class token and a patch. In each layer the heads' mean is a
 * permutation, or both look at the first. */
static void
test_rollout_goes_back_through_the_layers (void)
{
  float first[] = { 1, 0, 0.5, 0.5, 1, 0, 1.5, -0.5 }; /* mean: 1 0, 1 0 */
  float second[] = { 0, 1, 1, 0, 0, 1, 1, 0 };         /* mean: 0 1, 1 0 */
  float *layers[] = { first, second };
  EidArtefacts artefacts = { .layers = 2, .heads = 2, .tokens = 2, .attention = layers };
  const EidAttentionView view = {
    .count = 1, .grid = 1, .extra = 1, .class_token = TRUE, .tokens = 2, .layers = 2, .heads = 2
  };
  g_autoptr (GError) error = NULL;
  float map[4];
  double row[2];

  eid_attention_map (&view, &artefacts, 0, 0, -1, map);
  g_assert_cmpfloat_with_epsilon (map[2], 1, 1e-6);
  eid_attention_map (&view, &artefacts, 0, 0, 1, map);
  g_assert_cmpfloat_with_epsilon (map[2], 1.5, 1e-6);
  /* Half of each layer's output is its input. */
  eid_attention_rollout (&view, &artefacts, 0, 1, 0, row);
  g_assert_cmpfloat_with_epsilon (row[0], 0.75, 1e-6);
  g_assert_cmpfloat_with_epsilon (row[1], 0.25, 1e-6);
  /* Of the one patch, after the first layer. */
  eid_attention_rollout (&view, &artefacts, 0, 0, -1, row);
  g_assert_cmpfloat_with_epsilon (row[0], 0.5, 1e-6);

  g_assert_cmpint (eid_attention_layer (&view, -2, 1, &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpint (eid_attention_layer (&view, 2, 0, &error), ==, -1);
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
}

/* --- Patches --------------------------------------------------------------------------- */

enum
{
  WIDTH = 4,
  ROWS = 64
};

/* Deviations 4, 2 and 1 along three channels about a mean, none along the fourth. */
static void
fill_tokens (float *tokens)
{
  for (guint i = 0; i < ROWS; i++)
    {
      tokens[i * WIDTH] = i & 1 ? 1 : -1;
      tokens[i * WIDTH + 1] = 10 + (i & 2 ? 4 : -4);
      tokens[i * WIDTH + 2] = -3;
      tokens[i * WIDTH + 3] = i & 4 ? 2 : -2;
    }
}

static void
test_axes_are_those_of_most_variance (void)
{
  static const guint channels[] = { 1, 3, 0 };
  static const double spreads[] = { 4, 2, 1 };
  float tokens[ROWS * WIDTH];
  guint8 colours[ROWS * 3];
  g_autoptr (GError) error = NULL;
  g_autoptr (EidPatchBasis) basis = NULL;

  fill_tokens (tokens);
  basis = eid_patch_basis_of (tokens, ROWS, WIDTH, &error);
  g_assert_no_error (error);
  for (guint axis = 0; axis < 3; axis++)
    {
      for (guint d = 0; d < WIDTH; d++)
        g_assert_cmpfloat_with_epsilon (basis->axes[axis * WIDTH + d], d == channels[axis], 1e-9);
      g_assert_cmpfloat_with_epsilon (basis->spread[axis], spreads[axis], 1e-9);
      g_assert_cmpfloat_with_epsilon (basis->explained[axis], spreads[axis] * spreads[axis] / 21, 1e-9);
    }
  g_assert_cmpfloat_with_epsilon (basis->mean[1], 10, 1e-6);
  /* One deviation is a quarter of the colours' range. */
  eid_patch_colours (basis, tokens, ROWS, colours);
  g_assert_cmpmem (colours, 3, ((const guint8[]){ 64, 64, 64 }), 3);
  g_assert_cmpmem (colours + 3 * 7, 3, ((const guint8[]){ 191, 191, 191 }), 3);
}

/* A basis in another order and turned is taken after. */
static void
test_axes_take_after_a_former_basis (void)
{
  float tokens[ROWS * WIDTH];
  g_autoptr (EidPatchBasis) basis = NULL, former = eid_patch_basis_new (WIDTH);

  fill_tokens (tokens);
  basis = eid_patch_basis_of (tokens, ROWS, WIDTH, NULL);
  former->axes[0] = 0.8; /* most like channel 0, which is third by now */
  former->axes[1] = 0.6;
  former->axes[WIDTH + 1] = 1;
  former->axes[2 * WIDTH + 3] = -1;
  eid_patch_basis_align (basis, former);
  g_assert_cmpfloat_with_epsilon (basis->axes[0], 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (basis->axes[WIDTH + 1], 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (basis->axes[2 * WIDTH + 3], -1, 1e-9);
  g_assert_cmpfloat_with_epsilon (basis->spread[0], 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (basis->spread[1], 4, 1e-9);
  g_assert_cmpfloat_with_epsilon (basis->spread[2], 2, 1e-9);
}

static void
test_tokens_that_are_no_numbers_have_no_axes (void)
{
  float tokens[ROWS * WIDTH];
  g_autoptr (GError) error = NULL;

  fill_tokens (tokens);
  tokens[17] = NAN;
  g_assert_null (eid_patch_basis_of (tokens, ROWS, WIDTH, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_FAILED);
}

/* --- Inspect ----------------------------------------------------------------------------- */

/* A PNG's width and height. */
static void
assert_picture (TinyWorld *world, const char *name, guint columns, guint rows)
{
  g_autofree char *file = tiny_path (world, name), *data = NULL;
  gsize length = 0;

  g_test_message ("%s", name);
  g_assert_true (g_file_get_contents (file, &data, &length, NULL));
  g_assert_cmpuint (length, >, 64);
  g_assert_cmpmem (data, 4, "\x89PNG", 4);
  /* Cells of 112 pixels, 8 between them and at the edges; names of rows to the left, 560 pixels at least.
   * Above there are title and names of columns, below as much of a legend as its letters take up. */
  g_assert_cmpuint (((guint8) data[18] << 8) + (guint8) data[19], ==, MAX (128 + columns * 120 + 8, 560));
  g_assert_cmpuint (((guint8) data[22] << 8) + (guint8) data[23], >, 64 + 36 + rows * 120 + 8);
}

static void
test_inspect_writes_pictures_and_weights (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) train = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "2");
  g_auto (TinyResult) inspect = { 0 };
  g_auto (TinyResult) teacher = { 0 };
  g_autofree char *file = tiny_path (world, "o/attention.npy"), *data = NULL;
  gsize length = 0;

  tiny_assert_status (&train, 0);
  inspect = TINY_RUN (world, "inspect", "run", "--output", "o");
  tiny_assert_status (&inspect, 0);
  assert_picture (world, "o/attention.png", 4, 8);      /* picture, mean, two heads    */
  assert_picture (world, "o/rollout.png", 3, 8);        /* picture, two layers         */
  assert_picture (world, "o/patches.png", 2, 8);        /* picture, colours            */
  assert_picture (world, "o/reconstruction.png", 4, 8); /* picture, masked, made, error */

  g_assert_true (g_file_get_contents (file, &data, &length, NULL));
  g_assert_nonnull (g_strstr_len (data + 10, 118, "'shape': (2, 8, 2, 16, 16)"));
  g_assert_cmpuint (length, ==, 128 + 2 * 8 * 2 * 16 * 16 * sizeof (float));
  for (gsize row = 0; row < 2 * 8 * 2 * 16; row++)
    {
      double sum = 0;

      for (guint key = 0; key < 16; key++)
        {
          float weight;

          memcpy (&weight, data + 128 + (row * 16 + key) * sizeof weight, sizeof weight);
          sum += (double) weight;
        }
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-3);
    }

  teacher = TINY_RUN (world, "inspect", "run", "--output", "o", "--teacher");
  tiny_assert_status (&teacher, 2);
  g_assert_nonnull (strstr (teacher.errors, "teacher"));
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inside/rollout-goes-back-through-the-layers", test_rollout_goes_back_through_the_layers);
  g_test_add_func ("/inside/axes-are-those-of-most-variance", test_axes_are_those_of_most_variance);
  g_test_add_func ("/inside/axes-take-after-a-former-basis", test_axes_take_after_a_former_basis);
  g_test_add_func ("/inside/tokens-that-are-no-numbers-have-no-axes",
                   test_tokens_that_are_no_numbers_have_no_axes);
  g_test_add_func ("/inside/inspect-writes-pictures-and-weights", test_inspect_writes_pictures_and_weights);
  return g_test_run ();
}
