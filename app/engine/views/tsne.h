/* tsne.h: t-distributed stochastic neighbour embedding (van der Maaten & Hinton
 * 2008, JMLR 9), exact, of up to some thousand points: places in the plane such
 * that neighbours in the space of features are neighbours there.
 *
 * What is of all pairs is computed on the device; the places lie on the host. It goes on
 * from where it was, whatever time there is each time, and when the features have moved it
 * goes on from the former places, so that the picture moves with the model.  */
#pragma once

#include "opencl/core/tensor.h"

G_BEGIN_DECLS

typedef struct _EidTsne EidTsne;

/* Of @count points, 4 at least. @start [count, 2]: places to begin at, of any scale. */
EidTsne *eid_tsne_new (guint count, const double *start);
void eid_tsne_free (EidTsne *tsne);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidTsne, eid_tsne_free)

/* @features [count, width], compared by cosine, each with about 30 neighbours or a third of the points.
 * Errors: of the device.                                                     */
gboolean eid_tsne_set_features (EidTsne *tsne, EidDevice *device, const float *features, guint width,
                                GError **error);

/* Goes on for at most @most iterations and about @microseconds, or until all that are wanted are done:
 * 1,000 to begin with, and 100 at least after each change of the features. Errors: of the device. */
gboolean eid_tsne_iterate (EidTsne *tsne, EidDevice *device, guint most, gint64 microseconds, GError **error);

const double *eid_tsne_places (EidTsne *tsne); /* [count, 2], about nought */
guint eid_tsne_done (EidTsne *tsne);           /* iterations made          */
guint eid_tsne_wanted (EidTsne *tsne);
/* What is minimised, the divergence of the plane's neighbourhoods from the features', nats; NaN before
 * the first iteration.                                                       */
double eid_tsne_divergence (EidTsne *tsne);
/* The neighbourhoods of the features, [count, count], symmetric, of sum 1. */
const float *eid_tsne_affinities (EidTsne *tsne);

G_END_DECLS
