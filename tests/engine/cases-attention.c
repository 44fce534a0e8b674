/* cases-attention.c: the table's part on attention. Tokens end within, at and beyond a block of
 * queries, a tile of keys and a vector; heads are narrower and wider than a vector; and of 2000 keys
 * no processor's cache holds the scores of all queries.
 */
#include "tests/engine/table.h"

CALLER (attention, in[0], (guint) a[0], a[1] != 0, NULL)
CALLER (cross_attention, in[0], in[1], (guint) a[0], NULL)

static EidTensor *
run_attention_probabilities (EidTensor **in, const double *a)
{
  EidTensor *probabilities = NULL;
  eid_attention (in[0], (guint) a[0], a[1] != 0, &probabilities);
  return probabilities;
}

static EidTensor *
run_cross_attention_probabilities (EidTensor **in, const double *a)
{
  EidTensor *probabilities = NULL;
  eid_cross_attention (in[0], in[1], (guint) a[0], &probabilities);
  return probabilities;
}

const Operation attention_operations[] = {
  ROW (attention, REAL),
  ROW (attention_probabilities, FIXED),
  ROW (cross_attention, REAL, REAL),
  ROW (cross_attention_probabilities, FIXED, FIXED),
  { NULL },
};

const Case attention_cases[] = {
  { "attention", "1x1x3", { 1 } },
  { "attention", "2x5x12", { 1 } },
  { "attention", "2x5x24", { 2 } },
  { "attention", "2x5x45", { 3 } },
  { "attention", "3x1x18", { 3 } },
  { "attention", "2x17x48", { 2 }, 3 },
  { "attention", "1x17x192", { 1 } },
  { "attention", "1x5x402", { 1 } },
  { "attention", "1x17x12", { 1 } },
  { "attention", "2x50x36", { 3 }, 2 },
  { "attention", "2x50x24", { 2 }, 5 },
  { "attention", "1x50x96", { 1 } },
  { "attention", "1x65x36", { 1 } },
  { "attention", "1x197x12", { 1 }, 2 },
  { "attention", "1x1x12", { 1, 1 } },
  { "attention", "2x5x24", { 2, 1 } },
  { "attention", "2x17x48", { 2, 1 }, 3 },
  { "attention", "1x65x36", { 1, 1 }, 2 },
  { "attention", "1x197x12", { 1, 1 } },
  { "attention_probabilities", "1x1x3", { 1 } },
  { "attention_probabilities", "2x5x45", { 3 } },
  { "attention_probabilities", "2x17x48", { 2 }, 3 },
  { "attention_probabilities", "2x50x36", { 3 } },
  { "attention_probabilities", "2x5x24", { 2, 1 } },
  { "attention_probabilities", "1x197x24", { 2, 1 } },
  { "cross_attention", "1x1x1 1x1x2", { 1 } },
  { "cross_attention", "2x1x8 2x5x16", { 2 } },
  { "cross_attention", "2x17x12 2x5x24", { 1 }, 2 },
  { "cross_attention", "1x5x64 1x67x128", { 2 } },
  { "cross_attention", "1x40x4 1x2000x8", { 1 } },
  { "cross_attention_probabilities", "2x17x12 2x5x24", { 3 } },
  { "cross_attention_probabilities", "1x40x4 1x2000x8", { 1 } },

  { "attention", "16x197x1152", { 6 }, .timed = 4.0 * 16 * 197 * 197 * 384 },
  { "attention", "256x65x576", { 3 }, .timed = 4.0 * 256 * 65 * 65 * 192 },
  { "attention", "16x256x1152", { 6, 1 }, .timed = 2.0 * 16 * 256 * 256 * 384 },
  { NULL },
};
