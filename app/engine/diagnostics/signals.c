/* signals.c: which pictures are looked at, and what of them; see signals.h. */
#include "app/engine/diagnostics/signals.h"

#include "app/engine/setup/feature-set.h"
#include "app/engine/diagnostics/collapse.h"
#include "app/engine/diagnostics/metrics.h"
#include "app/engine/setup/views.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* LiDAR wants some tens of pictures, and four views at least of each. */
#define VIEWED 64
#define VIEWS  4
/* The draws of views are those of step 0, whenever it is looked. */
#define VIEW_STEP 0

/* Of the passes of training. A pass of a look costs up to twice one of training: its pictures are read
 * one by one, and all tokens are encoded where training may hide most of them; so this is under a
 * fiftieth of the time. */
static const double largest_share = 0.01;

const char *const eid_vital_names[EID_N_VITALS] = {
  [EID_VITAL_LOSS] = "mean-loss",
  [EID_VITAL_GRADIENT_NORM] = "mean-gradient-norm",
  [EID_VITAL_Z_STD] = "z-std",
  [EID_VITAL_COSINE] = "cosine",
  [EID_VITAL_STD_HINGE] = "std-hinge",
  [EID_VITAL_RANK] = "rank",
  [EID_VITAL_ALPHA] = "alpha-req",
  [EID_VITAL_LIDAR] = "lidar",
  [EID_VITAL_ALIGNMENT] = "alignment",
  [EID_VITAL_UNIFORMITY] = "uniformity",
  [EID_VITAL_WATCH_LOSS] = "watch-loss",
  [EID_VITAL_TEACHER_ENTROPY] = "teacher-entropy",
  [EID_VITAL_TEACHER_KL] = "teacher-kl",
  [EID_VITAL_PROTOTYPE_USE] = "prototype-use",
  [EID_VITAL_PROJECTION_STD] = "projection-std",
  [EID_VITAL_PROJECTION_DIMENSIONS] = "projection-dimensions",
};

EidVitals
eid_vitals_none (guint64 step)
{
  EidVitals vitals = { .step = step };

  for (guint i = 0; i < EID_N_VITALS; i++)
    vitals.value[i] = NAN;
  return vitals;
}

/* --- How many pictures --------------------------------------------------------- */

/* What memory is sure to hold of the objective at once, as far as there are pictures. */
static guint
watched_batch (EidSetup *setup)
{
  return MIN (setup->batch / setup->parts, eid_dataset_count (setup->test));
}

static guint
viewed_pictures (EidSetup *setup)
{
  return eid_model_views (setup->model).augmented && !eid_setup_is_text (setup)
             ? MIN (VIEWED, eid_dataset_count (setup->test))
             : 0;
}

static guint
views_of (EidSetup *setup)
{
  const EidViews views = eid_model_views (setup->model);

  return views.count + views.small_count;
}

/* Pictures that a look sends through the encoder. */
static guint
passes (EidSetup *setup)
{
  return MIN (EID_WATCHED, eid_dataset_count (setup->test)) + VIEWS * viewed_pictures (setup)
         + views_of (setup) * watched_batch (setup);
}

guint64
eid_vitals_interval (EidSetup *setup)
{
  const double step = 3.0 * views_of (setup) * setup->batch;

  return (guint64) ceil (passes (setup) / (largest_share * step));
}

/* --- Looking ---------------------------------------------------------------------- */

static gboolean
look_at_features (EidSetup *setup, EidVitals *vitals, GError **error)
{
  g_autoptr (EidFeatureSet) set = eid_watched_features (setup, error);
  g_autofree double *spectrum = NULL;
  guint values;

  if (set == NULL)
    return FALSE;
  values = MIN (set->count, set->width);
  spectrum = g_new (double, values);
  if (!eid_metric_spectrum (set->values, set->count, set->width, spectrum))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The features are not finite numbers."));
      return FALSE;
    }
  vitals->value[EID_VITAL_Z_STD] = eid_metric_z_std (set->values, set->count, set->width);
  vitals->value[EID_VITAL_COSINE] = eid_metric_cosine (set->values, set->count, set->width);
  vitals->value[EID_VITAL_STD_HINGE] = eid_metric_std_hinge (set->values, set->count, set->width);
  vitals->value[EID_VITAL_RANK] = eid_metric_rank (spectrum, values);
  vitals->value[EID_VITAL_ALPHA] = eid_metric_alpha (spectrum, values);
  return TRUE;
}

/* Features of @views views of @count pictures, [views, count, width], in @features; free. */
static gboolean
view_features (EidSetup *setup, const guint8 *pixels, const guint32 *pictures, guint count, float **features,
               guint *width, GError **error)
{
  EidViews views = eid_model_views (setup->model);
  const guint chunk = MIN (count, setup->batch / setup->parts);
  gboolean good = TRUE;

  views.count = VIEWS;
  views.small_count = 0;
  *width = eid_model_width (setup->model);
  *features = g_new (float, (gsize) VIEWS *count **width);
  for (guint first = 0; good && first < count; first += chunk)
    {
      const guint number = MIN (chunk, count - first);
      EidTensor *drawn;

      eid_arena_push (setup->device);
      drawn = eid_drawn_views (setup, views, pixels + (gsize) first * eid_dataset_bytes (setup->test),
                               pictures + first, number, VIEW_STEP)
                  .views;
      for (guint view = 0; view < VIEWS; view++)
        {
          EidTensor *pooled = eid_model_features (setup->model, eid_rows (drawn, view * number, number));

          eid_tensor_read (pooled, *features + ((gsize) view * count + first) * *width);
        }
      good = eid_device_check (setup->device, error);
      eid_arena_pop (setup->device);
    }
  return good;
}

static gboolean
look_at_views (EidSetup *setup, EidVitals *vitals, GError **error)
{
  const guint wanted = viewed_pictures (setup);
  g_autofree guint32 *pictures = NULL;
  g_autofree guint8 *pixels = NULL;
  g_autofree float *features = NULL;
  guint count, width;

  if (wanted < 2)
    return TRUE;
  pictures = eid_dataset_spread (setup->test, wanted, &count);
  pixels = eid_dataset_read_all (setup->test, pictures, &count, error);
  if (pixels != NULL && count < 2)
    return TRUE;
  if (pixels == NULL || !view_features (setup, pixels, pictures, count, &features, &width, error))
    return FALSE;
  vitals->value[EID_VITAL_LIDAR] = eid_metric_lidar (features, VIEWS, count, width);
  vitals->value[EID_VITAL_ALIGNMENT] =
      eid_metric_alignment (features, features + (gsize) count * width, count, width);
  vitals->value[EID_VITAL_UNIFORMITY] = eid_metric_uniformity (features, count, width);
  return TRUE;
}

static void
take_scalar (EidVitals *vitals, EidScalar scalar)
{
  for (guint vital = EID_VITAL_WATCH_LOSS + 1; vital < EID_N_VITALS; vital++)
    if (g_str_equal (scalar.name, eid_vital_names[vital]))
      {
        vitals->value[vital] = scalar.value;
        return;
      }
  for (guint i = 0; i < vitals->own_count; i++)
    if (g_str_equal (scalar.name, vitals->own[i].name))
      return;
  vitals->own[vitals->own_count++] = scalar;
}

/* The objective's own loss and numbers, on views of pictures it does not train on. */
static gboolean
look_at_objective (EidSetup *setup, EidVitals *vitals, GError **error)
{
  g_autofree guint32 *pictures = NULL;
  g_autofree guint8 *pixels = NULL;
  EidArtefacts *artefacts = NULL;
  gboolean good;
  guint count, asked;

  pictures = eid_dataset_spread (setup->test, watched_batch (setup), &count);
  asked = count;
  pixels = eid_dataset_read_all (setup->test, pictures, &count, error);
  if (pixels == NULL)
    return FALSE;
  if (count < MIN (2, asked))
    return TRUE;
  eid_arena_push (setup->device);
  vitals->value[EID_VITAL_WATCH_LOSS] = eid_model_watch (
      setup->model,
      eid_drawn_views (setup, eid_model_views (setup->model), pixels, pictures, count, VIEW_STEP), pictures,
      setup->step, setup->seed, &artefacts);
  good = eid_device_check (setup->device, error);
  eid_arena_pop (setup->device);
  for (guint i = 0; good && i < artefacts->scalar_count; i++)
    take_scalar (vitals, artefacts->scalars[i]);
  eid_artefacts_free (artefacts);
  return good;
}

gboolean
eid_vitals_look (EidSetup *setup, EidVitals *vitals, GError **error)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  const gboolean good = look_at_features (setup, vitals, error) && look_at_views (setup, vitals, error)
                        && look_at_objective (setup, vitals, error);

  eid_set_recording (setup->device, was_recording);
  return good;
}
