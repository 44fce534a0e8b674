/* masks.h: the masks that a person has painted on pictures, each under the picture's
 * name, with strokes that can be undone and done again.                      */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _EidMasks EidMasks;

EidMasks *eid_masks_new (void);
EidMasks *eid_masks_ref (EidMasks *masks);
void eid_masks_unref (EidMasks *masks); /* or NULL */

/* u8, 1 where hidden; NULL: none was painted. Borrowed. */
GBytes *eid_masks_get (EidMasks *masks, const char *picture);
/* What is put from here on is one stroke, undone as one. */
void eid_masks_begin (EidMasks *masks);
/* @mask NULL: as drawn by chance. */
void eid_masks_put (EidMasks *masks, const char *picture, GBytes *mask);

/* The mask that was drawn by chance stays as it is from here on; no stroke. */
void eid_masks_keep (EidMasks *masks, const char *picture, GBytes *mask);

gboolean eid_masks_can_undo (EidMasks *masks);
gboolean eid_masks_can_redo (EidMasks *masks);
void eid_masks_undo (EidMasks *masks);
void eid_masks_redo (EidMasks *masks);

G_END_DECLS
