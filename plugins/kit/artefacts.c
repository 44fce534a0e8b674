/* artefacts.c: what plugins publish, copied to the host for whoever watches. */

#include "private.h"

static float *
copy_out (EidTensor *tensor)
{
  float *values = g_new (float, eid_tensor_count (tensor));

  eid_tensor_read (tensor, values);
  return values;
}

gboolean
eid_watched (EidStep *step)
{
  return step->artefacts != NULL;
}

void
eid_publish_reconstruction (EidStep *step, EidTensor *images, EidTensor *mask, EidTensor *reconstruction)
{
  EidArtefacts *artefacts = step->artefacts;

  if (artefacts == NULL || !(step->watched & EID_SHOW_RECONSTRUCTION) || artefacts->images)
    return;
  artefacts->batch = eid_dim (images, 0);
  artefacts->height = eid_dim (images, 1);
  artefacts->width = eid_dim (images, 2);
  artefacts->channels = eid_dim (images, 3);
  artefacts->patch = step->model->patch;
  artefacts->images = copy_out (images);
  artefacts->mask = copy_out (mask);
  artefacts->reconstruction = copy_out (reconstruction);
}

void
eid_publish_attention (EidStep *step, guint layer, guint extra_tokens, EidTensor *probabilities)
{
  EidArtefacts *artefacts = step->artefacts;

  if (artefacts == NULL || !(step->watched & EID_SHOW_ATTENTION) || layer != artefacts->layers)
    return;
  artefacts->batch = eid_dim (probabilities, 0);
  artefacts->heads = eid_dim (probabilities, 1);
  artefacts->tokens = eid_dim (probabilities, 2);
  artefacts->extra_tokens = extra_tokens;
  artefacts->patch = step->model->patch;
  artefacts->attention = g_renew (float *, artefacts->attention, layer + 1);
  artefacts->attention[layer] = copy_out (probabilities);
  artefacts->layers = layer + 1;
}

void
eid_artefacts_free (EidArtefacts *artefacts)
{
  if (artefacts == NULL)
    return;
  for (guint i = 0; i < artefacts->layers; i++)
    g_free (artefacts->attention[i]);
  g_free (artefacts->attention);
  g_free (artefacts->images);
  g_free (artefacts->mask);
  g_free (artefacts->reconstruction);
  g_free (artefacts);
}
