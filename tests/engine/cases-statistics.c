/* cases-statistics.c: the part of the table that reduces one axis or looks at a
 * whole batch.
 */
#include "tests/engine/table.h"

/* clang-format off */
CALLER (sum_axis, in[0], (guint) a[0], in[1])
CALLER (mean_axis, in[0], (guint) a[0], in[1])
CALLER (max_axis, in[0], (guint) a[0])
CALLER (cumulative_sum, in[0])
CALLER (covariance, in[0])
CALLER (diagonal, in[0])
CALLER (off_diagonal_squares, in[0])
CALLER (sinkhorn, in[0], (float) a[0], (guint) a[1])
CALLER (epps_pulley, in[0], (guint) a[0], (float) a[1])
/* clang-format on */

const Operation statistics_operations[] = {
  ROW (sum_axis, REAL, MASK),
  ROW (mean_axis, REAL, MASK),
  ROW (max_axis, GRID),
  ROW (cumulative_sum, REAL),
  ROW (covariance, REAL),
  ROW (diagonal, REAL),
  ROW (off_diagonal_squares, REAL),
  ROW (sinkhorn, FIXED),
  ROW (epps_pulley, REAL),
  { NULL },
};

const Case statistics_cases[] = {
  { "sum_axis", "1", { 0 } },
  { "sum_axis", "1x1 1x1", { 1 } },
  { "sum_axis", "3x5", { 0 } },
  { "sum_axis", "3x5", { 1 } },
  { "sum_axis", "3x5 3", { 0 } },
  { "sum_axis", "3x5 3x5", { 1 } },
  { "sum_axis", "2x17x31", { 1 } },
  { "sum_axis", "2x17x31 2x17", { 1 } },
  { "sum_axis", "2x17x31 2x17x31", { 2 } },
  { "sum_axis", "1031x5", { 0 } },
  { "sum_axis", "3x1031", { 1 } },
  { "sum_axis", "2x3x2x5x3 2x3x2", { 2 } },
  { "mean_axis", "1", { 0 } },
  { "mean_axis", "3x5", { 0 } },
  { "mean_axis", "3x5", { 1 } },
  { "mean_axis", "7x2 7x2", { 1 } }, /* rows of which nothing counts among them */
  { "mean_axis", "9x2x3 9x2", { 1 } },
  { "mean_axis", "17x16x24", { 1 } },
  { "mean_axis", "17x16x24 17x16", { 1 } },
  { "mean_axis", "131x67 131", { 0 } },
  { "mean_axis", "3x1031 3x1031", { 1 } },
  { "max_axis", "1", { 0 } },
  { "max_axis", "3x5", { 0 } },
  { "max_axis", "3x5", { 1 } },
  { "max_axis", "2x17x5", { 1 } },
  { "max_axis", "2x131", { 1 } },
  { "cumulative_sum", "1" },
  { "cumulative_sum", "3x5" },
  { "cumulative_sum", "2x3x63" },
  { "cumulative_sum", "3x64" },
  { "cumulative_sum", "3x65" },
  { "cumulative_sum", "2x257" },
  { "covariance", "2x1" },
  { "covariance", "3x5" },
  { "covariance", "17x31" },
  { "covariance", "131x24", { 0 }, 3 },
  { "diagonal", "1x1" },
  { "diagonal", "5x5" },
  { "diagonal", "31x31" },
  { "off_diagonal_squares", "1x1" },
  { "off_diagonal_squares", "5x5" },
  { "off_diagonal_squares", "31x31" },
  { "off_diagonal_squares", "131x131" },
  { "sinkhorn", "1x1", { 0.05, 1 } },
  { "sinkhorn", "3x5", { 0.5, 3 } },
  { "sinkhorn", "17x31", { 0.05, 3 } },
  { "sinkhorn", "5x131", { 0.1, 10 } },
  { "sinkhorn", "131x64", { 0.05, 3 } },
  { "sinkhorn", "3x16", { 0.05, 2 }, 5 }, /* beyond what an exponential holds */
  { "epps_pulley", "1x1", { 2, 3 } },
  { "epps_pulley", "3x5", { 17, 3 } },
  { "epps_pulley", "33x17", { 17, 3 }, 2 },
  { "epps_pulley", "2x31x67", { 17, 3 }, 2 },
  { "epps_pulley", "3x2x7x64", { 5, 5 } },
  { "epps_pulley", "2x131x9", { 64, 6 }, 4 },

  { "sum_axis", "3152x384", { 0 }, .timed = BY_BYTES },
  { "mean_axis", "16x197x384 16x197", { 1 }, .timed = BY_BYTES },
  { "max_axis", "16x197x2", { 1 }, .timed = BY_BYTES },
  { "cumulative_sum", "512x3000", .timed = BY_BYTES },
  { "covariance", "512x1024", .timed = 2.0 * 512 * 1024 * 1024 },
  { "off_diagonal_squares", "1024x1024", .timed = BY_BYTES },
  { "sinkhorn", "512x3000", { 0.05, 3 }, .timed = BY_BYTES },
  { "epps_pulley", "4x256x256", { 17, 3 }, .timed = BY_BYTES },
  { NULL },
};
