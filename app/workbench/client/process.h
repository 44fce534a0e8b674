/* process.h: the child that trains: where its program lies, how it is
 * started, and what to say when it is gone. Nothing of the protocol is known
 * here; client.h speaks it over the socket that this hands out.       */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* $EIDOSCOPE_ENGINE, else `eidoscope` beside this program, in its build tree,
 * or in PATH. Free. Errors: G_IO_ERROR_NOT_FOUND.                            */
char *eid_engine_process_find (GError **error);

/* Starts `eidoscope serve --fd N` at a lower priority than the window, so that
 * a click is answered while both cores train; it dies with this process.
 * @fd is this end of the socket pair; its standard error is a pipe.          */
GSubprocess *eid_engine_process_spawn (int *fd, GError **error);

/* "It was killed (signal 9)": how an ended @process ended. Free. */
char *eid_engine_process_end (GSubprocess *process);

G_END_DECLS
