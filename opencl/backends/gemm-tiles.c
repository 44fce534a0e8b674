/* gemm-tiles.c: matrix products in 16 bits by tiles (tile.h), on all cores.
 *
 * B is packed by all threads together; then each takes some rows of C at a time, packs those of A, so that
 * they stay in its cache of the second level, and multiplies them with all of B. Who comes late, for
 * threads take their time to wake, finds less to do.
 *
 * Where A is transposed, as in the gradient of a weight, the sum is long and C small: then each thread
 * takes a rectangle of C, and packs what it needs of both operands for a run of the sum, and of the next,
 * and waits for nobody.
 *
 * While a thread multiplies, what it is to pack next comes into the cache.
 *
 * Each number is summed by one thread, in one order: results do not depend on how many there are.
 */

#include "opencl/backends/gemm-tiles.h"
#include "opencl/core/thread-scratch.h"
#include "opencl/backends/tile.h"

#include <omp.h>

#define LONG_SUM    256          /* numbers of a run of the sum, so that both operands stay in the cache */
#define LONGEST_SUM 8192         /* that is made in one run                                              */
#define CACHED      (200 * 1024) /* bytes of A's rows that are multiplied at once                        */
#define MOST_TILES  16           /* of them                                                              */
#define CACHED_B    (600 * 1024) /* bytes of B that stay in the cache beside them                        */
#define SAME_PLACE  4096         /* bytes, after which memory has the same place in a cache              */
#define FEW         4            /* tiles of rows for a thread                                           */
#define RUN         32           /* rows of B that are packed as one piece                               */
#define PATIENCE    1000         /* looks, until the core is lent to whom one waits for                  */
#define LEAST       8            /* rows and columns for which it pays                                   */

typedef struct
{
  EidGemm gemm;
  const EidBf16 *a, *b, *residual;
  const float *bias;
  gpointer c;
  guint32 *packed_b;  /* by all; NULL: each thread packs what it needs */
  gboolean is_packed; /* already */

  gint next_pack, packed; /* of B's pieces: the first that nobody took, how many are done */
  gint next_row;          /* in tiles, counted through all parts of the columns           */
} Call;

/* A run of the sum. */
typedef struct
{
  guint first, length, pairs;
  gsize step_a, step_b; /* words from one packed operand to the next */
} Run;

/* The part of C that a thread makes, in tiles. */
typedef struct
{
  guint first_row, last_row, first_column, last_column;
} Part;

static Run
run_at (const EidGemm *gemm, guint first)
{
  guint length = MIN (gemm->k - first, gemm->transpose_a ? LONG_SUM : LONGEST_SUM);

  return (Run){ .first = first,
                .length = length,
                .pairs = (length + 1) / 2,
                .step_a = eid_tile_words (length, EID_TILE_ROWS),
                .step_b = eid_tile_words (length, EID_TILE_COLUMNS) };
}

/* Into so many parts down and across C is cut. */
static Part
part_at (const EidGemm *gemm, guint thread, guint down, guint across)
{
  guint64 rows = eid_tiles_in (gemm->m, EID_TILE_ROWS), columns = eid_tiles_in (gemm->n, EID_TILE_COLUMNS);
  guint i = thread / across, j = thread % across;

  return (Part){ .first_row = rows * i / down,
                 .last_row = rows * (i + 1) / down,
                 .first_column = columns * j / across,
                 .last_column = columns * (j + 1) / across };
}

/* Such a rectangle that a thread packs least. */
static Part
part_of_both (const EidGemm *gemm, guint thread, guint threads)
{
  guint best = 1;

  for (guint across = 1; across <= threads; across++)
    if (threads % across == 0
        && gemm->m / (threads / across) + gemm->n / across < gemm->m / (threads / best) + gemm->n / best)
      best = across;
  return part_at (gemm, thread, threads / best, best);
}

/* --- Packing --------------------------------------------------------------------------- */

static void
pack_piece_of_b (const Call *call, const Run *run, guint piece)
{
  const EidGemm *g = &call->gemm;
  guint n = piece * EID_TILE_LANES, k = piece * RUN;

  if (g->transpose_b)
    eid_tile_pack_rows (call->b + (gsize) n * g->ldb, g->ldb, MIN (g->n - n, EID_TILE_LANES), g->k,
                        call->packed_b + n / EID_TILE_COLUMNS * run->step_b + n % EID_TILE_COLUMNS,
                        run->step_b, EID_TILE_COLUMNS);
  else
    eid_tile_pack_columns (call->b + (gsize) k * g->ldb, g->ldb, MIN (g->k - k, RUN), g->n,
                           call->packed_b + k / 2 * EID_TILE_COLUMNS, run->step_b, EID_TILE_COLUMNS);
}

/* With the other threads, until all of it is done. */
static void
pack_b (Call *call, const Run *run)
{
  const EidGemm *g = &call->gemm;
  gint pieces = g->transpose_b ? eid_tiles_in (g->n, EID_TILE_LANES) : eid_tiles_in (g->k, RUN), piece;

  while ((piece = g_atomic_int_add (&call->next_pack, 1)) < pieces)
    {
      pack_piece_of_b (call, run, piece);
      g_atomic_int_inc (&call->packed);
    }
  for (guint i = 0; g_atomic_int_get (&call->packed) < pieces; i++)
    if (i >= PATIENCE) /* whose turn it is has lost its core */
      g_thread_yield ();
}

/* --- What comes next, into the cache ------------------------------------------------------ */

static EidAhead
ahead_of (const EidBf16 *x, gsize ld, gsize first_row, gsize last_row, gsize first, gsize last)
{
  guint lines = ((last - first) * sizeof *x + EID_TILE_LINE - 1) / EID_TILE_LINE;

  return (EidAhead){ .at = (const char *) (x + first_row * ld + first),
                     .row = ld * sizeof *x,
                     .lines = lines,
                     .left = lines,
                     .rows = last_row - first_row };
}

/* Evenly over so many tiles. */
static void
ahead_spread (EidAhead ahead[2], gsize tiles, const Run *run)
{
  gsize lines = 0;

  for (guint i = 0; i < 2; i++)
    lines += (gsize) ahead[i].rows * ahead[i].lines;
  for (guint i = 0; i < 2; i++)
    ahead[i].pairs = lines ? CLAMP (tiles * run->pairs / lines, 1, run->pairs) : run->pairs;
}

/* --- Multiplying ------------------------------------------------------------------------ */

/* Whether A's rows of a tile are multiplied as they lie: they are not transposed, all there, of an even
 * number of numbers, and not in each other's way in the cache. */
static gboolean
lies_well (const EidGemm *g, guint row)
{
  return !g->transpose_a && (row + 1) * EID_TILE_ROWS <= g->m && g->k % 2 == 0
         && g->lda * sizeof (EidBf16) % SAME_PLACE != 0;
}

static void
multiply_tile (const Call *call, const Run *run, guint row, guint column, const guint32 *a, const guint32 *b,
               EidAhead ahead[2])
{
  const EidGemm *g = &call->gemm;
  guint top = row * EID_TILE_ROWS, left = column * EID_TILE_COLUMNS;
  gsize at = (gsize) top * g->ldc + left;
  EidTile tile = {
    .c = (char *) call->c + at * eid_type_size (g->type_c),
    .row = g->ldc,
    .rows = MIN (g->m - top, EID_TILE_ROWS),
    .columns = MIN (g->n - left, EID_TILE_COLUMNS),
    .half = g->type_c == EID_BF16,
    .add = g->accumulate || run->first > 0,
    .bias = call->bias ? call->bias + left : NULL,
    .residual = call->residual ? call->residual + at : NULL,
    .relu = g->relu,
    .ahead = &ahead[ahead[0].rows == 0],
  };

  if (lies_well (g, row))
    eid_tile_multiply_rows (&tile, call->a + (gsize) top * g->lda, g->lda, b, run->pairs);
  else
    eid_tile_multiply (&tile, a, b, run->pairs);
}

/* Rows with packed columns, both the part's. Row by row, as C lies, where all columns stay in the cache. */
static void
multiply_part (const Call *call, const Run *run, const Part *part, const guint32 *a, const guint32 *b,
               EidAhead ahead[2])
{
  guint rows = part->last_row - part->first_row, columns = part->last_column - part->first_column;
  gboolean by_rows = columns * run->step_b * sizeof (guint32) <= CACHED_B;

  for (guint i = 0; i < (by_rows ? rows : columns); i++)
    for (guint j = 0; j < (by_rows ? columns : rows); j++)
      {
        guint row = by_rows ? i : j, column = by_rows ? j : i;

        multiply_tile (call, run, part->first_row + row, part->first_column + column, a + row * run->step_a,
                       b + column * run->step_b, ahead);
      }
}

/* Takes rows of a part that nobody took, many at first and few at the end, so that all threads end at
 * once. FALSE: there are none left. */
static gboolean
take_rows (Call *call, guint across, guint threads, guint most, Part *part)
{
  guint rows = eid_tiles_in (call->gemm.m, EID_TILE_ROWS), all = rows * across, first, n;

  do
    {
      first = g_atomic_int_get (&call->next_row);
      if (first >= all)
        return FALSE;
      n = MIN (CLAMP ((all - first) / (2 * threads), 1, most), rows - first % rows);
    }
  while (!g_atomic_int_compare_and_exchange (&call->next_row, first, first + n));
  *part = part_at (&call->gemm, first / rows, 1, across);
  part->first_row = first % rows;
  part->last_row = part->first_row + n;
  return TRUE;
}

static void
multiply_rows (Call *call, const Run *run, guint threads)
{
  const EidGemm *g = &call->gemm;
  guint rows = eid_tiles_in (g->m, EID_TILE_ROWS), columns = eid_tiles_in (g->n, EID_TILE_COLUMNS),
        across = 1;
  guint most = CLAMP (CACHED / (run->step_a * sizeof (guint32)), 1, MOST_TILES);
  guint32 *a = eid_thread_scratch (EID_SCRATCH_PACKED, most * run->step_a * sizeof (guint32));
  Part part;

  while (rows * across < FEW * threads && columns >= 2 * across) /* few rows: of some columns */
    across *= 2;
  while (take_rows (call, across, threads, most, &part))
    {
      guint n = part.last_row - part.first_row;
      gsize next = MIN ((part.first_row + n * threads) * EID_TILE_ROWS, g->m); /* after the others' */
      EidAhead ahead[2] = { ahead_of (call->a, g->lda, next, MIN (next + n * EID_TILE_ROWS, g->m), 0, g->k) };

      for (guint row = part.first_row; row < part.last_row; row++)
        if (!lies_well (g, row))
          eid_tile_pack_rows (call->a + (gsize) row * EID_TILE_ROWS * g->lda, g->lda,
                              MIN (g->m - row * EID_TILE_ROWS, EID_TILE_ROWS), g->k,
                              a + (row - part.first_row) * run->step_a, run->step_a, EID_TILE_ROWS);
      ahead_spread (ahead, (gsize) n * (part.last_column - part.first_column), run);
      multiply_part (call, run, &part, a, call->packed_b + part.first_column * run->step_b, ahead);
    }
}

static void
multiply_run (const Call *call, const Run *run, const Part *part)
{
  const EidGemm *g = &call->gemm;
  guint rows = part->last_row - part->first_row, columns = part->last_column - part->first_column;
  guint top = part->first_row * EID_TILE_ROWS, left = part->first_column * EID_TILE_COLUMNS;
  guint32 *a = eid_thread_scratch (EID_SCRATCH_PACKED,
                                   (rows * run->step_a + columns * run->step_b) * sizeof (guint32));
  guint32 *b = a + rows * run->step_a;
  guint next = run->first + run->length, end = MIN (next + run->length, g->k);
  guint bottom = MIN (part->last_row * EID_TILE_ROWS, g->m),
        right = MIN (part->last_column * EID_TILE_COLUMNS, g->n);
  EidAhead ahead[2] = { ahead_of (call->a, g->lda, next, end, top, bottom),
                        ahead_of (call->b, g->ldb, next, end, left, right) };

  eid_tile_pack_columns (call->a + (gsize) run->first * g->lda + top, g->lda, run->length, bottom - top, a,
                         run->step_a, EID_TILE_ROWS);
  eid_tile_pack_columns (call->b + (gsize) run->first * g->ldb + left, g->ldb, run->length, right - left, b,
                         run->step_b, EID_TILE_COLUMNS);
  ahead_spread (ahead, (gsize) rows * columns, run);
  multiply_part (call, run, part, a, b, ahead);
}

/* --- In the queue ------------------------------------------------------------------------ */

static void
run_by_rows (void *data)
{
  Call *call = data;
  Run run = run_at (&call->gemm, 0);

#pragma omp parallel
  {
    if (!call->is_packed)
      pack_b (call, &run);
    multiply_rows (call, &run, omp_get_num_threads ());
  }
}

static void
run_by_sums (void *data)
{
  const Call *call = data;

#pragma omp parallel
  {
    Part part = part_of_both (&call->gemm, omp_get_thread_num (), omp_get_num_threads ());
    Run run = { 0 };

    if (part.first_row < part.last_row && part.first_column < part.last_column)
      for (guint first = 0; first < call->gemm.k; first += run.length)
        {
          run = run_at (&call->gemm, first);
          multiply_run (call, &run, &part);
        }
  }
}

gboolean
eid_gemm_tiles_fit (const EidGemm *gemm)
{
  gboolean in_one_run = !gemm->transpose_a && gemm->k <= LONGEST_SUM;
  gboolean in_runs = gemm->transpose_a && gemm->type_c == EID_F32 && !gemm->has_bias && !gemm->has_residual;

  return eid_tiles_usable () && gemm->type_a == EID_BF16 && gemm->type_b == EID_BF16
         && gemm->outer * gemm->inner == 1 && (!gemm->accumulate || gemm->type_c == EID_F32)
         && gemm->m >= LEAST && gemm->n >= LEAST && (in_one_run || in_runs)
         && (!gemm->has_residual || gemm->type_c == EID_BF16);
}

static gpointer
start_of (EidTensor *x, guint64 offset)
{
  return x ? (char *) x->buffer->host + offset * eid_type_size (x->type) : NULL;
}

void
eid_gemm_tiles_run (EidDevice *device, const EidGemm *gemm, const EidOperands *operands, const char *name,
                    EidTensor **packed)
{
  EidShape shape = EID_SHAPE (eid_tiles_in (gemm->n, EID_TILE_COLUMNS), run_at (gemm, 0).step_b);
  EidTensor *held = packed ? *packed : NULL, *own = NULL;

  if (!gemm->transpose_a && !held)
    own = eid_scratch (device, shape, "matrix product");
  if (eid_device_ok (device))
    {
      EidTensor *packed_b = held ? held : own;
      EidTensor *const tensors[] = { operands->a,    held ? NULL : operands->b, operands->c,
                                     operands->bias, operands->residual,        packed_b };
      Call call = {
        .gemm = *gemm,
        .a = start_of (operands->a, gemm->offset_a),
        .b = held ? NULL : start_of (operands->b, gemm->offset_b),
        .c = start_of (operands->c, gemm->offset_c),
        .bias = start_of (operands->bias, 0),
        .residual = start_of (operands->residual, 0),
        .packed_b = start_of (packed_b, 0),
        .is_packed = held != NULL,
      };

      eid_native (device, name, 2.0 * gemm->m * gemm->n * gemm->k, packed_b ? run_by_rows : run_by_sums,
                  &call, sizeof call, tensors, G_N_ELEMENTS (tensors));
    }
  if (packed && !held)
    *packed = own;
  else
    g_clear_pointer (&own, eid_scratch_free);
}
