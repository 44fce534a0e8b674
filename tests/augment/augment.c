/* augment.c: views made on the device against the float64 reference, each
 * operation alone and all together, at odd sizes, grey and in colour.
 *
 * EIDOSCOPE_TEST_DEVICE chooses the device.
 */
#include "tests/augment/reference.h"

#include "tests/engine/device.h"

#include <math.h>
#include <string.h>

#define TOLERANCE 1e-4 /* of a normalised value */

static const float mean[3] = { 0.485f, 0.456f, 0.406f }, std[3] = { 0.229f, 0.224f, 0.225f };

/* --- Cases ------------------------------------------------------------------ */

#define OF(field) G_STRUCT_OFFSET (EidAugmentDraw, field)

/* What differs from the draw that changes nothing; ends with zeros. */
typedef struct
{
  gsize field;
  float value;
} Setting;

static const struct
{
  const char *name;
  Setting settings[16];
} cases[] = {
  { "none", { { 0 } } },
  { "crop",
    { { OF (crop_x), 0.13f },
      { OF (crop_y), 0.4f },
      { OF (crop_width), 0.61f },
      { OF (crop_height), 0.37f } } },
  { "crop-of-a-pixel",
    { { OF (crop_x), 0.9f },
      { OF (crop_y), 0.97f },
      { OF (crop_width), 0.03f },
      { OF (crop_height), 0.03f } } },
  { "flip", { { OF (flip), 1 } } },
  { "darker", { { OF (brightness), 0.6f } } },
  { "brighter", { { OF (brightness), 1.8f } } },
  { "less-contrast", { { OF (contrast), 0.2f } } },
  { "more-contrast", { { OF (contrast), 1.8f } } },
  { "less-saturation", { { OF (saturation), 0.3f } } },
  { "more-saturation", { { OF (saturation), 1.8f } } },
  { "hue-up", { { OF (hue), 0.2f } } },
  { "hue-down", { { OF (hue), -0.45f } } },
  { "grey", { { OF (grey), 1 } } },
  { "blur", { { OF (blur), 0.7f } } },
  { "wide-blur", { { OF (blur), 6 } } },
  { "solarise", { { OF (solarise), 0.5f } } },
  { "invert", { { OF (solarise), 0 } } },
  { "all",
    { { OF (crop_x), 0.2f },
      { OF (crop_y), 0.1f },
      { OF (crop_width), 0.7f },
      { OF (crop_height), 0.8f },
      { OF (flip), 1 },
      { OF (brightness), 1.3f },
      { OF (contrast), 0.7f },
      { OF (saturation), 1.4f },
      { OF (hue), 0.07f },
      { OF (jitter_order), 13 },
      { OF (blur), 1.1f },
      { OF (solarise), 0.6f } } },
};

#define ALL (G_N_ELEMENTS (cases) - 1)

static EidAugmentDraw
draw_of (guint c)
{
  EidAugmentDraw draw = eid_augment_identity ();

  for (const Setting *set = cases[c].settings; set->field != 0 || set->value != 0; set++)
    G_STRUCT_MEMBER (float, &draw, set->field) = set->value;
  return draw;
}

/* From height and width to size; those from SMALL on for simulated devices, too. */
static const struct
{
  guint height, width, size;
} sizes[] = { { 28, 28, 28 }, { 37, 37, 20 }, { 20, 20, 37 }, { 64, 48, 5 },
              { 13, 21, 6 },  { 1, 1, 3 },    { 5, 3, 1 } };

#define SMALL 4

/* --- Pictures --------------------------------------------------------------- */

#define BATCH 3
#define VIEWS 2

/* Colours that change slowly with a grain on them, and some that are pure. */
static guint8 *
make_pictures (guint height, guint width, guint channels)
{
  guint8 *pixels = g_new (guint8, (gsize) BATCH * height * width * channels), *p = pixels;
  g_autoptr (GRand) random = g_rand_new_with_seed (height * 1000 + width * 10 + channels);

  for (guint b = 0; b < BATCH; b++)
    for (guint y = 0; y < height; y++)
      for (guint x = 0; x < width; x++)
        for (guint c = 0; c < channels; c++)
          {
            double wave =
                sin (0.2 * (x + c * y) + b + 2 * c) * 90 + 127 + g_rand_double_range (random, -40, 40);

            if (x % 7 == 3)
              wave = c == b ? 255 : 0;
            *p++ = (guint8) CLAMP (wave, 0, 255);
          }
  return pixels;
}

static Picture
picture_at (guint8 *pictures, guint i, guint height, guint width, guint channels)
{
  return (Picture){ height, width, channels, pictures + (gsize) i * height * width * channels };
}

static float *
make_views (guint8 *pictures, const EidAugmentDraw *draws, guint height, guint width, guint channels,
            guint size)
{
  EidTensor *batch, *views;
  float *values;

  eid_arena_push (test_device);
  batch = eid_tensor_from_data (test_device, EID_U8, EID_SHAPE (BATCH, height, width, channels), pictures);
  views = eid_augment (batch, draws, VIEWS, size, mean, std);
  g_assert_true (eid_shape_equal (eid_tensor_shape (views), EID_SHAPE (VIEWS * BATCH, size, size, channels)));
  values = test_read (views);
  eid_arena_pop (test_device);
  g_assert_true (test_device_is_well ());
  return values;
}

static void
compare (const char *what, guint8 *pictures, const EidAugmentDraw *draws, guint height, guint width,
         guint channels, guint size)
{
  guint count = size * size * channels;
  g_autofree float *got = make_views (pictures, draws, height, width, channels, size);
  g_autofree double *expected = g_new (double, count);
  g_autofree gboolean *uncertain = g_new (gboolean, count);

  for (guint view = 0; view < VIEWS * BATCH; view++)
    {
      Picture picture = picture_at (pictures, view % BATCH, height, width, channels);

      reference_view (&picture, &draws[view], size, mean, std, expected, uncertain);
      for (guint i = 0; i < count; i++)
        {
          double difference = fabs (got[view * count + i] - expected[i]);

          if (!(difference <= TOLERANCE) && !uncertain[i])
            {
              test_complain (
                  "%s, %ux%u to %u with %u channels: view %u at (%u, %u), channel %u is %g, expected %g",
                  what, width, height, size, channels, view, i / channels % size, i / channels / size,
                  i % channels, got[view * count + i], expected[i]);
              return;
            }
        }
    }
}

/* --- Tests ------------------------------------------------------------------ */

/* Every second view is left as it is: what one gets must not touch another. */
static void
test_agrees_with_the_reference (gconstpointer data)
{
  guint c = GPOINTER_TO_UINT (data);

  for (guint s = test_quick ? SMALL : 0; s < G_N_ELEMENTS (sizes); s++)
    for (guint channels = 1; channels <= 3; channels += 2)
      {
        g_autofree guint8 *pictures = make_pictures (sizes[s].height, sizes[s].width, channels);
        EidAugmentDraw draws[VIEWS * BATCH];

        for (guint i = 0; i < VIEWS * BATCH; i++)
          draws[i] = i % 2 ? eid_augment_identity () : draw_of (c);
        compare (cases[c].name, pictures, draws, sizes[s].height, sizes[s].width, channels, sizes[s].size);
      }
}

static void
test_jitter_comes_in_the_order_drawn (void)
{
  g_autofree guint8 *pictures = make_pictures (19, 17, 3);

  for (guint order = 0; order < 24; order += VIEWS * BATCH)
    {
      EidAugmentDraw draws[VIEWS * BATCH];
      g_autofree char *what = g_strdup_printf ("order %u and on", order);

      for (guint i = 0; i < VIEWS * BATCH; i++)
        {
          draws[i] = eid_augment_identity ();
          draws[i].brightness = 1.6f;
          draws[i].contrast = 1.5f;
          draws[i].saturation = 2;
          draws[i].hue = 0.3f;
          draws[i].jitter_order = order + i;
        }
      compare (what, pictures, draws, 19, 17, 3, 5);
    }
}

/* At its own size, not drawn at all, a picture is its bytes, normalised. */
static void
test_identity_changes_nothing (void)
{
  guint size = test_quick ? 5 : 28;

  for (guint channels = 1; channels <= 3; channels += 2)
    {
      g_autofree guint8 *pictures = make_pictures (size, size, channels);
      EidAugmentDraw draws[VIEWS * BATCH];
      g_autofree float *values = NULL;

      for (guint i = 0; i < VIEWS * BATCH; i++)
        draws[i] = eid_augment_identity ();
      values = make_views (pictures, draws, size, size, channels, size);
      for (guint i = 0; i < VIEWS * BATCH * size * size * channels; i++)
        {
          guint8 byte = pictures[i % (BATCH * size * size * channels)];

          g_assert_cmpfloat_with_epsilon (values[i], (byte / 255.0 - mean[i % channels]) / std[i % channels],
                                          2e-6);
        }
    }
}

static void
test_flipping_twice_changes_nothing (void)
{
  guint size = 9;
  g_autofree guint8 *pictures = make_pictures (30, 26, 3);
  EidAugmentDraw draws[VIEWS * BATCH];
  g_autofree float *values = NULL;

  for (guint i = 0; i < VIEWS * BATCH; i++)
    {
      draws[i] = draw_of (ALL);
      draws[i].flip = i < BATCH;
    }
  values = make_views (pictures, draws, 30, 26, 3, size);
  for (guint row = 0; row < BATCH * size; row++)
    for (guint x = 0; x < size; x++)
      for (guint c = 0; c < 3; c++)
        g_assert_cmpfloat_with_epsilon (values[(row * size + x) * 3 + c],
                                        values[((BATCH * size + row) * size + size - 1 - x) * 3 + c], 1e-5);
}

static void
test_same_draws_give_the_same_bits (void)
{
  g_autofree guint8 *pictures = make_pictures (40, 33, 3);
  EidAugmentDraw draws[VIEWS * BATCH];
  g_autofree float *once = NULL, *again = NULL;

  for (guint i = 0; i < VIEWS * BATCH; i++)
    draws[i] = draw_of (ALL);
  once = make_views (pictures, draws, 40, 33, 3, 7);
  again = make_views (pictures, draws, 40, 33, 3, 7);
  g_assert_cmpmem (once, VIEWS * BATCH * 7 * 7 * 3 * sizeof *once, again,
                   VIEWS * BATCH * 7 * 7 * 3 * sizeof *again);
}

/* --- What is refused --------------------------------------------------------- */

static const Setting wrong[] = {
  { OF (crop_x), 0.5f },     { OF (crop_y), -0.1f },      { OF (crop_width), 0 },   { OF (crop_height), NAN },
  { OF (brightness), -1 },   { OF (contrast), INFINITY }, { OF (saturation), NAN }, { OF (hue), 2 },
  { OF (jitter_order), 24 }, { OF (jitter_order), NAN },  { OF (blur), -1 },        { OF (solarise), NAN },
};

static void
expect_refusal (EidType type, EidShape shape, EidAugmentDraw draw, guint size, const char *words)
{
  g_autofree guint8 *data = g_malloc0 (eid_shape_count (shape) * 4 + 1);
  EidAugmentDraw draws[BATCH] = { eid_augment_identity (), draw, eid_augment_identity () };
  g_autoptr (GError) error = NULL;

  eid_arena_push (test_device);
  eid_augment (eid_tensor_from_data (test_device, type, shape, data), draws, 1, size, mean, std);
  eid_arena_pop (test_device);
  g_assert_false (eid_device_check (test_device, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_USAGE);
  if (strstr (error->message, words) == NULL)
    test_complain ("“%s” does not say “%s”", error->message, words);
}

static void
test_impossible_draws_are_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      EidAugmentDraw draw = eid_augment_identity ();

      G_STRUCT_MEMBER (float, &draw, wrong[i].field) = wrong[i].value;
      expect_refusal (EID_U8, EID_SHAPE (BATCH, 8, 8, 3), draw, 8, "view 0 of picture 1");
    }
}

static void
test_what_is_no_picture_is_refused (void)
{
  EidAugmentDraw draw = eid_augment_identity ();

  expect_refusal (EID_U8, EID_SHAPE (BATCH, 8, 8, 2), draw, 8, "[3, 8, 8, 2]");
  expect_refusal (EID_U8, EID_SHAPE (BATCH, 8, 8), draw, 8, "[3, 8, 8]");
  expect_refusal (EID_F32, EID_SHAPE (BATCH, 8, 8, 3), draw, 8, "bytes");
  expect_refusal (EID_U8, EID_SHAPE (BATCH, 8, 8, 3), draw, 0, "0 pixels");
}

static void
add_tests (void)
{
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      g_autofree char *path = g_strconcat ("/augment/reference/", cases[c].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (c), test_agrees_with_the_reference);
    }
  g_test_add_func ("/augment/jitter-comes-in-the-order-drawn", test_jitter_comes_in_the_order_drawn);
  g_test_add_func ("/augment/identity-changes-nothing", test_identity_changes_nothing);
  g_test_add_func ("/augment/flipping-twice-changes-nothing", test_flipping_twice_changes_nothing);
  g_test_add_func ("/augment/same-draws-give-the-same-bits", test_same_draws_give_the_same_bits);
  g_test_add_func ("/augment/impossible-draws-are-refused", test_impossible_draws_are_refused);
  g_test_add_func ("/augment/what-is-no-picture-is-refused", test_what_is_no_picture_is_refused);
}

int
main (int argc, char **argv)
{
  return test_main (argc, argv, add_tests);
}
