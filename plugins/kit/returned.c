/* returned.c: what a plugin's functions give back is looked at before it is used: of
 * what cannot be used the device fails, with a sentence that names the plugin,
 * and zeros go on in its place until the step ends.                          */
#include "plugins/kit/private.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

/* What went wrong on the device in loss(), if anything did, was wrong in it. */
static void
name_objective (EidModel *model)
{
  const char *id = model->objective.descriptor->id, *encoder = model->encoder.descriptor->id;
  g_autofree char *quoted = g_strdup_printf ("“%s”", encoder);
  g_autoptr (GError) error = NULL;

  if (eid_device_check (model->device, &error))
    return;
  if (error->code == EID_ERROR_USAGE && strstr (error->message, id) == NULL
      && strstr (error->message, quoted) == NULL)
    eid_device_fail (model->device, EID_ERROR_USAGE,
                     /* TRANSLATORS: an objective's name, then a sentence. */
                     _ ("In loss() of “%s”: %s"), id, error->message);
  else
    eid_device_fail (model->device, (EidError) error->code, "%s", error->message);
}

/* --- What an objective wants to see ---------------------------------------------------- */

/* Draws of views are numbered in streams of 256 a step. */
#define MOST_VIEWS      128
#define MOST_SMALL_SIZE 4096

static gboolean
is_share (float share)
{
  return isfinite (share) && share > 0 && share <= 1;
}

/* What is wrong with the small crops of @views, or NULL; free. */
static char *
small_crops_problem (const EidViews *views)
{
  if (views->small_count > MOST_VIEWS)
    return g_strdup_printf (/* TRANSLATORS: stands in “returned views from views() that cannot be drawn: %s.”;
                               small_count and the like stay. */
                            _ ("small_count is %u; %d at the most were expected"),
                            views->small_count, MOST_VIEWS);
  if (views->small_count == 0)
    return NULL;
  if (views->small_size == 0 || views->small_size > MOST_SMALL_SIZE)
    return g_strdup_printf (/* TRANSLATORS: stands in “returned views from views() that cannot be drawn: %s.”;
                               small_count and the like stay. */
                            _ ("small_size is %u; 1 to %d pixels were expected"),
                            views->small_size, MOST_SMALL_SIZE);
  if (!is_share (views->small_crop_min) || !is_share (views->small_crop_max)
      || views->small_crop_min > views->small_crop_max)
    return g_strdup_printf (/* TRANSLATORS: stands in “returned views from views() that cannot be drawn: %s.”;
                               small_count and the like stay. */
                            _ ("small_crop_min is %g and small_crop_max %g; shares above 0 and up to 1 were "
                               "expected, the smaller "
                               "one first"),
                            (double) views->small_crop_min, (double) views->small_crop_max);
  return NULL;
}

static char *
views_problem (const EidModel *model, const EidViews *views)
{
  const gboolean text = (model->encoder.descriptor->abilities & EID_CAN_TEXT) != 0;

  if (views->count == 0 || views->count > MOST_VIEWS)
    return g_strdup_printf (/* TRANSLATORS: stands in “returned views from views() that cannot be drawn: %s.”;
                               small_count and the like stay. */
                            _ ("count is %u; 1 to %d were expected"),
                            views->count, MOST_VIEWS);
  if (text && (views->count > 2 || views->small_count > 0))
    return g_strdup_printf (/* TRANSLATORS: stands in “returned views from views() that cannot be drawn: %s.”;
                               small_count and the like stay. */
                            _ ("count is %u and small_count %u; of text there are one or two views and no "
                               "small ones"),
                            views->count, views->small_count);
  return small_crops_problem (views);
}

gboolean
eid_returned_views (const EidModel *model, const EidViews *views, GError **error)
{
  g_autofree char *problem = views_problem (model, views);

  if (problem)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 /* TRANSLATORS: an objective's id, and what is wrong with the views it wants. */
                 _ ("The objective “%s” returned views from views() that cannot be drawn: %s. Correct its "
                    "views()."),
                 model->objective.descriptor->id, problem);
  return problem == NULL;
}

/* --- What an encoder says of itself ----------------------------------------------------- */

#define MOST_WIDTH (1u << 20)

gboolean
eid_returned_description (const EidModel *model, GError **error)
{
  const EidDescriptor *encoder = model->encoder.descriptor;
  const guint grid = model->patch > 0 ? model->image_size / model->patch : 0;
  g_autofree char *problem = NULL;

  if (model->width == 0 || model->width > MOST_WIDTH)
    problem = g_strdup_printf (/* TRANSLATORS: stands in “described itself in build() with %s.” */
                               _ ("a width of %'u; 1 to %'u were expected"), model->width, MOST_WIDTH);
  else if (model->patch > 0 && (grid == 0 || (guint64) grid * grid != model->tokens))
    problem =
        g_strdup_printf (/* TRANSLATORS: stands in “described itself in build() with %s.” */
                         _ ("%'u tokens of patches of %'u pixels; of a picture of %'u pixels there are %'u"),
                         model->tokens, model->patch, model->image_size, grid * grid);
  else if ((encoder->abilities & EID_CAN_TOKENS) && model->tokens == 0)
    problem = g_strdup (/* TRANSLATORS: stands in “described itself in build() with %s.” */
                        _ ("no tokens, although EID_CAN_TOKENS is among its abilities"));
  if (problem)
    g_set_error (error, EID_ERROR, EID_ERROR_USAGE,
                 /* TRANSLATORS: an encoder's id, and what is wrong with what it says of itself. */
                 _ ("The encoder “%s” described itself in build() with %s. Correct its call of "
                    "eid_encoder_describe()."),
                 encoder->id, problem);
  return problem == NULL;
}

/* --- What they compute ------------------------------------------------------------------- */

static gboolean
is_floats (EidTensor *tensor)
{
  return eid_tensor_type (tensor) == EID_F32 || eid_tensor_type (tensor) == EID_BF16;
}

gboolean
eid_published (EidStep *step, const char *function, EidTensor *tensor, guint rank, const char *expected)
{
  const EidModel *model = step->model;
  g_autofree char *shape = NULL;

  if (tensor && eid_tensor_shape (tensor).rank == rank && eid_tensor_count (tensor) > 0 && is_floats (tensor))
    return TRUE;
  shape = tensor ? eid_shape_to_string (eid_tensor_shape (tensor)) : g_strdup ("NULL");
  eid_device_fail (model->device, EID_ERROR_USAGE,
                   /* TRANSLATORS: a plugin's id, the name of a function, a shape or NULL, a shape. */
                   _ ("The plugin “%s” gave %s() a tensor of shape %s; %s of floating-point numbers was "
                      "expected."),
                   (step->in_encoder ? model->encoder : model->objective).descriptor->id, function, shape,
                   expected);
  return FALSE;
}

EidTensor *
eid_returned_loss (EidModel *model, EidTensor *loss)
{
  const char *id = model->objective.descriptor->id;
  g_autofree char *shape = loss ? eid_shape_to_string (eid_tensor_shape (loss)) : NULL;

  name_objective (model);
  if (loss && eid_tensor_count (loss) == 1 && is_floats (loss))
    return loss;
  if (loss && eid_tensor_count (loss) == 1)
    eid_device_fail (
        model->device, EID_ERROR_USAGE,
        _ ("The objective “%s” returned a whole number from loss(): a loss is one floating-point "
           "number, of shape [1]."),
        id);
  else if (loss)
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

static gboolean
is_shape (EidTensor *tensor, EidShape shape)
{
  return tensor && is_floats (tensor) && eid_shape_equal (eid_tensor_shape (tensor), shape);
}

/* How many tokens of a picture there must be, 0 if only the encoder knows. */
static guint
tokens_wanted (const EidModel *model, EidTensor *images, EidTensor *keep)
{
  if (keep)
    return eid_dim (keep, 1);
  return eid_dim (images, 1) == model->image_size ? model->tokens : 0;
}

/* Whether @tokens are [B, N, width], of any N where @wanted is 0. They may be missing where none were
 * promised.  */
static gboolean
check_tokens (const EidModel *model, guint batch, guint wanted, EidTensor *tokens)
{
  const EidDescriptor *encoder = model->encoder.descriptor;
  const guint count = wanted > 0 ? wanted : tokens ? MAX (eid_dim (tokens, 1), 1) : 1;
  g_autofree char *told = NULL, *shape = NULL;

  if (tokens ? is_shape (tokens, EID_SHAPE (batch, count, model->width))
             : !(encoder->abilities & (EID_CAN_TOKENS | EID_CAN_TEXT)))
    return TRUE;
  told = eid_shape_to_string (EID_SHAPE (batch, count, model->width));
  shape = tokens ? eid_shape_to_string (eid_tensor_shape (tokens)) : g_strdup ("NULL");
  eid_device_fail (model->device, EID_ERROR_USAGE,
                   _ ("The encoder “%s” returned tokens of shape %s from encode(); they must be %s, pictures "
                      "by tokens by what it called its width."),
                   encoder->id, shape, told);
  return FALSE;
}

static gboolean
check_class_token (const EidModel *model, guint batch, EidTensor *token)
{
  g_autofree char *told = NULL, *shape = NULL;

  if (token == NULL || is_shape (token, EID_SHAPE (batch, model->width)))
    return TRUE;
  told = eid_shape_to_string (EID_SHAPE (batch, model->width));
  shape = eid_shape_to_string (eid_tensor_shape (token));
  eid_device_fail (model->device, EID_ERROR_USAGE,
                   _ ("The encoder “%s” returned a class token of shape %s from encode(); it must be %s, "
                      "pictures by what it called its width."),
                   model->encoder.descriptor->id, shape, told);
  return FALSE;
}

static gboolean
check_pooled (const EidModel *model, EidShape wanted, EidTensor *pooled)
{
  g_autofree char *told = NULL, *shape = NULL;

  if (is_shape (pooled, wanted))
    return TRUE;
  told = eid_shape_to_string (wanted);
  shape = pooled ? eid_shape_to_string (eid_tensor_shape (pooled)) : g_strdup ("NULL");
  eid_device_fail (model->device, EID_ERROR_USAGE,
                   _ ("The encoder “%s” returned pooled features of shape %s from encode(); they must be %s, "
                      "pictures by what it called its width."),
                   model->encoder.descriptor->id, shape, told);
  return FALSE;
}

EidFeatures *
eid_returned_features (EidStep *step, EidTensor *images, EidTensor *keep, EidFeatures *features)
{
  const EidModel *model = step->model;
  const guint batch = eid_dim (images, 0), tokens = tokens_wanted (model, images, keep);
  const EidShape wanted = EID_SHAPE (batch, model->width);

  if (check_pooled (model, wanted, features ? features->pooled : NULL)
      && check_tokens (model, batch, tokens, features->tokens)
      && check_class_token (model, batch, features->class_token))
    return features;
  return eid_features (step, eid_zeros (model->device, wanted),
                       tokens > 0 ? eid_zeros (model->device, EID_SHAPE (batch, tokens, model->width)) : NULL,
                       NULL);
}
