/* probes.c: what is measured of a run that is over, by the real command: its
 * features as files, fine-tuning, few labels, masks; and the run stays as it was. */
#include "lines.h"
#include "tiny.h"

#include <math.h>
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probes/embedded-features-are-the-same-in-both-formats",
                   test_embedded_features_are_the_same_in_both_formats);
  g_test_add_func ("/probes/teacher-has-features-of-its-own", test_teacher_has_features_of_its_own);
  g_test_add_func ("/probes/teacher-is-refused-where-there-is-none",
                   test_teacher_is_refused_where_there_is_none);
  return g_test_run ();
}
