/* reconstruction.c: what an objective that hides patches paints in their
 * place, in pixels; see compute.h.                                              */
#include "app/engine/diagnostics/patch-statistics.h"
#include "app/engine/views/compute.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Fixes the mask of reconstructions, so that pictures compare over time. */
#define MASK_SEED 1

gboolean
eid_can_reconstruct (EidSetup *setup)
{
  return eid_model_objective (setup->model)->show != NULL && !eid_setup_is_text (setup);
}

static gboolean
fail_no_reconstruction (EidSetup *setup, GError **error)
{
  g_set_error (
      error, EID_ERROR, EID_ERROR_USAGE,
      _ ("%s reconstructs no pictures: choose an objective that does, a masked autoencoder for instance."),
      eid_plugin_title (eid_model_objective (setup->model)));
  return FALSE;
}

/* --- What the plugin publishes --------------------------------------------------- */

/* Whether all is there that was to be, of @count pictures. */
static gboolean
is_whole (EidSetup *setup, const EidArtefacts *artefacts, guint count)
{
  return artefacts->reconstruction != NULL && artefacts->images != NULL && artefacts->mask != NULL
         && artefacts->patch > 0 && artefacts->batch == count && artefacts->height == setup->size
         && artefacts->width == setup->size && artefacts->channels == setup->channels;
}

/* Of @count pictures from @first on; @mask of these, or NULL. */
static EidArtefacts *
gather (EidSetup *setup, const EidPictures *pictures, guint first, guint count, const guint8 *mask,
        GError **error)
{
  const guint8 *pixels = pictures->pixels + first * eid_dataset_bytes (setup->test);
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  EidArtefacts *artefacts;
  EidTensor *images;

  eid_arena_push (setup->device);
  images = eid_setup_plain_views (setup, pixels, count);
  artefacts = mask != NULL ? eid_model_show_masked (setup->model, images, mask)
                           : eid_model_show (setup->model, images, EID_SHOW_RECONSTRUCTION, MASK_SEED);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (!eid_device_check (setup->device, error) || artefacts == NULL)
    {
      g_clear_pointer (&artefacts, eid_artefacts_free);
      if (error != NULL && *error == NULL)
        g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The model could not be looked into."));
      return NULL;
    }
  if (is_whole (setup, artefacts, count))
    return artefacts;
  eid_artefacts_free (artefacts);
  fail_no_reconstruction (setup, error);
  return NULL;
}

/* All pictures at once, each hidden patch by chance; then again, one at a time, those
 * with a mask of their own, as these hide different numbers of patches.      */
static EidArtefacts *
gather_all (EidSetup *setup, const EidPictures *pictures, const guint8 *const *masks, GError **error)
{
  const gsize values = (gsize) setup->size * setup->size * setup->channels;
  const gboolean alone = pictures->count == 1 && masks != NULL;
  EidArtefacts *all = gather (setup, pictures, 0, pictures->count, alone ? masks[0] : NULL, error);

  for (guint i = 0; all != NULL && masks != NULL && !alone && i < pictures->count; i++)
    {
      const gsize patches = (gsize) (setup->size / all->patch) * (setup->size / all->patch);
      EidArtefacts *one = masks[i] != NULL ? gather (setup, pictures, i, 1, masks[i], error) : NULL;

      if (one != NULL)
        {
          memcpy (all->reconstruction + i * values, one->reconstruction, values * sizeof (float));
          memcpy (all->mask + i * patches, one->mask, patches * sizeof (float));
          eid_artefacts_free (one);
        }
      else if (masks[i] != NULL)
        g_clear_pointer (&all, eid_artefacts_free);
    }
  return all;
}

/* --- As pixels -------------------------------------------------------------------- */

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

  for (guint picture = 0; picture < artefacts->batch; picture++)
    for (guint y = 0; y < artefacts->height; y++)
      for (guint x = 0; x < artefacts->width; x++, at += channels)
        if (is_hidden (artefacts, picture, y, x))
          memset (masked + at, EID_HIDDEN_GREY, channels);
        else
          memcpy (artefacts->reconstruction + at, artefacts->images + at, channels * sizeof (float));
}

/* Absolute difference of value @i in pixels of 0 … 1. */
static double
difference (EidSetup *setup, const EidArtefacts *artefacts, const float *painted, gsize i)
{
  return fabs ((double) (painted[i] - artefacts->images[i]) * (double) setup->std[i % setup->channels]);
}

static guint8 *
scale_errors (EidSetup *setup, const EidArtefacts *artefacts, const float *painted, gsize values, double most)
{
  guint8 *errors = g_malloc0 (values);

  for (gsize i = 0; most > 0 && i < values; i++)
    errors[i] = (guint8) (MIN (difference (setup, artefacts, painted, i) / most, 1) * 255 + 0.5);
  return errors;
}

/* Both ways of painting, with errors on one scale. @honest: NULL where there is one way. */
static void
fill_painted (EidSetup *setup, EidReconstructionView *view, const EidArtefacts *artefacts,
              const float *honest)
{
  const gsize values = (gsize) view->count * view->size * view->size * view->channels;

  for (gsize i = 0; i < values; i++)
    {
      view->error_max = fmax (view->error_max, difference (setup, artefacts, artefacts->reconstruction, i));
      if (honest != NULL)
        view->error_max = fmax (view->error_max, difference (setup, artefacts, honest, i));
    }
  view->reconstructed = g_malloc (values);
  eid_setup_to_bytes (setup, artefacts->reconstruction, view->count, view->reconstructed);
  view->errors = scale_errors (setup, artefacts, artefacts->reconstruction, values, view->error_max);
  if (honest == NULL)
    return;
  view->honest = g_malloc (values);
  eid_setup_to_bytes (setup, honest, view->count, view->honest);
  view->honest_errors = scale_errors (setup, artefacts, honest, values, view->error_max);
}

EidReconstructionView *
eid_show_reconstruction (EidSetup *setup, const EidPictures *pictures, const guint8 *const *masks,
                         GError **error)
{
  g_autoptr (EidReconstructionView) view = g_new0 (EidReconstructionView, 1);
  const gsize values = (gsize) setup->size * setup->size * setup->channels;
  g_autofree float *honest = NULL;
  EidArtefacts *artefacts;
  gsize patches;

  if (!eid_can_reconstruct (setup))
    {
      fail_no_reconstruction (setup, error);
      return NULL;
    }
  artefacts = gather_all (setup, pictures, masks, error);
  if (artefacts == NULL)
    return NULL;

  view->count = pictures->count;
  view->size = setup->size;
  view->channels = setup->channels;
  view->patch = artefacts->patch;
  patches = (gsize) (view->size / view->patch) * (view->size / view->patch);
  view->mask = g_malloc (view->count * patches);
  for (gsize i = 0; i < view->count * patches; i++)
    view->mask[i] = artefacts->mask[i] > 0.5f;
  view->images = g_malloc (values * view->count);
  eid_setup_to_bytes (setup, artefacts->images, view->count, view->images);
  view->masked = g_memdup2 (view->images, values * view->count);
  part_hidden_from_seen (artefacts, view->masked);
  if (artefacts->standardised)
    honest = eid_paint_honestly (artefacts);
  fill_painted (setup, view, artefacts, honest);
  view->labels = g_strdupv (pictures->labels);
  eid_artefacts_free (artefacts);
  return g_steal_pointer (&view);
}

void
eid_reconstruction_view_free (EidReconstructionView *view)
{
  if (view == NULL)
    return;
  g_free (view->mask);
  g_free (view->images);
  g_free (view->masked);
  g_free (view->reconstructed);
  g_free (view->honest);
  g_free (view->errors);
  g_free (view->honest_errors);
  g_strfreev (view->labels);
  g_free (view);
}
