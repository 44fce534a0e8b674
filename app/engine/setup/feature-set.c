/* feature-set.c: pictures through the encoder in chunks; see feature-set.h. */
#include "app/engine/setup/feature-set.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Pixels a side at most of pictures that are their own features. */
#define PIXELS_SIDE 32

void
eid_feature_set_free (EidFeatureSet *set)
{
  if (set == NULL)
    return;
  g_free (set->values);
  g_free (set->labels);
  g_free (set->pictures);
  g_free (set);
}

guint32 *
eid_dataset_spread (EidDataset *dataset, guint limit, guint *count)
{
  const guint total = eid_dataset_count (dataset);
  const guint wanted = limit == 0 ? total : MIN (limit, total);
  guint32 *pictures = g_try_new (guint32, MAX (wanted, 1));

  for (guint i = 0; pictures != NULL && i < wanted; i++)
    pictures[i] = (guint32) ((guint64) i * total / wanted);
  *count = wanted;
  return pictures;
}

/* Pictures U8 [n, h, w, C] as features [n, D], in the current arena. */
static EidTensor *
encode_chunk (EidSetup *setup, EidModel *model, const guint8 *pixels, guint count)
{
  const guint source = eid_dataset_size (setup->train);
  const guint side = MIN (setup->size, PIXELS_SIDE);
  g_autofree EidAugmentDraw *draws = NULL;
  EidTensor *pictures, *views;

  if (model != NULL)
    return eid_model_features (model, eid_setup_plain_views (setup, pixels, count));

  draws = g_new (EidAugmentDraw, count);
  for (guint i = 0; i < count; i++)
    draws[i] = eid_augment_identity ();
  pictures = eid_tensor_from_data (setup->device, EID_U8, EID_SHAPE (count, source, source, setup->channels),
                                   pixels);
  views = eid_augment (pictures, draws, 1, side, setup->mean, setup->std);
  return eid_reshape (views, EID_SHAPE (count, side * side * setup->channels));
}

gboolean
eid_features_fail_memory (guint count, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
               _ ("There is not enough memory for the features of %'u pictures; take fewer, by “train-limit” "
                  "and “test-limit” in [Evaluate]."),
               count);
  return FALSE;
}

static gboolean
read_chunk (EidSetup *setup, EidModel *model, const guint8 *pixels, guint count, guint first,
            EidFeatureSet *set, GError **error)
{
  EidTensor *features;
  gboolean good;

  eid_arena_push (setup->device);
  features = encode_chunk (setup, model, pixels, count);
  good = eid_device_check (setup->device, error);
  if (good)
    {
      if (set->values == NULL)
        {
          set->width = eid_dim (features, 1);
          set->values = g_try_new (float, (gsize) set->count * set->width);
        }
      good = set->values != NULL;
      if (good)
        {
          eid_tensor_read (features, set->values + (gsize) first * set->width);
          good = eid_device_check (setup->device, error);
        }
      else
        eid_features_fail_memory (set->count, error);
    }
  eid_arena_pop (setup->device);
  return good;
}

EidFeatureSet *
eid_features_of_pictures (EidSetup *setup, EidModel *model, EidDataset *dataset, guint32 *pictures,
                          guint count, GError **error)
{
  g_autoptr (EidFeatureSet) set = g_new0 (EidFeatureSet, 1);
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  const gboolean teacher = model != NULL && eid_setup_teacher_features (setup);
  const guint chunk = setup->batch / setup->parts; /* what memory is sure to hold */
  gboolean good = TRUE;
  guint kept = 0; /* of those seen so far */

  set->pictures = pictures;
  set->count = count; /* until it is known how many can be read */
  if (teacher)
    eid_parameters_use_teacher (eid_model_parameters (model), TRUE);
  for (guint first = 0; good && first < count; first += chunk)
    {
      const guint now = MIN (chunk, count - first);
      guint there = now;
      g_autofree guint8 *pixels = NULL;

      pixels = eid_dataset_read_some (dataset, pictures + first, &there);
      good = there == 0 || read_chunk (setup, model, pixels, there, kept, set, error);
      memmove (pictures + kept, pictures + first, there * sizeof (guint32));
      kept += there;
      good = good
             && eid_setup_tell_done (setup, model != NULL ? _ ("Features") : _ ("Pixels"), first + now, count,
                                     error);
    }
  if (teacher)
    eid_parameters_use_teacher (eid_model_parameters (model), FALSE);

  set->count = kept;
  if (good && kept == 0)
    {
      eid_dataset_fail_unreadable (dataset, error);
      good = FALSE;
    }
  set->labels = g_try_new (gint32, MAX (kept, 1));
  if (good && set->labels == NULL)
    good = eid_features_fail_memory (kept, error);
  for (guint i = 0; good && i < kept; i++)
    set->labels[i] = eid_dataset_label (dataset, pictures[i]);

  eid_set_recording (setup->device, was_recording);
  return good ? g_steal_pointer (&set) : NULL;
}

EidFeatureSet *
eid_features_of (EidSetup *setup, EidModel *model, EidDataset *dataset, guint limit, GError **error)
{
  guint count;
  guint32 *pictures = eid_dataset_spread (dataset, limit, &count);

  if (pictures == NULL)
    {
      eid_features_fail_memory (count, error);
      return NULL;
    }
  return eid_features_of_pictures (setup, model, dataset, pictures, count, error);
}
