/* look.c: one function a view; see look.h. */
#include "look.h"

#include "look-embedding.h"
#include "look-health.h"
#include "look-private.h"
#include "wire.h"

#include <glib/gi18n-lib.h>

/* Pictures in a view: when nothing is said, and at most. */
#define COUNT_DEFAULT 8
#define COUNT_MOST    64

/* The share of a run's time that views may take. */
#define SHARE 0.1

gint64
eid_look_pause (gint64 took)
{
  return (gint64) ((double) took * (1 - SHARE) / SHARE);
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

/* --- Options ------------------------------------------------------------------ */

static EidPictures *
pinned_pictures (EidSetup *setup, GVariant *options, GError **error)
{
  g_autoptr (GVariant) pinned = g_variant_lookup_value (options, "pinned", G_VARIANT_TYPE ("au"));
  gsize count = 0;
  const guint32 *numbers =
      pinned != NULL ? g_variant_get_fixed_array (pinned, &count, sizeof (guint32)) : NULL;
  guint wanted = COUNT_DEFAULT;

  g_variant_lookup (options, "count", "u", &wanted);
  if (count == 0)
    return eid_pictures_of_test (setup, NULL, CLAMP (wanted, 1, COUNT_MOST), error);
  return eid_pictures_of_test (setup, numbers, (guint) MIN (count, COUNT_MOST), error);
}

/* --- The views ------------------------------------------------------------------ */

static double
draw_value (const EidAugmentDraw *draw, EidDrawKey key)
{
  static const gsize offsets[EID_DRAW_COUNT] = {
    [EID_DRAW_CROP_X] = G_STRUCT_OFFSET (EidAugmentDraw, crop_x),
    [EID_DRAW_CROP_Y] = G_STRUCT_OFFSET (EidAugmentDraw, crop_y),
    [EID_DRAW_CROP_WIDTH] = G_STRUCT_OFFSET (EidAugmentDraw, crop_width),
    [EID_DRAW_CROP_HEIGHT] = G_STRUCT_OFFSET (EidAugmentDraw, crop_height),
    [EID_DRAW_FLIP] = G_STRUCT_OFFSET (EidAugmentDraw, flip),
    [EID_DRAW_BRIGHTNESS] = G_STRUCT_OFFSET (EidAugmentDraw, brightness),
    [EID_DRAW_CONTRAST] = G_STRUCT_OFFSET (EidAugmentDraw, contrast),
    [EID_DRAW_SATURATION] = G_STRUCT_OFFSET (EidAugmentDraw, saturation),
    [EID_DRAW_HUE] = G_STRUCT_OFFSET (EidAugmentDraw, hue),
    [EID_DRAW_GREY] = G_STRUCT_OFFSET (EidAugmentDraw, grey),
    [EID_DRAW_BLUR] = G_STRUCT_OFFSET (EidAugmentDraw, blur),
    [EID_DRAW_SOLARISE] = G_STRUCT_OFFSET (EidAugmentDraw, solarise),
  };

  return (double) G_STRUCT_MEMBER (float, draw, offsets[key]);
}

static GVariant *
pack_draws (const EidAugmentDraw *draws, gsize count)
{
  const EidAugmentDraw identity = eid_augment_identity ();
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sd}"));
  for (gsize i = 0; i < count; i++)
    {
      g_variant_builder_open (&list, G_VARIANT_TYPE ("a{sd}"));
      for (guint key = 0; key < EID_DRAW_COUNT; key++)
        {
          const double value = draw_value (&draws[i], key);

          if (value < draw_value (&identity, key) || value > draw_value (&identity, key))
            g_variant_builder_add (&list, "{sd}", eid_wire_draws[key].key, value);
        }
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static gboolean
look_at_augmentations (EidTrainer *trainer, GVariant *options, GVariantBuilder *out, GError **error)
{
  g_autoptr (EidAugmentationsView) view = NULL;
  guint wanted = COUNT_DEFAULT, count = 0;
  guint64 step = 0;
  const guint32 *samples = eid_trainer_last_samples (trainer, &count, &step);
  gsize source_bytes, view_bytes;

  if (samples == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("No step has been made yet: there are no views to show."));
      return FALSE;
    }
  g_variant_lookup (options, "count", "u", &wanted);
  view = eid_show_augmentations (eid_trainer_setup (trainer), samples,
                                 CLAMP (wanted, 1, MIN (count, COUNT_MOST)), step, error);
  if (view == NULL)
    return FALSE;
  source_bytes = (gsize) view->count * view->size * view->size * view->channels;
  view_bytes = (gsize) view->views * view->count * view->view_size * view->view_size * view->channels;
  eid_look_add_count (out, "count", view->count);
  eid_look_add_count (out, "views", view->views);
  eid_look_add_count (out, "size", view->size);
  eid_look_add_count (out, "view-size", view->view_size);
  eid_look_add_count (out, "channels", view->channels);
  eid_look_add_bytes (out, "sources", g_steal_pointer (&view->sources), source_bytes);
  eid_look_add_bytes (out, "pixels", g_steal_pointer (&view->pixels), view_bytes);
  add (out, "draws", pack_draws (view->draws, (gsize) view->views * view->count));
  eid_look_add_labels (out, view->labels);
  return TRUE;
}

static gboolean
look_at_reconstruction (EidTrainer *trainer, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autoptr (EidPictures) pictures = pinned_pictures (setup, options, error);
  g_autoptr (EidReconstructionView) view = NULL;
  gsize bytes;

  if (pictures == NULL)
    return FALSE;
  view = eid_show_reconstruction (setup, pictures, error);
  if (view == NULL)
    return FALSE;
  bytes = (gsize) view->count * view->size * view->size * view->channels;
  eid_look_add_count (out, "count", view->count);
  eid_look_add_count (out, "size", view->size);
  eid_look_add_count (out, "channels", view->channels);
  eid_look_add_count (out, "patch", view->patch);
  eid_look_add_bytes (out, "images", g_steal_pointer (&view->images), bytes);
  eid_look_add_bytes (out, "masked", g_steal_pointer (&view->masked), bytes);
  eid_look_add_bytes (out, "reconstructed", g_steal_pointer (&view->reconstructed), bytes);
  eid_look_add_bytes (out, "errors", g_steal_pointer (&view->errors), bytes);
  add (out, "error-max", g_variant_new_double (view->error_max));
  eid_look_add_labels (out, view->labels);
  return TRUE;
}

static gboolean
look_at_attention (EidTrainer *trainer, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autoptr (EidPictures) pictures = pinned_pictures (setup, options, error);

  return pictures != NULL && eid_look_at_attention (setup, pictures, options, out, error);
}

static gboolean
look_at_patches (EidTrainer *trainer, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  g_autoptr (EidPictures) pictures = pinned_pictures (setup, options, error);

  return pictures != NULL && eid_look_at_patches (setup, pictures, options, out, error);
}

static const struct
{
  const char *name;
  gboolean (*look) (EidTrainer *trainer, GVariant *options, GVariantBuilder *out, GError **error);
} views[] = {
  { EID_WIRE_VIEW_AUGMENTATIONS, look_at_augmentations },
  { EID_WIRE_VIEW_RECONSTRUCTION, look_at_reconstruction },
  { EID_WIRE_VIEW_ATTENTION, look_at_attention },
  { EID_WIRE_VIEW_PATCHES, look_at_patches },
  { EID_WIRE_VIEW_EMBEDDING, eid_look_at_embedding },
  { EID_WIRE_VIEW_SIMILARITY, eid_look_at_similarity },
  { EID_WIRE_VIEW_PROTOTYPES, eid_look_at_prototypes },
  { EID_WIRE_VIEW_HEALTH, eid_look_at_health },
};

GVariant *
eid_look (EidTrainer *trainer, const char *view, GVariant *options, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_auto (GVariantBuilder) out = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

      if (!g_str_equal (views[i].name, view))
        continue;
      return views[i].look (trainer, options, &out, error) ? g_variant_builder_end (&out) : NULL;
    }
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("There is no view “%s”: there are augmentations, reconstruction, attention, patches, "
                  "embedding, similarity, prototypes and health."),
               view);
  return NULL;
}
