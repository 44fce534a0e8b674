/* thresholds.c: between which limits each vital sign is left in peace: the
 * thresholds, and what they come to in one run. The verdict tests against these
 * and the window shows them.                                                 */
#include "app/engine/diagnostics/private.h"

#include <math.h>

const EidThresholds eid_thresholds = {
  .cosine = 0.9,
  .spread_kept = 0.5,
  .rank_kept = 0.5,
  .rank_share = 0.05,
  .alpha_rise = 0.3,
  .uniformity_kept = 0.5,
  .teacher_kl = 0.02,
  .teacher_kl_kept = 0.2,
  .teacher_few = 0.35,
  .uniform_share = 0.9,
  .projection_std = 0.1,
  .projection_few = 1.2,
  .projection_kept = 0.6,
  .chance = 0.01,
  .steps_to_learn = 0.1,
  .most_steps_to_learn = 200,
  .loss_rise = 0.5,
  .gradient_rise = 100,
};

gboolean
eid_verdict_earlier_losses (const EidPatient *patient, double *first, double *least)
{
  *first = *least = patient->history[0].value[EID_VITAL_WATCH_LOSS];
  for (guint i = 0; i + 1 < patient->count; i++)
    {
      const double loss = patient->history[i].value[EID_VITAL_LOSS];

      *first = isnan (*first) ? loss : *first;
      *least = fmin (*least, loss);
    }
  return !isnan (*least);
}

/* The geometric mean: one outlier does not make it. */
double
eid_verdict_usual_norm (const EidPatient *patient)
{
  double sum = 0;
  guint count = 0;

  /* Not the look before, which may be of the explosion already. */
  for (guint i = 0; i + 2 < patient->count; i++)
    if (patient->history[i].value[EID_VITAL_GRADIENT_NORM] > 0)
      {
        sum += log (patient->history[i].value[EID_VITAL_GRADIENT_NORM]);
        count++;
      }
  return count > 0 ? exp (sum / count) : NAN;
}

static double
most_loss (const EidPatient *patient)
{
  double first, least;

  if (!eid_verdict_earlier_losses (patient, &first, &least))
    return NAN;
  /* Where the queue is random at first the loss rises towards its chance line as it should. */
  return fmax (patient->of->chance, first + eid_thresholds.loss_rise * fmax (fabs (first), first - least));
}

/* The smaller, the larger of two limits that must both be passed; NaN where either is not known. */
static double
smaller (double a, double b)
{
  return isnan (a) || isnan (b) ? NAN : fmin (a, b);
}

static double
larger (double a, double b)
{
  return isnan (a) || isnan (b) ? NAN : fmax (a, b);
}

guint
eid_verdict_most_rank (const EidCase *of)
{
  return MIN (MAX (of->pictures, 2) - 1, of->width);
}

double
eid_verdict_reference (const EidCase *of, EidVital vital)
{
  return vital == EID_VITAL_Z_STD && of->can_collapse && of->width > 0 ? 1 / sqrt (of->width) : NAN;
}

EidBand
eid_verdict_band (const EidPatient *patient, EidVital vital)
{
  const EidThresholds *limits = &eid_thresholds;
  const double first = patient->count > 0 ? patient->history[0].value[vital] : NAN;
  const gboolean can_collapse = patient->of->can_collapse;

  switch (vital)
    {
    case EID_VITAL_LOSS:
      return (EidBand){ NAN, patient->count > 0 ? most_loss (patient) : NAN };
    case EID_VITAL_GRADIENT_NORM:
      return (EidBand){ NAN, limits->gradient_rise * eid_verdict_usual_norm (patient) };
    case EID_VITAL_COSINE:
      return (EidBand){ NAN,
                        can_collapse ? larger (limits->cosine, 1 - limits->spread_kept * (1 - first)) : NAN };
    case EID_VITAL_RANK:
      return (EidBand){ can_collapse ? limits->rank_kept * first : NAN, NAN };
    case EID_VITAL_ALPHA:
      return (EidBand){ NAN, can_collapse ? first + limits->alpha_rise : NAN };
    case EID_VITAL_UNIFORMITY:
      return (EidBand){ NAN, can_collapse ? limits->uniformity_kept * first : NAN };
    case EID_VITAL_TEACHER_ENTROPY:
      return (EidBand){ limits->teacher_few * first, limits->uniform_share * patient->of->chance };
    case EID_VITAL_TEACHER_KL:
      return (EidBand){ smaller (limits->teacher_kl, limits->teacher_kl_kept * first), NAN };
    case EID_VITAL_PROTOTYPE_USE:
      return (EidBand){ limits->teacher_few * first, NAN };
    case EID_VITAL_PROJECTION_STD:
      return (EidBand){ smaller (limits->projection_std, limits->projection_kept * first), NAN };
    case EID_VITAL_PROJECTION_DIMENSIONS:
      return (EidBand){ smaller (limits->projection_few, limits->projection_kept * first), NAN };
    default:
      return (EidBand){ NAN, NAN };
    }
}
