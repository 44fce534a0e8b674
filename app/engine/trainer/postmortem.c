/* postmortem.c: what went wrong in a step, and what can be done about it. */
#include "app/engine/trainer/private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

/* In the history alone: whoever listens is given the error. */
static gboolean
fail (EidTrainer *trainer, EidError code, const char *text, GError **error)
{
  eid_run_event (trainer->run, trainer->setup->step, "warning", text, NULL);
  eid_run_sync (trainer->run, NULL);
  g_set_error_literal (error, EID_ERROR, code, text);
  return FALSE;
}

/* --- Not finite --------------------------------------------------------------- */

/* The optimiser halts at the first gradient that is not finite, so the weights are those the step was
 * made with. */
gboolean
eid_trainer_fail_not_finite (EidTrainer *trainer, const EidStepNumbers *numbers, gboolean of_loss,
                             GError **error)
{
  EidSetup *setup = trainer->setup;
  g_autoptr (EidLoader) loader = eid_loader_new (setup->train, setup->batch, setup->seed, numbers->step, 1);
  const EidBatch *batch = eid_loader_next (loader, NULL);
  g_autoptr (GError) culprit = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  char rate[G_ASCII_DTOSTR_BUF_SIZE];

  if (batch != NULL)
    {
      eid_set_finite_check (setup->device, TRUE);
      eid_trainer_run_parts (trainer, batch, numbers->step, NULL);
      eid_set_finite_check (setup->device, FALSE);
      eid_device_check (setup->device, &culprit);
    }

  g_string_append_printf (text,
                          of_loss ? _ ("Training stopped at step %'" PRIu64 ": the loss is not finite.")
                                  : _ ("Training stopped at step %'" PRIu64 ": the gradient is not finite."),
                          numbers->step + 1);
  g_string_append_c (text, ' ');
  if (culprit != NULL)
    g_string_append (text, culprit->message);
  else
    g_string_append (text, _ ("Running the step again did not show which tensor was the first."));
  g_string_append_c (text, ' ');
  if (trainer->saved_step > 0)
    g_string_append_printf (text, _ ("The checkpoint of step %'" PRIu64 " is good."), trainer->saved_step);
  else
    g_string_append (text, _ ("There is no checkpoint yet."));
  g_string_append_printf (
      text,
      /* TRANSLATORS: a number, then an objective's name. */
      _ (" Try a lower [Optimizer] lr than %s, or see whether loss() of “%s” divides by what may be 0."),
      g_ascii_formatd (rate, sizeof rate, "%g", eid_recipe_float (setup->recipe, "Optimizer", "lr")),
      eid_model_objective (setup->model)->id);
  return fail (trainer, EID_ERROR_NOT_FINITE, text->str, error);
}

/* --- Out of memory --------------------------------------------------------------- */

/* A part is measured at these sizes to see what a picture adds. */
#define FEW  2
#define MORE 4

/* What the device holds at most while the first @count pictures of @batch are a part; 0 if they do
 * not fit. */
static guint64
measure_part (EidTrainer *trainer, const EidBatch *batch, guint count)
{
  EidSetup *setup = trainer->setup;
  EidBatch part = *batch;

  part.count = count;
  eid_device_trim (setup->device);
  eid_trainer_run_part (trainer, &part, setup->step, NULL, 0);
  eid_device_finish (setup->device);
  return eid_device_check (setup->device, NULL) ? eid_device_peak_bytes (setup->device) : 0;
}

/* The most pictures that fit into a part, found by trying; 0 if not even two do. */
static guint
most_that_fits (EidTrainer *trainer, const EidBatch *batch, guint part)
{
  EidSetup *setup = trainer->setup;
  const guint64 all = eid_device_info (setup->device)->memory_bytes;
  guint64 few, more, moments;
  double each;
  guint fits;

  if (part <= MORE || (few = measure_part (trainer, batch, FEW)) == 0)
    return 0;
  more = measure_part (trainer, batch, MORE);
  if (more == 0)
    return FEW;
  each = fmax ((double) (more - MIN (few, more)) / (MORE - FEW), 1);
  /* The first update makes them. */
  moments = eid_rule_moments (eid_optimizer_rule (setup->recipe)) * sizeof (float)
            * eid_parameters_trained (eid_model_parameters (setup->model));
  fits = (guint) CLAMP (FEW + ((double) all - (double) moments - (double) few) / each, 0, part - 1);
  while (fits > MORE && measure_part (trainer, batch, fits) == 0)
    fits = fits * 3 / 4;
  return fits > 8 ? fits / 8 * 8 : fits >= FEW ? fits : 0;
}

/* The fewest parts of at most @most pictures that @batch can be made in. */
static guint
fewest_parts (guint batch, guint most)
{
  guint parts = (batch + most - 1) / most;

  while (batch % parts != 0)
    parts++;
  return parts;
}

static gboolean
fail_memory (EidTrainer *trainer, const GError *cause, GError **error)
{
  EidSetup *setup = trainer->setup;
  const guint part = setup->batch / setup->parts;
  g_autoptr (EidLoader) loader = eid_loader_new (setup->train, setup->batch, setup->seed, setup->step, 1);
  const EidBatch *batch = eid_loader_next (loader, NULL);
  g_autoptr (GString) text = g_string_new (cause->message);
  const guint most = batch != NULL ? most_that_fits (trainer, batch, part) : 0;

  if (most > 0 && setup->batch / fewest_parts (setup->batch, most) >= FEW)
    g_string_append_printf (
        text,
        /* TRANSLATORS: settings as they are, then two other ones. */
        _ (" It ran with [Run] batch = %u and accumulate = %u. Either accumulate = %u, for the same update "
           "in more parts, or batch = %u would fit."),
        setup->batch, setup->parts, fewest_parts (setup->batch, most), most * setup->parts);
  else
    g_string_append_printf (
        text,
        _ (" It ran with [Run] batch = %u and accumulate = %u, and a far smaller batch would not fit "
           "either: try a smaller [Dataset] size, or a smaller encoder."),
        setup->batch, setup->parts);
  return fail (trainer, EID_ERROR_MEMORY, text->str, error);
}

gboolean
eid_trainer_fail_step (EidTrainer *trainer, GError *cause, GError **error)
{
  g_autoptr (GError) owned = cause;

  if (g_error_matches (cause, EID_ERROR, EID_ERROR_MEMORY))
    return fail_memory (trainer, cause, error);
  g_propagate_error (error, g_steal_pointer (&owned));
  return FALSE;
}
