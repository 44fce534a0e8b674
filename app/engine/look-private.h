/* look-private.h: what the files of looks share: how an answer's dictionary is
 * filled, and the views that have files of their own.                        */
#pragma once

#include "show.h"

G_BEGIN_DECLS

/* --- Dictionaries ----------------------------------------------------------- */

static inline void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

static inline void
add_count (GVariantBuilder *dictionary, const char *key, guint value)
{
  add (dictionary, key, g_variant_new_uint32 (value));
}

/* Takes @block. */
static inline void
add_bytes (GVariantBuilder *dictionary, const char *key, gpointer block, gsize length)
{
  add (dictionary, key,
       g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, block, length, TRUE, g_free, block));
}

static inline void
add_labels (GVariantBuilder *dictionary, char **labels)
{
  add (dictionary, "labels", g_variant_new_strv ((const char *const *) labels, -1));
}

static inline void
add_doubles (GVariantBuilder *dictionary, const char *key, const double *values, gsize count)
{
  add (dictionary, key, g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, values, count, sizeof (double)));
}

/* --- Views (look-attention.c) --------------------------------------------------- */

gboolean eid_look_at_attention (EidSetup *setup, const EidPictures *pictures, GVariant *options,
                                GVariantBuilder *out, GError **error);
gboolean eid_look_at_patches (EidSetup *setup, const EidPictures *pictures, GVariant *options,
                              GVariantBuilder *out, GError **error);

G_END_DECLS
