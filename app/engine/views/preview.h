/* preview.h: what a recipe would make of its pictures, before there is a run: the
 * views of the first step, without an encoder. The device and the data stay open
 * from one question to the next, as long as the recipe names the same ones.  */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

typedef struct _EidPreview EidPreview;

/* @registry is not owned. */
EidPreview *eid_preview_new (EidRegistry *registry);
void eid_preview_free (EidPreview *preview);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPreview, eid_preview_free)

/* The text of a recipe -> a{sv}, floating, as a look at augmentations answers it;
 * @options as those of Preview in org.eidoscope.Engine.xml. Errors: EID_ERROR,
 * EID_DATASET_ERROR, EID_STORE_ERROR.                                        */
GVariant *eid_preview_look (EidPreview *preview, const char *text, GVariant *options, GError **error);

G_END_DECLS
