/* wire.h: what both ends of the wire share beside the generated code of
 * org.eidoscope.Engine.xml: names, and how a connection is made over a socket
 * or a pair of pipes. The one place that knows the names of the protocol.
 *
 * No type of OpenCL, of a plugin or of GTK is known here.                    */
#pragma once

#include <gio/gio.h>

#include "engine-wire.h"

G_BEGIN_DECLS

#define EID_WIRE_PATH "/org/eidoscope/Engine"

/* A look at a step takes as long as the step does: callers of a method on the
 * proxy wait without limit. The end of the connection ends the wait.         */
#define EID_WIRE_NO_TIMEOUT G_MAXINT

/* Views of Look. */
#define EID_WIRE_VIEW_AUGMENTATIONS  "augmentations"
#define EID_WIRE_VIEW_RECONSTRUCTION "reconstruction"
#define EID_WIRE_VIEW_ATTENTION      "attention"
#define EID_WIRE_VIEW_PATCHES        "patches"
#define EID_WIRE_VIEW_EMBEDDING      "embedding"
#define EID_WIRE_VIEW_SIMILARITY     "similarity"
#define EID_WIRE_VIEW_PROTOTYPES     "prototypes"
#define EID_WIRE_VIEW_HEALTH         "health"
#define EID_WIRE_VIEW_OWN            "own"

/* Kinds of Event. */
#define EID_WIRE_EVENT_WARNING    "warning"
#define EID_WIRE_EVENT_NOTE       "note"
#define EID_WIRE_EVENT_CHECKPOINT "checkpoint"
#define EID_WIRE_EVENT_EDIT       "edit"
#define EID_WIRE_EVENT_ALARM      "alarm"
#define EID_WIRE_EVENT_RECOVERY   "recovery"
#define EID_WIRE_EVENT_MOMENT     "moment"
#define EID_WIRE_EVENT_CODE       "code" /* a plugin's was replaced */

/* … and those that the history alone has. */
#define EID_WIRE_EVENT_EVALUATION "evaluation"
#define EID_WIRE_EVENT_UNDO       "undo"
#define EID_WIRE_EVENT_BRANCH     "branch"

/* Values of State, as text on the wire. */
typedef enum
{
  EID_STATE_IDLE,
  EID_STATE_PREPARING,
  EID_STATE_RUNNING,
  EID_STATE_PAUSED,
  EID_STATE_DONE,
  EID_STATE_FAILED,
} EidState;

const char *eid_state_to_text (EidState state);
/* Anything unknown, from a newer engine, reads as EID_STATE_IDLE. */
EidState eid_state_from_text (const char *text);

/* What was drawn for one view of one picture: the keys of `draws` in the
 * augmentations view, and the value that changes nothing. Keys that hold it
 * are left out of the dictionary.                                            */
typedef enum
{
  EID_DRAW_CROP_X,
  EID_DRAW_CROP_Y,
  EID_DRAW_CROP_WIDTH,
  EID_DRAW_CROP_HEIGHT,
  EID_DRAW_FLIP,
  EID_DRAW_BRIGHTNESS,
  EID_DRAW_CONTRAST,
  EID_DRAW_SATURATION,
  EID_DRAW_HUE,
  EID_DRAW_GREY,
  EID_DRAW_BLUR,
  EID_DRAW_SOLARISE,
  EID_DRAW_COUNT,
} EidDrawKey;

typedef struct
{
  const char *key;
  double neutral; /* of solarise, anything above 1 is neutral */
} EidWireDraw;

extern const EidWireDraw eid_wire_draws[EID_DRAW_COUNT];

/* --- Connections ----------------------------------------------------------
 * Both ends authenticate as anonymous: the stream is private already, and the
 * other mechanisms fail over ssh. Messages wait until the caller has exported
 * its object and called g_dbus_connection_start_message_processing().        */

typedef enum
{
  EID_WIRE_ENGINE,
  EID_WIRE_WORKBENCH
} EidWireEnd;

/* A stream over a connected socket, or over two pipes. Takes the descriptors,
 * also when it fails. Errors: G_IO_ERROR.                                    */
GIOStream *eid_wire_stream_from_socket (int fd, GError **error);
GIOStream *eid_wire_stream_from_pipes (int input, int output);

/* Blocks for the handshake: never call both ends from one thread. Errors:
 * G_IO_ERROR, G_DBUS_ERROR.                                                  */
GDBusConnection *eid_wire_connect (GIOStream *stream, EidWireEnd end, GCancellable *cancellable,
                                   GError **error);
void eid_wire_connect_async (GIOStream *stream, EidWireEnd end, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
GDBusConnection *eid_wire_connect_finish (GAsyncResult *result, GError **error);

G_END_DECLS
