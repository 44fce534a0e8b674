/* crash.h: the last words of a process that breaks: which plugin's function it
 * broke in, at which step and of what, and where its stack stood.            */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* From now on a crash, and exit() in a plugin, are told on standard error, and noted for the next registry,
 * which sets the plugin aside. Once, before other threads; with a sanitizer, which tells more, nothing is
 * done. */
void eid_crash_watch (void);

/* The same once more, where it was begun: drivers' compilers put handlers of their own in place, which let an
 * abort() pass in silence. */
void eid_crash_renew (void);

/* The same for the calling thread's stack running over; each thread that runs plugins calls it once. */
void eid_crash_watch_stack (void);

/* The sentence goes to "crash.txt" in @folder too; NULL: no longer. */
void eid_crash_set_folder (const char *folder);

/* Has the thread @id (as EidRunning has it) write where it stands to standard error, and waits a little for it. */
void eid_crash_print_stack (gint id);

G_END_DECLS
