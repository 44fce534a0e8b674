/* sidebar.h: what the run is made of: a form over the recipe, drawn from the
 * tables of the store and of the chosen plugins. Before a run it shapes the
 * draft; while one goes on its live parameters act on the run.
 *
 * Signals:
 *   "edited" (): the draft changed
 *   "set" (section, key, value): a live parameter of the run that goes on
 *   "branch" (section, key): a new run is wanted to change this one        */
#pragma once

#include <adwaita.h>

#include "app/workbench/client/draft.h"

G_BEGIN_DECLS

#define EID_TYPE_SIDEBAR (eid_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (EidSidebar, eid_sidebar, EID, SIDEBAR, AdwBin)

/* Plugins as eid_catalogue_read_plugins() gives them. */
void eid_sidebar_set_plugins (EidSidebar *self, GPtrArray *plugins);
/* @draft is borrowed and must outlive its stay here; NULL: none. */
void eid_sidebar_set_draft (EidSidebar *self, EidDraft *draft);
void eid_sidebar_set_running (EidSidebar *self, gboolean running);
/* What the engine finds wrong with the draft, as a sentence with [Section] in it: it
 * is said in that section; NULL: nothing.                                    */
void eid_sidebar_complain (EidSidebar *self, const char *sentence);
/* A row for @key as it stands in the draft, for elsewhere; floating. NULL: there is none. */
GtkWidget *eid_sidebar_make_row (EidSidebar *self, const char *section, const char *key);
/* Unfolds @section and gives the focus to @key in it, if it is there. */
void eid_sidebar_show_key (EidSidebar *self, const char *section, const char *key);

G_END_DECLS
