/* reference-attention.c: attention on the host in float64. */
#include "tests/engine/table.h"

#include <math.h>

/* Queries, and keys and values, of all heads: where a head's channels lie in rows of them. */
typedef struct
{
  const double *q, *kv;
  guint batch, heads, queries, keys, head, q_row, kv_row, k_offset, v_offset;
  gboolean causal;
} Attention;

/* qkv [B, N, 3, heads, E] */
static Attention
packed (const Array *qkv, guint heads, gboolean causal)
{
  guint width = array_dim (qkv, 2) / 3, n = array_dim (qkv, 1);
  return (Attention){ qkv->value,    qkv->value, array_dim (qkv, 0), heads, n,         n,
                      width / heads, 3 * width,  3 * width,          width, 2 * width, causal };
}

/* q [B, N, heads, E], kv [B, M, 2, heads, E] */
static Attention
apart (const Array *q, const Array *kv, guint heads)
{
  guint width = array_dim (q, 2);
  return (Attention){ q->value,
                      kv->value,
                      array_dim (q, 0),
                      heads,
                      array_dim (q, 1),
                      array_dim (kv, 1),
                      width / heads,
                      width,
                      2 * width,
                      0,
                      width,
                      FALSE };
}

/* -> [B, heads, N, M] */
static Array *
probabilities_of (const Attention *x)
{
  Array *out = array_new (EID_SHAPE (x->batch, x->heads, x->queries, x->keys));
  double *row = out->value;

  for (guint b = 0; b < x->batch; b++)
    for (guint h = 0; h < x->heads; h++)
      for (guint i = 0; i < x->queries; i++, row += x->keys)
        {
          const double *q = x->q + ((gsize) b * x->queries + i) * x->q_row + h * x->head;
          guint seen = x->causal ? i + 1 : x->keys;
          double top = -INFINITY, sum = 0;

          for (guint j = 0; j < seen; j++)
            {
              const double *k = x->kv + ((gsize) b * x->keys + j) * x->kv_row + x->k_offset + h * x->head;
              for (guint e = 0; e < x->head; e++)
                row[j] += q[e] * k[e];
              row[j] /= sqrt (x->head);
              top = MAX (top, row[j]);
            }
          for (guint j = 0; j < seen; j++)
            sum += row[j] = exp (row[j] - top);
          for (guint j = 0; j < seen; j++)
            row[j] /= sum;
        }
  return out;
}

/* -> [B, N, heads E] */
static Array *
output_of (const Attention *x)
{
  g_autofree Array *probabilities = probabilities_of (x);
  Array *out = array_new (EID_SHAPE (x->batch, x->queries, x->heads * x->head));
  const double *p = probabilities->value;

  for (guint b = 0; b < x->batch; b++)
    for (guint h = 0; h < x->heads; h++)
      for (guint i = 0; i < x->queries; i++)
        {
          double *y = out->value + (((gsize) b * x->queries + i) * x->heads + h) * x->head;
          for (guint j = 0; j < x->keys; j++, p++)
            {
              const double *v = x->kv + ((gsize) b * x->keys + j) * x->kv_row + x->v_offset + h * x->head;
              for (guint e = 0; e < x->head; e++)
                y[e] += *p * v[e];
            }
        }
  return out;
}

Array *
reference_attention (Array **in, const double *a)
{
  Attention x = packed (in[0], (guint) a[0], a[1] != 0);
  return output_of (&x);
}

Array *
reference_attention_probabilities (Array **in, const double *a)
{
  Attention x = packed (in[0], (guint) a[0], a[1] != 0);
  return probabilities_of (&x);
}

Array *
reference_cross_attention (Array **in, const double *a)
{
  Attention x = apart (in[0], in[1], (guint) a[0]);
  return output_of (&x);
}

Array *
reference_cross_attention_probabilities (Array **in, const double *a)
{
  Attention x = apart (in[0], in[1], (guint) a[0]);
  return probabilities_of (&x);
}
