/* listing.h: what there is on this machine, as the wire carries it. */
#pragma once

#include "plugins/host.h"

#include <gio/gio.h>

G_BEGIN_DECLS

GVariant *eid_list_devices (void);                  /* (aa{sv}), floating   */
GVariant *eid_list_plugins (EidRegistry *registry); /* (aa{sv}), floating   */

/* @recipe: a name, a file, or the text itself. -> (s), every key with its
 * value. Errors: EID_STORE_ERROR, EID_ERROR_USAGE.                           */
GVariant *eid_resolved_recipe (EidRegistry *registry, const char *recipe, GError **error);

/* What runs of plugins now, as Doing answers it. */
GVariant *eid_doing (void);

G_END_DECLS
