/* folder-list.c: the files of a folder and of those in it: pictures that can be read
 * here, and the rest, which is to be told of. The reader "folder" lists all of them;
 * a survey as many as its time allows. */
#include "app/datasets/reader.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>

static gboolean
is_late (EidListing *listing)
{
  if (listing->deadline != 0 && !listing->cut && g_get_monotonic_time () > listing->deadline)
    listing->cut = TRUE;
  return listing->cut;
}

static gboolean
fail_to_read (const char *path, const GError *reason, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, "%s: %s", shown, reason->message);
  return FALSE;
}

/* Takes @name. */
static void
add_other (EidListing *listing, char *name, const char *format)
{
  EidOther *other = g_new (EidOther, 1);

  *other = (EidOther){ name, format };
  g_ptr_array_add (listing->others, other);
}

/* Takes @name, of @file. */
static void
add_file (EidListing *listing, const char *file, char *name)
{
  const char *format = NULL;

  /* A usual ending is believed: looking into each of a million files takes long. */
  if (eid_format_has_ending (name) || eid_format_is_picture (file, &format))
    {
      g_ptr_array_add (listing->names, name);
      return;
    }
  add_other (listing, name, format);
}

/* Adds the files of @root/@below, and of the folders in it. A link to a folder is
 * followed in the root alone: none leads in circles. */
static gboolean
list_below (const char *root, const char *below, EidListing *listing, GError **error)
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

      if (*name == '.')
        continue;
      /* As git-annex leaves it where the data were not fetched. */
      if (g_stat (file, &info) != 0)
        add_other (listing, g_steal_pointer (&inside), N_ ("broken link"));
      else if (S_ISREG (info.st_mode))
        add_file (listing, file, g_steal_pointer (&inside));
      else if (!S_ISDIR (info.st_mode))
        add_other (listing, g_steal_pointer (&inside), N_ ("device or pipe"));
      else if (below != NULL && g_file_test (file, G_FILE_TEST_IS_SYMLINK))
        add_other (listing, g_steal_pointer (&inside), N_ ("link to a folder"));
      else if (!list_below (root, inside, listing, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static int
compare_others (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(EidOther *const *) a)->name, (*(EidOther *const *) b)->name);
}

static void
other_free (gpointer data)
{
  EidOther *other = data;

  g_free (other->name);
  g_free (other);
}

gboolean
eid_list_files (const char *root, EidListing *listing, GError **error)
{
  listing->names = g_ptr_array_new_with_free_func (g_free);
  listing->others = g_ptr_array_new_with_free_func (other_free);
  if (!list_below (root, NULL, listing, error))
    return FALSE;
  g_ptr_array_sort (listing->names, compare_names);
  g_ptr_array_sort (listing->others, compare_others);
  return TRUE;
}

void
eid_listing_clear (EidListing *listing)
{
  g_clear_pointer (&listing->names, g_ptr_array_unref);
  g_clear_pointer (&listing->others, g_ptr_array_unref);
}
