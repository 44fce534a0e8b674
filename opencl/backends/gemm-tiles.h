/* gemm-tiles.h: matrix products in 16 bits by tiles (gemm-tiles.c). */
#pragma once

#include "opencl/core/private.h"

/* Whether tiles are the way to make this product on this processor. Its types must be set. */
gboolean eid_gemm_tiles_fit (const EidGemm *gemm);
/* Puts it into the queue; @name is for the profile. @packed, if not NULL, keeps B as tiles take it: made
 * where it is NULL, else taken instead of B, which is then not looked at; for eid_scratch_free(). */
void eid_gemm_tiles_run (EidDevice *device, const EidGemm *gemm, const EidOperands *operands,
                         const char *name, EidTensor **packed);
