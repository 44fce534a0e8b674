/* lifecycle.c: the life of one engine after another; see client.h.
 *
 * launch: process -> stream -> connection -> proxy -> first state. From then on
 * the signals tell the phase, the end of the process tells of its death, and a
 * clock that ticks once a second tells of its silence. */
#include <glib/gi18n.h>
#include <inttypes.h>

#include "app/workbench/client/client-private.h"
#include "app/workbench/client/process.h"

enum
{
  LAUNCH_SECONDS = 20, /* for the line to open                                */
  SAVE_SECONDS = 20,   /* for the last checkpoint when the window closes      */
  QUIT_SECONDS = 3,    /* for a process to end once its line is closed        */
};

/* Of what it prints so much is kept to be read again. */
#define MOST_LINES 200
#define MOST_BYTES 2000

/* A crash is told when the last words are read, or after this long. */
#define LAST_WORDS_MS 300

/* --- The process ----------------------------------------------------------- */

/* Lets go of the line and the process, without waiting for its end. */
void
eid_engine_client_abandon (EidEngineClient *self)
{
  if (self->life)
    g_cancellable_cancel (self->life);
  g_clear_object (&self->life);
  if (self->wire)
    g_signal_handlers_disconnect_by_data (self->wire, self);
  g_clear_object (&self->wire);
  if (self->connection)
    g_dbus_connection_close (self->connection, NULL, NULL, NULL);
  g_clear_object (&self->connection);
  if (self->process)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
  self->commands = 0;
  self->slowest = 0;
  self->asking = FALSE; /* an answer to come is not this life's */
}

static void
finish_launch (EidEngineClient *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->launch);

  g_clear_handle_id (&self->launch_timeout, g_source_remove);
  if (error)
    {
      eid_engine_client_abandon (self);
      eid_engine_client_set_phase (self, EID_PHASE_LOST, error->message);
    }
  if (task == NULL)
    g_clear_error (&error);
  else if (error)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* "The engine crashed (Aborted) at step 40, while SimCLR trained a vision transformer. It said: …" */
static char *
obituary (EidEngineClient *self, GSubprocess *process)
{
  g_autofree char *end =
      self->killed ? g_strdup (_ ("The engine was ended at your wish")) : eid_engine_process_end (process);
  GString *text = g_string_new (end);

  if (self->folder && self->what)
    g_string_append_printf (text, _ (" at step %'" PRIu64 ", training %s"), self->step, self->what);
  g_string_append_c (text, '.');
  if (self->last_words && *self->last_words)
    g_string_append_printf (text, _ (" It said: %s"), self->last_words);
  return g_string_free (text, FALSE);
}

typedef struct
{
  EidEngineClient *self;
  GSubprocess *process;
} Death;

static gboolean
tell_death (gpointer data)
{
  g_autofree Death *death = data;
  g_autoptr (EidEngineClient) self = death->self;
  g_autoptr (GSubprocess) process = death->process;

  if (process == self->process)
    {
      g_autofree char *text = obituary (self, process);
      g_clear_object (&self->process);
      if (self->launch)
        finish_launch (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, text));
      else
        {
          eid_engine_client_abandon (self);
          eid_engine_client_set_phase (self, EID_PHASE_LOST, text);
        }
    }
  return G_SOURCE_REMOVE;
}

static void
on_process_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidEngineClient) self = data;
  GSubprocess *process = G_SUBPROCESS (source);
  Death *death;

  g_subprocess_wait_finish (process, result, NULL);
  if (process != self->process)
    {
      if (self->shut_down)
        eid_engine_client_advance_shut_down (self);
      return;
    }
  death = g_new (Death, 1);
  *death = (Death){ g_object_ref (self), g_object_ref (process) };
  g_timeout_add (LAST_WORDS_MS, tell_death, death);
}

static void
keep_line (EidEngineClient *self, const char *line)
{
  g_queue_push_tail (&self->lines, g_strndup (line, MOST_BYTES));
  if (self->lines.length > MOST_LINES)
    g_free (g_queue_pop_head (&self->lines));
}

char *
eid_engine_client_messages (EidEngineClient *self)
{
  GString *text = g_string_new (NULL);

  for (GList *l = self->lines.head; l; l = l->next)
    {
      g_autofree char *line = g_utf8_make_valid (l->data, -1);

      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

/* What the engine prints goes on to our own standard error; the last line is kept. */
static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidEngineClient) self = data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (line == NULL)
    return;
  g_printerr ("%s\n", line);
  if (*line)
    {
      keep_line (self, line);
      g_free (self->last_words);
      self->last_words = g_utf8_substring (line, 0, MIN (g_utf8_strlen (line, -1), 300));
    }
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source), G_PRIORITY_LOW, NULL, on_line,
                                       g_object_ref (self));
}

static void
listen_to_errors (EidEngineClient *self)
{
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stderr_pipe (self->process));

  g_data_input_stream_read_line_async (lines, G_PRIORITY_LOW, NULL, on_line, g_object_ref (self));
}

static void
on_proxy (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidEngineClient) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (EidWireEngine) wire = eid_wire_engine_proxy_new_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->launch == NULL)
    return;
  if (wire == NULL)
    {
      finish_launch (self, g_steal_pointer (&error));
      return;
    }
  eid_engine_client_attach (self, wire);
  finish_launch (self, NULL);
}

static void
on_connection (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidEngineClient) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = eid_wire_connect_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->launch == NULL)
    return;
  /* A line that breaks is a process that ends: its end says more. */
  if (connection == NULL)
    return;
  self->connection = g_steal_pointer (&connection);
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  g_dbus_connection_start_message_processing (self->connection);
  eid_wire_engine_proxy_new (self->connection, G_DBUS_PROXY_FLAGS_NONE, NULL, EID_WIRE_PATH, self->life,
                             on_proxy, g_object_ref (self));
}

static gboolean
on_launch_late (gpointer data)
{
  EidEngineClient *self = data;

  self->launch_timeout = 0;
  finish_launch (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                            _ ("The engine was started but does not answer. Run “eidoscope "
                                               "devices” in a terminal to see what stops it.")));
  return G_SOURCE_REMOVE;
}

void
eid_engine_client_launch (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GIOStream) stream = NULL;
  GError *error = NULL;
  int fd = -1;

  g_return_if_fail (EID_IS_ENGINE_CLIENT (self));
  g_return_if_fail (self->launch == NULL);

  eid_engine_client_abandon (self);
  g_clear_pointer (&self->last_words, g_free);
  self->killed = FALSE;
  self->life = g_cancellable_new ();
  self->launch = g_task_new (self, NULL, callback, user_data);
  eid_engine_client_set_phase (self, EID_PHASE_LAUNCHING, _ ("Starting the engine"));
  self->process = eid_engine_process_spawn (&fd, &error);
  if (self->process == NULL || (stream = eid_wire_stream_from_socket (fd, &error)) == NULL)
    {
      finish_launch (self, error);
      return;
    }
  g_subprocess_wait_async (self->process, NULL, on_process_ended, g_object_ref (self));
  listen_to_errors (self);
  eid_wire_connect_async (stream, EID_WIRE_WORKBENCH, self->life, on_connection, g_object_ref (self));
  self->launch_timeout = g_timeout_add_seconds (LAUNCH_SECONDS, on_launch_late, self);
}

gboolean
eid_engine_client_launch_finish (EidEngineClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
eid_engine_client_kill (EidEngineClient *self)
{
  g_return_if_fail (EID_IS_ENGINE_CLIENT (self));

  self->killed = TRUE;
  if (self->process)
    g_subprocess_force_exit (self->process);
}

/* --- The end ---------------------------------------------------------------
 * Three stages, each with its time: the run is stopped (the phase says when),
 * the line is closed and the process ends, or it is killed.                  */

typedef enum
{
  STAGE_SAVING,
  STAGE_QUITTING,
  STAGE_KILLING
} Stage;

typedef struct
{
  Stage stage;
  GSubprocess *process;
} ShutDown;

static void
shut_down_free (ShutDown *end)
{
  g_clear_object (&end->process);
  g_free (end);
}

static gboolean
on_shut_down_late (gpointer data)
{
  EidEngineClient *self = data;
  ShutDown *end = g_task_get_task_data (self->shut_down);

  self->shut_down_timeout = 0;
  end->stage = STAGE_KILLING;
  eid_engine_client_advance_shut_down (self);
  return G_SOURCE_REMOVE;
}

static void
wait_at_most (EidEngineClient *self, guint seconds)
{
  g_clear_handle_id (&self->shut_down_timeout, g_source_remove);
  self->shut_down_timeout = g_timeout_add_seconds (seconds, on_shut_down_late, self);
}

void
eid_engine_client_advance_shut_down (EidEngineClient *self)
{
  ShutDown *end = g_task_get_task_data (self->shut_down);
  gboolean ended = end->process == NULL || g_subprocess_get_identifier (end->process) == NULL;

  if (!ended && end->stage == STAGE_SAVING && !eid_engine_client_busy (self))
    {
      end->stage = STAGE_QUITTING;
      if (self->connection)
        g_dbus_connection_close (self->connection, NULL, NULL, NULL);
      wait_at_most (self, QUIT_SECONDS);
    }
  if (!ended && end->stage == STAGE_KILLING)
    g_subprocess_force_exit (end->process);
  if (ended)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->shut_down);
      g_clear_handle_id (&self->shut_down_timeout, g_source_remove);
      g_task_return_boolean (task, TRUE);
    }
}

static void
on_last_end (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidEngineClient) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  if (self->shut_down)
    eid_engine_client_advance_shut_down (self);
}

void
eid_engine_client_shut_down (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  ShutDown *end;

  g_return_if_fail (EID_IS_ENGINE_CLIENT (self));
  g_return_if_fail (self->shut_down == NULL);

  end = g_new0 (ShutDown, 1);
  g_set_object (&end->process, self->process);
  self->shut_down = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (self->shut_down, end, (GDestroyNotify) shut_down_free);
  if (end->process)
    g_subprocess_wait_async (end->process, NULL, on_last_end, g_object_ref (self));
  if (self->stuck)
    end->stage = STAGE_KILLING;
  else if (eid_engine_client_busy (self))
    {
      eid_engine_client_stop (self);
      wait_at_most (self, SAVE_SECONDS);
    }
  eid_engine_client_advance_shut_down (self);
}

void
eid_engine_client_shut_down_finish (EidEngineClient *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
