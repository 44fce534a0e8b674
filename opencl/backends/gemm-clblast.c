/* gemm-clblast.c: matrix multiplication by CLBlast, for devices without native kernels. */

#include "opencl/core/private.h"

#include <clblast_c.h>
#include <glib/gi18n-lib.h>

/* Where the matrix that is @offset elements into @buffer lies in the whole of which @buffer is a part. */
static gsize
start_in_whole (const EidBuffer *buffer, guint64 offset)
{
  return buffer->offset / sizeof (float) + offset;
}

/* Starts of every matrix of a batch, in the order outer, inner. */
static gsize *
starts (const EidGemm *gemm, guint64 start, const guint64 stride[2])
{
  gsize *list = g_new (gsize, (gsize) gemm->outer * gemm->inner);

  for (guint o = 0, i = 0; o < gemm->outer; o++)
    for (guint j = 0; j < gemm->inner; j++)
      list[i++] = start + o * stride[0] + j * stride[1];
  return list;
}

static gboolean
clblast_run (gpointer state, EidDevice *device, const EidGemm *gemm, const EidOperands *operands)
{
  const EidBuffer *a = operands->a->buffer, *b = operands->b->buffer, *c = operands->c->buffer;
  const CLBlastTranspose op_a = gemm->transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo;
  const CLBlastTranspose op_b = gemm->transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo;
  gsize count = (gsize) gemm->outer * gemm->inner;
  gsize start_a = start_in_whole (a, gemm->offset_a);
  gsize start_b = start_in_whole (b, gemm->offset_b);
  gsize start_c = start_in_whole (c, gemm->offset_c);
  double work = 2.0 * gemm->m * gemm->n * gemm->k * (double) count;
  double bytes = (double) sizeof (float) * (double) count
                 * ((double) gemm->m * gemm->k + (double) gemm->k * gemm->n + (double) gemm->m * gemm->n);
  CLBlastStatusCode status;

  eid_profile_begin (device);
  if (count == 1)
    status = CLBlastSgemm (CLBlastLayoutRowMajor, op_a, op_b, gemm->m, gemm->n, gemm->k, 1, a->whole, start_a,
                           gemm->lda, b->whole, start_b, gemm->ldb, gemm->accumulate, c->whole, start_c,
                           gemm->ldc, &device->queue, eid_profile_event (device));
  else
    {
      g_autofree gsize *starts_a = starts (gemm, start_a, gemm->stride_a);
      g_autofree gsize *starts_b = starts (gemm, start_b, gemm->stride_b);
      g_autofree gsize *starts_c = starts (gemm, start_c, gemm->stride_c);
      g_autofree float *alphas = g_new (float, count), *betas = g_new (float, count);

      for (gsize i = 0; i < count; i++)
        {
          alphas[i] = 1;
          betas[i] = gemm->accumulate;
        }
      status =
          CLBlastSgemmBatched (CLBlastLayoutRowMajor, op_a, op_b, gemm->m, gemm->n, gemm->k, alphas, a->whole,
                               starts_a, gemm->lda, b->whole, starts_b, gemm->ldb, betas, c->whole, starts_c,
                               gemm->ldc, count, &device->queue, eid_profile_event (device));
    }
  eid_profile_keep (device, "gemm", EID_F32, work, bytes);
  if (status != CLBlastSuccess)
    eid_device_fail (device, EID_ERROR_FAILED,
                     _ ("CLBlast cannot multiply %u × %u by %u × %u on %s (error %d)."), gemm->m, gemm->k,
                     gemm->k, gemm->n, eid_device_title (device->info.name), status);
  return status == CLBlastSuccess;
}

static gpointer
clblast_open (EidDevice *device)
{
  return device;
}

static void
clblast_close (gpointer state)
{
  CLBlastClearCache ();
}

const EidGemmBackend eid_gemm_clblast = {
  .name = "CLBlast",
  .complete = FALSE,
  .open = clblast_open,
  .run = clblast_run,
  .close = clblast_close,
};
