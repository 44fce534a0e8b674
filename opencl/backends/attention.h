/* attention.h: between attention.c, which knows tensors and the tape, and
 * attention-native.c, which computes on processors.
 */
#pragma once

#include "opencl/core/private.h"

/* Where heads lie. q: queries of @head channels for each of @heads, side by side, in rows of @q_row
 * elements; k and v: likewise in rows of @kv_row, from @k_offset and @v_offset on. Whole words
 * without padding: a key. */
typedef struct
{
  guint32 batch, heads, head, queries, keys, causal;
  guint32 q_row, kv_row, k_offset, v_offset;
  guint32 type;
} EidAttentionLayout;

/* out [batch, queries, heads head], log_sum [batch, heads, queries] EID_F32: log of the sum of a
 * row's exponentials; probabilities [batch, heads, queries, keys] EID_F32, or NULL. */
typedef struct
{
  EidTensor *q, *kv; /* the same where they are packed together */
  EidTensor *out, *log_sum, *probabilities;
  EidTensor *dout, *dq, *dkv; /* gradients, of the way back alone; dq or dkv may be NULL */
  gint add_dq, add_dkv;       /* to what is there */
} EidAttentionOperands;

void eid_attention_native (EidDevice *device, const EidAttentionLayout *layout,
                           const EidAttentionOperands *operands);
void eid_attention_native_backward (EidDevice *device, const EidAttentionLayout *layout,
                                    const EidAttentionOperands *operands);
