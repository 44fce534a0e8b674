/* convolution-gemm.c: convolutions as products of matrices, for GPUs.
 *
 * Each window of an image becomes a row (unfolding), in the order (c, y, x) that a weight's row
 * has, so that all windows times the weight are the maps. A few images at a time: their windows
 * are many times their size.
 */

#include "opencl/backends/convolution.h"

/* The most memory that windows take, in elements. */
#define WINDOWS (16u << 20)

/* The product of the pass over @count images from @first; groups are products side by side. */
static EidGemm
product (const EidConvolution *c, guint first, guint count)
{
  guint rows = count * c->out_height * c->out_width;
  guint out = c->out / c->groups, all_in = c->in * c->kernel_height * c->kernel_width,
        in = all_in / c->groups;
  guint64 maps = (guint64) first * c->out_height * c->out_width * c->out;
  EidGemm gemm = eid_gemm_dense (c->pass == EID_TO_WEIGHT, c->pass == EID_TO_MAPS, 0, 0, 0);

  gemm.inner = c->groups;
  switch (c->pass)
    {
    case EID_TO_MAPS: /* windows weight^T */
      gemm.m = rows, gemm.n = out, gemm.k = in;
      gemm.lda = all_in, gemm.ldb = in, gemm.ldc = c->out;
      gemm.stride_a[1] = in, gemm.stride_b[1] = (guint64) out * in, gemm.stride_c[1] = out;
      gemm.offset_c = maps;
      break;
    case EID_TO_IMAGES: /* maps weight */
      gemm.m = rows, gemm.n = in, gemm.k = out;
      gemm.lda = c->out, gemm.ldb = in, gemm.ldc = all_in;
      gemm.stride_a[1] = out, gemm.stride_b[1] = (guint64) out * in, gemm.stride_c[1] = in;
      gemm.offset_a = maps;
      break;
    default: /* maps^T windows */
      gemm.m = out, gemm.n = in, gemm.k = rows;
      gemm.lda = c->out, gemm.ldb = all_in, gemm.ldc = in;
      gemm.stride_a[1] = out, gemm.stride_b[1] = in, gemm.stride_c[1] = (guint64) out * in;
      gemm.offset_a = maps;
      gemm.accumulate = c->accumulate || first > 0;
      break;
    }
  return gemm;
}

/* Between @count images from @first and their windows, forth or back. */
static void
unfold (EidDevice *device, const EidConvolution *c, EidTensor *images, EidTensor *windows, guint first,
        guint count, gboolean back)
{
  gsize pixels = (gsize) c->height * c->width * c->in;
  gsize items = back ? count * pixels : eid_tensor_count (windows);

  EID_MAP (device, back ? "convolution:fold" : "convolution:unfold", items, T (images), T (windows),
           I (first * pixels), I (items), I (c->height), I (c->width), I (c->in), I (c->out_height),
           I (c->out_width), I (c->kernel_height), I (c->kernel_width), I (c->stride), I (c->padding));
}

void
eid_convolve_gemm (EidDevice *device, const EidConvolution *c, const EidConvolved *tensors)
{
  gboolean plain = c->kernel_height == 1 && c->kernel_width == 1 && c->stride == 1 && c->padding == 0;
  gsize window = (gsize) c->in * c->kernel_height * c->kernel_width, places = c->out_height * c->out_width;
  guint most = plain ? c->batch : CLAMP (WINDOWS / (places * window), 1, c->batch), count;

  for (guint first = 0; first < c->batch && eid_device_ok (device); first += count)
    {
      EidTensor *windows = tensors->images;
      EidGemm gemm;

      count = MIN (most, c->batch - first);
      if (!plain)
        windows = eid_scratch_of (device, c->type, EID_SHAPE (count * places, window), "convolution");
      if (!plain && c->pass != EID_TO_IMAGES)
        unfold (device, c, tensors->images, windows, first, count, FALSE);
      gemm = product (c, first, count);
      if (c->pass == EID_TO_MAPS)
        eid_gemm (device, &gemm, windows, tensors->weight, tensors->maps, NULL);
      else if (c->pass == EID_TO_IMAGES)
        eid_gemm (device, &gemm, tensors->maps, tensors->weight, windows, NULL);
      else
        eid_gemm (device, &gemm, tensors->maps, windows, tensors->weight, NULL);
      if (!plain && c->pass == EID_TO_IMAGES)
        unfold (device, c, tensors->images, windows, first, count, TRUE);
      if (!plain)
        eid_scratch_free (windows);
    }
  if (c->pass == EID_TO_MAPS && (tensors->bias || tensors->residual || c->relu))
    eid_convolution_finish (tensors->maps, tensors->bias, tensors->residual, c->relu);
}
