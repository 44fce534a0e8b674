/* product-tiles.c: small matrix products in 16 bits for one thread, by tiles (tile.h). Both operands stay in
 * the cache: B is packed whole, and A where it does not lie in rows that are multiplied as they are.
 */

#include "opencl/backends/product.h"
#include "opencl/core/thread-scratch.h"
#include "opencl/backends/tile.h"

gboolean
eid_product_by_tiles (const EidProductKey *key)
{
  return key->type == EID_BF16 && eid_tiles_usable ();
}

static void
pack_b (const EidProductKey *key, const EidBf16 *b, guint32 *to, gsize step)
{
  if (key->transpose_b)
    eid_tile_pack_rows (b, key->row_b, key->n, key->k, to, step, EID_TILE_COLUMNS);
  else
    eid_tile_pack_columns (b, key->row_b, key->k, key->n, to, step, EID_TILE_COLUMNS);
}

void
eid_product_run_tiles (const EidProductKey *key, gconstpointer a, gconstpointer b, float *c)
{
  guint pairs = (key->k + 1) / 2;
  guint rows = eid_tiles_in (key->m, EID_TILE_ROWS), columns = eid_tiles_in (key->n, EID_TILE_COLUMNS);
  gsize step_a = eid_tile_words (key->k, EID_TILE_ROWS), step_b = eid_tile_words (key->k, EID_TILE_COLUMNS);
  guint32 *packed_b = eid_thread_scratch (
      EID_SCRATCH_PACKED, (columns * step_b + (key->transpose_a ? rows : 1) * step_a) * sizeof (guint32));
  guint32 *packed_a = packed_b + columns * step_b;

  pack_b (key, b, packed_b, step_b);
  if (key->transpose_a)
    eid_tile_pack_columns (a, key->row_a, key->k, key->m, packed_a, step_a, EID_TILE_ROWS);
  for (guint i = 0; i < rows; i++)
    {
      guint top = i * EID_TILE_ROWS, n = MIN (key->m - top, EID_TILE_ROWS);
      const EidBf16 *row = (const EidBf16 *) a + (gsize) top * key->row_a;
      gboolean as_they_lie = !key->transpose_a && n == EID_TILE_ROWS && key->k % 2 == 0;

      if (!key->transpose_a && !as_they_lie)
        eid_tile_pack_rows (row, key->row_a, n, key->k, packed_a, step_a, EID_TILE_ROWS);
      for (guint j = 0; j < columns; j++)
        {
          guint left = j * EID_TILE_COLUMNS;
          const EidTile tile = { .c = c + (gsize) top * key->row_c + left,
                                 .row = key->row_c,
                                 .rows = n,
                                 .columns = MIN (key->n - left, EID_TILE_COLUMNS),
                                 .add = key->add };

          if (as_they_lie)
            eid_tile_multiply_rows (&tile, row, key->row_a, packed_b + j * step_b, pairs);
          else
            eid_tile_multiply (&tile, packed_a + (key->transpose_a ? i * step_a : 0), packed_b + j * step_b,
                               pairs);
        }
    }
}
