/* cases-convolution.c: the table's part on maps: convolutions, pooling, and batch norm with what
 * follows it. Sides differ, windows do not fill the map, channels are no multiple of a vector.
 */
#include "tests/engine/table.h"

CALLER (conv2d, in[0], in[1], in[2], (guint) a[0], (guint) a[1], (guint) a[2])
CALLER (conv2d_transpose, in[0], in[1], in[2], (guint) a[0], (guint) a[1])
CALLER (max_pool2d, in[0], (guint) a[0], (guint) a[1], (guint) a[2])
CALLER (avg_pool2d, in[0], (guint) a[0], (guint) a[1], (guint) a[2])

static EidTensor *
run_batch_norm_full (EidTensor **in, const double *a)
{
  EidDevice *device = eid_tensor_device (in[0]);
  EidShape shape = eid_tensor_shape (in[1]);
  const EidBatchNorm norm = { in[1], in[2],       eid_zeros (device, shape), eid_zeros (device, shape),
                              0.1f,  (float) a[0] };
  return eid_batch_norm_full (in[0], &norm, TRUE, in[3], a[1] != 0);
}

static EidTensor *
run_conv2d_norm_training (EidTensor **in, const double *a)
{
  EidDevice *device = eid_tensor_device (in[0]);
  EidShape shape = eid_tensor_shape (in[2]);
  const EidBatchNorm norm = {
    in[2], in[3], eid_zeros (device, shape), eid_zeros (device, shape), 0.1f, 1e-5f
  };
  return eid_conv2d_norm (in[0], in[1], 1, (guint) a[0], 1, &norm, TRUE, a[2] != 0 ? in[0] : NULL, a[1] != 0);
}

static EidTensor *
run_conv2d_norm_running (EidTensor **in, const double *a)
{
  const EidBatchNorm norm = { in[2], in[3], in[4], in[5], 0.1f, 1e-5f };
  return eid_conv2d_norm (in[0], in[1], 1, (guint) a[0], 1, &norm, FALSE, a[2] != 0 ? in[0] : NULL,
                          a[1] != 0);
}

const Operation convolution_operations[] = {
  ROW (conv2d, REAL, REAL, REAL),
  ROW (conv2d_transpose, REAL, REAL, REAL),
  ROW (max_pool2d, REAL),
  ROW (avg_pool2d, REAL),
  ROW (batch_norm_full, REAL, REAL, REAL, REAL),
  ROW (conv2d_norm_training, REAL, REAL, REAL, REAL),
  ROW (conv2d_norm_running, REAL, REAL, REAL, REAL, STATE, POSITIVE),
  { NULL },
};

const Case convolution_cases[] = {
  { "conv2d", "1x1x1x1 1x1x1x1 1", { 1, 0, 1 } },
  { "conv2d", "2x5x4x3 4x3x3x3 4", { 1, 1, 1 } },
  { "conv2d", "2x5x4x3 4x3x3x3", { 1, 0, 1 } },
  { "conv2d", "2x7x6x5 7x5x3x3 7", { 2, 1, 1 } },
  { "conv2d", "2x9x8x3 5x3x7x7 5", { 2, 3, 1 } },
  { "conv2d", "1x8x11x3 16x3x7x7", { 2, 3, 1 } },
  { "conv2d", "3x4x5x17 19x17x1x1 19", { 1, 0, 1 } },
  { "conv2d", "2x5x6x16 32x16x1x1", { 2, 0, 1 } },
  { "conv2d", "2x6x5x32 16x32x3x3", { 1, 1, 1 } },
  { "conv2d", "1x20x14x16 16x16x1x3", { 1, 1, 1 } }, /* nearly all pixels see the image at any place */
  { "conv2d", "1x5x7x2 3x2x1x3 3", { 1, 1, 1 } },
  { "conv2d", "1x7x5x2 3x2x5x2", { 3, 2, 1 } },
  { "conv2d", "2x5x4x6 4x3x3x3 4", { 1, 1, 2 } },
  { "conv2d", "2x5x4x6 9x2x1x1 9", { 1, 0, 3 } },
  { "conv2d", "2x6x5x32 32x8x3x3 32", { 2, 1, 4 } },
  { "conv2d", "2x5x4x5 5x1x3x3 5", { 1, 1, 5 } },
  { "conv2d", "2x6x7x16 16x1x3x3", { 2, 1, 16 } },
  { "conv2d", "1x4x3x3 6x1x3x3 6", { 1, 1, 3 } },
  { "conv2d", "9x3x2x5 3x5x2x2", { 1, 1, 1 } },
  { "conv2d_transpose", "1x1x1x1 1x1x1x1 1", { 1, 0 } },
  { "conv2d_transpose", "2x3x4x5 5x3x2x2 3", { 2, 0 } },
  { "conv2d_transpose", "2x3x4x3 3x7x4x4 7", { 2, 1 } },
  { "conv2d_transpose", "1x5x3x2 2x3x3x3", { 1, 1 } },
  { "conv2d_transpose", "2x3x2x16 16x32x3x3 32", { 3, 0 } },
  { "max_pool2d", "1x2x2x1", { 2, 2, 0 } },
  { "max_pool2d", "2x5x4x3", { 2, 2, 0 } },
  { "max_pool2d", "1x7x6x5", { 3, 2, 1 } },
  { "max_pool2d", "1x4x5x17", { 2, 2, 0 } },
  { "max_pool2d", "1x5x6x16", { 3, 1, 1 } },
  { "max_pool2d", "1x9x7x2", { 2, 3, 0 } },
  { "avg_pool2d", "1x2x2x1", { 2, 2, 0 } },
  { "avg_pool2d", "2x5x4x3", { 2, 2, 0 } },
  { "avg_pool2d", "2x7x6x17", { 3, 2, 1 } },
  { "avg_pool2d", "1x5x6x16", { 3, 1, 1 } },
  { "avg_pool2d", "1x9x7x2", { 2, 3, 0 } },
  { "batch_norm_full", "3x5 5 5", { 1e-5, 0 } },
  { "batch_norm_full", "3x5 5 5", { 1e-5, 1 } },
  { "batch_norm_full", "2x3x4x17 17 17", { 1e-5, 1 } },
  { "batch_norm_full", "2x3x4x17 17 17 2x3x4x17", { 1e-5, 0 } },
  { "batch_norm_full", "2x3x4x17 17 17 2x3x4x17", { 1e-5, 1 } },
  { "batch_norm_full", "131x67 67 67 131x67", { 1e-5, 1 }, 3 },
  { "batch_norm_full", "9x5x3x16 16 16 9x5x3x16", { 0.1, 1 } },
  { "batch_norm_full", "1031x3 3 3", { 1e-5, 1 } },
  { "batch_norm_full", "37x150 150 150", { 1e-5, 1 } },
  { "conv2d_norm_training", "2x5x4x3 4x3x3x3 4 4", { 1, 0, 0 } },
  { "conv2d_norm_training", "2x5x4x6 6x6x3x3 6 6", { 1, 0, 1 } },
  { "conv2d_norm_training", "2x4x3x16 16x16x1x1 16 16", { 0, 0, 1 } },
  { "conv2d_norm_running", "2x5x4x3 4x3x3x3 4 4 4 4", { 1, 0, 0 } },
  { "conv2d_norm_running", "2x5x4x3 4x3x3x3 4 4 4 4", { 1, 1, 0 } },
  { "conv2d_norm_running", "2x5x4x6 6x6x3x3 6 6 6 6", { 1, 1, 1 } },
  { "conv2d_norm_running", "2x4x3x16 16x16x1x1 16 16 16 16", { 0, 1, 1 } },

  { "conv2d", "128x32x32x64 64x64x3x3", { 1, 1, 1 }, .timed = 2.0 * 128 * 32 * 32 * 64 * 64 * 9 },
  { "conv2d", "128x16x16x128 128x128x3x3", { 1, 1, 1 }, .timed = 2.0 * 128 * 16 * 16 * 128 * 128 * 9 },
  { "conv2d", "128x4x4x512 512x512x3x3", { 1, 1, 1 }, .timed = 2.0 * 128 * 4 * 4 * 512 * 512 * 9 },
  { "conv2d", "16x56x56x64 256x64x1x1", { 1, 0, 1 }, .timed = 2.0 * 16 * 56 * 56 * 64 * 256 },
  { "conv2d", "16x28x28x512 128x512x1x1", { 1, 0, 1 }, .timed = 2.0 * 16 * 28 * 28 * 512 * 128 },
  { "conv2d", "16x28x28x128 128x128x3x3", { 1, 1, 1 }, .timed = 2.0 * 16 * 28 * 28 * 128 * 128 * 9 },
  { "conv2d", "16x56x56x64 64x1x3x3", { 1, 1, 64 }, .timed = 2.0 * 16 * 56 * 56 * 64 * 9 },
  { "max_pool2d", "16x112x112x64", { 3, 2, 1 }, .timed = BY_BYTES },
  { "batch_norm_full", "128x32x32x64 64 64", { 1e-5, 1 }, .timed = BY_BYTES },
  { "batch_norm_full", "128x32x32x64 64 64 128x32x32x64", { 1e-5, 1 }, .timed = BY_BYTES },
  { NULL },
};
