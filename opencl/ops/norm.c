/* norm.c: normalisations, and softmax, over rows. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* Two rows of @n numbers, or neither. */
static gboolean
is_pair (EidTensor *a, EidTensor *b, guint n)
{
  if (a == NULL || b == NULL)
    return a == b;
  return eid_tensor_count (a) == n && eid_tensor_count (b) == n;
}

/* --- Layer norm ------------------------------------------------------------------ */

/* saved[0]: mean and 1 / deviation of each row, [rows, 2] */
static void
layer_norm_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *gain = node->inputs[1], *bias = node->inputs[2],
            *dy = node->output->gradient;
  EidDevice *device = x->device;
  gsize rows = eid_leading (x);
  guint n = eid_last (x);
  gsize chunks = eid_row_chunks (rows);
  gint accumulate, accumulate_gain;
  EidTensor *dx = eid_gradient_of (x, &accumulate);
  EidTensor *pair[2] = { gain, bias }, *sums[2] = { NULL, NULL };

  if (gain && (gain->needs_gradient || bias->needs_gradient))
    for (guint i = 0; i < 2; i++)
      sums[i] = eid_scratch (device, EID_SHAPE (chunks, n), "layer norm");
  EID_ROWS (device, "norm:layer_norm_backward", chunks, T (x), T (gain), T (node->saved[0]), T (dy), T (dx),
            T (sums[0]), T (sums[1]), I (rows), I (n), I (chunks), I (accumulate));
  for (guint i = 0; i < 2; i++)
    {
      EidTensor *gradient = sums[i] ? eid_gradient_of (pair[i], &accumulate_gain) : NULL;

      if (gradient)
        EID_MAP (device, "reduce:add_chunks", n, T (sums[i]), T (gradient), I (chunks), I (n), F (1),
                 I (accumulate_gain));
      if (sums[i])
        eid_scratch_free (sums[i]);
    }
}

EidTensor *
eid_layer_norm (EidTensor *x, EidTensor *gain, EidTensor *bias, float epsilon)
{
  EidDevice *device = x->device;
  EidTensor *out = eid_output (device, "layer_norm", x->type, x->shape);
  gsize rows = eid_leading (x);
  guint n = eid_last (x);
  EidTensor *moments = eid_output (device, "layer_norm", EID_F32, EID_SHAPE (rows, 2));
  EidNode *node;

  if (!eid_require (device, is_pair (gain, bias, n), "layer_norm",
                    _ ("gain and bias must have one number for each of %u columns"), n))
    return out;
  if (gain)
    {
      gain = eid_cast (gain, EID_F32);
      bias = eid_cast (bias, EID_F32);
    }
  EID_ROWS (device, "norm:layer_norm", rows, T (x), T (gain), T (bias), T (moments), T (out), I (rows), I (n),
            F (epsilon), F (0));
  node = EID_RECORD (out, "layer_norm", layer_norm_backward, x, gain, bias);
  if (node)
    node->saved[0] = moments;
  return out;
}

/* The unbiased variance divides by one less than a row has. */
static gboolean
has_deviation (EidTensor *x, const char *operation)
{
  return eid_require (x->device, eid_last (x) > 1, operation, _ ("a row of one number has no deviation"));
}

EidTensor *
eid_standardize (EidTensor *x, float epsilon)
{
  EidTensor *out = eid_output (x->device, "standardize", x->type, x->shape);
  gsize rows = eid_leading (x);
  guint n = eid_last (x);
  EidTensor *moments = eid_output (x->device, "standardize", EID_F32, EID_SHAPE (rows, 2));

  if (!has_deviation (x, "standardize"))
    return out;
  /* The last argument takes one from the count: the unbiased variance. */
  EID_ROWS (x->device, "norm:layer_norm", rows, T (x), T (NULL), T (NULL), T (moments), T (out), I (rows),
            I (n), F (epsilon), F (1));
  EID_RECORD (out, "standardize", NULL, x);
  return out;
}

EidTensor *
eid_unstandardize (EidTensor *x, EidTensor *like, float epsilon)
{
  EidTensor *out;

  eid_unify (&x, &like);
  out = eid_output (x->device, "unstandardize", x->type, x->shape);
  if (eid_require (x->device, eid_shape_equal (x->shape, like->shape), "unstandardize",
                   _ ("the shapes differ"))
      && has_deviation (like, "unstandardize"))
    EID_ROWS (x->device, "norm:unstandardize", eid_leading (x), T (x), T (like), T (out), I (eid_leading (x)),
              I (eid_last (x)), F (epsilon));
  EID_RECORD (out, "unstandardize", NULL, x);
  return out;
}

/* --- Unit length ------------------------------------------------------------------- */

static void
normalize_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_ROWS (x->device, "norm:unit_length_backward", eid_leading (x), T (node->output), T (node->saved[0]),
              T (node->output->gradient), T (dx), I (eid_leading (x)), I (eid_last (x)), I (accumulate));
}

EidTensor *
eid_normalize (EidTensor *x)
{
  EidTensor *out = eid_output (x->device, "normalize", EID_F32, x->shape);
  EidTensor *lengths = eid_output (x->device, "normalize", EID_F32, EID_SHAPE (eid_leading (x)));
  EidNode *node;

  x = eid_cast (x, EID_F32);
  EID_ROWS (x->device, "norm:unit_length", eid_leading (x), T (x), T (lengths), T (out), I (eid_leading (x)),
            I (eid_last (x)));
  node = EID_RECORD (out, "normalize", normalize_backward, x);
  if (node)
    node->saved[0] = lengths;
  return out;
}

/* --- Softmax ------------------------------------------------------------------------- */

static void
softmax_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_ROWS (x->device, "norm:softmax_backward", eid_leading (x), T (node->output),
              T (node->output->gradient), T (dx), I (eid_leading (x)), I (eid_last (x)), I (accumulate));
}

EidTensor *
eid_softmax (EidTensor *x)
{
  EidTensor *out = eid_output (x->device, "softmax", EID_F32, x->shape);

  x = eid_cast (x, EID_F32);
  EID_ROWS (x->device, "norm:softmax", eid_leading (x), T (x), T (out), I (eid_leading (x)),
            I (eid_last (x)));
  EID_RECORD (out, "softmax", softmax_backward, x);
  return out;
}
