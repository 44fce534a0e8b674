/* encoder.c: a small encoder (pixels through one linear layer) that does one bad
 * thing, as objective.c does. From step FROM on.                             */
#include "eidoscope.h"

#include "tests/zoo/harm.h"

#ifndef BUILD
#define BUILD nothing
#endif
#ifndef ENCODE
#define ENCODE nothing
#endif
#ifndef FROM
#define FROM 6
#endif
#ifndef POOLED
#define POOLED pooled
#endif

enum
{
  WIDTH = 16
};

static gboolean
zoo_build (EidEncoder *self, GError **error)
{
  EidModule **layer = eid_encoder_state (self);
  guint size = eid_image_size (self);

  BUILD ();
  *layer = eid_linear_module (self, "layer", size * size * eid_image_channels (self), WIDTH, TRUE);
  eid_encoder_describe (self, WIDTH, 0, 0);
  return TRUE;
}

static EidFeatures *
zoo_encode (EidEncoder *self, EidStep *step, EidTensor *images, EidTensor *keep)
{
  EidModule **layer = eid_encoder_state (self);
  guint count = eid_dim (images, 0);
  EidTensor *flat = eid_reshape (images, EID_SHAPE (count, (guint) (eid_tensor_count (images) / count)));
  EidTensor *pooled = eid_apply (step, *layer, flat); /* [B, WIDTH] */

  if ((gint64) eid_step_number (step) >= FROM && g_getenv ("ZOO_TAME") == NULL)
    {
      ENCODE ();
      return eid_features (step, POOLED, NULL, NULL);
    }
  return eid_features (step, pooled, NULL, NULL);
}

EID_API const EidDescriptor *eid_plugin (void);

const EidDescriptor *
eid_plugin (void)
{
  static const EidDescriptor descriptor = {
    .size = sizeof (EidDescriptor),
    .abi = EID_ABI,
    .kind = "encoder",
    .id = NAME,
    .title = "Zoo",
    .state_size = sizeof (EidModule *),
    .build = zoo_build,
    .encode = zoo_encode,
  };

  return &descriptor;
}
