/* views.c: which views of a picture an objective trains on, and their features. */

#include "plugins/kit/private.h"

#include <glib/gi18n-lib.h>

EidViews
eid_views_two_crops (EidObjective *self)
{
  return (EidViews){ .count = 2, .augmented = TRUE };
}

EidViews
eid_views_one_crop (EidObjective *self)
{
  return (EidViews){ .count = 1, .augmented = FALSE };
}

EidViews
eid_views_multi_crop (EidObjective *self)
{
  guint patch = MAX (1, eid_encoder_patch (self)), size = eid_param_int (self, "small-size");

  if (size == 0) /* 96 of 224 pixels */
    size = MAX (1, (eid_image_size (self) * 3 + 7 * patch / 2) / (7 * patch)) * patch;
  return (EidViews){
    .count = 2,
    .augmented = TRUE,
    .small_count = eid_param_int (self, "small-crops"),
    .small_size = size,
    .small_crop_min = eid_param_float (self, "small-crop-min"),
    .small_crop_max = eid_param_float (self, "small-crop-max"),
  };
}

gboolean
eid_multi_crop_check (EidObjective *self, GError **error)
{
  const EidViews views = eid_views_multi_crop (self);
  guint patch = MAX (1, eid_encoder_patch (self));

  if (views.small_size % patch != 0)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Objective] small-size = %u is not a multiple of the encoder's patch of %u pixels."),
                 views.small_size, patch);
  else if (views.small_crop_min > views.small_crop_max)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 _ ("[Objective] small-crop-min = %g is above small-crop-max = %g."),
                 (double) views.small_crop_min, (double) views.small_crop_max);
  else
    return TRUE;
  return FALSE;
}

EidTensor *
eid_encode_views (EidStep *step)
{
  EidTensor *pooled = eid_encode (step, eid_views_range (step, 0, step->counts[0]))->pooled;

  if (step->counts[1] == 0)
    return pooled;
  return eid_concat (pooled,
                     eid_encode (step, eid_views_range (step, step->counts[0], step->counts[1]))->pooled);
}
