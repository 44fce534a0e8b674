/* reference.h: what eid_augment() should give, in float64 and the plainest way. */
#pragma once

#include "tensor.h"

typedef struct
{
  guint height, width, channels;
  guint8 *pixels; /* [H, W, C] */
} Picture;

/* The view of @picture that @draw describes, [size, size, C], normalised.
 * @uncertain, as long, is TRUE where the pixel lies so close to the threshold
 * of solarisation that float32 may fall on the other side.                   */
void reference_view (const Picture *picture, const EidAugmentDraw *draw, guint size, const float mean[3],
                     const float std[3], double *view, gboolean *uncertain);
