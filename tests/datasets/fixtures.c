/* fixtures.c: small data sets made for a test, in a temporary folder. */
#include "tests/datasets/fixtures.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>

#include <string.h>

char *
fixture_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("eidoscope-datasets-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

static void
remove_tree (const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
      const char *name;

      while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *inside = g_build_filename (path, name, NULL);

          remove_tree (inside);
        }
    }
  g_remove (path);
}

void
fixture_remove (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

static char *
make_way (const char *folder, const char *name)
{
  char *file = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  return file;
}

void
fixture_write (const char *folder, const char *name, const void *data, gsize length)
{
  g_autofree char *path = make_way (folder, name);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GOutputStream) stream =
      G_OUTPUT_STREAM (g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error));

  g_assert_no_error (error);
  if (g_str_has_suffix (name, ".gz"))
    {
      g_autoptr (GConverter) deflate = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
      GOutputStream *compressed = g_converter_output_stream_new (stream, deflate);

      g_object_unref (stream);
      stream = compressed;
    }
  g_output_stream_write_all (stream, data, length, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
}

void
fixture_cut (const char *folder, const char *name, gsize keep)
{
  g_autofree char *file = g_build_filename (folder, name, NULL);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (file, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, >, keep);
  g_file_set_contents (file, data, keep, &error);
  g_assert_no_error (error);
}

GByteArray *
fixture_idx (guint rank, const guint32 *dimensions)
{
  GByteArray *data = g_byte_array_new ();
  const guint8 magic[4] = { 0, 0, 8, rank };
  gsize total = 1;

  g_byte_array_append (data, magic, 4);
  for (guint i = 0; i < rank; i++)
    {
      guint32 big_endian = GUINT32_TO_BE (dimensions[i]);

      g_byte_array_append (data, (const guint8 *) &big_endian, 4);
      total *= dimensions[i];
    }
  for (gsize i = 0; i < total; i++)
    {
      guint8 value = rank == 1 ? i % 10 : (i * 7) % 251;

      g_byte_array_append (data, &value, 1);
    }
  return data;
}

void
fixture_picture (const char *folder, const char *name, int width, int height, guint32 rgba)
{
  gboolean png = g_str_has_suffix (name, ".png");
  g_autofree char *file = make_way (folder, name);
  g_autoptr (GdkPixbuf) picture =
      gdk_pixbuf_new (GDK_COLORSPACE_RGB, png && (rgba & 0xff) != 0xff, 8, width, height);
  g_autoptr (GError) error = NULL;

  gdk_pixbuf_fill (picture, rgba);
  gdk_pixbuf_save (picture, file, png ? "png" : "jpeg", &error, NULL);
  g_assert_no_error (error);
}

EidDataset *
fixture_open (const EidDatasetSpec *spec, const char *half)
{
  g_autoptr (GError) error = NULL;
  EidDataset *dataset = eid_dataset_open (spec, half, &error);

  g_assert_no_error (error);
  g_assert_nonnull (dataset);
  return dataset;
}

void
fixture_says (const GError *error, const char *word)
{
  g_assert_nonnull (error);
  if (strstr (error->message, word) == NULL)
    g_error ("the message “%s” does not say “%s”", error->message, word);
}

void
fixture_refused (const EidDatasetSpec *spec, const char *half, int code, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EidDataset) dataset = eid_dataset_open (spec, half, &error);
  const char *word;
  va_list words;

  g_assert_null (dataset);
  g_assert_error (error, EID_DATASET_ERROR, code);
  va_start (words, code);
  while ((word = va_arg (words, const char *)) != NULL)
    fixture_says (error, word);
  va_end (words);
}
