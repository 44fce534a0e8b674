/* profile.c: the time of the device is counted by phase, kernel and precision,
 * while it is asked for, and what is computed stays the same.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#define M 24
#define N 40
#define K 32

static const EidProfileEntry *
find (GArray *entries, const char *phase, const char *kernel)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const EidProfileEntry *entry = &g_array_index (entries, EidProfileEntry, i);

      if (g_str_equal (entry->phase, phase) && g_str_equal (entry->kernel, kernel))
        return entry;
    }
  return NULL;
}

static const EidProfileEntry *
find_counted (GArray *entries, const char *phase, const char *kernel, guint64 calls)
{
  const EidProfileEntry *entry = find (entries, phase, kernel);
  /* Mesa's rusticl, in the version Debian 12 has, does not tell the time. */
  gboolean timed = !g_str_equal (eid_device_info (test_device)->platform, "rusticl");

  if (entry == NULL)
    test_complain ("%s of %s was not counted", phase, kernel);
  else if (entry->calls != calls || (timed && entry->nanoseconds == 0))
    test_complain ("%s of %s: %" G_GUINT64_FORMAT " calls, %" G_GUINT64_FORMAT
                   " ns; expected %" G_GUINT64_FORMAT " calls that took their time",
                   phase, kernel, entry->calls, entry->nanoseconds, calls);
  return entry;
}

/* Calls are told apart by phase, and tell the bytes of their operands. */
static void
test_phases (void)
{
  const EidProfileEntry *first;
  g_autoptr (GArray) entries = NULL;
  EidTensor *x, *y;

  eid_arena_push (test_device);
  x = test_tensor (EID_SHAPE (N), 1);
  y = test_tensor (EID_SHAPE (N), 2);
  eid_device_set_profile (test_device, TRUE);
  g_assert_cmpstr (eid_profile_phase (test_device, "first"), ==, "");
  for (guint i = 0; i < 3; i++)
    eid_mul (x, y);
  g_assert_cmpstr (eid_profile_phase (test_device, "second"), ==, "first");
  eid_mul (x, y);
  entries = eid_profile_read (test_device);
  eid_device_set_profile (test_device, FALSE);

  first = find_counted (entries, "first", "elementwise:mul", 3);
  find_counted (entries, "second", "elementwise:mul", 1);
  if (first)
    {
      g_assert_cmpfloat (first->bytes, ==, 3 * 3 * N * sizeof (float));
      g_assert_cmpfloat (first->work, ==, 0);
      g_assert_cmpint (first->type, ==, EID_F32);
    }
  eid_arena_pop (test_device);
}

/* A product counts two operations a term; the way back is a phase of its own, with two more products. */
static void
test_products (void)
{
  const EidProfileEntry *forward, *backward;
  g_autoptr (GArray) entries = NULL;
  EidTensor *a, *b, *loss;

  eid_arena_push (test_device);
  a = test_tensor (EID_SHAPE (M, K), 1);
  b = test_tensor (EID_SHAPE (K, N), 2);
  eid_tensor_require_gradient (a);
  eid_tensor_require_gradient (b);
  eid_device_set_profile (test_device, TRUE);
  eid_profile_phase (test_device, "forward");
  loss = eid_sum (eid_matmul (a, FALSE, b, FALSE));
  eid_backward (loss);
  entries = eid_profile_read (test_device);
  g_assert_cmpstr (eid_profile_phase (test_device, ""), ==, "forward");
  eid_device_set_profile (test_device, FALSE);

  forward = find_counted (entries, "forward", "gemm", 1);
  backward = find_counted (entries, "backward", "gemm", 2);
  if (forward && backward)
    {
      g_assert_cmpfloat (forward->work, ==, 2.0 * M * N * K);
      g_assert_cmpfloat (backward->work, ==, 2 * 2.0 * M * N * K);
    }
  eid_arena_pop (test_device);
}

/* What was read is counted no more, and nothing is counted while it is off. */
static void
test_reading (void)
{
  EidTensor *x;

  eid_arena_push (test_device);
  x = test_tensor (EID_SHAPE (N), 1);
  for (guint on = 0; on < 2; on++)
    {
      g_autoptr (GArray) before = NULL, after = NULL;

      eid_device_set_profile (test_device, on);
      eid_relu (x);
      before = eid_profile_read (test_device);
      after = eid_profile_read (test_device);
      g_assert_cmpuint (before->len, ==, on);
      g_assert_cmpuint (after->len, ==, 0);
    }
  eid_device_set_profile (test_device, FALSE);
  eid_arena_pop (test_device);
}

/* More launches than are kept at a time are all counted, and compute what they do without. */
static void
test_many (void)
{
  const guint launches = test_quick ? 100 : 5000;
  g_autoptr (GArray) entries = NULL;
  g_autofree float *got = NULL;
  double expected[N];
  EidTensor *x;

  eid_arena_push (test_device);
  x = eid_zeros (test_device, EID_SHAPE (N));
  eid_device_set_profile (test_device, TRUE);
  for (guint i = 0; i < launches; i++)
    x = eid_add (x, test_tensor (EID_SHAPE (N), 3));
  entries = eid_profile_read (test_device);
  eid_device_set_profile (test_device, FALSE);
  find_counted (entries, "", "elementwise:add", launches);

  got = test_noise (N, 3);
  for (guint i = 0; i < N; i++)
    expected[i] = (double) got[i] * launches;
  g_free (got);
  got = test_read (x);
  test_close ("the sum", got, expected, N, 1e-4);
  eid_arena_pop (test_device);
}

void
add_profile_tests (void)
{
  g_test_add_func ("/engine/profile/phases", test_phases);
  g_test_add_func ("/engine/profile/products", test_products);
  g_test_add_func ("/engine/profile/reading", test_reading);
  g_test_add_func ("/engine/profile/many", test_many);
}
