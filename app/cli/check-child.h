/* check-child.h: one examination of a plugin in a process of its own: whatever
 * the plugin does to that, there is a finding.                               */
#pragma once

#include "app/engine/check/check.h"

G_BEGIN_DECLS

/* `eidoscope check --examine NAME …`, the other side: makes the examination and
 * writes what it finds to where eid_check_apart() reads. Returns the exit status. */
int eid_check_child (const char *name, EidCheckOptions *options);

/* Starts this program again for it and waits, @seconds at most and while it
 * takes no more than half of the machine's memory. @options->tell is told how
 * far it is. What the plugin writes to standard output is lost.              */
EidFinding eid_check_apart (const char *name, const EidCheckOptions *options, guint seconds);

G_END_DECLS
