/* attention.c: multi-head attention, softmax (q k^T / sqrt d) v, of tokens for themselves or for
 * others.
 *
 * No matrix of queries by keys outlives the operation: it is made piece by piece, and once more on
 * the way back, for which the logarithm of each row's sum is kept. On processors that is done in
 * attention-native.c, elsewhere by kernels/attention.cl.
 */

#include "opencl/backends/attention.h"

#include <math.h>
#include <glib/gi18n-lib.h>

/* As kernels/attention.cl has them. */
#define TILE_ROWS   8
#define WIDEST_HEAD 256

enum
{
  HEADS,
  CAUSAL
};

static EidAttentionLayout
layout_of (EidTensor *q, EidTensor *kv, guint heads, gboolean causal)
{
  gboolean packed = q == kv;
  guint width = packed ? eid_last (q) / 3 : eid_last (q);

  return (EidAttentionLayout){
    .batch = eid_dim (q, 0),
    .heads = heads,
    .head = width / heads,
    .queries = eid_dim (q, 1),
    .keys = eid_dim (kv, 1),
    .causal = causal,
    .q_row = eid_last (q),
    .kv_row = eid_last (kv),
    .k_offset = packed ? width : 0,
    .v_offset = packed ? 2 * width : width,
    .type = q->type,
  };
}

#define SCALE(l) F (1 / sqrtf ((l)->head))
#define LAYOUT(l)                                                                                            \
  I ((l)->heads), I ((l)->head), I ((l)->queries), I ((l)->keys), I ((l)->causal), I ((l)->q_row),           \
      I ((l)->kv_row), I ((l)->k_offset), I ((l)->v_offset), SCALE (l)

/* Work-items for a group for each TILE_ROWS of @tokens of each head. */
static gsize
items_of (EidDevice *device, const EidAttentionLayout *l, guint tokens)
{
  return (gsize) l->batch * l->heads * ((tokens + TILE_ROWS - 1) / TILE_ROWS) * device->group;
}

static void
forward_by_kernels (EidDevice *device, const EidAttentionLayout *l, const EidAttentionOperands *o)
{
  EID_MAP (device, "attention:attention", items_of (device, l, l->queries), T (o->q), T (o->kv), T (o->out),
           T (o->log_sum), LAYOUT (l));
  if (o->probabilities)
    {
      gsize count = eid_tensor_count (o->probabilities);

      EID_MAP (device, "attention:probabilities", count, T (o->q), T (o->kv), T (o->log_sum),
               T (o->probabilities), I (count), LAYOUT (l));
    }
}

static void
backward_by_kernels (EidDevice *device, const EidAttentionLayout *l, const EidAttentionOperands *o)
{
  gsize rows = (gsize) l->batch * l->heads * l->queries;
  EidTensor *delta = eid_scratch (device, EID_SHAPE (rows), "attention");

  EID_MAP (device, "attention:delta", rows, T (o->out), T (o->dout), T (delta), I (rows), I (l->heads),
           I (l->head), I (l->queries));
  if (o->dq)
    EID_MAP (device, "attention:backward_queries", items_of (device, l, l->queries), T (o->q), T (o->kv),
             T (o->dout), T (o->log_sum), T (delta), T (o->dq), LAYOUT (l), I (o->add_dq));
  if (o->dkv)
    EID_MAP (device, "attention:backward_keys", items_of (device, l, l->keys), T (o->q), T (o->kv),
             T (o->dout), T (o->log_sum), T (delta), T (o->dkv), LAYOUT (l), I (o->add_dkv));
  eid_scratch_free (delta);
}

/* saved[0]: the sums' logarithms */
static void
attention_backward (EidNode *node)
{
  EidTensor *q = node->inputs[0], *kv = node->inputs[1] ? node->inputs[1] : q;
  EidDevice *device = q->device;
  EidAttentionLayout layout = layout_of (q, kv, node->integers[HEADS], node->integers[CAUSAL]);
  EidAttentionOperands operands = {
    .q = q,
    .kv = kv,
    .out = node->output,
    .log_sum = node->saved[0],
    .dout = node->output->gradient,
  };

  operands.dq = eid_gradient_of (q, &operands.add_dq);
  operands.dkv = operands.dq;
  operands.add_dkv = operands.add_dq;
  if (kv != q)
    operands.dkv = eid_gradient_of (kv, &operands.add_dkv);
  if (!eid_device_ok (device))
    return;
  if (device->native)
    eid_attention_native_backward (device, &layout, &operands);
  else
    backward_by_kernels (device, &layout, &operands);
}

/* @q and @kv are the same where they are packed together. */
static EidTensor *
attend (EidTensor *q, EidTensor *kv, guint heads, gboolean causal, EidTensor **probabilities)
{
  EidDevice *device = q->device;
  gboolean packed = q == kv;
  EidAttentionLayout l;
  EidAttentionOperands operands;
  EidNode *node;

  q = eid_cast (q, device->precision);
  kv = packed ? q : eid_cast (kv, device->precision);
  l = layout_of (q, kv, heads, causal);
  operands = (EidAttentionOperands){
    .q = q,
    .kv = kv,
    .out = eid_output (device, "attention", q->type, EID_SHAPE (l.batch, l.queries, l.heads * l.head)),
    .log_sum = eid_output (device, "attention", EID_F32, EID_SHAPE (l.batch, l.heads, l.queries)),
  };
  if (probabilities)
    operands.probabilities = *probabilities =
        eid_output (device, "attention", EID_F32, EID_SHAPE (l.batch, l.heads, l.queries, l.keys));

  if (eid_device_ok (device) && eid_tensor_count (operands.out) > 0)
    {
      if (device->native)
        eid_attention_native (device, &l, &operands);
      else if (eid_require (device, l.head <= WIDEST_HEAD, "attention",
                            _ ("a head of %u channels; at most %u are possible on this device"), l.head,
                            WIDEST_HEAD))
        forward_by_kernels (device, &l, &operands);
    }
  node = EID_RECORD (operands.out, "attention", attention_backward, q, packed ? NULL : kv);
  if (node)
    {
      node->saved[0] = operands.log_sum;
      node->integers[HEADS] = heads;
      node->integers[CAUSAL] = causal;
    }
  return operands.out;
}

/* What is given where nothing can be computed. */
static EidTensor *
refuse (EidDevice *device, EidTensor **probabilities)
{
  if (probabilities)
    *probabilities = eid_output (device, "attention", EID_F32, EID_SHAPE (1));
  return eid_output (device, "attention", EID_F32, EID_SHAPE (1));
}

EidTensor *
eid_attention (EidTensor *qkv, guint heads, gboolean causal, EidTensor **probabilities)
{
  if (!eid_require_floats ("attention", qkv, NULL)
      || !eid_require (qkv->device,
                       qkv->shape.rank == 3 && heads > 0 && eid_last (qkv) % 3 == 0
                           && eid_last (qkv) / 3 % heads == 0,
                       "attention", _ ("%u channels do not divide into query, key and value of %u heads"),
                       eid_last (qkv), heads))
    return refuse (qkv->device, probabilities);
  return attend (qkv, qkv, heads, causal, probabilities);
}

EidTensor *
eid_cross_attention (EidTensor *q, EidTensor *kv, guint heads, EidTensor **probabilities)
{
  EidDevice *device = q->device;
  guint width = eid_last (q);

  if (!eid_require_floats ("cross_attention", q, kv)
      || !eid_require (device, q->shape.rank == 3 && heads > 0 && width % heads == 0, "cross_attention",
                       _ ("%u channels do not divide into %u heads"), width, heads)
      || !eid_require (device,
                       kv->shape.rank == 3 && eid_dim (kv, 0) == eid_dim (q, 0) && eid_last (kv) == 2 * width
                           && eid_dim (kv, 1) > 0,
                       "cross_attention", _ ("keys and values must be [%u, M, %u] to go with these queries"),
                       eid_dim (q, 0), 2 * width))
    return refuse (device, probabilities);
  return attend (q, kv, heads, FALSE, probabilities);
}
