/* pack-augmentations.c: a look at the views of the last step, on the wire. */
#include "app/engine/views/pack.h"
#include "app/wire/wire.h"

#include <glib/gi18n-lib.h>

/* --- Options ---------------------------------------------------------------- */

guint
eid_look_count (GVariant *options)
{
  guint wanted = EID_LOOK_PICTURES;

  g_variant_lookup (options, "count", "u", &wanted);
  return CLAMP (wanted, 1, EID_LOOK_MOST_PICTURES);
}

gboolean
eid_look_beside (EidRecipe *recipe, GVariant *options, EidAugment *beside, gboolean *given, GError **error)
{
  g_autoptr (GVariant) settings = g_variant_lookup_value (options, "beside", G_VARIANT_TYPE ("a{ss}"));
  g_autofree char *text = settings != NULL ? eid_recipe_to_text (recipe) : NULL;
  g_autoptr (EidRecipe) other = NULL;
  const char *key, *value;
  GVariantIter iter;

  *given = settings != NULL;
  if (settings == NULL)
    return TRUE;
  other = eid_recipe_parse (text, eid_recipe_title (recipe), error);
  if (other == NULL)
    return FALSE;
  g_variant_iter_init (&iter, settings);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    {
      g_autofree char *assignment = g_strdup_printf ("Augment.%s=%s", key, value);

      if (!eid_recipe_set (other, assignment, error))
        return FALSE;
    }
  if (!eid_recipe_check (other, error))
    return FALSE;
  *beside = eid_augment_from_recipe (other);
  return TRUE;
}

/* --- The answer --------------------------------------------------------------- */

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

void
eid_look_pack_augmentations (EidAugmentationsView *view, GVariantBuilder *out)
{
  const gsize views = (gsize) view->views * view->count;
  const gsize source_bytes = (gsize) view->count * view->size * view->size * view->channels;
  const gsize view_bytes = views * view->view_size * view->view_size * view->channels;

  eid_look_add_count (out, "count", view->count);
  eid_look_add_count (out, "views", view->views);
  eid_look_add_count (out, "size", view->size);
  eid_look_add_count (out, "view-size", view->view_size);
  eid_look_add_count (out, "channels", view->channels);
  eid_look_add_bytes (out, "sources", g_steal_pointer (&view->sources), source_bytes);
  eid_look_add_bytes (out, "pixels", g_steal_pointer (&view->pixels), view_bytes);
  g_variant_builder_add (out, "{sv}", "draws", pack_draws (view->draws, views));
  if (view->beside_pixels != NULL)
    {
      eid_look_add_bytes (out, "beside-pixels", g_steal_pointer (&view->beside_pixels), view_bytes);
      g_variant_builder_add (out, "{sv}", "beside-draws", pack_draws (view->beside_draws, views));
    }
  eid_look_add_labels (out, view->labels);
}

gboolean
eid_look_at_augmentations (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  g_autoptr (EidAugmentationsView) view = NULL;
  gboolean has_beside = FALSE;
  EidAugment beside;

  if (context->samples == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("No step has been made yet: there are no views to show."));
      return FALSE;
    }
  if (!eid_look_beside (setup->recipe, options, &beside, &has_beside, error))
    return FALSE;
  view = eid_show_augmentations (setup, context->samples, MIN (eid_look_count (options), context->n_samples),
                                 context->samples_step, has_beside ? &beside : NULL, error);
  if (view == NULL)
    return FALSE;
  eid_look_pack_augmentations (view, out);
  return TRUE;
}
