/* probes.c: what is measured of a run that is over, by the real command: its
 * features as files, fine-tuning, few labels, masks; and the run stays as it was. */
#include "tests/learning/lines.h"
#include "tests/support/tiny.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>

#define PICTURES 48 /* of the tiny world's test half */
#define WIDTH    16

/* --- A run ---------------------------------------------------------------------- */

/* A run of 8 steps in WORLD/run, by the objective of the tiny recipe or by that
 * of @objective, the lines of another section.                                */
static void
train (TinyWorld *world, const char *objective)
{
  g_auto (TinyResult) result = { 0 };

  if (objective != NULL)
    {
      g_autofree char *text = tiny_recipe_text (world->data);
      g_autoptr (GString) recipe = g_string_new (text);

      g_string_replace (recipe, "plugin = mae\ndecoder-width = 8\ndecoder-depth = 1\ndecoder-heads = 2\n",
                        objective, 0);
      g_assert_true (g_file_set_contents (world->recipe, recipe->str, -1, NULL));
    }
  result = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "8");
  tiny_assert_status (&result, 0);
}

#define DINO                                                                                                 \
  "plugin = dino\nprototypes = 16\nhidden = 16\nbottleneck = 8\nsmall-crops = 0\nteacher-momentum = 0.9\n"

static char *
read_file (TinyWorld *world, const char *name, gsize *length)
{
  g_autofree char *file = tiny_path (world, name);
  g_autoptr (GError) error = NULL;
  char *bytes = NULL;

  g_file_get_contents (file, &bytes, length, &error);
  g_assert_no_error (error);
  return bytes;
}

/* --- Features as files ------------------------------------------------------------ */

/* The values of an .npy file of @rows and @columns as NumPy's description of the format has it. */
static float *
read_npy (TinyWorld *world, const char *name, guint rows, guint columns)
{
  gsize length, header;
  g_autofree char *bytes = read_file (world, name, &length);
  g_autofree char *shape = g_strdup_printf ("'shape': (%u, %u), }", rows, columns);
  g_autofree char *text = NULL;

  g_assert_cmpuint (length, >, 10);
  g_assert_cmpmem (bytes, 8, "\x93NUMPY\x01\x00", 8);
  header = (guint8) bytes[8] + 256u * (guint8) bytes[9];
  g_assert_cmpuint ((10 + header) % 64, ==, 0);
  g_assert_cmpuint (length, ==, 10 + header + (gsize) rows * columns * sizeof (float));
  text = g_strndup (bytes + 10, header);
  g_assert_nonnull (strstr (text, "'descr': '<f4'"));
  g_assert_nonnull (strstr (text, "'fortran_order': False"));
  g_assert_nonnull (strstr (text, shape));
  g_assert_true (g_str_has_suffix (text, "\n"));
  return g_memdup2 (bytes + 10 + header, (gsize) rows * columns * sizeof (float));
}

static void
test_embedded_features_are_the_same_in_both_formats (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) npy = { 0 };
  g_auto (TinyResult) csv = { 0 };
  g_autofree float *values = NULL;
  g_autofree char *table = NULL, *labels = NULL;
  g_auto (GStrv) rows = NULL;
  g_auto (GStrv) label_rows = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *said;

  train (world, NULL);
  npy = TINY_RUN (world, "embed", "run", "--output", "f.npy", "--json");
  tiny_assert_status (&npy, 0);
  lines = lines_parse (npy.output);
  said = lines_last (lines);
  g_assert_cmpint (json_object_get_int_member (said, "pictures"), ==, PICTURES);
  g_assert_cmpint (json_object_get_int_member (said, "width"), ==, WIDTH);
  g_assert_cmpstr (json_object_get_string_member (said, "features"), ==, "student");
  csv = TINY_RUN (world, "embed", "run", "--output", "f.csv", "--split", "test");
  tiny_assert_status (&csv, 0);

  values = read_npy (world, "f.npy", PICTURES, WIDTH);
  table = read_file (world, "f.csv", NULL);
  labels = read_file (world, "f-labels.csv", NULL);
  rows = g_strsplit (table, "\n", -1);
  label_rows = g_strsplit (labels, "\n", -1);
  g_assert_cmpuint (g_strv_length (rows), ==, 1 + PICTURES + 1);
  g_assert_cmpuint (g_strv_length (label_rows), ==, 1 + PICTURES + 1);
  g_assert_cmpstr (label_rows[0], ==, "picture,label");
  g_assert_true (g_str_has_prefix (rows[0], "picture,label,f0,f1,"));
  for (guint i = 0; i < PICTURES; i++)
    {
      g_auto (GStrv) fields = g_strsplit (rows[1 + i], ",", -1);

      g_assert_cmpuint (g_strv_length (fields), ==, 2 + WIDTH);
      g_assert_true (g_str_has_prefix (rows[1 + i], label_rows[1 + i]));
      for (guint d = 0; d < WIDTH; d++)
        g_assert_cmpfloat ((float) g_ascii_strtod (fields[2 + d], NULL), ==, values[i * WIDTH + d]);
    }
  tiny_world_free (world);
}

static void
test_teacher_has_features_of_its_own (void)
{
  static const char *const whose[] = { "auto", "teacher", "student" };
  TinyWorld *world = tiny_world_new ();
  float *values[G_N_ELEMENTS (whose)];

  train (world, DINO);
  for (guint i = 0; i < G_N_ELEMENTS (whose); i++)
    {
      g_auto (TinyResult) result =
          TINY_RUN (world, "embed", "run", "--output", "f.npy", "--features", whose[i]);

      tiny_assert_status (&result, 0);
      values[i] = read_npy (world, "f.npy", PICTURES, WIDTH);
    }
  g_assert_cmpmem (values[0], PICTURES * WIDTH * sizeof (float), values[1],
                   PICTURES * WIDTH * sizeof (float));
  g_assert_cmpint (memcmp (values[0], values[2], PICTURES * WIDTH * sizeof (float)), !=, 0);
  for (guint i = 0; i < G_N_ELEMENTS (whose); i++)
    g_free (values[i]);
  tiny_world_free (world);
}

static void
test_teacher_is_refused_where_there_is_none (void)
{
  TinyWorld *world = tiny_world_new ();
  g_auto (TinyResult) result = { 0 };

  train (world, NULL);
  result = TINY_RUN (world, "embed", "run", "--output", "f.npy", "--features", "teacher");
  tiny_assert_status (&result, 2);
  g_assert_nonnull (strstr (result.errors, "has no teacher"));
  tiny_world_free (world);
}

/* --- Rates by layer ----------------------------------------------------------------- */

/* Broken off and resumed, a run whose layers learn at rates of their own comes to the same bits;
 * and they are others than where all learn alike. */
static void
test_rates_by_layer_hold_on_resuming (void)
{
  TinyWorld *world = tiny_world_new ();
  const char *const name = "run/checkpoints/8.safetensors";
  g_autofree char *file = tiny_path (world, name);
  g_auto (TinyResult) first = { 0 };
  g_auto (TinyResult) resumed = { 0 };
  g_auto (TinyResult) alike = { 0 };
  gsize length, length_resumed, length_alike;
  g_autofree char *bits = NULL, *bits_resumed = NULL, *bits_alike = NULL;

  first = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "8", "--set",
                    "Optimizer.layer-decay=0.5", "--set", "Optimizer.weight-decay-end=0.5");
  tiny_assert_status (&first, 0);
  bits = read_file (world, name, &length);
  g_assert_cmpint (g_remove (file), ==, 0);
  resumed = TINY_RUN (world, "train", "--resume", "run");
  tiny_assert_status (&resumed, 0);
  bits_resumed = read_file (world, name, &length_resumed);
  g_assert_cmpmem (bits, length, bits_resumed, length_resumed);

  alike = TINY_RUN (world, "train", "tiny.ini", "--out", "alike", "--steps", "8");
  tiny_assert_status (&alike, 0);
  bits_alike = read_file (world, "alike/checkpoints/8.safetensors", &length_alike);
  /* The recipe is in the header; the values of the tensors are at the end. */
  g_assert_cmpint (memcmp (bits + length - 4096, bits_alike + length_alike - 4096, 4096), !=, 0);
  tiny_world_free (world);
}

/* --- Labels ------------------------------------------------------------------------ */

static const char *const run_files[] = { "run/recipe.ini", "run/run.db", "run/checkpoints/8.safetensors" };

/* What @words say of the run, as one JSON object; the files of the run stay as they are. */
static JsonObject *
measure (TinyWorld *world, const char *const *words, GPtrArray **lines)
{
  g_auto (TinyResult) result = { 0 };
  char *before[G_N_ELEMENTS (run_files)];
  gsize length[G_N_ELEMENTS (run_files)];

  for (guint i = 0; i < G_N_ELEMENTS (run_files); i++)
    before[i] = read_file (world, run_files[i], &length[i]);
  result = tiny_run (world, words, NULL);
  tiny_assert_status (&result, 0);
  for (guint i = 0; i < G_N_ELEMENTS (run_files); i++)
    {
      gsize now;
      g_autofree char *after = read_file (world, run_files[i], &now);

      g_test_message ("%s", run_files[i]);
      g_assert_cmpmem (before[i], length[i], after, now);
      g_free (before[i]);
    }
  *lines = lines_parse (result.output);
  return lines_last (*lines);
}

#define MEASURE(world, lines, ...)                                                                           \
  measure ((world), (const char *const[]){ "evaluate", "run", "--json", __VA_ARGS__, NULL }, (lines))

static void
test_finetuning_learns_from_labels_and_leaves_the_run_alone (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) again = NULL;
  JsonObject *one, *two;

  train (world, NULL);
  one = MEASURE (world, &first, "--probe", "finetune", "--steps", "60", "--lr", "3e-3");
  two = MEASURE (world, &again, "--probe", "finetune", "--steps", "60", "--lr", "3e-3");
  g_test_message ("%.3f, from random weights %.3f, pixels %.3f", lines_number (one, "finetune"),
                  lines_number (one, "finetune_random"), lines_number (one, "finetune_pixels"));
  /* Four classes: a quarter by chance. */
  g_assert_cmpfloat (lines_number (one, "finetune"), >, 0.5);
  g_assert_cmpfloat (lines_number (one, "finetune_random"), >, 0.25);
  g_assert_cmpfloat (lines_number (one, "finetune_pixels"), >, 0.25);
  g_assert_cmpint (json_object_get_int_member (one, "pictures"), ==, 120);
  g_assert_cmpint (json_object_get_int_member (one, "steps"), ==, 60);
  g_assert_cmpfloat (lines_number (one, "finetune"), ==, lines_number (two, "finetune"));
  g_assert_cmpfloat (lines_number (one, "finetune_random"), ==, lines_number (two, "finetune_random"));
  tiny_world_free (world);
}

static void
test_few_labels_are_few_and_always_the_same (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) few = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (GPtrArray) tuned = NULL;
  JsonObject *of_all, *of_few, *of_again;

  train (world, NULL);
  of_all = MEASURE (world, &all, "--probe", "linear", "--epochs", "20");
  of_few = MEASURE (world, &few, "--probe", "linear", "--epochs", "20", "--labels", "2");
  of_again = MEASURE (world, &again, "--probe", "linear", "--epochs", "20", "--labels", "2");
  g_assert_cmpfloat (lines_number (of_few, "labels"), ==, 2);
  g_assert_false (json_object_has_member (of_few, "knn"));
  g_assert_cmpfloat (lines_number (of_few, "linear"), ==, lines_number (of_again, "linear"));
  g_assert_cmpfloat (lines_number (of_few, "linear_pixels"), <, lines_number (of_all, "linear_pixels"));
  /* Two per cent of 240 pictures of four classes: one of each. */
  g_assert_cmpint (
      json_object_get_int_member (
          MEASURE (world, &tuned, "--probe", "finetune", "--steps", "2", "--labels", "2"), "pictures"),
      ==, 4);
  tiny_world_free (world);
}

static void
test_neighbours_are_counted_as_asked (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *said;
  g_auto (TinyResult) wrong = { 0 };

  train (world, NULL);
  said = MEASURE (world, &lines, "--probe", "knn", "--k", "1", "--temperature", "0.5");
  g_assert_true (json_object_has_member (said, "knn_pixels"));
  g_assert_false (json_object_has_member (said, "linear"));
  wrong = TINY_RUN (world, "evaluate", "run", "--probe", "knn", "--k", "none");
  tiny_assert_status (&wrong, 2);
  g_assert_nonnull (strstr (wrong.errors, "knn-k"));
  tiny_world_free (world);
}

/* --- Masks --------------------------------------------------------------------------- */

#define SIDE  16
#define PATCH 4

static void
write_grey (TinyWorld *world, const char *folder, guint number, const guint8 *grey)
{
  g_autofree char *name = g_strdup_printf ("%s/p%u.png", folder, number);
  g_autofree char *file = tiny_path (world, name);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
  g_autoptr (GError) error = NULL;

  for (guint y = 0; y < SIDE; y++)
    for (guint x = 0; x < SIDE; x++)
      memset (gdk_pixbuf_get_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture) + 3 * x,
              grey[y * SIDE + x], 3);
  gdk_pixbuf_save (picture, file, "png", &error, NULL);
  g_assert_no_error (error);
}

/* @count pictures in WORLD/scenes, half of whose patches are bright. A bright patch is of class 1 but
 * for its first row, and the first pixel of every patch is to be ignored: who finds each patch's
 * majority has 12 / 15 of class 1 and 15 / 18 of class 0. */
static void
write_scenes (TinyWorld *world, guint count)
{
  g_autofree char *images = tiny_path (world, "scenes/images"), *masks = tiny_path (world, "scenes/masks");
  GRand *random = g_rand_new_with_seed (5);

  g_assert_cmpint (g_mkdir_with_parents (images, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (masks, 0700), ==, 0);
  for (guint i = 0; i < count; i++)
    {
      guint8 image[SIDE * SIDE], mask[SIDE * SIDE];
      for (guint y = 0; y < SIDE; y++)
        for (guint x = 0; x < SIDE; x++)
          {
            const guint patch = y / PATCH * (SIDE / PATCH) + x / PATCH;
            const gboolean bright = (7 * patch + i) % 16 < 8;

            image[y * SIDE + x] = (guint8) ((bright ? 190 : 60) + g_rand_int_range (random, -30, 31));
            mask[y * SIDE + x] = bright && y % PATCH > 0;
            if (x % PATCH == 0 && y % PATCH == 0)
              mask[y * SIDE + x] = 255;
          }
      write_grey (world, "scenes/images", i, image);
      write_grey (world, "scenes/masks", i, mask);
    }
  g_rand_free (random);
}

static void
test_dense_probe_finds_what_is_where (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autoptr (GPtrArray) lines = NULL;
  g_auto (TinyResult) missing = { 0 };
  g_autofree char *image = NULL;
  JsonObject *said;

  train (world, NULL);
  write_scenes (world, 50);
  said = MEASURE (world, &lines, "--probe", "dense", "--path", "scenes");
  g_test_message ("mean IoU %.3f, random %.3f, pixels %.3f", lines_number (said, "dense"),
                  lines_number (said, "dense_random"), lines_number (said, "dense_pixels"));
  g_assert_cmpint (json_object_get_int_member (said, "pictures"), ==, 40);
  g_assert_cmpfloat_with_epsilon (lines_number (said, "dense_pixels"), (12 / 15.0 + 15 / 18.0) / 2, 1e-6);
  g_assert_cmpfloat (lines_number (said, "dense"), >, 0.7);
  g_assert_cmpfloat (lines_number (said, "dense_random"), >, 0.3);

  image = tiny_path (world, "scenes/images/p7.png");
  g_assert_cmpint (g_remove (image), ==, 0);
  missing = TINY_RUN (world, "evaluate", "run", "--probe", "dense", "--path", "scenes");
  tiny_assert_status (&missing, 1);
  g_assert_nonnull (strstr (missing.errors, "p7.jpg"));
  tiny_world_free (world);
}

static void
test_dense_probe_refuses_an_encoder_without_tokens (void)
{
  TinyWorld *world = tiny_world_new ();
  g_autofree char *text = tiny_recipe_text (world->data);
  g_autoptr (GString) recipe = g_string_new (text);
  g_auto (TinyResult) run = { 0 };
  g_auto (TinyResult) result = { 0 };

  g_string_replace (recipe, "plugin = vit\npatch = 4\nwidth = 16\ndepth = 2\nheads = 2\n",
                    "plugin = resnet\nwidth = 0.0625\n", 0);
  g_string_replace (recipe, "plugin = mae\ndecoder-width = 8\ndecoder-depth = 1\ndecoder-heads = 2\n",
                    "plugin = simclr\n", 0);
  g_assert_true (g_file_set_contents (world->recipe, recipe->str, -1, NULL));
  run = TINY_RUN (world, "train", "tiny.ini", "--out", "run", "--steps", "2");
  tiny_assert_status (&run, 0);
  result = TINY_RUN (world, "evaluate", "run", "--probe", "dense", "--path", ".");
  tiny_assert_status (&result, 2);
  g_assert_nonnull (strstr (result.errors, "has no patch tokens"));
  tiny_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probes/embedded-features-are-the-same-in-both-formats",
                   test_embedded_features_are_the_same_in_both_formats);
  g_test_add_func ("/probes/teacher-has-features-of-its-own", test_teacher_has_features_of_its_own);
  g_test_add_func ("/probes/teacher-is-refused-where-there-is-none",
                   test_teacher_is_refused_where_there_is_none);
  g_test_add_func ("/probes/rates-by-layer-hold-on-resuming", test_rates_by_layer_hold_on_resuming);
  g_test_add_func ("/probes/finetuning-learns-from-labels-and-leaves-the-run-alone",
                   test_finetuning_learns_from_labels_and_leaves_the_run_alone);
  g_test_add_func ("/probes/few-labels-are-few-and-always-the-same",
                   test_few_labels_are_few_and_always_the_same);
  g_test_add_func ("/probes/neighbours-are-counted-as-asked", test_neighbours_are_counted_as_asked);
  g_test_add_func ("/probes/dense-probe-finds-what-is-where", test_dense_probe_finds_what_is_where);
  g_test_add_func ("/probes/dense-probe-refuses-an-encoder-without-tokens",
                   test_dense_probe_refuses_an_encoder_without_tokens);
  return g_test_run ();
}
