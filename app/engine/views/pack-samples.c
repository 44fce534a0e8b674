/* pack-samples.c: which pictures a look is at: files of one's own first, then those
 * of the test half.                                                          */
#include "app/engine/views/pack.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* The files as they are now: one that was written anew is read anew. */
static char *
name_files (char **files)
{
  GString *name = g_string_new (NULL);

  for (guint i = 0; files[i] != NULL; i++)
    {
      GStatBuf status = { 0 };

      if (g_stat (files[i], &status) != 0)
        status.st_mtime = 0;
      g_string_append_printf (name, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", files[i],
                              (gint64) status.st_mtime, (gint64) status.st_size);
    }
  return g_string_free (name, FALSE);
}

/* Looks follow one another at the same files: these are decoded once. */
static const EidPictures *
own_pictures (EidSetup *setup, char **files, GError **error)
{
  g_autofree char *name = name_files (files);

  if (g_strcmp0 (setup->own_name, name) == 0)
    return setup->own;
  g_clear_pointer (&setup->own, eid_pictures_free);
  g_clear_pointer (&setup->own_name, g_free);
  setup->own = eid_pictures_of_files (setup, files, error);
  if (setup->own != NULL)
    setup->own_name = g_steal_pointer (&name);
  return setup->own;
}

/* @first and then @second, which may be NULL. */
static EidPictures *
join (EidSetup *setup, const EidPictures *first, const EidPictures *second)
{
  const gsize bytes = eid_dataset_bytes (setup->test);
  const guint more = second != NULL ? second->count : 0;
  EidPictures *both = g_new0 (EidPictures, 1);

  both->count = first->count + more;
  both->pixels = g_malloc (bytes * both->count);
  both->labels = g_new0 (char *, both->count + 1);
  memcpy (both->pixels, first->pixels, bytes * first->count);
  for (guint i = 0; i < first->count; i++)
    both->labels[i] = g_strdup (first->labels[i]);
  for (guint i = 0; i < more; i++)
    both->labels[first->count + i] = g_strdup (second->labels[i]);
  if (more > 0)
    memcpy (both->pixels + bytes * first->count, second->pixels, bytes * more);
  return both;
}

EidPictures *
eid_look_pictures (EidSetup *setup, GVariant *options, GError **error)
{
  g_autoptr (GVariant) pinned = g_variant_lookup_value (options, "pinned", G_VARIANT_TYPE ("au"));
  g_autoptr (EidPictures) of_test = NULL;
  g_auto (GStrv) files = NULL;
  gsize count = 0;
  const guint32 *numbers =
      pinned != NULL ? g_variant_get_fixed_array (pinned, &count, sizeof (guint32)) : NULL;
  const EidPictures *own;
  guint n_files;

  g_variant_lookup (options, "files", "^as", &files);
  n_files = files != NULL ? g_strv_length (files) : 0;
  if (n_files > EID_LOOK_MOST_PICTURES)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("%'u picture files are too many to look at: name %d at the most."), n_files,
                   EID_LOOK_MOST_PICTURES);
      return NULL;
    }
  if (n_files == 0 && count == 0)
    return eid_pictures_of_test (setup, NULL, eid_look_count (options), error);
  count = MIN (count, EID_LOOK_MOST_PICTURES - n_files);
  if (count > 0)
    {
      of_test = eid_pictures_of_test (setup, numbers, (guint) count, error);
      if (of_test == NULL)
        return NULL;
    }
  if (n_files == 0)
    return g_steal_pointer (&of_test);
  own = own_pictures (setup, files, error);
  return own != NULL ? join (setup, own, of_test) : NULL;
}
