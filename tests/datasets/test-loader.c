/* test-loader.c: the order of batches, and what happens to it when pictures
 * are unreadable, threads are many, and runs are resumed or given up. */
#include "tests/datasets/fixtures.h"

#include <string.h>

#define COUNT 23 /* pictures: no multiple of BATCH, and a batch is more than one piece of work */
#define BATCH 10
#define SIDE  4

typedef struct
{
  char *folder;
  EidDataset *dataset;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const guint32 images[] = { COUNT, SIDE, SIDE }, labels[] = { COUNT };
  g_autoptr (GByteArray) image_bytes = fixture_idx (3, images);
  g_autoptr (GByteArray) label_bytes = fixture_idx (1, labels);
  EidDatasetSpec spec = { .reader = "idx" };

  fixture->folder = fixture_folder ();
  fixture_write (fixture->folder, "train-images-idx3-ubyte", image_bytes->data, image_bytes->len);
  fixture_write (fixture->folder, "train-labels-idx1-ubyte", label_bytes->data, label_bytes->len);
  spec.path = fixture->folder;
  fixture->dataset = fixture_open (&spec, "train");
}

/* A folder of COUNT pictures in train, those of @corrupt a text instead. */
static void
set_up_folder (Fixture *fixture, gconstpointer corrupt)
{
  EidDatasetSpec spec = { .reader = "folder", .size = SIDE };

  fixture->folder = fixture_folder ();
  fixture_picture (fixture->folder, "test/0.png", SIDE, SIDE, 0xff);
  for (guint i = 0; i < COUNT; i++)
    {
      g_autofree char *name = g_strdup_printf ("train/%c/%02u.png", i % 2 == 0 ? 'a' : 'b', i);

      if (strchr (corrupt, 'A' + i) != NULL)
        fixture_write (fixture->folder, name, "corrupt", 7);
      else
        fixture_picture (fixture->folder, name, SIDE, SIDE, i << 24 | 0xff);
    }
  spec.path = fixture->folder;
  fixture->dataset = fixture_open (&spec, "train");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  eid_dataset_unref (fixture->dataset);
  fixture_remove (fixture->folder);
}

static const EidBatch *
next (EidLoader *loader)
{
  g_autoptr (GError) error = NULL;
  const EidBatch *batch = eid_loader_next (loader, &error);

  g_assert_no_error (error);
  g_assert_nonnull (batch);
  g_assert_cmpuint (batch->count, ==, BATCH);
  return batch;
}

/* The samples of @steps batches in a row, [steps * BATCH]. */
static GArray *
samples (EidDataset *dataset, guint64 seed, guint64 first, guint steps, guint threads)
{
  g_autoptr (EidLoader) loader = eid_loader_new (dataset, BATCH, seed, first, threads);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint s = 0; s < steps; s++)
    g_array_append_vals (all, next (loader)->samples, BATCH);
  return all;
}

static gboolean
same (GArray *a, guint from, GArray *b)
{
  return memcmp (&g_array_index (a, guint32, from), b->data, b->len * sizeof (guint32)) == 0;
}

/* A batch holds the pixels and the labels of the samples it names. */
static void
test_content (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidLoader) loader = eid_loader_new (fixture->dataset, BATCH, 1, 0, 3);
  const gsize bytes = eid_dataset_channels (fixture->dataset) * SIDE * SIDE;
  guint8 pixels[SIDE * SIDE * 3];

  for (guint s = 0; s < 20; s++)
    {
      const EidBatch *batch = next (loader);

      for (guint b = 0; b < BATCH; b++)
        {
          g_assert_true (eid_dataset_read (fixture->dataset, batch->samples[b], pixels, NULL));
          g_assert_cmpmem (batch->pixels + b * bytes, bytes, pixels, bytes);
          g_assert_cmpint (batch->labels[b], ==, eid_dataset_label (fixture->dataset, batch->samples[b]));
        }
    }
  g_assert_cmpuint (eid_loader_skipped (loader, NULL), ==, 0);
}

/* The same seed gives the same order, another seed another, an epoch another. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) first = samples (fixture->dataset, 5, 0, 23, 2);
  g_autoptr (GArray) again = samples (fixture->dataset, 5, 0, 23, 2);
  g_autoptr (GArray) other = samples (fixture->dataset, 6, 0, 23, 2);

  g_assert_true (same (first, 0, again));
  g_assert_false (same (first, 0, other));
  g_assert_cmpint (memcmp (first->data, first->data + COUNT * sizeof (guint32), COUNT * sizeof (guint32)), !=,
                   0);
}

/* Every sample comes once an epoch. */
static void
test_epochs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) all = samples (fixture->dataset, 5, 0, COUNT, 4);

  for (guint epoch = 0; epoch < BATCH; epoch++)
    {
      guint times[COUNT] = { 0 };

      for (guint i = 0; i < COUNT; i++)
        times[g_array_index (all, guint32, epoch * COUNT + i)]++;
      for (guint i = 0; i < COUNT; i++)
        g_assert_cmpuint (times[i], ==, 1);
    }
}

/* A run resumed at any step sees what an uninterrupted one does. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) all = samples (fixture->dataset, 7, 0, 40, 2);

  for (guint first = 0; first < 37; first++)
    {
      g_autoptr (GArray) rest = samples (fixture->dataset, 7, first, 3, 2);

      g_assert_true (same (all, first * BATCH, rest));
    }
}

/* Far along, too, at once. */
static void
test_far (Fixture *fixture, gconstpointer data)
{
  const guint64 far = G_GUINT64_CONSTANT (1) << 50;
  g_autoptr (GArray) all = samples (fixture->dataset, 7, far, 4, 2);
  g_autoptr (GArray) rest = samples (fixture->dataset, 7, far + 1, 3, 2);

  g_assert_true (same (all, BATCH, rest));
}

/* One thread or many: the same. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) one = samples (fixture->dataset, 9, 3, 50, 1);

  for (guint threads = 0; threads < 9; threads++)
    {
      g_autoptr (GArray) many = samples (fixture->dataset, 9, 3, 50, threads);

      g_assert_true (same (one, 0, many));
    }
}

/* The order of seed 0 never changes: runs of old resume in it. */
static void
test_golden (Fixture *fixture, gconstpointer data)
{
  static const guint32 golden[COUNT] = { 18, 2,  22, 6, 5,  1,  11, 12, 19, 9,  21, 20,
                                         10, 14, 3,  0, 16, 17, 8,  4,  13, 15, 7 };
  g_autoptr (GArray) all = samples (fixture->dataset, 0, 0, 3, 2);

  g_assert_cmpmem (all->data, sizeof golden, golden, sizeof golden);
}

/* Given up at any moment, nothing hangs and no thread stays. */
static void
test_freed (Fixture *fixture, gconstpointer data)
{
  for (guint taken = 0; taken < 8; taken++)
    for (guint round = 0; round < 20; round++)
      {
        g_autoptr (EidLoader) loader = eid_loader_new (fixture->dataset, BATCH, round, 0, 4);

        for (guint s = 0; s < taken; s++)
          next (loader);
      }
}

/* The data set lives as long as its loader. */
static void
test_owned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidLoader) loader = eid_loader_new (fixture->dataset, BATCH, 1, 0, 2);

  eid_dataset_unref (g_steal_pointer (&fixture->dataset));
  for (guint s = 0; s < 10; s++)
    next (loader);
}

/* A corrupt picture is replaced by a readable one, counted once, and
 * named; the rest of the order is as it was. */
static void
test_skipped (Fixture *fixture, gconstpointer corrupt)
{
  g_autoptr (EidLoader) loader = eid_loader_new (fixture->dataset, BATCH, 3, 0, 4);
  const guint bad = strlen (corrupt);
  guint32 first_bad = G_MAXUINT32;
  g_autofree char *first = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;
  guint8 pixels[SIDE * SIDE * 3];

  for (guint step = 0; step < 2 * COUNT; step++)
    {
      const EidBatch *batch = next (loader);

      for (guint b = 0; b < BATCH; b++)
        g_assert_true (eid_dataset_read (fixture->dataset, batch->samples[b], pixels, NULL));
    }
  g_assert_cmpuint (eid_loader_skipped (loader, &first), ==, bad);

  /* What is named is what reading it says. */
  for (guint i = 0; i < COUNT && first_bad == G_MAXUINT32; i++)
    {
      g_clear_error (&error);
      if (!eid_dataset_read (fixture->dataset, i, pixels, &error) && g_strcmp0 (first, error->message) == 0)
        first_bad = i;
    }
  g_assert_cmpuint (first_bad, !=, G_MAXUINT32);
  name = eid_dataset_describe (fixture->dataset, first_bad);
  g_assert_nonnull (strstr (first, name));
}

/* With nothing to read there is an error, and it stays. */
static void
test_nothing (Fixture *fixture, gconstpointer corrupt)
{
  g_autoptr (EidLoader) loader = eid_loader_new (fixture->dataset, BATCH, 3, 0, 4);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (eid_loader_next (loader, &error));
      g_assert_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE);
      fixture_says (error, "None of the 23 pictures");
      fixture_says (error, fixture->folder);
    }
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
#define ADD_FOLDER(path, corrupt, function)                                                                  \
  g_test_add (path, Fixture, corrupt, set_up_folder, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/datasets/loader/content", test_content);
  ADD ("/datasets/loader/order", test_order);
  ADD ("/datasets/loader/epochs", test_epochs);
  ADD ("/datasets/loader/resume", test_resume);
  ADD ("/datasets/loader/far", test_far);
  ADD ("/datasets/loader/threads", test_threads);
  ADD ("/datasets/loader/golden", test_golden);
  ADD ("/datasets/loader/freed", test_freed);
  ADD ("/datasets/loader/owned", test_owned);
  ADD_FOLDER ("/datasets/loader/folder/content", "", test_content);
  ADD_FOLDER ("/datasets/loader/folder/threads", "C", test_threads);
  ADD_FOLDER ("/datasets/loader/folder/one-corrupt", "C", test_skipped);
  ADD_FOLDER ("/datasets/loader/folder/many-corrupt", "ABCGHKVW", test_skipped);
  ADD_FOLDER ("/datasets/loader/folder/freed", "ABC", test_freed);
  ADD_FOLDER ("/datasets/loader/folder/nothing", "ABCDEFGHIJKLMNOPQRSTUVW", test_nothing);
  return g_test_run ();
}
