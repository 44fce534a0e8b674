/* cases.c: the table of operations: how each is called, and with what shapes.
 *
 * A new operation of opencl/tensor.h needs three lines here: a caller, a row
 * of `operations` and some rows of `cases`; and its formula in reference.c.
 * Shapes are odd on purpose: primes, ones, one below and above the sizes of
 * tiles and work-groups.
 */
#include "tests/engine/table.h"

/* --- How each is called -------------------------------------------------- */

/* clang-format off */
CALLER (reshape, in[0], EID_SHAPE (eid_tensor_count (in[0])))
CALLER (detach, in[0])
CALLER (concat, in[0], in[1])
CALLER (rows, in[0], (guint) a[0], (guint) a[1])
CALLER (add, in[0], in[1])
CALLER (sub, in[0], in[1])
CALLER (mul, in[0], in[1])
CALLER (scale, in[0], (float) a[0])
CALLER (shift, in[0], (float) a[0])
CALLER (relu, in[0])
CALLER (gelu, in[0])
CALLER (div, in[0], in[1])
CALLER (exp, in[0])
CALLER (log, in[0])
CALLER (sqrt, in[0])
CALLER (square, in[0])
CALLER (tanh, in[0])
CALLER (sigmoid, in[0])
CALLER (clamp, in[0], (float) a[0], (float) a[1])
CALLER (sum, in[0])
CALLER (mean, in[0])
CALLER (linear, in[0], in[1], in[2])
CALLER (matmul, in[0], a[0] != 0, in[1], a[1] != 0)
CALLER (layer_norm, in[0], in[1], in[2], (float) a[0])
CALLER (normalize, in[0])
CALLER (standardize, in[0], (float) a[0])
CALLER (unstandardize, in[0], in[1], (float) a[0])
CALLER (softmax, in[0])
CALLER (patchify, in[0], (guint) a[0])
CALLER (unpatchify, in[0], (guint) a[0], (guint) a[1], (guint) a[2])
CALLER (prepend_token, in[0], in[1])
CALLER (tokens, in[0], (guint) a[0], (guint) a[1])
CALLER (mean_tokens, in[0])
CALLER (gather_tokens, in[0], in[1])
CALLER (restore_tokens, in[0], in[1], in[2])
CALLER (cross_entropy, in[0], in[1])
CALLER (mask_diagonal, in[0], (float) a[0])
CALLER (nt_xent, in[0], (float) a[0])
CALLER (info_nce, in[0], in[1], in[2], (float) a[0])
CALLER (masked_mse, in[0], in[1], in[2])
/* clang-format on */

static EidTensor *
run_batch_norm_training (EidTensor **in, const double *a)
{
  EidDevice *device = eid_tensor_device (in[0]);
  EidShape shape = EID_SHAPE (eid_dim (in[0], 1));
  return eid_batch_norm (in[0], in[1], in[2], eid_zeros (device, shape), eid_zeros (device, shape), 0.1f,
                         (float) a[0], TRUE);
}

static EidTensor *
run_batch_norm_running (EidTensor **in, const double *a)
{
  return eid_batch_norm (in[0], in[1], in[2], in[3], in[4], 0.1f, (float) a[0], FALSE);
}

static const Operation operations[] = {
  ROW (reshape, REAL),
  { "detach", { FIXED }, run_detach, reference_reshape },
  ROW (concat, REAL, REAL),
  ROW (rows, REAL),
  ROW (add, REAL, REAL),
  ROW (sub, REAL, REAL),
  ROW (mul, REAL, REAL),
  ROW (scale, REAL),
  ROW (shift, REAL),
  ROW (relu, REAL),
  ROW (gelu, REAL),
  ROW (div, REAL, ABOVE),
  ROW (exp, REAL),
  ROW (log, ABOVE),
  ROW (sqrt, ABOVE),
  ROW (square, REAL),
  ROW (tanh, REAL),
  ROW (sigmoid, REAL),
  ROW (clamp, REAL),
  ROW (sum, REAL),
  ROW (mean, REAL),
  ROW (linear, REAL, REAL, REAL),
  ROW (matmul, REAL, REAL),
  ROW (layer_norm, REAL, REAL, REAL),
  ROW (batch_norm_training, REAL, REAL, REAL),
  ROW (batch_norm_running, REAL, REAL, REAL, STATE, POSITIVE),
  ROW (normalize, REAL),
  ROW (standardize, FIXED),
  ROW (unstandardize, FIXED, FIXED),
  ROW (softmax, REAL),
  ROW (patchify, REAL),
  ROW (unpatchify, FIXED),
  ROW (prepend_token, REAL, REAL),
  ROW (tokens, REAL),
  ROW (mean_tokens, REAL),
  ROW (gather_tokens, REAL, KEEP),
  ROW (restore_tokens, REAL, REAL, RESTORE),
  ROW (cross_entropy, REAL, TARGET),
  ROW (mask_diagonal, REAL),
  ROW (nt_xent, UNIT),
  ROW (info_nce, UNIT, UNIT, UNIT),
  ROW (masked_mse, REAL, FIXED, MASK),
  { NULL },
};

/* --- With what ----------------------------------------------------------- */

/* The four forms of one product [m, k] [k, n], alone and in a batch of b. */
#define FORMS(m, k, n)                                                                                       \
  { "matmul", #m "x" #k " " #k "x" #n, { 0, 0 } }, { "matmul", #m "x" #k " " #n "x" #k, { 0, 1 } },          \
      { "matmul", #k "x" #m " " #k "x" #n, { 1, 0 } },                                                       \
  {                                                                                                          \
    "matmul", #k "x" #m " " #n "x" #k,                                                                       \
    {                                                                                                        \
      1, 1                                                                                                   \
    }                                                                                                        \
  }
#define BATCHED_FORMS(b, m, k, n)                                                                            \
  { "matmul", #b "x" #m "x" #k " " #b "x" #k "x" #n, { 0, 0 } },                                             \
      { "matmul", #b "x" #m "x" #k " " #b "x" #n "x" #k, { 0, 1 } },                                         \
      { "matmul", #b "x" #k "x" #m " " #b "x" #k "x" #n, { 1, 0 } },                                         \
  {                                                                                                          \
    "matmul", #b "x" #k "x" #m " " #b "x" #n "x" #k,                                                         \
    {                                                                                                        \
      1, 1                                                                                                   \
    }                                                                                                        \
  }

static const Case cases[] = {
  { "reshape", "1" },
  { "reshape", "2x3x5" },
  { "reshape", "17x31" },
  { "reshape", "2x1x3x1x5" },
  { "detach", "7" },
  { "detach", "130" },
  { "concat", "1 1" },
  { "concat", "3x5 2x5" },
  { "concat", "1x17x3 4x17x3" },
  { "concat", "65x67 2x67" },
  { "rows", "1", { 0, 1 } },
  { "rows", "7x5", { 0, 3 } },
  { "rows", "7x5", { 6, 1 } },
  { "rows", "7x5", { 0, 7 } },
  { "rows", "6x5x3", { 2, 3 } },
  { "rows", "130x67", { 65, 64 } },

  { "add", "1 1" },
  { "add", "3x5 3x5" },
  { "add", "3x5 5" },
  { "add", "2x3x5 5" },
  { "add", "2x3x5 3x5" },
  { "add", "3x2x3x5x2 5x2" },
  { "add", "131x67 67" },
  { "add", "4x17x24 17x24" },
  { "add", "3x4099 3x4099" },
  { "add", "1031x5 5" },
  { "sub", "1 1" },
  { "sub", "3x5 3x5" },
  { "sub", "3x5 5" },
  { "sub", "2x3x5 3x5" },
  { "sub", "131x67 67" },
  { "mul", "1 1" },
  { "mul", "3x5 3x5" },
  { "mul", "3x5 5" },
  { "mul", "2x3x5 5" },
  { "mul", "2x3x5 3x5" },
  { "mul", "131x67 67" },
  { "mul", "1031 1031" },
  { "mul", "1031x5 5" },
  { "mul", "3x4099 4099" },
  { "scale", "1", { 2.5 } },
  { "scale", "3x5", { -0.3 } },
  { "scale", "131x67", { 0.01 } },
  { "scale", "17", { 0 } },
  { "scale", "3x4099", { -1.5 } },
  { "shift", "1", { 2.5 } },
  { "shift", "3x5", { -1 } },
  { "shift", "3x4099", { 0.5 } },
  { "relu", "1" },
  { "relu", "3x5" },
  { "relu", "2x17x31" },
  { "relu", "1031" },
  { "relu", "3x4099" },
  { "gelu", "1" },
  { "gelu", "3x5" },
  { "gelu", "2x17x31", { 0 }, 3 },
  { "gelu", "1031", { 0 }, 6 },
  { "gelu", "3x4099", { 0 }, 4 },

  { "div", "1 1" },
  { "div", "3x5 3x5" },
  { "div", "3x5 5" },
  { "div", "2x3x5 3x5" },
  { "div", "131x67 67" },
  { "exp", "1" },
  { "exp", "2x17x31", { 0 }, 5 },
  { "exp", "1031", { 0 }, 10 },
  { "log", "1" },
  { "log", "2x17x31" },
  { "log", "1031" },
  { "sqrt", "1" },
  { "sqrt", "2x17x31" },
  { "sqrt", "1031" },
  { "square", "1" },
  { "square", "2x17x31" },
  { "square", "1031", { 0 }, 9 },
  { "tanh", "1" },
  { "tanh", "2x17x31", { 0 }, 3 },
  { "tanh", "1031", { 0 }, 8 },
  { "sigmoid", "1" },
  { "sigmoid", "2x17x31", { 0 }, 3 },
  { "sigmoid", "1031", { 0 }, 20 },
  { "clamp", "1", { -0.501, 0.252 } },
  { "clamp", "2x17x31", { -0.501, 0.252 } },
  { "clamp", "1031", { 0.1001, 5 } },

  { "sum", "1" },
  { "sum", "3x5" },
  { "sum", "2x17x31" },
  { "sum", "257" },
  { "sum", "40x1031" },
  { "mean", "1" },
  { "mean", "3x5" },
  { "mean", "2x17x31" },
  { "mean", "257" },
  { "mean", "40x1031" },

  { "linear", "1x1 1x1 1" },
  { "linear", "3x5 7x5 7" },
  { "linear", "3x5 7x5" },
  { "linear", "1x17 1x17 1" },
  { "linear", "2x3x5 7x5 7" },
  { "linear", "2x3x5 7x5" },
  { "linear", "64x64 64x64 64" },
  { "linear", "65x63 67x63 67" },
  { "linear", "2x17x24 72x24 72" },
  { "linear", "3x129 128x129" },
  { "linear", "33x257 10x257 10" },
  { "linear", "1031x3 5x3 5" },
  { "linear", "29x31 49x31 49" },  /* one row and half of the columns more than tiles of a product */
  { "linear", "517x33 15x33 15" }, /* a weight's gradient in three runs of the sum, the last one odd */
  { "linear", "3001x2 3x2 3" },    /* one that is as small as long */
  FORMS (1, 1, 1),
  FORMS (3, 5, 7),
  FORMS (1, 17, 5),
  FORMS (17, 1, 5),
  FORMS (16, 32, 64),
  FORMS (65, 31, 67),
  BATCHED_FORMS (1, 3, 5, 2),
  BATCHED_FORMS (3, 5, 7, 2),
  BATCHED_FORMS (2, 17, 8, 17),
  BATCHED_FORMS (5, 1, 33, 19),

  { "layer_norm", "1x1 1 1", { 1e-5 } },
  { "layer_norm", "3x5 5 5", { 1e-5 } },
  { "layer_norm", "3x5", { 1e-6 } },
  { "layer_norm", "2x17x24 24 24", { 1e-6 } },
  { "layer_norm", "1x131 131 131", { 1e-5 } },
  { "layer_norm", "65x16 16 16", { 1e-5 } },
  { "layer_norm", "5x192 192 192", { 1e-6 }, 3 },
  { "layer_norm", "3x385", { 0.1 } },
  { "layer_norm", "1031x5 5 5", { 1e-5 } },
  { "layer_norm", "523x17 17 17", { 1e-6 } },
  { "batch_norm_training", "2x1 1 1", { 1e-5 } },
  { "batch_norm_training", "3x5 5 5", { 1e-5 } },
  { "batch_norm_training", "7x5", { 1e-5 } },
  { "batch_norm_training", "16x17 17 17", { 1e-5 } },
  { "batch_norm_training", "131x67 67 67", { 1e-5 }, 3 },
  { "batch_norm_training", "33x128 128 128", { 0.1 } },
  { "batch_norm_training", "1031x5 5 5", { 1e-5 } },
  { "batch_norm_running", "1x1 1 1 1 1", { 1e-5 } },
  { "batch_norm_running", "3x5 5 5 5 5", { 1e-5 } },
  { "batch_norm_running", "131x67 67 67 67 67", { 1e-5 } },
  { "normalize", "1x1" },
  { "normalize", "3x5" },
  { "normalize", "2x17x3" },
  { "normalize", "65x128" },
  { "normalize", "7x131", { 0 }, 100 },
  { "standardize", "1x2", { 1e-6 } },
  { "standardize", "3x5", { 1e-6 } },
  { "standardize", "2x16x48", { 1e-6 } },
  { "standardize", "3x131", { 1e-6 } },
  { "unstandardize", "1x2 1x2", { 1e-6 } },
  { "unstandardize", "3x5 3x5", { 1e-6 } },
  { "unstandardize", "2x16x48 2x16x48", { 1e-6 } },
  { "softmax", "1" },
  { "softmax", "1x1" },
  { "softmax", "3x5" },
  { "softmax", "2x17x31", { 0 }, 5 },
  { "softmax", "65x16", { 0 }, 10 },
  { "softmax", "3x257", { 0 }, 30 },

  { "patchify", "1x1x1x1", { 1 } },
  { "patchify", "2x4x6x3", { 2 } },
  { "patchify", "1x12x8x1", { 4 } },
  { "patchify", "3x9x6x5", { 3 } },
  { "patchify", "2x5x5x2", { 1 } },
  { "patchify", "1x16x16x3", { 16 } },
  { "unpatchify", "1x1x1", { 1, 1, 1 } },
  { "unpatchify", "2x6x12", { 2, 4, 6 } },
  { "unpatchify", "1x6x16", { 4, 12, 8 } },
  { "unpatchify", "3x6x45", { 3, 9, 6 } },
  { "prepend_token", "1x1x1 1" },
  { "prepend_token", "2x3x5 5" },
  { "prepend_token", "17x16x24 24" },
  { "prepend_token", "2x3x5 1x5" },
  { "prepend_token", "3x4x12 5x12" },
  { "prepend_token", "131x2x7 7" },
  { "prepend_token", "1031x1x3 3" },
  { "tokens", "1x1x1", { 0, 1 } },
  { "tokens", "2x5x3", { 0, 1 } },
  { "tokens", "2x5x3", { 1, 4 } },
  { "tokens", "3x17x24", { 1, 16 } },
  { "tokens", "3x17x24", { 7, 3 } },
  { "mean_tokens", "1x1x1" },
  { "mean_tokens", "2x3x5" },
  { "mean_tokens", "3x17x24" },
  { "mean_tokens", "2x131x7" },
  { "gather_tokens", "1x1x1 1x1" },
  { "gather_tokens", "2x5x3 2x2" },
  { "gather_tokens", "2x5x3 2x5" },
  { "gather_tokens", "3x17x24 3x4" },
  { "gather_tokens", "5x3 2x2" },
  { "gather_tokens", "17x24 7x11" },
  { "gather_tokens", "1x3 5x1" },
  { "gather_tokens", "9x3 67x4" },
  { "restore_tokens", "1x1x1 1 1x1" },
  { "restore_tokens", "1x1x1 1 1x2" },
  { "restore_tokens", "2x2x3 3 2x5" },
  { "restore_tokens", "2x5x3 3 2x5" },
  { "restore_tokens", "3x4x24 24 3x17" },
  { "restore_tokens", "9x1x5 5 9x16" },
  { "restore_tokens", "67x2x3 3 67x9" },

  { "cross_entropy", "1x1 1" },
  { "cross_entropy", "1x2 1" },
  { "cross_entropy", "3x5 3" },
  { "cross_entropy", "17x10 17", { 0 }, 5 },
  { "cross_entropy", "65x131 65", { 0 }, 20 },
  { "mask_diagonal", "1x1", { -3 } },
  { "mask_diagonal", "5x5", { -3 } },
  { "mask_diagonal", "17x17", { 0 } },
  { "mask_diagonal", "65x65", { -7.5 } },
  { "nt_xent", "2x3", { 0.5 } },
  { "nt_xent", "4x1", { 0.5 } },
  { "nt_xent", "6x5", { 0.1 } },
  { "nt_xent", "34x16", { 0.2 } },
  { "nt_xent", "66x17", { 0.1 } },
  { "nt_xent", "16x128", { 0.07 } },
  { "info_nce", "1x1 1x1", { 0.5 } },
  { "info_nce", "5x3 5x3", { 0.1 } },
  { "info_nce", "33x17 33x17", { 0.2 } },
  { "info_nce", "1x4 1x4 1x4", { 0.5 } },
  { "info_nce", "5x3 5x3 7x3", { 0.1 } },
  { "info_nce", "17x16 17x16 66x16", { 0.2 } },
  { "info_nce", "16x128 16x128 33x128", { 0.07 } },
  { "masked_mse", "1x1x1 1x1x1 1x1" },
  { "masked_mse", "2x5x3 2x5x3 2x5" },
  { "masked_mse", "3x16x48 3x16x48 3x16" },
  { "masked_mse", "2x17x31 2x17x31 2x17" },

  { "add", "16x197x384 16x197x384", .timed = BY_BYTES },
  { "mul", "3152x384 384", .timed = BY_BYTES },
  { "gelu", "3152x1536", .timed = BY_BYTES },
  { "div", "3152x384 384", .timed = BY_BYTES },
  { "exp", "3152x1536", .timed = BY_BYTES },
  { "log", "3152x1536", .timed = BY_BYTES },
  { "tanh", "3152x1536", .timed = BY_BYTES },
  { "sum", "3152x1536", .timed = BY_BYTES },
  { "linear", "3152x384 1536x384 1536", .timed = 2.0 * 3152 * 384 * 1536 },
  { "matmul", "512x512 512x512", .timed = 2.0 * 512 * 512 * 512 },
  { "layer_norm", "3152x384 384 384", { 1e-6 }, .timed = BY_BYTES },
  { "batch_norm_training", "8192x64 64 64", { 1e-5 }, .timed = BY_BYTES },
  { "normalize", "3152x384", .timed = BY_BYTES },
  { "softmax", "3152x197", .timed = BY_BYTES },
  { "patchify", "16x224x224x3", { 16 }, .timed = BY_BYTES },
  { "gather_tokens", "16x196x384 16x49", .timed = BY_BYTES },
  { "restore_tokens", "16x49x256 256 16x196", .timed = BY_BYTES },
  { "mean_tokens", "16x196x384", .timed = BY_BYTES },
  { "cross_entropy", "4096x65 4096", .timed = BY_BYTES },
  { "nt_xent", "256x128", { 0.2 }, .timed = 2.0 * 256 * 256 * 128 },
  { "info_nce", "256x128 256x128 4096x128", { 0.2 }, .timed = 2.0 * 256 * 4352 * 128 },
  { "masked_mse", "16x196x768 16x196x768 16x196", .timed = BY_BYTES },
  { NULL },
};

/* --- The whole table ------------------------------------------------------- */

const Part table[] = {
  { operations, cases },
  { convolution_operations, convolution_cases },
  { index_operations, index_cases },
  { layer_operations, layer_cases },
  { statistics_operations, statistics_cases },
  { attention_operations, attention_cases },
  { view_operations, view_cases },
  { NULL },
};
