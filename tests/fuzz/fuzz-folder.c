/* fuzz-folder.c: a folder of pictures as somebody has it: files one after the other, each the number of a
 * name, the length of the file, the file. The folder is surveyed and read, the first file taken as a
 * picture and as a mask. What decodes pictures is gdk-pixbuf, and not ours.    */
#include "fuzz.h"

#include "dataset.h"

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

  fuzz_assert_error (eid_picture_load (file, SIDE, 3, pixels, &unreadable), unreadable);
  fuzz_assert_error (eid_mask_load (file, SIDE, pixels, &no_mask), no_mask);
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

void
fuzz_seeds (void)
{
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
}
