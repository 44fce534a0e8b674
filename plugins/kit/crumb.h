/* crumb.h: the kit notes which function of which plugin it is about to call, so
 * that whoever finds the program broken or standing still can say where.     */
#pragma once

#include "plugins/kit/private.h"

G_BEGIN_DECLS

typedef enum {
  EID_IN_OPENING,
  EID_IN_ENTRY,
  EID_IN_BUILD,
  EID_IN_VIEWS,
  EID_IN_LOSS,
  EID_IN_CHANCE,
  EID_IN_SHOW,
  EID_IN_ENCODE,
} EidCallback;

/* From now on @plugin's @callback runs, in @step or NULL. What ran before comes back with
 * eid_crumb_leave(): an objective's loss() calls an encoder's encode(). */
EidRunning eid_crumb_enter (const EidPlugin *plugin, EidCallback callback, const EidStep *step);
EidRunning eid_crumb_enter_file (const char *file, const char *id, EidCallback callback);
void       eid_crumb_leave (const EidRunning *before);

/* Where the plugin with this descriptor was loaded from, or NULL; and: it is about to be freed. (loading.c) */
const char *eid_loaded_file (const EidDescriptor *descriptor);
void        eid_loaded_forget (const EidDescriptor *descriptor);

G_END_DECLS
