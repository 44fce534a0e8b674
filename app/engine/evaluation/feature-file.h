/* feature-file.h: a set of features as a file for other programs, by the file's
 * ending:
 *
 *   .npy  NumPy's format 1.0, float32 [pictures, width] in C order; the labels
 *         beside it, as NAME-labels.csv: picture, label
 *   .csv  one table (RFC 4180): picture, label, f0 … f(width - 1)
 *
 * A label is a class's name, empty where a picture has none.                 */
#pragma once

#include "app/engine/setup/feature-set.h"

G_BEGIN_DECLS

/* Whether @file ends in one of the two. */
gboolean eid_feature_file_known (const char *file);

/* The table beside @file, or NULL where all is in @file itself. Free. */
char *eid_feature_file_labels (const char *file);

/* Writes @set, of pictures of @dataset, to temporary names that then take the
 * place of the old files, the features last: they are never there by half.
 * Errors: EID_ERROR_FAILED, naming the file.                                 */
gboolean eid_feature_file_write (const char *file, const EidFeatureSet *set, EidDataset *dataset,
                                 GError **error);

G_END_DECLS
