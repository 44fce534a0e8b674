/* test-noise.c: pictures that are made up. */
#include "tests/datasets/fixtures.h"

#include <string.h>

#define SIDE  9
#define BYTES (SIDE * SIDE * 3)

static EidDataset *
open_half (const char *half)
{
  const EidDatasetSpec spec = { .reader = "noise", .path = "/not/there", .size = SIDE };
  g_autoptr (GError) error = NULL;
  EidDataset *dataset = eid_dataset_open (&spec, half, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (eid_dataset_size (dataset), ==, SIDE);
  g_assert_cmpuint (eid_dataset_channels (dataset), ==, 3);
  g_assert_cmpuint (eid_dataset_classes (dataset), ==, 0);
  return dataset;
}

/* A picture is the same whenever it is read, other than its neighbour, and other than the one of that
 * number in the other half. */
static void
test_pictures (void)
{
  g_autoptr (EidDataset) train = open_half ("train");
  g_autoptr (EidDataset) test = open_half ("test");
  guint8 first[BYTES], again[BYTES], next[BYTES], other[BYTES];

  g_assert_true (eid_dataset_read (train, 7, first, NULL));
  g_assert_true (eid_dataset_read (train, 8, next, NULL));
  g_assert_true (eid_dataset_read (train, 7, again, NULL));
  g_assert_true (eid_dataset_read (test, 7, other, NULL));
  g_assert_cmpmem (first, BYTES, again, BYTES);
  g_assert_true (memcmp (first, next, BYTES) != 0);
  g_assert_true (memcmp (first, other, BYTES) != 0);
}

/* Values of all brightnesses, of which the mean is in the middle. */
static void
test_values (void)
{
  g_autoptr (EidDataset) train = open_half ("train");
  guint8 pixels[BYTES];
  guint64 sum = 0;
  guint low = 255, high = 0;

  for (guint i = 0; i < 64; i++)
    {
      g_assert_true (eid_dataset_read (train, i, pixels, NULL));
      for (guint k = 0; k < BYTES; k++)
        {
          sum += pixels[k];
          low = MIN (low, pixels[k]);
          high = MAX (high, pixels[k]);
        }
    }
  g_assert_cmpuint (low, ==, 0);
  g_assert_cmpuint (high, ==, 255);
  g_assert_cmpuint (sum / (64 * BYTES), >=, 124);
  g_assert_cmpuint (sum / (64 * BYTES), <=, 131);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/datasets/noise/pictures", test_pictures);
  g_test_add_func ("/datasets/noise/values", test_values);
  return g_test_run ();
}
