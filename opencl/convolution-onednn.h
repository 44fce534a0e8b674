/* convolution-onednn.h: oneDNN's primitives for one convolution: made in
 * convolution-describe-onednn.c, run in convolution-onednn.c.                */
#pragma once

#include "convolution.h"
#include "onednn.h"

typedef struct
{
  dnnl_memory_t images, weight, maps, scratch;
} EidConvolutionShare;

typedef struct
{
  EidConvolution key;
  dnnl_primitive_t convolve;
  gboolean fits;            /* PyTorch's order is oneDNN's         */
  dnnl_primitive_t reorder; /* of the weight in, of a gradient out */
  dnnl_primitive_t add;     /* a gradient's further shares         */
  dnnl_memory_t plain;      /* the weight in PyTorch's order       */
  dnnl_memory_t bias, residual;
  guint n_shares; /* of the batch; 1 but for gradients   */
  EidConvolutionShare *shares;
  gsize packed_bytes, scratch_bytes; /* of one                              */
} EidConvolutionPrimitives;

/* Made the first time it is asked for; NULL where oneDNN has none, which is remembered, too. */
EidConvolutionPrimitives *eid_convolution_primitives (EidDevice *device, const EidConvolution *c);
