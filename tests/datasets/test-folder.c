/* test-folder.c: folders of pictures, and pictures of every kind in them. */
#include "tests/datasets/fixtures.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>

#include <string.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  EidDatasetSpec spec;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder ();
  fixture->spec = (EidDatasetSpec){ .reader = "folder", .path = fixture->folder, .size = 8 };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fixture_remove (fixture->folder);
}

/* Demands that every value of a picture is near its colour 0xrrggbb. */
static void
assert_colour (const guint8 *pixels, guint size, guint32 rgb)
{
  for (guint i = 0; i < size * size; i++)
    for (guint c = 0; c < 3; c++)
      g_assert_cmpint (ABS (pixels[3 * i + c] - (gint) (rgb >> (16 - 8 * c) & 0xff)), <=, 2);
}

static void
load (Fixture *fixture, const char *name, guint size, guint channels, guint8 *pixels)
{
  g_autofree char *file = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  eid_picture_load (file, size, channels, pixels, NULL, &error);
  g_assert_no_error (error);
}

static void
refused (Fixture *fixture, const char *name, const char *word)
{
  g_autofree char *file = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  guint8 pixels[8 * 8 * 3];

  g_assert_false (eid_picture_load (file, 8, 3, pixels, NULL, &error));
  g_assert_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE);
  fixture_says (error, name);
  fixture_says (error, word);
}

/* train and test are the halves; their sub-folders, sorted, the classes of both. */
static void
test_halves (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) train = NULL;
  g_autoptr (EidDataset) test = NULL;
  g_autofree char *where = NULL;
  guint8 pixels[8 * 8 * 3];

  fixture_picture (fixture->folder, "train/red/1.jpg", 20, 16, 0xff0000ff);
  fixture_picture (fixture->folder, "train/green/deeper/1.PNG.png", 9, 9, 0x00ff00ff);
  fixture_picture (fixture->folder, "train/green/2.jpeg", 9, 9, 0x00ff00ff);
  fixture_picture (fixture->folder, "test/red/1.jpg", 20, 16, 0xff0000ff);
  fixture_picture (fixture->folder, "test/blue/1.jpg", 20, 16, 0x0000ffff);
  fixture_write (fixture->folder, "train/red/notes.txt", "x", 1);
  fixture_write (fixture->folder, "train/nothing/notes.txt", "x", 1);
  fixture_write (fixture->folder, "train/.hidden/1.jpg", "x", 1);

  train = fixture_open (&fixture->spec, "train");
  test = fixture_open (&fixture->spec, "test");
  g_assert_cmpuint (eid_dataset_count (train), ==, 3);
  g_assert_cmpuint (eid_dataset_count (test), ==, 2);
  g_assert_cmpuint (eid_dataset_channels (train), ==, 3);
  for (guint i = 0; i < 2; i++)
    {
      EidDataset *dataset = i == 0 ? train : test;

      g_assert_cmpuint (eid_dataset_classes (dataset), ==, 3);
      g_assert_cmpstr (eid_dataset_class_name (dataset, 0), ==, "blue");
      g_assert_cmpstr (eid_dataset_class_name (dataset, 1), ==, "green");
      g_assert_cmpstr (eid_dataset_class_name (dataset, 2), ==, "red");
    }
  g_assert_cmpint (eid_dataset_label (train, 0), ==, 1);
  g_assert_cmpint (eid_dataset_label (train, 1), ==, 1);
  g_assert_cmpint (eid_dataset_label (train, 2), ==, 2);
  g_assert_cmpint (eid_dataset_label (test, 0), ==, 0);

  where = eid_dataset_describe (test, 0);
  g_assert_true (g_str_has_suffix (where, "test/blue/1.jpg"));
  /* Twice: decoded, and kept. */
  for (guint i = 0; i < 2; i++)
    {
      memset (pixels, 0, sizeof pixels);
      g_assert_true (eid_dataset_read (test, 0, pixels, NULL));
      assert_colour (pixels, 8, 0x0000ff);
    }
}

/* ImageNet's name for the test half is known. */
static void
test_val (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) test = NULL;

  fixture_picture (fixture->folder, "train/red/1.png", 8, 8, 0xff0000ff);
  fixture_picture (fixture->folder, "val/red/1.png", 8, 8, 0xff0000ff);
  test = fixture_open (&fixture->spec, "test");
  g_assert_cmpuint (eid_dataset_count (test), ==, 1);
}

/* Without halves every tenth picture is for testing: none is in both, none is
 * lost, and who opens twice gets the same. */
static void
test_split (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("%02u.png", i);

      fixture_picture (fixture->folder, name, 8, 8, 0xff0000ff);
    }
  for (guint h = 0; h < 2; h++)
    {
      g_autoptr (EidDataset) again = fixture_open (&fixture->spec, h == 0 ? "train" : "test");
      EidDataset *dataset = fixture_open (&fixture->spec, h == 0 ? "train" : "test");

      g_assert_cmpuint (eid_dataset_count (dataset), ==, h == 0 ? 36 : 4);
      g_assert_cmpuint (eid_dataset_classes (dataset), ==, 0);
      for (guint i = 0; i < eid_dataset_count (dataset); i++)
        {
          char *where = eid_dataset_describe (dataset, i);
          g_autofree char *where_again = eid_dataset_describe (again, i);

          g_assert_cmpstr (where, ==, where_again);
          g_assert_cmpint (eid_dataset_label (dataset, i), ==, -1);
          g_assert_true (g_hash_table_add (seen, where));
        }
      eid_dataset_unref (dataset);
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 40);
}

/* A picture that lies straight in the folder has no class beside those that have. */
static void
test_mixed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) train = NULL;

  fixture_picture (fixture->folder, "train/a.png", 8, 8, 0xff0000ff);
  fixture_picture (fixture->folder, "train/b/1.png", 8, 8, 0xff0000ff);
  fixture_picture (fixture->folder, "test/b/1.png", 8, 8, 0xff0000ff);
  train = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_classes (train), ==, 1);
  g_assert_cmpint (eid_dataset_label (train, 0), ==, -1);
  g_assert_cmpint (eid_dataset_label (train, 1), ==, 0);
}

/* A link to a folder above leads in no circles. */
static void
test_circle (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) train = NULL;
  g_autoptr (GFile) link = g_file_new_build_filename (fixture->folder, "train/a/up", NULL);
  g_autoptr (GError) error = NULL;

  fixture_picture (fixture->folder, "train/a/1.png", 8, 8, 0xff0000ff);
  fixture_picture (fixture->folder, "test/a/1.png", 8, 8, 0xff0000ff);
  g_file_make_symbolic_link (link, "..", NULL, &error);
  g_assert_no_error (error);
  train = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_count (train), ==, 1);
}

/* What cannot be a data set is refused, with its path. */
static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  EidDatasetSpec spec = fixture->spec;
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autofree char *file = g_build_filename (fixture->folder, "file", NULL);

  fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, fixture->folder,
                   "no pictures that can be read", NULL);
  fixture_picture (fixture->folder, "1.png", 8, 8, 0xff0000ff);
  fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, fixture->folder, "one picture", NULL);
  spec.size = 0;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_SPEC, "size", NULL);
  spec = fixture->spec;
  spec.path = missing;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, missing, "no such folder", NULL);
  fixture_write (fixture->folder, "file", "x", 1);
  spec.path = file;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, file, "this is a file", NULL);
}

/* --- Pictures --------------------------------------------------------------- */

/* A grey PNG of 8 × 8, of 16 bits a pixel, all 0x80: no encoder at hand writes one. */
static const guint8 grey_png[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
                                   0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08,
                                   0x10, 0x00, 0x00, 0x00, 0x00, 0xb1, 0xf4, 0x3d, 0x14, 0x00, 0x00, 0x00,
                                   0x0f, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x68, 0x40, 0x03, 0x0c,
                                   0x03, 0x23, 0x00, 0x00, 0x01, 0x87, 0x40, 0x01, 0x6c, 0x3a, 0x11, 0xe8,
                                   0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 };

/* Grey becomes three equal channels, or one. */
static void
test_grey (Fixture *fixture, gconstpointer data)
{
  guint8 pixels[8 * 8 * 3];

  fixture_write (fixture->folder, "grey.png", grey_png, sizeof grey_png);
  load (fixture, "grey.png", 8, 3, pixels);
  assert_colour (pixels, 8, 0x808080);
  memset (pixels, 0, sizeof pixels);
  load (fixture, "grey.png", 8, 1, pixels);
  for (guint i = 0; i < 64; i++)
    g_assert_cmpuint (pixels[i], ==, 0x80);
  g_assert_cmpuint (pixels[64], ==, 0);
}

/* Transparent pixels lie over white. */
static void
test_alpha (Fixture *fixture, gconstpointer data)
{
  guint8 pixels[8 * 8 * 3];

  fixture_picture (fixture->folder, "clear.png", 8, 8, 0x00000000);
  load (fixture, "clear.png", 8, 3, pixels);
  assert_colour (pixels, 8, 0xffffff);
  fixture_picture (fixture->folder, "half.png", 40, 24, 0xff000080);
  load (fixture, "half.png", 8, 3, pixels);
  assert_colour (pixels, 8, 0xff7f7f);
}

/* Colour becomes luma. */
static void
test_luma (Fixture *fixture, gconstpointer data)
{
  guint8 pixels[8 * 8];

  fixture_picture (fixture->folder, "green.png", 8, 8, 0x00ff00ff);
  load (fixture, "green.png", 8, 1, pixels);
  g_assert_cmpuint (pixels[63], ==, 150);
}

/* A picture three times as wide as high, of three squares: red, green, blue. */
static void
write_three (Fixture *fixture, const char *name, int side)
{
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 3 * side, side);
  g_autofree char *file = g_build_filename (fixture->folder, name, NULL);
  const guint32 colours[] = { 0xff0000ff, 0x00ff00ff, 0x0000ffff };
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (GdkPixbuf) part = gdk_pixbuf_new_subpixbuf (picture, i * side, 0, side, side);

      gdk_pixbuf_fill (part, colours[i]);
    }
  gdk_pixbuf_save (picture, file, g_str_has_suffix (name, ".png") ? "png" : "jpeg", &error, NULL);
  g_assert_no_error (error);
}

/* The middle is what is kept, of large pictures and of small ones. */
static void
test_crop (Fixture *fixture, gconstpointer data)
{
  const int sides[] = { 4, 8, 13, 640 };

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    for (guint png = 0; png < 2; png++)
      {
        g_autofree char *name = g_strdup_printf ("%d.%s", sides[i], png ? "png" : "jpg");
        guint8 pixels[8 * 8 * 3];
        guint8 *middle = pixels + (8 * 4 + 4) * 3;

        write_three (fixture, name, sides[i]);
        load (fixture, name, 8, 3, pixels);
        g_assert_cmpint (middle[0], <, 32);
        g_assert_cmpint (middle[1], >, 224);
        g_assert_cmpint (middle[2], <, 32);
        if (png && sides[i] <= 8) /* scaled down, the neighbours shine through at the rim */
          assert_colour (pixels, 8, 0x00ff00);
      }
}

/* A strip of one pixel's height costs no more memory than its square. */
static void
test_strip (Fixture *fixture, gconstpointer data)
{
  guint8 pixels[224 * 224 * 3];

  fixture_picture (fixture->folder, "strip.png", 30000, 1, 0x0000ffff);
  load (fixture, "strip.png", 224, 3, pixels);
  assert_colour (pixels, 224, 0x0000ff);
}

/* A file's ending does not decide its format. */
static void
test_ending (Fixture *fixture, gconstpointer data)
{
  g_autofree char *png = g_build_filename (fixture->folder, "a.png", NULL);
  g_autofree char *jpg = g_build_filename (fixture->folder, "a.jpg", NULL);
  guint8 pixels[8 * 8 * 3];

  fixture_picture (fixture->folder, "a.png", 8, 8, 0x123456ff);
  g_assert_cmpint (g_rename (png, jpg), ==, 0);
  load (fixture, "a.jpg", 8, 3, pixels);
  assert_colour (pixels, 8, 0x123456);
}

/* A picture taken on its side stands upright. */
static void
test_orientation (Fixture *fixture, gconstpointer data)
{
  /* APP1: Exif, little-endian TIFF, one entry: orientation (0x0112), SHORT, 1, value 3 (upside down). */
  static const guint8 exif[] = {
    0xff, 0xe1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
    1,    0,    0x12, 1,  3,   0,   1,   0,   0, 0, 3,   0,   0,  0, 0, 0, 0, 0
  };
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 64, 64);
  g_autoptr (GdkPixbuf) top = gdk_pixbuf_new_subpixbuf (picture, 0, 0, 64, 32);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *jpeg = NULL;
  guint8 pixels[8 * 8 * 3];
  gsize length;

  gdk_pixbuf_fill (picture, 0xffffffff);
  gdk_pixbuf_fill (top, 0x000000ff);
  g_assert_true (gdk_pixbuf_save_to_buffer (picture, &jpeg, &length, "jpeg", NULL, NULL));
  g_byte_array_append (bytes, (guint8 *) jpeg, 2);
  g_byte_array_append (bytes, exif, sizeof exif);
  g_byte_array_append (bytes, (guint8 *) jpeg + 2, length - 2);
  fixture_write (fixture->folder, "turned.jpg", bytes->data, bytes->len);
  load (fixture, "turned.jpg", 8, 3, pixels);
  g_assert_cmpuint (pixels[0], >, 224);
  g_assert_cmpuint (pixels[8 * 8 * 3 - 1], <, 32);
}

/* Pictures cut short are refused, wherever they are cut. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  const char *const names[] = { "a.jpg", "a.png" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (fixture->folder, names[i], NULL);
      GStatBuf info;

      write_three (fixture, names[i], 16);
      g_assert_cmpint (g_stat (file, &info), ==, 0);
      for (gsize keep = info.st_size - (i == 0 ? 1 : 5); keep-- > 0;)
        {
          fixture_cut (fixture->folder, names[i], keep);
          refused (fixture, names[i], "");
        }
    }
}

/* Neither a text, nor an empty file, nor a folder, nor nothing is a picture. */
static void
test_no_picture (Fixture *fixture, gconstpointer data)
{
  fixture_write (fixture->folder, "text.jpg", "This is a text.", 15);
  fixture_write (fixture->folder, "empty.png", "", 0);
  fixture_write (fixture->folder, "folder.png/file", "", 0);
  refused (fixture, "text.jpg", "no format of pictures that is known here");
  refused (fixture, "empty.png", "empty");
  refused (fixture, "folder.png", "not a file");
  refused (fixture, "missing.png", "No such file");
}

/* A JPEG whose header claims 60000 × 60000 pixels is refused by its header. */
static void
test_absurd (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->folder, "huge.jpg", NULL);
  g_autofree char *bytes = NULL;
  gsize length, at = 0;

  fixture_picture (fixture->folder, "huge.jpg", 16, 16, 0x123456ff);
  g_assert_true (g_file_get_contents (file, &bytes, &length, NULL));
  while (at + 9 < length && memcmp (bytes + at, "\xff\xc0", 2) != 0)
    at++;
  g_assert_cmpuint (at + 9, <, length);
  memset (bytes + at + 5, 0xea, 4);
  fixture_write (fixture->folder, "huge.jpg", bytes, length);
  refused (fixture, "huge.jpg", "60138 × 60138");
}

/* What a folder holds and is not read is told of, also where there is nothing to open. */
static void
test_links (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) train = NULL;
  const char *const links[][2] = { { "../annex/1", "cat/1.png" },
                                   { "../annex/2", "cat/2.png" },
                                   { "../dog", "cat/more" } };
  const char *told;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%02u.png", i < 10 ? "cat" : "dog", i);

      fixture_picture (fixture->folder, name, 8, 8, 0xff0000ff);
    }
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *link = g_build_filename (fixture->folder, links[i][1], NULL);

      g_assert_cmpint (symlink (links[i][0], link), ==, 0);
    }
  train = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_notes (train)->len, ==, 1);
  told = eid_dataset_notes (train)->pdata[0];
  g_assert_cmpstr (told, ==,
                   "3 files are left out, as no pictures that can be read here: "
                   "2 × broken link in “cat”, 1 × link to a folder in “cat”");
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/datasets/folder/halves", test_halves);
  ADD ("/datasets/folder/val", test_val);
  ADD ("/datasets/folder/split", test_split);
  ADD ("/datasets/folder/mixed", test_mixed);
  ADD ("/datasets/folder/circle", test_circle);
  ADD ("/datasets/folder/links", test_links);
  ADD ("/datasets/folder/nothing", test_nothing);
  ADD ("/datasets/picture/grey", test_grey);
  ADD ("/datasets/picture/alpha", test_alpha);
  ADD ("/datasets/picture/luma", test_luma);
  ADD ("/datasets/picture/crop", test_crop);
  ADD ("/datasets/picture/strip", test_strip);
  ADD ("/datasets/picture/ending", test_ending);
  ADD ("/datasets/picture/orientation", test_orientation);
  ADD ("/datasets/picture/truncated", test_truncated);
  ADD ("/datasets/picture/no-picture", test_no_picture);
  ADD ("/datasets/picture/absurd", test_absurd);
  return g_test_run ();
}
