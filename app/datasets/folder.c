/* folder.c: the reader "folder": a folder of pictures, of which a sub-folder is a
 * class. Lists the files once, in the order of their names (layout.c says which are
 * of which half and class); decodes a picture when it is asked for, and keeps those
 * of a small half. */
#include "app/datasets/layout.h"

#include <glib/gi18n-lib.h>

#include <stdlib.h>
#include <string.h>

/* Where PATH itself is split, one picture of this many is for testing. */
#define TEST_SHARE 10
#define SPLIT_SEED G_GUINT64_CONSTANT (0x5b1173e5)

/* A half that takes no more than this is kept decoded. */
#define CACHED_BYTES (512 * 1024 * 1024)

/* What is known of a picture in the cache. */
enum
{
  ABSENT,
  ARRIVING, /* one thread is writing it */
  CACHED
};

typedef struct
{
  char *root;
  GPtrArray *names; /* of the pictures, below root */
  guint size, channels;
  gint *progress; /* [count] of each picture in the cache; NULL: nothing is kept */
  guint8 *cache;  /* [count, size, size, channels] */
} Folder;

static gboolean
unreadable (GError **error, const char *file, const char *why)
{
  g_autofree char *shown = g_filename_display_name (file);

  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, "%s: %s", shown, why);
  return FALSE;
}

/* --- Halves ---------------------------------------------------------------- */

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static gint32
label_of (const EidLayout *layout, const char *class)
{
  const gsize count = g_strv_length (layout->classes);
  char **found = bsearch (&class, layout->classes, count, sizeof *layout->classes, compare_strings);

  return (gint32) (found - layout->classes);
}

/* Adds picture @i of @half. */
static void
add_picture (EidSource *source, Folder *folder, const EidLayout *layout, const EidLayoutHalf *half, guint i)
{
  const char *class = half->classes->pdata[i];

  if (source->labels != NULL)
    source->labels[folder->names->len] = class != NULL ? label_of (layout, class) : -1;
  g_ptr_array_add (folder->names, g_strdup (half->names->pdata[i]));
  source->fingerprint =
      eid_fingerprint (source->fingerprint, half->names->pdata[i], strlen (half->names->pdata[i]) + 1);
}

static gboolean
fail_memory (GError **error, const char *path)
{
  return unreadable (error, path, _ ("there is not enough memory for the list of its pictures"));
}

/* Finds the pictures of the half and their labels. */
static gboolean
list_half (EidSource *source, Folder *folder, const char *path, gboolean testing, GError **error)
{
  g_autoptr (EidLayout) layout = eid_layout_read (path, 0, error);
  const EidLayoutHalf *half;

  if (layout == NULL)
    return FALSE;
  half = layout->has_halves && testing ? &layout->test : &layout->train;
  folder->root = g_strdup (path);
  folder->names = g_ptr_array_new_with_free_func (g_free);
  if (layout->classes != NULL)
    source->labels = g_try_new (gint32, MAX (half->names->len, 1));
  if (layout->classes != NULL && source->labels == NULL)
    return fail_memory (error, path);

  if (layout->has_halves)
    for (guint i = 0; i < half->names->len; i++)
      add_picture (source, folder, layout, half, i);
  else
    {
      g_autofree guint32 *order = g_try_new (guint32, MAX (half->names->len, 1));

      if (order == NULL)
        return fail_memory (error, path);
      eid_shuffle (order, half->names->len, SPLIT_SEED, 0);
      for (guint i = 0; i < half->names->len; i++)
        if ((order[i] % TEST_SHARE == 0) == testing)
          add_picture (source, folder, layout, half, i);
    }
  if (folder->names->len == 0)
    {
      const char *left_out = layout->notes->len > 0 ? layout->notes->pdata[layout->notes->len - 1] : "";
      g_autofree char *none = g_strdup_printf (
          _ ("no pictures that can be read in this folder or those in it; correct “path” in [Dataset]. %s"),
          left_out);

      return unreadable (error, path,
                         half->names->len == 1
                             ? _ ("one picture cannot be split into train and test; add more")
                             : g_strchomp (none));
    }

  source->count = folder->names->len;
  source->folder = g_strdup (half->folder);
  if (layout->classes != NULL)
    {
      source->classes = g_new0 (char *, g_strv_length (layout->classes) + 1);
      for (guint label = 0; layout->classes[label] != NULL; label++)
        source->classes[label] = g_filename_display_name (layout->classes[label]);
    }
  for (guint i = 0; i < layout->notes->len; i++)
    g_ptr_array_add (source->notes, g_strdup (layout->notes->pdata[i]));
  return TRUE;
}

/* --- The reader ------------------------------------------------------------ */

static void
make_cache (Folder *folder)
{
  const gsize bytes = (gsize) folder->size * folder->size * folder->channels;

  if (bytes * folder->names->len > CACHED_BYTES)
    return;
  /* Where there is no room for it the pictures are read each time. */
  folder->cache = g_try_malloc0 (bytes * folder->names->len);
  folder->progress = g_try_new0 (gint, folder->names->len);
  if (folder->cache == NULL || folder->progress == NULL)
    {
      g_clear_pointer (&folder->cache, g_free);
      g_clear_pointer (&folder->progress, g_free);
    }
}

static gboolean
folder_open (EidSource *source, const EidDatasetSpec *spec, const char *half, GError **error)
{
  Folder *folder;

  if (spec->size == 0)
    {
      g_set_error_literal (
          error, EID_DATASET_ERROR, EID_DATASET_ERROR_SPEC,
          _ ("[Dataset] size: missing; a folder of pictures needs the pixels a side that they are "
             "scaled to"));
      return FALSE;
    }

  source->state = folder = g_new0 (Folder, 1);
  folder->size = source->size = spec->size;
  folder->channels = source->channels = spec->channels != 0 ? spec->channels : 3;
  if (!list_half (source, folder, spec->path, strcmp (half, "test") == 0, error))
    return FALSE;
  make_cache (folder);
  return TRUE;
}

static char *
picture_file (const Folder *folder, guint i)
{
  return g_build_filename (folder->root, g_ptr_array_index (folder->names, i), NULL);
}

static gboolean
folder_read (EidSource *source, guint i, guint8 *pixels, GError **error)
{
  Folder *folder = source->state;
  const gsize bytes = (gsize) folder->size * folder->size * folder->channels;
  guint8 *kept = folder->cache != NULL ? folder->cache + i * bytes : NULL;
  g_autofree char *file = NULL;
  EidPictureFacts facts;

  if (kept != NULL && g_atomic_int_get (&folder->progress[i]) == CACHED)
    {
      memcpy (pixels, kept, bytes);
      return TRUE;
    }

  file = picture_file (folder, i);
  if (!eid_picture_load (file, folder->size, folder->channels, pixels, &facts, error))
    return FALSE;
  if (facts.stretched > 0)
    g_atomic_int_compare_and_exchange (&source->stretched, 0, (gint) facts.stretched);

  /* Of threads that decoded the same picture, one keeps it. */
  if (kept != NULL && g_atomic_int_compare_and_exchange (&folder->progress[i], ABSENT, ARRIVING))
    {
      memcpy (kept, pixels, bytes);
      g_atomic_int_set (&folder->progress[i], CACHED);
    }
  return TRUE;
}

static char *
folder_describe (EidSource *source, guint i)
{
  g_autofree char *file = picture_file (source->state, i);

  return g_filename_display_name (file);
}

static void
folder_close (EidSource *source)
{
  Folder *folder = source->state;

  if (folder == NULL)
    return;
  g_free (folder->root);
  g_clear_pointer (&folder->names, g_ptr_array_unref);
  g_free (folder->progress);
  g_free (folder->cache);
  g_free (folder);
}

const EidReader eid_folder_reader = { "folder", folder_open, folder_read, folder_describe, folder_close };
