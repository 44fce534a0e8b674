/* gemm-tiles.h: matrix products in 16 bits by tiles (gemm-tiles.c). */
#pragma once

#include "private.h"

/* Whether tiles are the way to make this product on this processor. */
gboolean eid_gemm_tiles_fit (const EidGemm *gemm);
/* Puts it into the queue. */
void     eid_gemm_tiles_run (EidDevice *device, const EidGemm *gemm, const EidOperands *operands);
