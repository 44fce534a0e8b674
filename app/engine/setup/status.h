/* status.h: one reading of every error the engine can meet, whatever part it
 * comes from: the exit status of the command and the name on the wire.       */
#pragma once

#include "plugins/host.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The kind of @error, of any domain. */
EidError eid_failure_kind (const GError *error);

/* 1 the work failed, 2 bad usage or recipe, 3 no device, 4 not finite. */
int eid_failure_exit_status (const GError *error);

/* "org.eidoscope.Error.NoDevice" */
const char *eid_failure_dbus_name (const GError *error);

G_END_DECLS
