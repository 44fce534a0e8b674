/* index.c: looking things up by number: rows of a table, places in rows, the
 * largest of a row. Choosing tokens of pictures stands in tokens.c.
 *
 * Gradients of what is taken more than once are summed by the first that took
 * it, in order, so that the same numbers come every time.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* --- Rows of a table --------------------------------------------------------- */

static void
embedding_backward (EidNode *node)
{
  EidTensor *table = node->inputs[0], *index = node->inputs[1];
  gsize rows = eid_tensor_count (index);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (table, &accumulate), *sums = dx;

  if (dx == NULL)
    return;
  if (dx->type != EID_F32)
    sums = eid_scratch (table->device, table->shape, "embedding");
  if (sums != dx || !accumulate)
    eid_fill (sums, 0);
  EID_ROWS (table->device, "index:embedding_backward", rows, T (node->output->gradient), T (index), T (sums),
            I (rows), I (eid_last (table)), I (eid_dim (table, 0)));
  if (sums != dx)
    {
      eid_add_scaled (dx, sums, 1, accumulate);
      eid_scratch_free (sums);
    }
}

EidTensor *
eid_embedding (EidTensor *table, EidTensor *index)
{
  EidDevice *device = table->device;
  EidType type = table->half ? EID_BF16 : table->type;
  gsize rows = eid_tensor_count (index);
  EidShape shape = index->shape;
  EidTensor *out;

  if (!eid_require (device,
                    table->shape.rank == 2 && eid_dim (table, 0) > 0 && index->type == EID_I32
                        && index->shape.rank < EID_MAX_RANK,
                    "embedding", _ ("the table must be [V, D], the index whole numbers"))
      || !eid_require_floats ("embedding", table, NULL))
    return eid_output (device, "embedding", EID_F32, EID_SHAPE (1));
  shape.dim[shape.rank++] = eid_last (table);
  out = eid_output (device, "embedding", type, shape);
  EID_ROWS (device, "index:embedding", rows, T (eid_operand (table, type)), T (index), T (out), I (rows),
            I (eid_last (table)), I (eid_dim (table, 0)));
  EID_RECORD (out, "embedding", embedding_backward, table, index);
  return out;
}

/* --- Places in rows ------------------------------------------------------------ */

/* few [rows, k] (+)= what lies at @index in many [rows, n] */
static void
take (EidTensor *many, EidTensor *index, EidTensor *few, gint accumulate)
{
  gsize rows = eid_leading (few);

  EID_ROWS (few->device, "index:take", rows, T (many), T (index), T (few), I (rows), I (eid_last (many)),
            I (eid_last (few)), I (accumulate));
}

/* The other way round, adding. */
static void
give (EidTensor *few, EidTensor *index, EidTensor *many)
{
  gsize rows = eid_leading (few);

  EID_ROWS (few->device, "index:give", rows, T (few), T (index), T (many), I (rows), I (eid_last (many)),
            I (eid_last (few)));
}

static void
gather_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx == NULL)
    return;
  if (!accumulate)
    eid_fill (dx, 0);
  give (node->output->gradient, node->inputs[1], dx);
}

EidTensor *
eid_gather (EidTensor *x, EidTensor *index)
{
  EidTensor *out = eid_output (x->device, "gather", x->type, index->shape);

  if (!eid_require (x->device,
                    index->type == EID_I32 && index->shape.rank == x->shape.rank && eid_last (x) > 0
                        && eid_leading (index) == eid_leading (x),
                    "gather", _ ("the index must be whole numbers [.., K] for the rows of [.., N]"))
      || !eid_require_floats ("gather", x, NULL))
    return out;
  take (x, index, out, FALSE);
  EID_RECORD (out, "gather", gather_backward, x, index);
  return out;
}

static void
scatter_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx)
    take (node->output->gradient, node->inputs[1], dx, accumulate);
}

EidTensor *
eid_scatter (EidTensor *x, EidTensor *index, guint n)
{
  EidShape shape = x->shape;
  EidTensor *out;

  shape.dim[shape.rank - 1] = n;
  out = eid_output (x->device, "scatter", x->type, shape);
  if (!eid_require (x->device, index->type == EID_I32 && eid_shape_equal (index->shape, x->shape) && n > 0,
                    "scatter", _ ("the index must be whole numbers, one for each of the values"))
      || !eid_require_floats ("scatter", x, NULL))
    return out;
  eid_fill (out, 0);
  give (x, index, out);
  EID_RECORD (out, "scatter", scatter_backward, x, index);
  return out;
}

/* --- The largest ------------------------------------------------------------------ */

EidTensor *
eid_top_k (EidTensor *x, guint k, EidTensor **index)
{
  EidShape shape = x->shape;
  gsize rows = eid_leading (x);
  EidTensor *places;

  if (!eid_require (x->device, k > 0 && k <= eid_last (x), "top_k", _ ("there are no %u among %u"), k,
                    eid_last (x))
      || !eid_require_floats ("top_k", x, NULL))
    shape = EID_SHAPE (1);
  else
    shape.dim[shape.rank - 1] = k;
  places = eid_output (x->device, "top_k", EID_I32, shape);
  EID_ROWS (x->device, "index:top_k", rows, T (x), T (places), I (rows), I (eid_last (x)), I (k));
  if (index)
    *index = places;
  return eid_gather (x, places);
}

/* --- A ring of rows ----------------------------------------------------------------- */

void
eid_ring_write (EidTensor *ring, EidTensor *cursor, EidTensor *rows)
{
  EidDevice *device = ring->device;
  guint length = eid_dim (ring, 0), width = eid_last (ring);
  gsize count = eid_leading (rows), skipped = count > length ? count - length : 0;

  if (!eid_require (device,
                    ring->shape.rank == 2 && length > 0 && eid_last (rows) == width
                        && eid_tensor_count (cursor) == 1,
                    "ring_write", _ ("the rows must be as wide as the ring's %u"), width)
      || !eid_require_floats ("ring_write", ring, rows))
    return;
  rows = eid_cast (rows, EID_F32);
  EID_MAP (device, "index:ring_write", (count - skipped) * width, T (ring), T (cursor), T (rows), I (length),
           I (width), I (skipped), I ((count - skipped) * width));
  EID_MAP (device, "index:ring_advance", 1, T (cursor), I (count), I (length));
}
