/* batch_norm.cl: columns of [rows, n] to given moments, and back. Moments [2, n] hold means, then
 * 1 / deviations.
 *
 * Sums over rows are made by runs of rows, each by one work-item (or group), and put together in a
 * second kernel, always in the same order.
 */

/* Columns are taken by several vectors at a time, so that memory is read in long pieces. BODY is a
 * macro of a type, how it is loaded and stored, and how many. */
#ifdef EID_CPU
#define WIDE 4
#else
#define WIDE 1
#endif
#define EACH_COLUMN(BODY)                                                      \
  int i = lane * VEC;                                                          \
  for (; i + WIDE * VEC <= n; i += LANES * WIDE * VEC)                         \
    BODY (vec, LOAD, STORE, WIDE)                                              \
  for (; i + VEC <= n; i += LANES * VEC)                                       \
    BODY (vec, LOAD, STORE, 1)                                                 \
  for (; i < n; i += LANES)                                                    \
    BODY (float, GET, PUT, 1)

#define ROWS_OF_RUN(runs)                                                      \
  ROW_BEGIN (runs);                                                            \
  const int first = (int) ((long) rows * row / (runs)), last = (int) ((long) rows * (row + 1) / (runs))

/* gain and bias may be missing. */
#define GAIN(type, at, i) (gain ? at (gain + (i)) : (type) 1)
#define BIAS(type, at, i) (bias ? at (bias + (i)) : (type) 0)

/* --- Moments --------------------------------------------------------------------- */

/* Sums are taken from the run's first row on, so that a mean far from 0 does no harm. */
#define MOMENTS(type, load, store, W)                                          \
  {                                                                            \
    type base[W], sum[W], square[W];                                           \
                                                                               \
    for (int k = 0; k < W; k++)                                                \
      {                                                                        \
        base[k] = load (x + (size_t) first * n + i + k * VEC);                 \
        sum[k] = square[k] = 0;                                                \
      }                                                                        \
    for (int r = first + 1; r < last; r++)                                     \
      for (int k = 0; k < W; k++)                                              \
        {                                                                      \
          const type d = load (x + (size_t) r * n + i + k * VEC) - base[k];    \
                                                                               \
          sum[k] += d;                                                         \
          square[k] += d * d;                                                  \
        }                                                                      \
    for (int k = 0; k < W; k++)                                                \
      {                                                                        \
        const type mean = sum[k] / (last - first);                             \
                                                                               \
        store (base[k] + mean, partial + i + k * VEC);                         \
        store (square[k] - sum[k] * mean, partial + n + i + k * VEC);          \
      }                                                                        \
  }

/* partial [chunks, 2, n]: each run's means, and sums of squares about them */
kernel void
moment_chunks (global const real *x, global float *partial, int rows, int n, int chunks)
{
  ROWS_OF_RUN (chunks);

  partial += (size_t) row * 2 * n;
  EACH_COLUMN (MOMENTS)
}

/* Puts runs together (Chan, Golub & LeVeque 1983); without runs the running moments are taken. */
kernel void
moments (global const float *partial, global float *moments, global float *running_mean, global float *running_var,
         int rows, int n, int chunks, float momentum, float epsilon)
{
  const int i = get_global_id (0);
  float mean = 0, square = 0, variance;

  if (i >= n)
    return;
  for (int c = 0; c < chunks; c++)
    {
      const int first = (int) ((long) rows * c / chunks), last = (int) ((long) rows * (c + 1) / chunks);
      const float share = (float) (last - first) / last;
      const float d = partial[(size_t) c * 2 * n + i] - mean;

      mean += d * share;
      square += partial[(size_t) c * 2 * n + n + i] + d * d * share * first;
    }
  variance = square / rows;
  if (chunks > 0)
    {
      running_mean[i] += momentum * (mean - running_mean[i]);
      running_var[i] += momentum * (square / (rows - 1) - running_var[i]);
    }
  else
    {
      mean = running_mean[i];
      variance = running_var[i];
    }
  moments[i] = mean;
  moments[n + i] = 1.0f / sqrt (variance + epsilon);
}

/* --- Forward --------------------------------------------------------------------- */

/* What is made of x before a residual and ReLU. */
#define NORMAL(type, at, i) ((at (x + (i)) - at (moments + (i))) * at (moments + n + (i)))

#define FORWARD(type, at, put, zero)                                           \
  {                                                                            \
    type v = NORMAL (type, at, i) * GAIN (type, at, i) + BIAS (type, at, i);   \
                                                                               \
    if (residual)                                                              \
      v += at (residual + start + i);                                          \
    put (relu ? select (v, zero, v < 0) : v, out + i);                         \
  }

kernel void
forward (global const real *x, global const float *gain, global const float *bias, global const float *moments,
         global const real *residual, global real *out, int rows, int n, int runs, int relu)
{
  ROWS_OF_RUN (runs);

  x += (size_t) first * n;
  out += (size_t) first * n;
  for (int r = first; r < last; r++, x += n, out += n)
    {
      const size_t start = (size_t) r * n;

      ROW_VECTORS (i, n) FORWARD (vec, LOAD, STORE, (vec) 0)
      ROW_TAIL (i, n) FORWARD (float, GET, PUT, 0.0f)
    }
}

/* --- Backward -------------------------------------------------------------------- */

/* A run's sums of g and g xhat, where g is dy; of dy where the norm's result is above 0
 * (@by_input); or of dy where the output is (@out), kept in @gated. */
#define SUMS(type, load, store, W)                                             \
  {                                                                            \
    type plain[W], product[W], mean[W], scale[W], times[W], plus[W];           \
                                                                               \
    for (int k = 0; k < W; k++)                                                \
      {                                                                        \
        const int c = i + k * VEC;                                             \
                                                                               \
        plain[k] = product[k] = 0;                                             \
        mean[k] = load (moments + c);                                          \
        scale[k] = load (moments + n + c);                                     \
        times[k] = GAIN (type, load, c);                                       \
        plus[k] = BIAS (type, load, c);                                        \
      }                                                                        \
    for (int r = first; r < last; r++)                                         \
      for (int k = 0; k < W; k++)                                              \
        {                                                                      \
          const size_t at = (size_t) r * n + i + k * VEC;                      \
          const type xhat = (load (x + at) - mean[k]) * scale[k];              \
          type g = load (dy + at);                                             \
                                                                               \
          if (by_input)                                                        \
            g = select ((type) 0, g, xhat * times[k] + plus[k] > 0);           \
          if (gated)                                                           \
            {                                                                  \
              g = select ((type) 0, g, load (out + at) > 0);                   \
              store (g, gated + at);                                           \
            }                                                                  \
          plain[k] += g;                                                       \
          product[k] += g * xhat;                                              \
        }                                                                      \
    for (int k = 0; k < W; k++)                                                \
      {                                                                        \
        store (plain[k], partial + i + k * VEC);                               \
        store (product[k], partial + n + i + k * VEC);                         \
      }                                                                        \
  }

kernel void
sum_chunks (global const real *x, global const float *gain, global const float *bias, global const float *moments,
            global const real *dy, global const real *out, global real *gated, global float *partial, int rows, int n,
            int chunks, int by_input)
{
  ROWS_OF_RUN (chunks);

  partial += (size_t) row * 2 * n;
  EACH_COLUMN (SUMS)
}

/* dx = gain / deviation (g - share (sum g + xhat sum (g xhat))); sums [2, n] */
#define BACKWARD(type, at, add)                                                \
  {                                                                            \
    const type xhat = NORMAL (type, at, i);                                    \
    const type times = GAIN (type, at, i);                                     \
    type g = at (dy + i);                                                      \
                                                                               \
    if (by_input)                                                              \
      g = select ((type) 0, g, xhat * times + BIAS (type, at, i) > 0);         \
    const type value                                                           \
        = times * at (moments + n + i) * (g - share * (at (sums + i) + xhat * at (sums + n + i))); \
                                                                               \
    add (value, dx + i);                                                       \
  }

kernel void
backward (global const real *x, global const float *gain, global const float *bias, global const float *moments,
          global const real *dy, global const float *sums, global real *dx, int rows, int n, int runs, int by_input,
          float share, int accumulate)
{
  ROWS_OF_RUN (runs);

  x += (size_t) first * n;
  dy += (size_t) first * n;
  dx += (size_t) first * n;
  for (int r = first; r < last; r++, x += n, dy += n, dx += n)
    {
      ROW_VECTORS (i, n) BACKWARD (vec, LOAD, ADD_VEC)
      ROW_TAIL (i, n) BACKWARD (float, GET, ADD_TO)
    }
}
