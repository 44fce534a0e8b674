/* engine.h: a real engine as a child, and the workbench's end of its wire. */
#pragma once

#include "tests/support/tiny.h"
#include "app/wire/wire.h"

typedef struct
{
  TinyWorld *world;
  GSubprocess *process;
  GDBusConnection *connection;
  EidWireEngine *proxy;
  guint64 step;             /* of the last Progress */
  guint progresses;         /* how many came */
  guint evaluations, looks; /* looks at the health */
  GString *events;          /* "edit Optimizer.lr=0.001\n", … */
  char *messages;           /* the file of what it printed, in the world's folder */
} Engine;

typedef enum
{
  OVER_SOCKET,
  OVER_PIPES
} EngineWay;

Engine *engine_new (EngineWay way);
/* The same in @world, which it takes. */
Engine *engine_new_in (TinyWorld *world, EngineWay way);
/* Closes the connection and waits for the engine to leave; its exit status. */
int engine_free (Engine *engine);
/* The same, and gives its world back. */
TinyWorld *engine_leave (Engine *engine, int *status);
/* What it has printed on standard error; free. */
char *engine_messages (Engine *engine);

/* Runs the main loop until @condition; fails the test after a minute. */
typedef gboolean (*EngineCondition) (Engine *engine, gconstpointer what);
void engine_wait (Engine *engine, EngineCondition condition, gconstpointer what);
gboolean engine_is_in (Engine *engine, gconstpointer state);           /* a state's text */
gboolean engine_has_stepped_past (Engine *engine, gconstpointer step); /* guint64 */
gboolean engine_has_told (Engine *engine, gconstpointer event);        /* text */

/* The folder of the run that began. Free. */
char *engine_start (Engine *engine, const char *recipe);

/* -> the picture, a{sv}; *@step: the model's. NULL with *@message (free) when
 * it was refused.                                                            */
GVariant *engine_look (Engine *engine, const char *view, GVariant *options, guint64 since, guint64 *step,
                       char **message);
