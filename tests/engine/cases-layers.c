/* cases-layers.c: the part of the table that stands between operations and models:
 * films to patches, recurrent cells.
 */
#include "tests/engine/table.h"

/* clang-format off */
CALLER (patchify_film, in[0], (guint) a[0], (guint) a[1])
CALLER (gru_cell, in[0], in[1], in[2], in[3], in[4], in[5])
/* clang-format on */

const Operation layer_operations[] = {
  ROW (patchify_film, REAL),
  ROW (gru_cell, REAL, REAL, REAL, REAL, REAL, REAL),
  { NULL },
};

const Case layer_cases[] = {
  { "patchify_film", "1x1x1x1x1", { 1, 1 } },
  { "patchify_film", "2x4x4x6x3", { 2, 2 } },
  { "patchify_film", "1x3x6x6x2", { 1, 3 } },
  { "patchify_film", "2x6x5x5x1", { 3, 5 } },
  { "patchify_film", "1x4x16x8x3", { 2, 8 } },
  { "gru_cell", "1x1 1x1 3x1 3x1 3 3" },
  { "gru_cell", "3x5 3x4 12x5 12x4 12 12" },
  { "gru_cell", "3x5 3x4 12x5 12x4" },
  { "gru_cell", "2x7 2x17 51x7 51x17 51 51" },
  { "gru_cell", "17x9 17x33 99x9 99x33 99 99", { 0 }, 0.5 },

  { "patchify_film", "2x8x64x64x3", { 2, 16 }, .timed = BY_BYTES },
  { "gru_cell", "64x256 64x256 768x256 768x256 768 768", .timed = 4.0 * 64 * 256 * 768 },
  { NULL },
};
