/* thumbnail.c: pictures of a look made small enough to be kept. */
#include "app/engine/views/thumbnail.h"

#include <string.h>

#define SIDE 64

/* @pictures of @side with 1 channel: pixels of 100, but the first two 0 and 200, whose mean is
 * the same, and the last 255.                                                 */
static GVariant *
answer (guint side, guint patch, const char *key, gsize pictures)
{
  const gsize size = pictures * side * side;
  guint8 *pixels = g_malloc (size);
  GVariantDict dict;

  memset (pixels, 100, size);
  pixels[0] = 0;
  pixels[1] = 200;
  pixels[size - 1] = 255;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "size", "u", side);
  g_variant_dict_insert (&dict, "channels", "u", 1u);
  if (patch > 0)
    g_variant_dict_insert (&dict, "patch", "u", patch);
  g_variant_dict_insert_value (
      &dict, key, g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, pixels, size, TRUE, g_free, pixels));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static guint
number (GVariant *picture, const char *key)
{
  guint value = 0;

  g_assert_true (g_variant_lookup (picture, key, "u", &value));
  return value;
}

/* Sides become a divisor of at most 64 that divides the patch too; squares become their means. */
static void
test_means_of_squares (void)
{
  g_autoptr (GVariant) large = answer (128, 16, "images", 3);
  g_autoptr (GVariant) small = eid_thumbnail ("reconstruction", large, SIDE);
  g_autoptr (GVariant) pixels = g_variant_lookup_value (small, "images", G_VARIANT_TYPE_BYTESTRING);
  gsize size;
  const guint8 *bytes = g_variant_get_fixed_array (pixels, &size, 1);

  g_assert_cmpuint (number (small, "size"), ==, 64);
  g_assert_cmpuint (number (small, "patch"), ==, 8);
  g_assert_cmpuint (size, ==, 3 * 64 * 64);
  g_assert_cmpuint (bytes[0], ==, 100);
  g_assert_cmpuint (bytes[1], ==, 100);
  g_assert_cmpuint (bytes[size - 1], ==, (300 + 255 + 2) / 4);
}

/* What is small, or cannot be divided, stays as it is; so does a block of another size. */
static void
test_others_stay (void)
{
  g_autoptr (GVariant) small = answer (32, 4, "images", 2);
  g_autoptr (GVariant) same = eid_thumbnail ("reconstruction", small, SIDE);
  g_autoptr (GVariant) prime = answer (128, 7, "images", 1);
  g_autoptr (GVariant) whole = eid_thumbnail ("reconstruction", prime, SIDE);
  g_autoptr (GVariant) weights = answer (128, 0, "weights", 1);
  g_autoptr (GVariant) kept = eid_thumbnail ("attention", weights, SIDE);
  g_autoptr (GVariant) block = g_variant_lookup_value (kept, "weights", G_VARIANT_TYPE_BYTESTRING);

  g_assert_true (g_variant_equal (small, same));
  g_assert_cmpuint (number (whole, "size"), ==, 128);
  g_assert_cmpuint (number (whole, "patch"), ==, 7);
  g_assert_cmpuint (number (kept, "size"), ==, 64);
  g_assert_cmpuint (g_variant_get_size (block), ==, 128 * 128);
}

/* What was made small comes back in its former size, each pixel a square; what was not comes back as it was.
 */
static void
test_enlarged_again (void)
{
  g_autoptr (GVariant) large = answer (128, 16, "images", 3);
  g_autoptr (GVariant) small = eid_thumbnail ("reconstruction", large, SIDE);
  g_autoptr (GVariant) again = eid_thumbnail_enlarge ("reconstruction", small);
  g_autoptr (GVariant) pixels = g_variant_lookup_value (again, "images", G_VARIANT_TYPE_BYTESTRING);
  g_autoptr (GVariant) own = answer (32, 4, "images", 2);
  g_autoptr (GVariant) same = eid_thumbnail_enlarge ("reconstruction", own);
  gsize size;
  const guint8 *bytes = g_variant_get_fixed_array (pixels, &size, 1);

  g_assert_cmpuint (number (again, "size"), ==, 128);
  g_assert_cmpuint (number (again, "patch"), ==, 16);
  g_assert_cmpuint (size, ==, 3 * 128 * 128);
  g_assert_cmpuint (bytes[size - 1], ==, (300 + 255 + 2) / 4);
  g_assert_cmpuint (bytes[size - 2], ==, bytes[size - 1]);
  g_assert_cmpuint (bytes[size - 128 - 2], ==, bytes[size - 1]);
  g_assert_cmpuint (bytes[size - 3], ==, 100);
  g_assert_cmpuint (bytes[size - 2 * 128 - 1], ==, 100);
  g_assert_true (g_variant_equal (own, same));
}

/* A file may say anything of how large it was: what would take too much, or does not fit, stays small. */
static void
test_absurd_sizes_stay_small (void)
{
  static const guint sides[] = { 0, 63, 100, 64 * 65, 1u << 30, G_MAXUINT };
  g_autoptr (GVariant) small = answer (64, 8, "images", 3);

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      g_autoptr (GVariant) again = NULL, picture = NULL;
      GVariantDict dict;

      g_variant_dict_init (&dict, small);
      g_variant_dict_insert (&dict, "whole-size", "u", sides[i]);
      picture = g_variant_ref_sink (g_variant_dict_end (&dict));
      again = eid_thumbnail_enlarge ("reconstruction", picture);
      g_assert_cmpuint (number (again, "size"), ==, 64);
      g_assert_cmpuint (number (again, "patch"), ==, 8);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/thumbnail/means-of-squares", test_means_of_squares);
  g_test_add_func ("/wire/thumbnail/others-stay", test_others_stay);
  g_test_add_func ("/wire/thumbnail/enlarged-again", test_enlarged_again);
  g_test_add_func ("/wire/thumbnail/absurd-sizes-stay-small", test_absurd_sizes_stay_small);
  return g_test_run ();
}
