/* loss.c: losses, to one number. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* --- Cross-entropy ---------------------------------------------------------------- */

/* saved[0]: log of the sum of exponentials of each row, [M] */
static void
cross_entropy_backward (EidNode *node)
{
  EidTensor *logits = node->inputs[0], *target = node->inputs[1];
  gsize rows = eid_dim (logits, 0);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (logits, &accumulate);

  if (dx)
    EID_ROWS (logits->device, "loss:cross_entropy_backward", rows, T (logits), T (target), T (node->saved[0]),
              T (node->output->gradient), T (dx), I (rows), I (eid_last (logits)), I (accumulate));
}

EidTensor *
eid_cross_entropy (EidTensor *logits, EidTensor *target)
{
  EidDevice *device = logits->device;
  gsize rows = eid_dim (logits, 0);
  EidTensor *out = eid_output (device, "cross_entropy", EID_F32, EID_SHAPE (1));
  EidTensor *sums = eid_output (device, "cross_entropy", EID_F32, EID_SHAPE (rows));
  EidTensor *losses;
  EidNode *node;

  if (!eid_require (device,
                    logits->shape.rank == 2 && target->type == EID_I32 && eid_tensor_count (target) == rows,
                    "cross_entropy", _ ("the logits must be [M, N], the targets [M]")))
    return out;
  logits = eid_cast (logits, EID_F32);
  losses = eid_scratch (device, EID_SHAPE (rows), "cross_entropy");
  EID_ROWS (device, "loss:cross_entropy", rows, T (logits), T (target), T (sums), T (losses), I (rows),
            I (eid_last (logits)));
  EID_ROWS (device, "reduce:row_sums", 1, T (losses), T (out), I (1), I (rows), I (rows), F (1.0f / rows));
  eid_scratch_free (losses);
  node = EID_RECORD (out, "cross_entropy", cross_entropy_backward, logits, target);
  if (node)
    node->saved[0] = sums;
  return out;
}

/* --- Cross-entropy against probabilities ------------------------------------------------ */

/* How many pairs of different views of one sample there are: @views against the first @targets of them. */
static gsize
view_pairs (gsize views, gsize targets)
{
  return views * targets - targets;
}

/* saved[0]: log of the sum of exponentials of each row, [M]; floats: 1 / temperature, 1 / pairs */
static void
soft_cross_entropy_backward (EidNode *node)
{
  EidTensor *logits = node->inputs[0], *probabilities = node->inputs[1];
  gsize rows = eid_dim (logits, 0);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (logits, &accumulate);

  if (dx)
    EID_ROWS (logits->device, "loss:soft_cross_entropy_backward", rows, T (logits), T (probabilities),
              T (node->saved[0]), T (node->output->gradient), T (dx), I (rows), I (eid_last (logits)),
              I (eid_dim (probabilities, 0)), I (node->integers[0]), F (node->floats[0]), F (node->floats[1]),
              I (accumulate));
}

EidTensor *
eid_soft_cross_entropy (EidTensor *logits, EidTensor *probabilities, guint batch, float temperature)
{
  EidDevice *device = logits->device;
  gsize rows = eid_dim (logits, 0), targets = eid_dim (probabilities, 0);
  EidTensor *out = eid_output (device, "soft_cross_entropy", EID_F32, EID_SHAPE (1));
  EidTensor *sums = eid_output (device, "soft_cross_entropy", EID_F32, EID_SHAPE (rows));
  EidTensor *losses;
  EidNode *node;
  float scale;

  if (!eid_require (device,
                    logits->shape.rank == 2 && probabilities->shape.rank == 2
                        && eid_last (logits) == eid_last (probabilities) && batch > 0 && rows % batch == 0
                        && targets % batch == 0 && rows > batch && targets > 0 && targets <= rows,
                    "soft_cross_entropy",
                    _ ("the logits must be [V B, K] of two or more views, the probabilities [T B, K] of "
                       "the first of them")))
    return out;
  logits = eid_cast (logits, EID_F32);
  probabilities = eid_cast (probabilities, EID_F32);
  scale = 1.0f / (view_pairs (rows / batch, targets / batch) * batch);
  losses = eid_scratch (device, EID_SHAPE (rows), "soft_cross_entropy");
  EID_ROWS (device, "loss:soft_cross_entropy", rows, T (logits), T (probabilities), T (sums), T (losses),
            I (rows), I (eid_last (logits)), I (targets), I (batch), F (1 / temperature));
  EID_ROWS (device, "reduce:row_sums", 1, T (losses), T (out), I (1), I (rows), I (rows), F (scale));
  eid_scratch_free (losses);
  node = EID_RECORD (out, "soft_cross_entropy", soft_cross_entropy_backward, logits, probabilities);
  if (node)
    {
      node->saved[0] = sums;
      node->integers[0] = batch;
      node->floats[0] = 1 / temperature;
      node->floats[1] = scale;
    }
  return out;
}

/* --- Similarities without oneself ----------------------------------------------------- */

static void
mask_diagonal_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_MAP (x->device, "loss:mask_diagonal", count, T (node->output->gradient), T (dx), I (eid_last (x)),
             I (count), F (0), I (accumulate));
}

EidTensor *
eid_mask_diagonal (EidTensor *x, float value)
{
  gsize count = eid_tensor_count (x);
  EidTensor *out = eid_output (x->device, "mask_diagonal", EID_F32, x->shape);

  if (!eid_require (x->device, x->shape.rank == 2 && eid_dim (x, 0) == eid_dim (x, 1), "mask_diagonal",
                    _ ("the matrix must be square")))
    return out;
  x = eid_cast (x, EID_F32);
  EID_MAP (x->device, "loss:mask_diagonal", count, T (x), T (out), I (eid_last (x)), I (count), F (value),
           I (FALSE));
  EID_RECORD (out, "mask_diagonal", mask_diagonal_backward, x);
  return out;
}

EidTensor *
eid_nt_xent (EidTensor *z, float temperature)
{
  guint rows = eid_dim (z, 0), half = rows / 2;
  g_autofree gint32 *partner = g_new (gint32, MAX (rows, 1));
  EidTensor *similarity;

  eid_require (z->device, z->shape.rank == 2 && rows % 2 == 0 && rows >= 2, "nt_xent",
               _ ("two views of each picture make an even number of rows, not %u"), rows);
  for (guint i = 0; i < rows; i++)
    partner[i] = (i + half) % rows;
  similarity = eid_scale (eid_matmul (z, FALSE, z, TRUE), 1 / temperature);
  return eid_cross_entropy (eid_mask_diagonal (similarity, -1e30f),
                            eid_tensor_from_data (z->device, EID_I32, EID_SHAPE (rows), partner));
}

/* --- Queries and their keys -------------------------------------------------------------- */

static void
mask_other_keys_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0];
  gsize count = eid_tensor_count (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_MAP (x->device, "loss:mask_other_keys", count, T (node->output->gradient), T (dx), I (eid_dim (x, 0)),
             I (eid_last (x)), I (count), F (0), I (accumulate));
}

/* x [M, M + N]: of the first M columns all but the diagonal become so low that no softmax counts
 * them, and get no gradient. */
static EidTensor *
mask_other_keys (EidTensor *x)
{
  gsize count = eid_tensor_count (x);
  EidTensor *out = eid_output (x->device, "info_nce", EID_F32, x->shape);

  EID_MAP (x->device, "loss:mask_other_keys", count, T (x), T (out), I (eid_dim (x, 0)), I (eid_last (x)),
           I (count), F (-1e30f), I (FALSE));
  EID_RECORD (out, "info_nce", mask_other_keys_backward, x);
  return out;
}

EidTensor *
eid_info_nce (EidTensor *queries, EidTensor *keys, EidTensor *negatives, float temperature)
{
  EidDevice *device = queries->device;
  guint rows = eid_dim (queries, 0);
  g_autofree gint32 *own = g_new (gint32, MAX (rows, 1));
  EidTensor *similarity;

  if (!eid_require (
          device,
          queries->shape.rank == 2 && eid_shape_equal (queries->shape, keys->shape)
              && (!negatives || (negatives->shape.rank == 2 && eid_last (negatives) == eid_last (keys))),
          "info_nce", _ ("queries and keys must be [M, D], the negatives [N, D]")))
    return eid_output (device, "info_nce", EID_F32, EID_SHAPE (1));
  for (guint i = 0; i < rows; i++)
    own[i] = i;
  similarity = eid_matmul (queries, FALSE, negatives ? eid_concat (keys, negatives) : keys, TRUE);
  similarity = eid_scale (eid_cast (similarity, EID_F32), 1 / temperature);
  return eid_cross_entropy (negatives ? mask_other_keys (similarity) : similarity,
                            eid_tensor_from_data (device, EID_I32, EID_SHAPE (rows), own));
}

/* --- Reconstruction ----------------------------------------------------------------------- */

/* saved[0]: how many tokens were hidden, [1] */
static void
masked_mse_backward (EidNode *node)
{
  EidTensor *prediction = node->inputs[0], *target = node->inputs[1], *mask = node->inputs[2];
  gsize rows = eid_leading (prediction);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (prediction, &accumulate);

  if (dx)
    EID_ROWS (prediction->device, "loss:masked_mse_backward", rows, T (prediction), T (target), T (mask),
              T (node->saved[0]), T (node->output->gradient), T (dx), I (rows), I (eid_last (prediction)),
              I (accumulate));
}

EidTensor *
eid_masked_mse (EidTensor *prediction, EidTensor *target, EidTensor *mask)
{
  EidDevice *device = prediction->device;
  gsize rows = eid_leading (prediction);
  EidTensor *out = eid_output (device, "masked_mse", EID_F32, EID_SHAPE (1));
  EidTensor *hidden = eid_output (device, "masked_mse", EID_F32, EID_SHAPE (1));
  EidTensor *losses;
  EidNode *node;

  if (!eid_require (device,
                    eid_shape_equal (prediction->shape, target->shape) && eid_tensor_count (mask) == rows,
                    "masked_mse", _ ("prediction and target must be [B, N, P], the mask [B, N]")))
    return out;
  prediction = eid_cast (prediction, EID_F32);
  target = eid_cast (target, EID_F32);
  mask = eid_cast (mask, EID_F32);
  losses = eid_scratch (device, EID_SHAPE (rows), "masked_mse");
  EID_ROWS (device, "loss:masked_mse", rows, T (prediction), T (target), T (mask), T (losses), I (rows),
            I (eid_last (prediction)));
  EID_ROWS (device, "reduce:row_sums", 1, T (mask), T (hidden), I (1), I (rows), I (rows), F (1));
  EID_ROWS (device, "reduce:row_sums", 1, T (losses), T (out), I (1), I (rows), I (rows), F (1));
  EID_MAP (device, "loss:divide", 1, T (out), T (hidden));
  eid_scratch_free (losses);
  node = EID_RECORD (out, "masked_mse", masked_mse_backward, prediction, target, mask);
  if (node)
    node->saved[0] = hidden;
  return out;
}
