/* convolution-tiles.c: convolutions in 16 bits by tiles (tile.h), for processors: those whose windows are
 * single pixels, which are products of matrices as they lie, and the gradients of weights.
 */

#include "opencl/backends/convolution.h"
#include "opencl/backends/gemm-tiles.h"

/* FALSE: it is not one. */
static gboolean
describe (const EidConvolution *c, EidGemm *gemm)
{
  guint pixels = c->batch * c->height * c->width;

  if (c->kernel_height != 1 || c->kernel_width != 1 || c->stride != 1 || c->padding != 0 || c->groups != 1)
    return FALSE;
  switch (c->pass)
    {
    case EID_TO_MAPS: /* images weight^T */
      *gemm = eid_gemm_dense (FALSE, TRUE, pixels, c->out, c->in);
      break;
    case EID_TO_IMAGES: /* maps weight */
      *gemm = eid_gemm_dense (FALSE, FALSE, pixels, c->in, c->out);
      break;
    default: /* maps^T images */
      *gemm = eid_gemm_dense (TRUE, FALSE, c->out, c->in, pixels);
      gemm->accumulate = c->accumulate;
      break;
    }
  gemm->type_a = gemm->type_b = gemm->type_c = c->type;
  *(c->pass == EID_TO_WEIGHT ? &gemm->type_c : &gemm->type_b) = c->type_weight;
  gemm->has_bias = c->has_bias;
  gemm->has_residual = c->has_residual;
  gemm->relu = c->relu;
  return TRUE;
}

gboolean
eid_convolve_tiles_fit (const EidConvolution *c)
{
  EidGemm gemm;

  return describe (c, &gemm) && eid_gemm_tiles_fit (&gemm);
}

gboolean
eid_convolve_tiles (EidDevice *device, const EidConvolution *c, const EidConvolved *tensors,
                    EidTensor **packed)
{
  EidOperands operands[] = {
    [EID_TO_MAPS] = { tensors->images, tensors->weight, tensors->maps, tensors->bias, tensors->residual },
    [EID_TO_IMAGES] = { tensors->maps, tensors->weight, tensors->images },
    [EID_TO_WEIGHT] = { tensors->maps, tensors->images, tensors->weight },
  };
  EidGemm gemm;

  if (!describe (c, &gemm) || !eid_gemm_tiles_fit (&gemm))
    return c->pass == EID_TO_WEIGHT && eid_convolution_gradient_tiles (device, c, tensors);
  eid_gemm_tiles_run (device, &gemm, &operands[c->pass], "convolution", packed);
  return TRUE;
}
