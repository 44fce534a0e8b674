/* memory.c: data that are larger than the memory that a process may have end in a sentence. The files are
 * sparse: they take no room on the disk.                                                  */
#include "dataset.h"

#include <fcntl.h>
#include <glib/gstdio.h>
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

/* Opens the data where the process may have @megabytes more than it has. Free. */
static char *
complaint (guint megabytes, guint limit)
{
  const EidDatasetSpec spec = { .reader = "idx", .path = folder, .limit = limit };
  g_autoptr (EidDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit before, less;
  g_autofree char *statm = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL));
  g_assert_cmpint (getrlimit (RLIMIT_AS, &before), ==, 0);
  less = before;
  less.rlim_cur =
      g_ascii_strtoull (statm, NULL, 10) * (guint64) sysconf (_SC_PAGESIZE) + (guint64) megabytes * MEGABYTE;
  g_assert_cmpint (setrlimit (RLIMIT_AS, &less), ==, 0);
  dataset = eid_dataset_open (&spec, "train", &error);
  g_assert_cmpint (setrlimit (RLIMIT_AS, &before), ==, 0);
  return error != NULL ? g_strdup (error->message) : NULL;
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

int
main (int argc, char **argv)
{
  static const char *const names[] = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" };
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("eidoscope-memory-XXXXXX", NULL);
  write_sparse (names[0], 3, 40 * MEGABYTE);
  write_sparse (names[1], 1, 40 * MEGABYTE);
  g_test_add_func ("/memory/pictures", pictures_are_too_large);
  g_test_add_func ("/memory/labels", labels_are_too_large);
  g_test_add_func ("/memory/choice", choice_is_too_large);
  g_test_add_func ("/memory/room", all_of_it_has_room);
  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (folder, names[i], NULL);

      g_unlink (file);
    }
  g_rmdir (folder);
  return status;
}
