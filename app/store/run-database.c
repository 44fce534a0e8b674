/* run-database.c: run.db, the numbers and the history of a run, in SQLite. Its
 * other two files are run-rewind.c, edits and how a run goes back behind one,
 * and run-moments.c, what its views showed.
 *
 * Writes gather in one open transaction; eid_run_sync() commits it. With the
 * write-ahead log and synchronous = FULL a commit is on the disk when it
 * returns, and readers of other processes see the last one without waiting.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#define SCHEMA_VERSION 2
#define MOST_VERSION   1000               /* beyond it, a number is no version */
#define BUSY_LIMIT     5000               /* milliseconds to wait for a reader that holds the log */
#define MOST_VALUE     (64 * 1024 * 1024) /* bytes of a text or a picture                       */
#define MOST_TIME      G_GINT64_CONSTANT (253402300799) /* the last second of the year 9999        */
#define MOST_ROWS      (1 << 24) /* that one question is answered with                 */

/* What came with version 2: events that were undone, the step that an undo under
 * way goes back to (one row, or none), pictures of the views, and the steps
 * whose pictures are never thinned out.                                      */
#define ADDED(TABLE)                                                                                         \
  TABLE " undone (step INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT "          \
        "NULL);" TABLE " rewinding (step INTEGER NOT NULL);" TABLE                                           \
        " moment (step INTEGER NOT NULL, view TEXT NOT NULL, picture BLOB NOT NULL,"                         \
        "  PRIMARY KEY (step, view));" TABLE " kept (step INTEGER PRIMARY KEY);"

/* A number that is none (NaN) is NULL. Ordered by name first: a curve is one
 * stretch of the table.                                                      */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS metric ("
    "  step INTEGER NOT NULL, name TEXT NOT NULL, value REAL,"
    "  PRIMARY KEY (name, step)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS event ("
    "  step INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);" ADDED (
        "CREATE TABLE IF NOT EXISTS") "PRAGMA user_version = " G_STRINGIFY (SCHEMA_VERSION) ";";

/* For whoever only reads a run of an older version: nothing of it was kept. */
static const char added_schema[] = ADDED ("CREATE TEMP TABLE");

gboolean
eid_run_database_error (EidRun *run, GError **error)
{
  /* SQLite quotes what it has read, which is anything in a damaged file. */
  g_autofree char *reason = g_utf8_make_valid (sqlite3_errmsg (run->database), -1);

  switch (sqlite3_errcode (run->database) & 0xff)
    {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
                   _ ("%s/run.db is damaged: %s. The checkpoints are not in it: move it away to go on "
                      "without the curves"),
                   run->folder, reason);
      break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
      g_set_error (
          error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
          _ ("%s/run.db cannot be kept: %s. See that the disk works and has space, or give another folder "
             "with --out"),
          run->folder, reason);
      break;
    default:
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("%s/run.db cannot be used: %s"),
                   run->folder, reason);
    }
  return FALSE;
}

gboolean
eid_run_execute (EidRun *run, const char *sql, GError **error)
{
  return sqlite3_exec (run->database, sql, NULL, NULL, NULL) == SQLITE_OK
         || eid_run_database_error (run, error);
}

/* NULL with @error set if @sql cannot be used. */
sqlite3_stmt *
eid_run_prepare (EidRun *run, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (run->database, sql, -1, &statement, NULL) != SQLITE_OK)
    eid_run_database_error (run, error);
  return statement;
}

/* Runs @statement, which returns no rows, to its end. */
gboolean
eid_run_finish (EidRun *run, sqlite3_stmt *statement, GError **error)
{
  gboolean done = sqlite3_step (statement) == SQLITE_DONE;

  if (!done)
    eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return done;
}

gboolean
eid_run_database_damaged (EidRun *run, GError **error, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
               _ ("%s/run.db is damaged: %s. The checkpoints are not in it: move it away to go on "
                  "without the curves"),
               run->folder, reason);
  return FALSE;
}

gboolean
eid_run_read_step (EidRun *run, sqlite3_stmt *statement, int column, guint64 *step, GError **error)
{
  const sqlite3_int64 number = sqlite3_column_int64 (statement, column);

  if (sqlite3_column_type (statement, column) != SQLITE_INTEGER)
    return eid_run_database_damaged (run, error, _ ("a step in it is no whole number"));
  if (number < 0 || number > (sqlite3_int64) EID_MOST_STEP)
    return eid_run_database_damaged (run, error,
                                     _ ("there is a step %'" PRId64 " in it, beyond 0 to %'" PRIu64),
                                     (gint64) number, (guint64) EID_MOST_STEP);
  *step = (guint64) number;
  return TRUE;
}

gboolean
eid_run_check_rows (EidRun *run, guint rows, GError **error)
{
  return rows < MOST_ROWS
         || eid_run_database_damaged (run, error, _ ("a table in it has more than %d rows"), MOST_ROWS);
}

/* @text of a row, or NULL with @error set. */
static const char *
read_text (EidRun *run, sqlite3_stmt *statement, int column, GError **error)
{
  const char *text = (const char *) sqlite3_column_text (statement, column);

  if (text != NULL && g_utf8_validate (text, -1, NULL))
    return text;
  eid_run_database_damaged (run, error, _ ("a text in it is not UTF-8"));
  return NULL;
}

/* What stands in a row of a file that somebody else may have made is limited, and none of it runs: views and
 * triggers are not ours.                                                     */
static void
bound_database (sqlite3 *database)
{
  sqlite3_limit (database, SQLITE_LIMIT_LENGTH, MOST_VALUE);
  sqlite3_db_config (database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
  sqlite3_db_config (database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

/* SQLite opens what a link points to, and writes beside it. */
static gboolean
check_files (EidRun *run, GError **error)
{
  static const char *const names[] = { "run.db", "run.db-wal", "run.db-shm", "run.db-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (run->folder, names[i], NULL);

      if (!eid_run_check_plain (file, S_IFREG, error))
        return FALSE;
    }
  return TRUE;
}

/* @mode: a query of an URI. The file name may hold anything. */
static gboolean
open_file (EidRun *run, const char *mode, int flags)
{
  g_autofree char *file = g_build_filename (run->folder, "run.db", NULL);
  g_autofree char *escaped = g_uri_escape_string (file, "/", FALSE);
  g_autofree char *uri = g_strconcat ("file:", escaped, mode, NULL);

  g_clear_pointer (&run->database, sqlite3_close_v2);
  if (sqlite3_open_v2 (uri, &run->database, flags | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
    return FALSE;
  sqlite3_busy_timeout (run->database, BUSY_LIMIT);
  bound_database (run->database);
  /* The file is opened by the first question only. */
  return sqlite3_exec (run->database, "SELECT count (*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK;
}

static gboolean
is_there (EidRun *run, const char *name)
{
  g_autofree char *file = g_build_filename (run->folder, name, NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* The number that @sql asks for; FALSE with @error. */
static gboolean
ask_number (EidRun *run, const char *sql, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = eid_run_prepare (run, sql, error);
  gboolean good;

  if (statement == NULL)
    return FALSE;
  good = sqlite3_step (statement) == SQLITE_ROW || eid_run_database_error (run, error);
  *number = good ? sqlite3_column_int64 (statement, 0) : 0;
  sqlite3_finalize (statement);
  return good;
}

/* The schema's version, 0 where no schema is yet, -1 on error. What the file says of its version must be true
 * of its tables: a wrong one would hide what is in them.                        */
static int
read_version (EidRun *run, GError **error)
{
  gint64 version, tables, moments;

  if (!ask_number (run, "PRAGMA user_version", &version, error)
      || !ask_number (run, "SELECT count (*) FROM sqlite_schema WHERE name IN ('metric', 'event')", &tables,
                      error)
      || !ask_number (run, "SELECT count (*) FROM sqlite_schema WHERE name = 'moment'", &moments, error))
    return -1;
  if (version > SCHEMA_VERSION && version <= MOST_VERSION)
    g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
                 _ ("%s was written by a newer version of this program; update it to open the run"),
                 run->folder);
  else if (version < 0 || version > MOST_VERSION || (version == 0) != (tables == 0)
           || (version > 0 && (version >= 2) != (moments > 0)))
    eid_run_database_damaged (run, error, _ ("it says that it is of version %" PRId64), version);
  else
    return (int) version;
  return -1;
}

static gboolean
open_for_writing (EidRun *run, GError **error)
{
  if (!check_files (run, error))
    return FALSE;
  if (!open_file (run, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE))
    return eid_run_database_error (run, error);
  return read_version (run, error) >= 0
         && eid_run_execute (run, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", error)
         && eid_run_execute (run, "BEGIN IMMEDIATE", error) && eid_run_execute (run, schema, error)
         && eid_run_execute (run, "COMMIT", error);
}

static gboolean
open_for_reading (EidRun *run, GError **error)
{
  int version = 0;

  if (!check_files (run, error))
    return FALSE;
  if (is_there (run, "run.db"))
    {
      /* Not SQLITE_OPEN_READONLY: what a killed writer left in the middle of
       * must be taken back or completed before anybody can read. On a disk that
       * cannot be written the log's index cannot be made; where there is no log
       * it is not needed.                                                     */
      if (!open_file (run, "", SQLITE_OPEN_READWRITE)
          && ((sqlite3_errcode (run->database) & 0xff) != SQLITE_CANTOPEN || is_there (run, "run.db-wal")
              || !open_file (run, "?immutable=1", SQLITE_OPEN_READONLY)))
        return eid_run_database_error (run, error);
      version = read_version (run, error);
      if (version < 0)
        return FALSE;
      if ((version == 1 && !eid_run_execute (run, added_schema, error))
          || !eid_run_execute (run, "PRAGMA query_only = ON", error))
        return FALSE;
    }
  if (version != 0)
    return TRUE;

  /* A process that was killed before it had made its tables: nothing was kept. */
  eid_run_close_database (run);
  if (sqlite3_open (":memory:", &run->database) != SQLITE_OK)
    return eid_run_database_error (run, error);
  return eid_run_execute (run, schema, error);
}

gboolean
eid_run_open_database (EidRun *run, GError **error)
{
  return run->lock >= 0 ? open_for_writing (run, error) : open_for_reading (run, error);
}

void
eid_run_close_database (EidRun *run)
{
  g_clear_pointer (&run->database, sqlite3_close_v2);
}

/* Opens the transaction that the next eid_run_sync() commits. After a full
 * disk SQLite may have ended it on its own: ask it, not a flag.              */
gboolean
eid_run_begin (EidRun *run, GError **error)
{
  if (run->lock < 0)
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("The run %s is open for reading only"),
                   run->folder);
      return FALSE;
    }
  return !sqlite3_get_autocommit (run->database) || eid_run_execute (run, "BEGIN IMMEDIATE", error);
}

gboolean
eid_run_sync (EidRun *run, GError **error)
{
  g_return_val_if_fail (run != NULL, FALSE);

  return sqlite3_get_autocommit (run->database) || eid_run_execute (run, "COMMIT", error);
}

gboolean
eid_run_metric (EidRun *run, guint64 step, const char *name, double value, GError **error)
{
  sqlite3_stmt *statement;

  g_return_val_if_fail (run != NULL && name != NULL && step <= G_MAXINT64, FALSE);

  if (!eid_run_begin (run, error))
    return FALSE;
  statement =
      eid_run_prepare (run, "INSERT OR REPLACE INTO metric (step, name, value) VALUES (?1, ?2, ?3)", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, step);
  sqlite3_bind_text (statement, 2, name, -1, SQLITE_STATIC);
  sqlite3_bind_double (statement, 3, value); /* NaN becomes NULL */
  return eid_run_finish (run, statement, error);
}

gboolean
eid_run_event (EidRun *run, guint64 step, const char *kind, const char *text, GError **error)
{
  sqlite3_stmt *statement;

  g_return_val_if_fail (run != NULL && kind != NULL && text != NULL && step <= G_MAXINT64, FALSE);

  if (!eid_run_begin (run, error))
    return FALSE;
  statement =
      eid_run_prepare (run, "INSERT INTO event (step, time, kind, text) VALUES (?1, ?2, ?3, ?4)", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, step);
  sqlite3_bind_int64 (statement, 2, g_get_real_time () / G_USEC_PER_SEC);
  sqlite3_bind_text (statement, 3, kind, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 4, text, -1, SQLITE_STATIC);
  return eid_run_finish (run, statement, error);
}

GArray *
eid_run_metric_series (EidRun *run, const char *name, GError **error)
{
  g_autoptr (GArray) series = g_array_new (FALSE, FALSE, sizeof (EidPoint));
  sqlite3_stmt *statement;
  int status = SQLITE_ROW;
  gboolean good = TRUE;

  g_return_val_if_fail (run != NULL && name != NULL, NULL);

  statement = eid_run_prepare (run, "SELECT step, value FROM metric WHERE name = ?1 ORDER BY step", error);
  if (statement == NULL)
    return NULL;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  while (good && (status = sqlite3_step (statement)) == SQLITE_ROW)
    {
      gboolean none = sqlite3_column_type (statement, 1) == SQLITE_NULL;
      EidPoint point = { 0, none ? NAN : sqlite3_column_double (statement, 1) };

      good = eid_run_read_step (run, statement, 0, &point.step, error)
             && eid_run_check_rows (run, series->len, error);
      g_array_append_val (series, point);
    }
  if (good && status != SQLITE_DONE)
    good = eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return good ? g_steal_pointer (&series) : NULL;
}

gboolean
eid_run_last_point (EidRun *run, const char *name, EidPoint *point, GError **error)
{
  sqlite3_stmt *statement;
  gboolean good = TRUE;
  int status;

  g_return_val_if_fail (run != NULL && name != NULL && point != NULL, FALSE);

  *point = (EidPoint){ 0, NAN };
  statement = eid_run_prepare (
      run, "SELECT step, value FROM metric WHERE name = ?1 ORDER BY step DESC LIMIT 1", error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, name, -1, SQLITE_STATIC);
  status = sqlite3_step (statement);
  if (status == SQLITE_ROW)
    {
      good = eid_run_read_step (run, statement, 0, &point->step, error);
      if (sqlite3_column_type (statement, 1) != SQLITE_NULL)
        point->value = sqlite3_column_double (statement, 1);
    }
  else if (status != SQLITE_DONE)
    good = eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return good;
}

char **
eid_run_metric_names (EidRun *run, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  sqlite3_stmt *statement;
  int status = SQLITE_ROW;
  gboolean good = TRUE;

  g_return_val_if_fail (run != NULL, NULL);

  statement = eid_run_prepare (run, "SELECT DISTINCT name FROM metric ORDER BY name", error);
  if (statement == NULL)
    return NULL;
  for (guint rows = 0; good && (status = sqlite3_step (statement)) == SQLITE_ROW; rows++)
    {
      const char *name = read_text (run, statement, 0, error);

      good = name != NULL && eid_run_check_rows (run, rows, error);
      if (good)
        g_strv_builder_add (names, name);
    }
  if (good && status != SQLITE_DONE)
    good = eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return good ? g_strv_builder_end (names) : NULL;
}

static void
event_free (gpointer data)
{
  EidEvent *event = data;

  g_free (event->kind);
  g_free (event->text);
  g_free (event);
}

/* The row that @statement stands at; NULL with @error set. */
static EidEvent *
read_event (EidRun *run, sqlite3_stmt *statement, GError **error)
{
  const char *kind = read_text (run, statement, 2, error);
  const char *text = kind != NULL ? read_text (run, statement, 3, error) : NULL;
  guint64 step;
  EidEvent *event;

  if (text == NULL || !eid_run_read_step (run, statement, 0, &step, error))
    return NULL;
  event = g_new0 (EidEvent, 1);
  event->step = step;
  event->time = CLAMP (sqlite3_column_int64 (statement, 1), 0, MOST_TIME);
  event->kind = g_strdup (kind);
  event->text = g_strdup (text);
  return event;
}

GPtrArray *
eid_run_read_events (EidRun *run, const char *sql, GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (event_free);
  sqlite3_stmt *statement = eid_run_prepare (run, sql, error);
  int status = SQLITE_ROW;
  gboolean good = TRUE;

  if (statement == NULL)
    return NULL;
  while (good && (status = sqlite3_step (statement)) == SQLITE_ROW)
    {
      EidEvent *event = read_event (run, statement, error);

      good = event != NULL && eid_run_check_rows (run, events->len, error);
      if (event != NULL)
        g_ptr_array_add (events, event);
    }
  if (good && status != SQLITE_DONE)
    good = eid_run_database_error (run, error);
  sqlite3_finalize (statement);
  return good ? g_steal_pointer (&events) : NULL;
}

GPtrArray *
eid_run_events (EidRun *run, GError **error)
{
  g_return_val_if_fail (run != NULL, NULL);

  return eid_run_read_events (run, "SELECT step, time, kind, text FROM event ORDER BY step, rowid", error);
}

GPtrArray *
eid_run_undone_events (EidRun *run, GError **error)
{
  g_return_val_if_fail (run != NULL, NULL);

  return eid_run_read_events (run, "SELECT step, time, kind, text FROM undone ORDER BY step, rowid", error);
}
