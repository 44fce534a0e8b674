/* cases-index.c: the part of the table that looks things up by number. */
#include "tests/engine/table.h"

/* clang-format off */
CALLER (gather, in[0], in[1])
CALLER (scatter, in[0], in[1], (guint) a[0])
CALLER (top_k, in[0], (guint) a[0], NULL)
/* clang-format on */

const Operation index_operations[] = {
  ROW (gather, REAL, TARGET),
  ROW (scatter, REAL, BELOW),
  ROW (top_k, GRID),
  { NULL },
};

const Case index_cases[] = {
  { "embedding", "7x5 3" },
  { "embedding", "7x5 2x3" },
  { "embedding", "65x24 4x31" },
  { "embedding", "3x17 131" },
  { "embedding", "1031x3 67" },
  { "embedding", "5x3 2x3x2x2" },
  { "gather", "1x1 1x1" },
  { "gather", "3x5 3x2" },
  { "gather", "3x5 3x17" },
  { "gather", "2x3x31 2x3x4" },
  { "gather", "17x131 17x67" },
  { "gather", "5 3" },
  { "scatter", "1x1 1x1", { 1 } },
  { "scatter", "3x2 3x2", { 5 } },
  { "scatter", "3x17 3x17", { 5 } },
  { "scatter", "2x3x4 2x3x4", { 31 } },
  { "scatter", "17x67 17x67", { 131 } },
  { "scatter", "3x257 3x257", { 2 } },
  { "top_k", "1x1", { 1 } },
  { "top_k", "3x5", { 1 } },
  { "top_k", "3x5", { 5 } },
  { "top_k", "2x3x31", { 4 } },
  { "top_k", "3x131", { 17 } },
  { "top_k", "511", { 3 } },

  { "embedding", "50000x384 4096", .timed = BY_BYTES },
  { "gather", "512x3000 512x300", .timed = BY_BYTES },
  { "scatter", "512x300 512x300", { 3000 }, .timed = BY_BYTES },
  { NULL },
};
