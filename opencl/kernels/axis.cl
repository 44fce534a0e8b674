/* axis.cl: reductions of x [outer, n, inner] over n. mask [outer, n] and share [outer] may be missing. */

#define MASK(at)  (mask ? mask[at] : 1.0f)
#define SHARE(at) (share ? share[at] : 1.0f)

/* 1 / the sum of a row of the mask; 0 where nothing is chosen */
kernel void
shares (global const float *mask, global float *share, int rows, int n)
{
  ROW_BEGIN (rows);
  float sum = 0;

  mask += (size_t) row * n;
  for (int i = lane; i < n; i += LANES)
    sum += mask[i];
  sum = ROW_SUM (sum);
  if (lane == 0)
    share[row] = sum != 0 ? 1.0f / sum : 0.0f;
}

/* --- inner = 1: a row each of x ------------------------------------------------ */

kernel void
last_sums (global const real *x, global const float *mask, global const float *share, global real *out, int rows, int n,
           float scale)
{
  ROW_BEGIN (rows);
  vec sums = 0;
  x += (size_t) row * n;
  mask += mask ? (size_t) row * n : 0;
  ROW_VECTORS (i, n) sums += mask ? LOAD (x + i) * LOAD (mask + i) : LOAD (x + i);
  float sum = vec_sum (sums);
  ROW_TAIL (i, n) sum += GET (x + i) * MASK (i);
  sum = ROW_SUM (sum);
  if (lane == 0)
    PUT (scale * SHARE (row) * sum, out + row);
}

kernel void
last_spread (global const real *dy, global const float *mask, global const float *share, global real *dx, int rows,
             int n, float scale, int accumulate)
{
  ROW_BEGIN (rows);
  const float value = scale * SHARE (row) * GET (dy + row);

  dx += (size_t) row * n;
  mask += mask ? (size_t) row * n : 0;
  for (int i = lane; i < n; i += LANES)
    ADD_TO (value * MASK (i), dx + i);
}

/* --- inner > 1 -------------------------------------------------------------------- */

/* A row each of partial [outer, chunks, inner] */
kernel void
chunk_sums (global const real *x, global const float *mask, global float *partial, int rows, int n, int inner, int chunks)
{
  ROW_BEGIN (rows);
  const int outer = row / chunks, chunk = row % chunks;
  const int first = (int) ((long) n * chunk / chunks), last = (int) ((long) n * (chunk + 1) / chunks);

  x += (size_t) outer * n * inner;
  mask += mask ? (size_t) outer * n : 0;
  partial += (size_t) row * inner;
  ROW_VECTORS (i, inner)
  {
    vec sum = 0;

    for (int r = first; r < last; r++)
      sum += MASK (r) * LOAD (x + (size_t) r * inner + i);
    STORE (sum, partial + i);
  }
  ROW_TAIL (i, inner)
  {
    float sum = 0;

    for (int r = first; r < last; r++)
      sum += MASK (r) * GET (x + (size_t) r * inner + i);
    partial[i] = sum;
  }
}

kernel void
add_shares (global const float *partial, global const float *share, global real *out, int count, int inner, int chunks,
            float scale)
{
  const int i = get_global_id (0);

  if (i < count)
    {
      const int outer = i / inner;
      float sum = 0;

      for (int c = 0; c < chunks; c++)
        sum += partial[((size_t) outer * chunks + c) * inner + i % inner];
      PUT (scale * SHARE (outer) * sum, out + i);
    }
}

/* A row each of dx [outer * n, inner] */
kernel void
spread_rows (global const real *dy, global const float *mask, global const float *share, global real *dx, int rows, int n,
        int inner, float scale, int accumulate)
{
  ROW_BEGIN (rows);
  const float factor = scale * SHARE (row / n) * MASK (row);

  dy += (size_t) (row / n) * inner;
  dx += (size_t) row * inner;
  ROW_VECTORS (i, inner) ADD_VEC (factor * LOAD (dy + i), dx + i);
  ROW_TAIL (i, inner) ADD_TO (factor * GET (dy + i), dx + i);
}

/* --- Maxima: the first of equal ones; NaN is more than anything ---------------------- */

kernel void
maxima (global const real *x, global real *out, global int *place, int count, int n, int inner)
{
  const int i = get_global_id (0);

  if (i < count)
    {
      int best = 0;

      x += (size_t) (i / inner) * n * inner + i % inner;
      float top = GET (x);
      for (int r = 1; r < n; r++)
        {
          const float value = GET (x + (size_t) r * inner);

          if (value > top || (value != value && top == top))
            {
              top = value;
              best = r;
            }
        }
      PUT (top, out + i);
      place[i] = best;
    }
}

kernel void
maxima_backward (global const real *dy, global const int *place, global real *dx, int count, int n, int inner,
                 int accumulate)
{
  const int i = get_global_id (0);

  if (i < count)
    {
      const int at = i / inner / n * inner + i % inner;

      ADD_TO (place[at] == i / inner % n ? GET (dy + at) : 0.0f, dx + i);
    }
}
