/* folder-list.c: the picture files of a folder and of those in it. The reader
 * "folder" lists all of them; a survey as many as its time allows. */
#include "reader.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

static const char *const endings[] = { ".jpg", ".jpeg", ".png" };

static gboolean
is_picture_name (const char *name)
{
  const char *dot = strrchr (name, '.');

  for (guint i = 0; dot != NULL && i < G_N_ELEMENTS (endings); i++)
    if (g_ascii_strcasecmp (dot, endings[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_late (EidListing *listing)
{
  if (listing != NULL && !listing->cut && g_get_monotonic_time () > listing->deadline)
    listing->cut = TRUE;
  return listing != NULL && listing->cut;
}

static gboolean
fail_to_read (const char *path, const GError *reason, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, "%s: %s", shown, reason->message);
  return FALSE;
}

/* Adds the pictures of @root/@below, and of the folders in it, to @names. A
 * link to a folder is followed in the root alone: none leads in circles. */
static gboolean
list_below (const char *root, const char *below, EidListing *listing, GPtrArray *names, GError **error)
{
  g_autofree char *path = g_build_filename (root, below, NULL);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &reason);
  const char *name;

  if (folder == NULL)
    return fail_to_read (path, reason, error);

  while (!is_late (listing) && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *inside = below != NULL ? g_build_filename (below, name, NULL) : g_strdup (name);
      GStatBuf info;

      if (*name == '.' || g_stat (file, &info) != 0)
        continue;
      if (S_ISREG (info.st_mode) && is_picture_name (name))
        g_ptr_array_add (names, g_steal_pointer (&inside));
      else if (S_ISDIR (info.st_mode) && (below == NULL || !g_file_test (file, G_FILE_TEST_IS_SYMLINK))
               && !list_below (root, inside, listing, names, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
eid_list_pictures (const char *root, EidListing *listing, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (!list_below (root, NULL, listing, names, error))
    return NULL;
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}
