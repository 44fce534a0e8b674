/* gemm-onednn.c: matrix multiplication by oneDNN, for processors.
 *
 * Runs inside a native kernel on the device's own queue, so that it keeps its
 * place among the kernels and shares their memory. A primitive is made once a
 * shape and kept.
 */

#include "onednn.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  EidGemm gemm; /* the key, without offsets */
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c, bias, residual; /* described; their data is set at each run */
} Multiply;

typedef struct
{
  GHashTable *multiplies;
} OneDnn;

EID_ONEDNN_KEY (multiply, EidGemm)

static void
multiply_free (gpointer data)
{
  Multiply *multiply = data;
  dnnl_memory_t memories[] = { multiply->a, multiply->b, multiply->c, multiply->bias, multiply->residual };

  if (multiply->primitive)
    dnnl_primitive_destroy (multiply->primitive);
  for (guint i = 0; i < G_N_ELEMENTS (memories); i++)
    if (memories[i])
      dnnl_memory_destroy (memories[i]);
  g_free (multiply);
}

/* [outer, inner, rows, columns], without those of the first two that are 1: where a dimension makes no
 * step, oneDNN takes its slow reference. */
static void
describe (dnnl_memory_desc_t *description, const EidGemm *gemm, EidType type, guint rows, guint columns,
          gboolean transposed, guint ld, const guint64 stride[2])
{
  const dnnl_dim_t row = transposed ? 1 : ld, column = transposed ? ld : 1;
  dnnl_dims_t dims = { 0 }, strides = { 0 };
  int rank = 0;

  if (gemm->outer > 1)
    {
      dims[rank] = gemm->outer;
      strides[rank++] = stride[0];
    }
  if (gemm->inner > 1)
    {
      dims[rank] = gemm->inner;
      strides[rank++] = stride[1];
    }
  dims[rank] = rows;
  strides[rank++] = row;
  dims[rank] = columns;
  strides[rank++] = column;
  dnnl_memory_desc_init_by_strides (description, rank, dims, eid_onednn_type (type), strides);
}

static dnnl_status_t
attributes_new (const EidGemm *key, const dnnl_memory_desc_t *c, dnnl_primitive_attr_t *attributes)
{
  dnnl_post_ops_t post = NULL;
  dnnl_status_t status = dnnl_primitive_attr_create (attributes);

  if (status == dnnl_success && key->alpha != 1)
    status = dnnl_primitive_attr_set_output_scales (*attributes, 1, 0, &key->alpha);
  if (status == dnnl_success)
    status = dnnl_post_ops_create (&post);
  if (status == dnnl_success && key->beta != 0)
    status = dnnl_post_ops_append_sum (post, key->beta);
  if (status == dnnl_success && key->has_residual)
    status = dnnl_post_ops_append_binary (post, dnnl_binary_add, c);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_post_ops (*attributes, post);
  if (post)
    dnnl_post_ops_destroy (post);
  return status;
}

static Multiply *
multiply_new (const EidGemm *key)
{
  Multiply *multiply = g_new0 (Multiply, 1);
  dnnl_engine_t engine = eid_onednn_engine ();
  dnnl_memory_desc_t a, b, c, bias;
  dnnl_matmul_desc_t matmul;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t primitive = NULL;
  dnnl_status_t status;
  const guint64 none[2] = { 0, 0 };

  multiply->gemm = *key;
  describe (&a, key, key->type_a, key->m, key->k, key->transpose_a, key->lda, key->stride_a);
  describe (&b, key, key->type_b, key->k, key->n, key->transpose_b, key->ldb, key->stride_b);
  describe (&c, key, key->type_c, key->m, key->n, FALSE, key->ldc, key->stride_c);
  describe (&bias, &(EidGemm){ .outer = 1, .inner = 1 }, EID_F32, 1, key->n, FALSE, key->n, none);

  status = dnnl_matmul_desc_init (&matmul, &a, &b, key->has_bias ? &bias : NULL, &c);
  if (status == dnnl_success)
    status = attributes_new (key, &c, &attributes);
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (&primitive, &matmul, attributes, engine, NULL);
  if (status == dnnl_success)
    status = dnnl_primitive_create (&multiply->primitive, primitive);
  if (status == dnnl_success)
    status = dnnl_memory_create (&multiply->a, &a, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&multiply->b, &b, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&multiply->c, &c, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && key->has_bias)
    status = dnnl_memory_create (&multiply->bias, &bias, engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && key->has_residual)
    status = dnnl_memory_create (&multiply->residual, &c, engine, DNNL_MEMORY_NONE);
  if (primitive)
    dnnl_primitive_desc_destroy (primitive);
  if (attributes)
    dnnl_primitive_attr_destroy (attributes);
  if (status != dnnl_success)
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
run (Multiply *multiply, gpointer a, gpointer b, const Call *call)
{
  dnnl_exec_arg_t args[5] = {
    { DNNL_ARG_SRC, multiply->a },
    { DNNL_ARG_WEIGHTS, multiply->b },
    { DNNL_ARG_DST, multiply->c },
  };
  guint n = 3;

  dnnl_memory_set_data_handle (multiply->a, a);
  dnnl_memory_set_data_handle (multiply->b, b);
  dnnl_memory_set_data_handle (multiply->c, call->c);
  if (call->bias)
    {
      dnnl_memory_set_data_handle (multiply->bias, call->bias);
      args[n++] = (dnnl_exec_arg_t){ DNNL_ARG_BIAS, multiply->bias };
    }
  if (call->residual)
    {
      guint place = multiply->gemm.beta != 0; /* after the sum */

      dnnl_memory_set_data_handle (multiply->residual, call->residual);
      args[n++] =
          (dnnl_exec_arg_t){ DNNL_ARG_ATTR_MULTIPLE_POST_OP (place) | DNNL_ARG_SRC_1, multiply->residual };
    }
  eid_onednn_execute (multiply->primitive, args, n);
}

static void
run_native (void *data)
{
  const Call *call = data;

  for (guint i = 0; i < call->runs; i++)
    run (call->multiply[i == 0                ? FIRST
                        : i + 1 == call->runs ? LAST
                                              : BETWEEN],
         call->a + i * call->step_a, call->b + i * call->step_b, call);
}

/* The primitive for this product, made the first time it is asked for; NULL if oneDNN has none. */
static Multiply *
multiply_get (OneDnn *onednn, const EidGemm *gemm)
{
  EidGemm key = *gemm;
  Multiply *multiply;

  key.offset_a = key.offset_b = key.offset_c = 0;
  multiply = g_hash_table_lookup (onednn->multiplies, &key);
  if (multiply == NULL)
    {
      multiply = multiply_new (&key);
      if (multiply)
        g_hash_table_add (onednn->multiplies, multiply);
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
        part.beta = 1; /* onto the runs before */
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
  OneDnn *onednn = state;

  g_hash_table_unref (onednn->multiplies);
  g_free (onednn);
}

static gpointer
onednn_open (EidDevice *device)
{
  OneDnn *onednn = g_new0 (OneDnn, 1);

  onednn->multiplies = g_hash_table_new_full (multiply_hash, multiply_equal, multiply_free, NULL);
  if (eid_onednn_engine () == NULL)
    eid_device_fail (device, EID_ERROR_FAILED, _ ("oneDNN cannot be started on this processor."));
  return onednn;
}

const EidGemmBackend eid_gemm_onednn = {
  .name = "oneDNN",
  .complete = TRUE,
  .open = onednn_open,
  .gains_by_bf16 = eid_onednn_gains_by_bf16,
  .run = onednn_run,
  .close = onednn_close,
};
