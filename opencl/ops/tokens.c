/* tokens.c: choosing, joining and restoring tokens. They are made in patches.c. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* --- Choosing by place ------------------------------------------------------------ */

/* out [B, count, D] from x [B, N, D] at @first, or the other way, adding. */
static void
copy_tokens (EidTensor *few, EidTensor *all, guint first, gboolean to_few, gint accumulate)
{
  gsize rows = (gsize) eid_dim (few, 0) * eid_dim (few, 1);

  EID_ROWS (few->device, "tokens:copy_tokens", rows, T (few), T (all), I (rows), I (eid_last (few)),
            I (eid_dim (few, 1)), I (eid_dim (all, 1)), I (first), I (to_few), I (accumulate));
}

static void
tokens_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);

  if (dx == NULL)
    return;
  if (!accumulate)
    eid_fill (dx, 0);
  copy_tokens (node->output->gradient, dx, node->integers[0], FALSE, TRUE);
}

EidTensor *
eid_tokens (EidTensor *x, guint first, guint count)
{
  EidTensor *out;
  EidNode *node;

  if (!eid_require (
          x->device, x->shape.rank == 3 && first <= eid_dim (x, 1) && count <= eid_dim (x, 1) - first,
          "tokens", _ ("tokens from %u, %u of them, do not exist among %u"), first, count, eid_dim (x, 1)))
    return eid_output (x->device, "tokens", EID_F32, EID_SHAPE (1, 1, 1));
  out = eid_output (x->device, "tokens", x->type, EID_SHAPE (eid_dim (x, 0), count, eid_last (x)));
  copy_tokens (out, x, first, TRUE, FALSE);
  node = EID_RECORD (out, "tokens", tokens_backward, x);
  if (node)
    node->integers[0] = first;
  return out;
}

static void
prepend_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *token = node->inputs[1], *dy = node->output->gradient;
  guint batch = eid_dim (x, 0), width = eid_last (x), count = eid_tensor_count (token) / width;
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate), *dtoken;

  if (dx)
    copy_tokens (dx, dy, count, TRUE, accumulate);
  dtoken = eid_gradient_of (token, &accumulate);
  if (dtoken)
    {
      EidTensor *first =
          eid_scratch_of (x->device, dy->type, EID_SHAPE (batch, count, width), "prepend_token");

      copy_tokens (first, dy, 0, TRUE, FALSE);
      eid_column_sums (first, dtoken, batch, count * width, 1, accumulate);
      eid_scratch_free (first);
    }
}

EidTensor *
eid_prepend_token (EidTensor *x, EidTensor *token)
{
  guint batch = eid_dim (x, 0), width = eid_last (x), count = eid_tensor_count (token) / MAX (width, 1);
  EidTensor *out =
      eid_output (x->device, "prepend_token", x->type, EID_SHAPE (batch, eid_dim (x, 1) + count, width));

  if (!eid_require (x->device, x->shape.rank == 3 && count > 0 && eid_last (token) == width, "prepend_token",
                    _ ("the token must have %u channels"), width))
    return out;
  token = eid_cast (token, EID_F32);
  copy_tokens (x, out, count, FALSE, FALSE);
  EID_ROWS (x->device, "tokens:first_tokens", batch, T (token), T (out), I (batch), I (count * width),
            I (eid_dim (out, 1) * width));
  EID_RECORD (out, "prepend_token", prepend_backward, x, token);
  return out;
}

/* inputs: x, token, mask */
static void
hide_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *token = node->inputs[1], *mask = node->inputs[2];
  EidTensor *dy = node->output->gradient;
  gsize rows = eid_leading (x);
  guint width = eid_last (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate), *dtoken;

  if (dx)
    EID_ROWS (x->device, "tokens:hide_backward", rows, T (dy), T (mask), T (dx), I (rows), I (width),
              I (accumulate));
  dtoken = eid_gradient_of (token, &accumulate);
  if (dtoken)
    {
      EidTensor *hidden = eid_scratch_of (x->device, dy->type, x->shape, "hide_tokens");

      EID_ROWS (x->device, "elementwise:scale_rows", rows, T (dy), T (mask), T (hidden), I (rows), I (width),
                I (FALSE));
      eid_column_sums (hidden, dtoken, rows, width, 1, accumulate);
      eid_scratch_free (hidden);
    }
}

EidTensor *
eid_hide_tokens (EidTensor *x, EidTensor *token, EidTensor *mask)
{
  EidTensor *out = eid_output (x->device, "hide_tokens", x->type, x->shape);
  gsize rows = eid_leading (x);

  if (!eid_require (x->device,
                    x->shape.rank == 3 && eid_tensor_count (token) == eid_last (x)
                        && eid_tensor_count (mask) == rows && mask->type == EID_F32,
                    "hide_tokens", _ ("the tokens must be [B, N, D], the mask [B, N], the hidden token [D]")))
    return out;
  token = eid_cast (token, EID_F32);
  EID_ROWS (x->device, "tokens:hide", rows, T (x), T (token), T (mask), T (out), I (rows), I (eid_last (x)));
  EID_RECORD (out, "hide_tokens", hide_backward, x, token, mask);
  return out;
}

EidTensor *
eid_mean_tokens (EidTensor *x)
{
  if (!eid_require (x->device, x->shape.rank == 3, "mean_tokens", _ ("the input must be [B, N, D]")))
    return eid_output (x->device, "mean_tokens", x->type, EID_SHAPE (eid_dim (x, 0), eid_last (x)));
  return eid_mean_axis (x, 1, NULL);
}

/* --- Choosing by index --------------------------------------------------------------- */

static void
gather_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *index = node->inputs[1], *dy = node->output->gradient;
  gsize rows = eid_tensor_count (index);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx == NULL)
    return;
  if (!accumulate)
    eid_fill (dx, 0);
  EID_ROWS (x->device, "tokens:gather_backward", rows, T (dy), T (index), T (dx), I (rows), I (eid_last (x)),
            I (eid_dim (x, 1)), I (eid_dim (index, 1)));
}

EidTensor *
eid_gather_tokens (EidTensor *x, EidTensor *index)
{
  guint batch = eid_dim (index, 0), kept = eid_dim (index, 1), width = eid_last (x);
  gsize rows = (gsize) batch * kept;
  EidTensor *out;

  if (!eid_require (x->device,
                    index->type == EID_I32 && index->shape.rank == 2
                        && (x->shape.rank == 2 || (x->shape.rank == 3 && eid_dim (x, 0) == batch)),
                    "gather_tokens", _ ("the index must be [B, K], the tokens [B, N, D] or [N, D]")))
    return eid_output (x->device, "gather_tokens", EID_F32, EID_SHAPE (batch, kept, width));
  if (x->shape.rank == 2)
    return eid_embedding (x, index);
  out = eid_output (x->device, "gather_tokens", x->type, EID_SHAPE (batch, kept, width));
  EID_ROWS (x->device, "tokens:gather", rows, T (x), T (index), T (out), I (rows), I (width),
            I (eid_dim (x, 1)), I (kept));
  EID_RECORD (out, "gather_tokens", gather_backward, x, index);
  return out;
}

static void
restore_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *token = node->inputs[1], *restore = node->inputs[2],
            *dy = node->output->gradient;
  guint batch = eid_dim (x, 0), kept = eid_dim (x, 1), tokens = eid_dim (restore, 1), width = eid_last (x);
  gsize rows = (gsize) batch * tokens;
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate), *dtoken;

  /* Every kept token has one place in a permutation, so all of dx is written. */
  if (dx)
    EID_ROWS (x->device, "tokens:restore_backward", rows, T (dy), T (restore), T (dx), I (rows), I (width),
              I (kept), I (tokens), I (accumulate));
  dtoken = eid_gradient_of (token, &accumulate);
  if (dtoken)
    {
      EidTensor *sums = eid_scratch (x->device, EID_SHAPE (batch, width), "restore_tokens");

      EID_ROWS (x->device, "tokens:hidden_sums", batch, T (dy), T (restore), T (sums), I (batch), I (width),
                I (kept), I (tokens));
      eid_column_sums (sums, dtoken, batch, width, 1, accumulate);
      eid_scratch_free (sums);
    }
}

EidTensor *
eid_restore_tokens (EidTensor *x, EidTensor *token, EidTensor *restore)
{
  guint batch = eid_dim (x, 0), tokens = eid_dim (restore, 1), width = eid_last (x);
  gsize rows = (gsize) batch * tokens;
  EidTensor *out = eid_output (x->device, "restore_tokens", x->type, EID_SHAPE (batch, tokens, width));

  if (!eid_require (x->device,
                    x->shape.rank == 3 && restore->type == EID_I32 && eid_dim (restore, 0) == batch
                        && eid_tensor_count (token) == width,
                    "restore_tokens",
                    _ ("the tokens must be [B, K, D], the order [B, N], the hidden token [D]")))
    return out;
  token = eid_cast (token, EID_F32);
  EID_ROWS (x->device, "tokens:restore", rows, T (x), T (token), T (restore), T (out), I (rows), I (width),
            I (eid_dim (x, 1)), I (tokens));
  EID_RECORD (out, "restore_tokens", restore_backward, x, token, restore);
  return out;
}
