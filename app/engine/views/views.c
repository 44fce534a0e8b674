/* views.c: one function a view; see views.h. */
#include "app/engine/views/views.h"

#include "app/engine/views/pack-embedding.h"
#include "app/engine/views/pack-health.h"
#include "app/engine/views/pack.h"
#include "app/wire/wire.h"

#include <glib/gi18n-lib.h>

/* The shares of a run's time that views and their stored moments may take: a tenth together. */
#define LOOK_SHARE   0.07
#define MOMENT_SHARE 0.03

gint64
eid_look_pause (gint64 took)
{
  return (gint64) ((double) took * (1 - LOOK_SHARE) / LOOK_SHARE);
}

gint64
eid_moment_pause (gint64 took)
{
  return (gint64) ((double) took * (1 - MOMENT_SHARE) / MOMENT_SHARE);
}

/* --- Dictionaries ----------------------------------------------------------- */

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

void
eid_look_add_count (GVariantBuilder *dictionary, const char *key, guint value)
{
  add (dictionary, key, g_variant_new_uint32 (value));
}

void
eid_look_add_bytes (GVariantBuilder *dictionary, const char *key, gpointer block, gsize length)
{
  add (dictionary, key,
       g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, block, length, TRUE, g_free, block));
}

void
eid_look_add_labels (GVariantBuilder *dictionary, char **labels)
{
  add (dictionary, "labels", g_variant_new_strv ((const char *const *) labels, -1));
}

/* --- The views ------------------------------------------------------------------ */

static gboolean
look_at_attention (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  g_autoptr (EidPictures) pictures = eid_look_pictures (setup, options, error);

  return pictures != NULL && eid_look_at_attention (setup, pictures, options, out, error);
}

static gboolean
look_at_patches (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  g_autoptr (EidPictures) pictures = eid_look_pictures (setup, options, error);

  return pictures != NULL && eid_look_at_patches (setup, pictures, options, out, error);
}

static const struct
{
  const char *name;
  gboolean (*look) (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error);
} views[] = {
  { EID_WIRE_VIEW_AUGMENTATIONS, eid_look_at_augmentations },
  { EID_WIRE_VIEW_RECONSTRUCTION, eid_look_at_reconstruction },
  { EID_WIRE_VIEW_ATTENTION, look_at_attention },
  { EID_WIRE_VIEW_PATCHES, look_at_patches },
  { EID_WIRE_VIEW_EMBEDDING, eid_look_at_embedding },
  { EID_WIRE_VIEW_SIMILARITY, eid_look_at_similarity },
  { EID_WIRE_VIEW_PROTOTYPES, eid_look_at_prototypes },
  { EID_WIRE_VIEW_HEALTH, eid_look_at_health },
  { EID_WIRE_VIEW_OWN, eid_look_at_own },
};

GVariant *
eid_look (const EidViewContext *context, const char *view, GVariant *options, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_auto (GVariantBuilder) out = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      if (!g_str_equal (views[i].name, view))
        continue;
      return views[i].look (context, options, &out, error) ? g_variant_builder_end (&out) : NULL;
    }
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("There is no view “%s”: there are augmentations, reconstruction, attention, patches, "
                  "embedding, similarity, prototypes, health and own."),
               view);
  return NULL;
}
