/* gemm.c: matrix multiplication: one interface, a back end by kind of device, and
 * tiles (gemm-tiles.c) before it where a processor multiplies fastest by them.
 *
 * What a back end cannot do is done around it, by kernels: bias, residual, and
 * operands in 16 bits.
 */

#include "opencl/backends/gemm-tiles.h"

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
  };
}

/* @x in 32 bits, the caller's to free, or NULL where it is so already. */
static EidTensor *
widened (EidTensor *x, gboolean filled)
{
  EidTensor *wide;

  if (x->type == EID_F32)
    return NULL;
  wide = eid_scratch (x->device, x->shape, "matrix product");
  if (filled)
    eid_add_scaled (wide, x, 1, FALSE);
  return wide;
}

/* For a back end that is not complete. */
static void
gemm_with_kernels (EidDevice *device, const EidGemm *gemm, const EidOperands *operands)
{
  EidTensor *wide_a = widened (operands->a, TRUE), *wide_b = widened (operands->b, TRUE);
  /* Parts of C that are not written stay as they are. */
  EidTensor *wide_c = widened (operands->c, TRUE);
  EidOperands wide = {
    .a = wide_a ? wide_a : operands->a,
    .b = wide_b ? wide_b : operands->b,
    .c = wide_c ? wide_c : operands->c,
  };

  if (eid_device_ok (device) && device->gemm->run (device->gemm_state, device, gemm, &wide))
    {
      gsize count = eid_tensor_count (operands->c);

      if (operands->bias)
        EID_ROWS (device, "elementwise:add", gemm->m, T (wide.c), T (operands->bias), T (wide.c), I (gemm->m),
                  I (gemm->n), I (0));
      if (operands->residual)
        eid_add_scaled (wide.c, operands->residual, 1, TRUE);
      if (wide_c && count > 0)
        eid_add_scaled (operands->c, wide_c, 1, FALSE);
    }
  g_clear_pointer (&wide_a, eid_scratch_free);
  g_clear_pointer (&wide_b, eid_scratch_free);
  g_clear_pointer (&wide_c, eid_scratch_free);
}

void
eid_gemm_full (EidDevice *device, const EidGemm *gemm, const EidOperands *operands)
{
  EidGemm full = *gemm;

  if (!eid_device_ok (device) || gemm->m == 0 || gemm->n == 0 || gemm->k == 0)
    return;
  g_assert (operands->a->buffer && operands->b->buffer && operands->c->buffer);
  full.type_a = operands->a->type;
  full.type_b = operands->b->type;
  full.type_c = operands->c->type;
  full.has_bias = operands->bias != NULL;
  full.has_residual = operands->residual != NULL;
  if (device->native && eid_gemm_tiles_fit (&full))
    eid_gemm_tiles_run (device, &full, operands, "gemm", NULL);
  else if (device->gemm->complete)
    device->gemm->run (device->gemm_state, device, &full, operands);
  else
    gemm_with_kernels (device, &full, operands);
}

void
eid_gemm (EidDevice *device, const EidGemm *gemm, EidTensor *a, EidTensor *b, EidTensor *c, EidTensor *bias)
{
  eid_gemm_full (device, gemm, &(EidOperands){ .a = a, .b = b, .c = c, .bias = bias });
}
