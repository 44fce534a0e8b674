/* reduce.c: sums over columns and over everything, always in the same order. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

#define CHUNK_ROWS 16
#define MAX_CHUNKS 128

gsize
eid_row_chunks (gsize rows)
{
  return CLAMP (rows / CHUNK_ROWS, 1, MAX_CHUNKS);
}

void
eid_column_sums (EidTensor *x, EidTensor *out, gsize rows, guint columns, float scale, gint accumulate)
{
  gsize chunks = eid_row_chunks (rows);
  EidTensor *partial;

  if (rows == 1 && x->type == out->type)
    {
      EID_FLAT (x->device, "elementwise:add_scaled", columns, T (out), T (x), I (columns), F (scale),
                I (accumulate));
      return;
    }
  partial = eid_scratch (x->device, EID_SHAPE (chunks, columns), "column sums");
  EID_ROWS (x->device, "reduce:column_chunks", chunks, T (x), T (partial), I (rows), I (columns), I (chunks));
  EID_MAP (x->device, "reduce:add_chunks", columns, T (partial), T (out), I (chunks), I (columns), F (scale),
           I (accumulate));
  eid_scratch_free (partial);
}

static void
sum_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_MAP (x->device, "reduce:spread", eid_tensor_count (x), T (node->output->gradient), T (dx),
             I (eid_tensor_count (x)), F (node->floats[0]), I (accumulate));
}

/* A row of this many elements is summed at a time. */
#define SUM_ROW 1024

static EidTensor *
scaled_sum (EidTensor *x, const char *operation, float scale)
{
  gsize count = eid_tensor_count (x), rows = (count + SUM_ROW - 1) / SUM_ROW;
  EidTensor *out = eid_output (x->device, operation, EID_F32, EID_SHAPE (1));
  EidTensor *partial = eid_scratch (x->device, EID_SHAPE (rows), operation);
  EidNode *node;

  EID_ROWS (x->device, "reduce:row_sums", rows, T (x), T (partial), I (rows), I (SUM_ROW), I (count), F (1));
  EID_ROWS (x->device, "reduce:row_sums", 1, T (partial), T (out), I (1), I (rows), I (rows), F (scale));
  eid_scratch_free (partial);
  node = EID_RECORD (out, operation, sum_backward, x);
  if (node)
    node->floats[0] = scale;
  return out;
}

EidTensor *
eid_sum (EidTensor *x)
{
  return scaled_sum (x, "sum", 1);
}

EidTensor *
eid_mean (EidTensor *x)
{
  return scaled_sum (x, "mean", 1.0f / MAX (eid_tensor_count (x), 1));
}

void
eid_running_mean (EidTensor *mean, EidTensor *x, float momentum)
{
  gsize rows = eid_leading (x);
  guint columns = eid_last (x);

  if (!eid_require (x->device, x->shape.rank == 2 && rows > 0 && eid_tensor_count (mean) == columns,
                    "running_mean", _ ("the mean must have one number for each of %u columns"), columns)
      || !eid_require_floats ("running_mean", mean, x))
    return;
  eid_add_scaled (mean, mean, momentum, FALSE);
  eid_column_sums (x, mean, rows, columns, (1 - momentum) / rows, TRUE);
}
