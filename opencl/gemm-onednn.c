/* gemm-onednn.c: matrix multiplication by oneDNN, for processors.
 *
 * Runs inside a native kernel on the device's own queue, so that it keeps its
 * place among the kernels and shares their memory. A primitive is made once a
 * shape and kept.
 */

#include "onednn.h"

#include <glib/gi18n-lib.h>

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

  multiply->gemm = *key;
  multiply->primitive = eid_onednn_product (&a, &b, key->has_bias ? &bias : NULL, &c, &epilogue, 0);
  if (multiply->primitive == NULL)
    g_clear_pointer (&multiply, multiply_free);
  return multiply;
}

/* The gradient of a weight sums over all rows of a batch. oneDNN walks through them with strides that
 * no cache likes; in runs of about so many rows it is up to 1.4 times as fast. */
#define LONG_SUM 1024

enum
{
  FIRST,
  BETWEEN,
  LAST,
  KINDS
};

/* A product in so many runs, each over the rows after the last run's. */
typedef struct
{
  Multiply *multiply[KINDS];
  char *a, *b;
  gpointer c, bias, residual;
  guint runs;
  gsize step_a, step_b; /* bytes */
} Call;

static void
run_native (void *data)
{
  const Call *call = data;

  for (guint i = 0; i < call->runs; i++)
    {
      gpointer const arrays[EID_N_SLOTS] = {
        [EID_SLOT_A] = call->a + i * call->step_a,
        [EID_SLOT_B] = call->b + i * call->step_b,
        [EID_SLOT_C] = call->c,
        [EID_SLOT_BIAS] = call->bias,
        [EID_SLOT_RESIDUAL] = call->residual,
      };

      eid_primitive_run (call->multiply[i == 0                ? FIRST
                                        : i + 1 == call->runs ? LAST
                                                              : BETWEEN]
                             ->primitive,
                         0, arrays);
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

static gboolean
onednn_run (gpointer state, EidDevice *device, const EidGemm *gemm, const EidOperands *operands)
{
  guint runs = runs_of (gemm), length = runs > 1 ? (gemm->k / runs + 31) / 32 * 32 : gemm->k;
  Call call = {
    .a = start_of (operands->a, gemm->offset_a),
    .b = start_of (operands->b, gemm->offset_b),
    .c = start_of (operands->c, gemm->offset_c),
    .bias = start_of (operands->bias, 0),
    .residual = start_of (operands->residual, 0),
    .runs = (gemm->k + length - 1) / length,
    .step_a = (gsize) length * gemm->lda * eid_type_size (gemm->type_a),
    .step_b = (gsize) length * gemm->ldb * eid_type_size (gemm->type_b),
  };
  EidTensor *const tensors[] = { operands->a, operands->b, operands->c, operands->bias, operands->residual };
  double work = 2.0 * gemm->m * gemm->n * gemm->k * gemm->outer * gemm->inner;

  for (guint kind = FIRST; kind < KINDS; kind++)
    {
      EidGemm part = *gemm;

      if (kind > FIRST)
        part.accumulate = TRUE; /* onto the runs before */
      part.k = kind == LAST || call.runs == 1 ? gemm->k - (call.runs - 1) * length : length;
      call.multiply[kind] =
          call.runs == 1 && kind > FIRST ? call.multiply[FIRST] : multiply_get (state, &part);
      if (call.multiply[kind] == NULL)
        {
          eid_device_fail (device, EID_ERROR_FAILED, _ ("oneDNN cannot multiply %u × %u by %u × %u."),
                           gemm->m, gemm->k, gemm->k, gemm->n);
          return FALSE;
        }
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
