/* elementwise.c: operations element by element, and between the types of numbers. */

#include "opencl/core/private.h"

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
    EID_FLAT (dx->device, "elementwise:add_scaled", count, T (dx), T (dy), I (count), F (scale),
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

/* da = dy / b, db = - sum (da out) */
static void
div_backward (EidNode *node)
{
  EidTensor *a = node->inputs[0], *b = node->inputs[1], *out = node->output, *dy = out->gradient;
  gsize count = eid_tensor_count (a), period = eid_tensor_count (b), repeats = count / period;
  EidTensor *quotient = eid_scratch_of (a->device, dy->type, a->shape, "div");
  gint accumulate;
  EidTensor *da = eid_gradient_of (a, &accumulate);

  EID_ROWS (a->device, "elementwise:div", repeats, T (dy), T (eid_operand (b, dy->type)), T (quotient),
            I (repeats), I (period), I (0));
  if (da)
    eid_add_scaled (da, quotient, 1, accumulate);
  if (b->needs_gradient)
    {
      EID_MAP (a->device, "elementwise:mul_same", count, T (quotient), T (out), T (quotient), I (count));
      pass_repeated (b, quotient, -1);
    }
  eid_scratch_free (quotient);
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

EidTensor *
eid_div (EidTensor *a, EidTensor *b)
{
  return binary (a, b, "div", "elementwise:div", div_backward, 0);
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

static void
shift_backward (EidNode *node)
{
  eid_pass_gradient (node->inputs[0], node->output->gradient);
}

EidTensor *
eid_shift (EidTensor *x, float by)
{
  gsize count = eid_tensor_count (x);
  EidTensor *out = eid_output (x->device, "shift", x->type, x->shape);

  if (!eid_require_floats ("shift", x, NULL))
    return out;
  EID_FLAT (x->device, "elementwise:shift", count, T (x), T (out), I (count), F (by));
  EID_RECORD (out, "shift", shift_backward, x);
  return out;
}

static void
scale_rows_backward (EidNode *node)
{
  EidTensor *factors = node->inputs[1], *dy = node->output->gradient;
  gsize rows = eid_tensor_count (factors);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx)
    EID_ROWS (dx->device, "elementwise:scale_rows", rows, T (dy), T (factors), T (dx), I (rows),
              I (eid_tensor_count (dx) / rows), I (accumulate));
}

EidTensor *
eid_scale_rows (EidTensor *x, EidTensor *factors)
{
  EidTensor *out = eid_output (x->device, "scale_rows", x->type, x->shape);
  gsize rows = eid_tensor_count (factors);
  gboolean fits = factors->shape.rank <= x->shape.rank && rows > 0;

  for (guint axis = 0; fits && axis < factors->shape.rank; axis++)
    fits = eid_dim (x, axis) == eid_dim (factors, axis);
  if (!eid_require_floats ("scale_rows", x, factors)
      || !eid_require (x->device, fits, "scale_rows", _ ("the factors must have the shape x begins with")))
    return out;
  factors = eid_cast (eid_detach (factors), EID_F32);
  EID_ROWS (x->device, "elementwise:scale_rows", rows, T (x), T (factors), T (out), I (rows),
            I (eid_tensor_count (x) / rows), I (FALSE));
  EID_RECORD (out, "scale_rows", scale_rows_backward, x, factors);
  return out;
}

static void
clamp_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_MAP (x->device, "elementwise:clamp_backward", count, T (x), T (node->output->gradient), T (dx),
             I (count), F (node->floats[0]), F (node->floats[1]), I (accumulate));
}

EidTensor *
eid_clamp (EidTensor *x, float low, float high)
{
  gsize count = eid_tensor_count (x);
  EidTensor *out = eid_output (x->device, "clamp", x->type, x->shape);
  EidNode *node;

  if (!eid_require_floats ("clamp", x, NULL)
      || !eid_require (x->device, low <= high, "clamp", _ ("the lower bound %g is above the upper, %g"), low,
                       high))
    return out;
  EID_MAP (x->device, "elementwise:clamp_between", count, T (x), T (out), I (count), F (low), F (high));
  node = EID_RECORD (out, "clamp", clamp_backward, x);
  if (node)
    {
      node->floats[0] = low;
      node->floats[1] = high;
    }
  return out;
}

/* Functions of one number. Each has kernels (x, out, count) and (x, dy, dx, count, accumulate). */
#define FUNCTIONS(X) X (relu) X (gelu) X (exp) X (log) X (sqrt) X (square) X (tanh) X (sigmoid)

#define NUMBER(name) FUNCTION_##name,
enum
{
  FUNCTIONS (NUMBER)
};

#define NAMES(name) { #name, "elementwise:" #name "_forward", "elementwise:" #name "_backward" },
static const struct
{
  const char *name, *forward, *backward;
} functions[] = { FUNCTIONS (NAMES) };

static void
function_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_FLAT (x->device, functions[node->integers[0]].backward, count, T (x), T (node->output->gradient),
              T (dx), I (count), I (accumulate));
}

static EidTensor *
apply (EidTensor *x, guint which)
{
  const char *name = functions[which].name;
  gsize count = eid_tensor_count (x);
  EidTensor *out = eid_output (x->device, name, x->type, x->shape);
  EidNode *node;

  if (!eid_require_floats (name, x, NULL))
    return out;
  EID_FLAT (x->device, functions[which].forward, count, T (x), T (out), I (count));
  node = EID_RECORD (out, name, function_backward, x);
  if (node)
    node->integers[0] = which;
  return out;
}

#define PUBLIC(name)                                                                                         \
  EidTensor *eid_##name (EidTensor *x)                                                                       \
  {                                                                                                          \
    return apply (x, FUNCTION_##name);                                                                       \
  }
FUNCTIONS (PUBLIC)
