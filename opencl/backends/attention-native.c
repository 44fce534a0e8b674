/* attention-native.c: attention on processors.
 *
 * A thread takes a head, or a block of its queries, and computes in scratch memory of its own that
 * stays in the cache: scores against all keys, softmax in place (in the inputs' precision from
 * there on), and the sum of values. The way back makes the scores once more. Each number is summed
 * by one thread in one order, so results do not depend on how many there are.
 */

#include "opencl/backends/attention.h"
#include "opencl/backends/attention-rows.h"
#include "opencl/backends/product.h"
#include "opencl/core/thread-scratch.h"

#include <math.h>
#include <omp.h>
#include <glib/gi18n-lib.h>

/* What a thread's scratch may take, of a cache of the second level. */
#define SCRATCH_BYTES (512 * 1024)
#define LEAST_ROWS    16
#define CAUSAL_ROWS   64 /* fewer, and products are too small to pay; more, and more hidden scores are made */
#define CAUSAL_STEPS  8  /* into how many numbers of keys blocks are sorted, at most one more */

/* --- Blocks of queries ------------------------------------------------------------- */

/* Some queries of a head, the keys that one of them sees, and their products. */
typedef struct
{
  guint first, rows, keys;
  EidProduct *scores, *values;   /* q k^T, p v */
  EidProduct *dp, *dq, *dk, *dv; /* dout v^T, ds k, ds^T q, p^T dout */
} Block;

/* Channels of tokens: rows lie @row elements of @size bytes apart. */
typedef struct
{
  gpointer at;
  guint row;
  gsize size;
} Rows;

/* Addresses, since tensors may be gone when the queue comes to it. */
typedef struct
{
  EidAttentionLayout l;
  Rows q, k, v, out, dout, dq, dk, dv; /* NULL where they are not wanted */
  float *log_sum, *probabilities;
  gint add_dq, add_dkv;
  guint n_blocks, row; /* of scores */
  Block block[];
} Call;

/* A thread's memory, in floats: scores and their gradients [rows, row], a result for the rows, the
 * gradients of keys and values, and two numbers a row. */
static gsize
scratch_floats (const EidAttentionLayout *l, guint rows)
{
  return (gsize) rows * (2 * EID_SCORES_ROW (l->keys) + l->head + 2) + 2 * (gsize) l->keys * l->head;
}

static guint
rows_of_block (const EidAttentionLayout *l)
{
  gsize fixed = scratch_floats (l, 0), each = scratch_floats (l, 1) - fixed;
  gsize room = SCRATCH_BYTES / sizeof (float);
  guint most = room > fixed ? (room - fixed) / each : 0, blocks;

  if (l->causal)
    most = MIN (most, CAUSAL_ROWS);
  most = MAX (most, LEAST_ROWS);
  blocks = (l->queries + most - 1) / most;
  return (l->queries + blocks - 1) / blocks;
}

static gboolean
block_init (Block *block, const EidAttentionLayout *l, gboolean backward, gboolean last)
{
  guint n = block->rows, m = block->keys, d = l->head, width = l->heads * l->head;
  guint s = EID_SCORES_ROW (l->keys), p = l->type == EID_BF16 ? 2 * s : s;

  block->scores =
      eid_product_get (&(EidProductKey){ FALSE, TRUE, n, m, d, l->q_row, l->kv_row, s, l->type, FALSE });
  if (!backward)
    {
      block->values =
          eid_product_get (&(EidProductKey){ FALSE, FALSE, n, d, m, p, l->kv_row, d, l->type, FALSE });
      return block->scores && block->values;
    }
  block->dp = eid_product_get (&(EidProductKey){ FALSE, TRUE, n, m, d, width, l->kv_row, s, l->type, FALSE });
  block->dq = eid_product_get (&(EidProductKey){ FALSE, FALSE, n, d, m, p, l->kv_row, d, l->type, FALSE });
  block->dk = eid_product_get (&(EidProductKey){ TRUE, FALSE, m, d, n, p, l->q_row, d, l->type, !last });
  block->dv = eid_product_get (&(EidProductKey){ TRUE, FALSE, m, d, n, p, width, d, l->type, !last });
  return block->scores && block->dp && block->dq && block->dk && block->dv;
}

static EidScores
scores_of (const Call *call, const Block *block)
{
  return (EidScores){
    .rows = block->rows,
    .keys = block->keys,
    .row = call->row,
    .seen = block->first + 1,
    .causal = call->l.causal,
    .half = call->l.type == EID_BF16,
    .scale = 1 / sqrtf (call->l.head),
  };
}

/* --- A thread's work ------------------------------------------------------------------ */

/* The rows of head @index, counted through the batch, from token @first on. */
static gpointer
head_at (const EidAttentionLayout *l, Rows x, guint tokens, guint index, guint first)
{
  gsize row = (gsize) (index / l->heads) * tokens + first;

  return (char *) x.at + (row * x.row + (index % l->heads) * l->head) * x.size;
}

static void
forward_block (const Call *call, guint index, const Block *block, float *scratch)
{
  const EidAttentionLayout *l = &call->l;
  gconstpointer q = head_at (l, call->q, l->queries, index, block->first);
  gconstpointer k = head_at (l, call->k, l->keys, index, 0);
  gconstpointer v = head_at (l, call->v, l->keys, index, 0);
  gpointer out = head_at (l, call->out, l->queries, index, block->first);
  gsize row = (gsize) index * l->queries + block->first;
  float *result = scratch + (gsize) block->rows * call->row,
        *inverse = result + (gsize) block->rows * l->head;
  EidScores scores = scores_of (call, block);

  eid_product_run (block->scores, q, k, scratch);
  if (call->probabilities)
    {
      EidScores whole = scores;

      whole.half = FALSE;
      whole.keys = l->keys; /* zeros for what the block does not see */
      eid_scores_softmax (&whole, scratch, call->log_sum + row, inverse);
      eid_rows_put (scratch, call->row, block->rows, l->keys, inverse, call->probabilities + row * l->keys,
                    l->keys, FALSE, FALSE);
      eid_product_run (block->scores, q, k, scratch);
    }
  eid_scores_softmax (&scores, scratch, call->log_sum + row, inverse);
  eid_product_run (block->values, scratch, v, result);
  eid_rows_put (result, l->head, block->rows, l->head, inverse, out, call->out.row, scores.half, FALSE);
}

/* The blocks from the last on: it sees all keys, so it writes the gradients that others add to. */
static void
backward_head (const Call *call, guint index, float *scratch)
{
  const EidAttentionLayout *l = &call->l;
  gsize most = call->block[0].rows;
  gconstpointer k = head_at (l, call->k, l->keys, index, 0);
  gconstpointer v = head_at (l, call->v, l->keys, index, 0);
  float *p = scratch, *ds = p + most * call->row, *dq = ds + most * call->row;
  float *dk = dq + most * l->head, *dv = dk + (gsize) l->keys * l->head;
  float *delta = dv + (gsize) l->keys * l->head;
  gboolean half = l->type == EID_BF16;

  for (guint i = call->n_blocks; i-- > 0;)
    {
      const Block *block = &call->block[i];
      gconstpointer q = head_at (l, call->q, l->queries, index, block->first);
      gconstpointer out = head_at (l, call->out, l->queries, index, block->first);
      gconstpointer dout = head_at (l, call->dout, l->queries, index, block->first);
      EidScores scores = scores_of (call, block);

      eid_rows_dot (out, dout, call->out.row, block->rows, l->head, half, delta);
      eid_product_run (block->scores, q, k, p);
      eid_product_run (block->dp, dout, v, ds);
      eid_scores_gradient (&scores, p, ds, call->log_sum + (gsize) index * l->queries + block->first, delta);
      if (call->dq.at)
        {
          eid_product_run (block->dq, ds, k, dq);
          eid_rows_put (dq, l->head, block->rows, l->head, NULL,
                        head_at (l, call->dq, l->queries, index, block->first), call->dq.row, half,
                        call->add_dq);
        }
      if (call->dk.at)
        {
          eid_product_run (block->dk, ds, q, dk);
          eid_product_run (block->dv, p, dout, dv);
        }
    }
  if (call->dk.at)
    {
      eid_rows_put (dk, l->head, l->keys, l->head, NULL, head_at (l, call->dk, l->keys, index, 0),
                    call->dk.row, half, call->add_dkv);
      eid_rows_put (dv, l->head, l->keys, l->head, NULL, head_at (l, call->dv, l->keys, index, 0),
                    call->dv.row, half, call->add_dkv);
    }
}

/* --- In the queue ---------------------------------------------------------------------- */

/* Products have a place for each thread of one team. */
static GMutex running;

static int
team_of (const Call *call, gsize tasks)
{
  return MIN (MIN ((gsize) omp_get_max_threads (), eid_product_threads (call->block[0].scores)), tasks);
}

static void
run_forward (void *data)
{
  const Call *call = data;
  const EidAttentionLayout *l = &call->l;
  gssize tasks = (gssize) l->batch * l->heads * call->n_blocks;

  g_mutex_lock (&running);
#pragma omp parallel for schedule(dynamic) num_threads(team_of(call, tasks))
  for (gssize i = 0; i < tasks; i++)
    forward_block (
        call, i / call->n_blocks, &call->block[i % call->n_blocks],
        eid_thread_scratch (EID_SCRATCH_SCORES, scratch_floats (l, call->block[0].rows) * sizeof (float)));
  g_mutex_unlock (&running);
}

static void
run_backward (void *data)
{
  const Call *call = data;
  const EidAttentionLayout *l = &call->l;
  gssize tasks = (gssize) l->batch * l->heads;

  g_mutex_lock (&running);
#pragma omp parallel for schedule(dynamic) num_threads(team_of(call, tasks))
  for (gssize i = 0; i < tasks; i++)
    backward_head (
        call, i,
        eid_thread_scratch (EID_SCRATCH_SCORES, scratch_floats (l, call->block[0].rows) * sizeof (float)));
  g_mutex_unlock (&running);
}

static Rows
rows_at (EidTensor *x, guint row, guint offset)
{
  gsize size = x ? eid_type_size (x->type) : 0;

  return (Rows){ x ? (char *) x->buffer->host + offset * size : NULL, row, size };
}

static void
enqueue (EidDevice *device, const EidAttentionLayout *l, const EidAttentionOperands *o, gboolean backward)
{
  guint rows = rows_of_block (l), n_blocks = (l->queries + rows - 1) / rows, width = l->heads * l->head;
  /* Few different numbers of keys, so that there are few different products. */
  guint step = MAX (rows, (l->keys + CAUSAL_STEPS - 1) / CAUSAL_STEPS);
  gsize size = sizeof (Call) + n_blocks * sizeof (Block);
  g_autofree Call *call = g_malloc0 (size);
  EidTensor *const tensors[] = { o->q, o->kv, o->out, o->log_sum, o->probabilities, o->dout, o->dq, o->dkv };
  double work = 2.0 * l->batch * l->heads * l->queries * l->keys * l->head / (l->causal ? 2 : 1);

  *call = (Call){
    .l = *l,
    .q = rows_at (o->q, l->q_row, 0),
    .k = rows_at (o->kv, l->kv_row, l->k_offset),
    .v = rows_at (o->kv, l->kv_row, l->v_offset),
    .out = rows_at (o->out, width, 0),
    .dout = rows_at (o->dout, width, 0),
    .dq = rows_at (o->dq, l->q_row, 0),
    .dk = rows_at (o->dkv, l->kv_row, l->k_offset),
    .dv = rows_at (o->dkv, l->kv_row, l->v_offset),
    .log_sum = o->log_sum->buffer->host,
    .probabilities = o->probabilities ? o->probabilities->buffer->host : NULL,
    .add_dq = o->add_dq,
    .add_dkv = o->add_dkv,
    .n_blocks = n_blocks,
    .row = EID_SCORES_ROW (l->keys),
  };
  for (guint i = 0; i < n_blocks; i++)
    {
      Block *block = &call->block[i];
      guint end = MIN ((i + 1) * rows, l->queries);

      block->first = i * rows;
      block->rows = end - block->first;
      block->keys = l->causal ? MIN ((end + step - 1) / step * step, l->keys) : l->keys;
      if (!block_init (block, l, backward, i + 1 == n_blocks))
        {
          eid_device_fail (device, EID_ERROR_FAILED,
                           _ ("oneDNN cannot multiply %u queries by %u keys of %u channels."), block->rows,
                           block->keys, l->head);
          return;
        }
    }
  eid_native (device, backward ? "attention backward" : "attention", (backward ? 5 : 2) * work,
              backward ? run_backward : run_forward, call, size, tensors, G_N_ELEMENTS (tensors));
}

void
eid_attention_native (EidDevice *device, const EidAttentionLayout *layout,
                      const EidAttentionOperands *operands)
{
  enqueue (device, layout, operands, FALSE);
}

void
eid_attention_native_backward (EidDevice *device, const EidAttentionLayout *layout,
                               const EidAttentionOperands *operands)
{
  enqueue (device, layout, operands, TRUE);
}
