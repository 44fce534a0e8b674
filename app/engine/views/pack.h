/* pack.h: what the files of looks share: how an answer is put together,
 * and the views that have a file of their own.                               */
#pragma once

#include "app/engine/views/compute.h"
#include "app/engine/views/context.h"

G_BEGIN_DECLS

/* Pictures in a view: when nothing is said, and at most. */
enum
{
  EID_LOOK_PICTURES = 8,
  EID_LOOK_MOST_PICTURES = 64
};

void eid_look_add_count (GVariantBuilder *dictionary, const char *key, guint value);
/* Takes @block. */
void eid_look_add_bytes (GVariantBuilder *dictionary, const char *key, gpointer block, gsize length);
void eid_look_add_labels (GVariantBuilder *dictionary, char **labels);

/* --- pack-samples.c ------------------------------------------------------ */

/* Those that the options `files` and `pinned` name; without, `count` of the first of
 * the test half. Errors: EID_ERROR_USAGE, EID_DATASET_ERROR, naming the file. */
EidPictures *eid_look_pictures (EidSetup *setup, GVariant *options, GError **error);

/* --- pack-reconstruction.c ------------------------------------------------ */

gboolean eid_look_at_reconstruction (const EidViewContext *context, GVariant *options, GVariantBuilder *out,
                                     GError **error);

/* --- pack-augmentations.c ------------------------------------------------- */

gboolean eid_look_at_augmentations (const EidViewContext *context, GVariant *options, GVariantBuilder *out,
                                    GError **error);
/* Puts @view into the answer; what was shown is taken out of it. */
void eid_look_pack_augmentations (EidAugmentationsView *view, GVariantBuilder *out);
/* How many pictures @options ask for. */
guint eid_look_count (GVariant *options);
/* [Augment] of @recipe with the values that the option `beside` has in their place,
 * if it is *@given. Errors: EID_STORE_ERROR, naming the key.                 */
gboolean eid_look_beside (EidRecipe *recipe, GVariant *options, EidAugment *beside, gboolean *given,
                          GError **error);

/* --- pack-plugin.c ------------------------------------------------------------- */

gboolean eid_look_at_own (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error);

/* --- pack-attention.c ------------------------------------------------------- */

gboolean eid_look_at_attention (EidSetup *setup, const EidPictures *pictures, GVariant *options,
                                GVariantBuilder *out, GError **error);
gboolean eid_look_at_patches (EidSetup *setup, const EidPictures *pictures, GVariant *options,
                              GVariantBuilder *out, GError **error);

G_END_DECLS
