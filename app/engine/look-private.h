/* look-private.h: what the files of looks share: how an answer is put together,
 * and the views that have a file of their own.                               */
#pragma once

#include "show.h"
#include "trainer.h"

G_BEGIN_DECLS

void eid_look_add_count (GVariantBuilder *dictionary, const char *key, guint value);
/* Takes @block. */
void eid_look_add_bytes (GVariantBuilder *dictionary, const char *key, gpointer block, gsize length);
void eid_look_add_labels (GVariantBuilder *dictionary, char **labels);

/* --- look-attention.c ------------------------------------------------------- */

gboolean eid_look_at_attention (EidSetup *setup, const EidPictures *pictures, GVariant *options,
                                GVariantBuilder *out, GError **error);
gboolean eid_look_at_patches (EidSetup *setup, const EidPictures *pictures, GVariant *options,
                              GVariantBuilder *out, GError **error);

G_END_DECLS
