/* engine-client.c: the life of one engine after another; see engine-client.h.
 *
 * launch: process -> stream -> connection -> proxy -> first state. From then on
 * the signals tell the phase, the end of the process tells of its death, and a
 * clock that ticks once a second tells of its silence.                        */
#include "engine-client.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdlib.h>

#include "app/wire/wire.h"

#include "engine-process.h"

enum
{
  LAUNCH_SECONDS = 20,   /* for the line to open                                */
  PATIENCE_SECONDS = 60, /* of silence in a run before an offer to kill it      */
  SAVE_SECONDS = 20,     /* for the last checkpoint when the window closes      */
  QUIT_SECONDS = 3,      /* for a process to end once its line is closed        */
  SLOWEST_STEPS = 10,    /* silence is judged by the run's own slowest step too */
};

/* A crash is told when the last words are read, or after this long. */
#define LAST_WORDS_MS 300

struct _EidEngineClient
{
  GObject parent_instance;

  GSubprocess *process;
  GDBusConnection *connection;
  EidWireEngine *wire;
  GCancellable *life; /* cancelled when this process is given up  */
  GTask *launch;
  guint launch_timeout;
  char *last_words; /* the last line it printed                 */
  gboolean killed;  /* by a person, here                        */

  EidPhase phase;
  char *message;
  char *folder;
  char *what;
  guint64 step;

  gint64 heard;   /* when it last gave a sign of life, µs      */
  gint64 slowest; /* the longest gap between two reports, µs   */
  guint commands; /* sent and not yet answered                 */
  gboolean stuck;
  guint clock;

  GTask *shut_down;
  guint shut_down_timeout;
};

enum
{
  PROP_0,
  PROP_PHASE,
  PROP_MESSAGE,
  PROP_STUCK,
  N_PROPS
};
enum
{
  PROGRESS,
  EVALUATED,
  EVENT,
  REFUSED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidEngineClient, eid_engine_client, G_TYPE_OBJECT)

static void advance_shut_down (EidEngineClient *self);

/* --- What it is doing ------------------------------------------------------ */

static void
set_stuck (EidEngineClient *self, gboolean stuck)
{
  if (self->stuck == stuck)
    return;
  self->stuck = stuck;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STUCK]);
}

static void
heard (EidEngineClient *self)
{
  self->heard = g_get_monotonic_time ();
  set_stuck (self, FALSE);
}

static void
set_phase (EidEngineClient *self, EidPhase phase, const char *message)
{
  heard (self);
  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->message, message) != 0)
    {
      g_free (self->message);
      self->message = g_strdup (message);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MESSAGE]);
    }
  if (self->phase != phase)
    {
      self->phase = phase;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PHASE]);
    }
  g_object_thaw_notify (G_OBJECT (self));
  if (self->shut_down)
    advance_shut_down (self);
}

static EidPhase
phase_of_state (const char *state)
{
  static const EidPhase phases[] = {
    [EID_STATE_IDLE] = EID_PHASE_IDLE,       [EID_STATE_PREPARING] = EID_PHASE_PREPARING,
    [EID_STATE_RUNNING] = EID_PHASE_RUNNING, [EID_STATE_PAUSED] = EID_PHASE_PAUSED,
    [EID_STATE_DONE] = EID_PHASE_DONE,       [EID_STATE_FAILED] = EID_PHASE_FAILED,
  };

  return phases[eid_state_from_text (state)];
}

static gint64
patience (EidEngineClient *self)
{
  const char *given = g_getenv ("EIDOSCOPE_PATIENCE");
  gint64 seconds = given ? g_ascii_strtoll (given, NULL, 10) : 0;

  return MAX ((seconds > 0 ? seconds : PATIENCE_SECONDS) * G_USEC_PER_SEC, self->slowest * SLOWEST_STEPS);
}

static gboolean
on_clock (gpointer data)
{
  EidEngineClient *self = data;
  gboolean owes =
      self->phase == EID_PHASE_RUNNING || (self->commands > 0 && self->phase != EID_PHASE_PREPARING);

  if (self->wire && owes && g_get_monotonic_time () - self->heard > patience (self))
    set_stuck (self, TRUE);
  return G_SOURCE_CONTINUE;
}

/* "compiling attention" is "Compiling attention": it stands alone on screen. */
static char *
sentence_case (const char *text)
{
  g_autofree char *first = *text ? g_utf8_strup (text, g_utf8_next_char (text) - text) : g_strdup ("");

  return g_strconcat (first, *text ? g_utf8_next_char (text) : NULL, NULL);
}

static void
on_state_changed (EidWireEngine *wire, const char *state, const char *message, EidEngineClient *self)
{
  const EidPhase phase = phase_of_state (state);
  g_autofree char *text = phase == EID_PHASE_DONE ? g_strdup (message) : sentence_case (message);

  if (wire == self->wire)
    set_phase (self, phase, text);
}

static void
on_progress (EidWireEngine *wire, GVariant *dictionary, EidEngineClient *self)
{
  EidReport report = eid_report_read (dictionary);

  if (wire != self->wire)
    return;
  if (report.step > self->step && self->phase == EID_PHASE_RUNNING)
    self->slowest = MAX (self->slowest, g_get_monotonic_time () - self->heard);
  self->step = report.step;
  heard (self);
  g_signal_emit (self, signals[PROGRESS], 0, &report);
}

static void
on_evaluated (EidWireEngine *wire, GVariant *dictionary, EidEngineClient *self)
{
  EidEvaluation evaluation = eid_evaluation_read (dictionary);

  if (wire != self->wire)
    return;
  heard (self);
  g_signal_emit (self, signals[EVALUATED], 0, &evaluation);
}

static void
on_event (EidWireEngine *wire, guint64 step, const char *kind, const char *text, EidEngineClient *self)
{
  if (wire != self->wire)
    return;
  heard (self);
  g_signal_emit (self, signals[EVENT], 0, step, kind, text);
}

/* --- The process ----------------------------------------------------------- */

/* Lets go of the line and the process, without waiting for its end. */
static void
abandon (EidEngineClient *self)
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
}

static void
finish_launch (EidEngineClient *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->launch);

  g_clear_handle_id (&self->launch_timeout, g_source_remove);
  if (error)
    {
      abandon (self);
      set_phase (self, EID_PHASE_LOST, error->message);
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
    g_string_append_printf (text, _ (" at step %" PRIu64 ", training %s"), self->step, self->what);
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
          abandon (self);
          set_phase (self, EID_PHASE_LOST, text);
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
        advance_shut_down (self);
      return;
    }
  death = g_new (Death, 1);
  *death = (Death){ g_object_ref (self), g_object_ref (process) };
  g_timeout_add (LAST_WORDS_MS, tell_death, death);
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
  const char *state;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->launch == NULL)
    return;
  if (wire == NULL)
    {
      finish_launch (self, g_steal_pointer (&error));
      return;
    }
  self->wire = g_steal_pointer (&wire);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->wire), EID_WIRE_NO_TIMEOUT);
  g_signal_connect (self->wire, "state-changed", G_CALLBACK (on_state_changed), self);
  g_signal_connect (self->wire, "progress", G_CALLBACK (on_progress), self);
  g_signal_connect (self->wire, "evaluated", G_CALLBACK (on_evaluated), self);
  g_signal_connect (self->wire, "event", G_CALLBACK (on_event), self);
  state = eid_wire_engine_get_state (self->wire);
  set_phase (self, phase_of_state (state), eid_wire_engine_get_message (self->wire));
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

  abandon (self);
  g_clear_pointer (&self->last_words, g_free);
  self->killed = FALSE;
  self->life = g_cancellable_new ();
  self->launch = g_task_new (self, NULL, callback, user_data);
  set_phase (self, EID_PHASE_LAUNCHING, _ ("Starting the engine"));
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

/* --- Calls ----------------------------------------------------------------- */

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  EidEngineClient *self = g_task_get_source_object (task);
  GError *error = NULL;
  GVariant *answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);

  if (answer)
    {
      if (source == (GObject *) self->wire)
        heard (self);
      g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, error);
}

static void
call (EidEngineClient *self, const char *method, GVariant *arguments, GAsyncReadyCallback callback,
      gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  if (self->wire)
    {
      g_dbus_proxy_call (G_DBUS_PROXY (self->wire), method, arguments, G_DBUS_CALL_FLAGS_NONE,
                         EID_WIRE_NO_TIMEOUT, self->life, on_answer, task);
      return;
    }
  if (arguments)
    g_variant_unref (g_variant_ref_sink (arguments));
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "%s",
                           _ ("There is no engine running"));
  g_object_unref (task);
}

GVariant *
eid_engine_client_call_finish (EidEngineClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
eid_engine_client_list_devices (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  call (self, "ListDevices", NULL, callback, user_data);
}

void
eid_engine_client_list_plugins (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  call (self, "ListPlugins", NULL, callback, user_data);
}

void
eid_engine_client_history (EidEngineClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  call (self, "History", NULL, callback, user_data);
}

void
eid_engine_client_resolve (EidEngineClient *self, const char *recipe, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  call (self, "ResolveRecipe", g_variant_new ("(s)", recipe), callback, user_data);
}

void
eid_engine_client_look (EidEngineClient *self, const char *view, GVariant *options, guint64 since,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  call (self, "Look", g_variant_new ("(s@a{sv}t)", view, options, since), callback, user_data);
}

/* Start and Resume: the folder is known from then on. */
static void
on_begun (GObject *source, GAsyncResult *result, gpointer data)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (source);
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GVariant *answer = eid_engine_client_call_finish (self, result, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_variant_is_of_type (answer, G_VARIANT_TYPE ("(s)")))
    {
      g_free (self->folder);
      g_variant_get (answer, "(s)", &self->folder);
      self->step = 0;
    }
  else
    {
      g_free (self->folder);
      self->folder = g_strdup (g_task_get_task_data (task));
      g_variant_get (answer, "(t)", &self->step);
    }
  g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
}

void
eid_engine_client_start (EidEngineClient *self, const char *recipe, const char *device,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  call (self, "Start", g_variant_new ("(sss)", recipe, device, ""), on_begun, task);
}

void
eid_engine_client_resume (EidEngineClient *self, const char *folder, const char *device,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (folder), g_free);
  call (self, "Resume", g_variant_new ("(ss)", folder, device), on_begun, task);
}

static void
on_command_answered (GObject *source, GAsyncResult *result, gpointer unused)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (self, result, &error);

  if (self->commands > 0)
    self->commands--;
  /* A call that ends with its engine is told of by the engine's end. */
  if (answer == NULL && self->wire && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    g_signal_emit (self, signals[REFUSED], 0, error->message);
}

static void
command (EidEngineClient *self, const char *method, GVariant *arguments)
{
  if (self->commands++ == 0 && self->phase != EID_PHASE_RUNNING)
    self->heard = g_get_monotonic_time ();
  call (self, method, arguments, on_command_answered, NULL);
}

void
eid_engine_client_pause (EidEngineClient *self)
{
  command (self, "Pause", NULL);
}

void
eid_engine_client_continue (EidEngineClient *self)
{
  command (self, "Continue", NULL);
}

void
eid_engine_client_step_once (EidEngineClient *self)
{
  command (self, "Step", NULL);
}

void
eid_engine_client_stop (EidEngineClient *self)
{
  command (self, "Stop", NULL);
}

void
eid_engine_client_set (EidEngineClient *self, const char *section, const char *key, const char *value)
{
  command (self, "Set", g_variant_new ("(sss)", section, key, value));
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
  advance_shut_down (self);
  return G_SOURCE_REMOVE;
}

static void
wait_at_most (EidEngineClient *self, guint seconds)
{
  g_clear_handle_id (&self->shut_down_timeout, g_source_remove);
  self->shut_down_timeout = g_timeout_add_seconds (seconds, on_shut_down_late, self);
}

static void
advance_shut_down (EidEngineClient *self)
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
    advance_shut_down (self);
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
  advance_shut_down (self);
}

void
eid_engine_client_shut_down_finish (EidEngineClient *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- The object ------------------------------------------------------------ */

EidPhase
eid_engine_client_phase (EidEngineClient *self)
{
  return self->phase;
}

const char *
eid_engine_client_message (EidEngineClient *self)
{
  return self->message ? self->message : "";
}

const char *
eid_engine_client_folder (EidEngineClient *self)
{
  return self->folder;
}

guint64
eid_engine_client_step (EidEngineClient *self)
{
  return self->step;
}

gboolean
eid_engine_client_stuck (EidEngineClient *self)
{
  return self->stuck;
}

gboolean
eid_engine_client_busy (EidEngineClient *self)
{
  return self->phase == EID_PHASE_PREPARING || self->phase == EID_PHASE_RUNNING
         || self->phase == EID_PHASE_PAUSED;
}

void
eid_engine_client_set_what (EidEngineClient *self, const char *what)
{
  g_free (self->what);
  self->what = g_strdup (what);
}

static void
eid_engine_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (object);

  switch (id)
    {
    case PROP_PHASE:
      g_value_set_int (value, self->phase);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_STUCK:
      g_value_set_boolean (value, self->stuck);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
eid_engine_client_dispose (GObject *object)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (object);

  abandon (self);
  g_clear_handle_id (&self->launch_timeout, g_source_remove);
  g_clear_handle_id (&self->clock, g_source_remove);
  G_OBJECT_CLASS (eid_engine_client_parent_class)->dispose (object);
}

static void
eid_engine_client_finalize (GObject *object)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (object);

  g_free (self->last_words);
  g_free (self->message);
  g_free (self->folder);
  g_free (self->what);
  G_OBJECT_CLASS (eid_engine_client_parent_class)->finalize (object);
}

static void
eid_engine_client_class_init (EidEngineClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = eid_engine_client_get_property;
  object_class->dispose = eid_engine_client_dispose;
  object_class->finalize = eid_engine_client_finalize;

  props[PROP_PHASE] = g_param_spec_int ("phase", NULL, NULL, 0, EID_N_PHASES - 1, EID_PHASE_LAUNCHING, flags);
  props[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  props[PROP_STUCK] = g_param_spec_boolean ("stuck", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[PROGRESS] =
      g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[EVALUATED] = g_signal_new ("evaluated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                     1, G_TYPE_POINTER);
  signals[EVENT] = g_signal_new ("event", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING);
  signals[REFUSED] =
      g_signal_new ("refused", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
eid_engine_client_init (EidEngineClient *self)
{
  self->clock = g_timeout_add_seconds (1, on_clock, self);
}

EidEngineClient *
eid_engine_client_new (void)
{
  return g_object_new (EID_TYPE_ENGINE_CLIENT, NULL);
}
