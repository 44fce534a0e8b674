/* thumbnail.c: see thumbnail.h. Pixels u8 [n, side, side, channels] become the means of
 * squares; the side, and a patch's, are told in the same dictionary, and what the side was.
 */
#include "app/engine/views/thumbnail.h"

#include "app/wire/wire.h"

#include <string.h>

/* What is kept comes back from a file, which anybody may have written: no more is made of it. */
#define MOST_TIMES 64                 /* a side becomes larger */
#define MOST_BYTES (64 * 1024 * 1024) /* of one kind of pixels */

/* Whose side stands under which key, and what else is counted in its pixels. */
static const struct
{
  const char *view, *side, *patch;
  const char *pixels[7];
} kinds[] = {
  { EID_WIRE_VIEW_AUGMENTATIONS, "size", NULL, { "sources" } },
  { EID_WIRE_VIEW_AUGMENTATIONS, "view-size", NULL, { "pixels" } },
  { EID_WIRE_VIEW_RECONSTRUCTION,
    "size",
    "patch",
    { "images", "masked", "reconstructed", "errors", "honest", "honest-errors" } },
  { EID_WIRE_VIEW_ATTENTION, "size", NULL, { "images" } },
};

/* By what @side, and @patch (0: none), are divided. */
static guint
divisor (guint side, guint patch, guint most)
{
  for (guint by = 1; by <= side; by++)
    if (side / by <= most && side % by == 0 && patch % by == 0)
      return by;
  return 1;
}

static GVariant *
shrink (GVariant *pixels, guint side, guint channels, guint by)
{
  const guint small = side / by;
  gsize size, pictures;
  const guint8 *from = g_variant_get_fixed_array (pixels, &size, 1);
  guint8 *to;

  if (size == 0 || size % ((gsize) side * side * channels) != 0)
    return g_variant_ref (pixels);
  pictures = size / ((gsize) side * side * channels);
  size = pictures * small * small * channels;
  to = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    {
      const gsize channel = i % channels, x = i / channels % small, y = i / channels / small % small,
                  picture = i / channels / small / small;
      guint sum = 0;

      for (guint dy = 0; dy < by; dy++)
        for (guint dx = 0; dx < by; dx++)
          sum += from[((picture * side + y * by + dy) * side + x * by + dx) * channels + channel];
      to[i] = (guint8) ((sum + by * by / 2) / (by * by));
    }
  return g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, to, size, TRUE, g_free, to));
}

/* Under which it is told how long a side was. Free. */
static char *
whole_key (const char *side)
{
  return g_strconcat ("whole-", side, NULL);
}

GVariant *
eid_thumbnail (const char *view, GVariant *picture, guint most)
{
  GVariantDict dict;
  guint channels = 0;

  g_variant_dict_init (&dict, picture);
  g_variant_lookup (picture, "channels", "u", &channels);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      guint side = 0, patch = 0, by;
      g_autofree char *whole = whole_key (kinds[i].side);

      if (!g_str_equal (kinds[i].view, view) || channels == 0
          || !g_variant_lookup (picture, kinds[i].side, "u", &side))
        continue;
      if (kinds[i].patch != NULL)
        g_variant_lookup (picture, kinds[i].patch, "u", &patch);
      by = divisor (side, patch, most);
      if (by == 1)
        continue;
      for (const char *const *key = kinds[i].pixels; *key != NULL; key++)
        {
          g_autoptr (GVariant) pixels = g_variant_lookup_value (picture, *key, G_VARIANT_TYPE_BYTESTRING);
          g_autoptr (GVariant) small = pixels != NULL ? shrink (pixels, side, channels, by) : NULL;

          if (small != NULL)
            g_variant_dict_insert_value (&dict, *key, small);
        }
      g_variant_dict_insert (&dict, kinds[i].side, "u", side / by);
      g_variant_dict_insert (&dict, whole, "u", side);
      if (patch != 0)
        g_variant_dict_insert (&dict, kinds[i].patch, "u", patch / by);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* Each pixel as a square of @by. */
static GVariant *
grow (GVariant *pixels, guint side, guint channels, guint by)
{
  const gsize whole = (gsize) side * by, line = whole * channels;
  gsize size;
  const guint8 *from = g_variant_get_fixed_array (pixels, &size, 1);
  guint8 *to;

  if (size == 0 || size % ((gsize) side * side * channels) != 0)
    return g_variant_ref (pixels);
  size *= (gsize) by * by;
  to = g_malloc (size);
  for (gsize row = 0; row < size / line; row++)
    for (gsize x = 0; x < whole; x++)
      memcpy (to + row * line + x * channels, from + (row / by * side + x / by) * channels, channels);
  return g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, to, size, TRUE, g_free, to));
}

GVariant *
eid_thumbnail_enlarge (const char *view, GVariant *small)
{
  GVariantDict dict;
  guint channels = 0;

  g_variant_dict_init (&dict, small);
  g_variant_lookup (small, "channels", "u", &channels);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *key_of_whole = whole_key (kinds[i].side);
      guint side = 0, whole = 0, patch = 0, by;
      gsize bytes = 0;

      if (!g_str_equal (kinds[i].view, view) || channels == 0
          || !g_variant_lookup (small, kinds[i].side, "u", &side)
          || !g_variant_lookup (small, key_of_whole, "u", &whole) || side == 0 || whole % side != 0)
        continue;
      by = whole / side;
      for (const char *const *key = kinds[i].pixels; *key != NULL; key++)
        {
          g_autoptr (GVariant) pixels = g_variant_lookup_value (small, *key, G_VARIANT_TYPE_BYTESTRING);

          bytes += pixels != NULL ? g_variant_get_size (pixels) : 0;
        }
      if (by < 2 || by > MOST_TIMES || bytes > MOST_BYTES / ((gsize) by * by))
        continue;
      for (const char *const *key = kinds[i].pixels; *key != NULL; key++)
        {
          g_autoptr (GVariant) pixels = g_variant_lookup_value (small, *key, G_VARIANT_TYPE_BYTESTRING);
          g_autoptr (GVariant) grown = pixels != NULL ? grow (pixels, side, channels, by) : NULL;

          if (grown != NULL)
            g_variant_dict_insert_value (&dict, *key, grown);
        }
      g_variant_dict_insert (&dict, kinds[i].side, "u", whole);
      if (kinds[i].patch != NULL && g_variant_lookup (small, kinds[i].patch, "u", &patch)
          && patch <= G_MAXUINT / by)
        g_variant_dict_insert (&dict, kinds[i].patch, "u", patch * by);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}
