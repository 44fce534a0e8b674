/* measure.h: what a processor is faster at, measured once (measure.c). */
#pragma once

#include "opencl/core/tensor.h"

/* How many times as fast as in 32 bits the processor multiplies matrices in 16; 0 where it cannot. From the
 * user's cache, or measured now, which takes a tenth of a second.                                          */
double eid_measured_bf16_speed (const EidDeviceInfo *info);
