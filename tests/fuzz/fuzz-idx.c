/* fuzz-idx.c: the files of an IDX data set, plain or .gz: a byte that tells which, the length of the
 * pictures' file, that file, and the one of the labels. Both halves have the same. */
#include "tests/fuzz/fuzz.h"

#include "app/datasets/dataset.h"

enum
{
  PACKED_PICTURES = 1,
  PACKED_LABELS = 2,
  COLOURS = 4,
  SCALED = 8,
  GREY = 16,
  UNLABELLED = 32
};

void
fuzz_start (void)
{
}

static void
write_half (const char *prefix, guint kind, FuzzInput pictures, FuzzInput labels)
{
  g_autofree char *picture_name =
      g_strconcat (prefix, kind & COLOURS ? "-images-idx4-ubyte" : "-images-idx3-ubyte",
                   kind & PACKED_PICTURES ? ".gz" : "", NULL);
  g_autofree char *label_name =
      g_strconcat (prefix, "-labels-idx1-ubyte", kind & PACKED_LABELS ? ".gz" : "", NULL);

  fuzz_write (picture_name, pictures.data, pictures.size);
  if (!(kind & UNLABELLED))
    fuzz_write (label_name, labels.data, labels.size);
}

static void
read_some (EidDataset *dataset)
{
  const guint count = eid_dataset_count (dataset);
  g_autofree guint8 *pixels = g_malloc (eid_dataset_bytes (dataset));

  for (guint i = 0; i < MIN (count, 4); i++)
    {
      const guint number = i == 3 ? count - 1 : i;
      g_autofree char *name = eid_dataset_describe (dataset, number);
      g_autoptr (GError) error = NULL;

      fuzz_assert_error (eid_dataset_read (dataset, number, pixels, &error), error);
      fuzz_assert_text (name);
      g_assert_cmpint (eid_dataset_label (dataset, number), <, (int) MAX (eid_dataset_classes (dataset), 1));
    }
  for (guint i = 0; i < eid_dataset_classes (dataset); i++)
    fuzz_assert_text (eid_dataset_class_name (dataset, i));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FuzzInput input = { data, size };
  const guint kind = fuzz_byte (&input);
  const FuzzInput pictures = fuzz_part (&input, fuzz_short (&input));
  const EidDatasetSpec spec = {
    .reader = "idx", .path = fuzz_folder (), .size = kind & SCALED ? 12 : 0, .channels = kind & GREY ? 1 : 0
  };
  g_autoptr (GError) error = NULL, unknown = NULL;
  g_autoptr (EidDataset) dataset = NULL;
  g_autoptr (EidSurvey) survey = NULL;

  write_half ("train", kind, pictures, input);
  write_half ("t10k", kind, pictures, input);
  dataset = eid_dataset_open (&spec, kind & 64 ? "test" : "train", &error);
  fuzz_assert_error (dataset != NULL, error);
  if (dataset != NULL)
    read_some (dataset);
  survey = eid_dataset_survey (spec.path, &unknown);
  fuzz_assert_error (survey != NULL, unknown);
  return 0;
}

static void
add_header (GByteArray *file, guint rank, const guint *dimensions)
{
  gsize count = 1;

  fuzz_add_short (file, 0);
  fuzz_add_byte (file, 8);
  fuzz_add_byte (file, rank);
  for (guint i = 0; i < rank; i++)
    {
      for (int shift = 24; shift >= 0; shift -= 8)
        fuzz_add_byte (file, dimensions[i] >> shift & 0xff);
      count *= dimensions[i];
    }
  for (gsize i = 0; i < count; i++)
    fuzz_add_byte (file, rank == 1 ? i % 3 : i * 7 % 251);
}

/* Appends @file, packed where it is asked for. */
static guint
append (GByteArray *seed, const GByteArray *file, gboolean packed)
{
  g_autoptr (GConverter) deflate = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  guint8 out[4096];
  gsize read, written;

  if (!packed)
    {
      g_byte_array_append (seed, file->data, file->len);
      return file->len;
    }
  g_assert_cmpint (g_converter_convert (deflate, file->data, file->len, out, sizeof out,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_byte_array_append (seed, out, (guint) written);
  return (guint) written;
}

static void
add (guint kind, guint count, guint height, guint width, guint channels)
{
  const guint dimensions[] = { count, height, width, channels };
  g_autoptr (GByteArray) seed = g_byte_array_new ();
  g_autoptr (GByteArray) pictures = g_byte_array_new (), labels = g_byte_array_new ();
  guint length;

  add_header (pictures, kind & COLOURS ? 4 : 3, dimensions);
  add_header (labels, 1, &count);
  fuzz_add_byte (seed, kind);
  fuzz_add_short (seed, 0);
  length = append (seed, pictures, kind & PACKED_PICTURES);
  seed->data[1] = (guint8) (length & 0xff);
  seed->data[2] = (guint8) (length >> 8);
  append (seed, labels, kind & PACKED_LABELS);
  fuzz_seed (seed->data, seed->len);
}

void
fuzz_seeds (void)
{
  add (0, 3, 4, 4, 1);
  add (COLOURS | SCALED, 2, 3, 5, 3);
  add (PACKED_PICTURES | PACKED_LABELS, 5, 6, 6, 1);
  add (PACKED_LABELS | GREY | COLOURS | 64, 2, 4, 2, 3);
  add (UNLABELLED | SCALED, 1, 1, 1, 1);
}
