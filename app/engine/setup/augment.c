/* augment.c: draws the numbers of [Augment] for each view; the kernels that
 * apply them are in opencl (eid_augment).                                    */
#include "app/engine/setup/augment.h"

#include <math.h>

/* Streams of the generator from here on are augmentations, two a view: its crop,
 * which may take more numbers or fewer, and all else. The plugin kit draws from
 * streams below.                                                             */
#define CROP_STREAM 0x41554700u
#define ELSE_STREAM 0x41554800u

static const struct
{
  const char *key;
  gsize offset;
} fields[] = {
  { "crop-min", G_STRUCT_OFFSET (EidAugment, crop_min) },
  { "crop-max", G_STRUCT_OFFSET (EidAugment, crop_max) },
  { "flip", G_STRUCT_OFFSET (EidAugment, flip) },
  { "jitter", G_STRUCT_OFFSET (EidAugment, jitter) },
  { "brightness", G_STRUCT_OFFSET (EidAugment, brightness) },
  { "contrast", G_STRUCT_OFFSET (EidAugment, contrast) },
  { "saturation", G_STRUCT_OFFSET (EidAugment, saturation) },
  { "hue", G_STRUCT_OFFSET (EidAugment, hue) },
  { "grey", G_STRUCT_OFFSET (EidAugment, grey) },
  { "blur", G_STRUCT_OFFSET (EidAugment, blur) },
  { "blur-max", G_STRUCT_OFFSET (EidAugment, blur_max) },
  { "solarise", G_STRUCT_OFFSET (EidAugment, solarise) },
};

EidAugment
eid_augment_from_recipe (EidRecipe *recipe)
{
  EidAugment augment;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    G_STRUCT_MEMBER (float, &augment, fields[i].offset) =
        (float) eid_recipe_float (recipe, "Augment", fields[i].key);
  augment.crop_max = fmaxf (augment.crop_max, augment.crop_min);
  return augment;
}

/* Random resized crop: a share of the area from @least to @most, of an aspect
 * from 3/4 to 4/3, uniform in its logarithm. After ten draws that do not fit, the
 * whole picture.                                                             */
static void
draw_crop (EidRandom *random, float least, float most, EidAugmentDraw *draw)
{
  if (least >= 1)
    return;
  for (guint attempt = 0; attempt < 10; attempt++)
    {
      const float area = eid_random_range (random, least, most);
      const float aspect = expf (eid_random_range (random, logf (3.0f / 4), logf (4.0f / 3)));
      const float width = sqrtf (area * aspect);
      const float height = sqrtf (area / aspect);

      if (width > 1 || height > 1)
        continue;
      draw->crop_x = eid_random_range (random, 0, 1 - width);
      draw->crop_y = eid_random_range (random, 0, 1 - height);
      draw->crop_width = width;
      draw->crop_height = height;
      return;
    }
}

static gboolean
happens (EidRandom *random, float probability)
{
  return eid_random_float (random) < probability;
}

static float
draw_factor (EidRandom *random, float strength)
{
  return eid_random_range (random, fmaxf (0, 1 - strength), 1 + strength);
}

/* Every number is taken, whatever comes of it, so that another strength or
 * probability leaves what is drawn for the others as it was.                 */
static void
draw_else (EidRandom *random, const EidAugment *augment, gboolean augmented, EidAugmentDraw *draw)
{
  const gboolean flip = happens (random, augment->flip);
  const gboolean jitter = happens (random, augment->jitter) && augmented;
  const float brightness = draw_factor (random, augment->brightness);
  const float contrast = draw_factor (random, augment->contrast);
  const float saturation = draw_factor (random, augment->saturation);
  const float hue = eid_random_range (random, -augment->hue, augment->hue);
  const guint order = eid_random_below (random, 24);
  const gboolean grey = happens (random, augment->grey) && augmented;
  const gboolean blur = happens (random, augment->blur) && augmented;
  const float sigma = eid_random_range (random, 0.1f, augment->blur_max);
  const gboolean solarise = happens (random, augment->solarise) && augmented;

  draw->flip = flip;
  if (jitter)
    {
      draw->brightness = brightness;
      draw->contrast = contrast;
      draw->saturation = saturation;
      draw->hue = hue;
      draw->jitter_order = (float) order;
    }
  draw->grey = grey;
  if (blur)
    draw->blur = sigma;
  if (solarise)
    draw->solarise = 0.5f;
}

EidAugmentDraw
eid_augment_draw (const EidAugment *augment, guint channels, gboolean augmented, guint64 seed, guint32 step,
                  guint32 sample, guint32 view)
{
  EidAugmentDraw draw = eid_augment_identity ();
  EidRandom random;

  eid_random_init (&random, seed, step, sample, CROP_STREAM + view);
  draw_crop (&random, augment->crop_min, augment->crop_max, &draw);
  eid_random_init (&random, seed, step, sample, ELSE_STREAM + view);
  draw_else (&random, augment, augmented, &draw);
  if (channels == 1)
    {
      draw.saturation = 1;
      draw.hue = 0;
      draw.grey = 0;
    }
  return draw;
}

EidAugmentDraw *
eid_augment_draws (const EidAugment *augment, guint channels, EidViews views, guint64 seed, guint32 step,
                   const guint32 *samples, guint count)
{
  const guint all = views.count + views.small_count;
  EidAugmentDraw *draws = g_new (EidAugmentDraw, (gsize) all * count);
  EidAugment small = *augment;

  small.crop_min = views.small_crop_min;
  small.crop_max = views.small_crop_max;
  for (guint view = 0; view < all; view++)
    for (guint i = 0; i < count; i++)
      draws[(gsize) view * count + i] = eid_augment_draw (view < views.count ? augment : &small, channels,
                                                          views.augmented, seed, step, samples[i], view);
  return draws;
}
