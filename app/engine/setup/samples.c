/* samples.c: pictures read whatever some of them are worth, and made views that a model
 * takes; see setup.h. */
#include "app/engine/setup/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Pictures the mean and deviation of the data are taken from. */
#define MOMENT_PICTURES 256

/* Pictures that cannot be read and are named in one sentence, at most. */
#define MOST_NAMED 8

/* --- Reading ---------------------------------------------------------------- */

guint8 *
eid_dataset_read_some (EidDataset *dataset, guint32 *pictures, guint *count)
{
  const gsize bytes = eid_dataset_bytes (dataset);
  guint8 *pixels = g_malloc (bytes * MAX (*count, 1));
  guint kept = 0;

  for (guint i = 0; i < *count; i++)
    if (eid_dataset_read (dataset, pictures[i], pixels + kept * bytes, NULL))
      pictures[kept++] = pictures[i];
  *count = kept;
  return pixels;
}

guint8 *
eid_dataset_read_all (EidDataset *dataset, guint32 *pictures, guint *count, GError **error)
{
  const gsize bytes = eid_dataset_bytes (dataset);
  const guint wanted = *count, total = eid_dataset_count (dataset);
  g_autofree guint8 *pixels = eid_dataset_read_some (dataset, pictures, count);
  const gboolean others = *count == 0;

  for (guint32 i = 0; others && i < total && *count < wanted; i++)
    if (eid_dataset_read (dataset, i, pixels + *count * bytes, NULL))
      pictures[(*count)++] = i;
  if (*count > 0 || wanted == 0)
    return g_steal_pointer (&pixels);
  eid_dataset_fail_unreadable (dataset, error);
  return NULL;
}

void
eid_dataset_keep_readable (EidDataset *dataset, guint32 *pictures, guint *count)
{
  g_autofree guint8 *pixels = g_malloc (eid_dataset_bytes (dataset));
  guint kept = 0;

  for (guint i = 0; i < *count; i++)
    if (eid_dataset_read (dataset, pictures[i], pixels, NULL))
      pictures[kept++] = pictures[i];
  *count = kept;
}

/* --- What cannot be read ------------------------------------------------------- */

void
eid_dataset_fail_unreadable (EidDataset *dataset, GError **error)
{
  g_autofree guint8 *pixels = g_malloc (eid_dataset_bytes (dataset));
  g_autoptr (GError) reason = NULL;

  eid_dataset_read (dataset, 0, pixels, &reason);
  g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
               _ ("None of the %'u pictures of the data set can be read. %s"), eid_dataset_count (dataset),
               reason != NULL ? reason->message : "");
}

char *
eid_setup_tell_unreadable (EidSetup *setup)
{
  EidDataset *const halves[] = { setup->train, setup->test };
  g_autoptr (GString) names = g_string_new (NULL);
  guint count = 0;

  for (guint half = 0; half < G_N_ELEMENTS (halves); half++)
    {
      g_autoptr (GPtrArray) reasons = eid_dataset_take_unreadable (halves[half]);

      for (guint i = 0; i < reasons->len; i++, count++)
        if (count < MOST_NAMED)
          g_string_append_printf (names, "%s%s", count > 0 ? "; " : "", (char *) reasons->pdata[i]);
    }
  if (count == 0)
    return NULL;
  if (count > MOST_NAMED)
    {
      g_string_append (names, "; ");
      g_string_append_printf (names, _ ("and %'u more"), count - MOST_NAMED);
    }
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%'u picture cannot be read and is left out: %s",
                                       "%'u pictures cannot be read and are left out: %s", count),
                          count, names->str);
}

/* --- Moments ------------------------------------------------------------------ */

gboolean
eid_setup_measure_moments (EidSetup *setup, GError **error)
{
  const gsize size = eid_dataset_size (setup->train);
  const gsize values = size * size * setup->channels;
  const guint total = eid_dataset_count (setup->train);
  g_autofree guint8 *pixels = g_malloc (values);
  guint64 sum[3] = { 0 }, squares[3] = { 0 };
  guint count = 0;

  /* Spread evenly; then, if none of these can be read, whichever can. */
  for (guint pass = 0; pass < 2 && count == 0; pass++)
    {
      const guint looks = pass == 0 ? MIN (total, MOMENT_PICTURES) : total;

      for (guint i = 0; i < looks && count < MOMENT_PICTURES; i++)
        {
          if (!eid_dataset_read (setup->train, (guint) ((guint64) i * total / looks), pixels, NULL))
            continue;
          count++;
          for (gsize j = 0; j < values; j++)
            {
              sum[j % setup->channels] += pixels[j];
              squares[j % setup->channels] += (guint64) pixels[j] * pixels[j];
            }
        }
    }
  if (count == 0)
    {
      eid_dataset_fail_unreadable (setup->train, error);
      return FALSE;
    }

  for (guint c = 0; c < 3; c++)
    {
      const guint channel = MIN (c, setup->channels - 1);
      const double n = (double) count * (double) (size * size);
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

guint
eid_setup_tokens (const EidSetup *setup)
{
  return eid_setup_is_text (setup) ? setup->size : 0;
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
