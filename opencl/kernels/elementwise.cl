/* elementwise.cl: one result an element; broadcasts one row at a time. */

kernel void
fill (global real *x, int n, float value)
{
  const int i = get_global_id (0);

  if (i < n)
    PUT (value, x + i);
}

/* dx (+)= scale dy, and the same between the two kinds of number */
#define ADD_SCALED(name, to, from)                                             \
  kernel void name (global to *dx, global const from *dy, int count, float scale, int accumulate) \
  {                                                                            \
    ROW_BEGIN ((count + FLAT - 1) / FLAT);                                     \
    const int n = min (FLAT, count - row * FLAT);                              \
                                                                               \
    dx += row * FLAT;                                                          \
    dy += row * FLAT;                                                          \
    ROW_VECTORS (i, n) ADD_VEC (scale * LOAD (dy + i), dx + i);                \
    ROW_TAIL (i, n) ADD_TO (scale * GET (dy + i), dx + i);                     \
  }

ADD_SCALED (add_scaled, real, real)
ADD_SCALED (widen, float, bf16)
ADD_SCALED (narrow, bf16, float)

kernel void
copy_part (global real *to, int to_start, global const real *from, int from_start, int n, int accumulate)
{
  const int i = get_global_id (0);

  if (i < n)
    ADD_TO (GET (from + from_start + i), to + to_start + i);
}

kernel void
mul_same (global const real *a, global const real *b, global real *out, int n)
{
  const int i = get_global_id (0);

  if (i < n)
    PUT (GET (a + i) * GET (b + i), out + i);
}

/* a [rows, n] with b [n] repeated */
#define BINARY(name, operator)                                                 \
  kernel void name (global const real *a, global const real *b, global real *out, int rows, int n, int accumulate) \
  {                                                                            \
    ROW_BEGIN (rows);                                                          \
    a += (size_t) row * n;                                                     \
    out += (size_t) row * n;                                                   \
    ROW_VECTORS (i, n)                                                         \
    {                                                                          \
      const vec value = LOAD (a + i) operator LOAD (b + i);                    \
      ADD_VEC (value, out + i);                                                \
    }                                                                          \
    ROW_TAIL (i, n)                                                            \
    ADD_TO (GET (a + i) operator GET (b + i), out + i);                                       \
  }

BINARY (add, +)
BINARY (sub, -)
BINARY (mul, *)
BINARY (div, /)

/* x [rows, n], each row times a number of its own */
kernel void
scale_rows (global const real *x, global const float *factors, global real *out, int rows, int n, int accumulate)
{
  ROW_BEGIN (rows);
  const float factor = factors[row];

  x += (size_t) row * n;
  out += (size_t) row * n;
  ROW_VECTORS (i, n)
  {
    const vec value = factor * LOAD (x + i);

    ADD_VEC (value, out + i);
  }
  ROW_TAIL (i, n) ADD_TO (factor * GET (x + i), out + i);
}

#define FLAT_BEGIN                                                             \
  ROW_BEGIN ((count + FLAT - 1) / FLAT);                                       \
  const int n = min (FLAT, count - row * FLAT);                                \
  const int start = row * FLAT

kernel void
shift (global const real *x, global real *out, int count, float by)
{
  FLAT_BEGIN;
  x += start;
  out += start;
  ROW_VECTORS (i, n) STORE (LOAD (x + i) + by, out + i);
  ROW_TAIL (i, n) PUT (GET (x + i) + by, out + i);
}

/* NaN stays NaN. */
kernel void
relu_forward (global const real *x, global real *out, int count)
{
  FLAT_BEGIN;
  x += start;
  out += start;
  ROW_VECTORS (i, n) STORE (select (LOAD (x + i), (vec) 0, LOAD (x + i) < 0), out + i);
  ROW_TAIL (i, n) PUT (select (GET (x + i), 0.0f, GET (x + i) < 0), out + i);
}

kernel void
relu_backward (global const real *x, global const real *dy, global real *dx, int count, int accumulate)
{
  FLAT_BEGIN;
  x += start;
  dy += start;
  dx += start;
  ROW_VECTORS (i, n)
  {
    const vec value = select ((vec) 0, LOAD (dy + i), LOAD (x + i) > 0);

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n) ADD_TO (select (0.0f, GET (dy + i), GET (x + i) > 0), dx + i);
}

/* The normal distribution function, (1 + erf (x / sqrt 2)) / 2, and @bell, e^(-x^2 / 2), without a branch,
 * in vectors. */
#ifdef EID_BF16
/* Of results that are rounded to 8 bits: polynomials in x^2, the best up to 4.4, where both end; errors of
 * at most 2e-5 and 1.3e-4. */
#define NORMAL_BELOW(type, x, below, bell)                                     \
  const type over_ = x < -4.4f ? (type) -4.4f : x;                             \
  const type z_ = over_ > 4.4f ? (type) 4.4f : over_;                          \
  const type u_ = z_ * z_;                                                     \
  const type below = 0.5f                                                      \
                     + z_ * (3.98935506e-01f                                   \
                     + u_ * (-6.64369834e-02f                                  \
                     + u_ * (9.90716753e-03f                                   \
                     + u_ * (-1.14957446e-03f                                  \
                     + u_ * (1.03383162e-04f                                   \
                     + u_ * (-7.04498735e-06f                                  \
                     + u_ * (3.47365127e-07f                                   \
                     + u_ * (-1.15359799e-08f                                  \
                     + u_ * (2.28476649e-10f                                   \
                     + u_ * -2.02409596e-12f)))))))));                         \
  const type bell = 9.99988931e-01f                                            \
                    + u_ * (-4.99849620e-01f                                   \
                    + u_ * (1.24661645e-01f                                    \
                    + u_ * (-2.05339764e-02f                                   \
                    + u_ * (2.46624753e-03f                                    \
                    + u_ * (-2.22399754e-04f                                   \
                    + u_ * (1.48955537e-05f                                    \
                    + u_ * (-7.13322654e-07f                                   \
                    + u_ * (2.28778143e-08f                                    \
                    + u_ * (-4.36918905e-10f                                   \
                    + u_ * 3.73554594e-12f)))))))))
#else
/* Abramowitz & Stegun 7.1.26, absolute error under 1.5e-7. */
#define NORMAL_BELOW(type, x, below, bell)                                     \
  const type z_ = fabs (x) * 0.70710678f;                                      \
  const type t_ = 1.0f / (1.0f + 0.3275911f * z_);                             \
  const type bell = EXP (-z_ * z_);                                            \
  const type tail_ = 0.5f * bell * t_                                          \
                     * (0.254829592f                                           \
                        + t_ * (-0.284496736f + t_ * (1.421413741f + t_ * (-1.453152027f + t_ * 1.061405429f)))); \
  const type below = x < 0 ? tail_ : 1.0f - tail_
#endif

kernel void
gelu_forward (global const real *x, global real *out, int count)
{
  FLAT_BEGIN;
  x += start;
  out += start;
  ROW_VECTORS (i, n)
  {
    const vec v = LOAD (x + i);
    NORMAL_BELOW (vec, v, below, bell);

    STORE (v * below, out + i);
  }
  ROW_TAIL (i, n)
  {
    const float v = GET (x + i);
    NORMAL_BELOW (float, v, below, bell);

    PUT (v * below, out + i);
  }
}

/* For a perceptron's way back: @pre [rows, n] becomes what gelu made of it, @dh its gradient
 * that of @pre, and each chunk of rows sums the latter into its row of sums [chunks, n]. */
kernel void
gelu_again (global real *pre, global real *dh, global float *sums, int rows, int n, int chunks)
{
  ROW_BEGIN (chunks);
  const int first = (int) ((long) rows * row / chunks), last = (int) ((long) rows * (row + 1) / chunks);

  sums += (size_t) row * n;
  for (int r = first; r < last; r++)
    {
      global real *v_row = pre + (size_t) r * n, *d_row = dh + (size_t) r * n;

      ROW_VECTORS (i, n)
      {
        const vec v = LOAD (v_row + i);
        NORMAL_BELOW (vec, v, below, bell);
        const vec d = LOAD (d_row + i) * (below + v * bell * 0.39894228f);

        STORE (v * below, v_row + i);
        STORE (d, d_row + i);
        STORE (r == first ? d : LOAD (sums + i) + d, sums + i);
      }
      ROW_TAIL (i, n)
      {
        const float v = GET (v_row + i);
        NORMAL_BELOW (float, v, below, bell);
        const float d = GET (d_row + i) * (below + v * bell * 0.39894228f);

        PUT (v * below, v_row + i);
        PUT (d, d_row + i);
        sums[i] = r == first ? d : sums[i] + d;
      }
    }
}

kernel void
gelu_backward (global const real *x, global const real *dy, global real *dx, int count, int accumulate)
{
  FLAT_BEGIN;
  x += start;
  dy += start;
  dx += start;
  ROW_VECTORS (i, n)
  {
    const vec v = LOAD (x + i);
    NORMAL_BELOW (vec, v, below, bell);
    const vec value = LOAD (dy + i) * (below + v * bell * 0.39894228f);

    ADD_VEC (value, dx + i);
  }
  ROW_TAIL (i, n)
  {
    const float v = GET (x + i);
    NORMAL_BELOW (float, v, below, bell);

    ADD_TO (GET (dy + i) * (below + v * bell * 0.39894228f), dx + i);
  }
}

/* A function of v and its derivative, both for one number and for whole vectors. */
#define FUNCTION(name, value, slope)                                           \
  kernel void name##_forward (global const real *x, global real *out, int count) \
  {                                                                            \
    FLAT_BEGIN;                                                                \
    x += start;                                                                \
    out += start;                                                              \
    ROW_VECTORS (i, n)                                                         \
    {                                                                          \
      const vec v = LOAD (x + i);                                              \
      STORE (value, out + i);                                                  \
    }                                                                          \
    ROW_TAIL (i, n)                                                            \
    {                                                                          \
      const float v = GET (x + i);                                             \
      PUT (value, out + i);                                                    \
    }                                                                          \
  }                                                                            \
                                                                               \
  kernel void name##_backward (global const real *x, global const real *dy, global real *dx, int count, int accumulate) \
  {                                                                            \
    FLAT_BEGIN;                                                                \
    x += start;                                                                \
    dy += start;                                                               \
    dx += start;                                                               \
    ROW_VECTORS (i, n)                                                         \
    {                                                                          \
      const vec v = LOAD (x + i);                                              \
      const vec d = LOAD (dy + i) * (slope);                                   \
      ADD_VEC (d, dx + i);                                                     \
    }                                                                          \
    ROW_TAIL (i, n)                                                            \
    {                                                                          \
      const float v = GET (x + i);                                             \
      ADD_TO (GET (dy + i) * (slope), dx + i);                                 \
    }                                                                          \
  }

/* By halves, so that it goes to 0 and to infinity where it should. */
#define FULL_EXP(v) (EXP (0.5f * (v)) * EXP (0.5f * (v)))

FUNCTION (exp, FULL_EXP (v), FULL_EXP (v))
FUNCTION (log, log (v), 1.0f / v)
FUNCTION (sqrt, sqrt (v), 0.5f / sqrt (v))
FUNCTION (square, v *v, 2.0f * v)
FUNCTION (tanh, TANH (v), 1.0f - TANH (v) * TANH (v))
FUNCTION (sigmoid, SIGMOID (v), SIGMOID (v) * (1.0f - SIGMOID (v)))

/* NaN stays NaN. */
kernel void
clamp_between (global const real *x, global real *out, int count, float low, float high)
{
  const int i = get_global_id (0);

  if (i < count)
    {
      const float v = GET (x + i);

      PUT (v < low ? low : v > high ? high : v, out + i);
    }
}

kernel void
clamp_backward (global const real *x, global const real *dy, global real *dx, int count, float low, float high,
                int accumulate)
{
  const int i = get_global_id (0);

  if (i < count)
    {
      const float v = GET (x + i);

      ADD_TO (v >= low && v <= high ? GET (dy + i) : 0.0f, dx + i);
    }
}
