/* weights-config.h: what other programs write beside a file of weights: config.json and
 * preprocessor_config.json of transformers, config.json of timm.             */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint heads;          /* attention heads of a block; 0: not said       */
  double epsilon;       /* of the layer norms; 0: not said               */
  gboolean has_moments; /* pictures are normalised with these            */
  float mean[3], std[3];
  char *foreign; /* a part of the network that no tensor tells of and the program's encoders do not have, as
                  * words; NULL: none */
} EidWeightsConfig;

/* What lies beside the file of weights @file, of an encoder of @width features and @depth blocks (0: of
 * neither is known). A file that is of another encoder, or cannot be read, says nothing. */
EidWeightsConfig eid_weights_config_read (const char *file, guint width, guint depth);
void eid_weights_config_clear (EidWeightsConfig *config);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidWeightsConfig, eid_weights_config_clear)

G_END_DECLS
