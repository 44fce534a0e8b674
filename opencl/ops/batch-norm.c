/* batch-norm.c: normalisation of columns over all rows of a batch, with what often follows: a
 * residual added and ReLU, in the same pass.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* In runs of rows of about this many elements: enough to be worth a work-item's start. */
#define RUN 8192

static gsize
row_runs (gsize rows, guint n)
{
  return CLAMP (rows * n / RUN, 1, rows);
}

/* Which part of the gradient comes through ReLU. */
typedef enum
{
  ALL,       /* there is none                                         */
  BY_INPUT,  /* where what is made again from the input is above 0    */
  BY_OUTPUT, /* where the output is: with a residual                  */
} Gate;

/* --- Gradient --------------------------------------------------------------------- */

/* saved[0]: mean and 1 / deviation of each column, [2, n] */
static void
batch_norm_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *gain = node->inputs[1], *bias = node->inputs[2],
            *residual = node->inputs[3], *dy = node->output->gradient, *moments = node->saved[0];
  EidDevice *device = x->device;
  gboolean training = node->integers[0], relu = node->integers[1];
  Gate gate = !relu ? ALL : residual ? BY_OUTPUT : BY_INPUT;
  gsize rows = eid_leading (x), chunks = eid_row_chunks (rows), runs;
  guint n = eid_last (x);
  EidTensor *partial = eid_scratch (device, EID_SHAPE (chunks, 2 * n), "batch norm");
  EidTensor *sums = eid_scratch (device, EID_SHAPE (2, n), "batch norm");
  EidTensor *gated = NULL, *dx, *dgain, *dbias, *dresidual = NULL;
  gint accumulate, accumulate_residual = FALSE;

  if (gate == BY_OUTPUT)
    {
      /* What comes through is the residual's gradient, too. */
      dresidual = eid_gradient_of (residual, &accumulate_residual);
      gated = dresidual && !accumulate_residual ? dresidual
                                                : eid_scratch_of (device, dy->type, dy->shape, "batch norm");
    }
  EID_ROWS (device, "batch_norm:sum_chunks", chunks, T (x), T (gain), T (bias), T (moments), T (dy),
            T (gate == BY_OUTPUT ? node->output : NULL), T (gated), T (partial), I (rows), I (n), I (chunks),
            I (gate == BY_INPUT));
  EID_MAP (device, "reduce:add_chunks", 2 * n, T (partial), T (sums), I (chunks), I (2 * n), F (1), I (0));
  eid_scratch_free (partial);

  dx = eid_gradient_of (x, &accumulate);
  runs = row_runs (rows, n);
  if (dx)
    EID_ROWS (device, "batch_norm:backward", runs, T (x), T (gain), T (bias), T (moments),
              T (gated ? gated : dy), T (sums), T (dx), I (rows), I (n), I (runs), I (gate == BY_INPUT),
              F (training ? 1.0f / rows : 0), I (accumulate));
  dgain = eid_gradient_of (gain, &accumulate);
  if (dgain)
    EID_MAP (device, "elementwise:copy_part", n, T (dgain), I (0), T (sums), I (n), I (n), I (accumulate));
  dbias = eid_gradient_of (bias, &accumulate);
  if (dbias)
    EID_MAP (device, "elementwise:copy_part", n, T (dbias), I (0), T (sums), I (0), I (n), I (accumulate));
  eid_scratch_free (sums);

  if (gated && gated != dresidual)
    {
      if (dresidual)
        eid_add_scaled (dresidual, gated, 1, TRUE);
      eid_scratch_free (gated);
    }
  if (residual && !relu)
    eid_pass_gradient (residual, dy); /* last: it may share dy's memory */
}

/* --- Forward ------------------------------------------------------------------------ */

/* The batch's moments [2, n], by which the running ones are moved; or the running ones. */
static EidTensor *
find_moments (EidTensor *x, const EidBatchNorm *norm, gboolean training)
{
  EidDevice *device = x->device;
  gsize rows = eid_leading (x), chunks = training ? eid_row_chunks (rows) : 0;
  guint n = eid_last (x);
  EidTensor *moments = eid_output (device, "batch_norm", EID_F32, EID_SHAPE (2, n));
  EidTensor *partial = NULL;
  float momentum = device->recomputing ? 0 : norm->momentum; /* they were moved the first time */

  if (training)
    {
      partial = eid_scratch (device, EID_SHAPE (chunks, 2, n), "batch norm");
      EID_ROWS (device, "batch_norm:moment_chunks", chunks, T (x), T (partial), I (rows), I (n), I (chunks));
      device->changes++;
    }
  EID_MAP (device, "batch_norm:moments", n, T (partial), T (moments), T (norm->running_mean),
           T (norm->running_var), I (rows), I (n), I (chunks), F (momentum), F (norm->epsilon));
  g_clear_pointer (&partial, eid_scratch_free);
  return moments;
}

static gboolean
check (EidTensor *x, const EidBatchNorm *norm, gboolean training, EidTensor *residual)
{
  EidTensor *const rows_of_n[] = { norm->gain, norm->bias, norm->running_mean, norm->running_var };
  EidDevice *device = x->device;
  guint n = eid_last (x);
  gboolean fit = norm->running_mean && norm->running_var && !norm->gain == !norm->bias;

  /* Moments are written to where they are; the others are cast. */
  for (guint i = 0; i < G_N_ELEMENTS (rows_of_n); i++)
    if (fit && rows_of_n[i])
      fit = eid_tensor_count (rows_of_n[i]) == n
            && (i < 2 ? eid_is_float (rows_of_n[i]) : rows_of_n[i]->type == EID_F32);
  return eid_require_floats ("batch_norm", x, residual)
         && eid_require (device, fit, "batch_norm",
                         _ ("gain, bias and moments must have one number for each of %u columns"), n)
         && eid_require (device, residual == NULL || eid_shape_equal (residual->shape, x->shape),
                         "batch_norm", _ ("the residual does not have the input's shape"))
         && eid_require (device, !training || eid_leading (x) > 1, "batch_norm",
                         _ ("a batch of one has no spread; use a larger [Run] batch"));
}

EidTensor *
eid_batch_norm_full (EidTensor *x, const EidBatchNorm *norm, gboolean training, EidTensor *residual,
                     gboolean relu)
{
  EidDevice *device = x->device;
  EidTensor *out = eid_output (device, "batch_norm", x->type, x->shape);
  gsize rows = eid_leading (x), runs = row_runs (rows, eid_last (x));
  EidTensor *moments, *gain = NULL, *bias = NULL;
  EidNode *node;

  if (!check (x, norm, training, residual))
    return out;
  if (norm->gain)
    {
      gain = eid_cast (norm->gain, EID_F32);
      bias = eid_cast (norm->bias, EID_F32);
    }
  if (residual)
    residual = eid_cast (residual, x->type);
  moments = find_moments (x, norm, training);
  EID_ROWS (device, "batch_norm:forward", runs, T (x), T (gain), T (bias), T (moments), T (residual), T (out),
            I (rows), I (eid_last (x)), I (runs), I (relu));
  node = EID_RECORD (out, "batch_norm", batch_norm_backward, x, gain, bias, residual);
  if (node)
    {
      node->saved[0] = moments;
      node->integers[0] = training;
      node->integers[1] = relu;
    }
  return out;
}

EidTensor *
eid_batch_norm (EidTensor *x, EidTensor *gain, EidTensor *bias, EidTensor *running_mean,
                EidTensor *running_var, float momentum, float epsilon, gboolean training)
{
  const EidBatchNorm norm = { gain, bias, running_mean, running_var, momentum, epsilon };

  return eid_batch_norm_full (x, &norm, training, NULL, FALSE);
}
