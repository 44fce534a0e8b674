/* axis.c: sums, means and maxima over one axis, of all or of what a mask
 * chooses. Over everything, and for gradients: reduce.c.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* x as [outer, n, inner], n being the axis. */
typedef struct
{
  gsize outer, inner;
  guint n;
} Split;

/* FALSE where there is no such axis; @shape: without it, [1] where nothing is left. */
static gboolean
split (EidTensor *x, guint axis, const char *operation, Split *parts, EidShape *shape)
{
  *parts = (Split){ 1, 1, 1 };
  *shape = EID_SHAPE (1);
  if (!eid_require (x->device, axis < x->shape.rank, operation, _ ("there is no axis %u in a tensor of %u"),
                    axis, x->shape.rank)
      || !eid_require (x->device, x->shape.dim[axis] > 0, operation, _ ("axis %u is empty"), axis)
      || !eid_require_floats (operation, x, NULL))
    return FALSE;
  parts->n = x->shape.dim[axis];
  shape->rank = MAX (x->shape.rank - 1, 1);
  for (guint i = 0; i < x->shape.rank; i++)
    if (i != axis)
      {
        *(i < axis ? &parts->outer : &parts->inner) *= x->shape.dim[i];
        shape->dim[i < axis ? i : i - 1] = x->shape.dim[i];
      }
  return TRUE;
}

/* --- Sums and means ------------------------------------------------------------- */

/* saved[0]: of a masked mean, 1 / the mask's sum for each of outer */
static void
sum_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *mask = node->inputs[1], *share = node->saved[0],
            *dy = node->output->gradient;
  EidShape shape;
  Split parts;
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx == NULL || !split (x, node->integers[0], node->operation, &parts, &shape))
    return;
  if (parts.inner == 1)
    EID_ROWS (x->device, "axis:last_spread", parts.outer, T (dy), T (mask), T (share), T (dx),
              I (parts.outer), I (parts.n), F (node->floats[0]), I (accumulate));
  else
    EID_ROWS (x->device, "axis:spread_rows", parts.outer * parts.n, T (dy), T (mask), T (share), T (dx),
              I (parts.outer * parts.n), I (parts.n), I (parts.inner), F (node->floats[0]), I (accumulate));
}

static EidTensor *
sum (EidTensor *x, guint axis, EidTensor *mask, gboolean mean, const char *operation)
{
  EidDevice *device = x->device;
  EidTensor *out, *share = NULL;
  EidShape shape;
  Split parts;
  EidNode *node;
  float scale;

  if (!split (x, axis, operation, &parts, &shape)
      || !eid_require (
          device, mask == NULL || (eid_is_float (mask) && eid_tensor_count (mask) == parts.outer * parts.n),
          operation, _ ("the mask must have %zu numbers, as many as there are up to the axis"),
          parts.outer * parts.n))
    return eid_output (device, operation, EID_F32, shape);

  out = eid_output (device, operation, x->type, shape);
  scale = mean && !mask ? 1.0f / parts.n : 1;
  mask = mask ? eid_cast (mask, EID_F32) : NULL;
  if (mask && mean)
    {
      share = eid_output (device, operation, EID_F32, EID_SHAPE (parts.outer));
      EID_ROWS (device, "axis:shares", parts.outer, T (mask), T (share), I (parts.outer), I (parts.n));
    }
  if (parts.inner == 1)
    EID_ROWS (device, "axis:last_sums", parts.outer, T (x), T (mask), T (share), T (out), I (parts.outer),
              I (parts.n), F (scale));
  else
    {
      gsize chunks = parts.outer < 8 ? eid_row_chunks (parts.n) : 1, rows = parts.outer * chunks;
      EidTensor *partial = eid_scratch (device, EID_SHAPE (rows, parts.inner), operation);

      EID_ROWS (device, "axis:chunk_sums", rows, T (x), T (mask), T (partial), I (rows), I (parts.n),
                I (parts.inner), I (chunks));
      EID_MAP (device, "axis:add_shares", parts.outer * parts.inner, T (partial), T (share), T (out),
               I (parts.outer * parts.inner), I (parts.inner), I (chunks), F (scale));
      eid_scratch_free (partial);
    }
  node = EID_RECORD (out, operation, sum_backward, x, mask);
  if (node)
    {
      node->saved[0] = share;
      node->integers[0] = axis;
      node->floats[0] = scale;
    }
  return out;
}

EidTensor *
eid_sum_axis (EidTensor *x, guint axis, EidTensor *mask)
{
  return sum (x, axis, mask, FALSE, "sum_axis");
}

EidTensor *
eid_mean_axis (EidTensor *x, guint axis, EidTensor *mask)
{
  return sum (x, axis, mask, TRUE, "mean_axis");
}

/* --- Maxima ----------------------------------------------------------------------- */

/* saved[0]: where along the axis each maximum was found, I32 */
static void
max_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  EidShape shape;
  Split parts;
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx && split (x, node->integers[0], node->operation, &parts, &shape))
    EID_MAP (x->device, "axis:maxima_backward", count, T (node->output->gradient), T (node->saved[0]), T (dx),
             I (count), I (parts.n), I (parts.inner), I (accumulate));
}

EidTensor *
eid_max_axis (EidTensor *x, guint axis)
{
  EidTensor *out, *place;
  EidShape shape;
  Split parts;
  EidNode *node;

  if (!split (x, axis, "max_axis", &parts, &shape))
    return eid_output (x->device, "max_axis", EID_F32, shape);
  out = eid_output (x->device, "max_axis", x->type, shape);
  place = eid_output (x->device, "max_axis", EID_I32, shape);
  EID_MAP (x->device, "axis:maxima", parts.outer * parts.inner, T (x), T (out), T (place),
           I (parts.outer * parts.inner), I (parts.n), I (parts.inner));
  node = EID_RECORD (out, "max_axis", max_backward, x);
  if (node)
    {
      node->saved[0] = place;
      node->integers[0] = axis;
    }
  return out;
}
