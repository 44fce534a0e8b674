/* norm.cl: rows [rows, n] to given moments, length or sum, and back. */

/* --- Layer norm: moments [rows, 2] hold mean and 1 / deviation ----------------- */

/* gain and bias may be missing. */
#define GAIN(type, at, i) (gain ? at (gain + (i)) : (type) 1)
#define BIAS(type, at, i) (bias ? at (bias + (i)) : (type) 0)

/* mean and scale = 1 / deviation of row x; @less is taken from the count */
#define ROW_MOMENTS(less)                                                      \
  vec sums = 0;                                                                \
  ROW_VECTORS (i, n) sums += LOAD (x + i);                                     \
  float sum = vec_sum (sums);                                                  \
  ROW_TAIL (i, n) sum += GET (x + i);                                                 \
  const float mean = ROW_SUM (sum) / n;                                        \
  vec squares = 0;                                                             \
  ROW_VECTORS (i, n)                                                           \
  {                                                                            \
    const vec d = LOAD (x + i) - mean;                                         \
    squares += d * d;                                                          \
  }                                                                            \
  float square = vec_sum (squares);                                            \
  ROW_TAIL (i, n) square += (GET (x + i) - mean) * (GET (x + i) - mean);                     \
  const float scale = 1.0f / sqrt (ROW_SUM (square) / (n - (less)) + epsilon);

#define KEEP_MOMENTS                                                           \
  if (lane == 0)                                                               \
    {                                                                          \
      moments[row * 2] = mean;                                                 \
      moments[row * 2 + 1] = scale;                                            \
    }

kernel void
layer_norm (global const real *x, global const float *gain, global const float *bias, global float *moments,
            global real *out, int rows, int n, float epsilon, float less)
{
  ROW_BEGIN (rows);
  x += (size_t) row * n;
  out += (size_t) row * n;
  ROW_MOMENTS (less)
  KEEP_MOMENTS
  ROW_VECTORS (i, n) STORE ((LOAD (x + i) - mean) * scale * GAIN (vec, LOAD, i) + BIAS (vec, LOAD, i), out + i);
  ROW_TAIL (i, n) PUT ((GET (x + i) - mean) * scale * GAIN (float, GET, i) + BIAS (float, GET, i), out + i);
}

/* of x, scaled and moved as the rows of @like lie */
kernel void
unstandardize (global const real *values, global const real *like, global real *out, int rows, int n, float epsilon)
{
  ROW_BEGIN (rows);
  global const real *x = like + (size_t) row * n;

  values += (size_t) row * n;
  out += (size_t) row * n;
  ROW_MOMENTS (1)
  ROW_VECTORS (i, n) STORE (LOAD (values + i) / scale + mean, out + i);
  ROW_TAIL (i, n) PUT (GET (values + i) / scale + mean, out + i);
}

/* dx = scale (g - mean (g) - xhat mean (g xhat)), with g = dy gain. Each chunk of rows also sums
 * dy xhat and dy into its row of gains and biases [chunks, n]; all three may be missing. */
kernel void
layer_norm_backward (global const real *x, global const float *gain, global const float *moments,
                     global const real *dy, global real *dx, global float *gains, global float *biases, int rows,
                     int n, int chunks, int accumulate)
{
  ROW_BEGIN (chunks);
  const int first = (int) ((long) rows * row / chunks), last = (int) ((long) rows * (row + 1) / chunks);

  if (gains)
    {
      gains += (size_t) row * n;
      biases += (size_t) row * n;
    }
  for (int r = first; r < last; r++)
    {
      const float mean = moments[r * 2], scale = moments[r * 2 + 1];
      global const real *x_row = x + (size_t) r * n, *dy_row = dy + (size_t) r * n;
      vec sums = 0, dots = 0;

      ROW_VECTORS (i, n)
      {
        const vec d = LOAD (dy_row + i), xhat = (LOAD (x_row + i) - mean) * scale;
        const vec g = d * GAIN (vec, LOAD, i);

        sums += g;
        dots += g * xhat;
        if (gains)
          {
            STORE (r == first ? d * xhat : LOAD (gains + i) + d * xhat, gains + i);
            STORE (r == first ? d : LOAD (biases + i) + d, biases + i);
          }
      }
      float sum = vec_sum (sums), product = vec_sum (dots);
      ROW_TAIL (i, n)
      {
        const float d = GET (dy_row + i), xhat = (GET (x_row + i) - mean) * scale;
        const float g = d * GAIN (float, GET, i);

        sum += g;
        product += g * xhat;
        if (gains)
          {
            gains[i] = r == first ? d * xhat : gains[i] + d * xhat;
            biases[i] = r == first ? d : biases[i] + d;
          }
      }
      sum = ROW_SUM (sum) / n;
      product = ROW_SUM (product) * scale / n;
      if (dx)
        {
          global real *dx_row = dx + (size_t) r * n;

          ROW_VECTORS (i, n)
          {
            const vec value
                = scale * (LOAD (dy_row + i) * GAIN (vec, LOAD, i) - sum - (LOAD (x_row + i) - mean) * product);

            ADD_VEC (value, dx_row + i);
          }
          ROW_TAIL (i, n)
          ADD_TO (scale * (GET (dy_row + i) * GAIN (float, GET, i) - sum - (GET (x_row + i) - mean) * product), dx_row + i);
        }
    }
}

/* --- Unit length ------------------------------------------------------------------ */

kernel void
unit_length (global const real *x, global float *lengths, global real *out, int rows, int n)
{
  ROW_BEGIN (rows);
  x += (size_t) row * n;
  out += (size_t) row * n;
  vec squares = 0;
  ROW_VECTORS (i, n) squares += LOAD (x + i) * LOAD (x + i);
  float square = vec_sum (squares);
  ROW_TAIL (i, n) square += GET (x + i) * GET (x + i);
  const float length = fmax (sqrt (ROW_SUM (square)), 1e-12f), scale = 1.0f / length;
  if (lane == 0)
    lengths[row] = length;
  ROW_VECTORS (i, n) STORE (LOAD (x + i) * scale, out + i);
  ROW_TAIL (i, n) PUT (GET (x + i) * scale, out + i);
}

/* dx = (dy - z (z . dy)) / length */
kernel void
unit_length_backward (global const real *z, global const float *lengths, global const real *dy, global real *dx,
                    int rows, int n, int accumulate)
{
  ROW_BEGIN (rows);
  z += (size_t) row * n;
  dy += (size_t) row * n;
  dx += (size_t) row * n;
  vec dots = 0;
  ROW_VECTORS (i, n) dots += LOAD (z + i) * LOAD (dy + i);
  float product = vec_sum (dots);
  ROW_TAIL (i, n) product += GET (z + i) * GET (dy + i);
  product = ROW_SUM (product);
  const float scale = 1.0f / lengths[row];
  ROW_VECTORS (i, n)
  {
    const vec value = (LOAD (dy + i) - LOAD (z + i) * product) * scale;

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO ((GET (dy + i) - GET (z + i) * product) * scale, dx + i);
}

/* --- Softmax ----------------------------------------------------------------------- */

kernel void
softmax (global const real *x, global real *out, int rows, int n)
{
  ROW_BEGIN (rows);
  x += (size_t) row * n;
  out += (size_t) row * n;
  vec tops = -1e30f;
  ROW_VECTORS (i, n) tops = fmax (tops, LOAD (x + i));
  float top = vec_max (tops);
  ROW_TAIL (i, n) top = fmax (top, GET (x + i));
  top = ROW_MAX (top);
  vec sums = 0;
  float sum = 0;
  ROW_VECTORS (i, n)
  {
    const vec e = EXP (LOAD (x + i) - top);

    sums += e;
    STORE (e, out + i);
  }
  ROW_TAIL (i, n)
  {
    const float e = EXP (GET (x + i) - top);

    sum += e;
    PUT (e, out + i);
  }
  const float scale = 1.0f / ROW_SUM (sum + vec_sum (sums));
  ROW_VECTORS (i, n) STORE (LOAD (out + i) * scale, out + i);
  ROW_TAIL (i, n) PUT (GET (out + i) * scale, out + i);
}

/* dx = p (dy - p . dy) */
kernel void
softmax_backward (global const real *p, global const real *dy, global real *dx, int rows, int n, int accumulate)
{
  ROW_BEGIN (rows);
  p += (size_t) row * n;
  dy += (size_t) row * n;
  dx += (size_t) row * n;
  vec dots = 0;
  ROW_VECTORS (i, n) dots += LOAD (p + i) * LOAD (dy + i);
  float product = vec_sum (dots);
  ROW_TAIL (i, n) product += GET (p + i) * GET (dy + i);
  product = ROW_SUM (product);
  ROW_VECTORS (i, n)
  {
    const vec value = LOAD (p + i) * (LOAD (dy + i) - product);

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO (GET (p + i) * (GET (dy + i) - product), dx + i);
}
