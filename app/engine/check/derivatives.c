/* derivatives.c: see derivatives.h. Running moments, queues and centres are put back before each
 * loss, so that it is a function of the weights alone.                       */
#include "app/engine/check/derivatives.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Half-way through the run: what is frozen to begin with is free by then. */
#define RUN_STEPS 2
#define STEP      1

/* By how much a difference may miss the gradient: the third derivative, and kinks (ReLU) between. */
#define TOLERANCE 0.03

/* Steps to take the difference over, shares of the length of what is moved: too long, and the loss bends;
 * too short, and it is lost in the noise. A right gradient agrees at one of them, a wrong one at none. */
static const double lengths[] = { 1e-2, 3e-3, 1e-3, 3e-4, 1e-4 };

/* An element this large stands for weights of which all are 0 to begin with. */
#define LEAST_ELEMENT 0.02

static void
part_clear (gpointer data)
{
  EidPart *part = data;

  g_free (part->values);
  g_free (part->teacher);
  g_free (part->gradient);
}

static double
length_of (const float *values, gsize count)
{
  double sum = 0;

  for (gsize i = 0; values != NULL && i < count; i++)
    sum += (double) values[i] * (double) values[i];
  return sqrt (sum);
}

/* --- The loss as a function -------------------------------------------------------- */

static void
read_parts (EidLossProbe *probe)
{
  EidParameters *parameters = eid_model_parameters (probe->setup->model);
  gsize longest = 1;

  probe->parts = g_array_new (FALSE, TRUE, sizeof (EidPart));
  g_array_set_clear_func (probe->parts, part_clear);
  for (guint i = 0; i < eid_parameters_count (parameters); i++)
    {
      EidTensor *tensor = eid_parameters_tensor (parameters, i);
      EidPart part = { .name = eid_parameters_name (parameters, i),
                       .tensor = tensor,
                       .count = eid_tensor_count (tensor),
                       .trained = eid_parameters_is_trained (parameters, i) };

      part.values = g_new (float, part.count);
      eid_tensor_read (tensor, part.values);
      part.length = length_of (part.values, part.count);
      if (!part.trained && eid_parameters_has_teacher (parameters))
        {
          part.teacher = g_new (float, part.count);
          eid_parameters_use_teacher (parameters, TRUE);
          eid_tensor_read (tensor, part.teacher);
          eid_parameters_use_teacher (parameters, FALSE);
        }
      longest = MAX (longest, part.count);
      g_array_append_val (probe->parts, part);
    }
  probe->moved = g_new (float, longest);
}

static void
write_buffers (EidLossProbe *probe, gboolean teacher)
{
  for (guint i = 0; i < probe->parts->len; i++)
    {
      const EidPart *part = EID_PART (probe, i);

      if (!part->trained)
        eid_tensor_write (part->tensor, teacher ? part->teacher : part->values);
    }
}

static void
restore_buffers (EidLossProbe *probe)
{
  EidParameters *parameters = eid_model_parameters (probe->setup->model);

  write_buffers (probe, FALSE);
  if (!eid_parameters_has_teacher (parameters))
    return;
  eid_parameters_use_teacher (parameters, TRUE);
  write_buffers (probe, TRUE);
  eid_parameters_use_teacher (parameters, FALSE);
}

gboolean
eid_probe_loss (EidLossProbe *probe, EidDetach mode, double *loss, GError **error)
{
  EidSetup *setup = probe->setup;

  restore_buffers (probe);
  eid_parameters_zero_gradients (eid_model_parameters (setup->model));
  eid_set_detach (setup->device, mode);
  return eid_check_loss (setup, setup->model, &probe->batch, STEP, loss, error);
}

void
eid_probe_read_gradients (EidLossProbe *probe)
{
  for (guint i = 0; i < probe->parts->len; i++)
    {
      EidPart *part = EID_PART (probe, i);
      EidTensor *gradient = part->trained ? eid_tensor_gradient (part->tensor) : NULL;

      if (gradient == NULL)
        continue;
      part->gradient = g_new (float, part->count);
      eid_tensor_read (gradient, part->gradient);
      part->slope = length_of (part->gradient, part->count);
    }
}

/* --- Directions ------------------------------------------------------------------------ */

EidDirection
eid_direction_new (const EidLossProbe *probe)
{
  return (EidDirection){ g_new0 (float *, probe->parts->len), probe->parts->len };
}

void
eid_direction_clear (EidDirection *direction)
{
  for (guint i = 0; i < direction->count; i++)
    g_free (direction->part[i]);
  g_free (direction->part);
}

/* How far a part may be moved for its share of @length. */
double
eid_part_reach (const EidPart *part)
{
  return fmax (part->length, LEAST_ELEMENT * sqrt ((double) part->count));
}

/* Half by chance, half along its gradient: by chance alone, thousands of dimensions are nearly at
 * right angles to it; along it alone, what is missing in it would not be moved. Of length 1. */
void
eid_direction_add (EidLossProbe *probe, EidDirection *direction, guint i, double scale)
{
  const EidPart *part = EID_PART (probe, i);
  float *way = g_new (float, part->count);
  double length;

  for (gsize k = 0; k < part->count; k++)
    way[k] = eid_random_normal (&probe->random);
  length = length_of (way, part->count);
  for (gsize k = 0; k < part->count; k++)
    {
      const double along = part->slope > 0 ? (double) part->gradient[k] / part->slope : 0;

      way[k] = (float) (scale * ((double) way[k] / fmax (length, 1e-30) + along));
    }
  direction->part[i] = way;
}

gboolean
eid_probe_loss_at (EidLossProbe *probe, const EidDirection *direction, double by, EidDetach mode,
                   double *loss, GError **error)
{
  gboolean good;

  for (guint i = 0; i < direction->count; i++)
    {
      const EidPart *part = EID_PART (probe, i);

      if (direction->part[i] == NULL)
        continue;
      for (gsize k = 0; k < part->count; k++)
        probe->moved[k] = (float) ((double) part->values[k] + by * (double) direction->part[i][k]);
      eid_tensor_write (part->tensor, probe->moved);
    }
  good = eid_probe_loss (probe, mode, loss, error);
  for (guint i = 0; i < direction->count; i++)
    if (direction->part[i] != NULL)
      eid_tensor_write (EID_PART (probe, i)->tensor, EID_PART (probe, i)->values);
  return good;
}

/* By the gradient. */
static double
slope_along (const EidLossProbe *probe, const EidDirection *direction)
{
  double sum = 0;

  for (guint i = 0; i < direction->count; i++)
    {
      const EidPart *part = EID_PART (probe, i);

      for (gsize k = 0; direction->part[i] != NULL && part->gradient != NULL && k < part->count; k++)
        sum += (double) part->gradient[k] * (double) direction->part[i][k];
    }
  return sum;
}

/* Compares along @direction, whose length 1 means @unit of what is moved. @what: for the message. */
gboolean
eid_probe_compare (EidLossProbe *probe, const EidDirection *direction, double unit, const char *what,
                   GError **error)
{
  const double expected = slope_along (probe, direction);
  const double noise = EID_LOSS_NOISE * fmax (fabs (probe->loss), 1);
  double nearest = INFINITY, found = NAN;
  gboolean faint = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (lengths) && !(nearest <= 1); i++)
    {
      const double by = lengths[i] * unit;
      double above, below, slope, allowed;

      if (!eid_probe_loss_at (probe, direction, by, EID_DETACH_HOLD, &above, error)
          || !eid_probe_loss_at (probe, direction, -by, EID_DETACH_HOLD, &below, error))
        return FALSE;
      slope = (above - below) / (2 * by);
      allowed = TOLERANCE * fmax (fabs (slope), fabs (expected)) + noise / by;
      if (fabs (slope - expected) / allowed < nearest)
        {
          nearest = fabs (slope - expected) / allowed;
          found = slope;
          faint = fabs (expected) < noise / by;
        }
    }
  probe->n_judged++;
  probe->n_faint += faint;
  if (!(nearest <= 1))
    {
      probe->n_wrong++;
      if (probe->n_wrong <= 3)
        g_string_append_printf (probe->wrong,
                                /* TRANSLATORS: a tensor's name, then two numbers. */
                                _ ("%s%s: %.4g by differences, %.4g by the gradient"),
                                probe->n_wrong > 1 ? "; " : "", what, found, expected);
    }
  else if (!faint)
    probe->worst = fmax (probe->worst, fabs (found - expected) / fmax (fabs (found), fabs (expected)));
  return TRUE;
}

/* --- Making and freeing --------------------------------------------------------------- */

gboolean
eid_probe_open (EidLossProbe *probe, const EidCheck *check, GError **error)
{
  *probe = (EidLossProbe){ .check = check, .wrong = g_string_new (NULL) };
  probe->setup = eid_check_setup (check, NULL, error);
  if (probe->setup == NULL || !eid_check_batch (probe->setup, 0, EID_CHECK_BATCH, &probe->batch, error))
    return FALSE;
  eid_model_set_steps (probe->setup->model, RUN_STEPS);
  eid_random_init (&probe->random, 11, 0, 0, 0);
  read_parts (probe);
  return TRUE;
}

void
eid_probe_clear (EidLossProbe *probe)
{
  g_clear_pointer (&probe->parts, g_array_unref);
  g_clear_pointer (&probe->moved, g_free);
  if (probe->wrong != NULL)
    g_string_free (g_steal_pointer (&probe->wrong), TRUE);
  eid_check_batch_clear (&probe->batch);
  g_clear_pointer (&probe->setup, eid_setup_free);
}
