/* training.c: a short training on drawn pictures or text, as “eidoscope train” makes it: does the loss
 * fall below that of a model that knows nothing, and what does the health of the run say? */
#include "app/engine/check/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* The first and last steps whose mean loss is compared, and how often health is looked at. */
#define SHARE 10
#define LOOKS 8

typedef struct
{
  const EidCheck *check;
  GArray *losses; /* double */
} Log;

static void
on_progress (const EidProgress *progress, gpointer user_data)
{
  Log *log = user_data;

  g_array_append_val (log->losses, progress->loss);
  eid_check_tell (log->check, _ ("Training"), progress->step, progress->steps);
}

static void
on_preparing (const char *what, gpointer user_data)
{
  eid_check_tell (((Log *) user_data)->check, what, 0, 0);
}

static double
mean_of (const GArray *losses, guint first, guint count)
{
  double sum = 0;

  for (guint i = 0; i < count; i++)
    sum += g_array_index (losses, double, first + i);
  return sum / count;
}

static EidFinding
judge (const GArray *losses, double chance, const EidVerdict *verdict)
{
  const guint some = MAX (losses->len / SHARE, 1);
  const double first = mean_of (losses, 0, some), last = mean_of (losses, losses->len - some, some);
  const char *look =
      _ ("Train it by “eidoscope train” on data of your own, and look at its pages in the workbench.");
  const char *climbs =
      _ ("A loss that does not fall follows something else than the weights, or the wrong way: "
         "look at the sign, the temperature and the scale.");

  /* Where there is a line, it is what counts: keys of an empty queue, or a teacher that knows nothing yet,
   * are easier at first than they are later. */
  if (!isnan (chance) && !(last < chance))
    return eid_failed (
        climbs, _ ("In %'u steps the loss went from %.4g to %.4g; a model that knows nothing has %.4g."),
        losses->len, first, last, chance);
  if (isnan (chance) && !(last < first))
    return eid_failed (climbs, _ ("In %'u steps the loss went from %.4g to %.4g."), losses->len, first, last);
  if (verdict->kind == EID_COMPLETE_COLLAPSE || verdict->kind == EID_DIVERGING)
    return eid_failed (look, _ ("In %'u steps the loss went from %.4g to %.4g, but %s: %s"), losses->len,
                       first, last, eid_verdict_title (verdict->kind), verdict->evidence);
  /* Few steps: that it is below the line is what can be asked of them, not how far. */
  if (verdict->kind == EID_LEARNING_NOTHING)
    return eid_passed (
        _ ("In %'u steps the loss went from %.4g to %.4g, below the chance line, %.4g, but not yet "
           "far."),
        losses->len, first, last, chance);
  if (verdict->kind != EID_HEALTHY)
    return eid_warned (look, _ ("In %'u steps the loss went from %.4g to %.4g, but %s: %s"), losses->len,
                       first, last, eid_verdict_title (verdict->kind), verdict->evidence);
  if (isnan (chance))
    return eid_passed (_ ("In %'u steps the loss went from %.4g to %.4g; the run is healthy."), losses->len,
                       first, last);
  return eid_passed (
      _ ("In %'u steps the loss went from %.4g to %.4g, below the chance line, %.4g; the run is "
         "healthy."),
      losses->len, first, last, chance);
}

/* One training, at the learning rate @rate. */
static EidFinding
train (EidCheck *check, const char *rate)
{
  const guint n_steps = check->options->steps;
  g_autofree char *steps = g_strdup_printf ("Run.steps=%u", n_steps);
  g_autofree char *warmup = g_strdup_printf ("Optimizer.warmup=%u", n_steps / 10);
  g_autofree char *health = g_strdup_printf ("Evaluate.health-every=%u", MAX (n_steps / LOOKS, 1));
  g_autofree char *lr = g_strconcat ("Optimizer.lr=", rate, NULL);
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  Log log = { check, losses };
  const EidListener listener = { .preparing = on_preparing, .progress = on_progress, .user_data = &log };
  g_autoptr (EidTrainer) trainer = NULL;
  GError *error = NULL;
  EidHealthReport report;

  trainer = eid_check_trainer (check, rate, EID_SETTINGS (steps, warmup, health, lr), &listener, &error);
  while (trainer != NULL && !eid_trainer_is_done (trainer))
    if (!eid_trainer_step (trainer, &error))
      return eid_failed_by (error);
  if (trainer == NULL || !eid_trainer_settle (trainer, &error))
    return eid_failed_by (error);
  if (!eid_trainer_health (trainer, &report))
    return eid_failed (NULL, _ ("The run’s health could not be looked at."));
  return judge (losses, eid_trainer_chance (trainer), report.verdict);
}

/* What is right for one method is too much for another, in a world that is none's own: what does not
 * fare well at the first rate is tried at a lower one. */
EidFinding
eid_check_training (EidCheck *check)
{
  static const char *const rates[] = { "1e-3", "5e-4" };
  EidFinding finding = { EID_CHECK_FAILED, NULL, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (rates) && finding.outcome != EID_CHECK_PASSED; i++)
    {
      g_auto (EidFinding) before = finding;

      finding = train (check, rates[i]);
      if (i > 0 && before.outcome < finding.outcome) /* the better one stands */
        {
          const EidFinding worse = finding;

          finding = before;
          before = worse;
        }
    }
  return finding;
}
