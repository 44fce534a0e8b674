/* gemm-onednn.c: matrix multiplication by oneDNN, for processors.
 *
 * Runs inside a native kernel on the device's own queue, so that it keeps its
 * place among the kernels and shares their memory. A primitive is made once a
 * shape and kept.
 */

#include "opencl/backends/onednn.h"

#include <glib/gi18n-lib.h>
#include <omp.h>

typedef struct
{
  EidGemm gemm; /* the key, without offsets */
  EidPrimitive *primitive;
} Multiply;

EID_ONEDNN_KEY (multiply, EidGemm)

static void
multiply_free (gpointer data)
{
  Multiply *multiply = data;

  eid_primitive_free (multiply->primitive);
  g_free (multiply);
}

/* [outer, inner, rows, columns], without those of the first two that are 1: where a dimension makes no
 * step, oneDNN takes its slow reference. */
static EidLayout
lay_out (const EidGemm *gemm, EidType type, guint rows, guint columns, gboolean transposed, guint ld,
         const guint64 stride[2])
{
  const guint64 sizes[] = { gemm->outer, gemm->inner, rows, columns };
  const guint64 strides[] = { stride[0], stride[1], transposed ? 1 : ld, transposed ? ld : 1 };
  EidLayout layout = { .type = type };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    if (i >= 2 || sizes[i] > 1)
      {
        layout.dims[layout.rank] = sizes[i];
        layout.strides[layout.rank++] = strides[i];
      }
  return layout;
}

static Multiply *
multiply_new (const EidGemm *key)
{
  Multiply *multiply = g_new0 (Multiply, 1);
  const EidLayout a = lay_out (key, key->type_a, key->m, key->k, key->transpose_a, key->lda, key->stride_a);
  const EidLayout b = lay_out (key, key->type_b, key->k, key->n, key->transpose_b, key->ldb, key->stride_b);
  const EidLayout c = lay_out (key, key->type_c, key->m, key->n, FALSE, key->ldc, key->stride_c);
  const EidLayout bias = { EID_F32, .rank = 2, .dims = { 1, key->n }, .strides = { key->n, 1 } };
  const EidEpilogue epilogue = { .accumulate = key->accumulate, .residual = key->has_residual ? &c : NULL };
  const guint callers = eid_onednn_cuts_by_threads () ? omp_get_max_threads () : 0;

  multiply->gemm = *key;
  multiply->primitive = eid_onednn_product (&a, &b, key->has_bias ? &bias : NULL, &c, &epilogue, callers);
  if (multiply->primitive == NULL)
    g_clear_pointer (&multiply, multiply_free);
  return multiply;
}

/* The gradient of a weight sums over all rows of a batch. oneDNN walks through them with strides that
 * no cache likes; in runs of about so many rows it is up to 1.4 times as fast. */
#define LONG_SUM 1024

/* Where bits depend on the number of threads, each takes pieces of C of so many rows, alone. */
#define LEAST_ROWS 64
#define MOST_ROWS  256
#define PIECES     8

enum
{
  FIRST,
  BETWEEN,
  LAST,
  KINDS
};

/* A product in so many runs, each over the rows after the last run's, and in pieces of rows of C; the last
 * piece may have fewer. */
typedef struct
{
  Multiply *multiply[KINDS], *multiply_last[KINDS]; /* of a piece, and of the last */
  EidGemm gemm;
  char *a, *b, *c, *residual;
  gpointer bias;
  guint runs;
  gsize step_a, step_b; /* bytes from a run to the next */
  guint pieces;         /* of each matrix               */
  gsize row_a, row_c;   /* bytes from a piece to the next */
  gboolean alone;       /* a thread makes a piece       */
} Call;

/* Piece @piece of matrix @matrix, on thread @thread. */
static void
run_piece (const Call *call, guint matrix, guint piece, guint thread)
{
  const EidGemm *g = &call->gemm;
  guint64 outer = matrix / g->inner, inner = matrix % g->inner;
  gsize a = (outer * g->stride_a[0] + inner * g->stride_a[1]) * eid_type_size (g->type_a);
  gsize b = (outer * g->stride_b[0] + inner * g->stride_b[1]) * eid_type_size (g->type_b);
  gsize c = (outer * g->stride_c[0] + inner * g->stride_c[1]) * eid_type_size (g->type_c);

  for (guint i = 0; i < call->runs; i++)
    {
      guint kind = i == 0 ? FIRST : i + 1 == call->runs ? LAST : BETWEEN;
      gpointer const arrays[EID_N_SLOTS] = {
        [EID_SLOT_A] = call->a + a + i * call->step_a + piece * call->row_a,
        [EID_SLOT_B] = call->b + b + i * call->step_b,
        [EID_SLOT_C] = call->c + c + piece * call->row_c,
        [EID_SLOT_BIAS] = call->bias,
        [EID_SLOT_RESIDUAL] = call->residual ? call->residual + c + piece * call->row_c : NULL,
      };

      eid_primitive_run ((piece + 1 == call->pieces ? call->multiply_last : call->multiply)[kind]->primitive,
                         thread, arrays);
    }
}

static void
run_native (void *data)
{
  const Call *call = data;
  guint matrices = call->gemm.outer * call->gemm.inner;

  if (!call->alone)
    run_piece (call, 0, 0, 0);
  else
    {
#pragma omp parallel for collapse(2) schedule(static)
      for (guint matrix = 0; matrix < matrices; matrix++)
        for (guint piece = 0; piece < call->pieces; piece++)
          run_piece (call, matrix, piece, omp_get_thread_num ());
    }
}

/* The primitive for this product, made the first time it is asked for; NULL if oneDNN has none. */
static Multiply *
multiply_get (GHashTable *multiplies, const EidGemm *gemm)
{
  EidGemm key = *gemm;
  Multiply *multiply;

  key.offset_a = key.offset_b = key.offset_c = 0;
  multiply = g_hash_table_lookup (multiplies, &key);
  if (multiply == NULL)
    {
      multiply = multiply_new (&key);
      if (multiply)
        g_hash_table_add (multiplies, multiply);
    }
  return multiply;
}

static gpointer
start_of (EidTensor *x, guint64 offset)
{
  return x ? (char *) x->buffer->host + offset * eid_type_size (x->type) : NULL;
}

/* Into how many runs the sum is cut. */
static guint
runs_of (const EidGemm *gemm)
{
  gboolean is_weight_gradient = gemm->transpose_a && !gemm->transpose_b && gemm->type_c == EID_F32
                                && gemm->outer * gemm->inner == 1 && !gemm->has_bias && !gemm->has_residual;

  return is_weight_gradient ? (gemm->k + LONG_SUM - 1) / LONG_SUM : 1;
}

/* The primitives of a piece of @gemm, for each kind of run. */
static gboolean
get_kinds (GHashTable *multiplies, const EidGemm *gemm, guint runs, guint length, Multiply *kinds[KINDS])
{
  for (guint kind = FIRST; kind < KINDS; kind++)
    {
      EidGemm part = *gemm;

      if (kind > FIRST)
        part.accumulate = TRUE; /* onto the runs before */
      part.k = kind == LAST || runs == 1 ? gemm->k - (runs - 1) * length : length;
      kinds[kind] = runs == 1 && kind > FIRST ? kinds[FIRST] : multiply_get (multiplies, &part);
      if (kinds[kind] == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
onednn_run (gpointer state, EidDevice *device, const EidGemm *gemm, const EidOperands *operands)
{
  guint runs = runs_of (gemm), length = runs > 1 ? (gemm->k / runs + 31) / 32 * 32 : gemm->k;
  gboolean alone = eid_onednn_cuts_by_threads ();
  guint rows = alone ? CLAMP (gemm->m / PIECES, LEAST_ROWS, MOST_ROWS) : gemm->m;
  Call call = {
    .gemm = *gemm,
    .a = start_of (operands->a, gemm->offset_a),
    .b = start_of (operands->b, gemm->offset_b),
    .c = start_of (operands->c, gemm->offset_c),
    .bias = start_of (operands->bias, 0),
    .residual = start_of (operands->residual, 0),
    .runs = (gemm->k + length - 1) / length,
    .step_a = (gsize) length * gemm->lda * eid_type_size (gemm->type_a),
    .step_b = (gsize) length * gemm->ldb * eid_type_size (gemm->type_b),
    .pieces = (gemm->m + rows - 1) / rows,
    .row_a = (gsize) rows * (gemm->transpose_a ? 1 : gemm->lda) * eid_type_size (gemm->type_a),
    .row_c = (gsize) rows * gemm->ldc * eid_type_size (gemm->type_c),
    .alone = alone,
  };
  EidTensor *const tensors[] = { operands->a, operands->b, operands->c, operands->bias, operands->residual };
  double work = 2.0 * gemm->m * gemm->n * gemm->k * gemm->outer * gemm->inner;
  EidGemm piece = *gemm, last;

  if (alone)
    {
      piece.outer = piece.inner = 1;
      memset (piece.stride_a, 0, sizeof piece.stride_a);
      memset (piece.stride_b, 0, sizeof piece.stride_b);
      memset (piece.stride_c, 0, sizeof piece.stride_c);
    }
  last = piece;
  piece.m = MIN (rows, gemm->m);
  last.m = gemm->m - (call.pieces - 1) * rows;
  if (!get_kinds (state, &piece, call.runs, length, call.multiply)
      || !get_kinds (state, &last, call.runs, length, call.multiply_last))
    {
      eid_device_fail (device, EID_ERROR_FAILED, _ ("oneDNN cannot multiply %u × %u by %u × %u."), gemm->m,
                       gemm->k, gemm->k, gemm->n);
      return FALSE;
    }
  eid_native (device, "gemm", work, run_native, &call, sizeof call, tensors, G_N_ELEMENTS (tensors));
  return eid_device_ok (device);
}

static void
onednn_close (gpointer state)
{
  g_hash_table_unref (state);
}

static gpointer
onednn_open (EidDevice *device)
{
  if (!eid_onednn_starts ())
    eid_device_fail (device, EID_ERROR_FAILED, _ ("oneDNN cannot be started on this processor."));
  return g_hash_table_new_full (multiply_hash, multiply_equal, multiply_free, NULL);
}

const EidGemmBackend eid_gemm_onednn = {
  .name = "oneDNN",
  .complete = TRUE,
  .open = onednn_open,
  .run = onednn_run,
  .close = onednn_close,
};
