/* cases-views.c: the table's part on what views are, and on teachers: tokens of text, resized
 * positions, the mean that a centre follows, and the loss between views.
 */
#include "tests/engine/table.h"

CALLER (embedding, in[0], in[1])
CALLER (resize_positions, in[0], (guint) a[0], (guint) a[1], (guint) a[2])
CALLER (resize_positions_by, in[0], (guint) a[0], (guint) a[1], (guint) a[2], (EidResize) a[3])

static EidTensor *
run_running_mean (EidTensor **in, const double *a)
{
  eid_running_mean (in[0], in[1], (float) a[0]);
  return eid_detach (in[0]);
}

/* Rows become probabilities first. */
static EidTensor *
run_soft_cross_entropy (EidTensor **in, const double *a)
{
  return eid_soft_cross_entropy (in[0], eid_softmax (in[1]), (guint) a[0], (float) a[1]);
}

CALLER (scale_rows, in[0], in[1])
CALLER (hide_tokens, in[0], in[1], in[2])

const Operation view_operations[] = {
  ROW (embedding, REAL, PLACE),          ROW (resize_positions, REAL),
  ROW (resize_positions_by, REAL),       ROW (running_mean, STATE, FIXED),
  ROW (soft_cross_entropy, REAL, FIXED), ROW (scale_rows, REAL, FIXED),
  ROW (hide_tokens, REAL, REAL, MASK),   { NULL },
};

const Case view_cases[] = {
  { "embedding", "1x1 1" },
  { "embedding", "5x3 7" },
  { "embedding", "3x17 2x5" },
  { "embedding", "65x32 2x3x4" },
  { "embedding", "7x50 40" },

  { "resize_positions", "1x1", { 1, 1, 1 } },
  { "resize_positions", "9x5", { 3, 3, 3 } },
  { "resize_positions", "16x12", { 4, 2, 2 } },
  { "resize_positions", "49x7", { 7, 3, 3 } },
  { "resize_positions", "9x17", { 3, 5, 7 } },
  { "resize_positions", "25x3", { 5, 7, 2 } },
  { "resize_positions", "36x16", { 6, 1, 6 } },
  { "resize_positions_by", "16x5", { 4, 3, 7, EID_RESIZE_ANTIALIASED } },
  { "resize_positions_by", "1x3", { 1, 2, 1, EID_RESIZE_PLAIN } },
  { "resize_positions_by", "16x12", { 4, 3, 7, EID_RESIZE_PLAIN } },
  { "resize_positions_by", "25x3", { 5, 1, 2, EID_RESIZE_CORNERS } },
  { "resize_positions_by", "16x12", { 4, 3, 7, EID_RESIZE_CORNERS } },
  { "resize_positions_by", "16x12", { 4, 3, 7, EID_RESIZE_OFFSET } },
  { "resize_positions_by", "49x7", { 7, 3, 3, EID_RESIZE_OFFSET } },

  { "running_mean", "1 1x1", { 0.9 } },
  { "running_mean", "5 1x5", { 0.5 } },
  { "running_mean", "7 17x7", { 0.9 } },
  { "running_mean", "33 50x33", { 0 } },
  { "running_mean", "16 100x16", { 1 } },

  { "soft_cross_entropy", "2x1 1x1", { 1, 1 } },
  { "soft_cross_entropy", "2x5 2x5", { 1, 0.5 } },
  { "soft_cross_entropy", "12x7 6x7", { 3, 0.1 } },
  { "soft_cross_entropy", "18x17 6x17", { 3, 0.2 } },
  { "soft_cross_entropy", "10x33 2x33", { 2, 0.5 }, 3 },
  { "soft_cross_entropy", "12x64 12x64", { 4, 0.1 } },

  { "scale_rows", "1x1 1" },
  { "scale_rows", "3x5x7 3" },
  { "scale_rows", "3x5x7 3x5" },
  { "scale_rows", "131x33 131" },

  { "hide_tokens", "1x1x1 1 1x1" },
  { "hide_tokens", "2x5x3 3 2x5" },
  { "hide_tokens", "3x17x24 24 3x17" },
  { "hide_tokens", "67x2x9 9 67x2" },

  { "embedding", "65x384 16x256", .timed = BY_BYTES },
  { "resize_positions", "196x384", { 14, 6, 6 }, .timed = 2.0 * 36 * 196 * 384 },
  { "soft_cross_entropy", "48x8192 16x8192", { 8, 0.1 }, .timed = BY_BYTES },
  { "scale_rows", "16x197x384 16", .timed = BY_BYTES },
  { "hide_tokens", "16x196x384 384 16x196", .timed = BY_BYTES },
  { NULL },
};
