/* private.h: the limits that signs of trouble are tested against. */
#pragma once

#include "app/engine/diagnostics/diagnosis.h"

G_BEGIN_DECLS

/* Every threshold there is. Where no source is named it is a proposal, set so
 * that sound runs stay well clear of it.                                     */
typedef struct
{
  double cosine;              /* that all look alike; a proposal: probes can hold until 0.99999        */
  double spread_kept;         /* share of the spread 1 - cosine of random weights, under which it fell  */
  double rank_kept;           /* share of the rank of random weights, under which dimensions are lost   */
  double rank_share;          /* of the dimensions there are, under which few are left                  */
  double alpha_rise;          /* of α-ReQ over random weights: dimensions are lost to the largest       */
  double uniformity_kept;     /* share of the uniformity of random weights, under which views crowd     */
  double teacher_kl;          /* nats; nought in either collapse (Caron et al. 2021, figure 7)          */
  double teacher_kl_kept;     /* share of what it was with random weights                               */
  double teacher_few;         /* share of prototypes in use and of entropy with random weights, under which
                                 a few of them are all it says                                          */
  double uniform_share;       /* of ln K: a teacher over it says of all that they are anything (ibid.)  */
  double projection_std;      /* under which projections are one: a tenth of all sides                  */
  double projection_few;      /* dimensions they fill, under which they are a line                      */
  double projection_kept;     /* share of either with random weights, under which it fell               */
  double chance;              /* share of the chance loss, either way, that counts as on its line       */
  double steps_to_learn;      /* share of a run after which something should have been learnt           */
  double most_steps_to_learn; /* and never more steps than this beyond the warm-up                   */
  double loss_rise;           /* of the larger of the first loss and the range so far, over the first   */
  double gradient_rise;       /* times the usual norm of the gradient                                   */
} EidThresholds;

extern const EidThresholds eid_thresholds;

/* The loss at first, with random weights if it was measured, and the least of the looks before the
 * last; FALSE: none had any. */
gboolean eid_verdict_earlier_losses (const EidPatient *patient, double *first, double *least);
/* Of the gradient, over the looks before the last two; NaN where there are none. */
double eid_verdict_usual_norm (const EidPatient *patient);

G_END_DECLS
