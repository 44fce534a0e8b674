/* survey.c: what a folder or file is that somebody wants to learn from: which
 * reader reads it, how many pictures there are and of what size, whether
 * sub-folders name classes. Says what it guessed, and is bounded in time: on a
 * large folder it counts and looks for as long as it may and says so.        */
#include "reader.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>

#include <string.h>

#define LIST_SECONDS 1.0 /* for counting                                      */
#define LOOK_SECONDS 0.5 /* for decoding some                                 */
#define MOST_LOOKED  48
#define LOOKED_SIZE  32   /* pixels a side at which they are decoded          */
#define TEXT_SIZE    128  /* tokens of a passage                              */
#define SNIFFED      4096 /* bytes of a file, to tell text from others        */

static gint64
in_seconds (double seconds)
{
  return g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
}

/* Takes @text. */
static void
note (EidSurvey *survey, char *text)
{
  g_ptr_array_add (survey->notes, text);
}

static gboolean
fail (GError **error, const char *path, const char *why)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, "%s: %s", shown, why);
  return FALSE;
}

static gboolean
is_folder (const char *path, const char *name)
{
  g_autofree char *folder = g_build_filename (path, name, NULL);

  return g_file_test (folder, G_FILE_TEST_IS_DIR);
}

/* --- Looking at some pictures ----------------------------------------------- */

static gboolean
is_grey (const guint8 *rgb, gsize pixels)
{
  for (gsize i = 0; i < pixels; i++)
    if (rgb[3 * i] != rgb[3 * i + 1] || rgb[3 * i] != rgb[3 * i + 2])
      return FALSE;
  return TRUE;
}

static int
compare_sides (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

/* Decodes pictures spread evenly over @names, below @root. */
static gboolean
look_at_some (EidSurvey *survey, const char *root, GPtrArray *names, GError **error)
{
  static const gsize pixels = LOOKED_SIZE * LOOKED_SIZE;
  const guint wanted = MIN (names->len, MOST_LOOKED);
  const gint64 deadline = in_seconds (LOOK_SECONDS);
  g_autoptr (GArray) sides = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) first = NULL;
  g_autofree guint8 *rgb = g_malloc (pixels * 3);
  gboolean grey = TRUE;

  for (guint i = 0; i < wanted && (i == 0 || g_get_monotonic_time () < deadline); i++)
    {
      const char *name = g_ptr_array_index (names, (guint64) i * names->len / wanted);
      g_autofree char *file = g_build_filename (root, name, NULL);
      int width, height, side;

      survey->looked++;
      if (!eid_picture_load (file, LOOKED_SIZE, 3, rgb, first == NULL ? &first : NULL)
          || gdk_pixbuf_get_file_info (file, &width, &height) == NULL)
        {
          survey->unreadable++;
          continue;
        }
      grey = grey && is_grey (rgb, pixels);
      side = MIN (width, height);
      g_array_append_val (sides, side);
    }
  if (sides->len == 0)
    {
      g_propagate_error (error, g_steal_pointer (&first));
      return FALSE;
    }

  g_array_sort (sides, compare_sides);
  survey->side = g_array_index (sides, int, sides->len / 2);
  survey->least_side = g_array_index (sides, int, 0);
  survey->greatest_side = g_array_index (sides, int, sides->len - 1);
  survey->channels = grey ? 1 : 3;
  if (first != NULL)
    note (survey, g_strdup_printf (_ ("%u of %u pictures looked at cannot be read and will be left out; %s"),
                                   survey->unreadable, survey->looked, first->message));
  return TRUE;
}

/* --- A folder of pictures ------------------------------------------------------ */

/* The length of the sub-folder's name that @name begins with; 0: it is in none. */
static gsize
folder_length (const char *name)
{
  const char *slash = strchr (name, G_DIR_SEPARATOR);

  return slash != NULL ? slash - name : 0;
}

/* Where all pictures lie in one sub-folder, takes that one: it names no class. */
static void
descend (EidSurvey *survey, GPtrArray *names)
{
  for (;;)
    {
      const char *first = g_ptr_array_index (names, 0), *last = g_ptr_array_index (names, names->len - 1);
      const gsize length = folder_length (first);
      g_autofree char *folder = NULL, *shown = NULL;

      /* They are sorted: what begins both ends begins all. */
      if (length == 0 || strncmp (first, last, length + 1) != 0)
        return;
      folder = g_strndup (first, length);
      shown = g_filename_display_name (folder);
      note (survey, g_strdup_printf (_ ("All pictures lie in its folder “%s”: that one is taken"), shown));
      for (guint i = 0; i < names->len; i++)
        {
          char *name = g_ptr_array_index (names, i);

          memmove (name, name + length + 1, strlen (name + length + 1) + 1);
        }
      {
        g_autofree char *path = survey->path;

        survey->path = g_build_filename (path, folder, NULL);
      }
    }
}

/* @names are sorted, and so are the classes. */
static char **
classes_of (GPtrArray *names)
{
  g_autoptr (GStrvBuilder) classes = g_strv_builder_new ();
  const char *former = "";
  gsize former_length = 0;

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const gsize length = folder_length (name);

      if (length > 0 && (length != former_length || strncmp (name, former, length) != 0))
        {
          g_autofree char *folder = g_strndup (name, length);
          g_autofree char *shown = g_filename_display_name (folder);

          g_strv_builder_add (classes, shown);
          former = name;
          former_length = length;
        }
    }
  return g_strv_builder_end (classes);
}

/* The pictures for training among those of survey->path, with what is told of
 * them; what is for testing is counted too. */
static gboolean
survey_pictures (EidSurvey *survey, GError **error)
{
  EidListing listing = { .deadline = in_seconds (LIST_SECONDS) };
  const gboolean train = is_folder (survey->path, "train");
  const char *test = NULL;
  g_autofree char *root = NULL;
  g_autoptr (GPtrArray) names = NULL;

  for (guint i = 0; train && test == NULL && eid_test_folders[i] != NULL; i++)
    if (is_folder (survey->path, eid_test_folders[i]))
      test = eid_test_folders[i];
  if (train && test == NULL)
    {
      g_autofree char *whole = survey->path;

      survey->path = g_build_filename (whole, "train", NULL);
      note (survey, g_strdup (_ ("There is a folder “train” and none for testing: a tenth of it is kept for "
                                 "testing")));
    }
  root = test != NULL ? g_build_filename (survey->path, "train", NULL) : g_strdup (survey->path);
  names = eid_list_pictures (root, &listing, error);
  if (names == NULL)
    return FALSE;
  survey->count = names->len;
  if (test != NULL)
    {
      g_autofree char *other = g_build_filename (survey->path, test, NULL);
      g_autoptr (GPtrArray) others = eid_list_pictures (other, &listing, error);

      if (others == NULL)
        return FALSE;
      survey->count += others->len;
    }
  survey->more = listing.cut;
  if (names->len == 0)
    return fail (error, root,
                 survey->more ? _ ("no pictures were found in a second; take the folder that holds them")
                              : _ ("no JPEG or PNG pictures in this folder or those in it; take a folder of "
                                   "pictures, of IDX files, or a file of text"));
  if (survey->count == 1)
    return fail (error, root, _ ("there is one picture here; many are needed to learn from"));
  if (test == NULL && !survey->more)
    {
      descend (survey, names);
      g_free (root);
      root = g_strdup (survey->path);
    }
  survey->classes = classes_of (names);
  return look_at_some (survey, root, names, error);
}

/* --- Other data --------------------------------------------------------------- */

/* Opens the data as @reader reads them and takes over what that tells. */
static gboolean
survey_opened (EidSurvey *survey, const char *reader, GError **error)
{
  const EidDatasetSpec spec = { .reader = reader,
                                .path = survey->path,
                                .size = g_str_equal (reader, "text") ? TEXT_SIZE : 0 };
  g_autoptr (EidDataset) train = eid_dataset_open (&spec, "train", error);
  g_autoptr (EidDataset) test = train != NULL ? eid_dataset_open (&spec, "test", error) : NULL;
  g_autoptr (GStrvBuilder) classes = g_strv_builder_new ();

  if (test == NULL)
    return FALSE;
  g_free (survey->reader);
  survey->reader = g_strdup (reader);
  survey->count = eid_dataset_count (train) + eid_dataset_count (test);
  survey->channels = eid_dataset_channels (train);
  if (eid_dataset_vocabulary (train) == 0)
    survey->side = survey->least_side = survey->greatest_side = eid_dataset_size (train);
  for (guint i = 0; i < eid_dataset_classes (train); i++)
    g_strv_builder_add (classes, eid_dataset_class_name (train, i));
  survey->classes = g_strv_builder_end (classes);
  return TRUE;
}

static gboolean
holds_idx (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  for (guint i = 0; folder != NULL && i < 10000 && (name = g_dir_read_name (folder)) != NULL; i++)
    if (g_str_has_prefix (name, "train-images-idx"))
      return TRUE;
  return FALSE;
}

/* A file of text holds no nought, a picture one soon. */
static gboolean
looks_like_text (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  char bytes[SNIFFED];
  gsize length = 0;

  return stream != NULL
         && g_input_stream_read_all (G_INPUT_STREAM (stream), bytes, sizeof bytes, &length, NULL, NULL)
         && length > 0 && memchr (bytes, '\0', length) == NULL;
}

/* A file is text to learn, or one of the folder that is meant. */
static gboolean
survey_file (EidSurvey *survey, GError **error)
{
  g_autofree char *file = g_strdup (survey->path), *shown = g_filename_display_basename (file);

  if (looks_like_text (file))
    return survey_opened (survey, "text", error);
  g_free (survey->path);
  survey->path = g_path_get_dirname (file);
  if (!holds_idx (survey->path) && gdk_pixbuf_get_file_info (file, NULL, NULL) == NULL)
    return fail (error, file,
                 _ ("neither a picture nor text; take a folder of JPEG or PNG pictures, a folder "
                    "of IDX files, or a file of text"));
  note (survey, g_strdup_printf (_ ("“%s” is one file: the folder that it lies in is taken"), shown));
  return holds_idx (survey->path) ? survey_opened (survey, "idx", error) : survey_pictures (survey, error);
}

/* --- All of it --------------------------------------------------------------------- */

EidSurvey *
eid_dataset_survey (const char *path, GError **error)
{
  g_autoptr (EidSurvey) survey = g_new0 (EidSurvey, 1);
  gboolean good;

  g_return_val_if_fail (path != NULL, NULL);
  survey->reader = g_strdup ("folder");
  survey->path = g_canonicalize_filename (path, NULL);
  survey->notes = g_ptr_array_new_with_free_func (g_free);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    good = survey_file (survey, error);
  else if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    good = fail (error, path, _ ("there is no such folder or file"));
  else if (holds_idx (path))
    good = survey_opened (survey, "idx", error);
  else
    good = survey_pictures (survey, error);
  return good ? g_steal_pointer (&survey) : NULL;
}

void
eid_survey_free (EidSurvey *survey)
{
  if (survey == NULL)
    return;
  g_free (survey->reader);
  g_free (survey->path);
  g_strfreev (survey->classes);
  g_ptr_array_unref (survey->notes);
  g_free (survey);
}
