/* elementwise.cl: one result an element; broadcasts one row at a time. */

kernel void
fill (global float *x, int n, float value)
{
  const int i = get_global_id (0);

  if (i < n)
    x[i] = value;
}

kernel void
add_scaled (global float *dx, global const float *dy, int n, float scale, int accumulate)
{
  const int i = get_global_id (0);

  if (i < n)
    ADD_TO (dx[i], scale * dy[i]);
}

kernel void
copy_part (global float *to, int to_start, global const float *from, int from_start, int n, int accumulate)
{
  const int i = get_global_id (0);

  if (i < n)
    ADD_TO (to[to_start + i], from[from_start + i]);
}

kernel void
mul_same (global const float *a, global const float *b, global float *out, int n)
{
  const int i = get_global_id (0);

  if (i < n)
    out[i] = a[i] * b[i];
}

/* a [rows, n] with b [n] repeated */
#define BINARY(name, operator)                                                 \
  kernel void name (global const float *a, global const float *b, global float *out, int rows, int n, int accumulate) \
  {                                                                            \
    ROW_BEGIN (rows);                                                          \
    a += (size_t) row * n;                                                     \
    out += (size_t) row * n;                                                   \
    ROW_VECTORS (i, n)                                                         \
    {                                                                          \
      const vec value = LOAD (a + i) operator LOAD (b + i);                    \
      STORE (accumulate ? LOAD (out + i) + value : value, out + i);            \
    }                                                                          \
    ROW_TAIL (i, n)                                                            \
    ADD_TO (out[i], a[i] operator b[i]);                                       \
  }

BINARY (add, +)
BINARY (sub, -)
BINARY (mul, *)

kernel void
relu (global const float *x, global float *out, int n)
{
  const int i = get_global_id (0);

  if (i < n)
    out[i] = x[i] < 0 ? 0.0f : x[i]; /* NaN stays NaN */
}

kernel void
relu_backward (global const float *x, global const float *dy, global float *dx, int n, int accumulate)
{
  const int i = get_global_id (0);

  if (i < n)
    ADD_TO (dx[i], x[i] > 0 ? dy[i] : 0.0f);
}

/* The normal distribution function, (1 + erf (x / sqrt 2)) / 2, without a branch, so that it
 * becomes vectors: Abramowitz & Stegun 7.1.26, absolute error under 1.5e-7. Also gives
 * exp (-x^2 / 2), which the density wants. */
static inline float
normal_below (float x, float *bell)
{
  const float z = fabs (x) * 0.70710678f;
  const float t = 1.0f / (1.0f + 0.3275911f * z);
  const float e = exp (-z * z);
  const float tail
      = 0.5f * e * t * (0.254829592f + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));

  *bell = e;
  return x < 0 ? tail : 1.0f - tail;
}

kernel void
gelu (global const float *x, global float *out, int n)
{
  const int i = get_global_id (0);
  float bell;

  if (i < n)
    out[i] = x[i] * normal_below (x[i], &bell);
}

kernel void
gelu_backward (global const float *x, global const float *dy, global float *dx, int n, int accumulate)
{
  const int i = get_global_id (0);

  if (i < n)
    {
      float bell;
      const float below = normal_below (x[i], &bell);

      ADD_TO (dx[i], dy[i] * (below + x[i] * bell * 0.39894228f));
    }
}
