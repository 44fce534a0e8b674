/* pages.h: the pages of the window, one file each. */
#pragma once

#include "app/workbench/pages/page.h"
#include "app/workbench/pages/pins.h"

G_BEGIN_DECLS

#define EID_TYPE_PAGE_AUGMENTATIONS (eid_page_augmentations_get_type ())
G_DECLARE_FINAL_TYPE (EidPageAugmentations, eid_page_augmentations, EID, PAGE_AUGMENTATIONS, EidPage)
/* The recipe in the side bar (or NULL) and the device it is for, "" for the best: what it would do
 * to the pictures is shown while no run goes on. */
void eid_page_augmentations_set_draft (EidPageAugmentations *self, const char *recipe, const char *device);

#define EID_TYPE_PAGE_RECONSTRUCTION (eid_page_reconstruction_get_type ())
G_DECLARE_FINAL_TYPE (EidPageReconstruction, eid_page_reconstruction, EID, PAGE_RECONSTRUCTION, EidPage)
void eid_page_reconstruction_set_pins (EidPageReconstruction *self, EidPins *pins);

#define EID_TYPE_PAGE_ATTENTION (eid_page_attention_get_type ())
G_DECLARE_FINAL_TYPE (EidPageAttention, eid_page_attention, EID, PAGE_ATTENTION, EidPage)
void eid_page_attention_set_pins (EidPageAttention *self, EidPins *pins);

#define EID_TYPE_PAGE_EMBEDDING (eid_page_embedding_get_type ())
G_DECLARE_FINAL_TYPE (EidPageEmbedding, eid_page_embedding, EID, PAGE_EMBEDDING, EidPage)

#define EID_TYPE_PAGE_PROGRESS (eid_page_progress_get_type ())
G_DECLARE_FINAL_TYPE (EidPageProgress, eid_page_progress, EID, PAGE_PROGRESS, EidPage)

/* Signal "offered" (gboolean): whether the run has anything to be seen here. */
#define EID_TYPE_PAGE_OWN (eid_page_own_get_type ())
G_DECLARE_FINAL_TYPE (EidPageOwn, eid_page_own, EID, PAGE_OWN, EidPage)
void eid_page_own_set_pins (EidPageOwn *self, EidPins *pins);

G_END_DECLS
