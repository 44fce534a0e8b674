/* elementwise.c: shapes that change nothing, and operations element by element. */

#include "private.h"

#include <glib/gi18n-lib.h>

void
eid_fill (EidTensor *x, float value)
{
  gsize count = eid_tensor_count (x);

  EID_MAP (x->device, "elementwise:fill", count, T (x), I (count), F (value));
}

void
eid_add_scaled (EidTensor *dx, EidTensor *dy, float scale, gint accumulate)
{
  gsize count = eid_tensor_count (dx);

  if (dx->type != dy->type)
    EID_FLAT (dx->device, dx->type == EID_BF16 ? "elementwise:narrow" : "elementwise:widen", count, T (dx),
              T (dy), I (count), F (scale), I (accumulate));
  else
    EID_MAP (dx->device, "elementwise:add_scaled", count, T (dx), T (dy), I (count), F (scale),
             I (accumulate));
}

/* --- Between the types ------------------------------------------------------ */

EidTensor *
eid_operand (EidTensor *x, EidType type)
{
  return type == EID_BF16 && x && x->half ? x->half : x;
}

void
eid_unify (EidTensor **a, EidTensor **b)
{
  if ((*a)->type == (*b)->type)
    return;
  if (!(*a)->half && !(*b)->half)
    {
      *a = eid_cast (*a, EID_F32);
      *b = eid_cast (*b, EID_F32);
    }
}

static void
cast_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx)
    eid_add_scaled (dx, node->output->gradient, 1, accumulate);
}

EidTensor *
eid_cast (EidTensor *x, EidType type)
{
  EidTensor *out;

  if (x->type == type)
    return x;
  out = eid_output (x->device, "cast", type, x->shape);
  if (!eid_require_floats ("cast", x, out))
    return out;
  eid_add_scaled (out, x, 1, FALSE);
  EID_RECORD (out, "cast", cast_backward, x);
  return out;
}

/* --- Shape ----------------------------------------------------------------- */

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

EidTensor *
eid_detach (EidTensor *x)
{
  return eid_alias (x, x->shape);
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
                    first <= eid_dim (x, 0) && count <= eid_dim (x, 0) - first && eid_is_float (x), "rows",
                    _ ("rows from %u, %u of them, do not exist among %u"), first, count, eid_dim (x, 0)))
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

/* --- Two operands ------------------------------------------------------------ */

/* Is @b's shape the end of @a's? */
static gboolean
is_suffix (EidShape a, EidShape b)
{
  if (b.rank > a.rank)
    return FALSE;
  for (guint i = 0; i < b.rank; i++)
    if (a.dim[a.rank - b.rank + i] != b.dim[i])
      return FALSE;
  return TRUE;
}

/* Adds @scale times the sum of dy's repeats to b's gradient. */
static void
pass_repeated (EidTensor *b, EidTensor *dy, float scale)
{
  gsize period = eid_tensor_count (b);
  gint accumulate;
  EidTensor *db = eid_gradient_of (b, &accumulate);

  if (db)
    eid_column_sums (dy, db, eid_tensor_count (dy) / period, period, scale, accumulate);
}

static void
add_backward (EidNode *node)
{
  EidTensor *a = node->inputs[0], *b = node->inputs[1], *dy = node->output->gradient;

  if (node->floats[0] == 1 && eid_tensor_count (b) == eid_tensor_count (a))
    eid_pass_gradient (b, dy);
  else
    pass_repeated (b, dy, node->floats[0]);
  eid_pass_gradient (a, dy);
}

static void
mul_backward (EidNode *node)
{
  EidTensor *a = node->inputs[0], *b = node->inputs[1], *dy = node->output->gradient;
  gsize period = eid_tensor_count (b), repeats = eid_tensor_count (a) / period;
  gint accumulate;
  EidTensor *da = eid_gradient_of (a, &accumulate);

  if (da && da->type == dy->type)
    EID_ROWS (a->device, "elementwise:mul", repeats, T (dy), T (eid_operand (b, dy->type)), T (da),
              I (repeats), I (period), I (accumulate));
  else if (da) /* a parameter met by 16 bits */
    {
      EidTensor *product = eid_scratch_of (a->device, dy->type, a->shape, "mul");

      EID_ROWS (a->device, "elementwise:mul", repeats, T (dy), T (eid_operand (b, dy->type)), T (product),
                I (repeats), I (period), I (0));
      eid_add_scaled (da, product, 1, accumulate);
      eid_scratch_free (product);
    }
  if (b->needs_gradient)
    {
      EidTensor *product = eid_scratch_of (a->device, dy->type, a->shape, "mul");

      EID_MAP (a->device, "elementwise:mul_same", eid_tensor_count (a), T (dy), T (eid_operand (a, dy->type)),
               T (product), I (eid_tensor_count (a)));
      pass_repeated (b, product, 1);
      eid_scratch_free (product);
    }
}

static EidTensor *
binary (EidTensor *a, EidTensor *b, const char *operation, const char *kernel, void (*backward) (EidNode *),
        float scale)
{
  gsize period = eid_tensor_count (b), repeats = period ? eid_tensor_count (a) / period : 0;
  EidTensor *out;
  EidType type;
  EidNode *node;

  if (!eid_require_floats (operation, a, b))
    return eid_output (a->device, operation, EID_F32, a->shape);
  eid_unify (&a, &b);
  type = a->type == b->type ? a->type : EID_BF16;
  out = eid_output (a->device, operation, type, a->shape);
  if (!is_suffix (a->shape, b->shape))
    {
      g_autofree char *shape_a = eid_shape_to_string (a->shape), *shape_b = eid_shape_to_string (b->shape);

      eid_require (a->device, FALSE, operation, _ ("%s is not %s, nor the end of it"), shape_b, shape_a);
      return out;
    }
  EID_ROWS (a->device, kernel, repeats, T (eid_operand (a, type)), T (eid_operand (b, type)), T (out),
            I (repeats), I (period), I (0));
  node = EID_RECORD (out, operation, backward, a, b);
  if (node)
    node->floats[0] = scale;
  return out;
}

EidTensor *
eid_add (EidTensor *a, EidTensor *b)
{
  return binary (a, b, "add", "elementwise:add", add_backward, 1);
}

EidTensor *
eid_sub (EidTensor *a, EidTensor *b)
{
  return binary (a, b, "sub", "elementwise:sub", add_backward, -1);
}

EidTensor *
eid_mul (EidTensor *a, EidTensor *b)
{
  return binary (a, b, "mul", "elementwise:mul", mul_backward, 0);
}

/* --- One operand ------------------------------------------------------------- */

static void
scale_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx)
    eid_add_scaled (dx, node->output->gradient, node->floats[0], accumulate);
}

EidTensor *
eid_scale (EidTensor *x, float factor)
{
  EidTensor *out = eid_output (x->device, "scale", x->type, x->shape);
  EidNode *node;

  eid_add_scaled (out, x, factor, FALSE);
  node = EID_RECORD (out, "scale", scale_backward, x);
  if (node)
    node->floats[0] = factor;
  return out;
}

/* A function of one number: its kernels take (x, out, count) and (x, dy, dx, count, accumulate). */
typedef struct
{
  const char *name, *forward, *backward;
} Activation;

static const Activation activations[] = {
  { "relu", "elementwise:relu", "elementwise:relu_backward" },
  { "gelu", "elementwise:gelu", "elementwise:gelu_backward" },
};
enum
{
  RELU,
  GELU
};

static void
activation_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_FLAT (x->device, activations[node->integers[0]].backward, count, T (x), T (node->output->gradient),
              T (dx), I (count), I (accumulate));
}

static EidTensor *
activation (EidTensor *x, guint which)
{
  const Activation *function = &activations[which];
  gsize count = eid_tensor_count (x);
  EidTensor *out = eid_output (x->device, function->name, x->type, x->shape);
  EidNode *node;

  if (!eid_require_floats (function->name, x, NULL))
    return out;
  EID_FLAT (x->device, function->forward, count, T (x), T (out), I (count));
  node = EID_RECORD (out, function->name, activation_backward, x);
  if (node)
    node->integers[0] = which;
  return out;
}

EidTensor *
eid_relu (EidTensor *x)
{
  return activation (x, RELU);
}

EidTensor *
eid_gelu (EidTensor *x)
{
  return activation (x, GELU);
}
