/* matrix.c: products of matrices, with their gradients. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* --- Linear: y = x W^T + b (+ residual) ---------------------------------------- */

void
eid_linear_gradients (EidTensor *x, EidTensor *dy, EidTensor *weight, EidTensor *bias)
{
  gsize rows = eid_leading (x);
  guint in = eid_last (x), out = eid_dim (weight, 0);
  gint accumulate;
  EidTensor *dx, *dw, *db;

  dx = eid_gradient_of (x, &accumulate);
  if (dx)
    {
      EidGemm gemm = eid_gemm_dense (FALSE, FALSE, rows, in, out);

      gemm.accumulate = accumulate;
      eid_gemm (x->device, &gemm, dy, eid_operand (weight, dy->type), dx, NULL);
    }
  dw = eid_gradient_of (weight, &accumulate);
  if (dw)
    {
      EidGemm gemm = eid_gemm_dense (TRUE, FALSE, out, in, rows);

      gemm.accumulate = accumulate;
      eid_gemm (x->device, &gemm, dy, x, dw, NULL);
    }
  db = bias ? eid_gradient_of (bias, &accumulate) : NULL;
  if (db)
    eid_column_sums (dy, db, rows, out, 1, accumulate);
}

static void
linear_backward (EidNode *node)
{
  EidTensor *dy = node->output->gradient;

  eid_linear_gradients (node->inputs[0], dy, node->inputs[1], node->inputs[2]);
  eid_pass_gradient (node->inputs[3], dy); /* last: it may share dy's memory */
}

EidTensor *
eid_linear_add (EidTensor *x, EidTensor *weight, EidTensor *bias, EidTensor *residual)
{
  EidShape shape = x->shape;
  EidType precision = x->device->precision;
  EidTensor *out;
  EidGemm gemm;

  if (!eid_require (x->device,
                    weight->shape.rank >= 2
                        && eid_last (x) * eid_dim (weight, 0) == eid_tensor_count (weight),
                    "linear", _ ("a weight of %u rows and %zu elements does not take %u inputs"),
                    eid_dim (weight, 0), eid_tensor_count (weight), eid_last (x))
      || !eid_require (x->device, bias == NULL || eid_tensor_count (bias) == eid_dim (weight, 0), "linear",
                       _ ("the bias does not have one number for each of %u outputs"), eid_dim (weight, 0))
      || !eid_require_floats ("linear", x, weight))
    return eid_output (x->device, "linear", EID_F32, x->shape);

  shape.dim[shape.rank - 1] = eid_dim (weight, 0);
  x = eid_cast (x, precision);
  if (weight->half == NULL)
    weight = eid_cast (weight, precision);
  if (bias)
    bias = eid_cast (bias, EID_F32);
  out = eid_output (x->device, "linear", precision, shape);
  if (residual)
    {
      if (!eid_require (x->device, eid_shape_equal (residual->shape, shape), "linear_add",
                        _ ("the residual does not have the result's shape")))
        return out;
      residual = eid_cast (residual, precision);
    }
  gemm = eid_gemm_dense (FALSE, TRUE, eid_leading (x), eid_dim (weight, 0), eid_last (x));
  eid_gemm_full (
      x->device, &gemm,
      &(EidOperands){
          .a = x, .b = eid_operand (weight, precision), .c = out, .bias = bias, .residual = residual });
  EID_RECORD (out, "linear", linear_backward, x, weight, bias, residual);
  return out;
}

EidTensor *
eid_linear (EidTensor *x, EidTensor *weight, EidTensor *bias)
{
  return eid_linear_add (x, weight, bias, NULL);
}

/* --- Product of two tensors ---------------------------------------------------- */

/* C [m, n] = op(A) op(B), or one of each for each of a batch. */
static EidGemm
batched (gboolean transpose_a, gboolean transpose_b, guint m, guint n, guint k, guint batch)
{
  EidGemm gemm = eid_gemm_dense (transpose_a, transpose_b, m, n, k);

  gemm.outer = batch;
  gemm.stride_a[0] = (guint64) m * k;
  gemm.stride_b[0] = (guint64) k * n;
  gemm.stride_c[0] = (guint64) m * n;
  return gemm;
}

static void
matmul_backward (EidNode *node)
{
  EidTensor *a = node->inputs[0], *b = node->inputs[1], *dy = node->output->gradient;
  gboolean ta = node->integers[0], tb = node->integers[1];
  guint rank = a->shape.rank, batch = rank == 3 ? a->shape.dim[0] : 1;
  guint m = node->output->shape.dim[rank - 2], n = node->output->shape.dim[rank - 1];
  guint k = a->shape.dim[rank - (ta ? 2 : 1)];
  gint accumulate;
  EidTensor *gradient;

  gradient = eid_gradient_of (a, &accumulate);
  if (gradient)
    {
      /* dA = dY op(B)^T; of a transposed A, op(B) dY^T */
      EidGemm gemm = ta ? batched (tb, TRUE, k, m, n, batch) : batched (FALSE, !tb, m, k, n, batch);

      gemm.accumulate = accumulate;
      eid_gemm (a->device, &gemm, ta ? b : dy, ta ? dy : b, gradient, NULL);
    }
  gradient = eid_gradient_of (b, &accumulate);
  if (gradient)
    {
      EidGemm gemm = tb ? batched (TRUE, ta, n, k, m, batch) : batched (!ta, FALSE, k, n, m, batch);

      gemm.accumulate = accumulate;
      eid_gemm (a->device, &gemm, tb ? dy : a, tb ? a : dy, gradient, NULL);
    }
}

EidTensor *
eid_matmul (EidTensor *a, gboolean transpose_a, EidTensor *b, gboolean transpose_b)
{
  guint rank = a->shape.rank;
  EidShape shape = a->shape;
  guint m, n, k, k_b, batch;
  EidTensor *out;
  EidGemm gemm;
  EidNode *node;

  if (!eid_require (a->device,
                    (rank == 2 || rank == 3) && b->shape.rank == rank
                        && (rank == 2 || a->shape.dim[0] == b->shape.dim[0]),
                    "matmul", _ ("both must be matrices, or batches of as many matrices")))
    return eid_output (a->device, "matmul", EID_F32, a->shape);
  m = a->shape.dim[rank - (transpose_a ? 1 : 2)];
  k = a->shape.dim[rank - (transpose_a ? 2 : 1)];
  k_b = b->shape.dim[rank - (transpose_b ? 1 : 2)];
  n = b->shape.dim[rank - (transpose_b ? 2 : 1)];
  batch = rank == 3 ? a->shape.dim[0] : 1;
  shape.dim[rank - 2] = m;
  shape.dim[rank - 1] = n;
  if (!eid_require (a->device, k == k_b, "matmul", _ ("inner sizes %u and %u differ"), k, k_b)
      || !eid_require_floats ("matmul", a, b))
    return eid_output (a->device, "matmul", EID_F32, shape);
  eid_unify (&a, &b);
  if (a->type != b->type) /* a parameter and what it meets */
    {
      a = eid_cast (a, EID_BF16);
      b = eid_cast (b, EID_BF16);
    }
  out = eid_output (a->device, "matmul", a->type, shape);

  gemm = batched (transpose_a, transpose_b, m, n, k, batch);
  eid_gemm (a->device, &gemm, a, b, out, NULL);
  node = EID_RECORD (out, "matmul", matmul_backward, a, b);
  if (node)
    {
      node->integers[0] = transpose_a;
      node->integers[1] = transpose_b;
    }
  return out;
}
