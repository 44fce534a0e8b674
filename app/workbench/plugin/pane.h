/* pane.h: the plugin being written, at the foot of the window: how its last build went, what the
 * compiler says of it, and ways to its source. Not there while no source is open.
 *
 * Signals: "toast" (const char *text); "listed", as of the workshop.
 */
#pragma once

#include <adwaita.h>

#include "app/workbench/plugin/watcher.h"

G_BEGIN_DECLS

#define EID_TYPE_PLUGIN_PANE (eid_plugin_pane_get_type ())
G_DECLARE_FINAL_TYPE (EidPluginPane, eid_plugin_pane, EID, PLUGIN_PANE, GtkBox)

void eid_plugin_pane_set_client (EidPluginPane *self, EidEngineClient *client);
void eid_plugin_pane_set_used (EidPluginPane *self, const char *encoder, const char *objective);
/* Watches @source from now on, and builds it at once if so told. NULL: closes. */
void eid_plugin_pane_open (EidPluginPane *self, const char *source, gboolean build);
void eid_plugin_pane_build (EidPluginPane *self);
/* A run was just gone on with. */
void eid_plugin_pane_resumed (EidPluginPane *self);
gboolean eid_plugin_pane_is_open (EidPluginPane *self);
/* In the person's own editor. */
void eid_plugin_pane_edit (EidPluginPane *self);

G_END_DECLS
