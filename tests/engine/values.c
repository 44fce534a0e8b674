/* values.c: what single operations do at the edges of their domain, and what
 * they do to buffers they are handed.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#include <math.h>

/* The running moments after one training step, as PyTorch moves them. */
static void
test_batch_norm_moves_running_moments (void)
{
  enum
  {
    M = 9,
    D = 5
  };
  g_autofree float *x = test_noise (M * D, 1), *mean0 = test_noise (D, 2), *var0 = test_noise (D, 3);
  double mean1[D], var1[D];

  for (guint d = 0; d < D; d++)
    {
      double mean = 0, squares = 0;
      for (guint m = 0; m < M; m++)
        mean += x[m * D + d] / (double) M;
      for (guint m = 0; m < M; m++)
        squares += (x[m * D + d] - mean) * (x[m * D + d] - mean);
      mean1[d] = 0.7 * mean0[d] + 0.3 * mean;
      var1[d] = 0.7 * var0[d] + 0.3 * squares / (M - 1);
    }

  eid_arena_push (test_device);
  EidTensor *running_mean = test_tensor (EID_SHAPE (D), 2), *running_var = test_tensor (EID_SHAPE (D), 3);
  EidTensor *batch = test_tensor (EID_SHAPE (M, D), 1);
  eid_batch_norm (batch, NULL, NULL, running_mean, running_var, 0.3f, 1e-5f, TRUE);
  eid_batch_norm (batch, NULL, NULL, running_mean, running_var, 0.3f, 1e-5f, FALSE);
  g_autofree float *mean = test_read (running_mean), *var = test_read (running_var);
  test_close ("running mean", mean, mean1, D, 1e-5);
  test_close ("running variance", var, var1, D, 1e-5);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* A row of zeros has no direction; it stays a row of zeros. */
static void
test_normalize_leaves_zeros (void)
{
  const float x[6] = { 0, 0, 0, 3, 0, 4 };
  const double expected[6] = { 0, 0, 0, 0.6, 0, 0.8 };

  eid_arena_push (test_device);
  EidTensor *tensor = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (2, 3), x);
  g_autofree float *got = test_read (eid_normalize (tensor));
  test_close ("normalize", got, expected, 6, 1e-6);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* The largest of a window is the same where its place is not kept for the way back. */
static void
test_pooling_is_the_same_unrecorded (void)
{
  eid_arena_push (test_device);
  EidTensor *x = test_tensor (EID_SHAPE (2, 9, 7, 19), 4);
  for (EidType type = EID_F32;; type = EID_BF16)
    {
      EidTensor *recorded = eid_max_pool2d (eid_cast (x, type), 3, 2, 1), *unrecorded;
      gboolean before = eid_set_recording (test_device, FALSE);

      unrecorded = eid_max_pool2d (eid_cast (x, type), 3, 2, 1);
      eid_set_recording (test_device, before);
      g_autofree float *a = test_read (eid_cast (recorded, EID_F32)),
                       *b = test_read (eid_cast (unrecorded, EID_F32));
      g_assert_cmpmem (a, 2 * 5 * 4 * 19 * sizeof *a, b, 2 * 5 * 4 * 19 * sizeof *b);
      if (type == EID_BF16)
        break;
    }
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* Logits that overflow exp() alone do not overflow what is made of them. */
static void
test_large_logits_stay_finite (void)
{
  const float logits[6] = { 1000, 0, -1000, 88, 89, -1e30f };
  const double softmax[6] = { 1, 0, 0, 0.2689414213699951, 0.7310585786300049, 0 };
  const gint32 target[2] = { 1, 1 };

  eid_arena_push (test_device);
  EidTensor *x = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (2, 3), logits);
  eid_tensor_require_gradient (x);
  g_autofree float *got = test_read (eid_softmax (x));
  test_close ("softmax", got, softmax, 6, 1e-5);

  EidTensor *loss = eid_cross_entropy (x, eid_tensor_from_data (test_device, EID_I32, EID_SHAPE (2), target));
  g_assert_cmpfloat_with_epsilon (eid_tensor_scalar (loss), (1000 + 0.3132617) / 2, 1e-3);
  eid_backward (loss);
  g_autofree float *gradient = test_read (eid_tensor_gradient (x));
  const double expected[6] = { 0.5, -0.5, 0, 0.13447071, -0.13447071, 0 };
  test_close ("gradient of cross_entropy", gradient, expected, 6, 1e-5);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* A NaN that goes in is seen in the result: nothing is silently made good. */
static void
test_not_a_number_is_not_swallowed (void)
{
  enum
  {
    ROWS = 5,
    WIDTH = 24
  };
  static const gint32 targets[ROWS] = { 0, 1, 2, 3, 4 };

  for (guint place = 0; place < WIDTH; place += 7)
    {
      g_autofree float *values = test_noise (ROWS * WIDTH, 1);
      values[2 * WIDTH + place] = NAN;

      eid_arena_push (test_device);
      EidTensor *x = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (ROWS, WIDTH), values);
      EidTensor *weight = test_tensor (EID_SHAPE (7, WIDTH), 2);
      EidTensor *zeros = eid_zeros (test_device, EID_SHAPE (WIDTH));
      EidTensor *target = eid_tensor_from_data (test_device, EID_I32, EID_SHAPE (ROWS), targets);
      const struct
      {
        const char *operation;
        EidTensor *result;
      } cases[] = {
        { "relu", eid_relu (x) },
        { "gelu", eid_gelu (x) },
        { "sum", eid_sum (x) },
        { "mean", eid_mean (x) },
        { "linear", eid_linear (x, weight, NULL) },
        { "softmax", eid_softmax (x) },
        { "layer_norm", eid_layer_norm (x, NULL, NULL, 1e-5f) },
        { "batch_norm", eid_batch_norm (x, NULL, NULL, zeros, zeros, 0.1f, 1e-5f, TRUE) },
        { "normalize", eid_normalize (x) },
        { "attention", eid_attention (eid_reshape (x, EID_SHAPE (1, ROWS, WIDTH)), 2, FALSE, NULL) },
        { "cross_entropy", eid_cross_entropy (x, target) },
        { "nt_xent", eid_nt_xent (eid_concat (x, x), 0.5f) },
        { "info_nce", eid_info_nce (x, x, x, 0.5f) },
        { "cast", eid_cast (x, EID_BF16) },
        { "exp", eid_exp (x) },
        { "tanh", eid_tanh (x) },
        { "sigmoid", eid_sigmoid (x) },
        { "clamp", eid_clamp (x, -0.5f, 0.5f) },
        { "sum_axis", eid_sum_axis (x, 0, NULL) },
        { "max_axis", eid_max_axis (x, 1) },
        { "top_k", eid_top_k (x, 1, NULL) },
        { "cumulative_sum", eid_cumulative_sum (x) },
        { "covariance", eid_covariance (x) },
        { "sinkhorn", eid_sinkhorn (x, 0.1f, 2) },
        { "epps_pulley", eid_epps_pulley (x, 17, 3) },
      };

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_autofree float *got = test_read (cases[i].result);
          gboolean seen = FALSE;
          for (gsize e = 0; e < eid_tensor_count (cases[i].result); e++)
            seen |= !isfinite (got[e]);
          if (!seen)
            test_complain ("%s: a NaN at element %u of a row is gone", cases[i].operation, place);
        }
      test_device_is_well ();
      eid_arena_pop (test_device);
    }
}

/* The first of equal ones comes first, and what is not a number before all. */
static void
test_top_k_is_in_order (void)
{
  const float values[2 * 7] = { 1, 3, 2, 3, -1, 3, 2, -INFINITY, 0, INFINITY, NAN, 0, -INFINITY, 5 };
  const gint32 expected[2 * 7] = { 1, 3, 5, 2, 6, 0, 4, 2, 3, 6, 1, 4, 0, 5 };
  gint32 got[2 * 7];

  for (guint half = 0; half < 2; half++)
    {
      EidTensor *index;

      eid_arena_push (test_device);
      eid_top_k (eid_tensor_from_data (test_device, half ? EID_BF16 : EID_F32, EID_SHAPE (2, 7), values), 7,
                 &index);
      eid_tensor_read (index, got);
      for (guint i = 0; i < G_N_ELEMENTS (got); i++)
        if (got[i] != expected[i])
          test_complain ("top_k: number %u of row %u is %d, expected %d", i % 7, i / 7, got[i], expected[i]);
      test_device_is_well ();
      eid_arena_pop (test_device);
    }
}

/* Numbers out of range take the nearest, give nothing, and touch nobody's memory. */
static void
test_indices_out_of_range_are_harmless (void)
{
  const gint32 numbers[4] = { -7, 0, 2, G_MAXINT32 };
  const double rows[4 * 2] = { 0, 1, 0, 1, 4, 5, 4, 5 }, columns[4] = { 0, 0, 2, 2 };
  const double row_gradient[3 * 2] = { 1, 1, 0, 0, 1, 1 }, scattered[3] = { 2, 0, 3 };
  float values[6] = { 0, 1, 2, 3, 4, 5 };

  eid_arena_push (test_device);
  EidTensor *table = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (3, 2), values);
  EidTensor *index = eid_tensor_from_data (test_device, EID_I32, EID_SHAPE (4), numbers);
  EidTensor *row = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (3), values);
  EidTensor *four = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (4), values + 1);
  eid_tensor_require_gradient (table);
  EidTensor *taken = eid_embedding (table, index);
  g_autofree float *got_rows = test_read (taken);
  g_autofree float *got_columns = test_read (eid_gather (row, index));
  g_autofree float *got_scattered = test_read (eid_scatter (four, index, 3));
  eid_backward (eid_sum (taken));
  g_autofree float *got_gradient = test_read (eid_tensor_gradient (table));
  test_close ("embedding", got_rows, rows, 8, 1e-6);
  test_close ("gradient of embedding", got_gradient, row_gradient, 6, 1e-6);
  test_close ("gather", got_columns, columns, 4, 1e-6);
  test_close ("scatter", got_scattered, scattered, 3, 1e-6);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* More closely than 16 bits would have it: they are EID_F32 in either precision. */
static void
test_attention_sums_to_one (void)
{
  EidType precision = eid_device_precision (test_device);

  for (guint i = 0; i < 4; i++)
    {
      eid_device_set_precision (test_device, i & 1 ? EID_BF16 : EID_F32);
      eid_arena_push (test_device);
      EidTensor *probabilities;
      eid_attention (test_tensor (EID_SHAPE (2, 67, 2 * 3 * 4), i), 2, i & 2, &probabilities);
      g_autofree float *p = test_read (probabilities);
      for (gsize row = 0; row < eid_tensor_count (probabilities) / 67; row++)
        {
          double sum = 0;
          for (guint j = 0; j < 67; j++)
            sum += p[row * 67 + j];
          if (!(fabs (sum - 1) < 1e-5))
            test_complain ("attention: probabilities of row %" G_GSIZE_FORMAT " add up to %.7g", row, sum);
        }
      test_device_is_well ();
      eid_arena_pop (test_device);
    }
  eid_device_set_precision (test_device, precision);
}

void
add_value_tests (void)
{
  g_test_add_func ("/engine/values/batch-norm-moves-running-moments", test_batch_norm_moves_running_moments);
  g_test_add_func ("/engine/values/normalize-leaves-zeros", test_normalize_leaves_zeros);
  g_test_add_func ("/engine/values/pooling-is-the-same-unrecorded", test_pooling_is_the_same_unrecorded);
  g_test_add_func ("/engine/values/large-logits-stay-finite", test_large_logits_stay_finite);
  g_test_add_func ("/engine/values/attention-sums-to-one", test_attention_sums_to_one);
  g_test_add_func ("/engine/values/top-k-is-in-order", test_top_k_is_in_order);
  g_test_add_func ("/engine/values/indices-out-of-range-are-harmless",
                   test_indices_out_of_range_are_harmless);
  g_test_add_func ("/engine/values/not-a-number-is-not-swallowed", test_not_a_number_is_not_swallowed);
}
