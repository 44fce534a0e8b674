/* description.c: see description.h. */
#include "app/workbench/pages/augmentations/description.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/ui.h"

/* In the order in which they happen. */
static const struct
{
  EidDrawKey key;
  const char *format;
  gboolean valued;
} sayings[] = {
  { EID_DRAW_FLIP, N_ ("flipped"), FALSE },           { EID_DRAW_BRIGHTNESS, N_ ("brightness ×%.2f"), TRUE },
  { EID_DRAW_CONTRAST, N_ ("contrast ×%.2f"), TRUE }, { EID_DRAW_SATURATION, N_ ("saturation ×%.2f"), TRUE },
  { EID_DRAW_HUE, N_ ("hue %+.2f"), TRUE },           { EID_DRAW_GREY, N_ ("grey"), FALSE },
  { EID_DRAW_BLUR, N_ ("blur %.1f px"), TRUE },       { EID_DRAW_SOLARISE, N_ ("solarised"), FALSE },
};

static gboolean
drawn (GVariant *draw, EidDrawKey key, double *value)
{
  *value = eid_wire_draws[key].neutral;
  return g_variant_lookup (draw, eid_wire_draws[key].key, "d", value) && isfinite (*value);
}

graphene_rect_t
eid_draw_crop (GVariant *draw)
{
  double x, y, width, height;

  drawn (draw, EID_DRAW_CROP_X, &x);
  drawn (draw, EID_DRAW_CROP_Y, &y);
  drawn (draw, EID_DRAW_CROP_WIDTH, &width);
  drawn (draw, EID_DRAW_CROP_HEIGHT, &height);
  return GRAPHENE_RECT_INIT (CLAMP (x, 0, 1), CLAMP (y, 0, 1), CLAMP (width, 0, 1), CLAMP (height, 0, 1));
}

char *
eid_draw_share (GVariant *draw)
{
  const graphene_rect_t crop = eid_draw_crop (draw);
  g_autofree char *share = eid_format_percent (crop.size.width * crop.size.height);

  return g_strdup_printf (_ ("crop %s"), share);
}

char *
eid_draw_in_words (GVariant *draw)
{
  g_autofree char *share = eid_draw_share (draw);
  GString *text = g_string_new (share);

  for (guint i = 0; i < G_N_ELEMENTS (sayings); i++)
    {
      double value;

      if (!drawn (draw, sayings[i].key, &value))
        continue;
      /* TRANSLATORS: between the items of a list. */
      g_string_append (text, _ (", "));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      if (sayings[i].valued)
        g_string_append_printf (text, _ (sayings[i].format), value);
      else
        g_string_append (text, _ (sayings[i].format));
#pragma GCC diagnostic pop
    }
  return g_string_free (text, FALSE);
}
