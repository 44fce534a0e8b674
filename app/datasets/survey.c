/* survey.c: what a folder or file is that somebody wants to learn from: which
 * reader reads it, how many pictures there are and of what size, whether
 * sub-folders name classes. Says what it guessed, and is bounded in time: on a
 * large folder it counts and looks for as long as it may and says so.        */
#include "app/datasets/layout.h"

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
      if (!eid_picture_load (file, LOOKED_SIZE, 3, rgb, NULL, first == NULL ? &first : NULL)
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
    note (survey,
          g_strdup_printf (_ ("%'u of %'u pictures looked at cannot be read and will be left out; %s"),
                           survey->unreadable, survey->looked, first->message));
  return TRUE;
}

/* --- A folder of pictures ------------------------------------------------------ */

/* The folder as the reader "folder" reads it. */
static gboolean
survey_pictures (EidSurvey *survey, GError **error)
{
  g_autoptr (EidLayout) layout = eid_layout_read (survey->path, in_seconds (LIST_SECONDS), error);
  g_autoptr (GStrvBuilder) classes = g_strv_builder_new ();

  if (layout == NULL)
    return FALSE;
  survey->more = layout->list.cut;
  survey->count = layout->train.names->len + (layout->has_halves ? layout->test.names->len : 0);
  for (guint i = 0; i < layout->notes->len; i++)
    note (survey, g_strdup (layout->notes->pdata[i]));
  if (layout->train.names->len == 0)
    {
      const char *left_out = survey->notes->len > 0 ? survey->notes->pdata[survey->notes->len - 1] : "";
      g_autofree char *none = g_strdup_printf (
          _ ("no pictures that can be read in this folder or those in it; take a folder of pictures, of IDX "
             "files, or a file of text. %s"),
          left_out);

      return fail (error, survey->path,
                   survey->more ? _ ("no pictures were found in a second; take the folder that holds them")
                                : g_strchomp (none));
    }
  if (survey->count == 1)
    return fail (error, survey->path, _ ("there is one picture here; many are needed to learn from"));

  for (guint i = 0; layout->classes != NULL && layout->classes[i] != NULL; i++)
    {
      g_autofree char *shown = g_filename_display_name (layout->classes[i]);

      g_strv_builder_add (classes, shown);
    }
  survey->classes = g_strv_builder_end (classes);
  if (*layout->base != '\0')
    {
      g_free (survey->path);
      survey->path = g_build_filename (layout->root, layout->base, NULL);
    }
  return look_at_some (survey, layout->root, layout->train.names, error);
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
  /* A passage begins at each character that has as many after it as a passage has. */
  if (eid_dataset_vocabulary (train) > 0)
    survey->count += eid_dataset_size (train) + eid_dataset_size (test);
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

/* A file of text holds no nought, unless it says that it is UTF-16; a picture holds one soon. */
static gboolean
looks_like_text (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  char bytes[SNIFFED];
  gsize length = 0;

  return stream != NULL
         && g_input_stream_read_all (G_INPUT_STREAM (stream), bytes, sizeof bytes, &length, NULL, NULL)
         && length > 0
         && (memchr (bytes, '\0', length) == NULL
             || (length > 2 && (memcmp (bytes, "\xff\xfe", 2) == 0 || memcmp (bytes, "\xfe\xff", 2) == 0)));
}

/* A file is text to learn, or one of the folder that is meant. */
static gboolean
survey_file (EidSurvey *survey, GError **error)
{
  g_autofree char *file = g_strdup (survey->path), *shown = g_filename_display_basename (file);
  const char *format;

  /* Some formats of pictures are text as well. */
  if (looks_like_text (file) && !eid_format_has_ending (file))
    return survey_opened (survey, "text", error);
  g_free (survey->path);
  survey->path = g_path_get_dirname (file);
  if (!holds_idx (survey->path) && !eid_format_is_picture (file, &format))
    return fail (error, file,
                 _ ("neither a picture that can be read here nor text; take a folder of pictures, a folder "
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
