/* augment.h: what a view of a picture goes through, drawn on the host.
 *
 * Every draw is a function of seed, step, picture and view alone, so that a
 * view can be shown again exactly as the model saw it; and what one operation
 * draws does not depend on the strengths of others, so that two settings can be
 * compared on the same draws.                                                */
#pragma once

#include "plugins/host.h"
#include "app/store/store.h"

G_BEGIN_DECLS

/* [Augment] of a recipe. Strengths of the jitter are SimCLR's: a factor is
 * drawn from 1 - s … 1 + s, hue from -s … s (of a full turn).                */
typedef struct
{
  float crop_min, crop_max; /* shares of the picture's area, 0 … 1        */
  float flip;               /* probability                                */
  float jitter;             /* probability of the four that follow        */
  float brightness, contrast, saturation, hue;
  float grey;     /* probability                                */
  float blur;     /* probability                                */
  float blur_max; /* largest sigma, in pixels                   */
  float solarise; /* probability                                */
} EidAugment;

EidAugment eid_augment_from_recipe (EidRecipe *recipe);

/* The draw for one view of one picture. @channels: 1 leaves out what needs
 * colour. @augmented FALSE: crop and flip alone.                             */
EidAugmentDraw eid_augment_draw (const EidAugment *augment, guint channels, gboolean augmented, guint64 seed,
                                 guint32 step, guint32 sample, guint32 view);

/* Draws for a batch, view-major, the small crops last:
 * [(views.count + views.small_count) * count]. Free with g_free().           */
EidAugmentDraw *eid_augment_draws (const EidAugment *augment, guint channels, EidViews views, guint64 seed,
                                   guint32 step, const guint32 *samples, guint count);

G_END_DECLS
