/* dense.h: the probe of patch tokens: which class is where in a picture? */
#pragma once

#include "app/engine/evaluation/evaluate.h"

G_BEGIN_DECLS

/* @folder holds images/NAME.jpg or another format, and masks/NAME.png, of the same shape, of
 * which sample values are classes, 0 …; 255 is ignored, of 16 bits 65535 too, unless the
 * masks hold 0 and it alone. *@told, which is freed: which values are classes, and what
 * is left out, as a picture or mask that cannot be read. A linear layer learns the
 * majority class of each patch from its frozen token; on the last fifth of the
 * pictures, in the order of a hash of their names, each patch's class is that of all
 * its pixels, and the mean over the classes of intersection over union is taken at
 * the size the model sees. Beside it the same of an encoder with random weights,
 * and of the patches' pixels. Errors: EID_ERROR, EID_DATASET_ERROR.          */
gboolean eid_dense (EidSetup *setup, const char *folder, EidComparison *result, char **told,
                    GError **error);

G_END_DECLS
