/* show.c: pictures to look at, their augmentations, and the embedding; see
 * show.h.                                                                    */
#include "show.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* --- Pictures ------------------------------------------------------------- */

/* What is shown of pictures cannot be shown of text. */
static gboolean
check_pictures (EidSetup *setup, GError **error)
{
  if (eid_setup_is_text (setup))
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("The data are text: there are no pictures to show."));
  return !eid_setup_is_text (setup);
}

static char *
label_text (EidDataset *dataset, guint picture)
{
  const gint label = eid_dataset_label (dataset, picture);

  return g_strdup (label >= 0 && (guint) label < eid_dataset_classes (dataset)
                       ? eid_dataset_class_name (dataset, (guint) label)
                       : "");
}

static char **
label_texts (EidDataset *dataset, const guint32 *pictures, guint count)
{
  char **labels = g_new0 (char *, count + 1);

  for (guint i = 0; i < count; i++)
    labels[i] = label_text (dataset, pictures[i]);
  return labels;
}

EidPictures *
eid_pictures_of_test (EidSetup *setup, const guint32 *wanted, guint count, GError **error)
{
  const guint total = eid_dataset_count (setup->test);
  g_autoptr (EidPictures) pictures = g_new0 (EidPictures, 1);
  g_autofree guint32 *numbers = NULL;

  if (!check_pictures (setup, error))
    return NULL;
  if (wanted == NULL)
    count = MIN (count, total);
  numbers = g_new (guint32, MAX (count, 1));
  for (guint i = 0; i < count; i++)
    {
      numbers[i] = wanted != NULL ? wanted[i] : i;
      if (numbers[i] >= total)
        {
          g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                       _ ("There is no test picture number %u: they are numbered from 0 to %u."), numbers[i],
                       total - 1);
          return NULL;
        }
    }
  pictures->count = count;
  pictures->pixels = eid_dataset_read_all (setup->test, numbers, count, error);
  if (pictures->pixels == NULL)
    return NULL;
  pictures->labels = label_texts (setup->test, numbers, count);
  return g_steal_pointer (&pictures);
}

EidPictures *
eid_pictures_of_files (EidSetup *setup, char **files, GError **error)
{
  const gsize bytes = eid_dataset_bytes (setup->test);
  g_autoptr (EidPictures) pictures = g_new0 (EidPictures, 1);

  if (!check_pictures (setup, error))
    return NULL;
  pictures->count = g_strv_length (files);
  pictures->pixels = g_malloc (bytes * MAX (pictures->count, 1));
  pictures->labels = g_new0 (char *, pictures->count + 1);
  for (guint i = 0; i < pictures->count; i++)
    {
      if (!eid_picture_load (files[i], eid_dataset_size (setup->test), setup->channels,
                             pictures->pixels + i * bytes, error))
        return NULL;
      pictures->labels[i] = g_path_get_basename (files[i]);
    }
  return g_steal_pointer (&pictures);
}

void
eid_pictures_free (EidPictures *pictures)
{
  if (pictures == NULL)
    return;
  g_free (pictures->pixels);
  g_strfreev (pictures->labels);
  g_free (pictures);
}

/* --- Augmentations ---------------------------------------------------------- */

/* @pictures of @from pixels a side, each pixel repeated to make @to a side. */
static void
enlarge (const float *values, guint pictures, guint from, guint to, guint channels, float *out)
{
  for (gsize row = 0; row < (gsize) pictures * to; row++)
    for (guint x = 0; x < to; x++)
      {
        const gsize picture = row / to, y = row % to * from / to;
        const float *pixel = values + ((picture * from + y) * from + x * from / to) * channels;

        memcpy (out + (row * to + x) * channels, pixel, channels * sizeof (float));
      }
}

/* Values of the views as the model saw them, small crops enlarged to the size
 * of the others: [views, count, size, size, C].                               */
static float *
read_views (EidSetup *setup, EidViews views, EidTensor *sources, const EidAugmentDraw *draws)
{
  const guint count = eid_dim (sources, 0), small = views.small_count * count;
  const gsize whole = (gsize) setup->size * setup->size * setup->channels * count;
  float *values = g_new (float, whole *(views.count + views.small_count));

  eid_tensor_read (eid_augment (sources, draws, views.count, setup->size, setup->mean, setup->std), values);
  if (small > 0)
    {
      EidTensor *crops = eid_augment (sources, draws + (gsize) views.count * count, views.small_count,
                                      views.small_size, setup->mean, setup->std);
      g_autofree float *pixels = g_new (float, eid_tensor_count (crops));

      eid_tensor_read (crops, pixels);
      enlarge (pixels, small, views.small_size, setup->size, setup->channels, values + whole * views.count);
    }
  return values;
}

EidAugmentationsView *
eid_show_augmentations (EidSetup *setup, const guint32 *samples, guint count, guint64 step, GError **error)
{
  const EidViews views = eid_model_views (setup->model);
  const gsize view_values = (gsize) setup->size * setup->size * setup->channels;
  g_autoptr (EidAugmentationsView) view = g_new0 (EidAugmentationsView, 1);
  g_autofree guint32 *pictures = g_memdup2 (samples, count * sizeof (guint32));
  g_autofree float *values = NULL;
  gboolean was_recording;
  EidTensor *sources;

  if (!check_pictures (setup, error))
    return NULL;
  was_recording = eid_set_recording (setup->device, FALSE);
  view->count = count;
  view->views = views.count + views.small_count;
  view->channels = setup->channels;
  view->size = eid_dataset_size (setup->train);
  view->view_size = setup->size;
  view->sources = eid_dataset_read_all (setup->train, pictures, count, error);
  if (view->sources == NULL)
    {
      eid_set_recording (setup->device, was_recording);
      return NULL;
    }
  view->draws = eid_augment_draws (&setup->augment, setup->channels, views, setup->seed, (guint32) step,
                                   pictures, count);
  view->labels = label_texts (setup->train, pictures, count);

  eid_arena_push (setup->device);
  sources = eid_tensor_from_data (setup->device, EID_U8,
                                  EID_SHAPE (count, view->size, view->size, view->channels), view->sources);
  values = read_views (setup, views, sources, view->draws);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (!eid_device_check (setup->device, error))
    return NULL;

  view->pixels = g_malloc (view_values * view->views * count);
  eid_setup_to_bytes (setup, values, (gsize) view->views * count, view->pixels);
  return g_steal_pointer (&view);
}

void
eid_augmentations_view_free (EidAugmentationsView *view)
{
  if (view == NULL)
    return;
  g_free (view->sources);
  g_free (view->pixels);
  g_free (view->draws);
  g_strfreev (view->labels);
  g_free (view);
}

/* --- Embedding ------------------------------------------------------------------- */

EidEmbeddingView *
eid_show_embedding (EidSetup *setup, GError **error)
{
  g_autoptr (EidFeatureSet) watched = eid_watched_features (setup, error);
  g_autoptr (EidEmbeddingView) view = g_new0 (EidEmbeddingView, 1);

  if (watched == NULL)
    return NULL;
  view->health = eid_health_of (watched, error);
  if (view->health == NULL)
    return NULL;
  view->labels = g_steal_pointer (&watched->labels);
  return g_steal_pointer (&view);
}

void
eid_embedding_view_free (EidEmbeddingView *view)
{
  if (view == NULL)
    return;
  eid_health_free (view->health);
  g_free (view->labels);
  g_free (view);
}
