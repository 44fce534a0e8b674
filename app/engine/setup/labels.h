/* labels.h: which pictures a probe learns from when it has a share of the labels. */
#pragma once

#include "app/datasets/dataset.h"

G_BEGIN_DECLS

/* Numbers of @percent of the labelled pictures of @dataset, of each class the same
 * share, and one at least; in rising order. With less than 100 per cent, others stand
 * in for those that cannot be read. The same @seed gives the same ones,
 * and fewer per cent a part of them. Of more than @limit (0: no limit) as many are
 * left, spread evenly. Free. Errors: there is no memory.                       */
guint32 *eid_labels_choose (EidDataset *dataset, double percent, guint64 seed, guint limit, guint *count,
                            GError **error);

G_END_DECLS
