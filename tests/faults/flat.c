/* An encoder that can do nothing but encode: one linear layer on the whole
 * picture, without tokens, masks or attention. For the tests of faults.      */

#include "eidoscope.h"

typedef struct
{
  EidModule *layer;
} Flat;

static guint
pixel_values (EidEncoder *self)
{
  return eid_image_size (self) * eid_image_size (self) * eid_image_channels (self);
}

static gboolean
flat_build (EidEncoder *self, GError **error)
{
  Flat *flat = eid_encoder_state (self);

  flat->layer = eid_linear_module (self, "layer", pixel_values (self), 16, TRUE);
  eid_encoder_describe (self, 16, 0, 0);
  return TRUE;
}

static EidFeatures *
flat_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  Flat *flat = eid_encoder_state (self);
  EidTensor *rows = eid_reshape (images, EID_SHAPE (eid_dim (images, 0), pixel_values (self)));

  return eid_features (step, eid_apply (step, flat->layer, rows), NULL, NULL);
}

EID_ENCODER (flat, .title = "Flat", .state_size = sizeof (Flat), .build = flat_build, .encode = flat_encode)
