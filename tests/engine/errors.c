/* errors.c: what a caller gets wrong becomes one sentence from
 * eid_device_check(); nothing crashes, and what follows is quiet.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#include <math.h>
#include <string.h>

static EidTensor *
f32_ (EidShape shape)
{
  return test_tensor (shape, 1);
}

static EidTensor *
i32_ (EidShape shape)
{
  g_autofree gint32 *zeros = g_new0 (gint32, eid_shape_count (shape));
  return eid_tensor_from_data (test_device, EID_I32, shape, zeros);
}

#define F32(...) f32_ (EID_SHAPE (__VA_ARGS__))
#define I32(...) i32_ (EID_SHAPE (__VA_ARGS__))

/* One wrong use each: operation, what is wrong, arguments. */
/* clang-format off */
#define WRONG_USES(X) \
  X (reshape, count, (F32 (2, 3), EID_SHAPE (7))) \
  X (concat, width, (F32 (2, 3), F32 (2, 4))) \
  X (concat, rank, (F32 (2, 3), F32 (3))) \
  X (rows, past_end, (F32 (5, 3), 3, 3)) \
  X (rows, overflow, (F32 (5, 3), 2, G_MAXUINT)) \
  X (add, suffix, (F32 (2, 3), F32 (2))) \
  X (add, larger, (F32 (3), F32 (2, 3))) \
  X (add, type, (F32 (2, 3), I32 (2, 3))) \
  X (sub, suffix, (F32 (4, 3), F32 (4))) \
  X (mul, suffix, (F32 (2, 3), F32 (4))) \
  X (div, suffix, (F32 (2, 3), F32 (4))) \
  X (div, type, (F32 (2, 3), I32 (3))) \
  X (exp, type, (I32 (3))) \
  X (clamp, order, (F32 (3), 1, 0)) \
  X (clamp, type, (I32 (3), 0, 1)) \
  X (relu, type, (I32 (3))) \
  X (linear, inputs, (F32 (2, 3), F32 (4, 5), NULL)) \
  X (linear, bias, (F32 (2, 3), F32 (4, 3), F32 (3))) \
  X (linear, weight_rank, (F32 (2, 3), F32 (3), NULL)) \
  X (matmul, inner, (F32 (2, 3), FALSE, F32 (4, 5), FALSE)) \
  X (matmul, inner_transposed, (F32 (2, 3), TRUE, F32 (3, 5), FALSE)) \
  X (matmul, batch, (F32 (2, 2, 3), FALSE, F32 (3, 3, 5), FALSE)) \
  X (matmul, rank, (F32 (3), FALSE, F32 (3, 5), FALSE)) \
  X (layer_norm, gain, (F32 (2, 3), F32 (4), F32 (4), 1e-5f)) \
  X (layer_norm, half, (F32 (2, 3), F32 (3), NULL, 1e-5f)) \
  X (batch_norm, running, (F32 (2, 3), NULL, NULL, F32 (4), F32 (4), .1f, 1e-5f, TRUE)) \
  X (batch_norm, half, (F32 (2, 3), F32 (3), NULL, F32 (3), F32 (3), .1f, 1e-5f, TRUE)) \
  X (unstandardize, shape, (F32 (2, 3), F32 (2, 4), 1e-6f)) \
  X (attention, packing, (F32 (2, 3, 16), 2, FALSE, NULL)) \
  X (attention, heads, (F32 (2, 3, 24), 3, FALSE, NULL)) \
  X (attention, no_heads, (F32 (2, 3, 24), 0, FALSE, NULL)) \
  X (attention, many_heads, (F32 (2, 3, 24), 0x55555556, FALSE, NULL)) \
  X (attention, rank, (F32 (3, 24), 2, FALSE, NULL)) \
  X (cross_attention, heads, (F32 (2, 3, 8), F32 (2, 5, 16), 3, NULL)) \
  X (cross_attention, width, (F32 (2, 3, 8), F32 (2, 5, 8), 2, NULL)) \
  X (cross_attention, batch, (F32 (2, 3, 8), F32 (1, 5, 16), 2, NULL)) \
  X (cross_attention, type, (F32 (2, 3, 8), I32 (2, 5, 16), 2, NULL)) \
  X (sum_axis, axis, (F32 (2, 3), 2, NULL)) \
  X (sum_axis, mask, (F32 (2, 3, 4), 1, F32 (2, 4))) \
  X (mean_axis, axis, (F32 (3), 1, NULL)) \
  X (mean_axis, type, (I32 (2, 3), 1, NULL)) \
  X (mean_axis, mask_type, (F32 (2, 3), 1, I32 (2, 3))) \
  X (max_axis, axis, (F32 (2, 3), 7)) \
  X (max_axis, type, (I32 (2, 3), 0)) \
  X (cumulative_sum, type, (I32 (2, 3))) \
  X (embedding, table, (F32 (3), I32 (2))) \
  X (embedding, type, (F32 (3, 2), F32 (2))) \
  X (embedding, rank, (F32 (3, 2), I32 (1, 1, 1, 1, 1))) \
  X (gather, rows, (F32 (2, 3), I32 (3, 2))) \
  X (gather, type, (F32 (2, 3), F32 (2, 2))) \
  X (gather, rank, (F32 (2, 3), I32 (2))) \
  X (scatter, shape, (F32 (2, 3), I32 (2, 2), 5)) \
  X (scatter, type, (F32 (2, 3), F32 (2, 3), 5)) \
  X (scatter, zero, (F32 (2, 3), I32 (2, 3), 0)) \
  X (top_k, zero, (F32 (2, 3), 0, NULL)) \
  X (top_k, too_many, (F32 (2, 3), 4, NULL)) \
  X (top_k, type, (I32 (2, 3), 1, NULL)) \
  X (standardize, one, (F32 (3, 1), 1e-6f)) \
  X (unstandardize, one, (F32 (3, 1), F32 (3, 1), 1e-6f)) \
  X (covariance, rank, (F32 (2, 3, 4))) \
  X (covariance, one, (F32 (1, 3))) \
  X (covariance, type, (I32 (2, 3))) \
  X (diagonal, square, (F32 (2, 3))) \
  X (off_diagonal_squares, square, (F32 (2, 3))) \
  X (sinkhorn, rank, (F32 (3), 0.05f, 3)) \
  X (sinkhorn, epsilon, (F32 (2, 3), 0, 3)) \
  X (sinkhorn, iterations, (F32 (2, 3), 0.05f, 0)) \
  X (sinkhorn, type, (I32 (2, 3), 0.05f, 3)) \
  X (gru_cell, batch, (F32 (2, 3), F32 (1, 4), F32 (12, 3), F32 (12, 4), NULL, NULL)) \
  X (gru_cell, weight, (F32 (2, 3), F32 (2, 4), F32 (12, 4), F32 (12, 4), NULL, NULL)) \
  X (gru_cell, gates, (F32 (2, 3), F32 (2, 4), F32 (8, 3), F32 (8, 4), NULL, NULL)) \
  X (gru_cell, type, (I32 (2, 3), F32 (2, 4), F32 (12, 3), F32 (12, 4), NULL, NULL)) \
  X (resize_positions, grid, (F32 (5, 3), 2, 2, 2)) \
  X (resize_positions, rank, (F32 (1, 4, 3), 2, 3, 3)) \
  X (resize_positions, zero, (F32 (4, 3), 2, 0, 3)) \
  X (resize_positions, type, (I32 (4, 3), 2, 3, 3)) \
  X (patchify, size, (F32 (1, 5, 4, 3), 2)) \
  X (patchify, zero, (F32 (1, 4, 4, 3), 0)) \
  X (patchify, rank, (F32 (4, 4, 3), 2)) \
  X (patchify_film, frames, (F32 (1, 3, 4, 4, 3), 2, 2)) \
  X (patchify_film, size, (F32 (1, 4, 5, 4, 3), 2, 2)) \
  X (patchify_film, zero, (F32 (1, 4, 4, 4, 3), 0, 2)) \
  X (patchify_film, rank, (F32 (1, 4, 4, 3), 1, 2)) \
  X (patchify_film, type, (I32 (1, 4, 4, 4, 3), 2, 2)) \
  X (unpatchify, zero, (F32 (1, 4, 12), 0, 4, 4)) \
  X (unpatchify, size, (F32 (1, 4, 12), 2, 4, 6)) \
  X (prepend_token, width, (F32 (1, 4, 12), F32 (11))) \
  X (tokens, past_end, (F32 (1, 4, 12), 2, 3)) \
  X (tokens, overflow, (F32 (1, 4, 12), 2, G_MAXUINT)) \
  X (tokens, rank, (F32 (4, 12), 2, 1)) \
  X (mean_tokens, rank, (F32 (4, 12))) \
  X (gather_tokens, batch, (F32 (2, 4, 3), I32 (3, 2))) \
  X (gather_tokens, type, (F32 (2, 4, 3), F32 (2, 2))) \
  X (restore_tokens, batch, (F32 (2, 4, 3), F32 (3), I32 (3, 5))) \
  X (restore_tokens, width, (F32 (2, 4, 3), F32 (4), I32 (2, 5))) \
  X (cross_entropy, rows, (F32 (3, 5), I32 (4))) \
  X (cross_entropy, type, (F32 (3, 5), F32 (3))) \
  X (mask_diagonal, square, (F32 (3, 4), 0)) \
  X (nt_xent, odd, (F32 (3, 4), 0.5f)) \
  X (nt_xent, rank, (F32 (4), 0.5f)) \
  X (masked_mse, target, (F32 (2, 3, 4), F32 (2, 3, 5), F32 (2, 3))) \
  X (masked_mse, mask, (F32 (2, 3, 4), F32 (2, 3, 4), F32 (2, 4)))
/* clang-format on */

#define FUNCTION(operation, what, arguments)                                                                 \
  static EidTensor *operation##_##what (void)                                                                \
  {                                                                                                          \
    return eid_##operation arguments;                                                                        \
  }
#define ROW(operation, what, arguments) { #operation, #operation "-" #what, operation##_##what },

WRONG_USES (FUNCTION)

static const struct
{
  const char *operation, *name;
  EidTensor *(*run) (void);
} wrong_uses[] = { WRONG_USES (ROW) };

/* The device has failed with @code and a sentence that holds @word. */
static void
expect_error (EidError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;

  if (eid_device_check (test_device, &error))
    {
      test_complain ("no error, one that speaks of %s was expected", word);
      return;
    }
  g_assert_error (error, EID_ERROR, (int) code);
  if (strstr (error->message, word) == NULL)
    test_complain ("the error does not speak of %s: %s", word, error->message);
  if (strlen (error->message) < 15 || strchr (error->message, ' ') == NULL)
    test_complain ("this is not a sentence: %s", error->message);
  if (!eid_device_check (test_device, &second))
    test_complain ("the error is handed over twice: %s", second->message);
}

static void
test_wrong_use (gconstpointer data)
{
  guint use = GPOINTER_TO_UINT (data);
  float value = 1;

  eid_arena_push (test_device);
  EidTensor *out = wrong_uses[use].run ();
  g_assert_nonnull (out);

  /* On with it: quietly. */
  EidTensor *later = eid_sum (eid_gelu (out));
  g_assert_nonnull (later);
  eid_backward (later);
  g_assert_false (eid_tensor_read (F32 (1), &value));
  g_assert_cmpfloat (value, ==, 0);

  expect_error (EID_ERROR_USAGE, wrong_uses[use].operation);
  eid_arena_pop (test_device);
}

static void
test_device_recovers (void)
{
  eid_arena_push (test_device);
  eid_matmul (F32 (2, 3), FALSE, F32 (4, 5), FALSE);
  expect_error (EID_ERROR_USAGE, "matmul");

  EidTensor *x = F32 (3, 5);
  eid_tensor_require_gradient (x);
  EidTensor *loss = eid_sum (eid_scale (x, 2));
  eid_backward (loss);
  g_autofree float *got = test_read (eid_tensor_gradient (x));
  const double expected[15] = { 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };
  test_close ("gradient after an error", got, expected, 15, 1e-6);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_first_error_is_kept (void)
{
  eid_arena_push (test_device);
  eid_device_fail (test_device, EID_ERROR_NOT_FINITE, "the first of %d things went wrong", 2);
  eid_device_fail (test_device, EID_ERROR_FAILED, "the second of %d things went wrong", 2);
  eid_matmul (F32 (2, 3), FALSE, F32 (4, 5), FALSE);
  expect_error (EID_ERROR_NOT_FINITE, "the first of 2 things");
  eid_arena_pop (test_device);
}

static void
test_error_names_the_scope (void)
{
  eid_arena_push (test_device);
  eid_scope_push (test_device, "encoder");
  eid_scope_push (test_device, "blocks.3");
  eid_matmul (F32 (2, 3), FALSE, F32 (4, 5), FALSE);
  eid_scope_pop (test_device);
  eid_scope_pop (test_device);
  expect_error (EID_ERROR_USAGE, "blocks.3");

  eid_scope_push (test_device, "somewhere-else");
  eid_scope_pop (test_device);
  eid_matmul (F32 (2, 3), FALSE, F32 (4, 5), FALSE);
  g_autoptr (GError) error = NULL;
  g_assert_false (eid_device_check (test_device, &error));
  g_assert_null (strstr (error->message, "somewhere-else"));
  eid_arena_pop (test_device);
}

static void
test_finite_check_names_the_operation (void)
{
  eid_arena_push (test_device);
  EidTensor *x = F32 (5, 3);
  eid_set_finite_check (test_device, TRUE);
  eid_scope_push (test_device, "head");
  eid_gelu (eid_scale (eid_scale (x, 1e30f), 1e30f));
  eid_scope_pop (test_device);
  eid_set_finite_check (test_device, FALSE);

  g_autoptr (GError) error = NULL;
  g_assert_false (eid_device_check (test_device, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_NOT_FINITE);
  g_assert_nonnull (strstr (error->message, "scale"));
  g_assert_nonnull (strstr (error->message, "head"));

  /* Off, it lets the same pass. */
  EidTensor *y = eid_scale (eid_scale (x, 1e30f), 1e30f);
  g_assert_false (isfinite (eid_tensor_scalar (y)));
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_finite_check_lets_good_numbers_pass (void)
{
  eid_arena_push (test_device);
  eid_set_finite_check (test_device, TRUE);
  EidTensor *x = F32 (5, 3);
  eid_tensor_require_gradient (x);
  eid_backward (eid_mean (eid_softmax (eid_gelu (x))));
  eid_set_finite_check (test_device, FALSE);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_too_much_memory_is_an_error (void)
{
  static const EidShape shapes[] = {
    { 5, { G_MAXUINT, G_MAXUINT, G_MAXUINT, G_MAXUINT, G_MAXUINT } }, /* its count overflows 64 bits */
    { 2, { 1u << 31, 1u << 31 } },                                    /* its bytes do */
    { 3, { 1u << 16, 1u << 15, 1u << 15 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      guint64 before = eid_device_bytes (test_device);
      eid_arena_push (test_device);
      EidTensor *x = eid_tensor_new (test_device, EID_F32, shapes[i]);
      g_assert_nonnull (x);
      eid_scale (x, 2);
      g_autoptr (GError) error = NULL;
      if (eid_device_check (test_device, &error))
        test_complain ("shape %u too large by far was given", i);
      else if (!g_error_matches (error, EID_ERROR, EID_ERROR_MEMORY)
               && !g_error_matches (error, EID_ERROR, EID_ERROR_USAGE))
        test_complain ("shape %u too large by far: %s", i, error->message);
      eid_arena_pop (test_device);
      g_assert_cmpuint (eid_device_bytes (test_device), ==, before);
    }
}

static void
test_backward_wants_a_scalar (void)
{
  eid_arena_push (test_device);
  EidTensor *x = F32 (2, 3);
  eid_tensor_require_gradient (x);
  eid_backward (eid_scale (x, 2));
  expect_error (EID_ERROR_USAGE, "backward");
  eid_arena_pop (test_device);
}

static void
test_unknown_device_is_an_error (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (eid_device_open ("a device of another world", &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_NO_DEVICE);
  g_assert_nonnull (strstr (error->message, "a device of another world"));

  g_autoptr (GError) past_end = NULL;
  g_assert_null (eid_device_open ("4096", &past_end));
  g_assert_error (past_end, EID_ERROR, EID_ERROR_NO_DEVICE);
}

/* GPUs, then PoCL, then other processors: what is there beside must not change
 * the default. */
static guint
rank_of (const EidDeviceInfo *info)
{
  return info->is_gpu ? 0 : strstr (info->platform, "Portable Computing Language") != NULL ? 1 : 2;
}

static void
test_devices_are_listed (void)
{
  g_autoptr (GPtrArray) devices = eid_device_list ();
  g_assert_cmpuint (devices->len, >=, 1);
  for (guint i = 0; i < devices->len; i++)
    {
      const EidDeviceInfo *info = devices->pdata[i];
      g_assert_cmpuint (info->index, ==, i);
      g_assert_cmpstr (info->name, !=, "");
      g_assert_cmpuint (info->buffer_bytes, >, 0);
      g_assert_cmpuint (info->memory_bytes, >=, info->buffer_bytes);
      if (i > 0)
        g_assert_cmpuint (rank_of (devices->pdata[i - 1]), <=, rank_of (info));
    }
  g_assert_nonnull (eid_device_gemm_name (test_device));
}

/* As a person would name it, not as PoCL composes it. */
static void
test_devices_have_titles (void)
{
  static const char *const names[][2] = {
    { "pthread-skylake-avx512-AMD EPYC 9R14", "AMD EPYC 9R14" },
    { "cpu-haswell-Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel(R) Xeon(R) CPU @ 2.20GHz" },
    { "pthread-znver4", "pthread-znver4" },
    { "NVIDIA H200-141C", "NVIDIA H200-141C" },
    { "llvmpipe (LLVM 15.0.6, 256 bits)", "llvmpipe (LLVM 15.0.6, 256 bits)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpstr (eid_device_title (names[i][0]), ==, names[i][1]);
}

void
add_error_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong_uses); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/errors/wrong/", wrong_uses[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_wrong_use);
    }
  g_test_add_func ("/engine/errors/the-device-recovers", test_device_recovers);
  g_test_add_func ("/engine/errors/the-first-is-kept", test_first_error_is_kept);
  g_test_add_func ("/engine/errors/the-scope-is-named", test_error_names_the_scope);
  g_test_add_func ("/engine/errors/finite-check-names-the-operation", test_finite_check_names_the_operation);
  g_test_add_func ("/engine/errors/finite-check-lets-good-numbers-pass",
                   test_finite_check_lets_good_numbers_pass);
  g_test_add_func ("/engine/errors/too-much-memory", test_too_much_memory_is_an_error);
  g_test_add_func ("/engine/errors/backward-wants-a-scalar", test_backward_wants_a_scalar);
  g_test_add_func ("/engine/devices/an-unknown-one-is-an-error", test_unknown_device_is_an_error);
  g_test_add_func ("/engine/devices/are-listed-best-first", test_devices_are_listed);
  g_test_add_func ("/engine/devices/are-called-as-people-call-them", test_devices_have_titles);
}
