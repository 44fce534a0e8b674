/* looks.c: what looks answer to their options: settings beside others on the same draws, a draft
 * before its run, live strengths, pictures and masks of one's own. */
#include "tests/wire/engine.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <math.h>
#include <string.h>

static GVariant *
options_of (const char *key, GVariant *value)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (key != NULL)
    g_variant_builder_add (&options, "{sv}", key, value);
  return g_variant_builder_end (&options);
}

static GVariant *
setting (const char *key, const char *value)
{
  GVariantBuilder settings;

  g_variant_builder_init (&settings, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&settings, "{ss}", key, value);
  return options_of ("beside", g_variant_builder_end (&settings));
}

/* The tiny recipe for @steps steps, of two augmented views where @objective is SimCLR. */
static char *
recipe_of (Engine *engine, const char *steps, gboolean simclr)
{
  g_autofree char *text = tiny_recipe_text (engine->world->data);
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  g_assert_true (g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_NONE, NULL));
  g_key_file_set_string (keys, "Run", "steps", steps);
  if (simclr)
    {
      g_key_file_remove_group (keys, "Objective", NULL);
      g_key_file_set_string (keys, "Objective", "plugin", "simclr");
    }
  return g_key_file_to_data (keys, NULL, NULL);
}

/* -> the picture; NULL with *@message (free) when it was refused. */
static GVariant *
preview (Engine *engine, const char *recipe, GVariant *options, char **message)
{
  g_autoptr (GError) error = NULL;
  GVariant *picture = NULL;

  if (!eid_wire_engine_call_preview_sync (engine->proxy, recipe, options, &picture, NULL, &error))
    {
      g_dbus_error_strip_remote_error (error);
      if (message == NULL)
        g_test_message ("preview: %s", error->message);
      g_assert_nonnull (message);
      *message = g_strdup (error->message);
    }
  return picture;
}

static GBytes *
bytes_of (GVariant *picture, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (picture, key, G_VARIANT_TYPE_BYTESTRING);

  if (value == NULL)
    g_test_message ("there is no “%s”", key);
  g_assert_nonnull (value);
  return g_variant_get_data_as_bytes (value);
}

/* --- Draws -------------------------------------------------------------------- */

static double
drawn (GVariant *draws, gsize i, EidDrawKey key)
{
  g_autoptr (GVariant) draw = g_variant_get_child_value (draws, i);
  double value = eid_wire_draws[key].neutral;

  g_variant_lookup (draw, eid_wire_draws[key].key, "d", &value);
  return value;
}

/* Twice the strength is twice as far from what changes nothing; all else is as it was. */
static void
test_another_strength_is_shown_on_the_same_draws (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "1", TRUE);
  g_autoptr (GVariant) picture = preview (engine, recipe, setting ("brightness", "0.8"), NULL);
  g_autoptr (GVariant) draws = g_variant_lookup_value (picture, "draws", G_VARIANT_TYPE ("aa{sd}"));
  g_autoptr (GVariant) beside = g_variant_lookup_value (picture, "beside-draws", G_VARIANT_TYPE ("aa{sd}"));
  g_autoptr (GBytes) pixels = bytes_of (picture, "pixels"), others = bytes_of (picture, "beside-pixels");
  guint changed = 0;

  g_assert_cmpuint (g_variant_n_children (draws), ==, 2 * 8);
  g_assert_cmpuint (g_variant_n_children (beside), ==, 2 * 8);
  for (gsize i = 0; i < 2 * 8; i++)
    for (guint key = 0; key < EID_DRAW_COUNT; key++)
      {
        const double one = drawn (draws, i, key), other = drawn (beside, i, key);

        if (key == EID_DRAW_BRIGHTNESS)
          {
            g_assert_cmpfloat_with_epsilon (other - 1, 2 * (one - 1), 1e-5);
            changed += fabs (one - 1) > 1e-3;
          }
        else
          g_assert_cmpfloat (one, ==, other);
      }
  g_assert_cmpuint (changed, >, 4);
  g_assert_false (g_bytes_equal (pixels, others));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_a_probability_leaves_other_draws_alone (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "1", TRUE);
  g_autoptr (GVariant) picture = preview (engine, recipe, setting ("jitter", "0"), NULL);
  g_autoptr (GVariant) draws = g_variant_lookup_value (picture, "draws", G_VARIANT_TYPE ("aa{sd}"));
  g_autoptr (GVariant) beside = g_variant_lookup_value (picture, "beside-draws", G_VARIANT_TYPE ("aa{sd}"));
  const EidDrawKey kept[] = { EID_DRAW_CROP_X, EID_DRAW_CROP_WIDTH, EID_DRAW_FLIP, EID_DRAW_BLUR };

  for (gsize i = 0; i < 2 * 8; i++)
    {
      g_assert_cmpfloat (drawn (beside, i, EID_DRAW_BRIGHTNESS), ==, 1);
      for (guint k = 0; k < G_N_ELEMENTS (kept); k++)
        g_assert_cmpfloat (drawn (draws, i, kept[k]), ==, drawn (beside, i, kept[k]));
    }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- A draft -------------------------------------------------------------------- */

static void
assert_near (GBytes *a, GBytes *b)
{
  gsize n, m;
  const guint8 *x = g_bytes_get_data (a, &n), *y = g_bytes_get_data (b, &m);

  g_assert_cmpuint (n, ==, m);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpint (ABS (x[i] - y[i]), <=, 1);
}

static void
test_a_preview_is_the_first_step_of_its_run (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "1", TRUE);
  g_autoptr (GVariant) before = preview (engine, recipe, options_of (NULL, NULL), NULL);
  g_autoptr (GVariant) again = preview (engine, recipe, options_of ("draw", g_variant_new_uint32 (7)), NULL);
  g_autoptr (GVariant) draws = g_variant_lookup_value (before, "draws", NULL);
  g_autoptr (GVariant) other_draws = g_variant_lookup_value (again, "draws", NULL);
  g_autoptr (GBytes) sources = bytes_of (before, "sources"), pixels = bytes_of (before, "pixels");
  g_autoptr (GBytes) same_sources = bytes_of (again, "sources");
  g_autofree char *run = engine_start (engine, recipe);
  g_autoptr (GVariant) shown = NULL, shown_draws = NULL;
  g_autoptr (GBytes) shown_sources = NULL, shown_pixels = NULL;
  guint64 step;

  g_assert_true (g_bytes_equal (sources, same_sources));
  g_assert_false (g_variant_equal (draws, other_draws));
  engine_wait (engine, engine_is_in, "done");
  shown = engine_look (engine, EID_WIRE_VIEW_AUGMENTATIONS, NULL, 0, &step, NULL);
  shown_draws = g_variant_lookup_value (shown, "draws", NULL);
  shown_sources = bytes_of (shown, "sources");
  shown_pixels = bytes_of (shown, "pixels");
  g_assert_cmpuint (step, ==, 1);
  g_assert_true (g_bytes_equal (sources, shown_sources));
  g_assert_true (g_variant_equal (draws, shown_draws));
  assert_near (pixels, shown_pixels);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_says_why_a_preview_is_refused (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "100000", FALSE);
  g_auto (GStrv) parts = g_strsplit (recipe, engine->world->data, 2);
  g_autofree char *nowhere = g_strjoinv ("/nowhere/at/all", parts);
  g_autofree char *key = NULL, *value = NULL, *crops = NULL, *path = NULL, *busy = NULL, *run = NULL;

  g_assert_null (preview (engine, recipe, setting ("horoscope", "1"), &key));
  g_assert_nonnull (strstr (key, "horoscope"));
  g_assert_null (preview (engine, recipe, setting ("hue", "9"), &value));
  g_assert_nonnull (strstr (value, "hue"));
  g_assert_null (preview (engine, recipe, setting ("crop-max", "0.1"), &crops));
  g_assert_nonnull (strstr (crops, "crop-max"));
  g_assert_null (preview (engine, nowhere, options_of (NULL, NULL), &path));
  g_assert_nonnull (strstr (path, "/nowhere/at/all"));

  run = engine_start (engine, recipe);
  engine_wait (engine, engine_is_in, "running");
  g_assert_null (preview (engine, recipe, options_of (NULL, NULL), &busy));
  g_assert_cmpstr (busy, !=, "");
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- Live strengths --------------------------------------------------------------- */

static void
pause_after_a_few_steps (Engine *engine)
{
  g_autoptr (GError) error = NULL;
  const guint64 few = 3;

  engine_wait (engine, engine_has_stepped_past, &few);
  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "paused");
}

static void
test_strengths_change_while_a_run_goes_on (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "100000", FALSE);
  g_autofree char *run = engine_start (engine, recipe);
  g_autoptr (GVariant) picture = NULL, draws = NULL;
  g_autoptr (GError) error = NULL;
  guint64 step;

  pause_after_a_few_steps (engine);
  eid_wire_engine_call_set_sync (engine->proxy, "Augment", "crop-max", "0.3", NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_has_told, "edit Augment.crop-max: 1 → 0.3\n");
  eid_wire_engine_call_set_sync (engine->proxy, "Augment", "crop-min", "0.5", NULL, &error);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "crop-max"));

  picture = engine_look (engine, EID_WIRE_VIEW_AUGMENTATIONS, NULL, 0, &step, NULL);
  draws = g_variant_lookup_value (picture, "draws", G_VARIANT_TYPE ("aa{sd}"));
  for (gsize i = 0; i < g_variant_n_children (draws); i++)
    {
      const double share = drawn (draws, i, EID_DRAW_CROP_WIDTH) * drawn (draws, i, EID_DRAW_CROP_HEIGHT);

      g_assert_cmpfloat (share, <=, 0.3001);
      g_assert_cmpfloat (share, >=, 0.1999); /* the refused one left it as it was */
    }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- Pictures and masks of one's own ------------------------------------------------ */

/* A grey ramp of another size than the data's. */
static char *
write_picture (Engine *engine)
{
  char *file = tiny_path (engine->world, "own.png");
  guint8 pixels[40 * 30 * 3];
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = (guint8) (i / 3 % 40 * 6);
  picture = gdk_pixbuf_new_from_data (pixels, GDK_COLORSPACE_RGB, FALSE, 8, 40, 30, 40 * 3, NULL, NULL);
  gdk_pixbuf_save (picture, file, "png", &error, NULL);
  g_assert_no_error (error);
  return file;
}

static GVariant *
files_option (const char *file)
{
  const char *files[] = { file, NULL };

  return g_variant_new_strv (files, -1);
}

/* The options of a look at @file and two test pictures, with @mask of @length on picture @place. */
static GVariant *
masked (const char *file, guint place, const guint8 *mask, gsize length)
{
  const guint32 pinned[] = { 3, 1 };
  GVariantBuilder options, masks;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "pinned",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, pinned, 2, sizeof (guint32)));
  g_variant_builder_add (&options, "{sv}", "files", files_option (file));
  g_variant_builder_init (&masks, G_VARIANT_TYPE ("a(uay)"));
  g_variant_builder_add (&masks, "(u@ay)", place,
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, mask, length, 1));
  g_variant_builder_add (&options, "{sv}", "masks", g_variant_builder_end (&masks));
  return g_variant_builder_end (&options);
}

enum
{
  SIDE = 16,
  PATCH = 4,
  PATCHES = 16
};

/* Patches that differ between two pictures of an answer, as bits. */
static guint
patches_that_differ (GVariant *picture, const char *one, const char *other, guint place)
{
  g_autoptr (GBytes) a = bytes_of (picture, one), b = bytes_of (picture, other);
  const guint8 *x = g_bytes_get_data (a, NULL), *y = g_bytes_get_data (b, NULL);
  guint bits = 0;

  for (guint i = 0; i < SIDE * SIDE; i++)
    if (x[place * SIDE * SIDE + i] != y[place * SIDE * SIDE + i])
      bits |= 1u << (i / SIDE / PATCH * PATCH + i % SIDE / PATCH);
  return bits;
}

static void
test_what_is_hidden_is_as_painted (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "100000", FALSE);
  g_autofree char *run = engine_start (engine, recipe);
  g_autofree char *file = write_picture (engine);
  guint8 mask[PATCHES] = { 0 };
  guint hidden = 0;
  guint64 step;

  pause_after_a_few_steps (engine);
  for (guint patch = 0; patch < PATCHES - 1; patch += patch + 1)
    {
      g_autoptr (GVariant) picture = NULL;
      g_autoptr (GBytes) told = NULL;
      g_auto (GStrv) labels = NULL;

      mask[patch] = 1;
      hidden |= 1u << patch;
      picture =
          engine_look (engine, EID_WIRE_VIEW_RECONSTRUCTION, masked (file, 0, mask, PATCHES), 0, &step, NULL);
      told = bytes_of (picture, "mask");
      g_assert_cmpuint (g_bytes_get_size (told), ==, 3 * PATCHES);
      g_assert_cmpmem (g_bytes_get_data (told, NULL), PATCHES, mask, PATCHES);
      g_assert_cmphex (patches_that_differ (picture, "images", "masked", 0), ==, hidden);
      /* What was seen is as it was, painted either way. */
      g_assert_cmphex (patches_that_differ (picture, "images", "reconstructed", 0) & ~hidden, ==, 0);
      g_assert_cmphex (patches_that_differ (picture, "images", "honest", 0) & ~hidden, ==, 0);
      g_assert_true (g_variant_lookup (picture, "labels", "^as", &labels));
      g_assert_cmpuint (g_strv_length (labels), ==, 3);
      g_assert_cmpstr (labels[0], ==, "own.png");
    }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* What is honest does not know how bright the hidden patch was: a picture that differs from another in
 * hidden patches alone, and there in brightness and contrast alone, is painted the same. */
static void
test_the_honest_way_knows_nothing_of_what_is_hidden (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "100000", FALSE);
  g_autofree char *run = engine_start (engine, recipe);
  g_autofree char *file = write_picture (engine);
  const guint8 mask[PATCHES] = { [5] = 1, [6] = 1 };
  g_autoptr (GVariant) first = NULL, second = NULL;
  g_autoptr (GBytes) one = NULL, other = NULL, leaked = NULL, other_leaked = NULL;
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;
  guint8 *pixels;
  guint64 step;

  pause_after_a_few_steps (engine);
  picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
  pixels = gdk_pixbuf_get_pixels (picture);
  for (guint shift = 0; shift < 2; shift++)
    {
      for (guint y = 0; y < SIDE; y++)
        for (guint x = 0; x < SIDE; x++)
          {
            const guint patch = y / PATCH * PATCH + x / PATCH;
            const guint value = 60 + 20 * (x % 3) + (mask[patch] && shift ? 90 : 0);

            memset (pixels + y * (guint) gdk_pixbuf_get_rowstride (picture) + 3 * x, (int) value, 3);
          }
      g_assert_true (
          gdk_pixbuf_save (picture, file, "png", &error, "tEXt::shift", shift ? "yes, by 90" : "no", NULL));
      *(shift ? &second : &first) =
          engine_look (engine, EID_WIRE_VIEW_RECONSTRUCTION, masked (file, 0, mask, PATCHES), 0, &step, NULL);
    }
  one = bytes_of (first, "honest");
  other = bytes_of (second, "honest");
  leaked = bytes_of (first, "reconstructed");
  other_leaked = bytes_of (second, "reconstructed");
  {
    const guint8 *a = g_bytes_get_data (one, NULL), *b = g_bytes_get_data (other, NULL);
    guint most = 0;

    for (guint i = 0; i < SIDE * SIDE; i++)
      most = MAX (most, (guint) ABS (a[i] - b[i]));
    g_assert_cmpuint (most, <=, 1);
    a = g_bytes_get_data (leaked, NULL);
    b = g_bytes_get_data (other_leaked, NULL);
    /* Patch 5 begins at (4, 4). */
    g_assert_cmpint (b[5 * SIDE + 5] - a[5 * SIDE + 5], >, 60);
  }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_bad_masks_and_pictures_are_refused (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "100000", FALSE);
  g_autofree char *run = engine_start (engine, recipe);
  g_autofree char *file = write_picture (engine), *text = tiny_path (engine->world, "own.txt");
  const guint8 some[PATCHES + 1] = { 1 };
  guint8 all[PATCHES];
  struct
  {
    const char *file;
    guint place;
    const guint8 *mask;
    gsize length;
    const char *says;
  } cases[] = {
    { file, 3, some, PATCHES, "picture 3" },
    { file, 0, some, PATCHES + 1, "17 patches" },
    { file, 0, some, 0, "0 patches" },
    { file, 0, all, PATCHES, "hides every patch" },
    { "/nowhere.png", 0, some, PATCHES, "nowhere" },
    { text, 0, some, PATCHES, "own.txt" },
    { "/dev/zero", 0, some, PATCHES, "/dev/zero" },
  };
  guint64 step;

  memset (all, 1, sizeof all);
  g_assert_true (g_file_set_contents (text, "no picture", -1, NULL));
  pause_after_a_few_steps (engine);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *message = NULL;
      GVariant *options = masked (cases[i].file, cases[i].place, cases[i].mask, cases[i].length);

      g_assert_null (engine_look (engine, EID_WIRE_VIEW_RECONSTRUCTION, options, 0, &step, &message));
      g_test_message ("%s", message);
      g_assert_nonnull (strstr (message, cases[i].says));
    }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/looks/another-strength-on-the-same-draws",
                   test_another_strength_is_shown_on_the_same_draws);
  g_test_add_func ("/looks/a-probability-leaves-other-draws-alone",
                   test_a_probability_leaves_other_draws_alone);
  g_test_add_func ("/looks/preview-is-the-first-step", test_a_preview_is_the_first_step_of_its_run);
  g_test_add_func ("/looks/says-why-a-preview-is-refused", test_says_why_a_preview_is_refused);
  g_test_add_func ("/looks/strengths-change-in-a-run", test_strengths_change_while_a_run_goes_on);
  g_test_add_func ("/looks/hidden-as-painted", test_what_is_hidden_is_as_painted);
  g_test_add_func ("/looks/honest-way-knows-nothing", test_the_honest_way_knows_nothing_of_what_is_hidden);
  g_test_add_func ("/looks/bad-masks-and-pictures-are-refused", test_bad_masks_and_pictures_are_refused);
  return g_test_run ();
}
