/* gemm-onednn.c: matrix multiplication by oneDNN, for processors.
 *
 * Runs inside a native kernel on the device's own queue, so that it keeps its
 * place among the kernels and shares their memory. A primitive is made once a
 * shape and kept. The one file that knows oneDNN's interface (version 2).
 */

#include "private.h"

#include <dnnl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  EidGemm gemm; /* the key, without offsets */
  gboolean has_bias;
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c, bias; /* described; their data is set at each run */
} Multiply;

typedef struct
{
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  GHashTable *multiplies;
} OneDnn;

static guint
multiply_hash (gconstpointer data)
{
  const guint32 *words = data;
  guint hash = 2166136261u;

  for (gsize i = 0; i < sizeof (EidGemm) / 4; i++)
    hash = (hash ^ words[i]) * 16777619u;
  return hash ^ ((const Multiply *) data)->has_bias;
}

static gboolean
multiply_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (EidGemm)) == 0
         && ((const Multiply *) a)->has_bias == ((const Multiply *) b)->has_bias;
}

static void
multiply_free (gpointer data)
{
  Multiply *multiply = data;

  if (multiply->primitive)
    dnnl_primitive_destroy (multiply->primitive);
  if (multiply->a)
    dnnl_memory_destroy (multiply->a);
  if (multiply->b)
    dnnl_memory_destroy (multiply->b);
  if (multiply->c)
    dnnl_memory_destroy (multiply->c);
  if (multiply->bias)
    dnnl_memory_destroy (multiply->bias);
  g_free (multiply);
}

/* [outer, inner, rows, columns], or [rows, columns] where there is one matrix. */
static void
describe (dnnl_memory_desc_t *description, const EidGemm *gemm, guint rows, guint columns,
          gboolean transposed, guint ld, const guint64 stride[2])
{
  const dnnl_dims_t dims = { gemm->outer, gemm->inner, rows, columns };
  const dnnl_dims_t strides = { stride[0], stride[1], transposed ? 1 : ld, transposed ? ld : 1 };
  gboolean single = gemm->outer * gemm->inner == 1;

  dnnl_memory_desc_init_by_strides (description, single ? 2 : 4, single ? dims + 2 : dims, dnnl_f32,
                                    single ? strides + 2 : strides);
}

static Multiply *
multiply_new (OneDnn *onednn, const EidGemm *key, gboolean has_bias)
{
  Multiply *multiply = g_new0 (Multiply, 1);
  dnnl_memory_desc_t a, b, c, bias;
  dnnl_matmul_desc_t matmul;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t primitive = NULL;
  dnnl_status_t status;
  const guint64 none[2] = { 0, 0 };

  multiply->gemm = *key;
  multiply->has_bias = has_bias;
  describe (&a, key, key->m, key->k, key->transpose_a, key->lda, key->stride_a);
  describe (&b, key, key->k, key->n, key->transpose_b, key->ldb, key->stride_b);
  describe (&c, key, key->m, key->n, FALSE, key->ldc, key->stride_c);
  describe (&bias, &(EidGemm){ .outer = 1, .inner = 1 }, 1, key->n, FALSE, key->n, none);

  status = dnnl_matmul_desc_init (&matmul, &a, &b, has_bias ? &bias : NULL, &c);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_create (&attributes);
  if (status == dnnl_success && key->alpha != 1)
    status = dnnl_primitive_attr_set_output_scales (attributes, 1, 0, &key->alpha);
  if (status == dnnl_success && key->beta != 0)
    {
      dnnl_post_ops_t post = NULL;

      status = dnnl_post_ops_create (&post);
      if (status == dnnl_success)
        status = dnnl_post_ops_append_sum (post, key->beta);
      if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops (attributes, post);
      if (post)
        dnnl_post_ops_destroy (post);
    }
  if (status == dnnl_success)
    status = dnnl_primitive_desc_create (&primitive, &matmul, attributes, onednn->engine, NULL);
  if (status == dnnl_success)
    status = dnnl_primitive_create (&multiply->primitive, primitive);
  if (status == dnnl_success)
    status = dnnl_memory_create (&multiply->a, &a, onednn->engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&multiply->b, &b, onednn->engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success)
    status = dnnl_memory_create (&multiply->c, &c, onednn->engine, DNNL_MEMORY_NONE);
  if (status == dnnl_success && has_bias)
    status = dnnl_memory_create (&multiply->bias, &bias, onednn->engine, DNNL_MEMORY_NONE);
  if (primitive)
    dnnl_primitive_desc_destroy (primitive);
  if (attributes)
    dnnl_primitive_attr_destroy (attributes);
  if (status != dnnl_success)
    g_clear_pointer (&multiply, multiply_free);
  return multiply;
}

enum
{
  A,
  B,
  C,
  BIAS,
  OPERANDS
};

/* What travels with a native kernel. The addresses are known (memory.c), so OpenCL need not fill
 * them in, which is as well: PoCL sorts and thins the list of buffers before it does. The list is
 * given all the same, so that no buffer goes while the kernel waits. */
typedef struct
{
  OneDnn *onednn;
  Multiply *multiply;
  float *operands[OPERANDS];
  gpointer ignored[OPERANDS];
} Call;

static void
run_native (void *data)
{
  Call *call = data;
  Multiply *multiply = call->multiply;
  dnnl_exec_arg_t args[OPERANDS] = {
    { DNNL_ARG_SRC, multiply->a },
    { DNNL_ARG_WEIGHTS, multiply->b },
    { DNNL_ARG_DST, multiply->c },
    { DNNL_ARG_BIAS, multiply->bias },
  };
  guint n = multiply->has_bias ? OPERANDS : BIAS;

  for (guint i = 0; i < n; i++)
    dnnl_memory_set_data_handle (args[i].memory, call->operands[i]);
  dnnl_primitive_execute (multiply->primitive, call->onednn->stream, n, args);
  dnnl_stream_wait (call->onednn->stream);
}

/* The primitive for this product, made the first time it is asked for; NULL if oneDNN has none. */
static Multiply *
multiply_get (OneDnn *onednn, const EidGemm *gemm, gboolean has_bias)
{
  Multiply key = { .gemm = *gemm, .has_bias = has_bias }, *multiply;

  key.gemm.offset_a = key.gemm.offset_b = key.gemm.offset_c = 0;
  multiply = g_hash_table_lookup (onednn->multiplies, &key);
  if (multiply == NULL)
    {
      multiply = multiply_new (onednn, &key.gemm, has_bias);
      if (multiply)
        g_hash_table_add (onednn->multiplies, multiply);
    }
  return multiply;
}

static gboolean
onednn_run (gpointer state, EidDevice *device, const EidGemm *gemm, EidBuffer *a, EidBuffer *b, EidBuffer *c,
            EidBuffer *bias)
{
  Call call = {
    .onednn = state,
    .multiply = multiply_get (state, gemm, bias != NULL),
    .operands = { (float *) a->host + gemm->offset_a, (float *) b->host + gemm->offset_b,
                  (float *) c->host + gemm->offset_c, bias ? bias->host : NULL },
  };
  const cl_mem kept[OPERANDS] = { a->whole, b->whole, c->whole, bias ? bias->whole : NULL };
  const void *places[OPERANDS] = { &call.ignored[A], &call.ignored[B], &call.ignored[C],
                                   &call.ignored[BIAS] };

  if (call.multiply == NULL)
    {
      eid_device_fail (device, EID_ERROR_FAILED, _ ("oneDNN cannot multiply %u × %u by %u × %u."), gemm->m,
                       gemm->k, gemm->k, gemm->n);
      return FALSE;
    }
  return eid_cl_ok (device,
                    clEnqueueNativeKernel (device->queue, run_native, &call, sizeof call,
                                           bias ? OPERANDS : BIAS, kept, places, 0, NULL, NULL),
                    "clEnqueueNativeKernel");
}

static void
onednn_close (gpointer state)
{
  OneDnn *onednn = state;

  g_hash_table_unref (onednn->multiplies);
  if (onednn->stream)
    dnnl_stream_destroy (onednn->stream);
  if (onednn->engine)
    dnnl_engine_destroy (onednn->engine);
  g_free (onednn);
}

static gpointer
onednn_open (EidDevice *device)
{
  OneDnn *onednn = g_new0 (OneDnn, 1);

  onednn->multiplies = g_hash_table_new_full (multiply_hash, multiply_equal, multiply_free, NULL);
  if (dnnl_engine_create (&onednn->engine, dnnl_cpu, 0) != dnnl_success
      || dnnl_stream_create (&onednn->stream, onednn->engine, dnnl_stream_default_flags) != dnnl_success)
    eid_device_fail (device, EID_ERROR_FAILED, _ ("oneDNN cannot be started on this processor."));
  return onednn;
}

const EidGemmBackend eid_gemm_onednn = {
  .name = "oneDNN",
  .adds_bias = TRUE,
  .open = onednn_open,
  .run = onednn_run,
  .close = onednn_close,
};
