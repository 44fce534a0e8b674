/* test-idx.c: IDX files, good and bad, and the Fashion-MNIST of the system. */
#include "tests/datasets/fixtures.h"

#include <glib/gstdio.h>

#include <string.h>

#define IMAGES "train-images-idx3-ubyte"
#define LABELS "train-labels-idx1-ubyte"

typedef struct
{
  char *folder;
  EidDatasetSpec spec;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder ();
  fixture->spec = (EidDatasetSpec){ .reader = "idx", .path = fixture->folder };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fixture_remove (fixture->folder);
}

static void
write_idx (Fixture *fixture, const char *name, guint rank, guint32 count, guint32 height, guint32 width,
           guint32 channels)
{
  const guint32 dimensions[] = { count, height, width, channels };
  g_autoptr (GByteArray) data = fixture_idx (rank, dimensions);

  fixture_write (fixture->folder, name, data->data, data->len);
}

/* Twelve pictures of 5 × 5 with labels, in files that end in @ending. */
static void
write_good (Fixture *fixture, const char *ending)
{
  g_autofree char *images = g_strconcat (IMAGES, ending, NULL);
  g_autofree char *labels = g_strconcat (LABELS, ending, NULL);

  write_idx (fixture, images, 3, 12, 5, 5, 0);
  write_idx (fixture, labels, 1, 12, 0, 0, 0);
}

static void
check_good (Fixture *fixture, const char *name)
{
  g_autoptr (EidDataset) dataset = fixture_open (&fixture->spec, "train");
  g_autofree char *where = eid_dataset_describe (dataset, 3);
  guint8 pixels[25];

  g_assert_cmpuint (eid_dataset_count (dataset), ==, 12);
  g_assert_cmpuint (eid_dataset_size (dataset), ==, 5);
  g_assert_cmpuint (eid_dataset_channels (dataset), ==, 1);
  g_assert_cmpuint (eid_dataset_classes (dataset), ==, 10);
  g_assert_cmpstr (eid_dataset_class_name (dataset, 9), ==, "9");
  g_assert_cmpstr (where, ==, name);
  for (guint i = 0; i < 12; i++)
    {
      g_assert_cmpint (eid_dataset_label (dataset, i), ==, i % 10);
      g_assert_true (eid_dataset_read (dataset, i, pixels, NULL));
      for (guint p = 0; p < 25; p++)
        g_assert_cmpuint (pixels[p], ==, (25 * i + p) * 7 % 251);
    }
}

/* A plain pair of files is read byte for byte. */
static void
test_plain (Fixture *fixture, gconstpointer data)
{
  write_good (fixture, "");
  check_good (fixture, IMAGES " #3");
}

/* So is a compressed pair. */
static void
test_gz (Fixture *fixture, gconstpointer data)
{
  write_good (fixture, ".gz");
  check_good (fixture, IMAGES ".gz #3");
}

/* Without labels there are no classes, and every label is -1. */
static void
test_no_labels (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) dataset = NULL;

  write_idx (fixture, IMAGES, 3, 4, 5, 5, 0);
  dataset = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_classes (dataset), ==, 0);
  g_assert_cmpint (eid_dataset_label (dataset, 3), ==, -1);
}

/* A class that only the other half has is a class of both. */
static void
test_classes_of_both (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) dataset = NULL;

  write_idx (fixture, IMAGES, 3, 4, 5, 5, 0);
  write_idx (fixture, LABELS, 1, 4, 0, 0, 0);
  write_idx (fixture, "t10k-labels-idx1-ubyte", 1, 7, 0, 0, 0);
  dataset = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_classes (dataset), ==, 7);
}

/* Colour pictures are of rank 4. */
static void
test_colour (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) dataset = NULL;
  guint8 pixels[27];

  write_idx (fixture, "t10k-images-idx3-ubyte", 4, 2, 3, 3, 3);
  dataset = fixture_open (&fixture->spec, "test");
  g_assert_cmpuint (eid_dataset_channels (dataset), ==, 3);
  g_assert_true (eid_dataset_read (dataset, 1, pixels, NULL));
  g_assert_cmpuint (pixels[26], ==, 53 * 7 % 251);
}

/* Oblong pictures are centred on black. */
static void
test_oblong (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) dataset = NULL;
  guint8 pixels[16];
  const guint8 expected[16] = { 0, 0, 7, 0, 0, 14, 21, 0, 0, 28, 35, 0, 0, 42, 49, 0 };

  write_idx (fixture, IMAGES, 3, 1, 4, 2, 0);
  dataset = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_size (dataset), ==, 4);
  g_assert_true (eid_dataset_read (dataset, 0, pixels, NULL));
  g_assert_cmpmem (pixels, 16, expected, 16);
}

/* `size` scales, `channels` makes colour of grey. */
static void
test_converted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) dataset = NULL;
  guint8 pixels[10 * 10 * 3];

  write_good (fixture, "");
  fixture->spec.size = 10;
  fixture->spec.channels = 3;
  dataset = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_size (dataset), ==, 10);
  g_assert_cmpuint (eid_dataset_channels (dataset), ==, 3);
  g_assert_true (eid_dataset_read (dataset, 0, pixels, NULL));
  g_assert_cmpuint (pixels[0], ==, 0);
  g_assert_cmpuint (pixels[299], ==, 24 * 7);
  g_assert_cmpuint (pixels[298], ==, 24 * 7);
}

/* `limit` takes so many different pictures, the same ones each time. */
static void
test_limit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) dataset = NULL;
  g_autoptr (EidDataset) again = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  write_good (fixture, "");
  fixture->spec.limit = 5;
  dataset = fixture_open (&fixture->spec, "train");
  again = fixture_open (&fixture->spec, "train");
  g_assert_cmpuint (eid_dataset_count (dataset), ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      char *where = eid_dataset_describe (dataset, i);
      g_autofree char *where_again = eid_dataset_describe (again, i);
      g_autofree char *expected = NULL;
      guint8 pixels[25];

      g_assert_cmpstr (where, ==, where_again);
      g_assert_true (g_hash_table_add (seen, where));
      /* The label and the pixels are those of the picture it names. */
      g_assert_true (eid_dataset_read (dataset, i, pixels, NULL));
      for (guint original = 0; original < 12; original++)
        if (pixels[0] == 25 * original * 7 % 251)
          {
            expected = g_strdup_printf (IMAGES " #%u", original);
            g_assert_cmpstr (where, ==, expected);
            g_assert_cmpint (eid_dataset_label (dataset, i), ==, original % 10);
          }
      g_assert_nonnull (expected);
    }
}

/* A file cut short is named, with the bytes expected and found. */
static void
test_truncated (Fixture *fixture, gconstpointer data)
{
  write_good (fixture, "");
  fixture_cut (fixture->folder, IMAGES, 215);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, "316", "215",
                   "fetch it again", NULL);
  for (guint keep = 0; keep < 16; keep++)
    {
      fixture_cut (fixture->folder, IMAGES, 15 - keep);
      fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, NULL);
    }
}

/* So is a compressed one, wherever it is cut. */
static void
test_truncated_gz (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = NULL;
  GStatBuf info;

  write_good (fixture, ".gz");
  file = g_build_filename (fixture->folder, IMAGES ".gz", NULL);
  g_assert_cmpint (g_stat (file, &info), ==, 0);
  for (gsize keep = info.st_size; keep-- > 0;)
    {
      fixture_cut (fixture->folder, IMAGES ".gz", keep);
      fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES ".gz", NULL);
    }
}

/* Bytes beyond what the header announces are refused. */
static void
test_too_long (Fixture *fixture, gconstpointer data)
{
  const guint32 dimensions[] = { 2, 5, 5 };
  g_autoptr (GByteArray) bytes = fixture_idx (3, dimensions);

  g_byte_array_append (bytes, (const guint8 *) "!", 1);
  fixture_write (fixture->folder, IMAGES, bytes->data, bytes->len);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, "66", "67", NULL);
}

/* Another kind of file is refused by its first bytes. */
static void
test_magic (Fixture *fixture, gconstpointer data)
{
  fixture_write (fixture->folder, IMAGES, "GIF89a, and so on", 17);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, "47 49 46 38", NULL);
  write_idx (fixture, IMAGES, 1, 10, 0, 0, 0);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, "00 00 08 01", NULL);
}

/* Plain bytes called .gz are refused. */
static void
test_not_gz (Fixture *fixture, gconstpointer data)
{
  g_autofree char *plain = g_build_filename (fixture->folder, IMAGES, NULL);
  g_autofree char *compressed = g_build_filename (fixture->folder, IMAGES ".gz", NULL);

  write_idx (fixture, IMAGES, 3, 2, 5, 5, 0);
  g_assert_cmpint (g_rename (plain, compressed), ==, 0);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES ".gz", NULL);
}

/* As many labels as pictures, or the pair is refused. */
static void
test_label_count (Fixture *fixture, gconstpointer data)
{
  write_idx (fixture, IMAGES, 3, 12, 5, 5, 0);
  write_idx (fixture, LABELS, 1, 11, 0, 0, 0);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, "12", "11", NULL);
}

/* No memory is asked for what a file of its size cannot hold. */
static void
test_absurd (Fixture *fixture, gconstpointer data)
{
  static const guint32 absurd[][3] = {
    { 0xffffffff, 0xffffffff, 0xffffffff },
    { 0x80000000, 2, 1 },
    { 0, 28, 28 },
    { 1, 0, 5 },
    { 60000, 28, 28 },
    { 0x10000, 0x10000, 0x10000 },
    { 1, 1000000, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (absurd); i++)
    for (guint gz = 0; gz < 2; gz++)
      {
        guint32 header[] = { GUINT32_TO_BE (0x0803), GUINT32_TO_BE (absurd[i][0]),
                             GUINT32_TO_BE (absurd[i][1]), GUINT32_TO_BE (absurd[i][2]) };
        const char *name = gz ? "t10k-images-idx3-ubyte.gz" : IMAGES;

        fixture_write (fixture->folder, name, header, sizeof header);
        fixture_refused (&fixture->spec, gz ? "test" : "train", EID_DATASET_ERROR_UNREADABLE, name, NULL);
      }
}

/* Two values a pixel are neither grey nor colour. */
static void
test_channels (Fixture *fixture, gconstpointer data)
{
  write_idx (fixture, IMAGES, 4, 2, 3, 3, 2);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, IMAGES, "2 values", NULL);
}

/* A recipe's mistakes are named by their key. */
static void
test_spec (Fixture *fixture, gconstpointer data)
{
  EidDatasetSpec spec = fixture->spec;

  fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, fixture->folder, IMAGES, NULL);
  fixture_refused (&spec, "validation", EID_DATASET_ERROR_SPEC, "validation", NULL);
  spec.reader = "tfrecord";
  fixture_refused (&spec, "train", EID_DATASET_ERROR_SPEC, "tfrecord", "idx", "folder", NULL);
  spec.reader = NULL;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_SPEC, "idx", "folder", NULL);
  spec = fixture->spec;
  spec.channels = 4;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_SPEC, "channels", NULL);
  spec = fixture->spec;
  spec.size = G_MAXUINT;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_SPEC, "size", NULL);
  spec = fixture->spec;
  spec.path = NULL;
  fixture_refused (&spec, "train", EID_DATASET_ERROR_SPEC, "path", NULL);
}

#define FASHION_MNIST "/usr/share/datasets/fashion-mnist"

/* Fashion-MNIST as Debian installs it: counts, sizes, names, and a mean
 * brightness as published (0.286, Xiao et al. 2017's data). Where it is not
 * installed, the message says what installs it. */
static void
test_fashion_mnist (void)
{
  const EidDatasetSpec spec = { .reader = "idx", .path = FASHION_MNIST };
  g_autoptr (EidDataset) train = NULL;
  g_autoptr (EidDataset) test = NULL;
  guint per_class[10] = { 0 };
  guint8 pixels[28 * 28];
  double sum = 0.0;

  if (!g_file_test (FASHION_MNIST, G_FILE_TEST_IS_DIR))
    {
      fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, FASHION_MNIST,
                       "apt install dataset-fashion-mnist", NULL);
      g_test_skip ("Fashion-MNIST is not installed");
      return;
    }

  train = fixture_open (&spec, "train");
  test = fixture_open (&spec, "test");
  g_assert_cmpuint (eid_dataset_count (train), ==, 60000);
  g_assert_cmpuint (eid_dataset_count (test), ==, 10000);
  g_assert_cmpuint (eid_dataset_size (train), ==, 28);
  g_assert_cmpuint (eid_dataset_channels (train), ==, 1);
  g_assert_cmpuint (eid_dataset_classes (train), ==, 10);
  g_assert_cmpstr (eid_dataset_class_name (train, 9), ==, "Ankle boot");
  g_assert_cmpint (eid_dataset_label (train, 0), ==, 9);
  for (guint i = 0; i < 60000; i++)
    {
      per_class[eid_dataset_label (train, i)]++;
      g_assert_true (eid_dataset_read (train, i, pixels, NULL));
      for (guint p = 0; p < sizeof pixels; p++)
        sum += pixels[p];
    }
  for (guint label = 0; label < 10; label++)
    g_assert_cmpuint (per_class[label], ==, 6000);
  g_assert_cmpfloat_with_epsilon (sum / (60000.0 * sizeof pixels * 255), 0.2860, 0.0001);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/datasets/idx/plain", test_plain);
  ADD ("/datasets/idx/gz", test_gz);
  ADD ("/datasets/idx/no-labels", test_no_labels);
  ADD ("/datasets/idx/classes-of-both", test_classes_of_both);
  ADD ("/datasets/idx/colour", test_colour);
  ADD ("/datasets/idx/oblong", test_oblong);
  ADD ("/datasets/idx/converted", test_converted);
  ADD ("/datasets/idx/limit", test_limit);
  ADD ("/datasets/idx/truncated", test_truncated);
  ADD ("/datasets/idx/truncated-gz", test_truncated_gz);
  ADD ("/datasets/idx/too-long", test_too_long);
  ADD ("/datasets/idx/magic", test_magic);
  ADD ("/datasets/idx/not-gz", test_not_gz);
  ADD ("/datasets/idx/label-count", test_label_count);
  ADD ("/datasets/idx/absurd", test_absurd);
  ADD ("/datasets/idx/channels", test_channels);
  ADD ("/datasets/idx/spec", test_spec);
  g_test_add_func ("/datasets/idx/fashion-mnist", test_fashion_mnist);
  return g_test_run ();
}
