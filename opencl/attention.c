/* attention.c: multi-head self-attention, softmax (q k^T / sqrt d) v. */

#include "private.h"

#include <math.h>
#include <glib/gi18n-lib.h>

/* Where the parts of one head lie. q, k, v are parts 0, 1, 2 of qkv [B, N, 3 D]. */
typedef struct
{
  guint batch, tokens, width, heads, head;
} Layout;

static Layout
layout_of (EidTensor *qkv, guint heads)
{
  guint width = eid_last (qkv) / 3;

  return (Layout){ eid_dim (qkv, 0), eid_dim (qkv, 1), width, heads, width / heads };
}

enum
{
  QUERY,
  KEY,
  VALUE
};

/* Sets one operand of a product over all heads: @ld, @offset and @stride. */
static void
at_part (const Layout *l, guint part, guint32 *ld, guint64 *offset, guint64 stride[2])
{
  *ld = 3 * l->width;
  *offset = part * l->width;
  stride[0] = (guint64) l->tokens * 3 * l->width;
  stride[1] = l->head;
}

static void
at_output (const Layout *l, guint32 *ld, guint64 *offset, guint64 stride[2])
{
  *ld = l->width;
  *offset = 0;
  stride[0] = (guint64) l->tokens * l->width;
  stride[1] = l->head;
}

static void
at_scores (const Layout *l, guint32 *ld, guint64 *offset, guint64 stride[2])
{
  *ld = l->tokens;
  *offset = 0;
  stride[0] = (guint64) l->heads * l->tokens * l->tokens;
  stride[1] = (guint64) l->tokens * l->tokens;
}

static EidGemm
over_heads (const Layout *l, gboolean transpose_a, gboolean transpose_b, guint n, guint k)
{
  return (EidGemm){
    .transpose_a = transpose_a,
    .transpose_b = transpose_b,
    .m = l->tokens,
    .n = n,
    .k = k,
    .outer = l->batch,
    .inner = l->heads,
    .alpha = 1,
  };
}

#define AT_A(gemm) &(gemm).lda, &(gemm).offset_a, (gemm).stride_a
#define AT_B(gemm) &(gemm).ldb, &(gemm).offset_b, (gemm).stride_b
#define AT_C(gemm) &(gemm).ldc, &(gemm).offset_c, (gemm).stride_c

/* saved[0]: the probabilities [B, heads, N, N] */
static void
attention_backward (EidNode *node)
{
  EidTensor *qkv = node->inputs[0], *p = node->saved[0], *dy = node->output->gradient;
  Layout l = layout_of (qkv, node->integers[0]);
  gsize rows = (gsize) l.batch * l.heads * l.tokens;
  gint accumulate;
  EidTensor *dqkv = eid_gradient_of (qkv, &accumulate);
  EidTensor *dp;
  EidGemm gemm;

  if (dqkv == NULL || !eid_device_ok (qkv->device))
    return;

  /* dV = P^T dY */
  gemm = over_heads (&l, TRUE, FALSE, l.head, l.tokens);
  at_scores (&l, AT_A (gemm));
  at_output (&l, AT_B (gemm));
  at_part (&l, VALUE, AT_C (gemm));
  gemm.beta = accumulate;
  eid_gemm (qkv->device, &gemm, p, dy, dqkv, NULL);

  /* dP = dY V^T, then dS in its place */
  dp = eid_scratch_of (qkv->device, p->type, p->shape, "attention");
  gemm = over_heads (&l, FALSE, TRUE, l.tokens, l.head);
  at_output (&l, AT_A (gemm));
  at_part (&l, VALUE, AT_B (gemm));
  at_scores (&l, AT_C (gemm));
  if (eid_device_ok (qkv->device))
    {
      eid_gemm (qkv->device, &gemm, dy, qkv, dp, NULL);
      EID_ROWS (qkv->device, "norm:softmax_backward", rows, T (p), T (dp), T (dp), I (rows), I (l.tokens),
                I (FALSE));

      /* dQ = dS K / sqrt d, dK = dS^T Q / sqrt d */
      for (guint part = QUERY; part <= KEY; part++)
        {
          gemm = over_heads (&l, part == KEY, FALSE, l.head, l.tokens);
          at_scores (&l, AT_A (gemm));
          at_part (&l, part == QUERY ? KEY : QUERY, AT_B (gemm));
          at_part (&l, part, AT_C (gemm));
          gemm.alpha = 1 / sqrtf (l.head);
          gemm.beta = accumulate;
          eid_gemm (qkv->device, &gemm, dp, qkv, dqkv, NULL);
        }
    }
  eid_scratch_free (dp);
}

EidTensor *
eid_attention (EidTensor *qkv, guint heads, gboolean causal, EidTensor **probabilities)
{
  EidDevice *device = qkv->device;
  EidTensor *p, *out;
  EidGemm gemm;
  EidNode *node;
  gsize rows;
  Layout l;

  if (!eid_require (device, qkv->shape.rank == 3 && heads > 0 && eid_last (qkv) % (3 * heads) == 0,
                    "attention", _ ("%u channels do not divide into query, key and value of %u heads"),
                    eid_last (qkv), heads))
    {
      if (probabilities)
        *probabilities = eid_output (device, "attention", EID_F32, EID_SHAPE (1));
      return eid_output (device, "attention", EID_F32, EID_SHAPE (1));
    }

  qkv = eid_cast (qkv, device->precision);
  l = layout_of (qkv, heads);
  rows = (gsize) l.batch * l.heads * l.tokens;
  p = eid_output (device, "attention", qkv->type, EID_SHAPE (l.batch, l.heads, l.tokens, l.tokens));
  out = eid_output (device, "attention", qkv->type, EID_SHAPE (l.batch, l.tokens, l.width));

  gemm = over_heads (&l, FALSE, TRUE, l.tokens, l.head);
  at_part (&l, QUERY, AT_A (gemm));
  at_part (&l, KEY, AT_B (gemm));
  at_scores (&l, AT_C (gemm));
  gemm.alpha = 1 / sqrtf (l.head);
  eid_gemm (device, &gemm, qkv, qkv, p, NULL);
  if (causal)
    EID_MAP (device, "attention:hide_later", rows * l.tokens, T (p), I (rows * l.tokens), I (l.tokens));
  EID_ROWS (device, "norm:softmax", rows, T (p), T (p), I (rows), I (l.tokens));

  gemm = over_heads (&l, FALSE, FALSE, l.head, l.tokens);
  at_scores (&l, AT_A (gemm));
  at_part (&l, VALUE, AT_B (gemm));
  at_output (&l, AT_C (gemm));
  eid_gemm (device, &gemm, p, qkv, out, NULL);

  if (probabilities)
    *probabilities = eid_cast (p, EID_F32);
  node = EID_RECORD (out, "attention", attention_backward, qkv);
  if (node)
    {
      node->saved[0] = p;
      node->integers[0] = heads;
    }
  return out;
}
