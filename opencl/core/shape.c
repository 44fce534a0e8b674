/* shape.c: other shapes of the same numbers, and rows of axis 0 joined and taken. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

static void
pass_backward (EidNode *node)
{
  eid_pass_gradient (node->inputs[0], node->output->gradient);
}

EidTensor *
eid_reshape (EidTensor *x, EidShape shape)
{
  EidTensor *out;

  eid_require (x->device, eid_shape_count (shape) == eid_tensor_count (x), "reshape",
               _ ("%zu elements cannot become %zu"), eid_tensor_count (x), eid_shape_count (shape));
  out = eid_alias (x, shape);
  if (x->half)
    out->half = eid_alias (x->half, shape);
  EID_RECORD (out, "reshape", pass_backward, x);
  return out;
}

static void
concat_backward (EidNode *node)
{
  gsize start = 0;

  for (guint i = 0; i < 2; i++)
    {
      EidTensor *x = node->inputs[i];
      gsize count = eid_tensor_count (x);
      gint accumulate;
      EidTensor *dx = eid_gradient_of (x, &accumulate);

      if (dx)
        EID_MAP (x->device, "elementwise:copy_part", count, T (dx), I (0), T (node->output->gradient),
                 I (start), I (count), I (accumulate));
      start += count;
    }
}

EidTensor *
eid_concat (EidTensor *a, EidTensor *b)
{
  EidShape shape = a->shape;
  gsize count_a = eid_tensor_count (a), count_b = eid_tensor_count (b);
  gboolean fits = a->shape.rank == b->shape.rank && eid_is_float (a) && eid_is_float (b);
  EidTensor *out;

  for (guint i = 1; i < a->shape.rank; i++)
    fits = fits && a->shape.dim[i] == b->shape.dim[i];
  eid_require (a->device, fits, "concat", _ ("the shapes differ beyond the first axis"));
  shape.dim[0] += b->shape.dim[0];
  if (fits)
    eid_unify (&a, &b);
  if (a->type != b->type) /* a parameter and what it meets */
    {
      a = eid_cast (a, EID_BF16);
      b = eid_cast (b, EID_BF16);
    }
  out = eid_output (a->device, "concat", a->type, shape);
  EID_MAP (a->device, "elementwise:copy_part", count_a, T (out), I (0), T (a), I (0), I (count_a), I (0));
  EID_MAP (a->device, "elementwise:copy_part", count_b, T (out), I (count_a), T (b), I (0), I (count_b),
           I (0));
  EID_RECORD (out, "concat", concat_backward, a, b);
  return out;
}

static void
rows_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *dy = node->output->gradient;
  gsize start = (gsize) node->integers[0] * (eid_tensor_count (x) / MAX (eid_dim (x, 0), 1));
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx == NULL)
    return;
  if (!accumulate)
    eid_fill (dx, 0);
  EID_MAP (x->device, "elementwise:copy_part", eid_tensor_count (dy), T (dx), I (start), T (dy), I (0),
           I (eid_tensor_count (dy)), I (TRUE));
}

static void
copy_rows (EidTensor *x, guint first, EidTensor *out)
{
  gsize row = eid_tensor_count (x) / MAX (eid_dim (x, 0), 1);

  EID_MAP (x->device, "elementwise:copy_part", eid_tensor_count (out), T (out), I (0), T (x), I (first * row),
           I (eid_tensor_count (out)), I (0));
}

EidTensor *
eid_rows (EidTensor *x, guint first, guint count)
{
  EidShape shape = x->shape;
  EidTensor *out;
  EidNode *node;

  if (!eid_require (x->device,
                    first <= eid_dim (x, 0) && count <= eid_dim (x, 0) - first
                        && (eid_is_float (x) || x->type == EID_I32),
                    "rows", _ ("rows from %u, %u of them, do not exist among %u"), first, count,
                    eid_dim (x, 0)))
    return eid_output (x->device, "rows", EID_F32, EID_SHAPE (1));
  shape.dim[0] = count;
  out = eid_output (x->device, "rows", x->type, shape);
  copy_rows (x, first, out);
  if (x->half)
    {
      out->half = eid_output (x->device, "rows", EID_BF16, shape);
      copy_rows (x->half, first, out->half);
    }
  node = EID_RECORD (out, "rows", rows_backward, x);
  if (node)
    node->integers[0] = first;
  return out;
}
