/* views.c: see views.h. */
#include "app/engine/setup/views.h"

EidViewTensors
eid_drawn_views (EidSetup *setup, EidViews views, const guint8 *pixels, const guint32 *samples, guint count,
                 guint64 step)
{
  const guint size = eid_dataset_size (setup->train);
  g_autofree EidAugmentDraw *draws = NULL;
  EidViewTensors tensors = { NULL };
  EidTensor *pictures;

  if (eid_setup_is_text (setup))
    {
      tensors.views = eid_setup_text_views (setup, pixels, count, views.count);
      return tensors;
    }
  draws = eid_augment_draws (&setup->augment, setup->channels, views, setup->seed, (guint32) step, samples,
                             count);
  pictures =
      eid_tensor_from_data (setup->device, EID_U8, EID_SHAPE (count, size, size, setup->channels), pixels);
  tensors.views = eid_augment (pictures, draws, views.count, setup->size, setup->mean, setup->std);
  if (views.small_count > 0)
    tensors.small = eid_augment (pictures, draws + (gsize) views.count * count, views.small_count,
                                 views.small_size, setup->mean, setup->std);
  return tensors;
}
