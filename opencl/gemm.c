/* gemm.c: matrix multiplication: one interface, a back end by kind of device. */

#include "private.h"

EidGemm
eid_gemm_dense (gboolean transpose_a, gboolean transpose_b, gsize m, gsize n, gsize k)
{
  return (EidGemm){
    .transpose_a = transpose_a,
    .transpose_b = transpose_b,
    .m = m,
    .n = n,
    .k = k,
    .lda = transpose_a ? m : k,
    .ldb = transpose_b ? k : n,
    .ldc = n,
    .outer = 1,
    .inner = 1,
    .alpha = 1,
    .beta = 0,
  };
}

void
eid_gemm (EidDevice *device, const EidGemm *gemm, EidTensor *a, EidTensor *b, EidTensor *c, EidTensor *bias)
{
  if (!eid_device_ok (device) || gemm->m == 0 || gemm->n == 0 || gemm->k == 0)
    return;
  g_assert (a->buffer && b->buffer && c->buffer);
  if (device->gemm->run (device->gemm_state, device, gemm, a->buffer, b->buffer, c->buffer,
                         bias ? bias->buffer : NULL)
      && bias && !device->gemm->adds_bias)
    EID_ROWS (device, "elementwise:add", gemm->m, T (c), T (bias), T (c), I (gemm->m), I (gemm->n), I (0));
}
