/* service.h: the engine at one end of a wire.
 *
 * Two threads: one reads and writes D-Bus, the other does the work, request by
 * request and step by step, so that a long step never makes the engine deaf
 * and every edit falls on a step's boundary.                                 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Serves org.eidoscope.Engine over @stream until the other end goes or
 * @cancellable is cancelled; a run that is going on is saved then. Runs its
 * own main context. FALSE when the connection could not be made.             */
gboolean eid_service_run (GIOStream *stream, GCancellable *cancellable, GError **error);

G_END_DECLS
