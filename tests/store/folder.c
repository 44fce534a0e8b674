/* folder.c: a fresh folder for one test, and its end. */
#include "tests/store/folder.h"

#include <glib/gstdio.h>

char *
test_folder_new (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("eidoscope-store-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

void
test_folder_remove (char *folder)
{
  remove_all (folder);
  g_free (folder);
}

char *
test_file (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

char *
test_file_new (const char *folder, const char *name, const char *bytes, gssize length)
{
  g_autoptr (GError) error = NULL;
  char *file = test_file (folder, name);

  g_unlink (file);
  g_file_set_contents_full (file, bytes, length, G_FILE_SET_CONTENTS_NONE, 0644, &error);
  g_assert_no_error (error);
  return file;
}

int
test_run_isolated (void)
{
  char *data = test_folder_new ();
  int status;

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  status = g_test_run ();
  test_folder_remove (data);
  return status;
}
