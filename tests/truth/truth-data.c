/* truth-data.c: what is read of data and what is told of them, as tables: each row is an
 * input and the number or the sentence that is right for it.                 */
#include "store.h"
#include "tiny.h"
#include "truth-pictures.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define RED   0xd02020
#define GREEN 0x20d020
#define BLUE  0x2020d0

/* --- Help --------------------------------------------------------------------------- */

static void
assert_says (const char *text, const char *words)
{
  if (strstr (text, words) == NULL)
    g_test_message ("“%s” is not said in:\n%s", words, text);
  g_assert_nonnull (strstr (text, words));
}

static guint
times (const char *text, const char *words)
{
  guint count = 0;

  for (const char *at = text; (at = strstr (at, words)) != NULL; at += strlen (words))
    count++;
  return count;
}

/* @count pictures FOLDER/00.png … of one colour. */
static void
write_class (const char *folder, const char *class, guint count, guint32 rgb)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%02u.png", class, i);

      truth_write_colour (folder, name, rgb + i);
    }
}

/* A recipe of two steps on FOLDER/data, as WORLD/NAME.ini. */
static void
write_recipe (TinyWorld *world, const char *data)
{
  g_autofree char *text = g_strdup_printf (
      "[Run]\nsteps = 2\nbatch = 8\nseed = 3\nmoments = 0\nprecision = f32\n[Dataset]\nreader = folder\n"
      "path = %s\nsize = 16\n[Encoder]\nplugin = vit\npatch = 4\nwidth = 16\ndepth = 1\nheads = 2\n"
      "[Objective]\nplugin = mae\ndecoder-width = 8\ndecoder-depth = 1\ndecoder-heads = 2\n[Optimizer]\n"
      "warmup = 1\n[Evaluate]\nprobe-epochs = 2\nknn-k = 1\n",
      data);

  g_assert_true (g_file_set_contents (world->recipe, text, -1, NULL));
}

static double
number_in (const char *json, const char *key)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  g_assert_nonnull (node);
  return json_object_get_double_member_with_default (json_node_get_object (node), key, -1);
}

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

  write_recipe (world, data);
  write_class (data, "train/a", 12, RED);
  write_class (data, "train/b", 12, GREEN);
  write_class (data, "test/a", 4, RED);
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
    assert_says (trained.errors, "24 pictures to train on (“train”), 10 to test on (“test”)");
    assert_says (trained.errors, "2 classes: a 12 + 5, b 12 + 5");
    assert_says (trained.errors, "4 pictures cannot be read and are left out");
    for (guint i = 0; i < 4; i++)
      {
        g_autofree char *name = g_strdup_printf ("broken%u.png", i);

        g_assert_cmpuint (times (trained.errors, name), ==, 1);
      }
  }
  {
    g_auto (TinyResult) measured = TINY_RUN (world, "evaluate", "run", "--probe", "knn", "--json");

    tiny_assert_status (&measured, 0);
    g_assert_cmpfloat_with_epsilon (number_in (measured.output, "knn_pixels"), 5 / 6.0, 1e-9);
  }
  {
    g_auto (TinyResult) embedded = TINY_RUN (world, "embed", "run", "--output", "f.csv", "--json");

    tiny_assert_status (&embedded, 0);
    g_assert_cmpfloat (number_in (embedded.output, "pictures"), ==, 6);
    g_assert_cmpfloat (number_in (embedded.output, "left_out"), ==, 4);
  }
  g_assert_true (g_file_get_contents (file, &table, NULL, NULL));
  rows = g_strsplit (g_strchomp (table), "\n", -1);
  g_assert_cmpuint (g_strv_length (rows), ==, 7);
  for (guint i = 1; i < 7; i++)
    assert_says (rows[i], i < 6 ? "/a/" : "/b/good.png\",\"b\"");

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

      write_recipe (world, data);
      write_class (data, "train/b", 12, GREEN);
      write_class (data, "train/c", 12, BLUE);
      write_class (data, "test/b", 4, GREEN);
      write_class (data, "test/c", 4, BLUE);
      for (guint i = 0; i < 70; i++)
        {
          g_autofree char *name = g_strdup_printf ("%s/a/%02u.png", halves[h], i);

          fixture_write (data, name, "x", 1);
        }
      trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run");
      tiny_assert_status (&trained, 0);
      if (h == 1) /* all of it is measured; of the other half what was drawn so far is known */
        assert_says (trained.errors, "70 pictures cannot be read");
      assert_says (trained.errors, "cannot be read and are left out");
      assert_says (trained.errors, "nearest neighbours");
      tiny_world_free (world);
    }
}

/* --- Formats ---------------------------------------------------------------------------- */

/* Each format that gdk-pixbuf itself brings along is read, under any name. */
static void
test_formats_are_read_by_content (void)
{
  static const char *const endings[] = { "png", "jpg", "bmp", "tiff", "gif", "ppm" };
  static const char *const names[] = { "plain.%s", "PICTURE.%s.JFIF", "wrong.%s.dat" };
  char *folder = fixture_folder ();
  guint count = 0;

  for (guint e = 0; e < G_N_ELEMENTS (endings); e++)
    for (guint n = 0; n < G_N_ELEMENTS (names); n++)
      {
        g_auto (GStrv) parts = g_strsplit (names[n], "%s", 2);
        g_autofree char *name = g_strconcat (endings[e], "/", parts[0], endings[e], parts[1], NULL);
        g_autofree char *plain = g_strconcat (endings[e], "/made.", endings[e], NULL);
        g_autofree char *from = g_build_filename (folder, plain, NULL);
        g_autofree char *file = g_build_filename (folder, name, NULL);
        guint8 pixels[8 * 8 * 3];
        g_autoptr (GError) error = NULL;

        truth_write_colour (folder, plain, 0x40c080);
        g_assert_cmpint (g_rename (from, file), ==, 0);
        g_assert_true (eid_picture_load (file, 8, 3, pixels, &error));
        g_assert_no_error (error);
        g_assert_cmpint (ABS (pixels[0] - 0x40) + ABS (pixels[1] - 0xc0) + ABS (pixels[2] - 0x80), <=, 6);
        count++;
      }
  {
    const EidDatasetSpec spec = { .reader = "folder", .path = folder, .size = 8 };
    g_autoptr (EidDataset) train = fixture_open (&spec, "train");
    g_autoptr (EidDataset) test = fixture_open (&spec, "test");

    g_assert_cmpuint (eid_dataset_count (train) + eid_dataset_count (test), ==, count);
    g_assert_cmpuint (eid_dataset_classes (train), ==, G_N_ELEMENTS (endings));
    g_assert_cmpuint (eid_dataset_notes (train)->len, ==, 0);
  }
  fixture_remove (folder);
}

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

  write_class (folder, "cat", 6, RED);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    fixture_write (folder, rows[i].name, rows[i].bytes, rows[i].length);
  train = fixture_open (&spec, "train");
  note = g_ptr_array_index (eid_dataset_notes (train), eid_dataset_notes (train)->len - 1);
  assert_says (note, "4 files are left out");
  assert_says (note, "2 × OpenEXR in “dog”");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_says (note, rows[i].told);
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

      write_class (folder, parts[0], (guint) g_ascii_strtoull (parts[1], NULL, 10), RED);
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
        assert_says (notes->str, layouts[r].told);

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

      write_recipe (world, data);
      write_places (data, rows[r].places);
      if (r == 0) /* one folder alone would be no class */
        fixture_write (data, "train/dog/a.exr", "\x76\x2f\x31\x01....", 8);
      if (r == 0)
        truth_write_colour (data, "test/dog/00.png", BLUE);
      {
        g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run");

        tiny_assert_status (&trained, 0);
        assert_says (trained.errors, rows[r].sentence);
        g_assert_null (strstr (trained.errors, "nearest neighbours"));
      }
      {
        g_auto (TinyResult) measured = TINY_RUN (world, "evaluate", "run");

        tiny_assert_status (&measured, 0);
        assert_says (measured.output, rows[r].sentence);
        g_assert_null (strstr (measured.output, "%"));
      }
      {
        g_auto (TinyResult) tuned = TINY_RUN (world, "evaluate", "run", "--probe", "finetune");

        tiny_assert_status (&tuned, 2);
        assert_says (tuned.errors, rows[r].sentence);
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

  write_recipe (world, data);
  write_places (data, "cat:12 dog:12 ox:12");
  {
    g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--set",
                                            "Run.batch=64", "--set", "Optimizer.warmup=5");

    tiny_assert_status (&trained, 0);
    assert_says (trained.errors, "The batch of 64 is larger than the 32 there are to train on");
    assert_says (trained.errors, "The warm-up of 5 steps is as long as the run of 2 or longer");
  }
  g_assert_cmpint (g_remove (one), ==, 0);
  {
    g_auto (TinyResult) resumed = TINY_RUN (world, "train", "--resume", "run", "--steps", "4");

    tiny_assert_status (&resumed, 0);
    assert_says (resumed.errors, "the data have changed since the run’s last checkpoint");
    assert_says (resumed.errors, "The run ends at step 4 instead of 2");
    g_assert_true (g_file_get_contents (recipe, &text, NULL, NULL));
    assert_says (text, "\nsteps=4\n");
  }
  g_assert_cmpint (g_rename (class, away), ==, 0);
  {
    g_auto (TinyResult) resumed = TINY_RUN (world, "train", "--resume", "run", "--steps", "6");

    tiny_assert_status (&resumed, 1);
    assert_says (resumed.errors, "Of the classes then, these are gone: “ox”");
    assert_says (resumed.errors, "or begin a new run");
  }
  {
    g_auto (TinyResult) measured = TINY_RUN (world, "evaluate", "run", "--probe", "knn");

    tiny_assert_status (&measured, 0);
    assert_says (measured.errors, "Of the classes then, these are gone: “ox”");
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

/* --- Masks and greys ---------------------------------------------------------------------------------- */

static guint
stripes_2 (guint x, guint y)
{
  return x % 2;
}

static guint
stripes_4 (guint x, guint y)
{
  return x % 4;
}

static guint
stripes_16 (guint x, guint y)
{
  return x % 16;
}

static guint
stripes_300 (guint x, guint y)
{
  return 290 + x;
}

/* A mask's values are the samples as they are stored. */
static void
test_masks_are_raw_samples (void)
{
  static const TruthPng rows[] = {
    { 16, 16, 1, 0, 0, 0, stripes_2 },    { 16, 16, 2, 0, 0, 0, stripes_4 },
    { 16, 16, 4, 0, 0, 0, stripes_16 },   { 16, 16, 8, 0, 0, 0, stripes_16 },
    { 16, 16, 16, 0, 0, 0, stripes_300 }, { 16, 16, 2, 4, 0, 0, stripes_4 },
    { 16, 16, 8, 21, 0, 0, stripes_16 },  { 16, 16, 1, 2, 0, 0, stripes_2 },
  };
  char *folder = fixture_folder ();
  g_autofree char *file = g_build_filename (folder, "m.png", NULL);

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      guint16 classes[16 * 16];
      guint depth = 0;
      g_autoptr (GError) error = NULL;

      truth_write_png (folder, "m.png", &rows[r]);
      g_assert_true (eid_mask_load (file, 16, classes, &depth, &error));
      g_assert_cmpuint (depth, ==, rows[r].depth);
      for (guint i = 0; i < 16 * 16; i++)
        g_assert_cmpuint (classes[i], ==, rows[r].value (i % 16, i / 16));
    }
  fixture_remove (folder);
}

static guint
left_dark_255 (guint x, guint y)
{
  return x < 8 ? 0 : 255;
}

static guint
left_dark_3 (guint x, guint y)
{
  return x < 8 ? 0 : 3;
}

static guint
alone (guint x, guint y)
{
  return 7;
}

/* The dense probe: masks of 0 and 255 name two classes, those of 2 bits with 0 and 3 too. */
static void
test_dense_probe_takes_binary_masks (void)
{
  static const struct
  {
    TruthPng mask;
    int status;
    const char *said;
  } rows[] = {
    { { 16, 16, 8, 0, 0, 0, left_dark_255 }, 0, "2 classes, of the values 0, 255" },
    { { 16, 16, 2, 0, 0, 0, left_dark_3 }, 0, "2 classes, of the values 0, 3" },
    { { 16, 16, 4, 0, 0, 0, alone }, 1, "The masks name 1 class" },
  };
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) trained = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "1");
  const TruthPng picture = { 16, 16, 8, 0, 0, 0, left_dark_255 };

  tiny_assert_status (&trained, 0);
  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      g_auto (TinyResult) measured = { 0 };

      for (guint i = 0; i < 10; i++)
        {
          g_autofree char *image = g_strdup_printf ("scenes/images/p%u.png", i);
          g_autofree char *mask = g_strdup_printf ("scenes/masks/p%u.png", i);

          truth_write_png (world->folder, image, &picture);
          truth_write_png (world->folder, mask, &rows[r].mask);
        }
      fixture_write (world->folder, "scenes/masks/p3.png", "x", 1);
      measured = TINY_RUN (world, "evaluate", "run", "--probe", "dense", "--path", "scenes", "--epochs", "40",
                           "--json");
      tiny_assert_status (&measured, rows[r].status);
      assert_says (measured.errors, rows[r].said);
      if (rows[r].status != 0)
        continue;
      assert_says (measured.errors, "1 mask is left out");
      assert_says (measured.errors, "p3.png");
      g_assert_cmpfloat_with_epsilon (number_in (measured.output, "dense_pixels"), 1, 1e-6);
    }
  tiny_world_free (world);
}

static guint
ramp_12 (guint x, guint y)
{
  return x * 4095 / 15;
}

static guint
ramp_10 (guint x, guint y)
{
  return x * 1023 / 15;
}

static guint
ramp_16 (guint x, guint y)
{
  return x * 4369;
}

static guint
dim_12 (guint x, guint y)
{
  return x * 100;
}

static guint
lower_white (guint x, guint y)
{
  return y < 8 ? 0 : 65535;
}

/* Greys of fewer bits in 16 keep their range, and pictures stand upright: left and right, above and below. */
static void
test_greys_and_orientation (void)
{
  static const struct
  {
    TruthPng picture;
    void (*write) (const char *folder, const char *name, const TruthPng *picture);
    guint left, right, top, bottom; /* at the middle of each side */
  } rows[] = {
    { { 16, 16, 16, 0, 0, 0, ramp_12 }, truth_write_png, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_12 }, truth_write_tiff, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_10 }, truth_write_png, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_16 }, truth_write_png, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_16 }, truth_write_tiff, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 0, 0, ramp_12 }, truth_write_pgm, 0, 255, 136, 136 },
    { { 16, 16, 16, 0, 12, 0, dim_12 }, truth_write_png, 0, 93, 50, 50 },    /* the file says 12 bits */
    { { 16, 16, 16, 0, 0, 3, lower_white }, truth_write_png, 0, 0, 255, 0 }, /* upside down */
    { { 16, 16, 16, 0, 0, 3, lower_white }, truth_write_tiff, 0, 0, 255, 0 },
    { { 16, 16, 16, 0, 0, 6, lower_white }, truth_write_png, 255, 0, 0, 0 }, /* a quarter to the right */
    { { 16, 16, 16, 0, 0, 6, lower_white }, truth_write_tiff, 255, 0, 0, 0 },
    { { 16, 16, 16, 0, 0, 8, lower_white }, truth_write_png, 0, 255, 255, 255 }, /* to the left */
    { { 16, 16, 8, 0, 0, 3, left_dark_255 }, truth_write_png, 255, 0, 0, 0 },    /* 8 bits, by gdk-pixbuf */
  };
  char *folder = fixture_folder ();
  g_autofree char *file = g_build_filename (folder, "picture", NULL);

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++)
    {
      guint8 pixels[16 * 16];
      g_autoptr (GError) error = NULL;

      g_test_message ("row %u", r);
      rows[r].write (folder, "picture", &rows[r].picture);
      g_assert_true (eid_picture_load (file, 16, 1, pixels, &error));
      g_assert_cmpuint (pixels[8 * 16], ==, rows[r].left);
      g_assert_cmpuint (pixels[8 * 16 + 15], ==, rows[r].right);
      g_assert_cmpuint (pixels[8], ==, rows[r].top);
      g_assert_cmpuint (pixels[15 * 16 + 8], ==, rows[r].bottom);
    }
  fixture_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/truth/data/broken-pictures-are-left-out", test_broken_pictures_are_left_out);
  g_test_add_func ("/truth/data/many-broken-pictures-end-no-run", test_many_broken_pictures_end_no_run);
  g_test_add_func ("/truth/data/formats-are-read-by-content", test_formats_are_read_by_content);
  g_test_add_func ("/truth/data/other-files-are-told-of", test_other_files_are_told_of);
  g_test_add_func ("/truth/data/folders-are-understood", test_folders_are_understood);
  g_test_add_func ("/truth/data/no-probe-is-a-sentence", test_no_probe_is_a_sentence);
  g_test_add_func ("/truth/data/resumed-run-compares", test_resumed_run_compares);
  g_test_add_func ("/truth/data/texts-are-read-as-unicode", test_texts_are_read_as_unicode);
  g_test_add_func ("/truth/data/masks-are-raw-samples", test_masks_are_raw_samples);
  g_test_add_func ("/truth/data/dense-probe-takes-binary-masks", test_dense_probe_takes_binary_masks);
  g_test_add_func ("/truth/data/greys-and-orientation", test_greys_and_orientation);
  return g_test_run ();
}
