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
 *   ROW_TAIL (i, n) s += x[i];                what is left
 *   s = ROW_SUM (s);
 */
#ifdef EID_CPU

#define LANES 1
#define VEC   16
typedef float16 vec;
#define LOAD(p)     vload16 (0, (p))
#define STORE(v, p) vstore16 ((v), 0, (p))
#define ROW_BEGIN(rows)                                                        \
  const int row = get_global_id (0), lane = 0;                                 \
  if (row >= (rows))                                                           \
    return
#define ROW_SUM(s) (s)
#define ROW_MAX(s) (s)

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
#define LOAD(p)     (*(p))
#define STORE(v, p) (*(p) = (v))
#define ROW_BEGIN(rows)                                                        \
  const int row = get_group_id (0), lane = get_local_id (0);                   \
  local float row_scratch[LANES]
#define ROW_SUM(s) row_reduce ((s), row_scratch, lane, 0)
#define ROW_MAX(s) row_reduce ((s), row_scratch, lane, 1)
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

#define ROW_VECTORS(i, n) for (int i = lane * VEC; i + VEC <= (n); i += LANES * VEC)
#define ROW_TAIL(i, n)    for (int i = VEC == 1 ? (n) : (n) / VEC * VEC; i < (n); i++)

/* Elements without rows are taken this many at a time. */
#define FLAT 1024

/* Gradients are added to what is there, or written over it: one number, or one vector at @p.
 * Two stores rather than a choice of values, so that what is not there yet is not read. */
#define ADD_TO(place, value)                                                   \
  do                                                                           \
    {                                                                          \
      if (accumulate)                                                          \
        (place) += (value);                                                    \
      else                                                                     \
        (place) = (value);                                                     \
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
