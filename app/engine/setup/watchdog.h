/* watchdog.h: notices a plugin's function that does not come back. */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* From now on a function of a plugin that has run for too long is told on standard error, with the stack it
 * stands on, and again whenever that time has doubled. Once, for good. */
void eid_heartbeat_begin (void);

/* Whether what runs now has run for too long: $EIDOSCOPE_HANG_SECONDS, or 30; four times that where drivers
 * may be compiling in it. @running may have nothing running. */
gboolean eid_heartbeat_missing (const EidRunning *running);

/* How long it has run, seconds. */
double eid_heartbeat_seconds (const EidRunning *running);

G_END_DECLS
