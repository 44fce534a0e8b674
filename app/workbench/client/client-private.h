/* client-private.h: the client's state, for the files that make it:
 * client.c what the engine does and tells, calls.c what it is asked
 * and told to do, inspect.c what it is asked before a run, lifecycle.c how
 * it comes to life and ends.                                                 */
#pragma once

#include "app/wire/wire.h"

#include "app/workbench/client/client.h"

G_BEGIN_DECLS

struct _EidEngineClient
{
  GObject parent_instance;

  GSubprocess *process;
  GDBusConnection *connection;
  EidWireEngine *wire;
  GCancellable *life; /* cancelled when this process is given up  */
  GTask *launch;
  guint launch_timeout;
  GQueue lines;     /* that it and those before it printed      */
  char *last_words; /* the last line it printed                 */
  gboolean killed;  /* by a person, here                        */

  EidPhase phase;
  char *message;
  char *folder;
  char *what;
  guint64 step, steps; /* made, of so many; 0: not known */

  gboolean evaluating; /* the engine measures, which can be skipped */

  gint64 heard;   /* when it last gave a sign of life, µs      */
  gint64 slowest; /* the longest gap between two reports, µs   */
  guint commands; /* sent and not yet answered                 */
  gboolean stuck;
  char *standstill; /* in words, while the engine says that it is at one */
  gboolean asking;  /* what it is doing, since …           */
  gint64 asked;
  guint clock;

  GTask *shut_down;
  guint shut_down_timeout;
};

/* client.c */
void eid_engine_client_set_phase (EidEngineClient *self, EidPhase phase, const char *message);
/* Listens to @wire from now on and takes the engine's state over. */
void eid_engine_client_attach (EidEngineClient *self, EidWireEngine *wire);
/* It has just given a sign of life. */
void eid_engine_client_heard (EidEngineClient *self);

/* calls.c */
/* @arguments is consumed if floating. */
void eid_engine_client_call (EidEngineClient *self, const char *method, GVariant *arguments,
                             GAsyncReadyCallback callback, gpointer user_data);

/* lifecycle.c */
/* Lets go of the line and the process, without waiting for its end. */
void eid_engine_client_abandon (EidEngineClient *self);
/* Goes on with a shutdown that is under way. */
void eid_engine_client_advance_shut_down (EidEngineClient *self);

G_END_DECLS
