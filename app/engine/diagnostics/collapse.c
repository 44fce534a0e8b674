/* collapse.c: singular values by LAPACK, and what is read from them. */
#include "app/engine/diagnostics/collapse.h"

#include "app/engine/diagnostics/metrics.h"

#include <glib/gi18n-lib.h>
#include <lapacke.h>
#include <math.h>

EidFeatureSet *
eid_watched_features (EidSetup *setup, GError **error)
{
  return eid_features_of (setup, setup->model, setup->test, EID_WATCHED, error);
}

static double *
centre (const float *rows, guint count, guint width)
{
  double *centred = g_new (double, (gsize) count *width);

  for (guint d = 0; d < width; d++)
    {
      double mean = 0;

      for (guint i = 0; i < count; i++)
        mean += (double) rows[(gsize) i * width + d];
      mean /= count;
      for (guint i = 0; i < count; i++)
        centred[(gsize) i * width + d] = (double) rows[(gsize) i * width + d] - mean;
    }
  return centred;
}

double
eid_axis_sign (const double *loadings, guint width)
{
  guint largest = 0;

  for (guint d = 1; d < width; d++)
    if (fabs (loadings[d]) > fabs (loadings[largest]))
      largest = d;
  return loadings[largest] < 0 ? -1 : 1;
}

/* Scores [count, axes] along the first principal axes, and all singular values, largest first. */
static gboolean
principal_axes (const float *rows, guint count, guint width, guint axes, double *scores, double *spectrum,
                GError **error)
{
  const guint values = MIN (count, width);
  g_autofree double *centred = centre (rows, count, width);
  g_autofree double *singular = g_new0 (double, values);
  g_autofree double *left = g_new (double, (gsize) count *values);
  g_autofree double *right = g_new (double, (gsize) values *width);

  /* LAPACK may not return from values that are not finite. */
  for (gsize i = 0; i < (gsize) count * width; i++)
    if (!isfinite (centred[i]))
      {
        g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The features are not finite numbers."));
        return FALSE;
      }
  if (LAPACKE_dgesdd (LAPACK_ROW_MAJOR, 'S', (lapack_int) count, (lapack_int) width, centred,
                      (lapack_int) width, singular, left, (lapack_int) values, right, (lapack_int) width)
      != 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The singular values of the features did not converge."));
      return FALSE;
    }

  for (guint axis = 0; axis < axes; axis++)
    {
      const double factor =
          axis < values ? singular[axis] * eid_axis_sign (right + (gsize) axis * width, width) : 0;

      for (guint i = 0; i < count; i++)
        scores[(gsize) i * axes + axis] = axis < values ? left[(gsize) i * values + axis] * factor : 0;
    }
  for (guint i = 0; i < values; i++)
    spectrum[i] = singular[i];
  return TRUE;
}

EidHealth *
eid_health_of (const EidFeatureSet *set, GError **error)
{
  g_autoptr (EidHealth) health = g_new0 (EidHealth, 1);
  g_autofree double *scores = g_new (double, (gsize) 2 * set->count);
  double variance = 0;

  health->count = set->count;
  health->width = set->width;
  health->values = MIN (set->count, set->width);
  health->spectrum = g_new (double, health->values);
  if (!principal_axes (set->values, set->count, set->width, 2, scores, health->spectrum, error))
    return NULL;

  health->x = g_new (double, set->count);
  health->y = g_new (double, set->count);
  for (guint i = 0; i < set->count; i++)
    {
      health->x[i] = scores[2 * i];
      health->y[i] = scores[2 * i + 1];
    }
  for (guint i = 0; i < health->values; i++)
    variance += health->spectrum[i] * health->spectrum[i];
  for (guint i = 0; i < 2 && i < health->values && variance > 0; i++)
    health->explained[i] = health->spectrum[i] * health->spectrum[i] / variance;
  health->z_std = eid_metric_z_std (set->values, set->count, set->width);
  health->rank = eid_metric_rank (health->spectrum, health->values);
  health->cosine = eid_metric_cosine (set->values, set->count, set->width);
  health->alpha = eid_metric_alpha (health->spectrum, health->values);
  return g_steal_pointer (&health);
}

void
eid_health_free (EidHealth *health)
{
  if (health == NULL)
    return;
  g_free (health->spectrum);
  g_free (health->x);
  g_free (health->y);
  g_free (health);
}
