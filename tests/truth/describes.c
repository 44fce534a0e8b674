/* describes.c: an encoder that says of itself, and returns, what its parameter says, most of it unusable. */
#include "eidoscope.h"

static const EidParam describes_params[] = {
  EID_PARAM_CHOICE ("what", 0,
                    "nothing-wrong|silent|huge|tokens-promised|grid|tokens-missing|tokens-shape|class-token|"
                    "attention",
                    "What is said"),
  EID_PARAM_END,
};

typedef struct
{
  EidModule *layer;
} Describes;

static gboolean
is (EidEncoder *self, const char *what)
{
  return g_str_equal (eid_param_choice (self, "what"), what);
}

static guint
pixel_values (EidEncoder *self)
{
  return eid_image_size (self) * eid_image_size (self) * eid_image_channels (self);
}

static gboolean
describes_build (EidEncoder *self, GError **error)
{
  Describes *state = eid_encoder_state (self);

  state->layer = eid_linear_module (self, "layer", pixel_values (self), 16, TRUE);
  if (is (self, "huge"))
    eid_encoder_describe (self, 0x40000000, 0, 0);
  else if (is (self, "tokens-promised"))
    eid_encoder_describe (self, 16, 0, 0);
  else if (is (self, "grid"))
    eid_encoder_describe (self, 16, 5, 8);
  else if (!is (self, "silent"))
    eid_encoder_describe (self, 16, 4, 8);
  return TRUE;
}

static EidFeatures *
describes_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  Describes *state = eid_encoder_state (self);
  EidDevice *device = eid_step_device (step);
  const guint batch = eid_dim (images, 0);
  EidTensor *rows = eid_reshape (images, EID_SHAPE (batch, pixel_values (self)));
  EidTensor *tokens = eid_zeros (device, EID_SHAPE (batch, is (self, "tokens-shape") ? 3 : 4, 16));

  if (is (self, "attention"))
    eid_publish_attention (step, 0, 9, eid_zeros (device, EID_SHAPE (batch, 1, 4, 4)));
  return eid_features (step, eid_apply (step, state->layer, rows),
                       is (self, "tokens-missing") ? NULL : tokens,
                       is (self, "class-token") ? eid_zeros (device, EID_SHAPE (batch, 7)) : NULL);
}

EID_ENCODER (describes, .title = "Describes", .params = describes_params, .state_size = sizeof (Describes),
             .abilities = EID_CAN_TOKENS | EID_CAN_ATTENTION, .build = describes_build,
             .encode = describes_encode)
