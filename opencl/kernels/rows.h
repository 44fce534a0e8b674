/* rows.h: stands before every kernel file.
 *
 * A reduction over a row is written once, for two kinds of device. On
 * processors (EID_CPU) a work-item does a whole row, 16 columns at a time in
 * explicit vectors, without barriers. On GPUs the 64 work-items of a group
 * share a row and meet in local memory.
 *
 *   ROW_BEGIN (rows);                     row, lane; leaves beyond the end
 *   vec sum = 0;
 *   ROW_VECTORS (i, n) sum += LOAD (x + i);   whole vectors
 *   float s = vec_sum (sum);
 *   ROW_TAIL (i, n) s += GET (x + i);         what is left
 *   s = ROW_SUM (s);
 *
 * Each file is built once for activations in 32 bits and once, with EID_BF16,
 * for activations in 16: `real` is what they are stored as, and all arithmetic
 * is in float either way. LOAD, STORE, GET and PUT take both kinds of pointer.
 */
typedef ushort bf16; /* the upper half of a float */

#ifdef EID_BF16
typedef bf16 real;
#else
typedef float real;
#endif

#define OVERLOADED static inline __attribute__ ((overloadable))

/* To the nearest, ties to even; what is not a number stays so. */
OVERLOADED bf16
to_bf16 (float value)
{
  const uint bits = as_uint (value);

  return value != value ? 0x7fc0 : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

OVERLOADED float
GET (global const float *p)
{
  return *p;
}

OVERLOADED float
GET (global const bf16 *p)
{
  return as_float ((uint) *p << 16);
}

OVERLOADED void
PUT (float value, global float *p)
{
  *p = value;
}

OVERLOADED void
PUT (float value, global bf16 *p)
{
  *p = to_bf16 (value);
}

#ifdef EID_CPU

#define LANES 1
#define VEC   16
typedef float16 vec;
#define ROW_BEGIN(rows)                                                        \
  const int row = get_global_id (0), lane = 0;                                 \
  if (row >= (rows))                                                           \
    return
#define ROW_SUM(s) (s)
#define ROW_MAX(s) (s)

/* Vectors that lie anywhere. PoCL makes of vload16 and vstore16 one access a number. */
typedef float16 __attribute__ ((aligned (4))) loose_float16;
typedef ushort16 __attribute__ ((aligned (2))) loose_ushort16;

OVERLOADED vec
LOAD (global const float *p)
{
  return *(global const loose_float16 *) p;
}

OVERLOADED vec
LOAD (global const bf16 *p)
{
  return as_float16 (convert_uint16 (*(global const loose_ushort16 *) p) << 16);
}

OVERLOADED void
STORE (vec value, global float *p)
{
  *(global loose_float16 *) p = value;
}

OVERLOADED void
STORE (vec value, global bf16 *p)
{
  const uint16 bits = as_uint16 (value);
  const uint16 up = 0x7fffu + ((bits >> 16) & 1u);

  /* What is not a number is cut, not rounded. To put a constant there instead would have processors
   * load it under a mask that is never set, which is slow for as long as nothing else touches its page. */
  *(global loose_ushort16 *) p = convert_ushort16 ((bits + (value == value ? up : (uint16) 0)) >> 16);
}

/* The exponential function, within two units in the last place from -87 to 88 and constant
 * beyond; what is not a number stays so. Cephes' polynomial, on whole vectors: rounding to the
 * nearest power of two is done by adding 1.5 * 2^23 and taking it away again. */
OVERLOADED vec
EXP (vec x)
{
  x = x < -87.0f ? (vec) -87.0f : x;
  x = x > 88.0f ? (vec) 88.0f : x;
  const vec shifted = x * 1.44269504f + 12582912.0f;
  const vec n = shifted - 12582912.0f;
  const vec f = x - n * 0.693359375f + n * 2.12194440e-4f;
  vec p = 1.9875691500e-4f;

  p = p * f + 1.3981999507e-3f;
  p = p * f + 8.3334519073e-3f;
  p = p * f + 4.1665795894e-2f;
  p = p * f + 1.6666665459e-1f;
  p = p * f + 5.0000001201e-1f;
  p = p * f * f + f + 1.0f;
  return p * as_float16 ((as_int16 (shifted) << 23) + 0x3f800000);
}

OVERLOADED float
EXP (float x)
{
  return exp (x);
}

static inline float
vec_sum (float16 v)
{
  const float8 a = v.lo + v.hi;
  const float4 b = a.lo + a.hi;
  return (b.x + b.y) + (b.z + b.w);
}

static inline float
vec_max (float16 v)
{
  const float8 a = fmax (v.lo, v.hi);
  const float4 b = fmax (a.lo, a.hi);
  return fmax (fmax (b.x, b.y), fmax (b.z, b.w));
}

#else

#define LANES 64
#define VEC   1
typedef float vec;
#define LOAD(p)     GET (p)
#define STORE(v, p) PUT ((v), (p))
#define ROW_BEGIN(rows)                                                        \
  const int row = get_group_id (0), lane = get_local_id (0);                   \
  local float row_scratch[LANES]
#define ROW_SUM(s) row_reduce ((s), row_scratch, lane, 0)
#define ROW_MAX(s) row_reduce ((s), row_scratch, lane, 1)
#define EXP(x)     exp (x)
#define vec_sum(v) (v)
#define vec_max(v) (v)

static inline float
row_reduce (float value, local float *scratch, int lane, int maximum)
{
  barrier (CLK_LOCAL_MEM_FENCE); /* the last reduction has been read */
  scratch[lane] = value;
  for (int half_way = LANES / 2; half_way > 0; half_way /= 2)
    {
      barrier (CLK_LOCAL_MEM_FENCE);
      if (lane < half_way)
        scratch[lane] = maximum ? fmax (scratch[lane], scratch[lane + half_way])
                                : scratch[lane] + scratch[lane + half_way];
    }
  barrier (CLK_LOCAL_MEM_FENCE);
  return scratch[0];
}

#endif

#define SIGMOID(v) (1.0f / (1.0f + EXP (-(v))))
#define TANH(v)    (1.0f - 2.0f / (1.0f + EXP (2.0f * (v))))

#define ROW_VECTORS(i, n) for (int i = lane * VEC; i + VEC <= (n); i += LANES * VEC)
#define ROW_TAIL(i, n)    for (int i = VEC == 1 ? (n) : (n) / VEC * VEC; i < (n); i++)

/* Elements without rows are taken this many at a time. */
#define FLAT 1024

/* Gradients are added to what is there, or written over it: one number, or one vector at @p.
 * Two stores rather than a choice of values, so that what is not there yet is not read. */
#define ADD_TO(value, p)                                                       \
  do                                                                           \
    {                                                                          \
      if (accumulate)                                                          \
        PUT (GET (p) + (value), (p));                                          \
      else                                                                     \
        PUT ((value), (p));                                                    \
    }                                                                          \
  while (0)
#define ADD_VEC(value, p)                                                      \
  do                                                                           \
    {                                                                          \
      if (accumulate)                                                          \
        STORE (LOAD (p) + (value), (p));                                       \
      else                                                                     \
        STORE ((value), (p));                                                  \
    }                                                                          \
  while (0)

/* to (+)= from, n numbers */
#define COPY_ROW(to, from, add)                                                \
  do                                                                           \
    {                                                                          \
      const int accumulate = (add);                                            \
                                                                               \
      ROW_VECTORS (i, n) ADD_VEC (LOAD ((from) + i), (to) + i);                \
      ROW_TAIL (i, n) ADD_TO (GET ((from) + i), (to) + i);                             \
    }                                                                          \
  while (0)
