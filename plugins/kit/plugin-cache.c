/* plugin-cache.c: a file of readings, by path, size and time; and the notes of
 * those that crashed, which a dying engine could only append to another file. */
#define _GNU_SOURCE /* dladdr() */
#include "plugins/kit/plugin-cache.h"

#include <glib/gstdio.h>

#include <dlfcn.h>
#include <string.h>

#define MOST_BYTES   (4 << 20)
#define MOST_ROWS    512
#define MOST_CRASHES (64 << 10) /* bytes */

/* Who wrote it; path, size, time in nanoseconds and reading of each. */
#define ROW_TYPE   "(aytx" EID_READING_TYPE ")"
#define CACHE_TYPE "(sa" ROW_TYPE ")"

typedef struct
{
  guint64 size;
  gint64 time;
  GVariant *reading;
  gboolean used; /* asked for in this process */
} Row;

struct _EidPluginCache
{
  GHashTable *rows; /* path -> Row */
  gboolean changed;
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_variant_unref (row->reading);
  g_free (row);
}

static char *
cache_file (const char *name)
{
  return g_build_filename (g_get_user_cache_dir (), "eidoscope", name, NULL);
}

char *
eid_plugin_crash_file (void)
{
  return cache_file ("plugin-crashes");
}

static gint64
time_of (const struct stat *status)
{
  return (gint64) status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* Another library may judge otherwise. Free. */
static char *
signature (void)
{
  struct stat status = { 0 };
  Dl_info info;

  if (dladdr ((gpointer) eid_plugin_cache_open, &info) != 0)
    stat (info.dli_fname, &status);
  return g_strdup_printf ("plugins 1 %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT, (guint64) status.st_size,
                          time_of (&status));
}

static void
put (EidPluginCache *cache, const char *file, guint64 size, gint64 time, GVariant *reading, gboolean used)
{
  Row *row = g_new (Row, 1);

  *row = (Row){ size, time, g_variant_ref_sink (reading), used };
  g_hash_table_replace (cache->rows, g_strdup (file), row);
}

/* --- Crashes ------------------------------------------------------------------------- */

/* A plugin whose file is another by now is not the one that crashed. */
static void
note_crash (EidPluginCache *cache, const char *file, const char *why)
{
  struct stat status;
  Row *row = g_hash_table_lookup (cache->rows, file);
  g_autoptr (GVariant) description = NULL, inner = NULL;

  if (stat (file, &status) != 0
      || (row && (row->size != (guint64) status.st_size || row->time != time_of (&status))))
    return;
  if (row)
    {
      description = g_variant_get_child_value (row->reading, 3);
      inner = g_variant_get_maybe (description);
    }
  put (cache, file, (guint64) status.st_size, time_of (&status), eid_reading_new (why, TRUE, TRUE, inner),
       TRUE);
  cache->changed = TRUE;
}

static void
take_crashes (EidPluginCache *cache)
{
  g_autofree char *file = eid_plugin_crash_file (), *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize length;

  if (!g_file_get_contents (file, &text, &length, NULL))
    return;
  g_unlink (file);
  lines = length <= MOST_CRASHES ? g_strsplit (text, "\n", -1) : NULL;
  for (guint i = 0; lines && lines[i]; i++)
    {
      char *tab = strchr (lines[i], '\t');
      g_autofree char *why = NULL;

      if (tab == NULL)
        continue;
      *tab = '\0';
      why = g_utf8_make_valid (tab + 1, -1);
      note_crash (cache, lines[i], why);
    }
}

/* --- The file -------------------------------------------------------------------------- */

static void
load (EidPluginCache *cache)
{
  g_autofree char *file = cache_file ("plugin-readings"), *own = signature ();
  g_autoptr (GVariant) all = NULL, rows = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *written_by, *path;
  GVariantIter iter;
  GVariant *reading;
  GStatBuf status;
  guint64 size;
  gint64 time;
  gsize length;
  char *data;

  if (g_stat (file, &status) != 0 || !S_ISREG (status.st_mode) || status.st_size > MOST_BYTES
      || !g_file_get_contents (file, &data, &length, NULL))
    return;
  bytes = g_bytes_new_take (data, length);
  all = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (CACHE_TYPE), bytes, FALSE));
  if (!g_variant_is_normal_form (all))
    return;
  g_variant_get (all, "(&s@a" ROW_TYPE ")", &written_by, &rows);
  if (strcmp (written_by, own) != 0 || g_variant_n_children (rows) > MOST_ROWS)
    return;
  g_variant_iter_init (&iter, rows);
  while (g_variant_iter_next (&iter, "(^&aytx@" EID_READING_TYPE ")", &path, &size, &time, &reading))
    {
      put (cache, path, size, time, reading, FALSE);
      g_variant_unref (reading);
    }
}

EidPluginCache *
eid_plugin_cache_open (void)
{
  EidPluginCache *cache = g_new0 (EidPluginCache, 1);

  cache->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, row_free);
  load (cache);
  take_crashes (cache);
  return cache;
}

void
eid_plugin_cache_save (EidPluginCache *cache)
{
  g_autofree char *file = cache_file ("plugin-readings"), *folder = g_path_get_dirname (file), *own = signature ();
  g_auto (GVariantBuilder) rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" ROW_TYPE));
  const gboolean crowded = g_hash_table_size (cache->rows) > MOST_ROWS;
  g_autoptr (GVariant) all = NULL;
  GHashTableIter iter;
  const char *path;
  guint count = 0;
  Row *row;

  if (!cache->changed)
    return;
  g_hash_table_iter_init (&iter, cache->rows);
  while (g_hash_table_iter_next (&iter, (gpointer *) &path, (gpointer *) &row))
    if ((row->used || (!crowded && g_file_test (path, G_FILE_TEST_EXISTS))) && count++ < MOST_ROWS)
      g_variant_builder_add (&rows, "(^aytx@" EID_READING_TYPE ")", path, row->size, row->time, row->reading);
  all = g_variant_ref_sink (g_variant_new ("(s@a" ROW_TYPE ")", own, g_variant_builder_end (&rows)));
  if (g_mkdir_with_parents (folder, 0700) == 0)
    g_file_set_contents (file, g_variant_get_data (all), (gssize) g_variant_get_size (all), NULL);
  cache->changed = FALSE;
}

void
eid_plugin_cache_free (EidPluginCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->rows);
  g_free (cache);
}

/* --- Rows --------------------------------------------------------------------------------- */

GVariant *
eid_plugin_cache_find (EidPluginCache *cache, const char *file, const struct stat *status)
{
  Row *row = g_hash_table_lookup (cache->rows, file);

  if (row == NULL || row->size != (guint64) status->st_size || row->time != time_of (status))
    return NULL;
  row->used = TRUE;
  return g_variant_ref (row->reading);
}

void
eid_plugin_cache_put (EidPluginCache *cache, const char *file, const struct stat *status, GVariant *reading)
{
  put (cache, file, (guint64) status->st_size, time_of (status), reading, TRUE);
  cache->changed = TRUE;
}

void
eid_plugin_cache_forget (EidPluginCache *cache, const char *file)
{
  if (g_hash_table_remove (cache->rows, file))
    cache->changed = TRUE;
}
