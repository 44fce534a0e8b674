/* knn.h: weighted nearest neighbours, exact. */
#pragma once

#include "app/engine/setup/feature-set.h"

G_BEGIN_DECLS

/* Share of @test whose class the @k nearest of @train by cosine give, each
 * voting exp (similarity / @temperature) (Wu et al. 2018, section 3.4).
 * On @setup's device; tells how far it is. Errors: EID_ERROR.                */
gboolean eid_knn_accuracy (const EidSetup *setup, const EidFeatureSet *train, const EidFeatureSet *test,
                           guint k, double temperature, guint classes, double *accuracy, GError **error);

G_END_DECLS
