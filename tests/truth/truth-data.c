/* truth-data.c: how folders and texts are read and what is told of them, as tables: each row is an
 * input and the number or the sentence that is right for it.                 */
#include "app/store/store.h"
#include "tests/truth/truth-help.h"

#include <glib/gstdio.h>
#include <string.h>

#define RED   0xd02020
#define GREEN 0x20d020
#define BLUE  0x2020d0

/* --- Unreadable pictures --------------------------------------------------------------- */

/* A test class of four broken pictures and a good one beside another of five, of which one looks like those
 * of the first: by pixels 5 of the 6 that there are lie beside their like. */
static void
test_broken_pictures_are_left_out (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *data = tiny_path (world, "pictures"), *table = NULL, *file = tiny_path (world, "f.csv");
  g_autofree char *folder = tiny_path (world, "run");
  g_autoptr (EidRun) run = NULL;
  g_autoptr (GPtrArray) events = NULL;
  g_auto (GStrv) rows = NULL;
  guint checkpoint = 0, evaluation = 0;

  truth_write_recipe (world, data);
  truth_write_class (data, "train/a", 12, RED);
  truth_write_class (data, "train/b", 12, GREEN);
  truth_write_class (data, "test/a", 4, RED);
  truth_write_colour (data, "test/a/09.png", GREEN + 64);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *name = g_strdup_printf ("test/b/broken%u.png", i);

      fixture_write (data, name, "no picture", 10);
    }
  truth_write_colour (data, "test/b/good.png", GREEN + 32);
  {
    g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run");

    tiny_assert_status (&trained, 0);
    truth_assert_says (trained.errors, "24 pictures to train on (“train”), 10 to test on (“test”)");
    truth_assert_says (trained.errors, "2 classes: a 12 + 5, b 12 + 5");
    truth_assert_says (trained.errors, "4 pictures cannot be read and are left out");
    for (guint i = 0; i < 4; i++)
      {
        g_autofree char *name = g_strdup_printf ("broken%u.png", i);

        g_assert_cmpuint (truth_count (trained.errors, name), ==, 1);
      }
  }
  {
    g_auto (TinyResult) measured = TINY_RUN (world, "evaluate", "run", "--probe", "knn", "--json");

    tiny_assert_status (&measured, 0);
    g_assert_cmpfloat_with_epsilon (truth_number_in (measured.output, "knn_pixels"), 5 / 6.0, 1e-9);
  }
  {
    g_auto (TinyResult) embedded = TINY_RUN (world, "embed", "run", "--output", "f.csv", "--json");

    tiny_assert_status (&embedded, 0);
    g_assert_cmpfloat (truth_number_in (embedded.output, "pictures"), ==, 6);
    g_assert_cmpfloat (truth_number_in (embedded.output, "left_out"), ==, 4);
  }
  g_assert_true (g_file_get_contents (file, &table, NULL, NULL));
  rows = g_strsplit (g_strchomp (table), "\n", -1);
  g_assert_cmpuint (g_strv_length (rows), ==, 7);
  for (guint i = 1; i < 7; i++)
    truth_assert_says (rows[i], i < 6 ? "/a/" : "/b/good.png\",\"b\"");

  /* What was trained is on the disk before it is measured. */
  run = eid_run_open (folder, FALSE, NULL);
  events = eid_run_events (run, NULL);
  for (guint i = 0; i < events->len; i++)
    {
      const EidEvent *event = events->pdata[i];

      if (g_str_equal (event->kind, "checkpoint") && checkpoint == 0)
        checkpoint = i + 1;
      if (g_str_equal (event->kind, "evaluation") && evaluation == 0)
        evaluation = i + 1;
    }
  g_assert_cmpuint (checkpoint, >, 0);
  g_assert_cmpuint (evaluation, >, checkpoint);
  tiny_world_free (world);
}

/* Seventy in a row, of training and of test pictures, end no run. */
static void
test_many_broken_pictures_end_no_run (void)
{
  static const char *const halves[] = { "train", "test" };

  for (guint h = 0; h < G_N_ELEMENTS (halves); h++)
    {
      TinyWorld *world = tiny_world_new ();
      g_autofree char *data = tiny_path (world, "pictures");
      g_auto (TinyResult) trained = { 0 };

      truth_write_recipe (world, data);
      truth_write_class (data, "train/b", 12, GREEN);
      truth_write_class (data, "train/c", 12, BLUE);
      truth_write_class (data, "test/b", 4, GREEN);
      truth_write_class (data, "test/c", 4, BLUE);
      for (guint i = 0; i < 70; i++)
        {
          g_autofree char *name = g_strdup_printf ("%s/a/%02u.png", halves[h], i);

          fixture_write (data, name, "x", 1);
        }
      trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run");
      tiny_assert_status (&trained, 0);
      if (h == 1) /* all of it is measured; of the other half what was drawn so far is known */
        truth_assert_says (trained.errors, "70 pictures cannot be read");
      truth_assert_says (trained.errors, "cannot be read and are left out");
      truth_assert_says (trained.errors, "nearest neighbours");
      tiny_world_free (world);
    }
}

/* --- Other files -------------------------------------------------------------------------- */

/* What cannot be read is told with its count and class. DICOM and OpenEXR are none that gdk-pixbuf reads. */
static void
test_other_files_are_told_of (void)
{
  static const struct
  {
    const char *name, *bytes;
    gsize length;
    const char *told;
  } rows[] = {
    { "dog/a.exr", "\x76\x2f\x31\x01....", 8, "OpenEXR in “dog”" },
    { "dog/b.jpg.bak", "\x76\x2f\x31\x01....", 8, "OpenEXR in “dog”" },
    { "cat/notes.txt", "a word", 6, ".txt in “cat”" },
    { "README", "a word", 6, "without an ending" },
  };
  char *folder = fixture_folder ();
  const EidDatasetSpec spec = { .reader = "folder", .path = folder, .size = 8 };
  g_autoptr (EidDataset) train = NULL;
  const char *note;

  truth_write_class (folder, "cat", 6, RED);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fixture_write (folder, rows[i].name, rows[i].bytes, rows[i].length);
  train = fixture_open (&spec, "train");
  note = g_ptr_array_index (eid_dataset_notes (train), eid_dataset_notes (train)->len - 1);
  truth_assert_says (note, "4 files are left out");
  truth_assert_says (note, "2 × OpenEXR in “dog”");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    truth_assert_says (note, rows[i].told);
  fixture_remove (folder);
}

/* --- Folders ------------------------------------------------------------------------------ */

/* Folders, by their pictures' places with how many there are; then what they are. */
static const struct
{
  const char *places; /* "FOLDER:COUNT …" */
  guint train, test;
  const char *classes; /* "cat dog"; "": none */
  const char *tested;  /* the folder that is tested on; NULL: none of its own */
  const char *told;    /* or NULL */
} layouts[] = {
  { "Train/cat:3 Train/dog:3 Test/cat:2 Test/dog:1", 6, 3, "cat dog", "Test", NULL },
  { "training/cat:3 training/dog:3 validation/cat:2", 6, 2, "cat dog", "validation", NULL },
  { "TRAIN/cat:3 VALID/cat:2 VALID/dog:2", 3, 4, "cat dog", "VALID", NULL },
  { "train_set/cat:3 test_set/cat:2 test_set/dog:2", 3, 4, "cat dog", "test_set", NULL },
  { "train2017:4 val2017:2", 4, 2, "", "val2017", NULL },
  { "images/cat:10 images/dog:10", 18, 2, "cat dog", NULL, "“images”" },
  { "data/images/cat:10 data/images/dog:10", 18, 2, "cat dog", NULL, "“images”" },
  { "set/train/cat:2 set/train/dog:2 set/test/cat:1", 4, 1, "cat dog", "test", "“set”" },
  { "train/images/cat:2 train/images/dog:2 test/images/cat:1 test/images/dog:1", 4, 2, "cat dog", "test",
    NULL },
  { "images/train:4 images/val:2", 4, 2, "", "val", NULL },
  { "cat/train:3 dog/train:2 cat/test:1 dog/test:2", 5, 3, "cat dog", "test", NULL },
  { "train/cat:3 train/dog:3 test:4 val/cat:1 val/dog:1", 6, 2, "cat dog", "val",
    "The pictures in “test” have no classes" },
  { "train/cat:3 train/dog:3 test/cat:2 val/cat:1", 6, 2, "cat dog", "test",
    "1 picture in “val” is left out" },
  { "train/cat:10 train/dog:10", 18, 2, "cat dog", NULL, "none for testing" },
  { "train:10 car:10 plane:10", 27, 3, "car plane train", NULL, NULL },
  { "photos:20", 18, 2, "", NULL, "“photos”" },
};

static void
write_places (const char *folder, const char *places)
{
  g_auto (GStrv) all = g_strsplit (places, " ", -1);

  for (guint i = 0; all[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (all[i], ":", 2);

      truth_write_class (folder, parts[0], (guint) g_ascii_strtoull (parts[1], NULL, 10), RED);
    }
}

/* The command and the window read a folder in the same way. */
static void
test_folders_are_understood (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (layouts); r++)
    {
      char *folder = fixture_folder ();
      EidDatasetSpec spec = { .reader = "folder", .path = folder, .size = 8 };
      g_autoptr (GString) classes = g_string_new (NULL), notes = g_string_new (NULL);
      g_autofree char *surveyed = NULL;
      g_autoptr (EidDataset) train = NULL, test = NULL, again = NULL;
      g_autoptr (EidSurvey) survey = NULL;

      g_test_message ("%s", layouts[r].places);
      write_places (folder, layouts[r].places);
      train = fixture_open (&spec, "train");
      test = fixture_open (&spec, "test");
      survey = eid_dataset_survey (folder, NULL);
      g_assert_nonnull (survey);
      surveyed = g_strjoinv (" ", survey->classes);
      for (guint c = 0; c < eid_dataset_classes (train); c++)
        g_string_append_printf (classes, "%s%s", c > 0 ? " " : "", eid_dataset_class_name (train, c));
      for (guint i = 0; i < eid_dataset_notes (train)->len; i++)
        g_string_append_printf (notes, "%s\n", (char *) eid_dataset_notes (train)->pdata[i]);

      g_assert_cmpuint (eid_dataset_count (train), ==, layouts[r].train);
      g_assert_cmpuint (eid_dataset_count (test), ==, layouts[r].test);
      g_assert_cmpstr (classes->str, ==, layouts[r].classes);
      g_assert_cmpstr (eid_dataset_folder (test), ==, layouts[r].tested);
      if (layouts[r].told != NULL)
        truth_assert_says (notes->str, layouts[r].told);

      g_assert_cmpuint (survey->count, ==, layouts[r].train + layouts[r].test);
      g_assert_cmpstr (surveyed, ==, layouts[r].classes);
      spec.path = survey->path;
      again = fixture_open (&spec, "train");
      g_assert_cmpuint (eid_dataset_count (again), ==, layouts[r].train);
      g_assert_cmpuint (eid_dataset_classes (again), ==, eid_dataset_classes (train));
      fixture_remove (folder);
    }
}

/* --- No probe, and other data than before ------------------------------------------------------ */

/* Of one class, and without any, there is a sentence and no number. */
static void
test_no_probe_is_a_sentence (void)
{
  static const struct
  {
    const char *places, *sentence;
  } rows[] = {
    { "train/cat:12 test/cat:4", "of one class alone, “cat”" },
    { "train:12 test:4", "none of the pictures to train on has a label" },
  };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      TinyWorld *world = tiny_world_new ();
      g_autofree char *data = tiny_path (world, "pictures");

      truth_write_recipe (world, data);
      write_places (data, rows[r].places);
      if (r == 0) /* one folder alone would be no class */
        fixture_write (data, "train/dog/a.exr", "\x76\x2f\x31\x01....", 8);
      if (r == 0)
        truth_write_colour (data, "test/dog/00.png", BLUE);
      {
        g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run");

        tiny_assert_status (&trained, 0);
        truth_assert_says (trained.errors, rows[r].sentence);
        g_assert_null (strstr (trained.errors, "nearest neighbours"));
      }
      {
        g_auto (TinyResult) measured = TINY_RUN (world, "evaluate", "run");

        tiny_assert_status (&measured, 0);
        truth_assert_says (measured.output, rows[r].sentence);
        g_assert_null (strstr (measured.output, "%"));
      }
      {
        g_auto (TinyResult) tuned = TINY_RUN (world, "evaluate", "run", "--probe", "finetune");

        tiny_assert_status (&tuned, 2);
        truth_assert_says (tuned.errors, rows[r].sentence);
        g_assert_cmpstr (tuned.output, ==, "");
      }
      tiny_world_free (world);
    }
}

/* A resumed run knows what its data were, and its recipe.ini what its steps are. */
static void
test_resumed_run_compares (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *data = tiny_path (world, "pictures"), *one = tiny_path (world, "pictures/ox/00.png");
  g_autofree char *class = tiny_path (world, "pictures/ox"), *away = tiny_path (world, "ox");
  g_autofree char *recipe = tiny_path (world, "run/recipe.ini"), *text = NULL;

  truth_write_recipe (world, data);
  write_places (data, "cat:12 dog:12 ox:12");
  {
    g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--set",
                                            "Run.batch=64", "--set", "Optimizer.warmup=5");

    tiny_assert_status (&trained, 0);
    truth_assert_says (trained.errors, "The batch of 64 is larger than the 32 there are to train on");
    truth_assert_says (trained.errors, "The warm-up of 5 steps is as long as the run of 2 or longer");
  }
  g_assert_cmpint (g_remove (one), ==, 0);
  {
    g_auto (TinyResult) resumed = TINY_RUN (world, "train", "--resume", "run", "--steps", "4");

    tiny_assert_status (&resumed, 0);
    truth_assert_says (resumed.errors, "the data have changed since the run’s last checkpoint");
    truth_assert_says (resumed.errors, "The run ends at step 4 instead of 2");
    g_assert_true (g_file_get_contents (recipe, &text, NULL, NULL));
    truth_assert_says (text, "\nsteps=4\n");
  }
  g_assert_cmpint (g_rename (class, away), ==, 0);
  {
    g_auto (TinyResult) resumed = TINY_RUN (world, "train", "--resume", "run", "--steps", "6");

    tiny_assert_status (&resumed, 1);
    truth_assert_says (resumed.errors, "Of the classes then, these are gone: “ox”");
    truth_assert_says (resumed.errors, "or begin a new run");
  }
  {
    g_auto (TinyResult) measured = TINY_RUN (world, "evaluate", "run", "--probe", "knn");

    tiny_assert_status (&measured, 0);
    truth_assert_says (measured.errors, "Of the classes then, these are gone: “ox”");
  }
  tiny_world_free (world);
}

/* --- Texts ---------------------------------------------------------------------------------------- */

/* Files of text: @bytes 40 times, then @end; characters of both halves, or what is said. */
static const struct
{
  const char *begin, *bytes, *end;
  gsize length, end_length;
  guint characters, vocabulary;
  const char *refused;
} texts[] = {
  { "", "äö", "", 4, 0, 80, 2, NULL },
  { "", "äö", "\xc3", 4, 1, 80, 2, NULL },                 /* a character of two bytes, cut */
  { "", "€", "\xe2\x82", 3, 2, 40, 1, NULL },              /* of three */
  { "", "ab", "\xf0\x9f\x98", 2, 3, 80, 2, NULL },         /* of four */
  { "\xef\xbb\xbf", "äö", "", 4, 0, 80, 2, NULL },         /* the mark is no character */
  { "\xff\xfe", "a\0b\0", "", 4, 0, 80, 2, NULL },         /* UTF-16 */
  { "\xfe\xff", "\0a\0b", "\0", 4, 1, 80, 2, NULL },       /* the other way round, and half a character */
  { "\xff\xfe", "a\0b\0", "\x3d\xd8", 4, 2, 80, 2, NULL }, /* half a pair */
  { "", "caf\xe9 ", "", 5, 0, 0, 0, "not UTF-8" },         /* Latin-1 */
  { "", "abc", "\xe4", 3, 1, 120, 3, NULL },               /* what a cut UTF-8 character may begin with */
  { "", "ab\xff", "", 3, 0, 0, 0, "0xff at 2" },
  { "\xff\xfe", "\0\xdc", "", 2, 0, 0, 0, "UTF-16" }, /* second halves alone */
};

static void
test_texts_are_read_as_unicode (void)
{
  char *folder = fixture_folder ();
  g_autofree char *file = g_build_filename (folder, "t.txt", NULL);
  const EidDatasetSpec spec = { .reader = "text", .path = file, .size = 2 };

  for (guint r = 0; r < G_N_ELEMENTS (texts); r++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      g_test_message ("row %u", r);
      g_byte_array_append (bytes, (const guint8 *) texts[r].begin, (guint) strlen (texts[r].begin));
      for (guint i = 0; i < 40; i++)
        g_byte_array_append (bytes, (const guint8 *) texts[r].bytes, (guint) texts[r].length);
      g_byte_array_append (bytes, (const guint8 *) texts[r].end, (guint) texts[r].end_length);
      fixture_write (folder, "t.txt", bytes->data, bytes->len);
      if (texts[r].refused != NULL)
        fixture_refused (&spec, "train", EID_DATASET_ERROR_UNREADABLE, "t.txt", texts[r].refused, NULL);
      else
        {
          g_autoptr (EidDataset) train = fixture_open (&spec, "train");
          g_autoptr (EidDataset) test = fixture_open (&spec, "test");

          g_assert_cmpuint (eid_dataset_count (train) + eid_dataset_count (test) + 4, ==,
                            texts[r].characters);
          g_assert_cmpuint (eid_dataset_vocabulary (train), ==, texts[r].vocabulary);
        }
    }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/truth/data/broken-pictures-are-left-out", test_broken_pictures_are_left_out);
  g_test_add_func ("/truth/data/many-broken-pictures-end-no-run", test_many_broken_pictures_end_no_run);
  g_test_add_func ("/truth/data/other-files-are-told-of", test_other_files_are_told_of);
  g_test_add_func ("/truth/data/folders-are-understood", test_folders_are_understood);
  g_test_add_func ("/truth/data/no-probe-is-a-sentence", test_no_probe_is_a_sentence);
  g_test_add_func ("/truth/data/resumed-run-compares", test_resumed_run_compares);
  g_test_add_func ("/truth/data/texts-are-read-as-unicode", test_texts_are_read_as_unicode);
  return g_test_run ();
}
