/* gradients.c: is the gradient the derivative of the loss? By differences, through everything:
 * views, encoder, objective.
 *
 * A loss may stop gradients on purpose, by eid_detach(), and then its gradient is the derivative only
 * while what was stopped stays as it was: it is held still (eid_set_detach()). What moves the loss
 * otherwise and is not in the gradient is a mistake.                         */
#include "app/engine/check/derivatives.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define WHOLE_DIRECTIONS 3
#define ELEMENTS         4

/* --- Directions ------------------------------------------------------------------------- */

static gboolean
compare_parts (EidLossProbe *probe, GError **error)
{
  for (guint i = 0; i < probe->parts->len; i++)
    {
      const EidPart *part = EID_PART (probe, i);
      g_auto (EidDirection) direction = eid_direction_new (probe);

      eid_check_tell (probe->check, _ ("Comparing gradients with differences"), i, probe->parts->len);
      if (!part->trained || !(part->slope > 0))
        continue;
      eid_direction_add (probe, &direction, i, 1);
      if (!eid_probe_compare (probe, &direction, eid_part_reach (part), part->name, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
compare_all_at_once (EidLossProbe *probe, GError **error)
{
  for (guint n = 0; n < WHOLE_DIRECTIONS; n++)
    {
      g_auto (EidDirection) direction = eid_direction_new (probe);

      for (guint i = 0; i < probe->parts->len; i++)
        if (EID_PART (probe, i)->trained)
          eid_direction_add (probe, &direction, i, eid_part_reach (EID_PART (probe, i)));
      if (!eid_probe_compare (probe, &direction, 0.3, _ ("all weights at once"), error))
        return FALSE;
    }
  return TRUE;
}

/* Single elements: the largest gradient of each of the parts of most. */
static gboolean
compare_elements (EidLossProbe *probe, GError **error)
{
  g_autofree gboolean *seen = g_new0 (gboolean, probe->parts->len);

  for (guint n = 0; n < ELEMENTS; n++)
    {
      g_auto (EidDirection) direction = eid_direction_new (probe);
      g_autofree char *what = NULL;
      float largest = 0;
      guint at = 0;
      gsize place = 0;

      for (guint i = 0; i < probe->parts->len; i++)
        {
          const EidPart *part = EID_PART (probe, i);

          for (gsize k = 0; part->gradient != NULL && !seen[i] && k < part->count; k++)
            if (fabsf (part->gradient[k]) > largest)
              {
                largest = fabsf (part->gradient[k]);
                at = i;
                place = k;
              }
        }
      if (!(largest > 0))
        break;
      seen[at] = TRUE;
      direction.part[at] = g_new0 (float, EID_PART (probe, at)->count);
      direction.part[at][place] = 1;
      what = g_strdup_printf ("%s[%zu]", EID_PART (probe, at)->name, place);
      if (!eid_probe_compare (probe, &direction,
                              fmax (fabs ((double) EID_PART (probe, at)->values[place]), 0.1), what, error))
        return FALSE;
    }
  return TRUE;
}

/* --- Stopped by mistake ------------------------------------------------------------------ */

/* Whether the loss follows part @i when nothing is held still. */
static gboolean
moves_loss (EidLossProbe *probe, guint i, gboolean *moves, GError **error)
{
  const EidPart *part = EID_PART (probe, i);
  g_auto (EidDirection) direction = eid_direction_new (probe);
  double above, below;

  eid_direction_add (probe, &direction, i, 1);
  if (!eid_probe_loss_at (probe, &direction, eid_part_reach (part), EID_DETACH_FREE, &above, error)
      || !eid_probe_loss_at (probe, &direction, -eid_part_reach (part), EID_DETACH_FREE, &below, error))
    return FALSE;
  *moves = fmax (fabs (above - probe->loss), fabs (below - probe->loss))
           > 10 * EID_LOSS_NOISE * fmax (fabs (probe->loss), 1);
  return TRUE;
}

static void
add_name (GString *names, guint number, const char *name)
{
  if (number < 3)
    g_string_append_printf (names, "%s%s", number > 0 ? ", " : "", name);
  else if (number == 3)
    g_string_append (names, ", …");
}

/* Weights without a gradient: those the loss depends on, and those it does not. */
static gboolean
find_stopped (EidLossProbe *probe, EidFinding *finding, GError **error)
{
  g_autoptr (GString) stopped = g_string_new (NULL), unused = g_string_new (NULL);
  guint n_stopped = 0, n_unused = 0, n_trained = 0;

  for (guint i = 0; i < probe->parts->len; i++)
    {
      const EidPart *part = EID_PART (probe, i);
      gboolean moves;

      n_trained += part->trained;
      if (!part->trained || part->slope > 0)
        continue;
      if (!moves_loss (probe, i, &moves, error))
        return FALSE;
      if (moves)
        add_name (stopped, n_stopped++, part->name);
      else
        add_name (unused, n_unused++, part->name);
    }
  if (n_stopped > 0)
    *finding = eid_failed (
        _ ("The gradient is stopped by mistake: look for eid_detach(), for a value that was read back and "
           "written again, and for an operation without gradient between these weights and the loss. What is "
           "not to be trained is an EID_BUFFER, or belongs to the teacher."),
        _ ("%'u of %'u weights get no gradient, and the loss depends on them: %s."), n_stopped, n_trained,
        stopped->str);
  else if (n_unused > 0)
    *finding =
        eid_failed (_ ("Make in build() only what is used with these parameters; eid_objective_needs() tells "
                       "an encoder what will be asked of it."),
                    _ ("%'u of %'u weights get no gradient, for the loss does not depend on them: %s."),
                    n_unused, n_trained, unused->str);
  return TRUE;
}

/* --- The examination ------------------------------------------------------------------------ */

static EidFinding
report (EidLossProbe *probe)
{
  if (probe->n_wrong > 0)
    return eid_failed (
        _ ("Something moves the loss and is not in the gradient: a value that was read back and written "
           "again, an operation without gradient, eid_set_recording(). What is to be held still goes through "
           "eid_detach()."),
        _ ("Of %'u derivatives %'u are not the gradient’s: %s."), probe->n_judged, probe->n_wrong,
        probe->wrong->str);
  /* A loss on which nothing depends has no derivative to be wrong. */
  if (probe->n_faint == probe->n_judged)
    return eid_failed (_ ("Look at what the loss is made of, and at its scale."),
                       _ ("All %'u derivatives are too small to be told from rounding."), probe->n_judged);
  return eid_passed (_ ("%'u derivatives by differences are the gradient’s to within %.2g %%; every weight "
                        "has one."),
                     probe->n_judged, 100 * probe->worst);
}

static gboolean
is_finite (const EidLossProbe *probe)
{
  for (guint i = 0; i < probe->parts->len; i++)
    if (!isfinite (EID_PART (probe, i)->slope))
      return FALSE;
  return isfinite (probe->loss);
}

static gboolean
examine (EidLossProbe *probe, EidFinding *finding, GError **error)
{
  double again;

  if (!eid_probe_loss (probe, EID_DETACH_KEEP, &probe->loss, error))
    return FALSE;
  eid_probe_read_gradients (probe);
  if (!is_finite (probe))
    {
      *finding = eid_failed (_ ("Look for a division by 0, a logarithm of 0 or an exponential of a large "
                                "number; “eidoscope train” names the operation that was the first."),
                             _ ("The loss, %g, or its gradient is not finite."), probe->loss);
      return TRUE;
    }
  if (!eid_probe_loss (probe, EID_DETACH_HOLD, &again, error))
    return FALSE;
  if (again != probe->loss)
    {
      *finding = eid_failed (
          _ ("Random numbers come from eid_step_random() alone, and what lasts from step to "
             "step is an EID_BUFFER."),
          _ ("The same weights, data and step gave a loss of %.9g and then of %.9g."), probe->loss, again);
      return TRUE;
    }
  if (!find_stopped (probe, finding, error))
    return FALSE;
  if (finding->outcome == EID_CHECK_FAILED)
    return TRUE;
  if (!compare_parts (probe, error) || !compare_all_at_once (probe, error)
      || !compare_elements (probe, error))
    return FALSE;
  *finding = report (probe);
  return TRUE;
}

EidFinding
eid_check_gradients (EidCheck *check)
{
  g_auto (EidLossProbe) probe = { NULL };
  EidFinding finding = { EID_CHECK_PASSED, NULL, NULL };
  GError *error = NULL;

  if (eid_probe_open (&probe, check, &error) && examine (&probe, &finding, &error))
    return finding;
  eid_finding_clear (&finding);
  return eid_failed_by (error);
}
