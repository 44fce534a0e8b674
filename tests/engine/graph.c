/* graph.c: what is recorded and what is not, how gradients meet where ways
 * through the graph join, and what arenas give back.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#include <string.h>

#define N 37 /* elements of a vector here */

static EidTensor *
leaf (guint32 seed)
{
  EidTensor *x = test_tensor (EID_SHAPE (N), seed);
  eid_tensor_require_gradient (x);
  return x;
}

/* sum (weight * x), weight being noise of @seed */
static EidTensor *
weighed (EidTensor *x, guint32 seed)
{
  return eid_sum (eid_mul (x, test_tensor (eid_tensor_shape (x), seed)));
}

/* The gradient of @x is sum_i factor[i] * noise of seed[i]. */
static void
check_gradient (EidTensor *x, const char *what, guint terms, const double *factor, const guint32 *seed)
{
  EidTensor *gradient = eid_tensor_gradient (x);
  double expected[N] = { 0 };

  if (gradient == NULL)
    {
      test_complain ("%s has no gradient", what);
      return;
    }
  for (guint t = 0; t < terms; t++)
    {
      g_autofree float *noise = test_noise (N, seed[t]);
      for (guint i = 0; i < N; i++)
        expected[i] += factor[t] * noise[i];
    }
  g_autofree float *got = test_read (gradient);
  test_close (what, got, expected, N, 1e-5);
}

#define CHECK_GRADIENT(x, what, terms, factors, ...)                                                         \
  check_gradient (x, what, terms, (const double[]) factors, (const guint32[]) __VA_ARGS__)
#define FACTORS(...)                                                                                         \
  {                                                                                                          \
    __VA_ARGS__                                                                                              \
  }

static void
test_used_twice_in_one_operation (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1), *y = leaf (1), *z = leaf (1);
  eid_backward (weighed (eid_add (x, x), 2));
  CHECK_GRADIENT (x, "x of x + x", 1, FACTORS (2), { 2 });
  eid_backward (weighed (eid_sub (y, y), 2));
  CHECK_GRADIENT (y, "y of y - y", 1, FACTORS (0), { 2 });
  eid_backward (eid_sum (eid_mul (z, z)));
  CHECK_GRADIENT (z, "z of z * z", 1, FACTORS (2), { 1 });
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_used_in_two_places (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1);
  eid_backward (eid_add (weighed (eid_scale (x, 3), 2), weighed (eid_reshape (x, EID_SHAPE (1, N)), 3)));
  CHECK_GRADIENT (x, "x", 2, FACTORS (3, 1), { 2, 3 });
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* Gradients that start out equal may share memory; what one of the two gets
 * later must not reach the other. */
static void
test_gradients_stay_apart (void)
{
  eid_arena_push (test_device);
  EidTensor *a = leaf (1), *b = leaf (2), *c = leaf (3);
  EidTensor *early = weighed (a, 5); /* walked after the sum below */
  EidTensor *sum = eid_add (eid_add (a, b), c);
  EidTensor *loss = eid_add (weighed (sum, 4), early);
  eid_backward (eid_add (loss, weighed (b, 6)));
  CHECK_GRADIENT (a, "a", 2, FACTORS (1, 1), { 4, 5 });
  CHECK_GRADIENT (b, "b", 2, FACTORS (1, 1), { 4, 6 });
  CHECK_GRADIENT (c, "c", 1, FACTORS (1), { 4 });
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* x + f (x + g (x)): the shape of a transformer's block. */
static void
test_residual_ways_add_up (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1);
  EidTensor *inner = eid_add (x, eid_scale (x, 2));
  EidTensor *outer = eid_add (inner, eid_scale (inner, 0.5f));
  eid_backward (weighed (eid_add (outer, x), 4));
  CHECK_GRADIENT (x, "x", 1, FACTORS (5.5), { 4 });
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* Reshapes share memory with what they came from; gradients must not mix. */
static void
test_reshaped_gradients_add_up (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1);
  EidTensor *flat = eid_reshape (eid_reshape (x, EID_SHAPE (N, 1)), EID_SHAPE (N));
  eid_backward (eid_add (weighed (eid_add (flat, x), 4), weighed (flat, 5)));
  CHECK_GRADIENT (x, "x", 2, FACTORS (2, 1), { 4, 5 });
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_detach_stops_the_gradient (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1), *alone = leaf (2);
  eid_backward (eid_add (weighed (x, 4), weighed (eid_detach (eid_scale (x, 3)), 5)));
  CHECK_GRADIENT (x, "x", 1, FACTORS (1), { 4 });

  eid_backward (eid_add (weighed (eid_detach (alone), 4), weighed (x, 4)));
  if (eid_tensor_gradient (alone) != NULL)
    test_complain ("a leaf seen through detach alone has a gradient");
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_nothing_is_recorded_when_off (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1), *y = leaf (2);
  g_assert_true (eid_set_recording (test_device, FALSE));
  EidTensor *silent = eid_scale (x, 3);
  g_assert_false (eid_set_recording (test_device, TRUE));

  eid_backward (eid_add (weighed (silent, 4), weighed (y, 5)));
  if (eid_tensor_gradient (x) != NULL)
    test_complain ("a gradient came through an operation that was not recorded");
  CHECK_GRADIENT (y, "y", 1, FACTORS (1), { 5 });
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* A result nobody weighs, and one that no leaf leads to, change nothing. */
static void
test_side_ways_do_not_matter (void)
{
  eid_arena_push (test_device);
  EidTensor *x = leaf (1), *constant = test_tensor (EID_SHAPE (N), 2);
  eid_gelu (eid_scale (x, 7));
  eid_backward (eid_add (weighed (x, 4), weighed (eid_relu (constant), 5)));
  CHECK_GRADIENT (x, "x", 1, FACTORS (1), { 4 });
  if (eid_tensor_gradient (constant) != NULL)
    test_complain ("a tensor that asks for no gradient has one");
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* A leaf made outside may be trained through arenas that come and go. */
static void
test_a_leaf_keeps_its_gradient (void)
{
  eid_arena_push (test_device);
  EidTensor *outer = leaf (1);
  eid_arena_push (test_device);
  eid_backward (weighed (outer, 4));
  eid_arena_pop (test_device);
  CHECK_GRADIENT (outer, "a leaf of an outer arena", 1, FACTORS (1), { 4 });
  eid_arena_pop (test_device);

  EidTensor *own = leaf (1);
  eid_arena_push (test_device);
  eid_backward (weighed (own, 5));
  eid_arena_pop (test_device);
  CHECK_GRADIENT (own, "a leaf of no arena", 1, FACTORS (1), { 5 });
  eid_tensor_free (own);
  test_device_is_well ();
}

/* --- The same bits ------------------------------------------------------- */

/* A small block with every kind of reduction in it; bits of the loss and of
 * three gradients, one after the other.                                      */
static GByteArray *
run_a_block (void)
{
  guint batch = test_quick ? 2 : 8, tokens = 17, width = 24;
  EidTensor *leaves[3];
  GByteArray *bits = g_byte_array_new ();

  eid_arena_push (test_device);
  EidTensor *x = test_tensor (EID_SHAPE (batch, tokens, width), 1);
  EidTensor *weight = leaves[0] = test_tensor (EID_SHAPE (3 * width, width), 2);
  EidTensor *gain = leaves[1] = test_tensor (EID_SHAPE (width), 3);
  EidTensor *bias = leaves[2] = test_tensor (EID_SHAPE (width), 4);
  for (guint i = 0; i < 3; i++)
    eid_tensor_require_gradient (leaves[i]);

  EidTensor *h = eid_linear (eid_layer_norm (x, gain, bias, 1e-6f), weight, NULL);
  h = eid_mean_tokens (eid_gelu (eid_add (x, eid_attention (h, 3, FALSE, NULL))));
  h = eid_batch_norm (h, gain, bias, eid_zeros (test_device, EID_SHAPE (width)),
                      eid_zeros (test_device, EID_SHAPE (width)), 0.1f, 1e-5f, TRUE);
  EidTensor *loss = eid_nt_xent (eid_normalize (h), 0.5f);
  eid_backward (loss);

  g_autofree float *value = test_read (loss);
  g_byte_array_append (bits, (guint8 *) value, sizeof (float));
  for (guint i = 0; i < 3; i++)
    {
      g_autofree float *gradient = test_read (eid_tensor_gradient (leaves[i]));
      g_byte_array_append (bits, (guint8 *) gradient,
                           (guint) (eid_tensor_count (leaves[i]) * sizeof (float)));
    }
  test_device_is_well ();
  eid_arena_pop (test_device);
  return bits;
}

static void
test_same_computation_gives_same_bits (void)
{
  g_autoptr (GByteArray) first = run_a_block ();
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GByteArray) again = run_a_block ();
      g_assert_cmpmem (again->data, again->len, first->data, first->len);
    }
}

/* --- Arenas and reading -------------------------------------------------- */

static void
test_arena_gives_memory_back (void)
{
  guint64 before = eid_device_bytes (test_device);
  guint64 settled = 0;

  for (guint step = 0; step < 8; step++)
    {
      g_byte_array_unref (run_a_block ());
      g_assert_cmpuint (eid_device_bytes (test_device), ==, before);
      if (step == 1)
        settled = eid_device_peak_bytes (test_device);
    }
  g_assert_cmpuint (eid_device_peak_bytes (test_device), ==, settled);
}

static void
test_arenas_nest (void)
{
  eid_arena_push (test_device);
  EidTensor *outer = test_tensor (EID_SHAPE (N), 1);
  guint64 before = eid_device_bytes (test_device);

  eid_arena_push (test_device);
  EidTensor *inner = test_tensor (EID_SHAPE (1000 * N), 2);
  eid_scale (inner, 2);
  g_assert_cmpuint (eid_device_bytes (test_device), >=, before + 2 * 4 * 1000 * N);
  eid_arena_pop (test_device);
  g_assert_cmpuint (eid_device_bytes (test_device), ==, before);

  g_autofree float *got = test_read (outer), *expected = test_noise (N, 1);
  g_assert_cmpmem (got, N * sizeof (float), expected, N * sizeof (float));
  eid_arena_pop (test_device);
}

static void
test_without_arena_the_caller_frees (void)
{
  guint64 before = eid_device_bytes (test_device);
  EidTensor *x = test_tensor (EID_SHAPE (N), 1);
  EidTensor *zeros = eid_zeros (test_device, EID_SHAPE (N));
  g_autofree float *got = test_read (zeros);

  g_assert_cmpuint (eid_device_bytes (test_device), >, before);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (got[i], ==, 0);
  eid_tensor_free (x);
  eid_tensor_free (zeros);
  g_assert_cmpuint (eid_device_bytes (test_device), ==, before);
}

static void
test_writes_and_late_reads_are_in_order (void)
{
  g_autofree float *first = test_noise (N, 1), *second = test_noise (N, 2);
  float early[N], late[N];

  eid_arena_push (test_device);
  EidTensor *x = eid_tensor_from_data (test_device, EID_F32, EID_SHAPE (N), first);
  EidPending *pending = eid_tensor_read_later (x, early);
  eid_tensor_write (x, second);
  EidPending *other = eid_tensor_read_later (x, late);
  eid_pending_wait (other);
  eid_pending_wait (pending);
  g_assert_cmpmem (early, sizeof early, first, sizeof early);
  g_assert_cmpmem (late, sizeof late, second, sizeof late);
  g_assert_cmpfloat (eid_tensor_scalar (x), ==, second[0]);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

void
add_graph_tests (void)
{
  g_test_add_func ("/engine/graph/a-tensor-used-twice-in-one-operation", test_used_twice_in_one_operation);
  g_test_add_func ("/engine/graph/a-leaf-used-in-two-places", test_used_in_two_places);
  g_test_add_func ("/engine/graph/gradients-stay-apart", test_gradients_stay_apart);
  g_test_add_func ("/engine/graph/residual-ways-add-up", test_residual_ways_add_up);
  g_test_add_func ("/engine/graph/reshaped-gradients-add-up", test_reshaped_gradients_add_up);
  g_test_add_func ("/engine/graph/detach-stops-the-gradient", test_detach_stops_the_gradient);
  g_test_add_func ("/engine/graph/nothing-is-recorded-when-off", test_nothing_is_recorded_when_off);
  g_test_add_func ("/engine/graph/side-ways-do-not-matter", test_side_ways_do_not_matter);
  g_test_add_func ("/engine/graph/a-leaf-keeps-its-gradient", test_a_leaf_keeps_its_gradient);
  g_test_add_func ("/engine/graph/same-computation-gives-same-bits", test_same_computation_gives_same_bits);
  g_test_add_func ("/engine/memory/an-arena-gives-its-memory-back", test_arena_gives_memory_back);
  g_test_add_func ("/engine/memory/arenas-nest", test_arenas_nest);
  g_test_add_func ("/engine/memory/without-arena-the-caller-frees", test_without_arena_the_caller_frees);
  g_test_add_func ("/engine/memory/writes-and-late-reads-are-in-order",
                   test_writes_and_late_reads_are_in_order);
}
