/* start-page.h: what stands in the window before a run: one line on what to do,
 * ways to bring pictures, the runs made last, the recipes that work here, the
 * device. Data that were brought take the place of all but the device, with
 * the recipes proposed for them.
 *
 * Signals:
 *   "recipe-chosen" (const char *file)
 *   "proposal-chosen" (const char *recipe): the text of one for the data brought
 *   "run-opened" (const char *folder)
 *   "start" (): begin with what is chosen
 */
#pragma once

#include <adwaita.h>

#include "app/workbench/client/client.h"

G_BEGIN_DECLS

#define EID_TYPE_START_PAGE (eid_start_page_get_type ())
G_DECLARE_FINAL_TYPE (EidStartPage, eid_start_page, EID, START_PAGE, AdwBin)

/* Once. */
void eid_start_page_set_client (EidStartPage *self, EidEngineClient *client);
/* Proposes recipes for what lies at @path. */
void eid_start_page_bring (EidStartPage *self, const char *path);
/* Plugins as eid_catalogue_read_plugins() gives them. */
void eid_start_page_set_plugins (EidStartPage *self, GPtrArray *plugins);
/* Devices as eid_catalogue_read_devices() gives them. */
void eid_start_page_set_devices (EidStartPage *self, GPtrArray *devices);
/* As Start takes it: "" leaves the choice to the engine. */
const char *eid_start_page_device (EidStartPage *self);
/* The same as a name for people: "" leaves it to the engine, which takes the best. */
const char *eid_start_page_device_name (EidStartPage *self);
/* Lists the recipes and chooses @preferred (a name; may be NULL), or the first. */
void eid_start_page_fill (EidStartPage *self, const char *preferred);
const char *eid_start_page_recipe_name (EidStartPage *self); /* or NULL */
void eid_start_page_set_can_start (EidStartPage *self, gboolean can);

/* The folder of the open run, or NULL: recent ones can be shown beside it. */
void eid_start_page_set_open_run (EidStartPage *self, const char *folder);

G_END_DECLS
