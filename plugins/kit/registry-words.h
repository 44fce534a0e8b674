/* registry-words.h: what is said of a plugin that is not there. */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* Which there are, which name is like @id, and where they are looked for. */
void eid_registry_set_not_found (EidRegistry *registry, const char *kind, const char *id, GError **error);

/* The refused plugin that has the id, or whose file is named after it; or NULL. (registry.c) */
const EidPluginEntry *eid_registry_find_refused (EidRegistry *registry, const char *id);
/* char *, in the order they are looked at. (registry.c) */
GPtrArray            *eid_registry_folders (EidRegistry *registry);

G_END_DECLS
