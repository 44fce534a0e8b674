/* embedding.c: numbers of tokens to vectors. */

#include "private.h"

#include <glib/gi18n-lib.h>

/* Each row of the table adds up what came back to it, in the order of the tokens. */
static void
embedding_backward (EidNode *node)
{
  EidTensor *table = node->inputs[0], *index = node->inputs[1], *dy = node->output->gradient;
  gint accumulate;
  EidTensor *dtable = eid_gradient_of (table, &accumulate), *sums = dtable;
  gsize rows = eid_dim (table, 0);

  if (dtable == NULL)
    return;
  if (dtable->type != EID_F32)
    sums = eid_scratch (table->device, table->shape, "embedding");
  EID_ROWS (table->device, "embedding:embedding_backward", rows, T (dy), T (index), T (sums), I (rows),
            I (eid_last (table)), I (eid_tensor_count (index)), I (sums == dtable && accumulate));
  if (sums != dtable)
    {
      eid_add_scaled (dtable, sums, 1, accumulate);
      eid_scratch_free (sums);
    }
}

EidTensor *
eid_embedding (EidTensor *table, EidTensor *index)
{
  EidType type = table->half ? EID_BF16 : table->type;
  EidShape shape = index->shape;
  gsize rows = eid_tensor_count (index);
  EidTensor *out;

  if (!eid_require (table->device,
                    table->shape.rank == 2 && eid_is_float (table) && index->type == EID_I32
                        && shape.rank < EID_MAX_RANK,
                    "embedding", _ ("the table must be [V, D], the tokens whole numbers")))
    return eid_output (table->device, "embedding", EID_F32, EID_SHAPE (1));
  shape.dim[shape.rank++] = eid_last (table);
  out = eid_output (table->device, "embedding", type, shape);
  EID_ROWS (table->device, "embedding:embedding", rows, T (eid_operand (table, type)), T (index), T (out),
            I (rows), I (eid_last (table)));
  EID_RECORD (out, "embedding", embedding_backward, table, index);
  return out;
}
