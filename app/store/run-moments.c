/* run-moments.c: moments of a run in run.db: what each view showed at a step,
 * thumbnail-sized, bounded in bytes, for going back in time.
 *
 * A picture is the bytes of a GVariant a{sv} in little endian, deflated. What is
 * read is bounded and checked as anything that comes from outside.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#define PICTURE_LIMIT (16 * 1024 * 1024) /* bytes, unpacked */
#define CHUNK         (64 * 1024)

/* --- Packing ------------------------------------------------------------------ */

/* NULL: does not convert, or beyond the limit. */
static GBytes *
convert (GConverter *converter, const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize done = 0;

  for (;;)
    {
      const guint filled = out->len;
      gsize read = 0, written = 0;
      GConverterResult result;

      if (filled > PICTURE_LIMIT)
        return NULL;
      g_byte_array_set_size (out, filled + CHUNK);
      result = g_converter_convert (converter, data + done, size - done, out->data + filled, CHUNK,
                                    G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
      if (result == G_CONVERTER_ERROR)
        return NULL;
      done += read;
      g_byte_array_set_size (out, filled + (guint) written);
      if (result == G_CONVERTER_FINISHED)
        return g_byte_array_free_to_bytes (g_steal_pointer (&out));
    }
}

static GBytes *
pack (GVariant *picture)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (picture);
  g_autoptr (GVariant) little =
      G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (normal) : g_variant_ref (normal);
  g_autoptr (GConverter) deflate = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 1));

  return convert (deflate, g_variant_get_data (little), g_variant_get_size (little));
}

/* NULL: damaged. */
static GVariant *
unpack (const guint8 *data, gsize size)
{
  g_autoptr (GConverter) inflate = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
  g_autoptr (GBytes) bytes = size > 0 ? convert (inflate, data, size) : NULL; /* of no size, no data either */
  g_autoptr (GVariant) little = NULL;

  if (bytes == NULL)
    return NULL;
  little = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARDICT, bytes, FALSE));
  if (!g_variant_is_normal_form (little))
    return NULL;
  return G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (little) : g_steal_pointer (&little);
}

/* --- Writing ------------------------------------------------------------------ */

gboolean
eid_run_moment (EidRun *run, guint64 step, const char *view, GVariant *picture, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (picture);
  g_autoptr (GBytes) bytes = pack (owned);
  sqlite3_stmt *statement;

  g_return_val_if_fail (run != NULL && view != NULL && step <= G_MAXINT64, FALSE);

  /* So large a picture is no thumbnail: the moment goes without. */
  if (bytes == NULL)
    return TRUE;
  if (!eid_run_begin (run, error))
    return FALSE;
  statement =
      eid_run_prepare (run, "INSERT OR REPLACE INTO moment (step, view, picture) VALUES (?1, ?2, ?3)", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (sqlite3_int64) step);
  sqlite3_bind_text (statement, 2, view, -1, SQLITE_STATIC);
  sqlite3_bind_blob64 (statement, 3, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), SQLITE_STATIC);
  return eid_run_finish (run, statement, error);
}

gboolean
eid_run_keep_moment (EidRun *run, guint64 step, gboolean keep, GError **error)
{
  sqlite3_stmt *statement;

  g_return_val_if_fail (run != NULL && step <= G_MAXINT64, FALSE);

  if (!eid_run_begin (run, error))
    return FALSE;
  statement = eid_run_prepare (
      run, keep ? "INSERT OR REPLACE INTO kept VALUES (?1)" : "DELETE FROM kept WHERE step = ?1", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (sqlite3_int64) step);
  return eid_run_finish (run, statement, error) && eid_run_sync (run, error);
}

typedef struct
{
  guint64 step, bytes;
  gboolean kept;
} Size;

static GArray *
read_sizes (EidRun *run, GError **error)
{
  g_autoptr (GArray) sizes = g_array_new (FALSE, FALSE, sizeof (Size));
  sqlite3_stmt *statement =
      eid_run_prepare (run,
                       "SELECT step, sum (length (picture)), step IN (SELECT step FROM kept) FROM moment"
                       "  GROUP BY step ORDER BY step",
                       error);
  int status = SQLITE_ROW;
  gboolean good = TRUE;

  if (statement == NULL)
    return NULL;
  while (good && (status = sqlite3_step (statement)) == SQLITE_ROW)
    {
      Size size = { .bytes = (guint64) MAX (sqlite3_column_int64 (statement, 1), 0),
                    .kept = sqlite3_column_int (statement, 2) != 0 };

      good = eid_run_read_step (run, statement, 0, &size.step, error)
             && eid_run_check_rows (run, sizes->len, error);
      g_array_append_val (sizes, size);
    }
  if (good && status != SQLITE_DONE)
    good = eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return good ? g_steal_pointer (&sizes) : NULL;
}

/* The moment that is missed least: the one whose neighbours lie closest together for
 * where they are, early ones being worth more. G_MAXUINT: none may go.       */
static guint
least_missed (GArray *sizes)
{
  double least = INFINITY;
  guint found = G_MAXUINT;

  for (guint i = 1; i + 1 < sizes->len; i++)
    {
      const Size *size = &g_array_index (sizes, Size, i);
      const double gap = (double) (size[1].step - size[-1].step) / sqrt ((double) size->step + 1);

      if (!size->kept && gap < least)
        {
          least = gap;
          found = i;
        }
    }
  return found;
}

gboolean
eid_run_bound_moments (EidRun *run, guint64 bytes, GError **error)
{
  g_autoptr (GArray) sizes = NULL;
  guint64 sum = 0;

  g_return_val_if_fail (run != NULL, FALSE);

  sizes = read_sizes (run, error);
  if (sizes == NULL)
    return FALSE;
  for (guint i = 0; i < sizes->len; i++)
    sum += g_array_index (sizes, Size, i).bytes;
  while (sum > bytes)
    {
      const guint least = least_missed (sizes);
      /* Where none may go in the middle, the newest has no place. */
      const guint goes = least != G_MAXUINT ? least : sizes->len - 1;
      const Size size = g_array_index (sizes, Size, goes);
      sqlite3_stmt *statement;

      if (!eid_run_begin (run, error))
        return FALSE;
      statement = eid_run_prepare (run, "DELETE FROM moment WHERE step = ?1", error);
      if (statement == NULL)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, (sqlite3_int64) size.step);
      if (!eid_run_finish (run, statement, error))
        return FALSE;
      sum -= size.bytes;
      g_array_remove_index (sizes, goes);
    }
  return TRUE;
}

/* --- Reading ------------------------------------------------------------------ */

GArray *
eid_run_moments (EidRun *run, GError **error)
{
  g_autoptr (GArray) sizes = NULL;
  GArray *moments;

  g_return_val_if_fail (run != NULL, NULL);

  sizes = read_sizes (run, error);
  if (sizes == NULL)
    return NULL;
  moments = g_array_new (FALSE, FALSE, sizeof (EidMoment));
  for (guint i = 0; i < sizes->len; i++)
    {
      const Size *size = &g_array_index (sizes, Size, i);
      const EidMoment moment = { size->step, size->kept };

      g_array_append_val (moments, moment);
    }
  return moments;
}

GVariant *
eid_run_moment_at (EidRun *run, const char *view, guint64 at, guint64 *step, GError **error)
{
  /* Before @at the latest, else the first. */
  sqlite3_stmt *statement;
  GVariant *picture = NULL;
  int status;

  g_return_val_if_fail (run != NULL && view != NULL, NULL);

  statement = eid_run_prepare (run,
                               "SELECT step, picture FROM moment WHERE view = ?1"
                               "  ORDER BY step > ?2, abs (step - ?2) LIMIT 1",
                               error);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, view, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (sqlite3_int64) MIN (at, (guint64) G_MAXINT64));
  status = sqlite3_step (statement);
  if (status == SQLITE_ROW)
    {
      const gboolean good = eid_run_read_step (run, statement, 0, step, error);

      picture = good
                    ? unpack (sqlite3_column_blob (statement, 1), (gsize) sqlite3_column_bytes (statement, 1))
                    : NULL;
      if (good && picture == NULL)
        g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
                     _ ("The picture of “%s” at step %'" PRIu64 " in %s/run.db is damaged"), view, *step,
                     run->folder);
    }
  else if (status != SQLITE_DONE)
    eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return picture;
}
