/* projection.c: features of the watched pictures made into places, neighbours and a matrix
 * of similarities; see projection.h.                                                */
#include "app/engine/views/projection.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define PICTURE_SIDE 48
/* Of one look, for t-SNE: a fraction of what steps take, so that they hardly wait. */
#define TSNE_TIME (80 * G_TIME_SPAN_MILLISECOND)

EidMap *
eid_map_new (void)
{
  return g_new0 (EidMap, 1);
}

static void
forget_features (EidMap *map)
{
  g_clear_pointer (&map->set, eid_feature_set_free);
  g_clear_pointer (&map->health, eid_health_free);
  g_clear_pointer (&map->neighbours, g_free);
  g_clear_pointer (&map->cosines, g_free);
}

void
eid_map_free (EidMap *map)
{
  if (map == NULL)
    return;
  forget_features (map);
  g_clear_pointer (&map->tsne, eid_tsne_free);
  g_free (map);
}

/* --- Places that do not jump -------------------------------------------------------- */

void
eid_map_align (const double *former_x, const double *former_y, double *x, double *y, guint count)
{
  /* Sums of the complex products former * conj (new), and of former * new for the mirrored points. */
  double straight[2] = { 0, 0 }, mirrored[2] = { 0, 0 };
  gboolean mirror;
  double angle;

  for (guint i = 0; i < count; i++)
    {
      straight[0] += former_x[i] * x[i] + former_y[i] * y[i];
      straight[1] += former_y[i] * x[i] - former_x[i] * y[i];
      mirrored[0] += former_x[i] * x[i] - former_y[i] * y[i];
      mirrored[1] += former_y[i] * x[i] + former_x[i] * y[i];
    }
  mirror = hypot (mirrored[0], mirrored[1]) > hypot (straight[0], straight[1]);
  angle = mirror ? atan2 (mirrored[1], mirrored[0]) : atan2 (straight[1], straight[0]);
  for (guint i = 0; i < count; i++)
    {
      const double old_x = x[i], old_y = mirror ? -y[i] : y[i];

      x[i] = cos (angle) * old_x - sin (angle) * old_y;
      y[i] = sin (angle) * old_x + cos (angle) * old_y;
    }
}

/* Shares of the variance along x and y, which after turning are no longer principal axes. */
static void
explain (EidHealth *health)
{
  double all = 0, along[2] = { 0, 0 };

  for (guint i = 0; i < health->values; i++)
    all += health->spectrum[i] * health->spectrum[i];
  for (guint i = 0; i < health->count; i++)
    {
      along[0] += health->x[i] * health->x[i];
      along[1] += health->y[i] * health->y[i];
    }
  for (guint axis = 0; axis < 2; axis++)
    health->explained[axis] = all > 0 ? along[axis] / all : 0;
}

/* --- Neighbours ---------------------------------------------------------------------- */

/* Of all pairs, [count, count], in the arena. */
static EidTensor *
all_cosines (EidSetup *setup, const EidFeatureSet *set)
{
  EidTensor *unit = eid_normalize (
      eid_tensor_from_data (setup->device, EID_F32, EID_SHAPE (set->count, set->width), set->values));

  return eid_matmul (unit, FALSE, unit, TRUE);
}

static gboolean
find_neighbours (EidMap *map, EidSetup *setup, GError **error)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  const guint count = map->set->count, k = MIN (EID_MAP_NEIGHBOURS, count - 1);
  EidTensor *places, *nearest;
  gboolean good;

  map->neighbour_count = k;
  map->neighbours = g_new0 (gint32, MAX ((gsize) count * k, 1));
  map->cosines = g_new0 (float, MAX ((gsize) count * k, 1));
  if (k == 0)
    {
      eid_set_recording (setup->device, was_recording);
      return TRUE;
    }
  eid_arena_push (setup->device);
  nearest = eid_top_k (eid_mask_diagonal (all_cosines (setup, map->set), -2), k, &places);
  eid_tensor_read (nearest, map->cosines);
  eid_tensor_read (places, map->neighbours);
  good = eid_device_check (setup->device, error);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  return good;
}

/* --- Looking ------------------------------------------------------------------------- */

/* The watched pictures are those of the test half, a tenth of a folder. Without labels nothing is measured on
 * them that the others must not have part in, so that a small folder is shown whole. */
static EidFeatureSet *
look_at_pictures (EidSetup *setup, guint *of_test, GError **error)
{
  g_autoptr (EidFeatureSet) set = eid_watched_features (setup, error);
  g_autoptr (EidFeatureSet) more = NULL;
  guint all;

  *of_test = set != NULL ? set->count : 0;
  if (set == NULL || eid_setup_is_text (setup) || eid_dataset_classes (setup->train) > 0
      || set->count >= EID_WATCHED)
    return g_steal_pointer (&set);
  more = eid_features_of (setup, setup->model, setup->train, EID_WATCHED - set->count, error);
  if (more == NULL)
    return NULL;
  all = set->count + more->count;
  set->values = g_renew (float, set->values, (gsize) all * set->width);
  set->labels = g_renew (gint32, set->labels, all);
  set->pictures = g_renew (guint32, set->pictures, all);
  memcpy (set->values + (gsize) set->count * set->width, more->values,
          (gsize) more->count * set->width * sizeof (float));
  memcpy (set->labels + set->count, more->labels, more->count * sizeof (gint32));
  memcpy (set->pictures + set->count, more->pictures, more->count * sizeof (guint32));
  set->count = all;
  return g_steal_pointer (&set);
}

/* The numbers of @health become those of the first @count of @set, the pictures that health is measured on, so
 * that the spectrum and what is said beside it are of the same. */
static gboolean
measure_watched (EidHealth *health, const EidFeatureSet *set, guint count, GError **error)
{
  const EidFeatureSet first = { .count = count, .width = set->width, .values = set->values };
  g_autoptr (EidHealth) watched = NULL;

  if (count == set->count)
    return TRUE;
  watched = eid_health_of (&first, error);
  if (watched == NULL)
    return FALSE;
  g_free (health->spectrum);
  health->spectrum = g_steal_pointer (&watched->spectrum);
  health->values = watched->values;
  health->z_std = watched->z_std;
  health->rank = watched->rank;
  health->cosine = watched->cosine;
  health->alpha = watched->alpha;
  return TRUE;
}

gboolean
eid_map_update (EidMap *map, EidSetup *setup, GError **error)
{
  g_autoptr (EidFeatureSet) set = NULL;
  g_autoptr (EidHealth) health = NULL;
  guint of_test;

  if (map->set != NULL && map->step == setup->step)
    return TRUE;
  set = look_at_pictures (setup, &of_test, error);
  health = set != NULL ? eid_health_of (set, error) : NULL;
  if (health == NULL)
    return FALSE;
  if (map->health != NULL && map->health->count == health->count)
    eid_map_align (map->health->x, map->health->y, health->x, health->y, health->count);
  explain (health);
  if (!measure_watched (health, set, of_test, error))
    return FALSE;
  forget_features (map);
  map->step = setup->step;
  map->of_test = of_test;
  map->set = g_steal_pointer (&set);
  map->health = g_steal_pointer (&health);
  map->tsne_is_behind = TRUE;
  if (find_neighbours (map, setup, error))
    return TRUE;
  forget_features (map);
  return FALSE;
}

gboolean
eid_map_iterate (EidMap *map, EidSetup *setup, GError **error)
{
  const EidFeatureSet *set = map->set;

  if (set->count < 4)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   g_dngettext (GETTEXT_PACKAGE, "t-SNE takes four test pictures at least; there is %'u.",
                                "t-SNE takes four test pictures at least; there are %'u.", set->count),
                   set->count);
      return FALSE;
    }
  if (map->tsne == NULL)
    {
      g_autofree double *start = g_new (double, 2 * (gsize) set->count);

      for (guint i = 0; i < set->count; i++)
        {
          start[2 * i] = map->health->x[i];
          start[2 * i + 1] = map->health->y[i];
        }
      map->tsne = eid_tsne_new (set->count, start);
    }
  if (map->tsne_is_behind
      && !eid_tsne_set_features (map->tsne, setup->device, set->values, set->width, error))
    return FALSE;
  map->tsne_is_behind = FALSE;
  return eid_tsne_iterate (map->tsne, setup->device, G_MAXUINT, TSNE_TIME, error);
}

/* --- Similarity ------------------------------------------------------------------------ */

typedef struct
{
  guint32 picture;
  gint32 label;
} Labelled;

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  const Labelled *x = a, *y = b;
  /* -1, no class, is the largest unsigned number. */
  const guint32 left = (guint32) x->label, right = (guint32) y->label;

  if (left != right)
    return left < right ? -1 : 1;
  return x->picture < y->picture ? -1 : x->picture > y->picture;
}

float *
eid_map_similarity (EidMap *map, EidSetup *setup, guint32 *order, GError **error)
{
  const guint count = map->set->count;
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  g_autofree Labelled *labelled = g_new (Labelled, count);
  g_autofree float *cosines = g_new (float, (gsize) count *count);
  float *sorted;
  gboolean good;

  eid_arena_push (setup->device);
  eid_tensor_read (all_cosines (setup, map->set), cosines);
  good = eid_device_check (setup->device, error);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (!good)
    return NULL;
  for (guint i = 0; i < count; i++)
    labelled[i] = (Labelled){ i, map->set->labels[i] };
  qsort (labelled, count, sizeof (Labelled), compare_labels);
  sorted = g_new (float, (gsize) count *count);
  for (guint i = 0; i < count; i++)
    {
      order[i] = labelled[i].picture;
      for (guint j = 0; j < count; j++)
        sorted[(gsize) i * count + j] = cosines[(gsize) labelled[i].picture * count + labelled[j].picture];
    }
  return sorted;
}

/* --- Pictures ---------------------------------------------------------------------------- */

/* One picture of @from pixels a side scaled down to @to, each pixel the mean of what it covers. */
static void
scale_down (const guint8 *source, guint from, guint to, guint channels, guint8 *out)
{
  for (guint y = 0; y < to; y++)
    for (guint x = 0; x < to; x++)
      for (guint c = 0; c < channels; c++)
        {
          const guint top = y * from / to, bottom = (y + 1) * from / to;
          const guint left = x * from / to, right = (x + 1) * from / to;
          guint64 sum = 0;

          for (guint v = top; v < bottom; v++)
            for (guint u = left; u < right; u++)
              sum += source[((gsize) v * from + u) * channels + c];
          out[((gsize) y * to + x) * channels + c] = (guint8) (sum / ((bottom - top) * (right - left)));
        }
}

guint8 *
eid_map_pictures (EidMap *map, EidSetup *setup, guint *side, GError **error)
{
  const guint count = map->set->count, from = eid_dataset_size (setup->test), to = MIN (from, PICTURE_SIDE);
  const gsize bytes = (gsize) to * to * setup->channels;
  g_autofree guint8 *whole = NULL;
  guint8 *pictures;

  *side = to;
  if (eid_setup_is_text (setup))
    return NULL;
  pictures = g_malloc (bytes * count);
  whole = g_malloc (eid_dataset_bytes (setup->test));
  /* One by one: hundreds of large photographs at once take more memory than they are worth. */
  for (guint i = 0; i < count; i++)
    {
      if (!eid_dataset_read (i < map->of_test ? setup->test : setup->train, map->set->pictures[i], whole, error))
        {
          g_free (pictures);
          return NULL;
        }
      scale_down (whole, from, to, setup->channels, pictures + i * bytes);
    }
  return pictures;
}
