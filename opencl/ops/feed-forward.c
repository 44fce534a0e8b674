/* feed-forward.c: the perceptron of a transformer block as one operation,
 * gelu (x W1^T + b1) W2^T + b2 + residual.
 *
 * One operation, so that of its widest activations only one is kept: what comes
 * out of the activation is made again, in passing, on the way back.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* inputs: x, first weight and bias, second weight and bias, residual; saved[0]: before the activation */
static void
feed_forward_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *w1 = node->inputs[1], *b1 = node->inputs[2], *w2 = node->inputs[3],
            *b2 = node->inputs[4], *pre = node->saved[0], *dy = node->output->gradient;
  EidDevice *device = x->device;
  gsize rows = eid_leading (x), chunks = eid_row_chunks (rows);
  guint hidden = eid_last (pre), out = eid_last (dy);
  EidTensor *dh = eid_scratch_of (device, dy->type, pre->shape, "feed_forward");
  EidTensor *sums = eid_scratch (device, EID_SHAPE (chunks, hidden), "feed_forward");
  EidGemm gemm = eid_gemm_dense (FALSE, FALSE, rows, hidden, out);
  gint accumulate;
  EidTensor *gradient;

  if (eid_device_ok (device))
    {
      eid_gemm (device, &gemm, dy, eid_operand (w2, dy->type), dh, NULL);
      EID_ROWS (device, "elementwise:gelu_again", chunks, T (pre), T (dh), T (sums), I (rows), I (hidden),
                I (chunks));
      eid_linear_gradients (pre, dy, w2, b2); /* pre itself asks for none: dh has it */
      eid_linear_gradients (x, dh, w1, NULL);
      gradient = eid_gradient_of (b1, &accumulate);
      if (gradient)
        EID_MAP (device, "reduce:add_chunks", hidden, T (sums), T (gradient), I (chunks), I (hidden), F (1),
                 I (accumulate));
    }
  eid_scratch_free (sums);
  eid_scratch_free (dh);
  eid_pass_gradient (node->inputs[5], dy); /* last: it may share dy's memory */
}

EidTensor *
eid_feed_forward (EidTensor *x, EidTensor *w1, EidTensor *b1, EidTensor *w2, EidTensor *b2,
                  EidTensor *residual)
{
  EidDevice *device = x->device;
  EidType precision = device->precision;
  guint hidden = eid_dim (w1, 0), out = eid_dim (w2, 0);
  EidShape inner = x->shape, shape = x->shape;
  EidTensor *pre, *h, *y;
  EidGemm gemm;
  EidNode *node;

  inner.dim[inner.rank - 1] = hidden;
  shape.dim[shape.rank - 1] = out;
  if (!eid_require (
          device,
          w1->shape.rank == 2 && eid_dim (w1, 1) == eid_last (x) && w2->shape.rank == 2
              && eid_dim (w2, 1) == hidden && eid_tensor_count (b1) == hidden && eid_tensor_count (b2) == out,
          "feed_forward", _ ("the weights must be [H, %u] and [O, H], the biases [H] and [O]"), eid_last (x))
      || !eid_require (device, residual == NULL || eid_shape_equal (residual->shape, shape), "feed_forward",
                       _ ("the residual does not have the result's shape"))
      || !eid_require_floats ("feed_forward", x, residual))
    return eid_output (device, "feed_forward", EID_F32, shape);

  x = eid_cast (x, precision);
  w1 = w1->half ? w1 : eid_cast (w1, precision);
  w2 = w2->half ? w2 : eid_cast (w2, precision);
  residual = residual ? eid_cast (residual, precision) : NULL;
  pre = eid_output (device, "feed_forward", precision, inner);
  y = eid_output (device, "feed_forward", precision, shape);
  h = eid_scratch_of (device, precision, inner, "feed_forward");
  gemm = eid_gemm_dense (FALSE, TRUE, eid_leading (x), hidden, eid_last (x));
  eid_gemm (device, &gemm, x, eid_operand (w1, precision), pre, eid_cast (b1, EID_F32));
  EID_FLAT (device, "elementwise:gelu_forward", eid_tensor_count (pre), T (pre), T (h),
            I (eid_tensor_count (pre)));
  gemm = eid_gemm_dense (FALSE, TRUE, eid_leading (x), out, hidden);
  eid_gemm_full (device, &gemm,
                 &(EidOperands){ .a = h,
                                 .b = eid_operand (w2, precision),
                                 .c = y,
                                 .bias = eid_cast (b2, EID_F32),
                                 .residual = residual });
  eid_scratch_free (h);
  node = EID_RECORD (y, "feed_forward", feed_forward_backward, x, w1, b1, w2, b2, residual);
  if (node)
    node->saved[0] = pre;
  return y;
}
