/* mask-edits.c: see mask-edits.h. */
#include "app/workbench/pages/mask-edits.h"

#include <string.h>

#include "ui/ui.h"

/* As the engine shows a hidden patch. */
#define HIDDEN_GREY 110

static gsize
count_hidden (const guint8 *mask, gsize patches)
{
  gsize hidden = 0;

  for (gsize i = 0; i < patches; i++)
    hidden += mask[i] != 0;
  return hidden;
}

/* Takes @mask. */
static GBytes *
seal (guint8 *mask, gsize patches)
{
  if (patches > 0 && count_hidden (mask, patches) == patches)
    mask[patches / 2] = 0;
  return g_bytes_new_take (mask, patches);
}

static guint8 *
open_copy (GBytes *mask, gsize *patches)
{
  const guint8 *data = g_bytes_get_data (mask, patches);

  return g_memdup2 (data, *patches);
}

GBytes *
eid_mask_set (GBytes *mask, guint patch, gboolean hidden)
{
  gsize patches;
  guint8 *copy = open_copy (mask, &patches);
  const gboolean last =
      patch < patches && hidden && !copy[patch] && count_hidden (copy, patches) + 1 == patches;

  if (patch < patches && !last)
    copy[patch] = hidden;
  return g_bytes_new_take (copy, patches);
}

GBytes *
eid_mask_invert (GBytes *mask)
{
  gsize patches;
  guint8 *copy = open_copy (mask, &patches);

  for (gsize i = 0; i < patches; i++)
    copy[i] = !copy[i];
  return seal (copy, patches);
}

GBytes *
eid_mask_clear (GBytes *mask)
{
  const gsize patches = g_bytes_get_size (mask);

  return g_bytes_new_take (g_malloc0 (patches), patches);
}

GBytes *
eid_mask_shuffle (GBytes *mask, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gsize patches;
  guint8 *copy = open_copy (mask, &patches);
  gsize hidden = count_hidden (copy, patches);

  if (hidden == 0)
    hidden = patches * 3 / 4;
  for (gsize i = 0; i < patches; i++)
    copy[i] = i < hidden;
  for (gsize i = patches; i > 1; i--)
    {
      const gsize j = (gsize) g_rand_int_range (random, 0, (gint32) i);
      const guint8 kept = copy[i - 1];

      copy[i - 1] = copy[j];
      copy[j] = kept;
    }
  return seal (copy, patches);
}

GdkTexture *
eid_mask_over (GBytes *images, guint index, guint size, guint channels, guint patch, GBytes *mask)
{
  const gsize bytes = (gsize) size * size * channels, across = patch > 0 ? size / patch : 0;
  g_autofree guint8 *pixels = NULL;
  gsize length, patches;
  const guint8 *all = g_bytes_get_data (images, &length), *hidden = g_bytes_get_data (mask, &patches);

  if (across == 0 || patches != across * across || bytes == 0 || length / bytes <= index)
    return NULL;
  pixels = g_memdup2 (all + index * bytes, bytes);
  for (gsize y = 0; y < across * patch; y++)
    for (gsize p = 0; p < across; p++)
      if (hidden[y / patch * across + p])
        memset (pixels + (y * size + p * patch) * channels, HIDDEN_GREY, (gsize) patch * channels);
  return eid_texture_new (pixels, size, size, channels);
}
