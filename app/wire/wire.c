/* wire.c: the tables of names and the making of connections; see wire.h. */
#include "app/wire/wire.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

static const char *const state_texts[] = {
  [EID_STATE_IDLE] = "idle",     [EID_STATE_PREPARING] = "preparing", [EID_STATE_RUNNING] = "running",
  [EID_STATE_PAUSED] = "paused", [EID_STATE_DONE] = "done",           [EID_STATE_FAILED] = "failed",
};

const EidWireDraw eid_wire_draws[EID_DRAW_COUNT] = {
  [EID_DRAW_CROP_X] = { "crop-x", 0 },
  [EID_DRAW_CROP_Y] = { "crop-y", 0 },
  [EID_DRAW_CROP_WIDTH] = { "crop-width", 1 },
  [EID_DRAW_CROP_HEIGHT] = { "crop-height", 1 },
  [EID_DRAW_FLIP] = { "flip", 0 },
  [EID_DRAW_BRIGHTNESS] = { "brightness", 1 },
  [EID_DRAW_CONTRAST] = { "contrast", 1 },
  [EID_DRAW_SATURATION] = { "saturation", 1 },
  [EID_DRAW_HUE] = { "hue", 0 },
  [EID_DRAW_GREY] = { "grey", 0 },
  [EID_DRAW_BLUR] = { "blur", 0 },
  [EID_DRAW_SOLARISE] = { "solarise", 2 },
};

const char *
eid_state_to_text (EidState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_texts), state_texts[0]);

  return state_texts[state];
}

EidState
eid_state_from_text (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_texts); i++)
    if (g_strcmp0 (text, state_texts[i]) == 0)
      return (EidState) i;
  return EID_STATE_IDLE;
}

GIOStream *
eid_wire_stream_from_socket (int fd, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  struct stat status;

  if (fstat (fd, &status) < 0 || !S_ISSOCK (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("Descriptor %d is not a socket"), fd);
      return NULL;
    }
  socket = g_socket_new_from_fd (fd, error);
  if (socket == NULL)
    {
      g_close (fd, NULL);
      return NULL;
    }
  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

GIOStream *
eid_wire_stream_from_pipes (int input, int output)
{
  g_autoptr (GInputStream) in = g_unix_input_stream_new (input, TRUE);
  g_autoptr (GOutputStream) out = g_unix_output_stream_new (output, TRUE);

  return g_simple_io_stream_new (in, out);
}

static gboolean
allow_mechanism (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  return g_str_equal (mechanism, "ANONYMOUS");
}

static gboolean
authorize_peer (GDBusAuthObserver *observer, GIOStream *stream, GCredentials *credentials, gpointer user_data)
{
  return TRUE;
}

static GDBusAuthObserver *
anonymous_observer (void)
{
  GDBusAuthObserver *observer = g_dbus_auth_observer_new ();

  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism), NULL);
  g_signal_connect (observer, "authorize-authenticated-peer", G_CALLBACK (authorize_peer), NULL);
  return observer;
}

static GDBusConnectionFlags
flags_of_end (EidWireEnd end)
{
  const GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING;

  if (end == EID_WIRE_WORKBENCH)
    return flags | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT;
  return flags | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
         | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS;
}

GDBusConnection *
eid_wire_connect (GIOStream *stream, EidWireEnd end, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusAuthObserver) observer = anonymous_observer ();
  g_autofree char *guid = end == EID_WIRE_ENGINE ? g_dbus_generate_guid () : NULL;

  return g_dbus_connection_new_sync (stream, guid, flags_of_end (end), observer, cancellable, error);
}

void
eid_wire_connect_async (GIOStream *stream, EidWireEnd end, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GDBusAuthObserver) observer = anonymous_observer ();
  g_autofree char *guid = end == EID_WIRE_ENGINE ? g_dbus_generate_guid () : NULL;

  g_dbus_connection_new (stream, guid, flags_of_end (end), observer, cancellable, callback, user_data);
}

GDBusConnection *
eid_wire_connect_finish (GAsyncResult *result, GError **error)
{
  return g_dbus_connection_new_finish (result, error);
}
