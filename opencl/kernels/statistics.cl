/* statistics.cl: covariances' parts, running sums, Sinkhorn's algorithm. */

kernel void
diagonal (global const real *x, global real *out, int n)
{
  const int i = get_global_id (0);

  if (i < n)
    PUT (GET (x + (size_t) i * n + i), out + i);
}

kernel void
diagonal_backward (global const real *dy, global real *dx, int count, int n, int accumulate)
{
  const int i = get_global_id (0);

  if (i < count)
    ADD_TO (i / n == i % n ? GET (dy + i % n) : 0.0f, dx + i);
}

/* x [n, n]: the squares of a row but for the diagonal's, summed */
kernel void
off_diagonal (global const float *x, global float *sums, int n)
{
  ROW_BEGIN (n);
  float sum = 0;

  x += (size_t) row * n;
  for (int i = lane; i < n; i += LANES)
    sum += i == row ? 0.0f : x[i] * x[i];
  sum = ROW_SUM (sum);
  if (lane == 0)
    sums[row] = sum;
}

kernel void
off_diagonal_backward (global const float *x, global const float *dy, global float *dx, int n, int accumulate)
{
  ROW_BEGIN (n);
  const float factor = 2.0f * dy[0];

  x += (size_t) row * n;
  dx += (size_t) row * n;
  for (int i = lane; i < n; i += LANES)
    ADD_TO (i == row ? 0.0f : factor * x[i], dx + i);
}

/* --- Running sums ------------------------------------------------------------------- */

/* The sum of the values of this and of all lower lanes; @all: of all lanes. */
#ifdef EID_CPU
#define ROW_SCAN(value, all) (*(all) = (value))
#else
#define ROW_SCAN(value, all) row_scan ((value), (all), row_scratch, lane)

static inline float
row_scan (float value, float *all, local float *scratch, int lane)
{
  barrier (CLK_LOCAL_MEM_FENCE); /* the last sums have been read */
  scratch[lane] = value;
  for (int step = 1; step < LANES; step *= 2)
    {
      barrier (CLK_LOCAL_MEM_FENCE);
      const float below = lane >= step ? scratch[lane - step] : 0.0f;
      barrier (CLK_LOCAL_MEM_FENCE);
      scratch[lane] += below;
    }
  barrier (CLK_LOCAL_MEM_FENCE);
  *all = scratch[LANES - 1];
  return scratch[lane];
}
#endif

kernel void
cumulate (global const real *x, global real *out, int rows, int n, int from_the_end, int accumulate)
{
  ROW_BEGIN (rows);
  float before = 0, all;

  x += (size_t) row * n;
  out += (size_t) row * n;
  for (int start = 0; start < n; start += LANES)
    {
      const int i = from_the_end ? n - 1 - start - lane : start + lane;
      const int inside = start + lane < n;
      const float sum = ROW_SCAN (inside ? GET (x + i) : 0.0f, &all);

      if (inside)
        ADD_TO (before + sum, out + i);
      before += all;
    }
}

/* --- Sinkhorn: logarithms of sums of exp (t x - other) ---------------------------------- */

/* v of 64 columns a row */
kernel void
sinkhorn_columns (global const float *x, global const float *u, global float *v, int blocks, int rows, int columns,
                  float t)
{
  ROW_BEGIN (blocks);
  const int n = min (64, columns - row * 64);

  x += row * 64;
  v += row * 64;
  ROW_VECTORS (i, n)
  {
    vec top = -INFINITY, sum = 0;

    for (int r = 0; r < rows; r++)
      top = fmax (top, t * LOAD (x + (size_t) r * columns + i) - u[r]);
    for (int r = 0; r < rows; r++)
      sum += EXP (t * LOAD (x + (size_t) r * columns + i) - u[r] - top);
    STORE (top + log (sum), v + i);
  }
  ROW_TAIL (i, n)
  {
    float top = -INFINITY, sum = 0;

    for (int r = 0; r < rows; r++)
      top = fmax (top, t * x[(size_t) r * columns + i] - u[r]);
    for (int r = 0; r < rows; r++)
      sum += EXP (t * x[(size_t) r * columns + i] - u[r] - top);
    v[i] = top + log (sum);
  }
}

kernel void
sinkhorn_rows (global const float *x, global const float *v, global float *u, int rows, int columns, float t)
{
  ROW_BEGIN (rows);
  vec tops = -INFINITY, sums = 0;
  x += (size_t) row * columns;
  ROW_VECTORS (i, columns) tops = fmax (tops, t * LOAD (x + i) - LOAD (v + i));
  float top = vec_max (tops);
  ROW_TAIL (i, columns) top = fmax (top, t * x[i] - v[i]);
  top = ROW_MAX (top);
  ROW_VECTORS (i, columns) sums += EXP (t * LOAD (x + i) - LOAD (v + i) - top);
  float sum = vec_sum (sums);
  ROW_TAIL (i, columns) sum += EXP (t * x[i] - v[i] - top);
  sum = ROW_SUM (sum);
  if (lane == 0)
    u[row] = top + log (sum);
}

kernel void
sinkhorn_result (global const float *x, global const float *u, global const float *v, global float *out, int rows,
                 int columns, float t)
{
  ROW_BEGIN (rows);
  const float less = u[row];

  x += (size_t) row * columns;
  out += (size_t) row * columns;
  ROW_VECTORS (i, columns) STORE (EXP (t * LOAD (x + i) - less - LOAD (v + i)), out + i);
  ROW_TAIL (i, columns) out[i] = EXP (t * x[i] - less - v[i]);
}
