/* replace.h: code that was placed before what a registry found in folders. */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* A loaded shared object, closed with its last use. */
typedef struct _EidCode EidCode;

/* The newest that was placed of @kind and @id, or NULL. */
const EidDescriptor *eid_placed_find (GPtrArray *placed, const char *kind, const char *id);
void                 eid_code_release (gpointer code);
/* A use of the code that @descriptor is of; NULL where it was not placed. */
EidCode             *eid_code_hold (EidRegistry *registry, const EidDescriptor *descriptor);

/* registry.c: elements EidCode. */
GPtrArray           *eid_registry_placed (EidRegistry *registry);

G_END_DECLS
