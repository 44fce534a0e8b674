/* dense.h: the probe of patch tokens: which class is where in a picture? */
#pragma once

#include "evaluate.h"

G_BEGIN_DECLS

/* @folder holds images/NAME.jpg or .png, and masks/NAME.png, of the same shape, in
 * which grey values are classes, 0 …, and 255 is ignored. A linear layer learns the
 * majority class of each patch from its frozen token; on the last fifth of the
 * pictures, in the order of a hash of their names, each patch's class is that of all
 * its pixels, and the mean over the classes of intersection over union is taken at
 * the size the model sees. Beside it the same of an encoder with random weights,
 * and of the patches' pixels. Errors: EID_ERROR, EID_DATASET_ERROR.          */
gboolean eid_dense (EidSetup *setup, const char *folder, EidComparison *result, GError **error);

G_END_DECLS
