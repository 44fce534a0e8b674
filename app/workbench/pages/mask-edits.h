/* mask-edits.h: what a stroke or a button makes of a mask, u8 [patches], 1 where hidden.
 * One patch at least always stays shown: a model needs something to go by.   */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

/* Each gives a new one. Unref. */
GBytes *eid_mask_set (GBytes *mask, guint patch, gboolean hidden);
GBytes *eid_mask_invert (GBytes *mask);
GBytes *eid_mask_clear (GBytes *mask);
/* As many hidden as in @mask, in other places; @seed chooses them. Where none are, three quarters. */
GBytes *eid_mask_shuffle (GBytes *mask, guint32 seed);

/* Picture @index of @images u8 [n, size, size, channels] with grey where @mask, of patches of
 * @patch pixels a side, hides it; NULL if the sizes do not fit. Unref.       */
GdkTexture *eid_mask_over (GBytes *images, guint index, guint size, guint channels, guint patch,
                           GBytes *mask);

G_END_DECLS
