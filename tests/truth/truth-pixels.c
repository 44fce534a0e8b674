/* truth-pixels.c: which formats are read, and what becomes of the samples of a file, as pixels of a picture
 * or as classes of a mask: tables of inputs and of the numbers that are right for them. */
#include "tests/truth/truth-help.h"

#include <glib/gstdio.h>
#include <string.h>

/* --- Formats ---------------------------------------------------------------------------- */

/* Each format that gdk-pixbuf itself brings along is read, under any name. */
static void
test_formats_are_read_by_content (void)
{
  static const char *const endings[] = { "png", "jpg", "bmp", "tiff", "gif", "ppm" };
  static const char *const names[] = { "plain.%s", "PICTURE.%s.JFIF", "wrong.%s.dat" };
  char *folder = fixture_folder ();
  guint count = 0;

  for (guint e = 0; e < G_N_ELEMENTS (endings); e++)
    for (guint n = 0; n < G_N_ELEMENTS (names); n++)
      {
        g_auto (GStrv) parts = g_strsplit (names[n], "%s", 2);
        g_autofree char *name = g_strconcat (endings[e], "/", parts[0], endings[e], parts[1], NULL);
        g_autofree char *plain = g_strconcat (endings[e], "/made.", endings[e], NULL);
        g_autofree char *from = g_build_filename (folder, plain, NULL);
        g_autofree char *file = g_build_filename (folder, name, NULL);
        guint8 pixels[8 * 8 * 3];
        g_autoptr (GError) error = NULL;

        truth_write_colour (folder, plain, 0x40c080);
        g_assert_cmpint (g_rename (from, file), ==, 0);
        g_assert_true (eid_picture_load (file, 8, 3, pixels, NULL, &error));
        g_assert_no_error (error);
        g_assert_cmpint (ABS (pixels[0] - 0x40) + ABS (pixels[1] - 0xc0) + ABS (pixels[2] - 0x80), <=, 6);
        count++;
      }
  {
    const EidDatasetSpec spec = { .reader = "folder", .path = folder, .size = 8 };
    g_autoptr (EidDataset) train = fixture_open (&spec, "train");
    g_autoptr (EidDataset) test = fixture_open (&spec, "test");

    g_assert_cmpuint (eid_dataset_count (train) + eid_dataset_count (test), ==, count);
    g_assert_cmpuint (eid_dataset_classes (train), ==, G_N_ELEMENTS (endings));
    g_assert_cmpuint (eid_dataset_notes (train)->len, ==, 0);
  }
  fixture_remove (folder);
}

/* --- Masks and greys ---------------------------------------------------------------------------------- */

static guint
stripes_2 (guint x, guint y)
{
  return x % 2;
}

static guint
stripes_4 (guint x, guint y)
{
  return x % 4;
}

static guint
stripes_16 (guint x, guint y)
{
  return x % 16;
}

static guint
stripes_300 (guint x, guint y)
{
  return 290 + x;
}

/* A mask's values are the samples as they are stored. */
static void
test_masks_are_raw_samples (void)
{
  static const TruthPng rows[] = {
    { 16, 16, 1, 0, 0, 0, stripes_2 },    { 16, 16, 2, 0, 0, 0, stripes_4 },
    { 16, 16, 4, 0, 0, 0, stripes_16 },   { 16, 16, 8, 0, 0, 0, stripes_16 },
    { 16, 16, 16, 0, 0, 0, stripes_300 }, { 16, 16, 2, 4, 0, 0, stripes_4 },
    { 16, 16, 8, 21, 0, 0, stripes_16 },  { 16, 16, 1, 2, 0, 0, stripes_2 },
  };
  char *folder = fixture_folder ();
  g_autofree char *file = g_build_filename (folder, "m.png", NULL);

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      guint16 classes[16 * 16];
      guint depth = 0;
      g_autoptr (GError) error = NULL;

      truth_write_png (folder, "m.png", &rows[r]);
      g_assert_true (eid_mask_load (file, NULL, 16, classes, &depth, &error));
      g_assert_cmpuint (depth, ==, rows[r].depth);
      for (guint i = 0; i < 16 * 16; i++)
        g_assert_cmpuint (classes[i], ==, rows[r].value (i % 16, i / 16));
    }
  fixture_remove (folder);
}

static guint
left_dark_255 (guint x, guint y)
{
  return x < 8 ? 0 : 255;
}

static guint
left_dark_3 (guint x, guint y)
{
  return x < 8 ? 0 : 3;
}

static guint
alone (guint x, guint y)
{
  return 7;
}

/* A mask has the shape of its upright picture, at any size. */
static void
test_masks_have_the_shape_of_their_picture (void)
{
  static const struct
  {
    guint width, height, orientation; /* of the picture */
    guint mask_width, mask_height;
    const char *refused;
  } rows[] = {
    { 24, 16, 0, 24, 16, NULL },
    { 24, 16, 0, 48, 32, NULL },
    { 25, 17, 0, 12, 8, NULL }, /* half of it, rounded */
    { 25, 17, 0, 13, 9, NULL },
    { 24, 16, 6, 16, 24, NULL },
    { 24, 16, 0, 16, 16,
      "it is 16 × 16 pixels, and its picture 24 × 16; a mask has the shape of its picture" },
    { 16, 16, 0, 16, 15,
      "it is 16 × 15 pixels, and its picture 16 × 16; a mask has the shape of its picture" },
    { 24, 16, 0, 16, 24,
      "it is 16 × 24 pixels, and its picture 24 × 16; a mask has the shape of its picture" },
    { 24, 16, 6, 24, 16,
      "it is 24 × 16 pixels, and its picture 16 × 24; a mask has the shape of its picture" },
    { 24, 16, 0, 48, 36,
      "it is 48 × 36 pixels, and its picture 24 × 16; a mask has the shape of its picture" },
  };
  char *folder = fixture_folder ();
  g_autofree char *picture = g_build_filename (folder, "p.png", NULL);
  g_autofree char *mask = g_build_filename (folder, "m.png", NULL);

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      const TruthPng image = { rows[r].width, rows[r].height, 8, 0, 0, rows[r].orientation, stripes_16 };
      const TruthPng classes = { rows[r].mask_width, rows[r].mask_height, 8, 0, 0, 0, stripes_16 };
      g_autofree char *expected = g_strdup_printf ("%s: cannot be read as a mask: %s", mask, rows[r].refused);
      guint8 pixels[8 * 8];
      guint16 values[8 * 8];
      EidPictureFacts facts;
      guint depth;
      g_autoptr (GError) error = NULL;

      g_test_message ("row %u", r);
      truth_write_png (folder, "p.png", &image);
      truth_write_png (folder, "m.png", &classes);
      g_assert_true (eid_picture_load (picture, 8, 1, pixels, &facts, NULL));
      g_assert_cmpint (eid_mask_load (mask, &facts, 8, values, &depth, &error), ==, rows[r].refused == NULL);
      if (rows[r].refused == NULL)
        g_assert_no_error (error);
      else
        g_assert_cmpstr (error->message, ==, expected);
    }
  fixture_remove (folder);
}

/* The dense probe: masks of 0 and 255 name two classes, those of 2 bits with 0 and 3 too. */
static void
test_dense_probe_takes_binary_masks (void)
{
  static const struct
  {
    TruthPng mask;
    int status;
    const char *said;
  } rows[] = {
    { { 16, 16, 8, 0, 0, 0, left_dark_255 }, 0, "2 classes, of the values 0, 255" },
    { { 16, 16, 2, 0, 0, 0, left_dark_3 }, 0, "2 classes, of the values 0, 3" },
    { { 16, 16, 4, 0, 0, 0, alone }, 1, "The masks name 1 class" },
  };
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "1");
  const TruthPng picture = { 16, 16, 8, 0, 0, 0, left_dark_255 }, narrow = { 12, 16, 8, 0, 0, 0, alone };

  tiny_assert_status (&trained, 0);
  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      g_auto (TinyResult) measured = { 0 };

      for (guint i = 0; i < 10; i++)
        {
          g_autofree char *image = g_strdup_printf ("scenes/images/p%u.png", i);
          g_autofree char *mask = g_strdup_printf ("scenes/masks/p%u.png", i);

          truth_write_png (world->folder, image, &picture);
          truth_write_png (world->folder, mask, &rows[r].mask);
        }
      fixture_write (world->folder, "scenes/masks/p3.png", "x", 1);
      truth_write_png (world->folder, "scenes/masks/p4.png", &narrow);
      measured = TINY_RUN (world, "evaluate", "run", "--probe", "dense", "--path", "scenes", "--epochs", "40",
                           "--json");
      tiny_assert_status (&measured, rows[r].status);
      truth_assert_says (measured.errors, rows[r].said);
      if (rows[r].status != 0)
        continue;
      truth_assert_says (measured.errors, "2 masks are left out");
      truth_assert_says (measured.errors, "p3.png");
      truth_assert_says (measured.errors, "p4.png: cannot be read as a mask: it is 12 × 16 pixels");
      g_assert_cmpfloat_with_epsilon (truth_number_in (measured.output, "dense_pixels"), 1, 1e-6);
    }
  tiny_world_free (world);
}

static guint
ramp_12 (guint x, guint y)
{
  return x * 4095 / 15;
}

static guint
ramp_10 (guint x, guint y)
{
  return x * 1023 / 15;
}

static guint
ramp_16 (guint x, guint y)
{
  return x * 4369;
}

static guint
dim_12 (guint x, guint y)
{
  return x * 100;
}

static guint
lower_white (guint x, guint y)
{
  return y < 8 ? 0 : 65535;
}

/* Greys of fewer bits in 16 keep their range, and pictures stand upright: left and right, above and below. */
static void
test_greys_and_orientation (void)
{
  static const struct
  {
    TruthPng picture;
    void (*write) (const char *folder, const char *name, const TruthPng *picture);
    guint left, right, top, bottom; /* at the middle of each side */
  } rows[] = {
    { { 16, 16, 16, 0, 0, 0, ramp_12 }, truth_write_png, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_12 }, truth_write_tiff, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_10 }, truth_write_png, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_16 }, truth_write_png, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_16 }, truth_write_tiff, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_12 }, truth_write_pgm, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 12, 0, dim_12 }, truth_write_png, 0, 93, 50, 50 },    /* the file says 12 bits */
    { { 16, 16, 16, 0, 0, 3, lower_white }, truth_write_png, 0, 0, 255, 0 }, /* upside down */
    { { 16, 16, 16, 0, 0, 3, lower_white }, truth_write_tiff, 0, 0, 255, 0 },
    { { 16, 16, 16, 0, 0, 6, lower_white }, truth_write_png, 255, 0, 0, 0 }, /* a quarter to the right */
    { { 16, 16, 16, 0, 0, 6, lower_white }, truth_write_tiff, 255, 0, 0, 0 },
    { { 16, 16, 16, 0, 0, 8, lower_white }, truth_write_png, 0, 255, 255, 255 }, /* to the left */
    { { 16, 16, 8, 0, 0, 3, left_dark_255 }, truth_write_png, 255, 0, 0, 0 },    /* 8 bits, by gdk-pixbuf */
  };
  char *folder = fixture_folder ();
  g_autofree char *file = g_build_filename (folder, "picture", NULL);

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      guint8 pixels[16 * 16];
      g_autoptr (GError) error = NULL;

      g_test_message ("row %u", r);
      rows[r].write (folder, "picture", &rows[r].picture);
      g_assert_true (eid_picture_load (file, 16, 1, pixels, NULL, &error));
      g_assert_cmpuint (pixels[8 * 16], ==, rows[r].left);
      g_assert_cmpuint (pixels[8 * 16 + 15], ==, rows[r].right);
      g_assert_cmpuint (pixels[8], ==, rows[r].top);
      g_assert_cmpuint (pixels[15 * 16 + 8], ==, rows[r].bottom);
    }
  fixture_remove (folder);
}

#define TIFF_SIDE 24

/* A TIFF file's samples of any depth, in strips and tiles, side by side and in planes. */
static void
test_tiff_samples_of_any_depth (void)
{
  static const struct
  {
    guint depth, used; /* bits of a sample, and of these that are not 0 */
    guint range;       /* of a sample, that is white                    */
    guint stretched;   /* bits, where 16 were                           */
  } rows[] = {
    { 1, 1, 1, 0 },       { 4, 4, 15, 0 },      { 6, 6, 63, 0 },      { 10, 10, 1023, 0 },
    { 12, 12, 4095, 0 },  { 12, 9, 4095, 0 },   { 15, 15, 32767, 0 }, { 16, 16, 65535, 0 },
    { 16, 12, 4095, 12 }, { 16, 10, 1023, 10 },
  };
  char *folder = fixture_folder ();
  g_autofree char *file = g_build_filename (folder, "picture", NULL);

  for (guint r = 0; r < G_N_ELEMENTS (rows) * 8; r++)
    {
      const guint depth = rows[r / 8].depth, range = rows[r / 8].range, channels = r & 1 ? 3 : 1;
      const TruthTiff tiff = { TIFF_SIDE, TIFF_SIDE,    depth,       rows[r / 8].used,
                               channels,  (r & 2) != 0, (r & 4) != 0 };
      guint8 pixels[TIFF_SIDE * TIFF_SIDE * 3];
      EidPictureFacts facts;
      g_autoptr (GError) error = NULL;

      g_test_message ("%u bits, %u channels, %s, %s", depth, tiff.channels, tiff.planar ? "planes" : "pixels",
                      tiff.tiled ? "tiles" : "strips");
      truth_write_samples (folder, "picture", &tiff);
      eid_picture_load (file, TIFF_SIDE, 3, pixels, &facts, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (facts.stretched, ==, rows[r / 8].stretched);
      for (guint i = 0; i < TIFF_SIDE * TIFF_SIDE * 3; i++)
        g_assert_cmpuint (
            pixels[i], ==,
            (truth_sample (&tiff, i / 3 % TIFF_SIDE, i / 3 / TIFF_SIDE, r & 1 ? i % 3 : 0) * 255 + range / 2)
                / range);
    }
  fixture_remove (folder);
}

/* Once, whatever the number of pictures, and only where it happened. */
static void
test_stretching_is_told (void)
{
  static const struct
  {
    guint (*value) (guint x, guint y);
    const char *told;
  } rows[] = {
    { ramp_12,
      "Pictures of 16 bits a sample that use fewer, 12 in the first, are stretched, each by itself" },
    { ramp_16, NULL },
  };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      const TruthPng picture = { 16, 16, 16, 0, 0, 0, rows[r].value };
      TinyWorld *world = tiny_world_new ();
      g_autofree char *data = tiny_path (world, "pictures");
      g_auto (TinyResult) trained = { 0 }, embedded = { 0 };

      for (guint i = 0; i < 20; i++)
        {
          g_autofree char *name = g_strdup_printf ("p%02u.png", i);

          truth_write_png (data, name, &picture);
        }
      truth_write_recipe (world, data);
      trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run");
      tiny_assert_status (&trained, 0);
      g_assert_cmpuint (truth_count (trained.errors, "are stretched"), ==, rows[r].told != NULL);
      embedded = TINY_RUN (world, "embed", "run", "--output", "f.csv");
      tiny_assert_status (&embedded, 0);
      g_assert_cmpuint (truth_count (embedded.errors, "are stretched"), ==, rows[r].told != NULL);
      if (rows[r].told != NULL)
        {
          truth_assert_says (trained.errors, rows[r].told);
          truth_assert_says (embedded.errors, rows[r].told);
        }
      tiny_world_free (world);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/truth/pixels/formats-are-read-by-content", test_formats_are_read_by_content);
  g_test_add_func ("/truth/pixels/masks-are-raw-samples", test_masks_are_raw_samples);
  g_test_add_func ("/truth/pixels/dense-probe-takes-binary-masks", test_dense_probe_takes_binary_masks);
  g_test_add_func ("/truth/pixels/greys-and-orientation", test_greys_and_orientation);
  g_test_add_func ("/truth/pixels/masks-have-the-shape-of-their-picture",
                   test_masks_have_the_shape_of_their_picture);
  g_test_add_func ("/truth/pixels/tiff-samples-of-any-depth", test_tiff_samples_of_any_depth);
  g_test_add_func ("/truth/pixels/stretching-is-told", test_stretching_is_told);
  return g_test_run ();
}
