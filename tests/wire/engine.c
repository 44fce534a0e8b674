/* engine.c: see engine.h. */
#include "tests/wire/engine.h"

#include <string.h>
#include <sys/socket.h>

#define PATIENCE 60 /* seconds */

static void
on_progress (EidWireEngine *proxy, GVariant *report, gpointer user_data)
{
  Engine *engine = user_data;

  engine->progresses++;
  g_assert_true (g_variant_lookup (report, "step", "t", &engine->step));
}

static void
on_evaluated (EidWireEngine *proxy, GVariant *report, gpointer user_data)
{
  ((Engine *) user_data)->evaluations++;
}

static void
on_health (EidWireEngine *proxy, GVariant *report, gpointer user_data)
{
  const char *verdict = NULL, *evidence = NULL;
  g_autoptr (GVariant) cures = g_variant_lookup_value (report, "cure", G_VARIANT_TYPE ("a(sss)"));
  double cosine = 2;
  guint64 step;

  g_assert_true (g_variant_lookup (report, "verdict", "&s", &verdict));
  g_assert_true (g_variant_lookup (report, "evidence", "&s", &evidence));
  g_assert_true (g_variant_lookup (report, "cosine", "d", &cosine));
  g_assert_nonnull (cures);
  /* One look alone tells nothing. */
  g_assert_true (g_variant_lookup (report, "step", "t", &step));
  g_assert_true (g_str_equal (verdict, "too-early") || (step > 0 && g_str_equal (verdict, "healthy")));
  g_assert_true (g_variant_lookup (report, "rank-most", "u", NULL));
  g_assert_cmpfloat (cosine, <=, 1);
  ((Engine *) user_data)->looks++;
}

static void
on_event (EidWireEngine *proxy, guint64 step, const char *kind, const char *text, gpointer user_data)
{
  g_string_append_printf (((Engine *) user_data)->events, "%s %s\n", kind, text);
}

static GIOStream *
spawn (Engine *engine, EngineWay way)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;
  GIOStream *stream;
  int pair[2];

  launcher = g_subprocess_launcher_new (way == OVER_PIPES
                                            ? G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                            : G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", engine->world->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CACHE_HOME", engine->world->folder, TRUE);
  g_subprocess_launcher_set_stderr_file_path (launcher, engine->messages);
  if (way == OVER_PIPES)
    {
      engine->process =
          g_subprocess_launcher_spawn (launcher, &error, tiny_command (), "serve", "--stdio", NULL);
      g_assert_no_error (error);
      return g_simple_io_stream_new (g_subprocess_get_stdout_pipe (engine->process),
                                     g_subprocess_get_stdin_pipe (engine->process));
    }

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_subprocess_launcher_take_fd (launcher, pair[1], 3);
  engine->process =
      g_subprocess_launcher_spawn (launcher, &error, tiny_command (), "serve", "--fd", "3", NULL);
  g_assert_no_error (error);
  g_clear_object (&launcher);
  stream = eid_wire_stream_from_socket (pair[0], &error);
  g_assert_no_error (error);
  return stream;
}

Engine *
engine_new (EngineWay way)
{
  return engine_new_in (tiny_world_new (), way);
}

Engine *
engine_new_in (TinyWorld *world, EngineWay way)
{
  Engine *engine = g_new0 (Engine, 1);
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  engine->world = world;
  engine->messages = tiny_path (world, "messages");
  engine->events = g_string_new (NULL);
  stream = spawn (engine, way);
  engine->connection = eid_wire_connect (stream, EID_WIRE_WORKBENCH, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_start_message_processing (engine->connection);
  engine->proxy = eid_wire_engine_proxy_new_sync (engine->connection, G_DBUS_PROXY_FLAGS_NONE, NULL,
                                                  EID_WIRE_PATH, NULL, &error);
  g_assert_no_error (error);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (engine->proxy), PATIENCE * 1000);
  g_signal_connect (engine->proxy, "progress", G_CALLBACK (on_progress), engine);
  g_signal_connect (engine->proxy, "health", G_CALLBACK (on_health), engine);
  g_signal_connect (engine->proxy, "evaluated", G_CALLBACK (on_evaluated), engine);
  g_signal_connect (engine->proxy, "event", G_CALLBACK (on_event), engine);
  return engine;
}

static gboolean
stop_waiting (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

int
engine_free (Engine *engine)
{
  int status;

  tiny_world_free (engine_leave (engine, &status));
  return status;
}

char *
engine_messages (Engine *engine)
{
  char *text = NULL;

  g_file_get_contents (engine->messages, &text, NULL, NULL);
  return text != NULL ? text : g_strdup ("");
}

TinyWorld *
engine_leave (Engine *engine, int *status)
{
  TinyWorld *world = engine->world;
  g_autofree char *messages = NULL;
  g_autoptr (GError) error = NULL;

  g_object_unref (engine->proxy);
  g_dbus_connection_close_sync (engine->connection, NULL, NULL);
  g_object_unref (engine->connection);
  g_subprocess_wait (engine->process, NULL, &error);
  g_assert_no_error (error);
  *status =
      g_subprocess_get_if_exited (engine->process) ? g_subprocess_get_exit_status (engine->process) : -1;
  messages = engine_messages (engine);
  if (*messages != '\0')
    g_test_message ("the engine printed: %s", messages);
  g_object_unref (engine->process);
  g_string_free (engine->events, TRUE);
  g_free (engine->messages);
  g_free (engine);
  return world;
}

void
engine_wait (Engine *engine, EngineCondition condition, gconstpointer what)
{
  gboolean late = FALSE;
  const guint timeout = g_timeout_add_seconds (PATIENCE, stop_waiting, &late);

  while (!condition (engine, what) && !late)
    g_main_context_iteration (NULL, TRUE);
  if (late)
    g_test_message ("nothing for %d s in state “%s” (%s), step %" G_GUINT64_FORMAT, PATIENCE,
                    eid_wire_engine_get_state (engine->proxy), eid_wire_engine_get_message (engine->proxy),
                    engine->step);
  g_assert_false (late);
  g_source_remove (timeout);
}

gboolean
engine_is_in (Engine *engine, gconstpointer state)
{
  return g_strcmp0 (eid_wire_engine_get_state (engine->proxy), state) == 0;
}

gboolean
engine_has_stepped_past (Engine *engine, gconstpointer step)
{
  return engine->step > *(const guint64 *) step;
}

gboolean
engine_has_told (Engine *engine, gconstpointer event)
{
  return strstr (engine->events->str, event) != NULL;
}

char *
engine_start (Engine *engine, const char *recipe)
{
  g_autofree char *folder = tiny_path (engine->world, "run");
  g_autoptr (GError) error = NULL;
  char *run = NULL;

  eid_wire_engine_call_start_sync (engine->proxy, recipe, "", folder, &run, NULL, &error);
  g_assert_no_error (error);
  return run;
}

GVariant *
engine_look (Engine *engine, const char *view, GVariant *options, guint64 since, guint64 *step,
             char **message)
{
  g_autoptr (GError) error = NULL;
  GVariant *picture = NULL;

  if (options == NULL)
    options = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  if (!eid_wire_engine_call_look_sync (engine->proxy, view, options, since, step, &picture, NULL, &error))
    {
      g_dbus_error_strip_remote_error (error);
      if (message == NULL)
        g_test_message ("look at %s: %s", view, error->message);
      g_assert_nonnull (message);
      *message = g_strdup (error->message);
    }
  return picture;
}
