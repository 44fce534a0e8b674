/* widgets-attention.c: what the attention view draws is what its maps and tokens say: which row a
 * query reads, what rollout and mass make of it, which patches are alike. No display.
 */
#include "ui/base/draw.h"

#include <math.h>
#include <string.h>

#define GRID  2
#define CELLS (GRID * GRID)

/* Two pictures, two layers of two heads and their mean; a byte says which plane, query and key it
 * is of, and a row's greatest weight is 255 hundredths, so that a byte is so many hundredths. */
static const EidAttentionPlane planes[] = { { 0, -1 }, { 0, 0 }, { 0, 1 }, { 1, -1 }, { 1, 0 }, { 1, 1 } };

static EidAttention
attention_new (guint extra, gboolean class_token)
{
  EidAttention attention = { .count = 2,
                             .size = 4,
                             .channels = 1,
                             .grid = GRID,
                             .extra = extra,
                             .layers = 2,
                             .heads = 2,
                             .class_token = class_token,
                             .planes = planes,
                             .n_planes = G_N_ELEMENTS (planes) };
  const guint tokens = eid_attention_tokens (&attention);
  const gsize rows = G_N_ELEMENTS (planes) * 2 * tokens;
  guint8 *maps = g_malloc (rows * tokens);
  float *greatest = g_new (float, rows);

  for (gsize row = 0; row < rows; row++)
    {
      greatest[row] = 2.55f;
      for (guint key = 0; key < tokens; key++)
        maps[row * tokens + key] =
            (guint8) (row / (2 * tokens) * 40 + row / tokens % 2 * 20 + row % tokens * 2 + key);
    }
  attention.maps[0] = g_bytes_new_take (maps, rows * tokens);
  attention.greatest[0] = g_bytes_new_take (greatest, rows * sizeof (float));
  attention.images = g_bytes_new_take (g_malloc0 (2 * 16), 2 * 16);
  return attention;
}

static void
attention_clear (EidAttention *attention)
{
  for (guint of = 0; of < 2; of++)
    {
      g_clear_pointer (&attention->maps[of], g_bytes_unref);
      g_clear_pointer (&attention->greatest[of], g_bytes_unref);
    }
  g_bytes_unref (attention->images);
}

static void
a_query_reads_its_own_row (void)
{
  EidAttention attention = attention_new (1, TRUE);
  float row[1 + CELLS];

  g_assert_true (eid_attention_valid (&attention));
  /* Layer 1, head 0 is plane 4; the second picture; token 3. */
  eid_attention_row (&attention, 0, 1, 0, 1, 3, row);
  for (int key = 0; key < 1 + CELLS; key++)
    g_assert_cmpfloat_with_epsilon (row[key], (4 * 40 + 20 + 3 * 2 + key) / 100.0, 1e-5);
  /* The last layer from behind; the mean of its heads is plane 3. */
  eid_attention_row (&attention, 0, -1, EID_HEADS_MEAN, 0, 0, row);
  g_assert_cmpfloat_with_epsilon (row[1], (3 * 40 + 1) / 100.0, 1e-5);
  /* What is not there is no number: a teacher, a layer, a head, a token. */
  eid_attention_row (&attention, 1, 0, 0, 0, 0, row);
  g_assert_true (isnan (row[0]));
  eid_attention_row (&attention, 0, 2, 0, 0, 0, row);
  g_assert_true (isnan (row[0]));
  eid_attention_row (&attention, 0, 0, 2, 0, 0, row);
  g_assert_true (isnan (row[0]));
  eid_attention_row (&attention, 0, 0, 0, 0, 99, row);
  g_assert_true (isnan (row[0]));
  attention_clear (&attention);
}

static void
the_mean_is_of_patches_and_of_no_register (void)
{
  EidAttention attention = attention_new (2, FALSE);
  float row[2 + CELLS];

  /* Patches are tokens 2 to 5: on average 3.5. */
  eid_attention_row (&attention, 0, 0, 1, 1, -1, row);
  for (int key = 0; key < 2 + CELLS; key++)
    g_assert_cmpfloat_with_epsilon (row[key], (2 * 40 + 20 + 3.5 * 2 + key) / 100.0, 1e-5);
  attention_clear (&attention);
}

/* Two layers over two tokens, by hand: halves of the map and of the identity, multiplied. */
static void
rollout_goes_back_through_the_layers (void)
{
  static const guint8 maps[] = { 255, 0,   255, 0, /* layer 0: both look at the first    */
                                 0,   255, 255, 0 /* layer 1: each looks at the other */ };
  static const float greatest[] = { 1, 1, 1, 1 };
  static const EidAttentionPlane means[] = { { 0, -1 }, { 1, -1 } };
  static const guint8 image[4];
  EidAttention attention = { .count = 1,
                             .size = 2,
                             .channels = 1,
                             .grid = 1,
                             .extra = 1,
                             .layers = 2,
                             .heads = 2,
                             .class_token = TRUE,
                             .planes = means,
                             .n_planes = 2 };
  float row[2];

  attention.images = g_bytes_new_static (image, sizeof image);
  attention.maps[0] = g_bytes_new_static (maps, sizeof maps);
  attention.greatest[0] = g_bytes_new_static (greatest, sizeof greatest);
  g_assert_true (eid_attention_valid (&attention));
  g_assert_true (eid_attention_holds (&attention, -1, EID_HEADS_ROLLOUT));
  g_assert_false (eid_attention_holds (&attention, -1, EID_HEADS_ALL));
  /* Token 0: half itself, half token 1; of token 1 again half goes to token 0. */
  eid_attention_row (&attention, 0, -1, EID_HEADS_ROLLOUT, 0, 0, row);
  g_assert_cmpfloat_with_epsilon (row[0], 0.75, 1e-6);
  g_assert_cmpfloat_with_epsilon (row[1], 0.25, 1e-6);
  /* After the first layer alone. */
  eid_attention_row (&attention, 0, 0, EID_HEADS_ROLLOUT, 0, 1, row);
  g_assert_cmpfloat_with_epsilon (row[0], 0.5, 1e-6);
  attention_clear (&attention);
}

static void
mass_keeps_the_fewest_patches (void)
{
  const float values[] = { 0.1f, 0.4f, NAN, 0.3f, 0.2f };
  guint8 keep[5];

  g_assert_cmpuint (eid_attention_keep_mass (values, 5, 0.6, keep), ==, 2);
  g_assert_cmpmem (keep, 5, ((const guint8[]){ 0, 1, 0, 1, 0 }), 5);
  g_assert_cmpuint (eid_attention_keep_mass (values, 5, 0.05, keep), ==, 1);
  g_assert_true (keep[1]);
  g_assert_cmpuint (eid_attention_keep_mass (values, 5, 1, keep), ==, 5);
  g_assert_true (keep[2]);
}

static void
attention_that_does_not_fit_is_refused (void)
{
  static const EidAttentionPlane beyond[] = { { 0, -1 }, { 0, 0 }, { 0, 1 }, { 1, -1 }, { 1, 0 }, { 2, 0 } };
  EidAttention attention = attention_new (1, TRUE), wrong;

  wrong = attention, wrong.extra = 0;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.count = 3;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.grid = G_MAXUINT;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.size = G_MAXUINT;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.channels = 2;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.n_planes = G_MAXUINT;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.planes = beyond;
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.maps[1] = attention.maps[0]; /* without its scales */
  g_assert_false (eid_attention_valid (&wrong));
  wrong = attention, wrong.maps[0] = NULL;
  g_assert_false (eid_attention_valid (&wrong));
  attention_clear (&attention);
}

static void
heat_goes_from_one_end_of_viridis_to_the_other (void)
{
  float row[4] = { 0.1f, 0.3f, NAN, 0.2f };
  const guint8 keep[4] = { 1, 1, 1, 0 };
  guint32 pixels[4];
  g_autoptr (GdkTexture) heat = eid_attention_heat (row, 2, 0.1f, 0.3f, NULL);
  g_autoptr (GdkTexture) kept = eid_attention_heat (row, 2, 0.1f, 0.3f, keep);
  g_autoptr (GdkTexture) flat = eid_attention_heat (row, 2, NAN, NAN, NULL);

  gdk_texture_download (heat, (guchar *) pixels, 8);
  g_assert_cmphex (pixels[0] & 0xffffff, ==, 0x440154);
  g_assert_cmphex (pixels[1] & 0xffffff, ==, 0xfde725);
  g_assert_cmphex (pixels[2] & 0xffffff, ==, 0x440154);
  gdk_texture_download (kept, (guchar *) pixels, 8);
  g_assert_cmphex (pixels[1] & 0xffffff, ==, 0xfde725);
  g_assert_cmphex (pixels[3] & 0xffffff, ==, 0x262626); /* what is left out is grey */
  g_assert_nonnull (flat);
}

/* --- Patches ----------------------------------------------------------------------------- */

static void
likeness_is_the_cosine_whatever_the_length (void)
{
  /* Two pictures of one patch in three dimensions … of 2 × 2 patches. */
  static const gint8 tokens[] = { 127, 0, 0, 0,  127, 0, 0, 0, 0,   -127, 0, 0,
                                  10,  0, 0, 90, 90,  0, 0, 0, 127, 1,    2, 3 };
  static const guint8 images[2 * 16], colours[2 * CELLS * 3];
  EidPatches patches = { .count = 2, .size = 4, .channels = 1, .grid = GRID, .width = 3 }, wrong;
  g_autoptr (GBytes) token_bytes = g_bytes_new_static (tokens, sizeof tokens);
  g_autoptr (GBytes) image_bytes = g_bytes_new_static (images, sizeof images);
  g_autoptr (GBytes) colour_bytes = g_bytes_new_static (colours, sizeof colours);
  g_autofree float *lengths = NULL;
  float row[CELLS];

  patches.tokens = token_bytes;
  patches.images = image_bytes;
  patches.colours = colour_bytes;
  g_assert_true (eid_patches_valid (&patches));
  lengths = eid_patches_lengths (&patches);
  eid_patches_similarity (&patches, lengths, 0, 0, 0, row);
  g_assert_cmpfloat_with_epsilon (row[0], 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (row[1], 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (row[2], 0, 1e-6); /* nothing is like nothing */
  g_assert_cmpfloat_with_epsilon (row[3], -1, 1e-6);
  eid_patches_similarity (&patches, lengths, 0, 0, 1, row);
  g_assert_cmpfloat_with_epsilon (row[0], 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (row[1], sqrt (0.5), 1e-6);
  g_assert_cmpfloat_with_epsilon (row[2], 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (row[3], 1 / sqrt (14), 1e-6);

  wrong = patches, wrong.width = 4;
  g_assert_false (eid_patches_valid (&wrong));
  wrong = patches, wrong.grid = G_MAXUINT;
  g_assert_false (eid_patches_valid (&wrong));
  wrong = patches, wrong.colours = NULL;
  g_assert_false (eid_patches_valid (&wrong));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/attention/query", a_query_reads_its_own_row);
  g_test_add_func ("/ui/attention/mean", the_mean_is_of_patches_and_of_no_register);
  g_test_add_func ("/ui/attention/rollout", rollout_goes_back_through_the_layers);
  g_test_add_func ("/ui/attention/mass", mass_keeps_the_fewest_patches);
  g_test_add_func ("/ui/attention/refused", attention_that_does_not_fit_is_refused);
  g_test_add_func ("/ui/attention/heat", heat_goes_from_one_end_of_viridis_to_the_other);
  g_test_add_func ("/ui/patches/likeness", likeness_is_the_cosine_whatever_the_length);
  return g_test_run ();
}
