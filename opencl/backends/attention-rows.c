/* attention-rows.c: softmax and its gradient over rows of scores, and rows into and out of tensors: what
 * stands between the products of attention on processors (attention-native.c).
 *
 * In GCC's vectors of 16 numbers, compiled for each kind of processor named below.
 */

#include "opencl/backends/attention-rows.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The best of these that the processor has is taken when the library is loaded. */
#if defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__ ((target_clones ("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINE static inline __attribute__ ((always_inline))

/* Vectors are passed between inlined functions alone, so their calling convention does not matter. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define LANES            16
#define WHOLE_VECTORS(n) (((n) + LANES - 1) / LANES * LANES)
#define VECTOR(type)                                                                                         \
  __attribute__ ((vector_size (LANES * sizeof (type)), aligned (sizeof (type)), may_alias)) type
#define EACH_VECTOR(i, n)    for (guint i = 0; i + LANES <= (n); i += LANES)
#define EACH_LEFT_OVER(i, n) for (guint i = (n) / LANES * LANES; i < (n); i++)

typedef guint16 __attribute__ ((may_alias)) bf16;
typedef VECTOR (float) Floats;
typedef VECTOR (guint32) Words;
typedef VECTOR (gint32) Mask; /* all bits, or none */
typedef VECTOR (guint16) Halves;

/* --- Vectors --------------------------------------------------------------------- */

INLINE Floats
all (float value)
{
  return value - (Floats){ 0 };
}

INLINE Floats
choose (Mask mask, Floats yes, Floats no)
{
  return (Floats) (((Mask) yes & mask) | ((Mask) no & ~mask));
}

/* The upper half of each half, quarter, … of a vector, for its lower. */
static const Mask folds[] = {
  { 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7 },
  { 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11 },
  { 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13 },
  { 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14 },
};

INLINE float
sum_of (Floats v)
{
  for (guint i = 0; i < G_N_ELEMENTS (folds); i++)
    v += __builtin_shuffle (v, folds[i]);
  return v[0];
}

INLINE float
largest_of (Floats v)
{
  for (guint i = 0; i < G_N_ELEMENTS (folds); i++)
    v = choose (v > __builtin_shuffle (v, folds[i]), v, __builtin_shuffle (v, folds[i]));
  return v[0];
}

INLINE Floats
load (gconstpointer p, gsize i, gboolean half)
{
  if (half)
    return (Floats) (__builtin_convertvector(*(const Halves *) ((const bf16 *) p + i), Words) << 16);
  return *(const Floats *) ((const float *) p + i);
}

/* In 16 bits to the nearest, ties to even; what is not a number stays so. */
INLINE void
store (Floats value, gpointer p, gsize i, gboolean half)
{
  Words bits = (Words) value, odd = (bits >> 16) & 1u;
  Words rounded = (bits + 0x7fffu + odd) >> 16, nan = (Words) (value != value);

  if (half)
    *(Halves *) ((bf16 *) p + i) = __builtin_convertvector((rounded & ~nan) | (0x7fc0u & nan), Halves);
  else
    *(Floats *) ((float *) p + i) = value;
}

/* The same for what is left of a row. */
INLINE float
load_one (gconstpointer p, gsize i, gboolean half)
{
  guint32 bits;
  float value;

  if (!half)
    return ((const float *) p)[i];
  bits = (guint32) ((const bf16 *) p)[i] << 16;
  memcpy (&value, &bits, sizeof value);
  return value;
}

INLINE void
store_one (float value, gpointer p, gsize i, gboolean half)
{
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  if (half)
    ((bf16 *) p)[i] = value != value ? 0x7fc0u : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  else
    ((float *) p)[i] = value;
}

/* 2^x for x below 128, 0 below -126; within 3e-7: 2^n by the exponent's bits, 2^f, |f| <= 1/2, by
 * Taylor's series. */
INLINE Floats
exp2_of (Floats x)
{
  const float no_fraction = 12582912; /* 1.5 2^23 */
  Floats n = x + no_fraction, f = x - (n - no_fraction), p;

  p = f * 1.5403530e-4f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1;
  p *= (Floats) (((Words) n << 23) + 0x3f800000u);
  return choose (x < -126, all (0), p);
}

/* --- Scores ------------------------------------------------------------------------ */

INLINE guint
seen_by (const EidScores *s, guint r)
{
  return s->causal ? MIN (s->keys, s->seen + r) : s->keys;
}

/* Zeros for the keys from the @n-th on. */
INLINE void
hide (const EidScores *s, float *row, guint n)
{
  gsize size = s->half ? sizeof (bf16) : sizeof (float);

  if (n < s->keys)
    memset ((char *) row + n * size, 0, (s->keys - n) * size);
}

/* What is stored lies before what is still to be read, so it may be narrower. */
INLINE float
exponentials (float *x, guint n, float scale, float top, gboolean half)
{
  Floats sum = all (0);

  EACH_VECTOR (i, n)
  {
    Floats p = exp2_of (load (x, i, FALSE) * scale - top);

    sum += p;
    store (p, x, i, half);
  }
  return sum_of (sum);
}

FOR_EACH_PROCESSOR void
eid_scores_softmax (const EidScores *s, float *x, float *log_sum, float *inverse)
{
  const float scale = s->scale * (float) M_LOG2E;

  for (guint r = 0; r < s->rows; r++, x += s->row)
    {
      guint seen = seen_by (s, r), n = WHOLE_VECTORS (seen);
      Floats tops = all (-FLT_MAX);
      float top, sum;

      for (guint i = seen; i < n; i++)
        x[i] = -FLT_MAX;
      EACH_VECTOR (i, n) tops = choose (load (x, i, FALSE) > tops, load (x, i, FALSE), tops);
      top = largest_of (tops) * scale;
      sum = s->half ? exponentials (x, n, scale, top, TRUE) : exponentials (x, n, scale, top, FALSE);
      hide (s, x, n);
      log_sum[r] = top * (float) M_LN2 + logf (sum);
      inverse[r] = 1 / sum;
    }
}

INLINE void
gradient (float *x, float *d, guint n, float scale, float log_sum, float delta, gboolean half)
{
  const float scale2 = scale * (float) M_LOG2E, log2_sum = log_sum * (float) M_LOG2E;

  EACH_VECTOR (i, n)
  {
    Floats p = exp2_of (load (x, i, FALSE) * scale2 - log2_sum);
    Floats ds = p * (load (d, i, FALSE) - delta) * scale;

    store (p, x, i, half);
    store (ds, d, i, half);
  }
}

FOR_EACH_PROCESSOR void
eid_scores_gradient (const EidScores *s, float *x, float *d, const float *log_sum, const float *delta)
{
  for (guint r = 0; r < s->rows; r++, x += s->row, d += s->row)
    {
      guint seen = seen_by (s, r), n = WHOLE_VECTORS (seen);

      for (guint i = seen; i < n; i++)
        {
          x[i] = -FLT_MAX;
          d[i] = 0;
        }
      if (s->half)
        gradient (x, d, n, s->scale, log_sum[r], delta[r], TRUE);
      else
        gradient (x, d, n, s->scale, log_sum[r], delta[r], FALSE);
      hide (s, x, n);
      hide (s, d, n);
    }
}

/* --- Rows of tensors ---------------------------------------------------------------- */

INLINE void
put (const float *x, guint width, float factor, gpointer to, gsize at, gboolean half, gboolean add)
{
  EACH_VECTOR (i, width)
  store (load (x, i, FALSE) * factor + (add ? load (to, at + i, half) : all (0)), to, at + i, half);
  EACH_LEFT_OVER (i, width)
  store_one (x[i] * factor + (add ? load_one (to, at + i, half) : 0), to, at + i, half);
}

FOR_EACH_PROCESSOR void
eid_rows_put (const float *x, gsize row, guint n, guint width, const float *factors, gpointer to,
              gsize to_row, gboolean half, gboolean add)
{
  for (guint r = 0; r < n; r++, x += row)
    {
      float factor = factors ? factors[r] : 1;

      if (half)
        put (x, width, factor, to, r * to_row, TRUE, add);
      else
        put (x, width, factor, to, r * to_row, FALSE, add);
    }
}

INLINE float
dot (gconstpointer a, gconstpointer b, gsize at, guint width, gboolean half)
{
  Floats sums = all (0);
  float sum;

  EACH_VECTOR (i, width) sums += load (a, at + i, half) * load (b, at + i, half);
  sum = sum_of (sums);
  EACH_LEFT_OVER (i, width) sum += load_one (a, at + i, half) * load_one (b, at + i, half);
  return sum;
}

FOR_EACH_PROCESSOR void
eid_rows_dot (gconstpointer a, gconstpointer b, gsize row, guint n, guint width, gboolean half, float *out)
{
  for (guint r = 0; r < n; r++)
    out[r] = half ? dot (a, b, r * row, width, TRUE) : dot (a, b, r * row, width, FALSE);
}
