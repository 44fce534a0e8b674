/* plugin-cache.h: what was read of plugins, kept until their files change. */
#pragma once

#include "plugins/kit/reading.h"

#include <sys/stat.h>

G_BEGIN_DECLS

typedef struct _EidPluginCache EidPluginCache;

/* A cache that is not there, or damaged, is empty. Plugins that crashed in a run since it was written are
 * set aside in it. */
EidPluginCache *eid_plugin_cache_open (void);
void            eid_plugin_cache_free (EidPluginCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPluginCache, eid_plugin_cache_free)

/* The reading of @file as @status has it, or NULL; unref. */
GVariant *eid_plugin_cache_find (EidPluginCache *cache, const char *file, const struct stat *status);
void      eid_plugin_cache_put (EidPluginCache *cache, const char *file, const struct stat *status, GVariant *reading);
void      eid_plugin_cache_forget (EidPluginCache *cache, const char *file);
/* Writes it if it has changed; where that is not possible the next start is slower. */
void      eid_plugin_cache_save (EidPluginCache *cache);

G_END_DECLS
