/* epps-pulley.c: whether numbers are normally distributed: the test of Epps and Pulley (1983), which
 * compares their characteristic function with that of the standard normal distribution.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* As kernels/epps_pulley.cl has it. */
#define MOST_KNOTS 64

/* saved[0]: slopes [outer, 2, knots, slices] */
static void
epps_pulley_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *slopes = node->saved[0];
  guint slices = eid_last (x), samples = eid_dim (x, x->shape.rank - 2);
  gsize rows = eid_leading (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_ROWS (x->device, "epps_pulley:epps_pulley_backward", rows, T (x), T (slopes),
              T (node->output->gradient), T (dx), I (rows), I (samples), I (slices), I (node->integers[0]),
              F (node->floats[0]), F (node->floats[1]), I (accumulate));
}

EidTensor *
eid_epps_pulley (EidTensor *x, guint knots, float t_max)
{
  EidDevice *device = x->device;
  guint rank = x->shape.rank, slices = eid_last (x), samples = rank > 1 ? eid_dim (x, rank - 2) : 0;
  gsize outer = samples > 0 ? eid_leading (x) / samples : 0, rows = outer * ((slices + 63) / 64);
  float dt = t_max / (float) (MAX (knots, 2) - 1);
  EidTensor *out = eid_output (device, "epps_pulley", EID_F32, EID_SHAPE (1));
  EidTensor *slopes, *sums;
  EidNode *node;

  if (!eid_require (device, rows > 0, "epps_pulley", _ ("the input must be [.., M, S] and not empty"))
      || !eid_require (device, knots >= 2 && knots <= MOST_KNOTS && t_max > 0, "epps_pulley",
                       _ ("there must be 2 to %d knots, and the last lie above 0"), MOST_KNOTS)
      || !eid_require_floats ("epps_pulley", x, NULL))
    return out;
  x = eid_cast (x, EID_F32);
  slopes = eid_output (device, "epps_pulley", EID_F32, EID_SHAPE (outer, 2, knots, slices));
  sums = eid_scratch (device, EID_SHAPE (rows), "epps_pulley");
  EID_ROWS (device, "epps_pulley:epps_pulley", rows, T (x), T (slopes), T (sums), I (rows), I (samples),
            I (slices), I (knots), F (dt));
  EID_ROWS (device, "reduce:row_sums", 1, T (sums), T (out), I (1), I (rows), I (rows),
            F ((float) samples / (float) (outer * slices)));
  eid_scratch_free (sums);
  node = EID_RECORD (out, "epps_pulley", epps_pulley_backward, x);
  if (node)
    {
      node->saved[0] = slopes;
      node->integers[0] = knots;
      node->floats[0] = dt;
      node->floats[1] = 2.0f / (float) (outer * slices);
    }
  return out;
}
