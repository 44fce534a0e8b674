/* tile.c: the innermost loop of products in 16 bits, for processors with AVX-512 BF16.
 *
 * Written for the loads and multiplications that such a processor makes in a cycle: each word of A is
 * spread over a register and multiplied with two registers of B, so that 16 loads serve 28 products of
 * 32 numbers each.
 */

#include "opencl/backends/tile.h"

#if defined(__x86_64__) && defined(__gnu_linux__)

#include <cpuid.h>
#include <immintrin.h>

#define TARGET __attribute__ ((target ("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define INLINE static inline __attribute__ ((always_inline)) TARGET
#define ROWS   EID_TILE_ROWS
#define LANES  EID_TILE_LANES

#define FEW_ROWS 8 /* of a tile, for which there is a loop of its own */

#define ROWS_AT_ONCE 8 /* that are packed */

/* Vectors are passed between inlined functions alone, so their calling convention does not matter. */
#pragma GCC diagnostic ignored "-Wpsabi"

/* AMX multiplies many times as fast, and oneDNN knows it. */
static gboolean
has_amx (void)
{
  guint a, b, c, d;

  return __get_cpuid_count (7, 0, &a, &b, &c, &d) && (d & (1u << 22)) != 0;
}

gboolean
eid_tiles_usable (void)
{
  static gsize once;
  static gboolean usable;

  if (g_once_init_enter (&once))
    {
      __builtin_cpu_init ();
      usable = __builtin_cpu_supports ("avx512bf16") && __builtin_cpu_supports ("avx512dq")
               && __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512vl") && !has_amx ();
      g_once_init_leave (&once, 1);
    }
  return usable;
}

/* --- Packing ------------------------------------------------------------------------- */

/* So many lanes of the first, none below 0. */
INLINE __mmask16
first_lanes (gint n)
{
  return n >= LANES ? 0xffff : n <= 0 ? 0 : (1u << n) - 1;
}

/* Rows of 16 words become columns. */
INLINE void
transpose (__m512i r[LANES])
{
  __m512i t[LANES];

#pragma GCC unroll 8
  for (guint i = 0; i < LANES; i += 2)
    {
      t[i] = _mm512_unpacklo_epi32 (r[i], r[i + 1]);
      t[i + 1] = _mm512_unpackhi_epi32 (r[i], r[i + 1]);
    }
#pragma GCC unroll 4
  for (guint i = 0; i < LANES; i += 4)
    {
      r[i] = _mm512_unpacklo_epi64 (t[i], t[i + 2]);
      r[i + 1] = _mm512_unpackhi_epi64 (t[i], t[i + 2]);
      r[i + 2] = _mm512_unpacklo_epi64 (t[i + 1], t[i + 3]);
      r[i + 3] = _mm512_unpackhi_epi64 (t[i + 1], t[i + 3]);
    }
#pragma GCC unroll 4
  for (guint i = 0; i < 4; i++)
    {
      t[i] = _mm512_shuffle_i32x4 (r[i], r[4 + i], 0x88);
      t[4 + i] = _mm512_shuffle_i32x4 (r[i], r[4 + i], 0xdd);
      t[8 + i] = _mm512_shuffle_i32x4 (r[8 + i], r[12 + i], 0x88);
      t[12 + i] = _mm512_shuffle_i32x4 (r[8 + i], r[12 + i], 0xdd);
    }
#pragma GCC unroll 4
  for (guint i = 0; i < 4; i++)
    {
      r[i] = _mm512_shuffle_i32x4 (t[i], t[8 + i], 0x88);
      r[8 + i] = _mm512_shuffle_i32x4 (t[i], t[8 + i], 0xdd);
      r[4 + i] = _mm512_shuffle_i32x4 (t[4 + i], t[12 + i], 0x88);
      r[12 + i] = _mm512_shuffle_i32x4 (t[4 + i], t[12 + i], 0xdd);
    }
}

/* So many rows, at most LANES. */
INLINE void
pack_rows (const EidBf16 *x, gsize row, guint n, guint k, guint32 *to, guint width)
{
  const EidBf16 *at[LANES];

  for (guint i = 0; i < LANES; i++)
    at[i] = x + MIN (i, n - 1) * row;
  for (guint first = 0; first < k; first += 2 * LANES)
    {
      guint left = k - first, pairs = left >= 2 * LANES ? LANES : (left + 1) / 2;
      __mmask32 mask = left >= 2 * LANES ? ~0u : (1u << left) - 1;
      __m512i words[LANES];

#pragma GCC unroll 16
      for (guint i = 0; i < LANES; i++)
        {
          words[i] = _mm512_maskz_loadu_epi16 (mask, at[i] + first);
          __builtin_prefetch (at[i] + first + n * row);
        }
      transpose (words);
      if (pairs == LANES)
#pragma GCC unroll 16
        for (guint i = 0; i < LANES; i++)
          _mm512_storeu_si512 (to + i * width, words[i]);
      else
        for (guint i = 0; i < pairs; i++)
          _mm512_storeu_si512 (to + i * width, words[i]);
      to += pairs * width;
    }
}

TARGET void
eid_tile_pack_rows (const EidBf16 *x, gsize row, guint n, guint k, guint32 *to, gsize step, guint width)
{
  const guint at_once = MIN (width, LANES);

  for (guint i = 0; i < n; i += at_once)
    pack_rows (x + i * row, row, MIN (n - i, at_once), k, to + i / width * step + i % width, width);
}

/* Rows of an operand: @row apart, or anywhere. */
typedef struct
{
  const EidBf16 *x;
  gsize row;
  const EidBf16 *const *rows;
} Rows;

INLINE const EidBf16 *
row_at (const Rows *rows, guint r)
{
  return rows->rows ? rows->rows[r] : rows->x + r * rows->row;
}

/* The words of two rows, or of one and zeros. */
INLINE __m512i
words_of (const Rows *rows, guint r, guint at, gboolean both, __mmask16 mask)
{
  __m512i first = _mm512_cvtepu16_epi32 (_mm256_maskz_loadu_epi16 (mask, row_at (rows, r) + at)), second;

  if (!both)
    return first;
  second = _mm512_cvtepu16_epi32 (_mm256_maskz_loadu_epi16 (mask, row_at (rows, r + 1) + at));
  return _mm512_or_si512 (first, _mm512_slli_epi32 (second, 16));
}

/* A few rows at a time for all columns, so that reading and writing both stay within some lines. */
INLINE void
pack_columns (Rows rows, guint k, guint n, guint32 *to, gsize step, guint width)
{
  for (guint first = 0; first < k; first += ROWS_AT_ONCE)
    for (guint at = 0, operand = 0; at < n; at += width, operand++)
      for (guint lane = 0; lane < width; lane += LANES)
        {
          guint32 *words = to + operand * step + first / 2 * width + lane;
          const __mmask16 there = first_lanes (MIN (n - at, width) - lane), all = first_lanes (width - lane);

          if (lane == 0 && width == EID_TILE_COLUMNS && !rows.rows)
            for (guint r = 0; r < ROWS_AT_ONCE; r++)
              __builtin_prefetch (rows.x + (first + r + ROWS_AT_ONCE) * rows.row + at);
          if (first + ROWS_AT_ONCE <= k && n - at >= width)
#pragma GCC unroll 4
            for (guint r = 0; r < ROWS_AT_ONCE; r += 2, words += width)
              _mm512_mask_storeu_epi32 (words, all, words_of (&rows, first + r, at + lane, TRUE, all));
          else
            for (guint r = first; r < MIN (first + ROWS_AT_ONCE, k); r += 2, words += width)
              _mm512_mask_storeu_epi32 (words, all, words_of (&rows, r, at + lane, r + 1 < k, there));
        }
}

TARGET void
eid_tile_pack_columns (const EidBf16 *x, gsize row, guint k, guint n, guint32 *to, gsize step, guint width)
{
  if (width == EID_TILE_ROWS)
    pack_columns ((Rows){ .x = x, .row = row }, k, n, to, step, EID_TILE_ROWS);
  else
    pack_columns ((Rows){ .x = x, .row = row }, k, n, to, step, EID_TILE_COLUMNS);
}

TARGET void
eid_tile_pack_columns_of (const EidBf16 *const *rows, guint k, guint first, guint n, guint32 *to, gsize step,
                          guint width)
{
  const EidBf16 *at[ROWS_AT_ONCE];

  for (guint r = 0; r < k; r += ROWS_AT_ONCE, to += ROWS_AT_ONCE / 2 * width)
    {
      guint left = MIN (k - r, ROWS_AT_ONCE);

      for (guint i = 0; i < left; i++)
        at[i] = rows[r + i] + first;
      if (width == EID_TILE_ROWS)
        pack_columns ((Rows){ .rows = at }, left, n, to, step, EID_TILE_ROWS);
      else
        pack_columns ((Rows){ .rows = at }, left, n, to, step, EID_TILE_COLUMNS);
    }
}

/* --- Multiplying --------------------------------------------------------------------- */

INLINE __m512
widen (__m256i x)
{
  return _mm512_castsi512_ps (_mm512_slli_epi32 (_mm512_cvtepu16_epi32 (x), 16));
}

/* Row @i of a tile that has all its columns. */
INLINE void
finish_whole (const EidTile *tile, guint i, __m512 low, __m512 high)
{
  gsize at = i * tile->row;

  if (tile->residual)
    {
      low = _mm512_add_ps (low, widen (_mm256_loadu_si256 ((gpointer) (tile->residual + at))));
      high = _mm512_add_ps (high, widen (_mm256_loadu_si256 ((gpointer) (tile->residual + at + LANES))));
    }
  if (tile->relu) /* of two, the second where one is not a number */
    {
      low = _mm512_max_ps (_mm512_setzero_ps (), low);
      high = _mm512_max_ps (_mm512_setzero_ps (), high);
    }
  if (tile->half)
    _mm512_storeu_si512 ((EidBf16 *) tile->c + at, (__m512i) _mm512_cvtne2ps_pbh (high, low));
  else
    {
      float *c = (float *) tile->c + at;

      if (tile->add)
        {
          low = _mm512_add_ps (low, _mm512_loadu_ps (c));
          high = _mm512_add_ps (high, _mm512_loadu_ps (c + LANES));
        }
      _mm512_storeu_ps (c, low);
      _mm512_storeu_ps (c + LANES, high);
    }
}

/* The numbers under @mask of row @i, from column @column on. */
INLINE void
finish_part (const EidTile *tile, guint i, guint column, __mmask16 mask, __m512 x)
{
  gsize at = i * tile->row + column;

  if (tile->residual)
    x = _mm512_add_ps (x, widen (_mm256_maskz_loadu_epi16 (mask, tile->residual + at)));
  if (tile->relu)
    x = _mm512_max_ps (_mm512_setzero_ps (), x);
  if (tile->half)
    _mm256_mask_storeu_epi16 ((EidBf16 *) tile->c + at, mask, (__m256i) _mm512_cvtneps_pbh (x));
  else
    {
      float *c = (float *) tile->c + at;

      if (tile->add)
        x = _mm512_add_ps (x, _mm512_maskz_loadu_ps (mask, c));
      _mm512_mask_storeu_ps (c, mask, x);
    }
}

INLINE void
fetch_results (const EidTile *tile)
{
  gsize size = tile->half ? sizeof (EidBf16) : sizeof (float);

  for (guint i = 0; i < tile->rows; i++)
    {
      const char *c = (const char *) tile->c + i * tile->row * size;

      __builtin_prefetch (c, 1);
      if (!tile->half)
        __builtin_prefetch (c + 64, 1);
      if (tile->residual)
        _mm_prefetch (tile->residual + i * tile->row, _MM_HINT_T1);
    }
}

INLINE void
fetch_line (EidAhead *ahead)
{
  if (ahead->rows == 0)
    return;
  _mm_prefetch (ahead->at, _MM_HINT_T1);
  ahead->at += EID_TILE_LINE;
  if (--ahead->left == 0)
    {
      ahead->at += ahead->row - (gsize) ahead->lines * EID_TILE_LINE;
      ahead->left = ahead->lines;
      ahead->rows--;
    }
}

/* Where A's words come from: packed, they follow each other; else they lie in the rows of a matrix, three
 * of which an address serves, for there are not as many address registers as rows. */
typedef struct
{
  const char *at[(ROWS + 2) / 3];
  gsize row; /* bytes */
} Source;

typedef guint32 __attribute__ ((aligned (2), may_alias)) Word;

INLINE Word
word_of (const Source *a, guint i, gboolean packed)
{
  return packed ? ((const Word *) a->at[0])[i] : *(const Word *) (a->at[i / 3] + i % 3 * a->row);
}

/* For the next two numbers of each row. */
INLINE void
source_next (Source *a, gboolean packed)
{
#pragma GCC unroll 5
  for (guint i = 0; i < G_N_ELEMENTS (a->at); i++)
    {
      a->at[i] += packed ? ROWS * sizeof (Word) : sizeof (Word);
      if (!packed) /* a register of its own; else one is kept for each row, in memory */
        __asm__("" : "+r"(a->at[i]));
    }
}

/* Of the first @rows; @vectors: registers a row, 2, or 1 where half of the columns are not there. */
INLINE void
multiply (const EidTile *tile, Source a, gboolean packed, const guint32 *b, guint pairs, guint rows,
          guint vectors)
{
  const __mmask16 low = first_lanes (tile->columns), high = first_lanes ((gint) tile->columns - LANES);
  EidAhead *ahead = tile->ahead;
  const guint stretch = ahead ? ahead->pairs : pairs;
  __m512 sums[ROWS][2];

#pragma GCC unroll 14
  for (guint i = 0; i < rows; i++)
    sums[i][0] = sums[i][1] = _mm512_setzero_ps ();
  fetch_results (tile);
  for (guint p = 0; p < pairs;)
    {
      if (ahead)
        fetch_line (ahead);
      for (guint end = MIN (p + stretch, pairs); p < end; p++, b += EID_TILE_COLUMNS)
        {
          __m512bh b_low = (__m512bh) _mm512_loadu_si512 (b);
          __m512bh b_high = (__m512bh) _mm512_loadu_si512 (b + LANES);

#pragma GCC unroll 14
          for (guint i = 0; i < rows; i++)
            {
              __m512bh word = (__m512bh) _mm512_set1_epi32 (word_of (&a, i, packed));

              sums[i][0] = _mm512_dpbf16_ps (sums[i][0], word, b_low);
              if (vectors == 2)
                sums[i][1] = _mm512_dpbf16_ps (sums[i][1], word, b_high);
            }
          source_next (&a, packed);
        }
    }

  if (tile->bias)
    {
      __m512 bias_low = _mm512_maskz_loadu_ps (low, tile->bias);
      __m512 bias_high = _mm512_maskz_loadu_ps (high, tile->bias + LANES);

#pragma GCC unroll 14
      for (guint i = 0; i < rows; i++)
        {
          sums[i][0] = _mm512_add_ps (sums[i][0], bias_low);
          if (vectors == 2)
            sums[i][1] = _mm512_add_ps (sums[i][1], bias_high);
        }
    }
#pragma GCC unroll 14
  for (guint i = 0; i < rows; i++)
    if (i < tile->rows)
      {
        if (vectors == 2 && tile->columns == EID_TILE_COLUMNS)
          finish_whole (tile, i, sums[i][0], sums[i][1]);
        else
          {
            finish_part (tile, i, 0, low, sums[i][0]);
            if (vectors == 2)
              finish_part (tile, i, LANES, high, sums[i][1]);
          }
      }
}

TARGET void
eid_tile_multiply (const EidTile *tile, const guint32 *a, const guint32 *b, guint pairs)
{
  const Source source = { .at = { (const char *) a } };

  if (tile->columns <= LANES)
    multiply (tile, source, TRUE, b, pairs, ROWS, 1);
  else if (tile->rows <= FEW_ROWS)
    multiply (tile, source, TRUE, b, pairs, FEW_ROWS, 2);
  else
    multiply (tile, source, TRUE, b, pairs, ROWS, 2);
}

TARGET void
eid_tile_multiply_rows (const EidTile *tile, const EidBf16 *a, gsize row, const guint32 *b, guint pairs)
{
  Source source = { .row = row * sizeof *a };

  for (guint i = 0; i < G_N_ELEMENTS (source.at); i++)
    source.at[i] = (const char *) (a + 3 * i * row);
  if (tile->columns > LANES)
    multiply (tile, source, FALSE, b, pairs, ROWS, 2);
  else
    multiply (tile, source, FALSE, b, pairs, ROWS, 1);
}

#else /* there are none */

gboolean
eid_tiles_usable (void)
{
  return FALSE;
}

void
eid_tile_pack_rows (const EidBf16 *x, gsize row, guint n, guint k, guint32 *to, gsize step, guint width)
{
  g_assert_not_reached ();
}

void
eid_tile_pack_columns (const EidBf16 *x, gsize row, guint k, guint n, guint32 *to, gsize step, guint width)
{
  g_assert_not_reached ();
}

void
eid_tile_pack_columns_of (const EidBf16 *const *rows, guint k, guint first, guint n, guint32 *to, gsize step,
                          guint width)
{
  g_assert_not_reached ();
}

void
eid_tile_multiply (const EidTile *tile, const guint32 *a, const guint32 *b, guint pairs)
{
  g_assert_not_reached ();
}

void
eid_tile_multiply_rows (const EidTile *tile, const EidBf16 *a, gsize row, const guint32 *b, guint pairs)
{
  g_assert_not_reached ();
}

#endif
