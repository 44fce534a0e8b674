/* folder.c: the reader "folder": a folder of JPEG and PNG pictures, of which a
 * sub-folder is a class. Lists the files once, in the order of their names;
 * decodes a picture when it is asked for, and keeps those of a small half. */
#include "reader.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* Where PATH itself is split, one picture of this many is for testing. */
#define TEST_SHARE 10
#define SPLIT_SEED G_GUINT64_CONSTANT (0x5b1173e5)

/* A half that takes no more than this is kept decoded. */
#define CACHED_BYTES (512 * 1024 * 1024)

/* The second is ImageNet's. */
const char *const eid_test_folders[] = { "test", "val", NULL };

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

/* --- Classes --------------------------------------------------------------- */

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The sub-folder that picture @name lies in, or NULL. */
static char *
class_of (const char *name)
{
  const char *slash = strchr (name, G_DIR_SEPARATOR);

  return slash != NULL ? g_strndup (name, slash - name) : NULL;
}

/* Labels the pictures @names by the sorted classes of them and of @others, so
 * that a label means the same in both halves. */
static void
label_pictures (EidSource *source, GPtrArray *names, GPtrArray *others)
{
  g_autoptr (GPtrArray) classes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) labels = g_hash_table_new (g_str_hash, g_str_equal); /* keys: of classes */
  GPtrArray *const lists[] = { names, others };

  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    for (guint i = 0; i < lists[l]->len; i++)
      {
        char *class = class_of (g_ptr_array_index (lists[l], i));

        if (class == NULL || g_hash_table_contains (labels, class))
          {
            g_free (class);
            continue;
          }
        g_hash_table_add (labels, class);
        g_ptr_array_add (classes, class);
      }
  if (classes->len == 0)
    return;

  g_ptr_array_sort (classes, compare_strings);
  source->classes = g_new0 (char *, classes->len + 1);
  for (guint label = 0; label < classes->len; label++)
    {
      char *class = g_ptr_array_index (classes, label);

      source->classes[label] = g_filename_display_name (class);
      g_hash_table_insert (labels, class, GUINT_TO_POINTER (label));
    }

  source->labels = g_new (gint32, names->len);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *class = class_of (g_ptr_array_index (names, i));

      source->labels[i] =
          class != NULL ? (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (labels, class)) : -1;
    }
}

/* --- Halves ---------------------------------------------------------------- */

/* Of @all, the pictures of a folder without halves of its own, those for
 * testing or the others. */
static GPtrArray *
split (GPtrArray *all, gboolean testing)
{
  g_autofree guint32 *order = g_new (guint32, all->len);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  eid_shuffle (order, all->len, SPLIT_SEED, 0);
  for (guint i = 0; i < all->len; i++)
    if ((order[i] % TEST_SHARE == 0) == testing)
      g_ptr_array_add (names, g_strdup (g_ptr_array_index (all, i)));
  return names;
}

/* PATH/NAME, if there is such a folder. */
static char *
sub_folder (const char *path, const char *name)
{
  g_autofree char *folder = g_build_filename (path, name, NULL);

  return g_file_test (folder, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&folder) : NULL;
}

/* Finds the pictures of @half, their root and their labels. */
static gboolean
list_half (EidSource *source, Folder *folder, const char *path, gboolean testing, GError **error)
{
  g_autofree char *train = sub_folder (path, "train");
  g_autofree char *test = NULL;
  g_autoptr (GPtrArray) others = NULL;

  for (guint i = 0; eid_test_folders[i] != NULL && test == NULL; i++)
    test = sub_folder (path, eid_test_folders[i]);

  if (train != NULL && test != NULL)
    {
      folder->root = g_strdup (testing ? test : train);
      folder->names = eid_list_pictures (folder->root, NULL, error);
      others = folder->names != NULL ? eid_list_pictures (testing ? train : test, NULL, error) : NULL;
    }
  else if (train != NULL)
    return unreadable (error, path,
                       _ ("it has a folder “train” but neither “test” nor “val”; add one, or set “path” in "
                          "[Dataset] to the folder “train” itself, which is then split"));
  else
    {
      folder->root = g_strdup (path);
      others = eid_list_pictures (path, NULL, error);
      folder->names = others != NULL ? split (others, testing) : NULL;
    }
  if (folder->names == NULL || others == NULL)
    return FALSE;
  if (folder->names->len == 0)
    return unreadable (
        error, folder->root,
        others->len == 1
            ? _ ("one picture cannot be split into train and test; add more")
            : _ ("no JPEG or PNG pictures in this folder or those in it; correct “path” in [Dataset]"));

  source->count = folder->names->len;
  label_pictures (source, folder->names, others);
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
  if (folder->cache != NULL)
    folder->progress = g_new0 (gint, folder->names->len);
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

  if (kept != NULL && g_atomic_int_get (&folder->progress[i]) == CACHED)
    {
      memcpy (pixels, kept, bytes);
      return TRUE;
    }

  file = picture_file (folder, i);
  if (!eid_picture_load (file, folder->size, folder->channels, pixels, error))
    return FALSE;

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
