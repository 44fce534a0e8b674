/* attention.cl: attention where oneDNN does not run: on GPUs. Both passes go over scores in tiles
 * and keep none.
 *
 * A group holds TILE_ROWS queries (or keys, for their gradients) in local memory and meets TILE keys
 * (or queries) at a time: first each work-item makes the scores of one of those, then each sums
 * channels. Any group of at least TILE_ROWS and 64 work-items will do. No atomics: gradients of
 * queries and of keys are made by two kernels.
 *
 * It has run on processors posing as GPUs alone, so it is kept plain and small: no tiles in
 * registers, no vectors, no matrix units.
 *
 * q: rows of q_row channels, of which a head's begin at head h; keys and values likewise in rows of
 * kv_row from k_offset and v_offset on. log_sum and delta: [batch, heads, queries].
 */

/* As attention.c has them. */
#define TILE_ROWS 8
#define WIDEST    256

#define TILE   64
#define CHUNKS 4 /* of a head's channels, for groups of 64 */
#define HIDDEN -1e30f

#define LAYOUT                                                                 \
  int heads, int head, int queries, int keys, int causal, int q_row,           \
      int kv_row, int k_offset, int v_offset, float scale

/* lane, lanes; first: the group's first row of @tokens; head_index counts through the batch */
#define GROUP_BEGIN(tokens)                                                    \
  const int lane = get_local_id (0), lanes = get_local_size (0);               \
  const int tiles = ((tokens) + TILE_ROWS - 1) / TILE_ROWS;                    \
  const int first = get_group_id (0) % tiles * TILE_ROWS;                      \
  const int head_index = get_group_id (0) / tiles;                             \
  const int b = head_index / heads, h = head_index % heads;                    \
  const size_t width = (size_t) heads * head;                                  \
  q += (size_t) b * queries * q_row + h * head;                                \
  global const real *k = kv + (size_t) b * keys * kv_row + k_offset + h * head;\
  global const real *v = kv + (size_t) b * keys * kv_row + v_offset + h * head

#define EACH_CHANNEL(c, e) for (int c = 0, e = lane; c < CHUNKS && e < head; c++, e += lanes)

/* The group's rows to local memory, zeros beyond the last. */
static inline void
hold (local float held[TILE_ROWS][WIDEST], global const real *x, int first, int tokens, size_t row, int head)
{
  for (int i = get_local_id (0); i < TILE_ROWS * head; i += get_local_size (0))
    {
      const int r = i / head, e = i % head;

      held[r][e] = first + r < tokens ? GET (x + (first + r) * row + e) : 0.0f;
    }
}

/* Of each held row with one row of @x. */
static inline void
dots (float out[TILE_ROWS], local float held[TILE_ROWS][WIDEST], global const real *x, int head)
{
  for (int r = 0; r < TILE_ROWS; r++)
    out[r] = 0;
  for (int e = 0; e < head; e++)
    {
      const float value = GET (x + e);

      for (int r = 0; r < TILE_ROWS; r++)
        out[r] += held[r][e] * value;
    }
}

/* sums[r] += weights[r][j] x[first + j], for the @count rows of a tile and this work-item's channels */
static inline void
add_weighted (float sums[TILE_ROWS][CHUNKS], local float weights[TILE_ROWS][TILE], global const real *x, int count,
              size_t row, int head, int lane, int lanes)
{
  EACH_CHANNEL (c, e)
  for (int j = 0; j < count; j++)
    {
      const float value = GET (x + j * row + e);

      for (int r = 0; r < TILE_ROWS; r++)
        sums[r][c] += weights[r][j] * value;
    }
}

kernel void
attention (global const real *q, global const real *kv, global real *out, global float *log_sum, LAYOUT)
{
  local float query[TILE_ROWS][WIDEST], p[TILE_ROWS][TILE];
  local float top[TILE_ROWS], sum[TILE_ROWS], shrink[TILE_ROWS];
  float sums[TILE_ROWS][CHUNKS];

  GROUP_BEGIN (queries);
  const int end = causal ? min (keys, first + TILE_ROWS) : keys;

  hold (query, q, first, queries, q_row, head);
  for (int r = 0; r < TILE_ROWS; r++)
    for (int c = 0; c < CHUNKS; c++)
      sums[r][c] = 0;
  if (lane < TILE_ROWS)
    {
      top[lane] = HIDDEN;
      sum[lane] = 0;
    }

  for (int start = 0; start < end; start += TILE)
    {
      const int count = min (TILE, end - start);

      barrier (CLK_LOCAL_MEM_FENCE);
      for (int j = lane; j < count; j += lanes)
        {
          float scores[TILE_ROWS];

          dots (scores, query, k + (size_t) (start + j) * kv_row, head);
          for (int r = 0; r < TILE_ROWS; r++)
            p[r][j] = causal && start + j > first + r ? HIDDEN : scores[r] * scale;
        }
      barrier (CLK_LOCAL_MEM_FENCE);
      if (lane < TILE_ROWS)
        {
          float highest = top[lane];

          for (int j = 0; j < count; j++)
            highest = fmax (highest, p[lane][j]);
          shrink[lane] = exp (top[lane] - highest);
          top[lane] = highest;
        }
      barrier (CLK_LOCAL_MEM_FENCE);
      for (int i = lane; i < TILE_ROWS * count; i += lanes)
        p[i / count][i % count] = exp (p[i / count][i % count] - top[i / count]);
      barrier (CLK_LOCAL_MEM_FENCE);
      if (lane < TILE_ROWS)
        {
          float total = sum[lane] * shrink[lane];

          for (int j = 0; j < count; j++)
            total += p[lane][j];
          sum[lane] = total;
        }
      for (int r = 0; r < TILE_ROWS; r++)
        for (int c = 0; c < CHUNKS; c++)
          sums[r][c] *= shrink[r];
      add_weighted (sums, p, v + (size_t) start * kv_row, count, kv_row, head, lane, lanes);
    }

  barrier (CLK_LOCAL_MEM_FENCE);
  for (int r = 0; r < TILE_ROWS && first + r < queries; r++)
    {
      EACH_CHANNEL (c, e)
      PUT (sums[r][c] / sum[r], out + ((size_t) b * queries + first + r) * width + h * head + e);
    }
  if (lane < TILE_ROWS && first + lane < queries)
    log_sum[(size_t) head_index * queries + first + lane] = top[lane] + log (sum[lane]);
}

/* One element of [batch, heads, queries, keys] a work-item. */
kernel void
probabilities (global const real *q, global const real *kv, global const float *log_sum, global float *out, int count,
               LAYOUT)
{
  const int i = get_global_id (0);

  if (i >= count)
    return;
  const int key = i % keys, row = i / keys, query = row % queries, h = row / queries % heads;
  const int b = row / queries / heads;
  float score = 0;

  q += ((size_t) b * queries + query) * q_row + h * head;
  kv += ((size_t) b * keys + key) * kv_row + k_offset + h * head;
  for (int e = 0; e < head; e++)
    score += GET (q + e) * GET (kv + e);
  out[i] = causal && key > query ? 0.0f : exp (score * scale - log_sum[row]);
}

/* What the softmax takes off the gradient of each row: dout . out, [batch, heads, queries]. */
kernel void
delta (global const real *out, global const real *dout, global float *result, int rows, int heads, int head,
       int queries)
{
  const int row = get_global_id (0);

  if (row >= rows)
    return;
  const int query = row % queries, h = row / queries % heads, b = row / queries / heads;
  const size_t at = (((size_t) b * queries + query) * heads + h) * head;
  float sum = 0;

  for (int e = 0; e < head; e++)
    sum += GET (out + at + e) * GET (dout + at + e);
  result[row] = sum;
}

kernel void
backward_queries (global const real *q, global const real *kv, global const real *dout, global const float *log_sum,
                  global const float *delta, global real *dq, LAYOUT, int accumulate)
{
  local float query[TILE_ROWS][WIDEST], held_dout[TILE_ROWS][WIDEST], ds[TILE_ROWS][TILE];
  float sums[TILE_ROWS][CHUNKS];

  GROUP_BEGIN (queries);
  const int end = causal ? min (keys, first + TILE_ROWS) : keys;

  log_sum += (size_t) head_index * queries;
  delta += (size_t) head_index * queries;
  dout += (size_t) b * queries * width + h * head;
  dq += (size_t) b * queries * q_row + h * head;
  hold (query, q, first, queries, q_row, head);
  hold (held_dout, dout, first, queries, width, head);
  for (int r = 0; r < TILE_ROWS; r++)
    for (int c = 0; c < CHUNKS; c++)
      sums[r][c] = 0;

  for (int start = 0; start < end; start += TILE)
    {
      const int count = min (TILE, end - start);

      barrier (CLK_LOCAL_MEM_FENCE);
      for (int j = lane; j < count; j += lanes)
        {
          float scores[TILE_ROWS], dp[TILE_ROWS];

          dots (scores, query, k + (size_t) (start + j) * kv_row, head);
          dots (dp, held_dout, v + (size_t) (start + j) * kv_row, head);
          for (int r = 0; r < TILE_ROWS; r++)
            {
              const int i = first + r;

              ds[r][j] = i >= queries || (causal && start + j > i)
                             ? 0.0f
                             : exp (scores[r] * scale - log_sum[i]) * (dp[r] - delta[i]) * scale;
            }
        }
      barrier (CLK_LOCAL_MEM_FENCE);
      add_weighted (sums, ds, k + (size_t) start * kv_row, count, kv_row, head, lane, lanes);
    }

  for (int r = 0; r < TILE_ROWS && first + r < queries; r++)
    {
      EACH_CHANNEL (c, e) ADD_TO (sums[r][c], dq + (size_t) (first + r) * q_row + e);
    }
}

kernel void
backward_keys (global const real *q, global const real *kv, global const real *dout, global const float *log_sum,
               global const float *delta, global real *dkv, LAYOUT, int accumulate)
{
  local float key[TILE_ROWS][WIDEST], value[TILE_ROWS][WIDEST], p[TILE_ROWS][TILE], ds[TILE_ROWS][TILE];
  float dk[TILE_ROWS][CHUNKS], dv[TILE_ROWS][CHUNKS];

  GROUP_BEGIN (keys);

  log_sum += (size_t) head_index * queries;
  delta += (size_t) head_index * queries;
  dout += (size_t) b * queries * width + h * head;
  dkv += (size_t) b * keys * kv_row + h * head;
  hold (key, k, first, keys, kv_row, head);
  hold (value, v, first, keys, kv_row, head);
  for (int r = 0; r < TILE_ROWS; r++)
    for (int c = 0; c < CHUNKS; c++)
      dk[r][c] = dv[r][c] = 0;

  for (int start = causal ? first : 0; start < queries; start += TILE)
    {
      const int count = min (TILE, queries - start);

      barrier (CLK_LOCAL_MEM_FENCE);
      for (int j = lane; j < count; j += lanes)
        {
          const int i = start + j;
          float scores[TILE_ROWS], dp[TILE_ROWS];

          dots (scores, key, q + (size_t) i * q_row, head);
          dots (dp, value, dout + i * width, head);
          for (int r = 0; r < TILE_ROWS; r++)
            {
              p[r][j] = causal && first + r > i ? 0.0f : exp (scores[r] * scale - log_sum[i]);
              ds[r][j] = p[r][j] * (dp[r] - delta[i]) * scale;
            }
        }
      barrier (CLK_LOCAL_MEM_FENCE);
      add_weighted (dv, p, dout + start * width, count, width, head, lane, lanes);
      add_weighted (dk, ds, q + (size_t) start * q_row, count, q_row, head, lane, lanes);
    }

  for (int r = 0; r < TILE_ROWS && first + r < keys; r++)
    {
      EACH_CHANNEL (c, e)
      {
        ADD_TO (dk[r][c], dkv + (size_t) (first + r) * kv_row + k_offset + e);
        ADD_TO (dv[r][c], dkv + (size_t) (first + r) * kv_row + v_offset + e);
      }
    }
}
