/* feature-set.h: vectors of many pictures at once, on the host, with their
 * labels: from an encoder, or the pixels themselves.                         */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

typedef struct
{
  guint count, width;
  float *values;     /* [count, width]                                           */
  gint32 *labels;    /* [count], -1: none                                        */
  guint32 *pictures; /* [count] their numbers in the data set                 */
} EidFeatureSet;

void eid_feature_set_free (EidFeatureSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidFeatureSet, eid_feature_set_free)

/* @limit pictures spread evenly over @dataset (0: all), nothing drawn, through
 * @model, which may be another than the setup's own; NULL: the pixels
 * themselves, scaled down to at most 32 a side. Where the objective has a
 * teacher, [Evaluate] features says whether it is the teacher that sees them.
 * Errors: EID_ERROR, EID_DATASET_ERROR.                                      */
EidFeatureSet *eid_features_of (EidSetup *setup, EidModel *model, EidDataset *dataset, guint limit,
                                GError **error);

/* The same of @count @pictures of @dataset, which it takes; one that cannot be
 * read is left out.                                                          */
EidFeatureSet *eid_features_of_pictures (EidSetup *setup, EidModel *model, EidDataset *dataset,
                                         guint32 *pictures, guint count, GError **error);

/* That there is no memory for what is kept of @count pictures. FALSE. */
gboolean eid_features_fail_memory (guint count, GError **error);

/* Numbers of @limit pictures spread evenly over @dataset (0: all); NULL: there is no memory. Free. */
guint32 *eid_dataset_spread (EidDataset *dataset, guint limit, guint *count);

G_END_DECLS
