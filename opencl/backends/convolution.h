/* convolution.h: what convolution.c and its ways of computing share: convolution-tiles.c and
 * convolution-onednn.c on processors, convolution-gemm.c (products of unfolded windows) elsewhere.
 *
 * A convolution relates three tensors, and has three passes, each making one of them of the
 * other two: images [B, H, W, in], a weight [out, in / groups, kh, kw], maps [B, H', W', out].
 */
#pragma once

#include "opencl/core/private.h"

typedef enum {
  EID_TO_MAPS,   /* forward; of a transposed convolution, the gradient */
  EID_TO_IMAGES, /* the gradient; of a transposed convolution, forward */
  EID_TO_WEIGHT, /* the gradient of either                             */
} EidConvolutionPass;

/* A key of cached primitives: whole words, no padding. */
typedef struct {
  guint32 pass;
  guint32 batch, height, width, in;
  guint32 out_height, out_width, out;
  guint32 kernel_height, kernel_width;
  guint32 stride, padding, groups;
  guint32 type, type_weight;            /* of images and maps; of the weight  */
  guint32 accumulate;                   /* of EID_TO_WEIGHT                   */
  guint32 has_bias, has_residual, relu; /* of EID_TO_MAPS                     */
} EidConvolution;

typedef struct {
  EidTensor *images, *weight, *maps;
  EidTensor *bias;     /* EID_F32 [out], or NULL                              */
  EidTensor *residual; /* like the maps, or NULL                              */
} EidConvolved;

/* Whether tiles are the way; then the maps may lie where the residual lies. */
gboolean eid_convolve_tiles_fit (const EidConvolution *convolution);

/* All fill in the pass's own tensor. The first two answer FALSE, having done nothing, where they have no
 * such convolution. @packed, if not NULL, keeps the weight as they order it: made where it
 * is NULL, else taken instead of the weight; for eid_scratch_free().                            */
gboolean eid_convolve_tiles (EidDevice *device, const EidConvolution *convolution,
                             const EidConvolved *tensors, EidTensor **packed);
gboolean eid_convolve_onednn (EidDevice *device, const EidConvolution *convolution,
                              const EidConvolved *tensors, EidTensor **packed);
void eid_convolve_gemm (EidDevice *device, const EidConvolution *convolution,
                        const EidConvolved *tensors);

/* Of eid_convolve_tiles(), EID_TO_WEIGHT. */
gboolean eid_convolution_gradient_tiles (EidDevice *device, const EidConvolution *convolution,
                                         const EidConvolved *tensors);

/* out [.., C] plus a bias [C] or NULL, plus a residual like it or NULL, and ReLU if asked. */
void eid_convolution_finish (EidTensor *out, EidTensor *bias, EidTensor *residual, gboolean relu);
