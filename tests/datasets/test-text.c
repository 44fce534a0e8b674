/* test-text.c: files of text, as characters and as bytes. */
#include "tests/datasets/fixtures.h"

#include <string.h>

#define NAME    "story.txt"
#define CONTEXT 4

typedef struct
{
  char *folder, *file;
  EidDatasetSpec spec;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = fixture_folder ();
  fixture->file = g_build_filename (fixture->folder, NAME, NULL);
  fixture->spec = (EidDatasetSpec){ .reader = "text", .path = fixture->file, .size = CONTEXT };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->file);
  fixture_remove (fixture->folder);
}

static void
write_text (Fixture *fixture, const char *text)
{
  fixture_write (fixture->folder, NAME, text, strlen (text));
}

/* The passages of @dataset begin one after the other in @expected, of tokens as letters from 'a'. */
static void
check_passages (EidDataset *dataset, const char *expected)
{
  gint32 tokens[CONTEXT + 1];

  g_assert_cmpuint (eid_dataset_bytes (dataset), ==, sizeof tokens);
  g_assert_cmpuint (eid_dataset_count (dataset), ==, strlen (expected) - CONTEXT);
  for (guint i = 0; i < eid_dataset_count (dataset); i++)
    {
      g_assert_true (eid_dataset_read (dataset, i, (guint8 *) tokens, NULL));
      for (guint t = 0; t <= CONTEXT; t++)
        g_assert_cmpint (tokens[t], ==, expected[i + t] - 'a');
    }
}

/* Characters are numbered in their order; nine tenths are for training, with the whole vocabulary. */
static void
test_characters (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) train = NULL, test = NULL;
  g_autofree char *where = NULL;

  /* 100 characters, of which è takes two bytes: “bcè” 30 times, then 10 of “A” */
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < 30; i++)
    g_string_append (text, "bcè");
  g_string_append (text, "AAAAAAAAAA");
  write_text (fixture, text->str);

  train = fixture_open (&fixture->spec, "train");
  test = fixture_open (&fixture->spec, "test");
  g_assert_cmpuint (eid_dataset_vocabulary (train), ==, 4);
  g_assert_cmpuint (eid_dataset_vocabulary (test), ==, 4);
  g_assert_cmpuint (eid_dataset_size (train), ==, CONTEXT);
  g_assert_cmpuint (eid_dataset_classes (train), ==, 0);
  check_passages (train, "bcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcd"
                         "bcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcdbcd");
  check_passages (test, "aaaaaaaaaa");
  where = eid_dataset_describe (test, 2);
  g_assert_cmpstr (where, ==, NAME ", character 93");
}

/* What is not UTF-8 is refused, with the byte and its place. */
static void
test_bytes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) latin = g_string_new (NULL);

  for (guint i = 0; i < 20; i++)
    g_string_append (latin, "caf\xe9 ");
  fixture_write (fixture->folder, NAME, latin->str, latin->len);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, NAME, "not UTF-8", "0xe9 at 3",
                   NULL);
  fixture_write (fixture->folder, NAME, "a\0bcdefghijklmnopqrstuvwxyz", 27);
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, NAME, "no text", "0x00 at 1", NULL);
}

/* Batches hold passages of the text, whole. */
static void
test_loader (Fixture *fixture, gconstpointer data)
{
  g_autoptr (EidDataset) train = NULL;
  g_autoptr (EidLoader) loader = NULL;
  const EidBatch *batch;

  write_text (fixture, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
  train = fixture_open (&fixture->spec, "train");
  loader = eid_loader_new (train, 3, 7, 0, 2);
  batch = eid_loader_next (loader, NULL);
  g_assert_nonnull (batch);
  for (guint b = 0; b < 3; b++)
    for (guint t = 0; t <= CONTEXT; t++)
      g_assert_cmpint (((gint32 *) batch->pixels)[b * (CONTEXT + 1) + t], ==, (batch->samples[b] + t) % 26);
}

/* A text shorter than a passage is refused, in the half where it is. */
static void
test_too_short (Fixture *fixture, gconstpointer data)
{
  write_text (fixture, "forty characters make four for testing..");
  fixture_refused (&fixture->spec, "test", EID_DATASET_ERROR_UNREADABLE, NAME, "test", "4", NULL);
}

/* No file, a folder, and no path at all are refused by name. */
static void
test_missing (Fixture *fixture, gconstpointer data)
{
  EidDatasetSpec nowhere = { .reader = "text", .size = CONTEXT };

  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, NAME, "no such file", NULL);
  fixture->spec.path = fixture->folder;
  fixture_refused (&fixture->spec, "train", EID_DATASET_ERROR_UNREADABLE, fixture->folder, "file of text",
                   NULL);
  fixture_refused (&nowhere, "train", EID_DATASET_ERROR_SPEC, "path", NULL);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/datasets/text/characters", test_characters);
  ADD ("/datasets/text/bytes", test_bytes);
  ADD ("/datasets/text/loader", test_loader);
  ADD ("/datasets/text/too-short", test_too_short);
  ADD ("/datasets/text/missing", test_missing);
  return g_test_run ();
}
