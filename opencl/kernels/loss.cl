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
  ROW_VECTORS (i, n) sums += exp (LOAD (x + i) - top);
  ROW_TAIL (i, n) sum += exp (x[i] - top);
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
    const vec value = exp (LOAD (x + i) - log_sum) * scale;

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO (exp (x[i] - log_sum) * scale, dx + i);
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
