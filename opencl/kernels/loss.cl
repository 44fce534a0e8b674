/* loss.cl: losses a row, and their gradients. */

kernel void
cross_entropy (global const float *x, global const int *target, global float *log_sums, global float *losses, int rows, int n)
{
  ROW_BEGIN (rows);
  x += (size_t) row * n;
  vec tops = -1e30f;
  ROW_VECTORS (i, n) tops = fmax (tops, LOAD (x + i));
  float top = vec_max (tops);
  ROW_TAIL (i, n) top = fmax (top, x[i]);
  top = ROW_MAX (top);
  vec sums = 0;
  float sum = 0;
  ROW_VECTORS (i, n) sums += EXP (LOAD (x + i) - top);
  ROW_TAIL (i, n) sum += EXP (x[i] - top);
  sum = ROW_SUM (sum + vec_sum (sums));
  if (lane == 0)
    {
      const float log_sum = top + log (sum);

      log_sums[row] = log_sum;
      losses[row] = log_sum - x[target[row]];
    }
}

/* dx = (softmax (x) - [i is the target]) dy / rows */
kernel void
cross_entropy_backward (global const float *x, global const int *target, global const float *log_sums,
                        global const float *dy, global float *dx, int rows, int n, int accumulate)
{
  ROW_BEGIN (rows);
  const float scale = dy[0] / rows, log_sum = log_sums[row];
  const int right = target[row];

  x += (size_t) row * n;
  dx += (size_t) row * n;
  ROW_VECTORS (i, n)
  {
    const vec value = EXP (LOAD (x + i) - log_sum) * scale;

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO (EXP (x[i] - log_sum) * scale, dx + i);
  /* The work-item that wrote the target's place, so that nobody waits. */
  if (VEC > 1 || right % LANES == lane)
    dx[right] -= scale;
}

kernel void
mask_diagonal (global const float *x, global float *out, int n, int count, float value, int accumulate)
{
  const int i = get_global_id (0);

  if (i < count)
    ADD_TO (i / n == i % n ? value : x[i], out + i);
}

/* x [m, n], of which the first m columns are a square */
kernel void
mask_other_keys (global const float *x, global float *out, int m, int n, int count, float value, int accumulate)
{
  const int i = get_global_id (0), column = i % n;

  if (i < count)
    ADD_TO (column < m && column != i / n ? value : x[i], out + i);
}

kernel void
masked_mse (global const float *prediction, global const float *target, global const float *mask, global float *losses,
            int rows, int n)
{
  ROW_BEGIN (rows);
  prediction += (size_t) row * n;
  target += (size_t) row * n;
  vec squares = 0;
  ROW_VECTORS (i, n)
  {
    const vec d = LOAD (prediction + i) - LOAD (target + i);

    squares += d * d;
  }
  float square = vec_sum (squares);
  ROW_TAIL (i, n) square += (prediction[i] - target[i]) * (prediction[i] - target[i]);
  square = ROW_SUM (square);
  if (lane == 0)
    losses[row] = mask[row] * square / n;
}

kernel void
divide (global float *x, global const float *by)
{
  if (get_global_id (0) == 0)
    x[0] = by[0] > 0 ? x[0] / by[0] : 0.0f;
}

kernel void
masked_mse_backward (global const float *prediction, global const float *target, global const float *mask,
                     global const float *hidden, global const float *dy, global float *dx, int rows, int n, int accumulate)
{
  ROW_BEGIN (rows);
  const float scale = hidden[0] > 0 ? 2.0f * dy[0] * mask[row] / (hidden[0] * n) : 0.0f;

  prediction += (size_t) row * n;
  target += (size_t) row * n;
  dx += (size_t) row * n;
  ROW_VECTORS (i, n)
  {
    const vec value = scale * (LOAD (prediction + i) - LOAD (target + i));

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO (scale *(prediction[i] - target[i]), dx + i);
}

/* Rows are view-major, @batch to a view. Every row of x meets the rows of p of the same sample and
 * of other views, their sum being q: the loss is others log sum EXP (t x) - t sum (q x).          */
kernel void
soft_cross_entropy (global const float *x, global const float *p, global float *log_sums, global float *losses, int rows,
                    int n, int targets, int batch, float t)
{
  ROW_BEGIN (rows);
  float others = 0;
  x += (size_t) row * n;
  vec tops = -1e30f;
  ROW_VECTORS (i, n) tops = fmax (tops, LOAD (x + i));
  float top = vec_max (tops);
  ROW_TAIL (i, n) top = fmax (top, x[i]);
  top = ROW_MAX (top);
  vec sums = 0;
  float sum = 0;
  ROW_VECTORS (i, n) sums += EXP (t * (LOAD (x + i) - top));
  ROW_TAIL (i, n) sum += EXP (t * (x[i] - top));
  sum = ROW_SUM (sum + vec_sum (sums));

  vec products = 0;
  float product = 0;
  for (int target = row % batch; target < targets; target += batch)
    if (target != row)
      {
        global const float *q = p + (size_t) target * n;

        others += 1;
        ROW_VECTORS (i, n) products += LOAD (q + i) * (LOAD (x + i) - top);
        ROW_TAIL (i, n) product += q[i] * (x[i] - top);
      }
  product = ROW_SUM (product + vec_sum (products));
  if (lane == 0)
    {
      log_sums[row] = t * top + log (sum);
      losses[row] = others * log (sum) - t * product;
    }
}

/* dx = t (others softmax (t x) - q) scale dy */
kernel void
soft_cross_entropy_backward (global const float *x, global const float *p, global const float *log_sums,
                             global const float *dy, global float *dx, int rows, int n, int targets, int batch, float t,
                             float scale, int accumulate)
{
  ROW_BEGIN (rows);
  const float factor = t * scale * dy[0], log_sum = log_sums[row];
  float others = 0;

  x += (size_t) row * n;
  dx += (size_t) row * n;
  for (int target = row % batch; target < targets; target += batch)
    others += target != row ? 1 : 0;
  ROW_VECTORS (i, n)
  {
    vec value = others * EXP (t * LOAD (x + i) - log_sum);

    for (int target = row % batch; target < targets; target += batch)
      if (target != row)
        value -= LOAD (p + (size_t) target * n + i);
    ADD_VEC (factor * value, dx + i);
  }
  ROW_TAIL (i, n)
  {
    float value = others * EXP (t * x[i] - log_sum);

    for (int target = row % batch; target < targets; target += batch)
      if (target != row)
        value -= p[(size_t) target * n + i];
    ADD_TO (factor * value, dx + i);
  }
}
