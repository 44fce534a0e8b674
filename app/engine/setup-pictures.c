/* setup-pictures.c: pictures read whatever some of them are worth, and made views that a model
 * takes; see setup.h. */
#include "setup-private.h"

#include <math.h>
#include <string.h>

/* Pictures the mean and deviation of the data are taken from. */
#define MOMENT_PICTURES 256

/* How many pictures on from one that cannot be read another is looked for. */
#define NEAR_TRIES 64

gboolean
eid_dataset_read_near (EidDataset *dataset, guint32 *picture, guint8 *pixels, GError **error)
{
  const guint total = eid_dataset_count (dataset);
  g_autoptr (GError) first = NULL;

  for (guint tries = 0; tries < MIN (total, NEAR_TRIES); tries++)
    {
      const guint32 candidate = (*picture + tries) % total;

      if (eid_dataset_read (dataset, candidate, pixels, first == NULL ? &first : NULL))
        {
          *picture = candidate;
          return TRUE;
        }
    }
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

guint8 *
eid_dataset_read_all (EidDataset *dataset, guint32 *pictures, guint count, GError **error)
{
  const gsize bytes = eid_dataset_bytes (dataset);
  g_autofree guint8 *pixels = g_malloc (bytes * MAX (count, 1));

  for (guint i = 0; i < count; i++)
    if (!eid_dataset_read_near (dataset, &pictures[i], pixels + i * bytes, error))
      return NULL;
  return g_steal_pointer (&pixels);
}

gboolean
eid_setup_measure_moments (EidSetup *setup, GError **error)
{
  const guint total = eid_dataset_count (setup->train);
  const guint count = MIN (total, MOMENT_PICTURES);
  const gsize size = eid_dataset_size (setup->train);
  const gsize values = size * size * setup->channels;
  g_autofree guint8 *pixels = g_malloc (values);
  guint64 sum[3] = { 0 }, squares[3] = { 0 };

  for (guint i = 0; i < count; i++)
    {
      guint32 picture = (guint32) ((guint64) i * total / count);

      if (!eid_dataset_read_near (setup->train, &picture, pixels, error))
        return FALSE;
      for (gsize j = 0; j < values; j++)
        {
          sum[j % setup->channels] += pixels[j];
          squares[j % setup->channels] += (guint64) pixels[j] * pixels[j];
        }
    }

  for (guint c = 0; c < 3; c++)
    {
      const guint channel = MIN (c, setup->channels - 1);
      const double n = (double) (count * size * size);
      const double mean = (double) sum[channel] / n;
      const double variance = (double) squares[channel] / n - mean * mean;

      setup->mean[c] = (float) (mean / 255);
      setup->std[c] = (float) fmax (sqrt (fmax (variance, 0)) / 255, 1e-3);
    }
  return TRUE;
}

gboolean
eid_setup_is_text (const EidSetup *setup)
{
  return eid_dataset_vocabulary (setup->train) > 0;
}

EidTensor *
eid_setup_text_views (EidSetup *setup, const guint8 *passages, guint count, guint views)
{
  const gsize size = setup->size, bytes = eid_dataset_bytes (setup->train);
  g_autofree gint32 *tokens = g_new (gint32, size * count * views);

  /* A passage has one token more than a view: there are two views of it at most. */
  g_return_val_if_fail (views <= 2, NULL);
  for (guint view = 0; view < views; view++)
    for (guint i = 0; i < count; i++)
      memcpy (tokens + ((gsize) view * count + i) * size, passages + i * bytes + view * sizeof (gint32),
              size * sizeof (gint32));
  return eid_tensor_from_data (setup->device, EID_I32, EID_SHAPE (views * count, setup->size), tokens);
}

EidTensor *
eid_setup_plain_views (EidSetup *setup, const guint8 *pixels, guint count)
{
  const guint size = eid_dataset_size (setup->train);
  g_autofree EidAugmentDraw *draws = NULL;
  EidTensor *pictures;

  if (eid_setup_is_text (setup))
    return eid_setup_text_views (setup, pixels, count, 1);
  pictures =
      eid_tensor_from_data (setup->device, EID_U8, EID_SHAPE (count, size, size, setup->channels), pixels);
  draws = g_new (EidAugmentDraw, count);
  for (guint i = 0; i < count; i++)
    draws[i] = eid_augment_identity ();
  return eid_augment (pictures, draws, 1, setup->size, setup->mean, setup->std);
}

void
eid_setup_to_bytes (const EidSetup *setup, const float *values, gsize pictures, guint8 *bytes)
{
  const gsize count = pictures * setup->size * setup->size * setup->channels;

  for (gsize i = 0; i < count; i++)
    {
      const guint c = (guint) (i % setup->channels);
      const float value = (values[i] * setup->std[c] + setup->mean[c]) * 255;

      /* The comparison is false for what is not a number, too. */
      bytes[i] = value > 0 ? (guint8) (MIN (value, 255) + 0.5f) : 0;
    }
}
