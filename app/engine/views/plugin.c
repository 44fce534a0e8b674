/* plugin.c: what plugins publish under names of their own, as bytes and places; see compute.h.
 *
 * Of text that is read with attention, the weights of a layer and head are added as one more matrix. */
#include "app/engine/views/compute.h"

#include "app/engine/setup/views.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* What plugins draw is a function of the pictures alone, so that views compare over time. */
#define SHOW_SEED 1

/* Tokens of the first passage whose attention to one another is shown. */
#define MOST_ATTENTION 128

const char *
eid_own_view_kind (const EidOwnView *view)
{
  static const char *const kinds[] = { "images",   "maps",   "points", "series",
                                       "spectrum", "matrix", "tokens", "text" };

  return kinds[view->kind];
}

/* --- What there is to look at ------------------------------------------------------ */

static EidPictures *
read_passages (EidSetup *setup, guint count, GError **error)
{
  g_autofree guint32 *numbers = eid_dataset_spread (setup->test, MAX (count, 1), &count);
  g_autoptr (EidPictures) passages = g_new0 (EidPictures, 1);

  passages->pixels = eid_dataset_read_all (setup->test, numbers, &count, error);
  if (passages->pixels == NULL)
    return NULL;
  passages->count = count;
  passages->labels = g_new0 (char *, count + 1);
  for (guint i = 0; i < count; i++)
    passages->labels[i] = eid_dataset_describe (setup->test, numbers[i]);
  return g_steal_pointer (&passages);
}

/* What an objective publishes in its loss of as much of the test half as a batch has. */
static EidArtefacts *
watch_loss (EidSetup *setup, GError **error)
{
  const gboolean text = eid_setup_is_text (setup);
  const guint batch = setup->batch / MAX (setup->parts, 1);
  g_autoptr (EidPictures) pictures =
      text ? read_passages (setup, batch, error) : eid_pictures_of_test (setup, NULL, batch, error);
  g_autofree guint32 *samples = NULL;
  EidViewTensors views;

  if (pictures == NULL)
    return NULL;
  samples = g_new (guint32, pictures->count);
  for (guint i = 0; i < pictures->count; i++)
    samples[i] = i;
  views =
      eid_drawn_views (setup, eid_model_views (setup->model), pictures->pixels, samples, pictures->count, 0);
  return eid_model_show_loss (setup->model, views, samples, setup->step, SHOW_SEED);
}

static EidArtefacts *
gather (EidSetup *setup, const EidPictures *pictures, GError **error)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  GError *failure = NULL;
  EidArtefacts *artefacts;

  eid_arena_push (setup->device);
  if (eid_model_objective (setup->model)->show != NULL)
    artefacts =
        eid_model_show (setup->model, eid_setup_plain_views (setup, pictures->pixels, pictures->count),
                        EID_SHOW_OWN, SHOW_SEED);
  else
    artefacts = watch_loss (setup, &failure);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  if (artefacts == NULL && failure == NULL && eid_device_check (setup->device, &failure))
    failure = g_error_new (EID_ERROR, EID_ERROR_FAILED, _ ("The model could not be looked into."));
  if (failure != NULL)
    g_propagate_error (error, failure);
  return artefacts;
}

/* --- Attention over text ------------------------------------------------------------- */

static void
own_view_free (gpointer data)
{
  EidOwnView *view = data;

  g_free (view->name);
  g_free (view->values);
  g_free (view->tokens);
  g_free (view);
}

/* Of @found [layers, heads, length, length] the map of @chosen, of which it says what it is. */
static EidOwnView *
map_of (const EidArtefacts *found, const gint32 *tokens, EidTextAttention *chosen)
{
  const guint length = found->tokens;
  const gsize square = (gsize) length * length;
  EidOwnView *view = g_new0 (EidOwnView, 1);
  const float *heads;

  chosen->layer = CLAMP (chosen->layer < 0 ? chosen->layer + (gint) found->layers : chosen->layer, 0,
                         (gint) found->layers - 1);
  chosen->head = CLAMP (chosen->head, -1, (gint) found->heads - 1);
  heads = found->attention[chosen->layer];
  view->name = g_strdup ("attention");
  view->kind = EID_VIEW_MATRIX;
  view->shape = EID_SHAPE (length, length);
  view->values = g_new0 (float, square);
  view->tokens = g_memdup2 (tokens, length * sizeof (gint32));
  view->greatest = 1;
  if (chosen->head >= 0)
    memcpy (view->values, heads + (gsize) chosen->head * square, square * sizeof (float));
  for (gsize i = 0; chosen->head < 0 && i < found->heads * square; i++)
    view->values[i % square] += heads[i] / (float) found->heads;
  return view;
}

/* The attention of @tokens [length] that @own asks for, or NULL. */
static EidOwnView *
attention_of (EidSetup *setup, const gint32 *tokens, guint length, EidOwnViews *own)
{
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  EidArtefacts *found;
  EidOwnView *view = NULL;
  EidTensor *text;

  eid_arena_push (setup->device);
  text = eid_tensor_from_data (setup->device, EID_I32, EID_SHAPE (1, length), tokens);
  found = eid_model_show (setup->model, text, EID_SHOW_ATTENTION, 0);
  eid_arena_pop (setup->device);
  eid_set_recording (setup->device, was_recording);
  eid_device_check (setup->device, NULL); /* what cannot be shown ends nothing */
  if (found != NULL && found->layers > 0 && found->tokens == length)
    {
      own->layers = found->layers;
      own->heads = found->heads;
      view = map_of (found, tokens, &own->attention);
    }
  eid_artefacts_free (found);
  return view;
}

static gboolean
can_attend (EidSetup *setup)
{
  return eid_setup_is_text (setup) && (eid_model_encoder (setup->model)->abilities & EID_CAN_ATTENTION);
}

/* The last of the views, if there is any. */
static void
add_attention (EidSetup *setup, const EidPictures *passages, EidOwnViews *own)
{
  EidOwnView *view = attention_of (setup, (const gint32 *) (gconstpointer) passages->pixels,
                                   MIN (setup->size, MOST_ATTENTION), own);

  if (view == NULL)
    return;
  if (own->artefacts->own == NULL)
    own->artefacts->own = g_ptr_array_new_with_free_func (own_view_free);
  g_ptr_array_add (own->artefacts->own, view);
}

/* --- As they are shown ----------------------------------------------------------------- */

static guint8
byte_of (double share)
{
  /* The comparison is false for what is not a number, too. */
  return share > 0 ? (guint8) (MIN (share, 1) * 255 + 0.5) : 0;
}

static void
show_images (const EidSetup *setup, EidShownView *shown)
{
  const gsize count = eid_shape_count (shown->view->shape);

  shown->pixels = g_malloc (count);
  for (gsize i = 0; i < count; i++)
    {
      const guint c = (guint) (i % setup->channels);

      shown->pixels[i] = byte_of ((double) (shown->view->values[i] * setup->std[c] + setup->mean[c]));
    }
}

static void
show_maps (EidShownView *shown)
{
  const gsize count = eid_shape_count (shown->view->shape);
  const float *values = shown->view->values;

  shown->least = INFINITY;
  shown->greatest = -INFINITY;
  for (gsize i = 0; i < count; i++)
    if (isfinite (values[i]))
      {
        shown->least = fmin (shown->least, (double) values[i]);
        shown->greatest = fmax (shown->greatest, (double) values[i]);
      }
  if (!(shown->least <= shown->greatest))
    shown->least = shown->greatest = 0;
  shown->pixels = g_malloc (count);
  for (gsize i = 0; i < count; i++)
    shown->pixels[i] = shown->greatest > shown->least
                           ? byte_of (((double) values[i] - shown->least) / (shown->greatest - shown->least))
                           : 0;
}

/* Points of more than two channels on their first two principal axes. */
static void
show_points (EidShownView *shown)
{
  const guint count = shown->view->shape.dim[0], width = shown->view->shape.dim[1];
  const float *values = shown->view->values;
  g_autoptr (EidPatchBasis) basis = width > 2 ? eid_patch_basis_of (values, count, width, NULL) : NULL;

  shown->x = g_new (double, count);
  shown->y = g_new (double, count);
  for (guint i = 0; i < count; i++)
    {
      const float *point = values + (gsize) i * width;
      double place[2] = { (double) point[0], (double) point[1] };

      for (guint axis = 0; basis != NULL && axis < 2; axis++)
        {
          place[axis] = 0;
          for (guint d = 0; d < width; d++)
            place[axis] += basis->axes[axis * width + d] * ((double) point[d] - basis->mean[d]);
        }
      shown->x[i] = place[0];
      shown->y[i] = place[1];
    }
  for (guint axis = 0; axis < 2; axis++)
    shown->explained[axis] = basis != NULL ? basis->explained[axis] : NAN;
}

static EidShownView *
show_one (const EidSetup *setup, const EidOwnView *view)
{
  EidShownView *shown = g_new0 (EidShownView, 1);

  shown->view = view;
  shown->least = (double) view->least;
  shown->greatest = (double) view->greatest;
  if (view->refused != NULL)
    return shown;
  if (view->kind == EID_VIEW_IMAGES)
    show_images (setup, shown);
  else if (view->kind == EID_VIEW_MAPS)
    show_maps (shown);
  else if (view->kind == EID_VIEW_POINTS)
    show_points (shown);
  return shown;
}

static void
shown_view_free (gpointer data)
{
  EidShownView *shown = data;

  g_free (shown->pixels);
  g_free (shown->x);
  g_free (shown->y);
  g_free (shown);
}

EidOwnViews *
eid_show_own (EidSetup *setup, const EidPictures *pictures, guint count, EidTextAttention attention,
              GError **error)
{
  g_autoptr (EidPictures) passages = eid_setup_is_text (setup) ? read_passages (setup, count, error) : NULL;
  g_autoptr (EidOwnViews) views = g_new0 (EidOwnViews, 1);

  if (eid_setup_is_text (setup) && (pictures = passages) == NULL)
    return NULL;
  views->artefacts = gather (setup, pictures, error);
  if (views->artefacts == NULL)
    return NULL;
  views->attention = attention;
  if (can_attend (setup))
    add_attention (setup, pictures, views);
  if (views->artefacts->own == NULL)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("%s and %s publish no views of their own."),
                   eid_plugin_title (eid_model_objective (setup->model)),
                   eid_plugin_title (eid_model_encoder (setup->model)));
      return NULL;
    }
  views->labels = g_strdupv (pictures->labels);
  views->views = g_ptr_array_new_with_free_func (shown_view_free);
  for (guint i = 0; i < views->artefacts->own->len; i++)
    g_ptr_array_add (views->views, show_one (setup, views->artefacts->own->pdata[i]));
  if (views->layers > 0)
    ((EidShownView *) views->views->pdata[views->views->len - 1])->attention = TRUE;
  return g_steal_pointer (&views);
}

void
eid_own_views_free (EidOwnViews *views)
{
  if (views == NULL)
    return;
  g_clear_pointer (&views->views, g_ptr_array_unref);
  eid_artefacts_free (views->artefacts);
  g_strfreev (views->labels);
  g_free (views);
}
