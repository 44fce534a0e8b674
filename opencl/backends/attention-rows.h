/* attention-rows.h: what attention on processors does to rows between its products (attention-native.c). */
#pragma once

#include <glib.h>

/* A row of scores takes whole vectors, and one more so that rows do not meet in the cache. */
#define EID_SCORES_ROW(keys) (((keys) + 31) / 16 * 16)

/* Scores in a thread's memory, [rows, keys] in rows of @row floats; of each, the first seen + r are
 * seen where causal, else all. What becomes of them is stored from each row's start on in floats, or in
 * 16 bits where half; with zeros for what is not seen. */
typedef struct
{
  guint rows, keys, row, seen;
  gboolean causal, half;
  float scale; /* of scores: 1 / sqrt d */
} EidScores;

/* x becomes e^(scale x - its row's largest), still to be multiplied by @inverse [rows], 1 / the row's
 * sum. log_sum [rows]: of the row's e^(scale x). */
void eid_scores_softmax (const EidScores *s, float *x, float *log_sum, float *inverse);
/* x becomes probabilities p; d, of the same form, their gradient, becomes that of the products:
 * scale p (d - delta). delta [rows]: the sums of p d. */
void eid_scores_gradient (const EidScores *s, float *x, float *d, const float *log_sum, const float *delta);

/* x [n, width], its rows multiplied by @factors [n] (or NULL), becomes, or is added to, what lies at @to
 * in rows @to_row elements apart. */
void eid_rows_put (const float *x, gsize row, guint n, guint width, const float *factors, gpointer to,
                   gsize to_row, gboolean half, gboolean add);
/* out[r] = a[r] . b[r], of @width elements in rows @row elements apart. */
void eid_rows_dot (gconstpointer a, gconstpointer b, gsize row, guint n, guint width, gboolean half,
                   float *out);
