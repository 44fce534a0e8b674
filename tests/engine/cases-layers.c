/* cases-layers.c: the part of the table that stands between operations and models:
 * films to patches, positions to another grid, recurrent cells.
 */
#include "table.h"

/* clang-format off */
CALLER (patchify_film, in[0], (guint) a[0], (guint) a[1])
/* clang-format on */

const Operation layer_operations[] = {
  ROW (patchify_film, REAL),
  { NULL },
};

const Case layer_cases[] = {
  { "patchify_film", "1x1x1x1x1", { 1, 1 } },
  { "patchify_film", "2x4x4x6x3", { 2, 2 } },
  { "patchify_film", "1x3x6x6x2", { 1, 3 } },
  { "patchify_film", "2x6x5x5x1", { 3, 5 } },
  { "patchify_film", "1x4x16x8x3", { 2, 8 } },
  { "patchify_film", "2x8x64x64x3", { 2, 16 }, .timed = BY_BYTES },
  { NULL },
};
