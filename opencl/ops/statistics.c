/* statistics.c: what objectives ask of a whole batch: how its columns vary
 * together, running sums, and assignments that use every prototype alike.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* --- Covariance ---------------------------------------------------------------- */

EidTensor *
eid_covariance (EidTensor *x)
{
  guint rows = eid_dim (x, 0), columns = eid_last (x);
  EidTensor *centred;

  if (!eid_require (x->device, x->shape.rank == 2, "covariance", _ ("the input must be [M, D]"))
      || !eid_require (x->device, rows > 1, "covariance",
                       _ ("a batch of one has no spread; use a larger [Run] batch"))
      || !eid_require_floats ("covariance", x, NULL))
    return eid_output (x->device, "covariance", EID_F32, EID_SHAPE (columns, columns));
  x = eid_cast (x, EID_F32);
  centred = eid_sub (x, eid_mean_axis (x, 0, NULL));
  return eid_scale (eid_matmul (centred, TRUE, centred, FALSE), 1.0f / (rows - 1));
}

static gboolean
is_square (EidTensor *x, const char *operation)
{
  return eid_require (x->device, x->shape.rank == 2 && eid_dim (x, 0) == eid_dim (x, 1), operation,
                      _ ("the matrix must be square"))
         && eid_require_floats (operation, x, NULL);
}

static void
diagonal_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_MAP (x->device, "statistics:diagonal_backward", count, T (node->output->gradient), T (dx), I (count),
             I (eid_last (x)), I (accumulate));
}

EidTensor *
eid_diagonal (EidTensor *x)
{
  guint n = eid_last (x);
  EidTensor *out = eid_output (x->device, "diagonal", x->type, EID_SHAPE (n));

  if (!is_square (x, "diagonal"))
    return out;
  EID_MAP (x->device, "statistics:diagonal", n, T (x), T (out), I (n));
  EID_RECORD (out, "diagonal", diagonal_backward, x);
  return out;
}

static void
off_diagonal_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize rows = eid_dim (x, 0);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_ROWS (x->device, "statistics:off_diagonal_backward", rows, T (x), T (node->output->gradient), T (dx),
              I (rows), I (accumulate));
}

EidTensor *
eid_off_diagonal_squares (EidTensor *x)
{
  gsize rows = eid_dim (x, 0);
  EidTensor *out = eid_output (x->device, "off_diagonal_squares", EID_F32, EID_SHAPE (1));
  EidTensor *sums;

  if (!is_square (x, "off_diagonal_squares"))
    return out;
  x = eid_cast (x, EID_F32);
  sums = eid_scratch (x->device, EID_SHAPE (rows), "off_diagonal_squares");
  EID_ROWS (x->device, "statistics:off_diagonal", rows, T (x), T (sums), I (rows));
  EID_ROWS (x->device, "reduce:row_sums", 1, T (sums), T (out), I (1), I (rows), I (rows), F (1));
  eid_scratch_free (sums);
  EID_RECORD (out, "off_diagonal_squares", off_diagonal_backward, x);
  return out;
}

/* --- Running sums ---------------------------------------------------------------- */

static void
cumulate (EidTensor *x, EidTensor *out, gboolean from_the_end, gint accumulate)
{
  gsize rows = eid_leading (x);

  EID_ROWS (x->device, "statistics:cumulate", rows, T (x), T (out), I (rows), I (eid_last (x)),
            I (from_the_end), I (accumulate));
}

static void
cumulative_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx)
    cumulate (node->output->gradient, dx, TRUE, accumulate);
}

EidTensor *
eid_cumulative_sum (EidTensor *x)
{
  EidTensor *out = eid_output (x->device, "cumulative_sum", x->type, x->shape);

  if (!eid_require_floats ("cumulative_sum", x, NULL))
    return out;
  cumulate (x, out, FALSE, FALSE);
  EID_RECORD (out, "cumulative_sum", cumulative_backward, x);
  return out;
}

/* --- Sinkhorn ---------------------------------------------------------------------- */

/* The matrix is never rewritten: it is exp (scores / epsilon - u - v) with a number u for each row
 * and v for each column, which take turns in making their sums 1.                              */
EidTensor *
eid_sinkhorn (EidTensor *scores, float epsilon, guint iterations)
{
  EidDevice *device = scores->device;
  gsize rows = eid_dim (scores, 0);
  guint columns = eid_last (scores), blocks = (columns + 63) / 64;
  EidTensor *out = eid_output (device, "sinkhorn", EID_F32, scores->shape);
  EidTensor *u, *v;

  if (!eid_require (device, scores->shape.rank == 2, "sinkhorn", _ ("the scores must be [M, K]"))
      || !eid_require (device, epsilon > 0 && iterations > 0, "sinkhorn",
                       _ ("epsilon must be above 0, and one iteration made at least"))
      || !eid_require_floats ("sinkhorn", scores, NULL))
    return out;
  scores = eid_cast (scores, EID_F32);
  u = eid_scratch (device, EID_SHAPE (rows), "sinkhorn");
  v = eid_scratch (device, EID_SHAPE (columns), "sinkhorn");
  eid_fill (u, 0);
  for (guint i = 0; i < iterations; i++)
    {
      EID_ROWS (device, "statistics:sinkhorn_columns", blocks, T (scores), T (u), T (v), I (blocks), I (rows),
                I (columns), F (1 / epsilon));
      EID_ROWS (device, "statistics:sinkhorn_rows", rows, T (scores), T (v), T (u), I (rows), I (columns),
                F (1 / epsilon));
    }
  EID_ROWS (device, "statistics:sinkhorn_result", rows, T (scores), T (u), T (v), T (out), I (rows),
            I (columns), F (1 / epsilon));
  eid_scratch_free (u);
  eid_scratch_free (v);
  EID_RECORD (out, "sinkhorn", NULL, scores);
  return out;
}
