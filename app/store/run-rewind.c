/* run-rewind.c: a run's edits, and how it goes back behind one of them.
 *
 * To undo is one transaction of run.db and then the removal of checkpoints. The
 * table `rewinding` holds the step from the one to the end of the other, so
 * that whoever opens the run after a kill in between completes it.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define ARROW " → "

/* Edits of this run: those of the run that it is a branch of are history. */
#define EDITS                                                                                                \
  " FROM event WHERE kind = 'edit'"                                                                          \
  "  AND rowid > (SELECT coalesce (max (rowid), 0) FROM event WHERE kind = 'branch')"

/* So many of the last edits can be undone without going back further than a checkpoint. */
#define UNDO_DEPTH 4

/* --- Edits ------------------------------------------------------------------ */

char *
eid_edit_assignment (const char *text)
{
  const char *colon = strstr (text, ": "), *arrow = g_strrstr (text, ARROW);

  g_return_val_if_fail (text != NULL, NULL);

  /* As older versions wrote it. */
  if (colon == NULL || arrow == NULL || arrow < colon)
    return strchr (text, '=') != NULL ? g_strdup (text) : NULL;
  return g_strdup_printf ("%.*s=%s", (int) (colon - text), text, arrow + strlen (ARROW));
}

/* Runs @sql with one or two numbers bound. */
static gboolean
run_with (EidRun *run, const char *sql, guint64 first, guint64 second, GError **error)
{
  sqlite3_stmt *statement = eid_run_prepare (run, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (sqlite3_int64) first);
  if (sqlite3_bind_parameter_count (statement) > 1)
    sqlite3_bind_int64 (statement, 2, (sqlite3_int64) second);
  return eid_run_finish (run, statement, error);
}

static gboolean
drop_waiting (EidRun *run, guint64 step, const char *name, GError **error)
{
  static const char *const commands[] = {
    "INSERT INTO undone SELECT step, time, kind, text FROM event"
    "  WHERE kind = 'edit' AND step > ?1 AND substr (text, 1, length (?2)) = ?2",
    "DELETE FROM event WHERE kind = 'edit' AND step > ?1 AND substr (text, 1, length (?2)) = ?2",
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      sqlite3_stmt *statement = eid_run_prepare (run, commands[i], error);

      if (statement == NULL)
        return FALSE;
      sqlite3_bind_int64 (statement, 1, (sqlite3_int64) step);
      sqlite3_bind_text (statement, 2, name, -1, SQLITE_STATIC);
      if (!eid_run_finish (run, statement, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
eid_run_edit (EidRun *run, guint64 step, const char *section, const char *key, const char *before,
              const char *after, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s.%s: ", section, key);
  g_autofree char *text = g_strconcat (name, before, ARROW, after, NULL);

  g_return_val_if_fail (run != NULL && step <= G_MAXINT64, FALSE);

  return eid_run_begin (run, error) && drop_waiting (run, step, name, error)
         && eid_run_event (run, step, "edit", text, error) && eid_run_sync (run, error);
}

GPtrArray *
eid_run_waiting_edits (EidRun *run, guint64 step, GError **error)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT step, time, kind, text" EDITS "  AND step >= %" G_GUINT64_FORMAT " ORDER BY step, rowid", step);

  g_return_val_if_fail (run != NULL && step <= G_MAXINT64, NULL);

  return eid_run_read_events (run, sql, error);
}

/* --- Going back --------------------------------------------------------------- */

static gboolean
forget_numbers (EidRun *run, guint64 step, GError **error)
{
  return run_with (run, "DELETE FROM metric WHERE step > ?1", step, 0, error)
         && run_with (run, "DELETE FROM moment WHERE step > ?1", step, 0, error)
         && run_with (run, "DELETE FROM kept WHERE step > ?1", step, 0, error);
}

gboolean
eid_run_rewind (EidRun *run, guint64 step, GError **error)
{
  g_return_val_if_fail (run != NULL && step <= G_MAXINT64, FALSE);

  return eid_run_begin (run, error) && forget_numbers (run, step, error)
         && run_with (run, "DELETE FROM event WHERE step > ?1 AND kind <> 'edit'", step, 0, error)
         && eid_run_sync (run, error);
}

/* Whether the checkpoint of @step, if there is one, was written before the event @row. */
static gboolean
was_saved_before (EidRun *run, guint64 step, gint64 row)
{
  sqlite3_stmt *statement = eid_run_prepare (
      run, "SELECT 1 FROM event WHERE kind = 'checkpoint' AND step = ?1 AND rowid < ?2", NULL);
  gboolean found;

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (sqlite3_int64) step);
  sqlite3_bind_int64 (statement, 2, row);
  found = sqlite3_step (statement) == SQLITE_ROW;
  sqlite3_finalize (statement);
  return found;
}

/* The newest good checkpoint before the edit @row, made at @step; 0: none. */
static guint64
checkpoint_before (EidRun *run, guint64 step, gint64 row)
{
  g_autoptr (GArray) steps = eid_run_checkpoints (run);

  for (guint i = 0; i < steps->len; i++)
    {
      const guint64 saved = g_array_index (steps, guint64, i);
      g_autofree char *file = eid_run_checkpoint_file (run, saved);
      g_autoptr (EidSafetensors) tensors = NULL;

      if (saved > step || (saved == step && !was_saved_before (run, step, row)))
        continue;
      tensors = eid_safetensors_open (file, NULL);
      if (tensors != NULL)
        return saved;
    }
  return 0;
}

GArray *
eid_run_wanted_checkpoints (EidRun *run)
{
  GArray *wanted = g_array_new (FALSE, FALSE, sizeof (guint64));
  sqlite3_stmt *statement = eid_run_prepare (run, "SELECT step FROM kept", NULL);
  guint64 step;

  while (statement != NULL && sqlite3_step (statement) == SQLITE_ROW)
    if (eid_run_read_step (run, statement, 0, &step, NULL))
      g_array_append_val (wanted, step);
  sqlite3_finalize (statement);

  statement = eid_run_prepare (
      run, "SELECT step, rowid" EDITS " ORDER BY rowid DESC LIMIT " G_STRINGIFY (UNDO_DEPTH), NULL);
  while (statement != NULL && sqlite3_step (statement) == SQLITE_ROW)
    if (eid_run_read_step (run, statement, 0, &step, NULL))
      {
        step = checkpoint_before (run, step, sqlite3_column_int64 (statement, 1));
        g_array_append_val (wanted, step);
      }
  sqlite3_finalize (statement);
  return wanted;
}

/* *@under_way: whether an undo is, and goes back to *@step. FALSE with @error set. */
static gboolean
read_rewinding (EidRun *run, gboolean *under_way, guint64 *step, GError **error)
{
  sqlite3_stmt *statement = eid_run_prepare (run, "SELECT min (step) FROM rewinding", error);
  gboolean good = TRUE;

  if (statement == NULL)
    return FALSE;
  *under_way = sqlite3_step (statement) == SQLITE_ROW && sqlite3_column_type (statement, 0) != SQLITE_NULL;
  if (*under_way)
    good = eid_run_read_step (run, statement, 0, step, error);
  sqlite3_finalize (statement);
  return good;
}

gboolean
eid_run_complete_undo (EidRun *run, GError **error)
{
  g_autoptr (GArray) steps = NULL;
  g_autofree char *folder = g_build_filename (run->folder, "checkpoints", NULL);
  gboolean under_way;
  guint64 step = 0;

  if (!read_rewinding (run, &under_way, &step, error))
    return FALSE;
  if (!under_way)
    return TRUE;
  if (run->lock < 0)
    {
      run->last_checkpoint = step;
      return TRUE;
    }
  steps = eid_run_checkpoints (run);
  for (guint i = 0; i < steps->len; i++)
    if (g_array_index (steps, guint64, i) > step)
      {
        g_autofree char *file = eid_run_checkpoint_file (run, g_array_index (steps, guint64, i));

        g_unlink (file);
      }
  return eid_folder_sync (folder, error) && eid_run_begin (run, error)
         && eid_run_execute (run, "DELETE FROM rewinding", error) && eid_run_sync (run, error);
}

/* FALSE with no error set: there is none. */
static gboolean
find_last_edit (EidRun *run, gint64 *row, guint64 *step, char **text, GError **error)
{
  sqlite3_stmt *statement =
      eid_run_prepare (run, "SELECT rowid, step, text" EDITS " ORDER BY rowid DESC LIMIT 1", error);
  gboolean found;

  if (statement == NULL)
    return FALSE;
  found = sqlite3_step (statement) == SQLITE_ROW;
  if (found)
    {
      *row = sqlite3_column_int64 (statement, 0);
      found = eid_run_read_step (run, statement, 1, step, error);
      *text = g_strdup ((const char *) sqlite3_column_text (statement, 2));
    }
  sqlite3_finalize (statement);
  return found;
}

gboolean
eid_run_undo (EidRun *run, guint64 *step, char **edit, GError **error)
{
  static const char which[] = " FROM event WHERE rowid = ?1 OR (step > ?2 AND kind <> 'edit')";
  g_autofree char *move = g_strconcat ("INSERT INTO undone SELECT step, time, kind, text", which, NULL);
  g_autofree char *forget = g_strconcat ("DELETE", which, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  guint64 made = 0;
  gint64 row = 0;

  g_return_val_if_fail (run != NULL, FALSE);

  if (!eid_run_sync (run, error))
    return FALSE;
  if (!find_last_edit (run, &row, &made, &text, &cause))
    {
      if (cause != NULL)
        g_propagate_error (error, g_steal_pointer (&cause));
      else
        g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_RECIPE,
                     _ ("There is no edit to undo: nothing was changed since the run began"));
      return FALSE;
    }
  *step = checkpoint_before (run, made, row);
  if (!eid_run_begin (run, error) || !run_with (run, move, (guint64) row, *step, error)
      || !run_with (run, forget, (guint64) row, *step, error) || !forget_numbers (run, *step, error)
      || !eid_run_event (run, *step, "undo", text, error)
      || !run_with (run, "INSERT INTO rewinding VALUES (?1)", *step, 0, error) || !eid_run_sync (run, error))
    {
      sqlite3_exec (run->database, "ROLLBACK", NULL, NULL, NULL);
      return FALSE;
    }
  if (edit != NULL)
    *edit = g_steal_pointer (&text);
  return eid_run_complete_undo (run, error);
}

/* --- Branches ----------------------------------------------------------------- */

gboolean
eid_run_inherit (EidRun *run, EidRun *parent, guint64 step, GError **error)
{
  sqlite3_backup *backup;

  g_return_val_if_fail (run != NULL && parent != NULL && step <= G_MAXINT64, FALSE);

  if (!eid_run_sync (parent, error) || !eid_run_sync (run, error))
    return FALSE;
  backup = sqlite3_backup_init (run->database, "main", parent->database, "main");
  if (backup == NULL)
    return eid_run_database_error (run, error);
  sqlite3_backup_step (backup, -1);
  if (sqlite3_backup_finish (backup) != SQLITE_OK)
    return eid_run_database_error (run, error);
  return eid_run_begin (run, error) && forget_numbers (run, step, error)
         && run_with (run, "DELETE FROM event WHERE step > ?1", step, 0, error)
         && eid_run_execute (run, "DELETE FROM undone", error) && eid_run_sync (run, error);
}
