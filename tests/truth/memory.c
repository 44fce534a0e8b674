/* memory.c: data that are larger than the memory that a process may have end in a sentence. The files are
 * sparse: they take no room on the disk.                                                  */
#include "app/datasets/dataset.h"
#include "app/engine/setup/labels.h"
#include "app/engine/evaluation/linear.h"
#include "app/store/store.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEGABYTE (1024 * 1024)

static char *folder;

/* A file of @count bytes, each a picture of one pixel or a label, all 0. */
static void
write_sparse (const char *name, guint rank, guint32 count)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  const guint32 header[] = { GUINT32_TO_BE (0x800 + rank), GUINT32_TO_BE (count), GUINT32_TO_BE (1),
                             GUINT32_TO_BE (1) };
  const int descriptor = g_open (file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const gsize length = 4 + 4 * rank;

  g_assert_cmpint (write (descriptor, header, length), ==, length);
  g_assert_cmpint (ftruncate (descriptor, (off_t) (length + count)), ==, 0);
  g_assert_cmpint (close (descriptor), ==, 0);
}

/* Lets the process have @megabytes more than it has; hands back the limit there was. */
static struct rlimit
limit_memory (guint megabytes)
{
  struct rlimit before, less;
  g_autofree char *statm = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL));
  g_assert_cmpint (getrlimit (RLIMIT_AS, &before), ==, 0);
  less = before;
  less.rlim_cur =
      g_ascii_strtoull (statm, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE) + (guint64) megabytes * MEGABYTE;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &less), ==, 0);
  return before;
}

static void
lift_limit (struct rlimit before)
{
  g_assert_cmpint (setrlimit (RLIMIT_AS, &before), ==, 0);
}

/* Opens the data where the process may have @megabytes more than it has. Free. */
static char *
complaint_of (const EidDatasetSpec *spec, guint megabytes)
{
  g_autoptr (EidDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  const struct rlimit before = limit_memory (megabytes);

  dataset = eid_dataset_open (spec, "train", &error);
  lift_limit (before);
  return error != NULL ? g_strdup (error->message) : NULL;
}

static char *
complaint (guint megabytes, guint limit)
{
  const EidDatasetSpec spec = { .reader = "idx", .path = folder, .limit = limit };

  return complaint_of (&spec, megabytes);
}

static void
assert_complains (guint megabytes, guint limit, const char *file, const char *what)
{
  g_autofree char *said = complaint (megabytes, limit), *path = g_build_filename (folder, file, NULL);
  g_autofree char *wanted = g_strconcat (path, ": ", what, NULL);

  g_assert_cmpstr (said, ==, wanted);
}

static void
pictures_are_too_large (void)
{
  assert_complains (20, 0, "train-images-idx3-ubyte", "there is not enough memory for what it holds");
}

static void
labels_are_too_large (void)
{
  /* The pictures and the labels' bytes have room, the labels as numbers have not. */
  assert_complains (150, 0, "train-images-idx3-ubyte", "there is not enough memory for its labels");
}

static void
choice_is_too_large (void)
{
  g_autofree char *said = complaint (300, 10);
  g_autofree char *wanted = g_strconcat (
      folder,
      ": there is not enough memory to choose among 41943040 pictures; leave “limit” in [Dataset] out", NULL);

  g_assert_cmpstr (said, ==, wanted);
}

static void
all_of_it_has_room (void)
{
  g_assert_null (complaint (2000, 10));
}

/* Pictures that have room, of which the order has none. */
static void
order_is_too_large (void)
{
  const EidDatasetSpec spec = { .reader = "idx", .path = folder };
  g_autoptr (EidDataset) dataset = eid_dataset_open (&spec, "train", NULL);
  g_autoptr (EidLoader) loader = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before;

  g_assert_nonnull (dataset);
  before = limit_memory (100);
  loader = eid_loader_new (dataset, 1, 1, 0, 1);
  g_assert_null (eid_loader_next (loader, &error));
  lift_limit (before);
  g_assert_cmpstr (
      error->message, ==,
      "There is not enough memory for the order of 41943040 pictures or passages; train on fewer");
}

/* Labelled pictures that have room, of which a list of them has none; and a probe's list of what it says. */
static void
lists_of_probes_are_too_large (void)
{
  const EidDatasetSpec spec = { .reader = "idx", .path = folder };
  g_autoptr (EidDataset) dataset = eid_dataset_open (&spec, "train", NULL);
  const EidFeatureSet features = { .count = 40 * MEGABYTE };
  g_autoptr (GError) choice = NULL, list = NULL;
  struct rlimit before;
  double accuracy;
  guint count;

  g_assert_nonnull (dataset);
  before = limit_memory (100);
  g_assert_null (eid_labels_choose (dataset, 1, 1, 0, &count, &choice));
  g_assert_false (eid_linear_accuracy (NULL, &features, &features, 1, 1, 1, &accuracy, &list));
  lift_limit (before);
  g_assert_cmpstr (choice->message, ==,
                   "There is not enough memory to choose among 41943040 pictures; take fewer, by “limit” in "
                   "[Dataset].");
  g_assert_cmpstr (
      list->message, ==,
      "There is not enough memory for the features of 41943040 pictures; take fewer, by “train-limit” "
      "and “test-limit” in [Evaluate].");
}

/* A text of 16 MiB, by the room for it: its bytes, its characters, its tokens. */
static void
texts_are_too_large (void)
{
  static const struct
  {
    const char *begin;
    char letters[2];
    guint megabytes;
    const char *said;
  } rows[] = {
    { "", "aa", 40, "there is not enough memory for the text; cut the file" }, /* the characters are 64 MiB */
    { "", "aa", 100, "there is not enough memory for the text; cut the file" }, /* and the tokens 28 */
    { "", "aa", 400, NULL },
    { "\xff\xfe", "a\0", 24, "there is not enough memory for the text; cut the file" }, /* UTF-16 */
    { "\xff\xfe", "a\0", 40, "there is not enough memory for the text; cut the file" },
    { "\xff\xfe", "a\0", 400, NULL },
  };
  g_autofree char *file = g_build_filename (folder, "text", NULL), *bytes = g_malloc (16 * MEGABYTE);
  const EidDatasetSpec spec = { .reader = "text", .path = file, .size = 8 };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      const gsize mark = strlen (rows[r].begin);
      g_autofree char *said = NULL, *wanted = NULL;

      g_test_message ("row %u", r);
      for (gsize i = 0; i < 16 * MEGABYTE; i++)
        bytes[i] = i < mark ? rows[r].begin[i] : rows[r].letters[i % 2];
      g_assert_true (g_file_set_contents (file, bytes, 16 * MEGABYTE, NULL));
      said = complaint_of (&spec, rows[r].megabytes);
      wanted = rows[r].said != NULL ? g_strconcat (file, ": ", rows[r].said, NULL) : NULL;
      g_assert_cmpstr (said, ==, wanted);
    }
  g_unlink (file);
}

/* Weights of 16 bits that have room in the file's map, but not as numbers. */
static void
weights_are_too_large (void)
{
  static const char header[] =
      "{\"w\":{\"dtype\":\"F16\",\"shape\":[41943040],\"data_offsets\":[0,83886080]}}";
  const guint64 length = GUINT64_TO_LE (sizeof header - 1);
  g_autofree char *file = g_build_filename (folder, "weights", NULL);
  const int descriptor = g_open (file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  g_autoptr (EidSafetensors) tensors = NULL;
  g_autofree float *values = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before;

  g_assert_cmpint (write (descriptor, &length, sizeof length), ==, sizeof length);
  g_assert_cmpint (write (descriptor, header, sizeof header - 1), ==, sizeof header - 1);
  g_assert_cmpint (ftruncate (descriptor, (off_t) (sizeof length + sizeof header - 1) + 80 * MEGABYTE), ==,
                   0);
  g_assert_cmpint (close (descriptor), ==, 0);
  tensors = eid_safetensors_open (file, &error);
  g_assert_no_error (error);
  before = limit_memory (100);
  values = eid_safetensor_floats (eid_safetensors_find (tensors, "w"), &error);
  lift_limit (before);
  g_assert_null (values);
  g_assert_cmpstr (error->message, ==, "there is not enough memory for the tensor “w”");
  g_unlink (file);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" };
  int status;

  g_test_init (&argc, &argv, NULL);
  mallopt (M_MMAP_THRESHOLD, MEGABYTE); /* what was freed is not there to be taken again beyond the limit */
  folder = g_dir_make_tmp ("eidoscope-memory-XXXXXX", NULL);
  write_sparse (names[0], 3, 40 * MEGABYTE);
  write_sparse (names[1], 1, 40 * MEGABYTE);
  g_test_add_func ("/memory/pictures", pictures_are_too_large);
  g_test_add_func ("/memory/labels", labels_are_too_large);
  g_test_add_func ("/memory/choice", choice_is_too_large);
  g_test_add_func ("/memory/room", all_of_it_has_room);
  g_test_add_func ("/memory/order", order_is_too_large);
  g_test_add_func ("/memory/probes", lists_of_probes_are_too_large);
  g_test_add_func ("/memory/texts", texts_are_too_large);
  g_test_add_func ("/memory/weights", weights_are_too_large);
  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);

      g_unlink (file);
    }
  g_rmdir (folder);
  return status;
}
