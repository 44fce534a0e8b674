/* tile.h: small products in 16 bits, kept in the registers of a processor with AVX-512 BF16 (tile.c): what
 * products of matrices (gemm-tiles.c) and within attention (product-tiles.c), and the gradients of
 * convolutions (convolution-gradient-tiles.c), are made of there.
 *
 * A product C [m, n] = A [m, k] B [k, n] is cut into tiles of EID_TILE_ROWS × EID_TILE_COLUMNS. For one,
 * the rows of A and the columns of B are packed first: two numbers that follow each other along k make a
 * word, and the words of all rows (of all columns) for these two lie side by side, [k / 2, width]. So the
 * inner loop reads both from end to end. What is beyond the end of an odd k is 0; words of rows and columns
 * that there are not hold anything.
 */
#pragma once

#include <glib.h>

#define EID_TILE_ROWS    14 /* of accumulators: 28 of 32 registers */
#define EID_TILE_COLUMNS 32
#define EID_TILE_LANES   16 /* words of a register: so many rows or columns are packed at a time */

/* Packing writes up to so many words more. */
#define EID_TILE_SLACK EID_TILE_LANES

typedef guint16 EidBf16;

/* TRUE where tiles are the fastest way to multiply in 16 bits. */
gboolean eid_tiles_usable (void);

/* How many tiles of @width there are in @n rows or columns, and how many words apart they may be packed. */
static inline guint
eid_tiles_in (guint n, guint width)
{
  return (n + width - 1) / width;
}

static inline gsize
eid_tile_words (guint k, guint width)
{
  return (gsize) (k + 1) / 2 * width + EID_TILE_SLACK;
}

/* x [n, k], in rows @row apart, → packed operands of @width rows, @step words apart. As many rows after them
 * are brought into the cache. */
void eid_tile_pack_rows (const EidBf16 *x, gsize row, guint n, guint k, guint32 *to, gsize step, guint width);

/* x [k, n], in rows @row apart, → packed operands of @width columns, @step words apart. */
void eid_tile_pack_columns (const EidBf16 *x, gsize row, guint k, guint n, guint32 *to, gsize step,
                            guint width);

/* The same of rows that lie anywhere: from column @first on. */
void eid_tile_pack_columns_of (const EidBf16 *const *rows, guint k, guint first, guint n, guint32 *to,
                               gsize step, guint width);

#define EID_TILE_LINE 64 /* bytes of a line of the cache */

/* Rows of memory that come into the cache line by line, one while so many pairs are multiplied. */
typedef struct
{
  const char *at;
  gsize row;         /* bytes from one row to the next   */
  guint lines, left; /* of a row, and still of this one  */
  guint rows;        /* still to come, with this one     */
  guint pairs;
} EidAhead;

/* What becomes of a tile. Distances in elements. */
typedef struct
{
  gpointer c;              /* its first element                        */
  gsize row;               /* of c, and of residual                    */
  guint rows, columns;     /* that there are of the tile's             */
  gboolean half;           /* c is EID_BF16, else EID_F32              */
  gboolean add;            /* to what is there; in 32 bits alone       */
  gboolean relu;           /* last; what is not a number stays so      */
  const float *bias;       /* [columns], or NULL                       */
  const EidBf16 *residual; /* added, like c; or NULL                   */
  EidAhead *ahead;         /* brought into the cache meanwhile, or NULL */
} EidTile;

/* The product of a packed A (width EID_TILE_ROWS) and a packed B (width EID_TILE_COLUMNS). Each number is
 * summed in one order, whatever tile it is in. */
void eid_tile_multiply (const EidTile *tile, const guint32 *a, const guint32 *b, guint pairs);

/* The same with EID_TILE_ROWS rows of A as they lie, @row apart, of an even number of numbers. */
void eid_tile_multiply_rows (const EidTile *tile, const EidBf16 *a, gsize row, const guint32 *b, guint pairs);
