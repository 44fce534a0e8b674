/* tokens.cl: moving tokens about. Rows of n channels unless said otherwise. */

/* few [B, count, n] is part of all [B, tokens, n], from @first */
kernel void
copy_tokens (global real *few, global real *all, int rows, int n, int count, int tokens, int first, int to_few, int add)
{
  ROW_BEGIN (rows);
  global real *small = few + (size_t) row * n;
  global real *large = all + ((size_t) (row / count) * tokens + first + row % count) * n;

  if (to_few)
    COPY_ROW (small, large, add);
  else
    COPY_ROW (large, small, add);
}

/* The same n numbers before each row of out [rows, row_length] */
kernel void
first_tokens (global const float *tokens, global real *out, int rows, int n, int row_length)
{
  ROW_BEGIN (rows);
  out += (size_t) row * row_length;
  COPY_ROW (out, tokens, 0);
}

/* x [rows, n], and token [n] where mask [rows] is set */
kernel void
hide (global const real *x, global const float *token, global const float *mask, global real *out, int rows, int n)
{
  ROW_BEGIN (rows);
  x += (size_t) row * n;
  out += (size_t) row * n;
  if (mask[row] != 0)
    COPY_ROW (out, token, 0);
  else
    COPY_ROW (out, x, 0);
}

kernel void
hide_backward (global const real *dy, global const float *mask, global real *dx, int rows, int n, int accumulate)
{
  ROW_BEGIN (rows);
  dy += (size_t) row * n;
  dx += (size_t) row * n;
  const float seen = mask[row] != 0 ? 0 : 1;

  ROW_VECTORS (i, n)
  {
    const vec value = seen * LOAD (dy + i);

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO (seen * GET (dy + i), dx + i);
}

/* A row each of out [B, kept, n] */
kernel void
gather (global const real *x, global const int *index, global real *out, int rows, int n, int tokens, int kept)
{
  ROW_BEGIN (rows);
  x += ((size_t) (row / kept) * tokens + index[row]) * n;
  out += (size_t) row * n;
  COPY_ROW (out, x, 0);
}

kernel void
gather_backward (global const real *dy, global const int *index, global real *dx, int rows, int n, int tokens, int kept)
{
  ROW_BEGIN (rows);
  dy += (size_t) row * n;
  dx += ((size_t) (row / kept) * tokens + index[row]) * n;
  COPY_ROW (dx, dy, 1);
}

/* A row each of out [B, tokens, n] */
kernel void
restore (global const real *x, global const float *token, global const int *order, global real *out, int rows, int n,
         int kept, int tokens)
{
  ROW_BEGIN (rows);
  const int place = order[row];

  x += ((size_t) (row / tokens) * kept + place) * n;
  out += (size_t) row * n;
  if (place < kept)
    COPY_ROW (out, x, 0);
  else
    COPY_ROW (out, token, 0);
}

kernel void
restore_backward (global const real *dy, global const int *order, global real *dx, int rows, int n, int kept, int tokens, int add)
{
  ROW_BEGIN (rows);
  const int place = order[row];

  if (place < kept)
    {
      global real *to = dx + ((size_t) (row / tokens) * kept + place) * n;

      dy += (size_t) row * n;
      COPY_ROW (to, dy, add);
    }
}

/* A row each of sums [B, n]: of dy where the token was hidden */
kernel void
hidden_sums (global const real *dy, global const int *order, global float *sums, int rows, int n, int kept, int tokens)
{
  ROW_BEGIN (rows);
  dy += (size_t) row * tokens * n;
  order += (size_t) row * tokens;
  sums += (size_t) row * n;
  ROW_VECTORS (i, n)
  {
    vec sum = 0;

    for (int t = 0; t < tokens; t++)
      if (order[t] >= kept)
        sum += LOAD (dy + (size_t) t * n + i);
    STORE (sum, sums + i);
  }
  ROW_TAIL (i, n)
  {
    float sum = 0;

    for (int t = 0; t < tokens; t++)
      if (order[t] >= kept)
        sum += GET (dy + (size_t) t * n + i);
    sums[i] = sum;
  }
}
