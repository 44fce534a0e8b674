/* augmentations.c: what became of pictures on their way to the model: every
 * view with what was drawn for it, and the same draws under other strengths; see
 * compute.h.                                                                 */
#include "app/engine/views/compute.h"

#include <string.h>

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

/* Bytes of the views [views, count, view size, view size, C] that @draws make. */
static guint8 *
paint_views (EidSetup *setup, EidViews views, const EidPictures *pictures, const EidAugmentDraw *draws)
{
  const guint size = eid_dataset_size (setup->train), all = views.count + views.small_count;
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  const gsize values_each = (gsize) setup->size * setup->size * setup->channels;
  g_autofree float *values = NULL;
  guint8 *pixels = g_malloc (values_each * all * pictures->count);
  EidTensor *sources;

  eid_arena_push (setup->device);
  sources = eid_tensor_from_data (setup->device, EID_U8,
                                  EID_SHAPE (pictures->count, size, size, setup->channels), pictures->pixels);
  values = read_views (setup, views, sources, draws);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  eid_setup_to_bytes (setup, values, (gsize) all * pictures->count, pixels);
  return pixels;
}

EidAugmentationsView *
eid_show_views (EidSetup *setup, EidViews views, const EidPictures *pictures, const guint32 *samples,
                guint64 step, const EidAugment *beside, GError **error)
{
  g_autoptr (EidAugmentationsView) view = g_new0 (EidAugmentationsView, 1);

  view->count = pictures->count;
  view->views = views.count + views.small_count;
  view->small = views.small_count;
  view->channels = setup->channels;
  view->size = eid_dataset_size (setup->train);
  view->view_size = setup->size;
  view->sources = g_memdup2 (pictures->pixels, eid_dataset_bytes (setup->train) * pictures->count);
  view->labels = g_strdupv (pictures->labels);
  view->draws = eid_augment_draws (&setup->augment, setup->channels, views, setup->seed, (guint32) step,
                                   samples, pictures->count);
  view->pixels = paint_views (setup, views, pictures, view->draws);
  if (beside != NULL)
    {
      view->beside_draws = eid_augment_draws (beside, setup->channels, views, setup->seed, (guint32) step,
                                              samples, pictures->count);
      view->beside_pixels = paint_views (setup, views, pictures, view->beside_draws);
    }
  return eid_device_check (setup->device, error) ? g_steal_pointer (&view) : NULL;
}

EidAugmentationsView *
eid_show_augmentations (EidSetup *setup, const guint32 *samples, guint count, guint64 step,
                        const EidAugment *beside, GError **error)
{
  g_autofree guint32 *numbers = g_memdup2 (samples, count * sizeof (guint32));
  g_autoptr (EidPictures) pictures = eid_pictures_of_train (setup, numbers, count, error);

  return pictures != NULL
             ? eid_show_views (setup, eid_model_views (setup->model), pictures, numbers, step, beside, error)
             : NULL;
}

void
eid_augmentations_view_free (EidAugmentationsView *view)
{
  if (view == NULL)
    return;
  g_free (view->sources);
  g_free (view->pixels);
  g_free (view->draws);
  g_free (view->beside_pixels);
  g_free (view->beside_draws);
  g_strfreev (view->labels);
  g_free (view);
}
