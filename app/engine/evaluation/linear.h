/* linear.h: the linear probe: softmax regression on frozen features. */
#pragma once

#include "app/engine/setup/feature-set.h"

G_BEGIN_DECLS

/* The class, predicted [test->count], that a linear layer trained on @train gives each of @test.
 * Features are standardised by the moments of @train; AdamW in minibatches of
 * an order that @seed fixes, the learning rate falling as a cosine. On @setup's
 * device; tells how far it is. Errors: EID_ERROR.                            */
gboolean eid_linear_predict (const EidSetup *setup, const EidFeatureSet *train, const EidFeatureSet *test,
                             guint epochs, guint classes, guint64 seed, gint32 *predicted, GError **error);

/* The share of them that is right, of those that have a label. Errors: EID_ERROR. */
gboolean eid_linear_accuracy (const EidSetup *setup, const EidFeatureSet *train, const EidFeatureSet *test,
                              guint epochs, guint classes, guint64 seed, double *accuracy, GError **error);

G_END_DECLS
