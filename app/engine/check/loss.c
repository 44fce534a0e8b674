/* loss.c: the loss of a model that was never trained: near the objective's chance line, and the same
 * in 16 bits. */
#include "app/engine/check/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define SEEDS 3

/* Fresh weights do not predict the mean, they scatter about it: near the line, not on it. About a line
 * at 0, where there is no share of anything, cosines do. A queue holds noise at first, from which keys
 * are told easily. */
#define LEAST_SHARE 0.4
#define MOST_SHARE  3
#define ABOUT_ZERO  0.5

/* --- The chance line ----------------------------------------------------------------- */

/* The mean over models of several seeds, of pictures or of noise. */
static gboolean
mean_loss (EidCheck *check, EidSetup *setup, gboolean noise, double *loss, GError **error)
{
  double sum = 0;

  for (guint i = 0; i < SEEDS; i++)
    {
      g_auto (EidCheckBatch) batch = { NULL };
      g_autoptr (EidModel) model = NULL;
      double one;

      setup->seed = i + 1;
      model = eid_setup_fresh_model (setup, error);
      if (model == NULL)
        return FALSE;
      if (noise)
        eid_check_noise (setup, i, EID_CHECK_BATCH, &batch);
      else if (!eid_check_batch (setup, i, EID_CHECK_BATCH, &batch, error))
        return FALSE;
      eid_model_set_steps (model, 2);
      if (!eid_check_loss (setup, model, &batch, 0, &one, error))
        return FALSE;
      sum += one;
    }
  *loss = sum / SEEDS;
  return TRUE;
}

static gboolean
is_near (double loss, double chance)
{
  return chance == 0 ? fabs (loss) <= ABOUT_ZERO : loss / chance > LEAST_SHARE && loss / chance < MOST_SHARE;
}

EidFinding
eid_check_chance (EidCheck *check)
{
  GError *error = NULL;
  g_autoptr (EidSetup) setup = eid_check_setup (check, NULL, &error);
  double chance, pictures, noise;

  if (setup == NULL)
    return eid_failed_by (error);
  chance = eid_model_chance (setup->model);
  if (!mean_loss (check, setup, FALSE, &pictures, &error) || !mean_loss (check, setup, TRUE, &noise, &error))
    return eid_failed_by (error);
  if (!isfinite (pictures) || !isfinite (noise))
    return eid_failed (_ ("Look for a division by 0, or a logarithm of 0."),
                       _ ("An untrained encoder’s loss is not finite: %g of data, %g of noise."), pictures,
                       noise);
  if (isnan (chance))
    return eid_skipped (_ ("“%s” has no chance line; an untrained encoder comes to %.4g of data and %.4g "
                           "of noise."),
                        check->objective->id, pictures, noise);
  if (!is_near (pictures, chance) || !is_near (noise, chance))
    return eid_failed (_ ("Work out .chance again: the loss of a model that knows nothing, with these "
                          "parameters; or look for what makes the loss easy, or infinitely hard, untrained."),
                       _ ("An untrained encoder’s loss is %.4g of data and %.4g of noise: far from the "
                          "chance line, %.4g."),
                       pictures, noise, chance);
  return eid_passed (_ ("An untrained encoder’s loss is %.4g of data and %.4g of noise; the chance line "
                        "is at %.4g."),
                     pictures, noise, chance);
}

/* --- 16 bits ------------------------------------------------------------------------------ */

/* Numbers of 8 bits after the point's own are off by up to 1/512; through some tens of products, whose
 * errors add up by chance, a loss by a few hundredths of what a loss is of. */
#define BF16_TOLERANCE 0.05

static gboolean
loss_in (EidCheck *check, const char *precision, double *loss, GError **error)
{
  g_autofree char *setting = g_strconcat ("Run.precision=", precision, NULL);
  g_autoptr (EidSetup) setup = eid_check_setup (check, EID_SETTINGS (setting), error);
  g_auto (EidCheckBatch) batch = { NULL };

  return setup != NULL && eid_check_batch (setup, 0, EID_CHECK_BATCH, &batch, error)
         && eid_check_loss (setup, setup->model, &batch, 0, loss, error);
}

EidFinding
eid_check_precision (EidCheck *check)
{
  GError *error = NULL;
  double full, half, difference;

  if (!loss_in (check, "f32", &full, &error) || !loss_in (check, "bf16", &half, &error))
    return eid_failed_by (error);
  difference = fabs (half - full) / fmax (fabs (full), 1);
  if (!(difference <= BF16_TOLERANCE))
    return eid_failed (_ ("Take sums, exponentials and logarithms of many numbers in 32 bits, by "
                          "eid_cast (x, EID_F32) before them."),
                       _ ("The loss is %.5g in 32 bits and %.5g in 16."), full, half);
  return eid_passed (_ ("The loss is %.5g in 32 bits and %.5g in 16, %.2g %% apart."), full, half,
                     100 * difference);
}
