/* show.c: runs the model on a few pictures and turns what comes out into
 * bytes; see show.h.                                                         */
#include "show.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Fixes the mask of reconstructions, so that pictures compare over time. */
#define MASK_SEED 1

/* What stands where a patch is hidden. */
#define HIDDEN_GREY 110

/* --- Pictures ------------------------------------------------------------- */

static gsize
picture_bytes (EidDataset *dataset)
{
  const gsize size = eid_dataset_size (dataset);

  return size * size * eid_dataset_channels (dataset);
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
  const gsize bytes = picture_bytes (setup->test);
  g_autoptr (EidPictures) pictures = g_new0 (EidPictures, 1);

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

EidAugmentationsView *
eid_show_augmentations (EidSetup *setup, const guint32 *samples, guint count, guint64 step, GError **error)
{
  const EidViews views = eid_model_views (setup->model);
  const gsize view_values = (gsize) setup->size * setup->size * setup->channels;
  g_autoptr (EidAugmentationsView) view = g_new0 (EidAugmentationsView, 1);
  g_autofree guint32 *pictures = g_memdup2 (samples, count * sizeof (guint32));
  g_autofree float *values = g_new (float, view_values *views.count *count);
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  EidTensor *sources;

  view->count = count;
  view->views = views.count;
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
  eid_tensor_read (eid_augment (sources, view->draws, views.count, setup->size, setup->mean, setup->std),
                   values);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (!eid_device_check (setup->device, error))
    return NULL;

  view->pixels = g_malloc (view_values * views.count * count);
  eid_setup_to_bytes (setup, values, (gsize) views.count * count, view->pixels);
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

/* Greys out the patches of @pixels [size, size, channels] that @mask hides. */
static void
hide_patches (guint8 *pixels, const float *mask, guint size, guint channels, guint patch)
{
  const guint grid = size / patch;

  for (guint y = 0; y < grid * patch; y++)
    for (guint x = 0; x < grid * patch; x++)
      if (mask[(y / patch) * grid + x / patch] > 0.5f)
        memset (pixels + ((gsize) y * size + x) * channels, HIDDEN_GREY, channels);
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
  eid_setup_to_bytes (setup, artefacts->reconstruction, view->count, view->reconstructed);
  fill_errors (setup, artefacts, view);
  view->masked = g_memdup2 (view->images, values * view->count);
  if (artefacts->mask != NULL && view->patch > 0)
    {
      const gsize patches = (gsize) (view->size / view->patch) * (view->size / view->patch);

      for (guint i = 0; i < view->count; i++)
        hide_patches (view->masked + i * values, artefacts->mask + i * patches, view->size, view->channels,
                      view->patch);
    }
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

/* --- Attention ------------------------------------------------------------------ */

gboolean
eid_can_show_attention (EidSetup *setup)
{
  return (eid_model_encoder (setup->model)->abilities & EID_CAN_ATTENTION) != 0;
}

static gboolean
fail_no_attention (EidSetup *setup, GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
               _ ("%s has no attention to show: choose a transformer as encoder."),
               eid_model_encoder (setup->model)->title);
  return FALSE;
}

/* Layer and head as asked for, from the last where negative. */
static gboolean
choose_layer (EidAttentionView *view, gint layer, gint head, GError **error)
{
  if (layer < 0)
    layer += (gint) view->layers;
  if (layer < 0 || (guint) layer >= view->layers || head < -1 || (head >= 0 && (guint) head >= view->heads))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                   _ ("There is no layer %d, head %d: the encoder has layers 0 to %u with heads 0 to %u."),
                   layer, head, view->layers - 1, view->heads - 1);
      return FALSE;
    }
  view->layer = (guint) layer;
  view->head = head;
  return TRUE;
}

/* The chosen head's weights, or the heads' mean. @all [count, heads, N, N]. */
static void
fill_weights (EidAttentionView *view, const float *all)
{
  const gsize square = (gsize) view->tokens * view->tokens;

  view->weights = g_new0 (float, view->count *square);
  for (guint i = 0; i < view->count; i++)
    for (guint head = 0; head < view->heads; head++)
      {
        const float *from = all + ((gsize) i * view->heads + head) * square;
        float *to = view->weights + i * square;

        if (view->head == (gint) head)
          memcpy (to, from, square * sizeof (float));
        for (gsize j = 0; view->head < 0 && j < square; j++)
          to[j] += from[j] / (float) view->heads;
      }
}

EidAttentionView *
eid_show_attention (EidSetup *setup, const EidPictures *pictures, gint layer, gint head, GError **error)
{
  g_autoptr (EidAttentionView) view = g_new0 (EidAttentionView, 1);
  const guint patch = eid_model_patch (setup->model);
  EidArtefacts *artefacts;

  if (!eid_can_show_attention (setup) || patch == 0)
    {
      fail_no_attention (setup, error);
      return NULL;
    }
  artefacts = gather (setup, pictures, EID_SHOW_ATTENTION, error);
  if (artefacts == NULL)
    return NULL;

  view->count = pictures->count;
  view->size = setup->size;
  view->channels = setup->channels;
  view->grid = setup->size / patch;
  view->extra = artefacts->extra_tokens;
  view->tokens = artefacts->tokens;
  view->layers = artefacts->layers;
  view->heads = artefacts->heads;
  if (view->layers == 0 || view->tokens != view->extra + view->grid * view->grid)
    {
      eid_artefacts_free (artefacts);
      fail_no_attention (setup, error);
      return NULL;
    }
  if (!choose_layer (view, layer, head, error))
    {
      eid_artefacts_free (artefacts);
      return NULL;
    }
  fill_weights (view, artefacts->attention[view->layer]);
  eid_artefacts_free (artefacts);
  view->images = g_memdup2 (pictures->pixels, picture_bytes (setup->test) * pictures->count);
  view->labels = g_strdupv (pictures->labels);
  return g_steal_pointer (&view);
}

void
eid_attention_view_free (EidAttentionView *view)
{
  if (view == NULL)
    return;
  g_free (view->images);
  g_free (view->weights);
  g_strfreev (view->labels);
  g_free (view);
}

/* --- Embedding and patch tokens ---------------------------------------------------- */

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

gboolean
eid_can_show_tokens (EidSetup *setup)
{
  return (eid_model_encoder (setup->model)->abilities & EID_CAN_TOKENS) != 0
         && eid_model_patch (setup->model) > 0;
}

guint8 *
eid_show_patch_axes (EidSetup *setup, const EidPictures *pictures, guint *grid, GError **error)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  g_autofree float *values = NULL;
  g_autofree double *scores = NULL;
  EidTensor *tokens;
  guint8 *colours;
  guint rows = 0, width = 0;
  gboolean good;

  eid_arena_push (setup->device);
  tokens =
      eid_can_show_tokens (setup)
          ? eid_model_tokens (setup->model, eid_setup_plain_views (setup, pictures->pixels, pictures->count))
          : NULL;
  good = eid_device_check (setup->device, error);
  if (good && tokens != NULL)
    {
      rows = pictures->count * eid_dim (tokens, 1);
      width = eid_dim (tokens, 2);
      values = g_new (float, (gsize) rows *width);
      eid_tensor_read (tokens, values);
      good = eid_device_check (setup->device, error);
    }
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (!good)
    return NULL;
  if (tokens == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("%s has no patch tokens to show."),
                   eid_model_encoder (setup->model)->title);
      return NULL;
    }

  scores = g_new (double, (gsize) rows * 3);
  if (!eid_principal_axes (values, rows, width, 3, scores, NULL, error))
    return NULL;
  *grid = setup->size / eid_model_patch (setup->model);
  colours = g_malloc ((gsize) rows * 3);
  for (guint axis = 0; axis < 3; axis++)
    {
      double low = INFINITY, high = -INFINITY;

      for (guint i = 0; i < rows; i++)
        {
          low = fmin (low, scores[3 * i + axis]);
          high = fmax (high, scores[3 * i + axis]);
        }
      for (guint i = 0; i < rows; i++)
        colours[3 * i + axis] =
            high > low ? (guint8) ((scores[3 * i + axis] - low) / (high - low) * 255 + 0.5) : 128;
    }
  return colours;
}
