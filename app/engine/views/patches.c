/* patches.c: patch tokens of the last block, and their first three principal
 * axes as red, green and blue; see compute.h.
 *
 * The axes are of the tokens of watched pictures, always the same ones, so that
 * what is pinned changes no colour.                                          */
#include "app/engine/views/compute.h"

#include "app/engine/setup/feature-set.h"

#include <glib/gi18n-lib.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Pictures whose tokens the axes are of, and tokens at most: enough for three axes, few enough to look
 * every few steps. */
#define WATCHED_PICTURES 32
#define WATCHED_TOKENS   2048

/* Deviations from the mean at which a colour is full. */
#define DEVIATIONS 2

gboolean
eid_can_show_tokens (EidSetup *setup)
{
  return (eid_model_encoder (setup->model)->abilities & EID_CAN_TOKENS) != 0
         && eid_model_patch (setup->model) > 0;
}

/* --- The basis ---------------------------------------------------------------- */

EidPatchBasis *
eid_patch_basis_new (guint width)
{
  EidPatchBasis *basis = g_new0 (EidPatchBasis, 1);

  basis->width = width;
  basis->mean = g_new0 (double, width);
  basis->axes = g_new0 (double, (gsize) EID_PATCH_AXES *width);
  return basis;
}

void
eid_patch_basis_free (EidPatchBasis *basis)
{
  if (basis == NULL)
    return;
  g_free (basis->mean);
  g_free (basis->axes);
  g_free (basis);
}

static EidPatchBasis *
copy_basis (const EidPatchBasis *basis)
{
  EidPatchBasis *copy = g_memdup2 (basis, sizeof *basis);

  copy->mean = g_memdup2 (basis->mean, basis->width * sizeof (double));
  copy->axes = g_memdup2 (basis->axes, (gsize) EID_PATCH_AXES * basis->width * sizeof (double));
  return copy;
}

/* The upper triangle of the covariance of @tokens, [width, width]; @mean is filled, too. Free. */
static double *
covariance_of (const float *tokens, gsize rows, guint width, double *mean)
{
  double *covariance = g_new0 (double, (gsize) width *width);
  g_autofree double *centred = g_new (double, width);

  for (gsize i = 0; i < rows; i++)
    for (guint d = 0; d < width; d++)
      mean[d] += (double) tokens[i * width + d] / (double) rows;
  for (gsize i = 0; i < rows; i++)
    {
      for (guint d = 0; d < width; d++)
        centred[d] = (double) tokens[i * width + d] - mean[d];
      for (guint a = 0; a < width; a++)
        for (guint b = a; b < width; b++)
          covariance[(gsize) a * width + b] += centred[a] * centred[b] / (double) rows;
    }
  return covariance;
}

EidPatchBasis *
eid_patch_basis_of (const float *tokens, gsize rows, guint width, GError **error)
{
  g_autoptr (EidPatchBasis) basis = eid_patch_basis_new (width);
  g_autofree double *covariance = covariance_of (tokens, rows, width, basis->mean);
  const guint axes = MIN (EID_PATCH_AXES, width);
  g_autofree double *vectors = g_new (double, (gsize) width *axes), *values = g_new (double, width);
  g_autofree lapack_int *support = g_new (lapack_int, 2 * width);
  lapack_int found = 0;
  double variance = 0;

  for (guint d = 0; d < width; d++)
    variance += covariance[(gsize) d * width + d];
  /* LAPACK may not return from values that are not finite. */
  if (!isfinite (variance))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The features are not finite numbers."));
      return NULL;
    }
  /* The greatest ones alone; they come in rising order, as columns. */
  if (LAPACKE_dsyevr (LAPACK_ROW_MAJOR, 'V', 'I', 'U', (lapack_int) width, covariance, (lapack_int) width, 0,
                      0, (lapack_int) (width - axes + 1), (lapack_int) width, 0, &found, values, vectors,
                      (lapack_int) axes, support)
          != 0
      || found != (lapack_int) axes)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("The singular values of the features did not converge."));
      return NULL;
    }
  for (guint axis = 0; axis < axes; axis++)
    {
      const guint column = axes - 1 - axis;
      const double value = fmax (values[column], 0);
      double *loadings = basis->axes + (gsize) axis * width, sign;

      for (guint d = 0; d < width; d++)
        loadings[d] = vectors[(gsize) d * axes + column];
      sign = eid_axis_sign (loadings, width);
      for (guint d = 0; d < width; d++)
        loadings[d] *= sign;
      basis->spread[axis] = sqrt (value);
      basis->explained[axis] = variance > 0 ? value / variance : 0;
    }
  return g_steal_pointer (&basis);
}

void
eid_patch_basis_align (EidPatchBasis *basis, const EidPatchBasis *former)
{
  static const guint orders[][EID_PATCH_AXES] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                                  { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
  g_autoptr (EidPatchBasis) as_found = copy_basis (basis);
  const guint width = basis->width;
  double cosines[EID_PATCH_AXES][EID_PATCH_AXES] = { { 0 } }, best = -1;
  const guint *order = orders[0];

  g_return_if_fail (former->width == width);
  for (guint i = 0; i < EID_PATCH_AXES; i++)
    for (guint j = 0; j < EID_PATCH_AXES; j++)
      for (guint d = 0; d < width; d++)
        cosines[i][j] += former->axes[(gsize) i * width + d] * as_found->axes[(gsize) j * width + d];
  for (guint k = 0; k < G_N_ELEMENTS (orders); k++)
    {
      double likeness = 0;

      for (guint i = 0; i < EID_PATCH_AXES; i++)
        likeness += fabs (cosines[i][orders[k][i]]);
      if (likeness > best)
        {
          best = likeness;
          order = orders[k];
        }
    }
  for (guint i = 0; i < EID_PATCH_AXES; i++)
    {
      const double sign = cosines[i][order[i]] < 0 ? -1 : 1;

      for (guint d = 0; d < width; d++)
        basis->axes[(gsize) i * width + d] = sign * as_found->axes[(gsize) order[i] * width + d];
      basis->spread[i] = as_found->spread[order[i]];
      basis->explained[i] = as_found->explained[order[i]];
    }
}

void
eid_patch_colours (const EidPatchBasis *basis, const float *tokens, gsize rows, guint8 *colours)
{
  for (gsize i = 0; i < rows; i++)
    for (guint axis = 0; axis < EID_PATCH_AXES; axis++)
      {
        const double *loadings = basis->axes + (gsize) axis * basis->width;
        double score = 0, place = 0.5;

        for (guint d = 0; d < basis->width; d++)
          score += ((double) tokens[i * basis->width + d] - basis->mean[d]) * loadings[d];
        if (basis->spread[axis] > 0 && isfinite (score))
          place += score / (2 * DEVIATIONS * basis->spread[axis]);
        colours[EID_PATCH_AXES * i + axis] = (guint8) (CLAMP (place, 0, 1) * 255 + 0.5);
      }
}

/* --- Tokens ------------------------------------------------------------------------ */

/* Tokens [count, grid * grid, *width] of @pixels, in as many parts as memory is sure to hold. */
static float *
read_tokens (EidSetup *setup, const guint8 *pixels, guint count, guint *width, GError **error)
{
  const guint chunk = MAX (1, setup->batch / setup->parts);
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  g_autofree float *values = NULL;
  gboolean good = TRUE;

  for (guint first = 0; good && first < count; first += chunk)
    {
      EidTensor *views, *tokens;

      eid_arena_push (setup->device);
      views = eid_setup_plain_views (setup, pixels + first * eid_dataset_bytes (setup->test),
                                     MIN (chunk, count - first));
      tokens = eid_model_tokens (setup->model, views);
      good = eid_device_check (setup->device, error);
      if (good)
        {
          const gsize each = (gsize) eid_dim (tokens, 1) * eid_dim (tokens, 2);

          *width = eid_dim (tokens, 2);
          values = values != NULL ? values : g_new (float, count *each);
          eid_tensor_read (tokens, values + first * each);
          good = eid_device_check (setup->device, error);
        }
      eid_arena_pop (setup->device);
    }
  eid_set_recording (setup->device, was_recording);
  return good ? g_steal_pointer (&values) : NULL;
}

/* The axes of watched pictures' tokens. */
static EidPatchBasis *
watched_basis (EidSetup *setup, guint patches, GError **error)
{
  guint count = 0, width = 0;
  g_autofree guint32 *watched = eid_dataset_spread (setup->test, WATCHED_PICTURES, &count);
  g_autofree guint8 *pixels = eid_dataset_read_all (setup->test, watched, &count, error);
  g_autofree float *tokens = pixels != NULL ? read_tokens (setup, pixels, count, &width, error) : NULL;
  const gsize all = (gsize) count * patches;
  /* Odd, to meet each column of most grids. */
  const gsize stride = all > WATCHED_TOKENS ? (all + WATCHED_TOKENS - 1) / WATCHED_TOKENS | 1 : 1;
  gsize rows = 0;

  if (tokens == NULL)
    return NULL;
  for (gsize i = 0; i < all; i += stride, rows++)
    memmove (tokens + rows * width, tokens + i * width, width * sizeof (float));
  return eid_patch_basis_of (tokens, rows, width, error);
}

EidPatchesView *
eid_show_patches (EidSetup *setup, const EidPictures *pictures, const EidPatchBasis *former, gboolean frozen,
                  GError **error)
{
  g_autoptr (EidPatchesView) view = g_new0 (EidPatchesView, 1);
  guint patches, width = 0;

  if (!eid_can_show_tokens (setup))
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("%s has no patch tokens to show."),
                   eid_plugin_title (eid_model_encoder (setup->model)));
      return NULL;
    }
  view->count = pictures->count;
  view->size = eid_dataset_size (setup->test);
  view->channels = setup->channels;
  view->grid = setup->size / eid_model_patch (setup->model);
  patches = view->grid * view->grid;
  view->tokens = read_tokens (setup, pictures->pixels, pictures->count, &width, error);
  if (view->tokens == NULL)
    return NULL;

  if (former != NULL && former->width != width)
    former = NULL;
  view->basis = former != NULL && frozen ? copy_basis (former) : watched_basis (setup, patches, error);
  if (view->basis == NULL)
    return NULL;
  if (former != NULL && !frozen)
    eid_patch_basis_align (view->basis, former);

  view->colours = g_malloc ((gsize) view->count * patches * 3);
  eid_patch_colours (view->basis, view->tokens, (gsize) view->count * patches, view->colours);
  view->images = g_memdup2 (pictures->pixels, view->count * eid_dataset_bytes (setup->test));
  view->labels = g_strdupv (pictures->labels);
  return g_steal_pointer (&view);
}

void
eid_patches_view_free (EidPatchesView *view)
{
  if (view == NULL)
    return;
  g_free (view->images);
  g_free (view->tokens);
  g_free (view->colours);
  eid_patch_basis_free (view->basis);
  g_strfreev (view->labels);
  g_free (view);
}
