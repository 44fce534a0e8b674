/* diagnosis.c: signs of trouble, most telling first, each a test of the newest vital
 * signs against its band (thresholds.c), with its sentence and its cures.   */
#include "app/engine/diagnostics/private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* --- Signs ------------------------------------------------------------------------ */

typedef EidPatient Patient;

static double
now (const Patient *patient, EidVital vital)
{
  return patient->history[patient->count - 1].value[vital];
}

static double
at_first (const Patient *patient, EidVital vital)
{
  return patient->history[0].value[vital];
}

static guint64
step_of (const Patient *patient)
{
  return patient->history[patient->count - 1].step;
}

/* Comparisons with NaN are false: what has no limit is within it. */
static gboolean
is_under (const Patient *patient, EidVital vital)
{
  return now (patient, vital) < eid_verdict_band (patient, vital).least;
}

static gboolean
is_over (const Patient *patient, EidVital vital)
{
  return now (patient, vital) > eid_verdict_band (patient, vital).most;
}

/* Each sign gives its evidence, or NULL where it does not show. Comparisons
 * with NaN are false, so that what was not measured shows nothing.           */

static char *
loss_rises (const Patient *patient)
{
  const double loss = now (patient, EID_VITAL_LOSS);
  double first, least;

  if (!eid_verdict_earlier_losses (patient, &first, &least) || !is_over (patient, EID_VITAL_LOSS))
    return NULL;
  return g_strdup_printf (_ ("The loss is %.3g, far over the %.3g it was at first and the %.3g it had come "
                             "down to."),
                          loss, first, least);
}

static char *
gradient_explodes (const Patient *patient)
{
  const double norm = now (patient, EID_VITAL_GRADIENT_NORM), loss = now (patient, EID_VITAL_LOSS);
  const double usual = eid_verdict_usual_norm (patient);
  double first, least;

  if (!eid_verdict_earlier_losses (patient, &first, &least) || !(loss > least)
      || !is_over (patient, EID_VITAL_GRADIENT_NORM))
    return NULL;
  return g_strdup_printf (_ ("The norm of the gradient is %.3g, %.0f times the usual %.3g, and the loss no "
                             "longer falls."),
                          norm, norm / usual, usual);
}

static gboolean
student_repeats_teacher (const Patient *patient)
{
  return is_under (patient, EID_VITAL_TEACHER_KL);
}

static char *
teacher_says_anything (const Patient *patient)
{
  const double entropy = now (patient, EID_VITAL_TEACHER_ENTROPY);

  if (!student_repeats_teacher (patient) || !is_over (patient, EID_VITAL_TEACHER_ENTROPY))
    return NULL;
  return g_strdup_printf (
      patient->of->text
          ? _ ("The teacher finds all prototypes as likely for every passage: its entropy is %.2f of at most "
               "%.2f, and the student’s divergence from it %.2g.")
          : _ ("The teacher finds all prototypes as likely for every picture: its entropy is "
               "%.2f of at most %.2f, and the student’s divergence from it %.2g."),
      entropy, patient->of->chance, now (patient, EID_VITAL_TEACHER_KL));
}

static char *
teacher_says_one_thing (const Patient *patient)
{
  if (!student_repeats_teacher (patient))
    return NULL;
  return g_strdup_printf (
      patient->of->text ? _ (
          "The teacher names the same for every passage: %.1f prototypes are in use, its entropy is %.2f, "
          "and the student’s divergence from it %.2g.")
                        : _ ("The teacher names the same for every picture: %.1f prototypes are in use, its "
                             "entropy is %.2f, and the student’s divergence from it %.2g."),
      now (patient, EID_VITAL_PROTOTYPE_USE), now (patient, EID_VITAL_TEACHER_ENTROPY),
      now (patient, EID_VITAL_TEACHER_KL));
}

/* Without a centre the teacher grows sure of a few prototypes; the student need not repeat it. */
static char *
teacher_says_few_things (const Patient *patient)
{
  const double use = now (patient, EID_VITAL_PROTOTYPE_USE),
               entropy = now (patient, EID_VITAL_TEACHER_ENTROPY);
  const double first_use = at_first (patient, EID_VITAL_PROTOTYPE_USE);
  const double first_entropy = at_first (patient, EID_VITAL_TEACHER_ENTROPY);

  if (!is_under (patient, EID_VITAL_PROTOTYPE_USE) || !is_under (patient, EID_VITAL_TEACHER_ENTROPY))
    return NULL;
  return g_strdup_printf (
      _ ("The teacher knows %.1f prototypes, where with random weights it used %.1f, and its "
         "entropy fell from %.2f to %.2f."),
      use, first_use, first_entropy, entropy);
}

static char *
loss_is_on_chance (const Patient *patient)
{
  const double loss = now (patient, EID_VITAL_LOSS), chance = patient->of->chance;
  const double enough =
      fmin (eid_thresholds.steps_to_learn * (double) patient->of->steps, eid_thresholds.most_steps_to_learn)
      + (double) patient->of->warmup;

  if ((double) step_of (patient) < enough || !(fabs (loss - chance) < eid_thresholds.chance * fabs (chance)))
    return NULL;
  return g_strdup_printf (
      _ ("The loss is %.3f after %'" PRIu64 " steps; a model that knows nothing has %.3f."), loss,
      step_of (patient), chance);
}

static char *
all_look_alike (const Patient *patient)
{
  const double cosine = now (patient, EID_VITAL_COSINE);

  if (!is_over (patient, EID_VITAL_COSINE))
    return NULL;
  return g_strdup_printf (
      patient->of->text
          ? _ ("Mean cosine of %'u passages is %.3f; over %.1f means that they are all alike to the model.")
          : _ ("Mean cosine of %'u pictures is %.3f; over %.1f means that they all look alike "
               "to the model."),
      patient->of->pictures, cosine, eid_thresholds.cosine);
}

static char *
views_crowd (const Patient *patient)
{
  const double uniformity = now (patient, EID_VITAL_UNIFORMITY),
               first = at_first (patient, EID_VITAL_UNIFORMITY);

  if (!is_over (patient, EID_VITAL_UNIFORMITY))
    return NULL;
  return g_strdup_printf (
      _ ("The uniformity of views is %.2f, where random weights have %.2f and one point for "
         "all has 0."),
      uniformity, first);
}

static char *
projections_are_one (const Patient *patient)
{
  const double spread = now (patient, EID_VITAL_PROJECTION_STD);

  if (!is_under (patient, EID_VITAL_PROJECTION_STD))
    return NULL;
  return g_strdup_printf (
      patient->of->text ? _ (
          "The projections of different passages are nearly the same: they deviate by %.3f, where random "
          "weights had %.2f and all sides have 1.")
                        : _ ("The projections of different pictures are nearly the same: they deviate by "
                             "%.3f, where random weights had %.2f and all sides have 1."),
      spread, at_first (patient, EID_VITAL_PROJECTION_STD));
}

static char *
projections_fill_a_line (const Patient *patient)
{
  const double filled = now (patient, EID_VITAL_PROJECTION_DIMENSIONS),
               first = at_first (patient, EID_VITAL_PROJECTION_DIMENSIONS);

  if (!is_under (patient, EID_VITAL_PROJECTION_DIMENSIONS))
    return NULL;
  return g_strdup_printf (_ ("The projections fill %.1f dimensions; with random weights they filled %.1f."),
                          filled, first);
}

static char *
few_dimensions_are_left (const Patient *patient)
{
  const double rank = now (patient, EID_VITAL_RANK), first = at_first (patient, EID_VITAL_RANK);
  const guint most = eid_verdict_most_rank (patient->of);

  if (!is_under (patient, EID_VITAL_RANK)
      || !(rank < fmax (2, eid_thresholds.rank_share * most) || is_over (patient, EID_VITAL_ALPHA)))
    return NULL;
  return g_strdup_printf (
      _ ("The features fill %.1f of %'u dimensions; with random weights they filled %.1f."), rank, most,
      first);
}

#define OBJECTIVE(key, way)                                                                                  \
  {                                                                                                          \
    "Objective", key, way                                                                                    \
  }
#define OPTIMIZER(key, way)                                                                                  \
  {                                                                                                          \
    "Optimizer", key, way                                                                                    \
  }

enum
{
  KNOWN_CURES = 10
};

/* The most telling first: of several that show, the first is the verdict. Cures
 * that a run's objective does not have are left out of what is told.         */
static const struct
{
  EidVerdictKind kind;
  char *(*shows) (const Patient *patient);
  EidCure cures[KNOWN_CURES];
} signs[] = {
  { EID_DIVERGING,
    loss_rises,
    { OPTIMIZER ("lr", "lower"), OPTIMIZER ("warmup", "higher"), OPTIMIZER ("clip", "lower") } },
  { EID_DIVERGING,
    gradient_explodes,
    { OPTIMIZER ("lr", "lower"), OPTIMIZER ("clip", "lower"), OPTIMIZER ("warmup", "higher") } },
  { EID_COMPLETE_COLLAPSE,
    teacher_says_anything,
    { OBJECTIVE ("teacher-temperature", "lower"), OBJECTIVE ("teacher-temperature-end", "lower"),
      OBJECTIVE ("student-temperature", "lower"), OPTIMIZER ("lr", "lower") } },
  { EID_COMPLETE_COLLAPSE,
    teacher_says_one_thing,
    { OBJECTIVE ("center-momentum", "lower"), OBJECTIVE ("teacher-temperature", "higher"),
      OBJECTIVE ("teacher-temperature-end", "higher"), OPTIMIZER ("lr", "lower") } },
  { EID_DIMENSIONAL_COLLAPSE,
    teacher_says_few_things,
    { OBJECTIVE ("center-momentum", "lower"), OBJECTIVE ("teacher-temperature", "higher"),
      OBJECTIVE ("teacher-temperature-end", "higher"), OPTIMIZER ("lr", "lower") } },
  { EID_LEARNING_NOTHING,
    loss_is_on_chance,
    { OPTIMIZER ("lr", "lower"), OPTIMIZER ("warmup", "higher"), OBJECTIVE ("temperature", "higher") } },
  { EID_COMPLETE_COLLAPSE,
    all_look_alike,
    { OBJECTIVE ("stop-gradient", "true"), OBJECTIVE ("variance", "higher"), OBJECTIVE ("lambda", "higher"),
      OBJECTIVE ("center-momentum", "lower"), OBJECTIVE ("teacher-momentum", "higher"),
      OPTIMIZER ("lr", "lower") } },
  { EID_COMPLETE_COLLAPSE,
    views_crowd,
    { OBJECTIVE ("stop-gradient", "true"), OBJECTIVE ("variance", "higher"), OBJECTIVE ("lambda", "higher"),
      OBJECTIVE ("center-momentum", "lower"), OBJECTIVE ("teacher-momentum", "higher"),
      OPTIMIZER ("lr", "lower") } },
  { EID_COMPLETE_COLLAPSE,
    projections_are_one,
    { OBJECTIVE ("stop-gradient", "true"), OBJECTIVE ("variance", "higher"),
      OBJECTIVE ("teacher-momentum", "higher"), OPTIMIZER ("lr", "lower") } },
  { EID_DIMENSIONAL_COLLAPSE,
    projections_fill_a_line,
    { OBJECTIVE ("stop-gradient", "true"), OBJECTIVE ("lambda", "higher"), OBJECTIVE ("covariance", "higher"),
      OPTIMIZER ("lr", "lower") } },
  { EID_DIMENSIONAL_COLLAPSE,
    few_dimensions_are_left,
    { OBJECTIVE ("stop-gradient", "true"), OBJECTIVE ("variance", "higher"),
      OBJECTIVE ("covariance", "higher"), OBJECTIVE ("lambda", "higher"),
      OBJECTIVE ("center-momentum", "lower"), OPTIMIZER ("lr", "lower"), OPTIMIZER ("weight-decay", "lower"),
      OBJECTIVE ("temperature", "lower") } },
};

/* --- Cures --------------------------------------------------------------------------- */

/* Whether @cure changes anything of @of: the objective has the key, and it is not there yet. */
static gboolean
can_cure (const EidCase *of, const EidCure *cure)
{
  const double value = of->value != NULL ? of->value (cure->section, cure->key, of->user_data) : NAN;

  if (g_str_equal (cure->section, "Optimizer"))
    return !(g_str_equal (cure->way, "lower") && value <= 0);
  for (const EidParam *param = of->params; param != NULL && param->key != NULL; param++)
    if (g_str_equal (param->key, cure->key))
      return !(g_str_equal (cure->way, "lower") && value <= param->min)
             && !(g_str_equal (cure->way, "higher") && value >= param->max)
             && !(g_str_equal (cure->way, "true") && value > 0);
  return FALSE;
}

static EidVerdict
judge (const Patient *patient)
{
  EidVerdict verdict = { EID_HEALTHY };

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      verdict.evidence = patient->count > 1 ? signs[i].shows (patient) : NULL;
      if (verdict.evidence == NULL)
        continue;
      verdict.kind = signs[i].kind;
      for (guint c = 0; c < KNOWN_CURES && signs[i].cures[c].key != NULL; c++)
        if (verdict.n_cures < EID_MOST_CURES && can_cure (patient->of, &signs[i].cures[c]))
          verdict.cures[verdict.n_cures++] = signs[i].cures[c];
      return verdict;
    }
  if (patient->count > 0 && !isnan (now (patient, EID_VITAL_RANK)))
    verdict.evidence = g_strdup_printf (
        patient->of->text
            ? _ ("The features fill %.1f of %'u dimensions; the mean cosine of %'u passages is %.2f.")
            : _ ("The features fill %.1f of %'u dimensions; the mean cosine of %'u pictures is %.2f."),
        now (patient, EID_VITAL_RANK), eid_verdict_most_rank (patient->of), patient->of->pictures,
        now (patient, EID_VITAL_COSINE));
  return verdict;
}

/* --- The verdict --------------------------------------------------------------------- */

EidVerdict
eid_verdict_next (const EidCase *of, const EidVitals *history, guint count, const EidVerdict *before)
{
  const Patient patient = { of, history, count };
  EidVerdict verdict = judge (&patient);
  const EidVerdictKind kind_before = before != NULL ? before->kind : EID_HEALTHY;
  const gboolean was_early = count < 2 || (before != NULL && before->early);
  gboolean twice = FALSE;

  if (verdict.kind == kind_before)
    {
      verdict.early = verdict.kind == EID_HEALTHY && count < 2;
      return verdict;
    }
  if (count > 1 && (kind_before != EID_HEALTHY || history[count - 1].step > of->warmup))
    {
      const Patient then = { of, history, count - 1 };
      g_auto (EidVerdict) last = judge (&then);

      twice = (last.kind == EID_HEALTHY) == (verdict.kind == EID_HEALTHY);
    }
  if (!twice)
    {
      const EidVerdict none = { EID_HEALTHY };

      eid_verdict_clear (&verdict);
      verdict = before != NULL ? *before : none;
      verdict.evidence = g_strdup (verdict.evidence);
      /* One look that shows trouble is no alarm, but nothing to call healthy either. */
      verdict.early = verdict.kind == EID_HEALTHY && was_early;
    }
  return verdict;
}

void
eid_verdict_clear (EidVerdict *verdict)
{
  g_clear_pointer (&verdict->evidence, g_free);
}

static const struct
{
  const char *name, *title;
} verdicts[EID_N_VERDICTS] = {
  [EID_HEALTHY] = { "healthy", N_ ("Healthy") },
  [EID_LEARNING_NOTHING] = { "learning-nothing", N_ ("Nothing is learnt") },
  [EID_DIMENSIONAL_COLLAPSE] = { "dimensional-collapse", N_ ("Dimensional collapse") },
  [EID_COMPLETE_COLLAPSE] = { "complete-collapse", N_ ("Complete collapse") },
  [EID_DIVERGING] = { "diverging", N_ ("Diverging") },
};

const char *
eid_verdict_name (EidVerdictKind kind)
{
  return verdicts[kind].name;
}

const char *
eid_verdict_title (EidVerdictKind kind)
{
  return _ (verdicts[kind].title);
}

const char *
eid_verdict_told_name (const EidVerdict *verdict)
{
  return verdict->early ? EID_TOO_EARLY : eid_verdict_name (verdict->kind);
}

const char *
eid_verdict_told_title (const EidVerdict *verdict)
{
  return verdict->early ? _ ("Too early to tell") : eid_verdict_title (verdict->kind);
}
