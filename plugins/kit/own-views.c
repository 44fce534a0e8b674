/* own-views.c: views that a plugin publishes under names of its own, checked and copied to the host.
 * What does not fit becomes a sentence in its place: nobody's training ends for a picture.   */

#include "plugins/kit/private.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <glib/gi18n-lib.h>

#define MOST_NAME  40          /* characters of a name                            */
#define MOST_TEXT  (64 * 1024) /* bytes                                           */
#define MOST_BYTES (32u << 20) /* of all views of a look                          */

static const char *const kinds[] = { "images",   "maps",   "points", "series",
                                     "spectrum", "matrix", "tokens", "text" };

static void
own_view_free (gpointer data)
{
  EidOwnView *view = data;

  g_free (view->name);
  g_free (view->values);
  g_free (view->groups);
  g_free (view->tokens);
  g_free (view->predicted);
  g_free (view->chances);
  g_free (view->text);
  g_free (view->refused);
  g_free (view);
}

/* --- Taking one in ------------------------------------------------------------------------- */

static const char *
publisher (EidStep *step)
{
  return (step->in_encoder ? step->model->encoder : step->model->objective).descriptor->id;
}

static gboolean
is_name (const char *name)
{
  const gsize length = name ? strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

  return length > 0 && length <= MOST_NAME && name[length] == '\0';
}

/* Leaves a sentence about the view @name and nothing of it. Returns NULL. */
G_GNUC_PRINTF (4, 5)
static EidOwnView *
refuse (EidStep *step, const char *name, EidViewKind kind, const char *format, ...)
{
  g_autofree char *shown = name ? g_utf8_make_valid (name, MOST_NAME < strlen (name) ? MOST_NAME : -1) : NULL;
  EidOwnView *view = g_new0 (EidOwnView, 1);
  g_autofree char *why = NULL;
  va_list arguments;

  va_start (arguments, format);
  why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  view->name = g_strdup (shown ? shown : "");
  view->kind = kind;
  /* Translators: a plugin's id, the kind of a view ("matrix"), its name, and what is wrong with it. */
  view->refused =
      g_strdup_printf (_ ("“%s” publishes %s “%s”: %s"), publisher (step), kinds[kind], view->name, why);
  g_ptr_array_add (step->artefacts->own, view);
  return NULL;
}

static gboolean
is_there (EidStep *step, const char *name)
{
  GPtrArray *own = step->artefacts->own;

  for (guint i = 0; i < own->len; i++)
    if (g_strcmp0 (((EidOwnView *) own->pdata[i])->name, name) == 0)
      return TRUE;
  return FALSE;
}

/* A new view, or NULL where nobody watches, it is there already, or it cannot be taken. */
static EidOwnView *
add (EidStep *step, const char *name, EidViewKind kind)
{
  EidArtefacts *artefacts = step->artefacts;
  EidOwnView *view;

  if (artefacts == NULL || !(step->watched & EID_SHOW_OWN))
    return NULL;
  if (artefacts->own == NULL)
    artefacts->own = g_ptr_array_new_with_free_func (own_view_free);
  if (is_there (step, name) || artefacts->own->len > EID_MOST_VIEWS)
    return NULL;
  if (artefacts->own->len == EID_MOST_VIEWS)
    return refuse (step, name, kind, _ ("it is one too many; %d views are shown at the most."),
                   EID_MOST_VIEWS);
  if (!is_name (name))
    return refuse (step, name, kind,
                   _ ("a name is made of a to z, 0 to 9 and -, and has %d characters at the most."),
                   MOST_NAME);
  view = g_new0 (EidOwnView, 1);
  view->name = g_strdup (name);
  view->kind = kind;
  return view;
}

/* --- Shapes -------------------------------------------------------------------------------- */

static gsize
bytes_of (const EidOwnView *view)
{
  gsize numbers = view->values ? eid_shape_count (view->shape) : 0;

  if (view->few > 0)
    numbers += 2 * (gsize) view->few * eid_shape_count (view->shape);
  return sizeof (float) * (numbers * (view->tokens || view->groups ? 2 : 1))
         + (view->text ? strlen (view->text) : 0);
}

/* Whether there is room for @numbers more of four bytes. */
static gboolean
fits (EidStep *step, gsize numbers)
{
  gsize bytes = numbers * sizeof (float);

  for (guint i = 0; i < step->artefacts->own->len; i++)
    bytes += bytes_of (step->artefacts->own->pdata[i]);
  return bytes <= MOST_BYTES;
}

/* Whether @tensor is there, of @rank axes, none of them empty, and of @type (floating-point: EID_F32); what
 * was expected instead, @expected ("[N, H, W]"), is said. */
static gboolean
check (EidStep *step, EidOwnView *view, EidTensor *tensor, EidType type, guint rank, const char *expected)
{
  const gboolean whole =
      tensor && eid_tensor_type (tensor) != EID_F32 && eid_tensor_type (tensor) != EID_BF16;
  g_autofree char *found = tensor ? eid_shape_to_string (eid_tensor_shape (tensor)) : NULL;
  const gsize count = tensor ? eid_tensor_count (tensor) : 0;

  if (tensor == NULL)
    refuse (step, view->name, view->kind, _ ("there is no tensor; %s was expected."), expected);
  else if (eid_tensor_shape (tensor).rank != rank || count == 0)
    refuse (step, view->name, view->kind, _ ("its shape is %s; %s was expected."), found, expected);
  else if (type == EID_F32 ? whole : eid_tensor_type (tensor) != type)
    refuse (step, view->name, view->kind,
            type == EID_F32 ? _ ("%s of floating-point numbers was expected.")
                            : _ ("%s of type I32 was expected."),
            expected);
  else if (count > EID_MOST_VIEW_NUMBERS)
    refuse (step, view->name, view->kind, _ ("its shape is %s; %'d numbers are shown at the most."), found,
            EID_MOST_VIEW_NUMBERS);
  else if (!fits (step, count))
    refuse (step, view->name, view->kind,
            _ ("its shape is %s, for which there is no room beside the views before it."), found);
  else
    return TRUE;
  return FALSE;
}

static float *
copy_out (EidTensor *tensor)
{
  float *values = g_new (float, eid_tensor_count (tensor));

  eid_tensor_read (tensor, values);
  return values;
}

/* @view with its numbers, or NULL, and @view is gone. */
static EidOwnView *
take (EidStep *step, EidOwnView *view, EidTensor *values, guint rank, const char *expected)
{
  if (view == NULL)
    return NULL;
  if (!check (step, view, values, EID_F32, rank, expected))
    {
      own_view_free (view);
      return NULL;
    }
  view->shape = eid_tensor_shape (values);
  view->values = copy_out (values);
  return view;
}

static void
done (EidStep *step, EidOwnView *view)
{
  if (view)
    g_ptr_array_add (step->artefacts->own, view);
}

/* --- The kinds ----------------------------------------------------------------------------- */

void
eid_publish_images (EidStep *step, const char *name, EidTensor *images)
{
  EidOwnView *view = add (step, name, EID_VIEW_IMAGES);
  const gboolean text = (step->model->encoder.descriptor->abilities & EID_CAN_TEXT) != 0;
  g_autofree char *expected = g_strdup_printf ("[N, H, W, %u]", step->model->channels);
  g_autofree char *found = view && images ? eid_shape_to_string (eid_tensor_shape (images)) : NULL;

  view = take (step, view, images, 4, expected);
  if (view && text)
    refuse (step, name, view->kind, _ ("the data are text; numbers on a grid can be published as maps."));
  else if (view && view->shape.dim[3] != step->model->channels)
    refuse (step, name, view->kind, _ ("its shape is %s; %s was expected."), found, expected);
  else
    {
      done (step, view);
      return;
    }
  g_clear_pointer (&view, own_view_free);
}

void
eid_publish_maps (EidStep *step, const char *name, EidTensor *maps)
{
  done (step, take (step, add (step, name, EID_VIEW_MAPS), maps, 3, "[N, H, W]"));
}

void
eid_publish_points (EidStep *step, const char *name, EidTensor *points, EidTensor *groups)
{
  EidOwnView *view = take (step, add (step, name, EID_VIEW_POINTS), points, 2, "[N, D]");

  if (view && view->shape.dim[1] < 2)
    {
      g_autofree char *found = eid_shape_to_string (view->shape);

      refuse (step, name, EID_VIEW_POINTS, _ ("its shape is %s; two channels at least were expected."),
              found);
      g_clear_pointer (&view, own_view_free);
    }
  if (view && groups && check (step, view, groups, EID_I32, 1, "[N]"))
    {
      if (eid_dim (groups, 0) == view->shape.dim[0])
        {
          view->groups = g_new (gint32, eid_tensor_count (groups));
          eid_tensor_read (groups, view->groups);
        }
      else
        {
          refuse (step, name, view->kind, _ ("there are %'u groups for %'u points."), eid_dim (groups, 0),
                  view->shape.dim[0]);
          g_clear_pointer (&view, own_view_free);
        }
    }
  else if (groups)
    g_clear_pointer (&view, own_view_free);
  done (step, view);
}

void
eid_publish_series (EidStep *step, const char *name, EidTensor *values)
{
  done (step, take (step, add (step, name, EID_VIEW_SERIES), values, 1, "[N]"));
}

void
eid_publish_spectrum (EidStep *step, const char *name, EidTensor *values)
{
  done (step, take (step, add (step, name, EID_VIEW_SPECTRUM), values, 1, "[N]"));
}

/* The scale that was asked for, or that of the values. */
static void
set_range (EidOwnView *view, float least, float greatest)
{
  const gsize count = eid_shape_count (view->shape);

  view->least = least;
  view->greatest = greatest;
  if (least < greatest)
    return;
  view->least = INFINITY;
  view->greatest = -INFINITY;
  for (gsize i = 0; i < count; i++)
    if (isfinite (view->values[i]))
      {
        view->least = fminf (view->least, view->values[i]);
        view->greatest = fmaxf (view->greatest, view->values[i]);
      }
  if (!(view->least <= view->greatest))
    view->least = view->greatest = 0;
}

void
eid_publish_matrix (EidStep *step, const char *name, EidTensor *values, float least, float greatest)
{
  EidOwnView *view = take (step, add (step, name, EID_VIEW_MATRIX), values, 2, "[R, C]");

  if (view)
    set_range (view, least, greatest);
  done (step, view);
}

void
eid_publish_text (EidStep *step, const char *name, const char *text)
{
  EidOwnView *view = add (step, name, EID_VIEW_TEXT);

  if (view && text && strlen (text) <= MOST_TEXT && g_utf8_validate (text, -1, NULL))
    {
      view->text = g_strdup (text);
      done (step, view);
      return;
    }
  if (view)
    refuse (step, name, EID_VIEW_TEXT, _ ("UTF-8 of %d KiB at the most was expected."), MOST_TEXT / 1024);
  g_clear_pointer (&view, own_view_free);
}

/* --- Tokens -------------------------------------------------------------------------------- */

/* The likeliest of @predictions [B, T, V] in each place. */
static void
read_predictions (EidOwnView *view, EidTensor *predictions)
{
  const guint vocabulary = eid_dim (predictions, 2), places = (guint) eid_shape_count (view->shape);
  EidTensor *index, *best;

  view->few = MIN (EID_FEW_PREDICTIONS, vocabulary);
  best = eid_top_k (eid_reshape (predictions, EID_SHAPE (places, vocabulary)), view->few, &index);
  view->chances = copy_out (best);
  view->predicted = g_new (gint32, (gsize) places * view->few);
  eid_tensor_read (index, view->predicted);
}

/* Whether tokens and predictions are of the values' places. */
static gboolean
check_beside (EidStep *step, EidOwnView *view, EidTensor *tokens, EidTensor *predictions)
{
  const EidShape shape = predictions ? eid_tensor_shape (predictions) : (EidShape){ 0 };
  g_autofree char *wanted = eid_shape_to_string (view->shape), *found = NULL;

  if (!check (step, view, tokens, EID_I32, 2, "[B, T]"))
    return FALSE;
  if (!eid_shape_equal (eid_tensor_shape (tokens), view->shape))
    {
      found = eid_shape_to_string (eid_tensor_shape (tokens));
      refuse (step, view->name, view->kind, _ ("its tokens are %s, and their values %s."), found, wanted);
      return FALSE;
    }
  if (predictions
      && (shape.rank != 3 || shape.dim[0] != view->shape.dim[0] || shape.dim[1] != view->shape.dim[1]))
    {
      found = eid_shape_to_string (shape);
      refuse (step, view->name, view->kind,
              _ ("its predictions are %s, and its values %s; [B, T, V] and [B, T] were expected."), found,
              wanted);
      return FALSE;
    }
  return TRUE;
}

void
eid_publish_tokens (EidStep *step, const char *name, EidTensor *tokens, EidTensor *values, float least,
                    float greatest, EidTensor *predictions)
{
  EidOwnView *view = take (step, add (step, name, EID_VIEW_TOKENS), values, 2, "[B, T]");

  if (view == NULL)
    return;
  if (!check_beside (step, view, tokens, predictions))
    {
      own_view_free (view);
      return;
    }
  view->tokens = g_new (gint32, eid_tensor_count (tokens));
  eid_tensor_read (tokens, view->tokens);
  set_range (view, least, greatest);
  if (predictions)
    read_predictions (view, predictions);
  done (step, view);
}
