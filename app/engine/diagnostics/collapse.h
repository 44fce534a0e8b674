/* collapse.h: whether an embedding lives or collapses, without labels. */
#pragma once

#include "app/engine/setup/feature-set.h"

G_BEGIN_DECLS

typedef struct
{
  guint count, width;
  double z_std;        /* mean deviation a dimension of unit-length features;
                          1 / sqrt (width) is healthy, 0 collapsed            */
  double rank;         /* effective rank: exp of the entropy of the singular
                          values' shares (Roy & Vetterli 2007); 1 … width     */
  double cosine;       /* mean of pairs: 1 when all look alike               */
  double alpha;        /* α-ReQ, how fast the spectrum falls; good near 1    */
  guint values;        /* min (count, width)                                  */
  double *spectrum;    /* [values] singular values of the centred features,
                          largest first                                       */
  double *x, *y;       /* [count] on the first two principal axes             */
  double explained[2]; /* share of the variance of each axis                 */
} EidHealth;

/* Errors: EID_ERROR_FAILED when the decomposition does not converge, which
 * takes features that are not finite.                                        */
EidHealth *eid_health_of (const EidFeatureSet *set, GError **error);
void eid_health_free (EidHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidHealth, eid_health_free)

/* An axis of [width] loadings has no sign of its own; by this one, 1 or -1, the greatest in magnitude
 * becomes positive. */
double eid_axis_sign (const double *loadings, guint width);

/* Enough for a stable spectrum, few enough to look at every few steps. */
#define EID_WATCHED 512

/* The features of the pictures that health is watched on: the first of the
 * test half, always the same.                                                */
EidFeatureSet *eid_watched_features (EidSetup *setup, GError **error);

G_END_DECLS
