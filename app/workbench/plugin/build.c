/* build.c: a plugin's source begun and compiled by the command beside the
 * workbench, in a child process; see build.h.                         */
#include "app/workbench/plugin/build.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/client/process.h"

#define MOST_DIAGNOSTICS 200

/* --- What was said ----------------------------------------------------------- */

static void
diagnostic_free (gpointer data)
{
  EidDiagnostic *diagnostic = data;

  g_free (diagnostic->file);
  g_free (diagnostic->text);
  g_free (diagnostic);
}

/* "FILE:12:5: error: TEXT", "FILE:12: warning: TEXT", "cc1: fatal error: TEXT"; a linker's
 * "FILE.c:12: undefined reference to `f'" is an error, too. */
GPtrArray *
eid_diagnostics_read (const char *output)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (diagnostic_free);
  g_autoptr (GRegex) regex = g_regex_new (
      "^(?:(?<file>[^:\\n]+?)(?::(?<line>\\d+))?(?::(?<column>\\d+))?: )"
      "(?:(?<kind>(?:fatal )?error|warning): (?<text>[^\\n]+)|(?<missing>undefined reference[^\\n]+))$",
      G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *valid = g_utf8_make_valid (output, -1);

  g_regex_match (regex, valid, 0, &match);
  for (; g_match_info_matches (match) && list->len < MOST_DIAGNOSTICS; g_match_info_next (match, NULL))
    {
      EidDiagnostic *diagnostic = g_new0 (EidDiagnostic, 1);
      g_autofree char *kind = g_match_info_fetch_named (match, "kind");
      g_autofree char *line = g_match_info_fetch_named (match, "line");
      g_autofree char *column = g_match_info_fetch_named (match, "column");
      g_autofree char *text = g_match_info_fetch_named (match, "text");
      g_autofree char *missing = g_match_info_fetch_named (match, "missing");

      diagnostic->line = line ? (guint) strtoul (line, NULL, 10) : 0;
      diagnostic->column = column ? (guint) strtoul (column, NULL, 10) : 0;
      diagnostic->file = diagnostic->line ? g_match_info_fetch_named (match, "file") : NULL;
      diagnostic->error = !g_str_equal (kind, "warning");
      diagnostic->text = g_strdup (*text ? text : missing);
      g_ptr_array_add (list, diagnostic);
    }
  return list;
}

gboolean
eid_plugin_source_read (const char *source, char **kind, char **id)
{
  g_autofree char *text = NULL;
  g_autoptr (GRegex) regex = g_regex_new ("^EID_(OBJECTIVE|ENCODER)\\s*\\(\\s*([a-z0-9_-]+)",
                                          G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *macro = NULL;

  if (!g_file_get_contents (source, &text, NULL, NULL) || !g_regex_match (regex, text, 0, &match))
    return FALSE;
  macro = g_match_info_fetch (match, 1);
  *kind = g_ascii_strdown (macro, -1);
  *id = g_match_info_fetch (match, 2);
  return TRUE;
}

/* --- The command --------------------------------------------------------------- */

void
eid_built_free (EidBuilt *built)
{
  g_free (built->output);
  g_free (built->file);
  g_free (built);
}

typedef struct
{
  char *file;
  gint64 started;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_free (work->file);
  g_free (work);
}

/* Runs the command with @words; @file is what it is to write. */
static void
run (GTask *task, const char *const *words, char *file, GAsyncReadyCallback then)
{
  Work *work = g_new0 (Work, 1);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  GError *error = NULL;
  g_autofree char *program = eid_engine_process_find (&error);

  work->file = file;
  work->started = g_get_monotonic_time ();
  g_task_set_task_data (task, work, work_free);
  g_ptr_array_add (arguments, program);
  for (guint i = 0; words[i]; i++)
    g_ptr_array_add (arguments, (gpointer) words[i]);
  g_ptr_array_add (arguments, NULL);
  if (program)
    process = g_subprocess_newv ((const char *const *) arguments->pdata,
                                 G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  if (process == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_subprocess_communicate_async (process, NULL, g_task_get_cancellable (task), then, task);
}

/* What it printed; NULL with the task's error set. */
static char *
read_output (GSubprocess *process, GAsyncResult *result, GTask *task)
{
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  if (!g_subprocess_communicate_finish (process, result, NULL, &bytes, &error))
    {
      g_subprocess_force_exit (process);
      g_task_return_error (task, error);
      return NULL;
    }
  return g_strndup (g_bytes_get_size (bytes) ? g_bytes_get_data (bytes, NULL) : "", g_bytes_get_size (bytes));
}

/* --- Building ------------------------------------------------------------------- */

static void
on_built (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  char *output = read_output (G_SUBPROCESS (source), result, task);
  EidBuilt *built;

  if (output == NULL)
    return;
  built = g_new0 (EidBuilt, 1);
  built->good = g_subprocess_get_successful (G_SUBPROCESS (source));
  built->output = output;
  built->file = g_strdup (work->file);
  built->seconds = (double) (g_get_monotonic_time () - work->started) / G_USEC_PER_SEC;
  g_task_return_pointer (task, built, (GDestroyNotify) eid_built_free);
}

void
eid_plugin_build (const char *source, GCancellable *cancellable, GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "eidoscope", "workshop", NULL);
  g_autofree char *base = g_path_get_basename (source);
  char *dot = strrchr (base, '.');
  g_autofree char *name = NULL;
  char *file;

  if (dot)
    *dot = '\0';
  name = g_strconcat (base, ".so", NULL);
  file = g_build_filename (folder, name, NULL);
  g_mkdir_with_parents (folder, 0700);
  run (task, (const char *const[]){ "build", source, "--output", file, NULL }, file, on_built);
}

EidBuilt *
eid_plugin_build_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Beginning ------------------------------------------------------------------- */

static void
on_begun (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Work *work = g_task_get_task_data (task);
  g_autofree char *output = read_output (G_SUBPROCESS (source), result, task);

  if (output == NULL)
    return;
  if (g_subprocess_get_successful (G_SUBPROCESS (source)) && g_file_test (work->file, G_FILE_TEST_EXISTS))
    g_task_return_pointer (task, g_strdup (work->file), g_free);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", g_strchomp (output));
}

void
eid_plugin_begin (const char *kind, const char *name, const char *folder, GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  g_autofree char *base = g_strconcat (name, ".c", NULL), *parent = g_path_get_dirname (folder);

  g_mkdir_with_parents (parent, 0777);
  run (task, (const char *const[]){ "new", kind, name, "--output", folder, NULL },
       g_build_filename (folder, base, NULL), on_begun);
}

char *
eid_plugin_begin_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Whole or not at all, and never in the place of bytes that somebody has open. */
gboolean
eid_plugin_install (const char *file, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "eidoscope", "plugins", NULL);
  g_autofree char *base = g_path_get_basename (file), *target = g_build_filename (folder, base, NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  g_mkdir_with_parents (folder, 0777);
  return g_file_get_contents (file, &bytes, &length, error)
         && g_file_set_contents (target, bytes, (gssize) length, error);
}
