/* fuzz-folder.c: a folder of pictures as somebody has it: files one after the other, each the number of a
 * name, the length of the file, the file. The folder is surveyed and read, the first file taken as a
 * picture and as a mask. What decodes pictures is gdk-pixbuf, and not ours.    */
#include "tests/fuzz/fuzz.h"

#include "app/datasets/dataset.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define MOST_FILES 12
#define SIDE       16

/* Splits, classes, files of other kinds, names that a terminal or a list might take amiss. */
static const char *const names[] = {
  "a/1.png",       "a/2.jpg",        "b/1.png",          "b/2.jpeg",
  "1.png",         "2.PNG",          "train/a.png",      "train/c/1.png",
  "train/d/2.jpg", "test/c/1.png",   "test/d/3.png",     "val/a.png",
  "val/c/1.jpg",   "images/a/1.png", "images/b/1.png",   "a/3.gif",
  "a/notes.txt",   "b/4.bmp",        "Test/c/1.png",     "valid/1.jpg",
  ".hidden/1.png", "a/\xff.png",     "=1+1/\x1b[1m.png", "train-images-idx3-ubyte",
  "a/4.tiff",      "b/5.pgm",        "masks/1.png",
};

void
fuzz_start (void)
{
}

static void
check_survey (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidSurvey) survey = eid_dataset_survey (path, &error);

  fuzz_assert_error (survey != NULL, error);
  if (survey == NULL)
    return;
  g_assert_cmpuint (survey->unreadable, <=, survey->looked);
  g_assert_cmpuint (survey->least_side, <=, survey->side);
  g_assert_cmpuint (survey->side, <=, survey->greatest_side);
  for (guint i = 0; survey->classes[i] != NULL; i++)
    fuzz_assert_text (survey->classes[i]);
  for (guint i = 0; i < survey->notes->len; i++)
    fuzz_assert_text (g_ptr_array_index (survey->notes, i));
}

static void
check_half (const char *path, const char *half, guint channels)
{
  const EidDatasetSpec spec = { .reader = "folder", .path = path, .size = SIDE, .channels = channels };
  g_autoptr (GError) error = NULL;
  g_autoptr (EidDataset) dataset = eid_dataset_open (&spec, half, &error);
  guint8 pixels[SIDE * SIDE * 3];

  fuzz_assert_error (dataset != NULL, error);
  for (guint i = 0; dataset != NULL && i < eid_dataset_count (dataset); i++)
    {
      g_autofree char *name = eid_dataset_describe (dataset, i);
      g_autoptr (GError) unreadable = NULL;

      fuzz_assert_text (name);
      fuzz_assert_error (eid_dataset_read (dataset, i, pixels, &unreadable), unreadable);
      g_assert_cmpint (eid_dataset_label (dataset, i), <, (int) MAX (eid_dataset_classes (dataset), 1));
    }
  for (guint i = 0; dataset != NULL && i < eid_dataset_classes (dataset); i++)
    fuzz_assert_text (eid_dataset_class_name (dataset, i));
}

static void
check_file (const char *file)
{
  g_autoptr (GError) unreadable = NULL, no_mask = NULL;
  guint8 pixels[SIDE * SIDE * 3];
  guint16 classes[SIDE * SIDE];
  guint depth;

  fuzz_assert_error (eid_picture_load (file, SIDE, 3, pixels, NULL, &unreadable), unreadable);
  fuzz_assert_error (eid_mask_load (file, NULL, SIDE, classes, &depth, &no_mask), no_mask);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  const char *folder = fuzz_folder ();
  g_autofree char *first = NULL;

  for (guint i = 0; i < MOST_FILES && input.size > 0; i++)
    {
      const char *name = names[fuzz_byte (&input) % G_N_ELEMENTS (names)];
      const FuzzInput file = fuzz_part (&input, fuzz_short (&input));

      fuzz_write (name, file.data, file.size);
      if (first == NULL)
        first = fuzz_path (name);
    }
  check_survey (folder);
  check_half (folder, "train", 3);
  check_half (folder, "test", 1);
  if (first != NULL)
    {
      check_survey (first);
      check_file (first);
    }
  return 0;
}

/* --- Seeds ------------------------------------------------------------------------ */

/* What gdk-pixbuf does not write: grey PNG of 16 and of 2 bits, one with a palette, a TIFF and a PGM of 12
 * bits in 16, and what stands before the tables of a JPEG file that lies on its side. */
static const guint8 grey_16[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
                                  0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02,
                                  0x10, 0x00, 0x00, 0x00, 0x00, 0xe8, 0x8f, 0xe5, 0x85, 0x00, 0x00, 0x00,
                                  0x16, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x60, 0x60, 0x64,
                                  0xe0, 0xff, 0xcf, 0xc0, 0xc1, 0xc0, 0xc2, 0xc0, 0xf0, 0x1f, 0x00, 0x09,
                                  0xd7, 0x02, 0x1b, 0xc0, 0x7b, 0x74, 0xbe, 0x00, 0x00, 0x00, 0x00, 0x49,
                                  0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 };
static const guint8 grey_2[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
                                 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x02,
                                 0x02, 0x00, 0x00, 0x00, 0x00, 0xff, 0xb1, 0x51, 0x20, 0x00, 0x00, 0x00,
                                 0x0e, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x90, 0x3e, 0xc0, 0xf0,
                                 0x84, 0x01, 0x00, 0x05, 0x55, 0x01, 0xc0, 0x1a, 0x3f, 0xc2, 0x0b, 0x00,
                                 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 };
static const guint8 palette[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
                                  0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02,
                                  0x04, 0x03, 0x00, 0x00, 0x00, 0x6f, 0x5a, 0x7b, 0x29, 0x00, 0x00, 0x00,
                                  0x09, 0x50, 0x4c, 0x54, 0x45, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00,
                                  0xff, 0x00, 0xf4, 0x83, 0xbf, 0x7e, 0x00, 0x00, 0x00, 0x0e, 0x49, 0x44,
                                  0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x54, 0x60, 0x50, 0x64, 0x00, 0x00,
                                  0x00, 0xcd, 0x00, 0x43, 0x7a, 0x58, 0xdb, 0xad, 0x00, 0x00, 0x00, 0x00,
                                  0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82 };
static const guint8 tiff_16[] = {
  0x49, 0x49, 0x2a, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x0f, 0x00, 0x01, 0x80, 0x00, 0x09,
  0x00, 0x00, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x01, 0x03, 0x00,
  0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x10,
  0x00, 0x00, 0x00, 0x03, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0x01,
  0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x11, 0x01, 0x04, 0x00, 0x01, 0x00, 0x00,
  0x00, 0x08, 0x00, 0x00, 0x00, 0x15, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
  0x16, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x17, 0x01, 0x04, 0x00, 0x01,
  0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00
};
static const guint8 pgm_12[] = { 0x50, 0x35, 0x0a, 0x23, 0x20, 0x63, 0x0a, 0x32, 0x20, 0x32, 0x0a, 0x34,
                                 0x30, 0x39, 0x35, 0x0a, 0x00, 0x00, 0x0f, 0xff, 0x01, 0x00, 0x00, 0x80 };
static const guint8 turned[] = { 0xff, 0xd8, 0xff, 0xe1, 0x00, 0x22, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00, 0x4d,
                                 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01, 0x01, 0x12, 0x00, 0x03,
                                 0x00, 0x00, 0x00, 0x01, 0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };

static void
add_file (GByteArray *seed, guint name, gconstpointer data, gsize size)
{
  fuzz_add_byte (seed, name);
  fuzz_add_short (seed, (guint) size);
  g_byte_array_append (seed, data, (guint) size);
}

static void
add_picture (GByteArray *seed, guint name, const char *type, int width, int height, gboolean alpha)
{
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, alpha, 8, width, height);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  gdk_pixbuf_fill (picture, 0x4060a0c0 + 0x10101000 * name);
  gdk_pixbuf_save_to_buffer (picture, &data, &size, type, &error, NULL);
  g_assert_no_error (error);
  add_file (seed, name, data, size);
}

static void
add_turned (GByteArray *seed, guint name)
{
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, 6, 3);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autofree char *data = NULL;
  gsize size;

  gdk_pixbuf_fill (picture, 0x80402000);
  g_assert_true (gdk_pixbuf_save_to_buffer (picture, &data, &size, "jpeg", NULL, NULL));
  g_byte_array_append (file, turned, sizeof turned);
  g_byte_array_append (file, (const guint8 *) data + 2, (guint) size - 2);
  add_file (seed, name, file->data, file->len);
}

void
fuzz_seeds (void)
{
  static const struct
  {
    guint name;
    const guint8 *data;
    gsize size;
  } files[] = {
    { 0, grey_16, sizeof grey_16 },  { 26, grey_2, sizeof grey_2 }, { 2, palette, sizeof palette },
    { 24, tiff_16, sizeof tiff_16 }, { 25, pgm_12, sizeof pgm_12 },
  };
  g_autoptr (GByteArray) classes = g_byte_array_new (), halves = g_byte_array_new (),
                         mixed = g_byte_array_new ();

  add_picture (classes, 0, "png", 5, 3, FALSE);
  add_picture (classes, 1, "jpeg", 8, 8, FALSE);
  add_picture (classes, 2, "png", 4, 4, TRUE);
  add_picture (classes, 3, "jpeg", 3, 9, FALSE);
  fuzz_seed (classes->data, classes->len);
  for (guint name = 6; name < 13; name++)
    add_picture (halves, name, "png", 4, 4, FALSE);
  fuzz_seed (halves->data, halves->len);
  add_picture (mixed, 4, "png", 2, 2, FALSE);
  add_picture (mixed, 17, "bmp", 2, 2, FALSE);
  add_picture (mixed, 21, "png", 1, 1, TRUE);
  add_picture (mixed, 22, "png", 1, 7, FALSE);
  add_file (mixed, 16, "notes\n", 6);
  add_file (mixed, 0, "not a picture", 13);
  fuzz_seed (mixed->data, mixed->len);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GByteArray) seed = g_byte_array_new ();

      add_file (seed, files[i].name, files[i].data, files[i].size);
      add_turned (seed, 3);
      fuzz_seed (seed->data, seed->len);
    }
}
