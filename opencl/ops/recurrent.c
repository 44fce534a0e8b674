/* recurrent.c: cells that carry a state from step to step. Their products are
 * those of matrix.c; what is between them is one kernel.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* inputs: what comes of x and of h, each [B, 3 H], and h */
static void
gru_backward (EidNode *node)
{
  EidTensor *from_x = node->inputs[0], *from_h = node->inputs[1], *h = node->inputs[2];
  gsize rows = eid_leading (h);
  gint fresh, accumulate;
  EidTensor *dx = eid_gradient_of (from_x, &fresh), *dh = eid_gradient_of (from_h, &fresh),
            *dstate = eid_gradient_of (h, &accumulate);

  EID_ROWS (h->device, "recurrent:gru_backward", rows, T (from_x), T (from_h), T (h),
            T (node->output->gradient), T (dx), T (dh), T (dstate), I (rows), I (eid_last (h)),
            I (accumulate));
}

EidTensor *
eid_gru_cell (EidTensor *x, EidTensor *h, EidTensor *weight_x, EidTensor *weight_h, EidTensor *bias_x,
              EidTensor *bias_h)
{
  EidDevice *device = x->device;
  guint width = eid_last (h);
  gsize rows = eid_dim (x, 0);
  EidTensor *from_x, *from_h, *out;

  if (!eid_require (device, x->shape.rank == 2 && h->shape.rank == 2 && eid_dim (h, 0) == rows, "gru_cell",
                    _ ("the input must be [B, I], the state [B, H]"))
      || !eid_require (device,
                       eid_dim (weight_x, 0) == 3 * width && eid_dim (weight_h, 0) == 3 * width
                           && eid_tensor_count (weight_x) == (gsize) 3 * width * eid_last (x)
                           && eid_tensor_count (weight_h) == (gsize) 3 * width * width,
                       "gru_cell", _ ("for a state of %u the weights must be [%u, %u] and [%u, %u]"), width,
                       3 * width, eid_last (x), 3 * width, width)
      || !eid_require_floats ("gru_cell", x, h))
    return eid_output (device, "gru_cell", EID_F32, h->shape);
  from_x = eid_linear (x, weight_x, bias_x);
  from_h = eid_linear (h, weight_h, bias_h);
  h = eid_cast (h, from_x->type);
  out = eid_output (device, "gru_cell", from_x->type, h->shape);
  EID_ROWS (device, "recurrent:gru", rows, T (from_x), T (from_h), T (h), T (out), I (rows), I (width));
  EID_RECORD (out, "gru_cell", gru_backward, from_x, from_h, h);
  return out;
}
