/* table.h: what a case of the table of operations is.
 *
 * cases*.c hold the table, reference*.c the same mathematics on the host in
 * float64; operations.c goes through the table, in both precisions, and
 * compares. A new subject brings its own two files, and one line at the end of
 * cases.c.
 */
#pragma once

#include "tensor.h"

#define MAX_INPUTS     6
#define MAX_ATTRIBUTES 4

/* A tensor on the host, in float64. Integers are held as whole numbers. */
typedef struct
{
  EidShape shape;
  gsize count;
  double value[];
} Array;

Array *array_new (EidShape shape);              /* zeros; g_free() */
guint array_dim (const Array *array, int axis); /* -1: the last; 1 outside the rank */

/* How an input's values are drawn, and whether it gets a gradient. */
typedef enum
{
  NONE,
  REAL,     /* in [-spread, spread], away from 0; differentiable               */
  UNIT,     /* rows of length 1; differentiable                                */
  ABOVE,    /* in [0.5, 1.5]; differentiable                                   */
  GRID,     /* all different, at most 512; differentiable                      */
  FIXED,    /* as REAL, but the operation gives it no gradient                 */
  STATE,    /* as FIXED, and always in 32 bits: running means                  */
  POSITIVE, /* in [0.5, 1.5], as STATE: variances                              */
  MASK,     /* 0 or 1, at least one 1                                          */
  TARGET,   /* I32 below the last dimension of the first input                 */
  PLACE,    /* I32 below the first dimension of the first input                */
  BELOW,    /* I32 below the first attribute                                   */
  KEEP,     /* I32 rows without repeats, below the first input's last but one  */
  RESTORE,  /* I32 rows, each a permutation                                    */
} InputKind;

typedef struct
{
  const char *name;
  InputKind input[MAX_INPUTS];
  EidTensor *(*run) (EidTensor **in, const double *attribute);
  Array *(*reference) (Array **in, const double *attribute);
} Operation;

/* @shapes: "3x5 7x5 7", one for each input, or fewer: the last are NULL then. */
typedef struct
{
  const char *operation;
  const char *shapes;
  double attribute[MAX_ATTRIBUTES];
  double spread; /* 0: 1 */
  double timed;  /* not 0: of a real size, timed with --speed and not tested; its floating-point
                    operations, or BY_BYTES */
} Case;

#define BY_BYTES (-1)

/* What one file gives to the table. */
typedef struct
{
  const Operation *operations; /* ends with a NULL name */
  const Case *cases;           /* ends with a NULL operation */
} Part;

extern const Part table[]; /* ends with NULL operations */

/* run_NAME, which calls eid_NAME, and the row of such an operation. */
#define CALLER(name, ...)                                                                                    \
  static EidTensor *run_##name (EidTensor **in, const double *a)                                             \
  {                                                                                                          \
    return eid_##name (__VA_ARGS__);                                                                         \
  }
#define ROW(name, ...)                                                                                       \
  {                                                                                                          \
#name, { __VA_ARGS__ }, run_##name, reference_##name                                                     \
  }

/* reference.c. Shapes and formulae as opencl/tensor.h states them. */
Array *reference_reshape (Array **in, const double *a); /* to [count] */
Array *reference_concat (Array **in, const double *a);
Array *reference_rows (Array **in, const double *a); /* first, count */
Array *reference_add (Array **in, const double *a);
Array *reference_sub (Array **in, const double *a);
Array *reference_mul (Array **in, const double *a);
Array *reference_scale (Array **in, const double *a); /* factor */
Array *reference_shift (Array **in, const double *a); /* by */
Array *reference_relu (Array **in, const double *a);
Array *reference_gelu (Array **in, const double *a);
Array *reference_div (Array **in, const double *a);
Array *reference_exp (Array **in, const double *a);
Array *reference_log (Array **in, const double *a);
Array *reference_sqrt (Array **in, const double *a);
Array *reference_square (Array **in, const double *a);
Array *reference_tanh (Array **in, const double *a);
Array *reference_sigmoid (Array **in, const double *a);
Array *reference_clamp (Array **in, const double *a); /* low, high */
Array *reference_sum (Array **in, const double *a);
Array *reference_mean (Array **in, const double *a);
Array *reference_linear (Array **in, const double *a);
Array *reference_matmul (Array **in, const double *a);              /* transpose_a, transpose_b */
Array *reference_layer_norm (Array **in, const double *a);          /* epsilon */
Array *reference_batch_norm_training (Array **in, const double *a); /* epsilon */
Array *reference_batch_norm_running (Array **in, const double *a);  /* epsilon */
Array *reference_normalize (Array **in, const double *a);
Array *reference_standardize (Array **in, const double *a);   /* epsilon */
Array *reference_unstandardize (Array **in, const double *a); /* epsilon */
Array *reference_softmax (Array **in, const double *a);
Array *reference_patchify (Array **in, const double *a);                /* patch */
Array *reference_unpatchify (Array **in, const double *a);              /* patch, height, width */
Array *reference_prepend_token (Array **in, const double *a);
Array *reference_tokens (Array **in, const double *a); /* first, count */
Array *reference_mean_tokens (Array **in, const double *a);
Array *reference_gather_tokens (Array **in, const double *a);
Array *reference_restore_tokens (Array **in, const double *a);
Array *reference_cross_entropy (Array **in, const double *a);
Array *reference_mask_diagonal (Array **in, const double *a); /* value */
Array *reference_info_nce (Array **in, const double *a);      /* temperature */
Array *reference_nt_xent (Array **in, const double *a);       /* temperature */
Array *reference_masked_mse (Array **in, const double *a);

/* cases-layers.c, reference-layers.c */
extern const Operation layer_operations[];
extern const Case layer_cases[];
Array *reference_patchify_film (Array **in, const double *a); /* frames, patch */

/* cases-convolution.c, reference-convolution.c */
extern const Operation convolution_operations[];
extern const Case convolution_cases[];
Array *reference_conv2d (Array **in, const double *a);               /* stride, padding, groups */
Array *reference_conv2d_transpose (Array **in, const double *a);     /* stride, padding */
Array *reference_max_pool2d (Array **in, const double *a);           /* window, stride, padding */
Array *reference_avg_pool2d (Array **in, const double *a);           /* window, stride, padding */
Array *reference_batch_norm_full (Array **in, const double *a);      /* epsilon, ReLU */
Array *reference_conv2d_norm_training (Array **in, const double *a); /* padding, ReLU, residual */
Array *reference_conv2d_norm_running (Array **in, const double *a);  /* padding, ReLU, residual */

/* cases-attention.c, reference-attention.c */
extern const Operation attention_operations[];
extern const Case attention_cases[];
Array *reference_attention (Array **in, const double *a);                     /* heads, causal */
Array *reference_attention_probabilities (Array **in, const double *a);       /* heads, causal */
Array *reference_cross_attention (Array **in, const double *a);               /* heads */
Array *reference_cross_attention_probabilities (Array **in, const double *a); /* heads */

/* cases-views.c, reference-views.c */
extern const Operation view_operations[];
extern const Case view_cases[];
Array *reference_embedding (Array **in, const double *a);
Array *reference_resize_positions (Array **in, const double *a);   /* grid, height, width */
Array *reference_resize_positions_by (Array **in, const double *a); /* grid, height, width, how */
Array *reference_running_mean (Array **in, const double *a);       /* momentum */
Array *reference_soft_cross_entropy (Array **in, const double *a); /* batch, temperature */
Array *reference_scale_rows (Array **in, const double *a);
Array *reference_hide_tokens (Array **in, const double *a);
Array *reference_gru_cell (Array **in, const double *a);

/* cases-index.c, reference-index.c */
extern const Operation index_operations[];
extern const Case index_cases[];
Array *reference_gather (Array **in, const double *a);
Array *reference_scatter (Array **in, const double *a); /* n */
Array *reference_top_k (Array **in, const double *a);   /* k */

/* cases-statistics.c, reference-statistics.c */
extern const Operation statistics_operations[];
extern const Case statistics_cases[];
Array *reference_sum_axis (Array **in, const double *a);  /* axis */
Array *reference_mean_axis (Array **in, const double *a); /* axis */
Array *reference_max_axis (Array **in, const double *a);  /* axis */
Array *reference_cumulative_sum (Array **in, const double *a);
Array *reference_covariance (Array **in, const double *a);
Array *reference_diagonal (Array **in, const double *a);
Array *reference_off_diagonal_squares (Array **in, const double *a);
Array *reference_sinkhorn (Array **in, const double *a);    /* epsilon, iterations */
Array *reference_epps_pulley (Array **in, const double *a); /* knots, t_max */
