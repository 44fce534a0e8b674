/* loading.h: a plugin's shared object in this process, and which of them a place
 * in memory belongs to.                                                      */
#pragma once

#include "plugins/host.h"

#include <gmodule.h>

G_BEGIN_DECLS

/* Opens @file and finds its entry, NULL with @problem (a sentence, to free) if it has none; NULL, with
 * @problem, if it cannot be opened. All symbols are bound at once: one that is missing is a reason to refuse
 * the plugin now, not to end the process in the middle of a run. */
GModule *eid_module_open (const char *file, const EidDescriptor *(**entry) (void), char **problem);

/* @descriptor's code, with @entry in it, is of @file … and is about to be unloaded. */
void eid_loaded_remember (const EidDescriptor *descriptor, const char *file, gpointer entry);
void eid_loaded_close (const EidDescriptor *descriptor);

/* Loads @file, which is known to be of @kind and @id; the code stays for good. What it returns goes when the
 * caller frees it. Errors: EID_ERROR_USAGE. */
EidDescriptor *eid_plugin_load (const char *file, const char *kind, const char *id, GError **error);

G_END_DECLS
