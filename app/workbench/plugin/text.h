/* text.h: what came of a build or a swap, as sentences. Free each. */
#pragma once

#include "app/workbench/plugin/build.h"

G_BEGIN_DECLS

/* @report: of the engine's Replace. */
char *eid_plugin_words_swapped (const EidBuilt *built, GVariant *report);
/* The code of before goes on; @why is the engine's sentence. */
char *eid_plugin_words_refused (const EidBuilt *built, const char *why);
char *eid_plugin_words_crashed (const EidBuilt *built);
/* Nobody trains it now. @busy: a run goes on. */
char *eid_plugin_words_listed (const EidBuilt *built, const char *kind, const char *id, gboolean busy);
char *eid_plugin_words_failed (const char *source, const EidBuilt *built, GPtrArray *diagnostics,
                               gboolean busy);

G_END_DECLS
