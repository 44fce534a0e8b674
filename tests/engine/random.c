/* random.c: the generator against the known answers of its authors, and what
 * the streams promise.
 */
#include "tests/engine/device.h"
#include "tests/engine/engine.h"

#include <math.h>
#include <string.h>

/* Philox4x32-10 as Salmon et al. 2011 state it, for one block. */
static void
philox (const guint32 key[2], const guint32 counter[4], guint32 out[4])
{
  guint32 k[2] = { key[0], key[1] }, c[4];
  memcpy (c, counter, sizeof c);

  for (guint round = 0; round < 10; round++)
    {
      guint64 a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
      guint32 next[4] = { (guint32) (b >> 32) ^ c[1] ^ k[0], (guint32) b, (guint32) (a >> 32) ^ c[3] ^ k[1],
                          (guint32) a };
      memcpy (c, next, sizeof c);
      k[0] += 0x9E3779B9u;
      k[1] += 0xBB67AE85u;
    }
  memcpy (out, c, sizeof c);
}

/* kat_vectors of Random123: counter, key, answer. */
static const struct
{
  guint32 counter[4], key[2], answer[4];
} known_answers[] = {
  { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
  { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
    { 0xffffffff, 0xffffffff },
    { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
  { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
    { 0xa4093822, 0x299f31d0 },
    { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

static void
test_known_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_answers); i++)
    {
      EidRandom random;
      eid_random_init (&random, 0, 0, 0, 0);
      memcpy (random.key, known_answers[i].key, sizeof random.key);
      memcpy (random.counter, known_answers[i].counter, sizeof random.counter);
      for (guint word = 0; word < 4; word++)
        g_assert_cmphex (eid_random_bits (&random), ==, known_answers[i].answer[word]);
    }
}

/* The file's own Philox, which device results are compared with, is right. */
static void
test_reference_is_philox (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known_answers); i++)
    {
      guint32 out[4];
      philox (known_answers[i].key, known_answers[i].counter, out);
      g_assert_cmpmem (out, sizeof out, known_answers[i].answer, sizeof out);
    }
}

static void
test_a_stream_is_its_name (void)
{
  static const guint32 names[][4] = {
    /* seed, step, sample, stream: each differs from the first in one of them */
    { 7, 1, 2, 3 }, { 8, 1, 2, 3 }, { 7, 2, 2, 3 }, { 7, 1, 3, 3 }, { 7, 1, 2, 4 },
  };
  guint32 drawn[G_N_ELEMENTS (names)][10];

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      EidRandom a, b;
      eid_random_init (&a, names[i][0], names[i][1], names[i][2], names[i][3]);
      eid_random_init (&b, names[i][0], names[i][1], names[i][2], names[i][3]);
      for (guint draw = 0; draw < 10; draw++)
        {
          drawn[i][draw] = eid_random_bits (&a);
          g_assert_cmphex (eid_random_bits (&b), ==, drawn[i][draw]);
        }
      for (guint before = 0; before < i; before++)
        g_assert_cmpint (memcmp (drawn[i], drawn[before], sizeof drawn[i]), !=, 0);
    }

  EidRandom high, low;
  eid_random_init (&high, 7 + (1ull << 32), 1, 2, 3);
  eid_random_init (&low, 7, 1, 2, 3);
  g_assert_cmphex (eid_random_bits (&high), !=, eid_random_bits (&low));
}

/* Mean and variance within five standard errors of @n draws. */
static void
check_moments (const char *what, const double *x, guint n, double mean, double variance)
{
  double m = 0, v = 0;
  for (guint i = 0; i < n; i++)
    m += x[i] / n;
  for (guint i = 0; i < n; i++)
    v += (x[i] - m) * (x[i] - m) / n;
  if (fabs (m - mean) > 5 * sqrt (variance / n))
    test_complain ("%s: mean %g, expected %g", what, m, mean);
  if (fabs (v - variance) > 5 * variance * sqrt (2.0 / n))
    test_complain ("%s: variance %g, expected %g", what, v, variance);
}

static void
test_distributions (void)
{
  enum
  {
    DRAWS = 20000
  };
  g_autofree double *flat = g_new (double, DRAWS), *normal = g_new (double, DRAWS);
  guint seen[7] = { 0 };
  EidRandom random;

  eid_random_init (&random, 1, 2, 3, 4);
  for (guint i = 0; i < DRAWS; i++)
    {
      flat[i] = eid_random_float (&random);
      g_assert_cmpfloat (flat[i], >=, 0);
      g_assert_cmpfloat (flat[i], <, 1);

      float value = eid_random_range (&random, -3, 5);
      g_assert_cmpfloat (value, >=, -3);
      g_assert_cmpfloat (value, <=, 5);

      guint below = eid_random_below (&random, 7);
      g_assert_cmpuint (below, <, 7);
      seen[below]++;

      normal[i] = eid_random_normal (&random);
      g_assert_true (isfinite (normal[i]));
      g_assert_cmpuint (eid_random_below (&random, 1), ==, 0);
    }
  check_moments ("uniform", flat, DRAWS, 0.5, 1.0 / 12);
  check_moments ("normal", normal, DRAWS, 0, 1);
  for (guint i = 0; i < 7; i++)
    if (fabs (seen[i] - DRAWS / 7.0) > 5 * sqrt (DRAWS / 7.0))
      test_complain ("%u of %d draws below 7 are %u", seen[i], (int) DRAWS, i);
}

static void
test_shuffle_is_a_permutation (void)
{
  enum
  {
    N = 101
  };
  guint32 values[N];
  guint first[3] = { 0 }, moved = 0;
  gboolean seen[N] = { FALSE };
  EidRandom random;

  eid_random_init (&random, 5, 0, 0, 0);
  for (guint i = 0; i < N; i++)
    values[i] = i;
  eid_random_shuffle (&random, values, N);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (values[i], <, N);
      g_assert_false (seen[values[i]]);
      seen[values[i]] = TRUE;
      moved += values[i] != i;
    }
  g_assert_cmpuint (moved, >, N / 2);
  eid_random_shuffle (&random, values, 1);
  eid_random_shuffle (&random, values, 0);

  /* Every element is as likely to come first. */
  for (guint i = 0; i < 3000; i++)
    {
      guint32 three[3] = { 0, 1, 2 };
      eid_random_shuffle (&random, three, 3);
      first[three[0]]++;
    }
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (first[i] > 850 && first[i] < 1150, ==, TRUE);
}

/* Block i of the device is Philox at counter (i, 0, key[2], key[3]), of which
 * the upper 24 bits of each word count, as eid_random_float() takes them.     */
static void
test_uniform_is_philox (void)
{
  const guint32 key[4] = { 0xa4093822, 0x299f31d0, 0x13198a2e, 0x03707344 };
  guint count = 1023;

  eid_arena_push (test_device);
  g_autofree float *got = test_read (eid_uniform (test_device, EID_SHAPE (count), key));
  for (guint i = 0; i < count; i++)
    {
      const guint32 counter[4] = { i / 4, 0, key[2], key[3] };
      guint32 words[4];
      philox (key, counter, words);
      g_assert_cmpfloat (got[i], ==, (float) (words[i % 4] >> 8) / (1 << 24));
    }
  test_device_is_well ();
  eid_arena_pop (test_device);
}

static void
test_uniform_is_a_function_of_its_key (void)
{
  const guint32 keys[2][4] = { { 1, 2, 3, 4 }, { 1, 2, 3, 5 } };
  EidShape shape = EID_SHAPE (13, 31);
  guint count = 13 * 31;

  eid_arena_push (test_device);
  g_autofree float *first = test_read (eid_uniform (test_device, shape, keys[0]));
  g_autofree float *again = test_read (eid_uniform (test_device, shape, keys[0]));
  g_autofree float *other = test_read (eid_uniform (test_device, shape, keys[1]));
  g_autofree float *longer = test_read (eid_uniform (test_device, EID_SHAPE (1000), keys[0]));
  g_autofree double *values = g_new (double, 1000);

  g_assert_cmpmem (first, count * sizeof (float), again, count * sizeof (float));
  g_assert_cmpmem (first, count * sizeof (float), longer, count * sizeof (float));
  g_assert_cmpint (memcmp (first, other, count * sizeof (float)), !=, 0);
  for (guint i = 0; i < 1000; i++)
    {
      g_assert_true (longer[i] >= 0 && longer[i] < 1);
      values[i] = longer[i];
    }
  check_moments ("eid_uniform", values, 1000, 0.5, 1.0 / 12);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

void
add_random_tests (void)
{
  g_test_add_func ("/engine/random/known-answers", test_known_answers);
  g_test_add_func ("/engine/random/reference-is-philox", test_reference_is_philox);
  g_test_add_func ("/engine/random/a-stream-is-its-name", test_a_stream_is_its_name);
  g_test_add_func ("/engine/random/distributions", test_distributions);
  g_test_add_func ("/engine/random/shuffle-is-a-permutation", test_shuffle_is_a_permutation);
  g_test_add_func ("/engine/random/uniform-is-philox", test_uniform_is_philox);
  g_test_add_func ("/engine/random/uniform-is-a-function-of-its-key", test_uniform_is_a_function_of_its_key);
}
