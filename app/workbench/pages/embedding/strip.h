/* strip.h: a row of pictures under the map, with a sentence on what they
 * are: the neighbours of one, or a selection.                                */
#pragma once

#include "ui/ui.h"

G_BEGIN_DECLS

/* Signal "activated" (guint number): a picture was chosen. Signal "closed". Signal "left": the pointer is no
 * longer over it. */
#define EID_TYPE_EMBEDDING_STRIP (eid_embedding_strip_get_type ())
G_DECLARE_FINAL_TYPE (EidEmbeddingStrip, eid_embedding_strip, EID, EMBEDDING_STRIP, GtkWidget)

GtkWidget *eid_embedding_strip_new (void);
/* Hides it where @count is 0. */
void eid_embedding_strip_begin (EidEmbeddingStrip *self, const char *sentence, guint count);
/* The picture in place @place, number @number of the map; @picture may be NULL. */
void eid_embedding_strip_set (EidEmbeddingStrip *self, guint place, guint number, GdkTexture *picture,
                              const char *caption, const char *description);
/* Whether the pointer is over it: what is shown then stays. */
gboolean eid_embedding_strip_is_pointed (EidEmbeddingStrip *self);
/* Marks picture @number of the map alone, where it is in the strip. */
void eid_embedding_strip_mark (EidEmbeddingStrip *self, guint number);

G_END_DECLS
