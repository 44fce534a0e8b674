/* returned.c: what a plugin's functions give back is looked at before it is used: of
 * what cannot be used the device fails, with a sentence that names the plugin,
 * and zeros go on in its place until the step ends.                          */
#include "private.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* What went wrong on the device in loss(), if anything did, was wrong in it. */
static void
name_objective (EidModel *model)
{
  const char *id = model->objective.descriptor->id;
  g_autoptr (GError) error = NULL;

  if (eid_device_check (model->device, &error))
    return;
  if (error->code == EID_ERROR_USAGE && strstr (error->message, id) == NULL)
    eid_device_fail (model->device, EID_ERROR_USAGE,
                     /* TRANSLATORS: an objective's name, then a sentence. */
                     _ ("In loss() of “%s”: %s"), id, error->message);
  else
    eid_device_fail (model->device, (EidError) error->code, "%s", error->message);
}

EidTensor *
eid_returned_loss (EidModel *model, EidTensor *loss)
{
  const char *id = model->objective.descriptor->id;
  g_autofree char *shape = loss ? eid_shape_to_string (eid_tensor_shape (loss)) : NULL;

  name_objective (model);
  if (loss && eid_tensor_count (loss) == 1)
    return loss;
  if (loss)
    eid_device_fail (model->device, EID_ERROR_USAGE,
                     _ ("The objective “%s” returned %s from loss(): a loss is one number, of shape [1]. End "
                        "it with eid_mean() or eid_sum()."),
                     id, shape);
  else
    eid_device_fail (model->device, EID_ERROR_USAGE,
                     _ ("The objective “%s” returned NULL from loss(): a loss is one number, of shape [1]."),
                     id);
  return eid_zeros (model->device, EID_SHAPE (1));
}

EidFeatures *
eid_returned_features (EidStep *step, EidTensor *images, EidFeatures *features)
{
  const EidModel *model = step->model;
  const EidShape wanted = EID_SHAPE (eid_dim (images, 0), model->width);
  g_autofree char *told = NULL, *shape = NULL;

  if (features && features->pooled && eid_shape_equal (eid_tensor_shape (features->pooled), wanted))
    return features;
  told = eid_shape_to_string (wanted);
  shape = features && features->pooled ? eid_shape_to_string (eid_tensor_shape (features->pooled))
                                       : g_strdup ("NULL");
  eid_device_fail (model->device, EID_ERROR_USAGE,
                   _ ("The encoder “%s” returned pooled features of shape %s from encode(); they must be %s, "
                      "pictures by what it called its width."),
                   model->encoder.descriptor->id, shape, told);
  return eid_features (step, eid_zeros (model->device, wanted), NULL, NULL);
}
