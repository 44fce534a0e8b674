/* show-artefacts.c: what an objective publishes of a picture, as bytes:
 * reconstructions; see show.h.                                               */
#include "show.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Fixes the mask of reconstructions, so that pictures compare over time. */
#define MASK_SEED 1

/* What stands where a patch is hidden. */
#define HIDDEN_GREY 110

/* --- What plugins publish --------------------------------------------------- */

static EidArtefacts *
gather (EidSetup *setup, const EidPictures *pictures, EidShow what, GError **error)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  EidArtefacts *artefacts;

  eid_arena_push (setup->device);
  artefacts = eid_model_show (setup->model, eid_setup_plain_views (setup, pictures->pixels, pictures->count),
                              what, MASK_SEED);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (eid_device_check (setup->device, error) && artefacts != NULL)
    return artefacts;
  g_clear_pointer (&artefacts, eid_artefacts_free);
  if (error != NULL && *error == NULL)
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The model could not be looked into."));
  return NULL;
}

/* --- Reconstruction ----------------------------------------------------------- */

gboolean
eid_can_reconstruct (EidSetup *setup)
{
  return eid_model_objective (setup->model)->show != NULL;
}

static gboolean
fail_no_reconstruction (EidSetup *setup, GError **error)
{
  g_set_error (
      error, EID_ERROR, EID_ERROR_USAGE,
      _ ("%s reconstructs no pictures: choose an objective that does, a masked autoencoder for instance."),
      eid_model_objective (setup->model)->title);
  return FALSE;
}

static gboolean
is_hidden (const EidArtefacts *artefacts, guint picture, guint y, guint x)
{
  const guint down = artefacts->height / artefacts->patch, across = artefacts->width / artefacts->patch;
  const guint row = y / artefacts->patch, column = x / artefacts->patch;

  return row < down && column < across
         && artefacts->mask[((gsize) picture * down + row) * across + column] > 0.5f;
}

/* What the model saw: @masked, bytes of the pictures, is greyed where a patch
 * was hidden. Elsewhere its own painting is no prediction (nothing trains it
 * there), and the picture's pixels take its place, as He et al. 2022 draw it. */
static void
part_hidden_from_seen (EidArtefacts *artefacts, guint8 *masked)
{
  const gsize channels = artefacts->channels;
  gsize at = 0;

  if (artefacts->mask == NULL || artefacts->patch == 0)
    return;
  for (guint picture = 0; picture < artefacts->batch; picture++)
    for (guint y = 0; y < artefacts->height; y++)
      for (guint x = 0; x < artefacts->width; x++, at += channels)
        if (is_hidden (artefacts, picture, y, x))
          memset (masked + at, HIDDEN_GREY, channels);
        else
          memcpy (artefacts->reconstruction + at, artefacts->images + at, channels * sizeof (float));
}

/* Absolute differences of pixels in 0 … 1, scaled so that 255 is the largest. */
static void
fill_errors (EidSetup *setup, const EidArtefacts *artefacts, EidReconstructionView *view)
{
  const gsize values = (gsize) view->count * view->size * view->size * view->channels;

  for (guint pass = 0; pass < 2; pass++)
    for (gsize i = 0; i < values; i++)
      {
        const double difference = fabs ((double) (artefacts->reconstruction[i] - artefacts->images[i])
                                        * (double) setup->std[i % view->channels]);

        if (pass == 0)
          view->error_max = difference > view->error_max ? difference : view->error_max;
        else if (view->error_max > 0)
          view->errors[i] = (guint8) (MIN (difference / view->error_max, 1) * 255 + 0.5);
      }
}

EidReconstructionView *
eid_show_reconstruction (EidSetup *setup, const EidPictures *pictures, GError **error)
{
  g_autoptr (EidReconstructionView) view = g_new0 (EidReconstructionView, 1);
  const gsize values = (gsize) setup->size * setup->size * setup->channels;
  EidArtefacts *artefacts;

  if (!eid_can_reconstruct (setup))
    {
      fail_no_reconstruction (setup, error);
      return NULL;
    }
  artefacts = gather (setup, pictures, EID_SHOW_RECONSTRUCTION, error);
  if (artefacts == NULL)
    return NULL;
  if (artefacts->reconstruction == NULL || artefacts->images == NULL || artefacts->batch != pictures->count
      || artefacts->height != setup->size || artefacts->width != setup->size
      || artefacts->channels != setup->channels)
    {
      eid_artefacts_free (artefacts);
      fail_no_reconstruction (setup, error);
      return NULL;
    }

  view->count = pictures->count;
  view->size = setup->size;
  view->channels = setup->channels;
  view->patch = artefacts->patch;
  view->images = g_malloc (values * view->count);
  view->reconstructed = g_malloc (values * view->count);
  view->errors = g_malloc0 (values * view->count);
  eid_setup_to_bytes (setup, artefacts->images, view->count, view->images);
  view->masked = g_memdup2 (view->images, values * view->count);
  part_hidden_from_seen (artefacts, view->masked);
  eid_setup_to_bytes (setup, artefacts->reconstruction, view->count, view->reconstructed);
  fill_errors (setup, artefacts, view);
  view->labels = g_strdupv (pictures->labels);
  eid_artefacts_free (artefacts);
  return g_steal_pointer (&view);
}

void
eid_reconstruction_view_free (EidReconstructionView *view)
{
  if (view == NULL)
    return;
  g_free (view->images);
  g_free (view->masked);
  g_free (view->reconstructed);
  g_free (view->errors);
  g_strfreev (view->labels);
  g_free (view);
}
