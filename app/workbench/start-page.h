/* start-page.h: what stands in the window before a run: one line on what to do,
 * the recipes that work here, a place to drop a folder of pictures, the device.
 *
 * Signals:
 *   "recipe-chosen" (const char *file)
 *   "folder-chosen" (const char *folder): pictures of one's own
 *   "start" (): begin with what is chosen
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define EID_TYPE_START_PAGE (eid_start_page_get_type ())
G_DECLARE_FINAL_TYPE (EidStartPage, eid_start_page, EID, START_PAGE, AdwBin)

/* Devices as eid_catalogue_read_devices() gives them. */
void eid_start_page_set_devices (EidStartPage *self, GPtrArray *devices);
/* As Start takes it: "" leaves the choice to the engine. */
const char *eid_start_page_device (EidStartPage *self);
/* Lists the recipes and chooses @preferred (a name; may be NULL), or the first. */
void eid_start_page_fill (EidStartPage *self, const char *preferred);
const char *eid_start_page_recipe_name (EidStartPage *self); /* or NULL */
/* Marks the folder as what is chosen; NULL: the recipe's own data. */
void eid_start_page_show_folder (EidStartPage *self, const char *folder);
void eid_start_page_set_can_start (EidStartPage *self, gboolean can);

G_END_DECLS
