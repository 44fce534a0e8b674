/* own.c: what plugins publish under names of their own, over the wire: of pictures every kind, of a text what
 * was expected of each token and where it looked.                            */
#include "tests/wire/engine.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* The tiny recipe with another objective; the engine finds it by $EIDOSCOPE_PLUGIN_PATH. */
static char *
recipe_of (Engine *engine, const char *objective)
{
  g_autofree char *text = tiny_recipe_text (engine->world->data);
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  g_assert_true (g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_NONE, NULL));
  g_key_file_set_string (keys, "Run", "steps", "3");
  if (!g_str_equal (objective, "mae"))
    {
      g_key_file_remove_group (keys, "Objective", NULL);
      g_key_file_set_string (keys, "Objective", "plugin", objective);
    }
  return g_key_file_to_data (keys, NULL, NULL);
}

/* Runs @recipe to its end. */
static void
run (Engine *engine, const char *recipe)
{
  g_free (engine_start (engine, recipe));
  engine_wait (engine, engine_is_in, "done");
}

static GVariant *
views_of (GVariant *picture)
{
  GVariant *views = g_variant_lookup_value (picture, "views", G_VARIANT_TYPE ("aa{sv}"));

  g_assert_nonnull (views);
  return views;
}

static GVariant *
view_of (GVariant *views, const char *wanted)
{
  for (gsize i = 0; i < g_variant_n_children (views); i++)
    {
      g_autoptr (GVariant) view = g_variant_get_child_value (views, i);
      const char *name = "", *refused = NULL;

      g_assert_true (g_variant_lookup (view, "name", "&s", &name));
      if (g_variant_lookup (view, "refused", "&s", &refused))
        g_error ("%s", refused);
      if (g_str_equal (name, wanted))
        return g_steal_pointer (&view);
    }
  g_error ("there is no view “%s”", wanted);
}

static guint
number_of (GVariant *view, const char *key)
{
  guint32 number = G_MAXUINT32;

  g_variant_lookup (view, key, "u", &number);
  return number;
}

/* The numbers under @key, @type "ad" or "ai", of which there must be @count; or bytes. */
static gconstpointer
array_of (GVariant *view, const char *key, const char *type, gsize width, gsize count)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (view, key, G_VARIANT_TYPE (type));
  gsize found = 0;
  gconstpointer array;

  if (value == NULL)
    g_error ("there is no “%s”", key);
  array = g_variant_get_fixed_array (value, &found, width);
  g_assert_cmpuint (found, ==, count);
  return array; /* lies in @view */
}

static void
test_every_kind_of_view (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "shows");
  g_autoptr (GVariant) picture = NULL, views = NULL, heat = NULL, seen = NULL, cloud = NULL, table = NULL;
  g_autoptr (GVariant) words = NULL;
  const guint8 *pixels;
  const double *x;
  const float *values;
  const char *text = NULL;
  guint64 step;

  run (engine, recipe);
  picture = engine_look (engine, "own", NULL, 0, &step, NULL);
  g_assert_cmpuint (step, ==, 3);
  views = views_of (picture);
  g_assert_cmpuint (g_variant_n_children (views), ==, 9);

  seen = view_of (views, "seen");
  g_assert_cmpuint (number_of (seen, "count"), ==, 8);
  g_assert_cmpuint (number_of (seen, "channels"), ==, 1);
  array_of (seen, "pixels", "ay", 1, 8 * 16 * 16);

  heat = view_of (views, "heat");
  pixels = array_of (heat, "pixels", "ay", 1, 2 * 3 * 5);
  g_assert_cmpuint (number_of (heat, "height"), ==, 3);
  g_assert_cmpuint (pixels[0], ==, 0);
  g_assert_cmpuint (pixels[29], ==, 255);

  /* Squares of counting numbers lie almost on a line. */
  cloud = view_of (views, "cloud");
  x = array_of (cloud, "explained", "ad", sizeof (double), 2);
  g_assert_cmpfloat (x[0], >, 0.95);
  array_of (cloud, "x", "ad", sizeof (double), 6);

  table = view_of (views, "table");
  g_assert_cmpuint (number_of (table, "rows"), ==, 2);
  values = array_of (table, "values", "ay", 1, 6 * sizeof (float));
  g_assert_cmpfloat (values[5], ==, 3);

  words = view_of (views, "words");
  g_assert_true (g_variant_lookup (words, "text", "&s", &text));
  g_assert_cmpstr (text, ==, "An answer — in UTF-8.");
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* A number of the objective's own is a metric of the run. */
static void
test_a_number_of_ones_own (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "shows");
  g_autoptr (GVariant) series = NULL, points = NULL;
  g_autoptr (GError) error = NULL;

  run (engine, recipe);
  eid_wire_engine_call_history_sync (engine->proxy, &series, NULL, &error);
  g_assert_no_error (error);
  points = g_variant_lookup_value (series, "own.length", G_VARIANT_TYPE ("a(td)"));
  g_assert_nonnull (points);
  g_assert_cmpuint (g_variant_n_children (points), >=, 1);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_who_publishes_nothing_is_named (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = recipe_of (engine, "mae"), *message = NULL;
  guint64 step;

  run (engine, recipe);
  g_assert_null (engine_look (engine, "own", NULL, 0, &step, &message));
  g_assert_nonnull (strstr (message, "Masked autoencoder"));
  g_assert_nonnull (strstr (message, "no views of their own"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- Text ------------------------------------------------------------------------ */

static char *
text_recipe (Engine *engine)
{
  g_autofree char *file = tiny_path (engine->world, "text.txt");
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 60; i++)
    g_string_append (text, "the cat sat on the mat.\n");
  g_file_set_contents (file, text->str, -1, &error);
  g_assert_no_error (error);
  return g_strdup_printf ("[Run]\ntitle = Text\nsteps = 40\nbatch = 8\nseed = 1\nevaluate-every = 100\n"
                          "[Dataset]\nreader = text\npath = %s\nsize = 24\n"
                          "[Encoder]\nplugin = gpt\nwidth = 32\ndepth = 1\nheads = 2\n"
                          "[Objective]\nplugin = next-token\n"
                          "[Optimizer]\nlr = 1e-2\nwarmup = 5\n",
                          file);
}

/* The text itself comes back; what is told of each token are probabilities; after some steps of one
 * sentence the right one is held for likely. */
static void
test_a_text_and_what_was_expected (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = text_recipe (engine);
  g_autoptr (GVariant) picture = NULL, views = NULL, view = NULL;
  g_autoptr (GString) first = g_string_new (NULL);
  g_auto (GStrv) words = NULL;
  const gint32 *tokens, *predicted;
  const double *values, *chances;
  guint64 step;
  guint few;
  double sum = 0;

  run (engine, recipe);
  picture = engine_look (engine, "own", g_variant_new_parsed ("{'count': <uint32 2>}"), 0, &step, NULL);
  views = views_of (picture);
  view = view_of (views, "predictions");
  few = number_of (view, "few");
  g_assert_cmpuint (number_of (view, "count"), ==, 2);
  g_assert_cmpuint (number_of (view, "length"), ==, 24);
  g_assert_true (g_variant_lookup (view, "words", "^as", &words));
  tokens = array_of (view, "tokens", "ai", sizeof (gint32), 48);
  values = array_of (view, "values", "ad", sizeof (double), 48);
  predicted = array_of (view, "predicted", "ai", sizeof (gint32), 48 * few);
  chances = array_of (view, "chances", "ad", sizeof (double), 48 * few);
  for (guint i = 0; i < 24; i++)
    g_string_append (first, words[tokens[i]]);
  g_assert_nonnull (strstr ("the cat sat on the mat.\nthe cat sat on the mat.\n", first->str));
  g_assert_true (isnan (values[0]));
  g_assert_true (isnan (values[24]));
  for (guint i = 1; i < 24; i++)
    {
      g_assert_cmpfloat (values[i], >=, 0);
      g_assert_cmpfloat (values[i], <=, 1.0001);
      /* Where the token is among the likeliest it has the same probability. */
      for (guint k = 0; k < few; k++)
        if (predicted[i * few + k] == tokens[i])
          g_assert_cmpfloat_with_epsilon (chances[i * few + k], values[i], 1e-6);
      sum += values[i];
    }
  g_test_message ("mean probability %.3f", sum / 23);
  g_assert_cmpfloat (sum / 23, >, 2.0 / 12); /* twice a guess among its characters */
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* No token looks ahead, and each gives all of its attention. */
static void
test_the_attention_of_a_text (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = text_recipe (engine);
  g_autoptr (GVariant) picture = NULL, views = NULL, view = NULL;
  g_auto (GStrv) names = NULL;
  const float *weights;
  guint64 step;

  run (engine, recipe);
  picture = engine_look (engine, "own", NULL, 0, &step, NULL);
  views = views_of (picture);
  view = view_of (views, "attention");
  g_assert_true (g_variant_lookup (view, "names", "^as", &names));
  g_assert_cmpuint (g_strv_length (names), ==, 24);
  weights = array_of (view, "values", "ay", 1, 24 * 24 * sizeof (float));
  for (guint row = 0; row < 24; row++)
    {
      double sum = 0;

      for (guint column = 0; column < 24; column++)
        {
          if (column > row)
            g_assert_cmpfloat (weights[row * 24 + column], ==, 0);
          sum += (double) weights[row * 24 + column];
        }
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-3);
    }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* The attention that is asked for: @layer and @head as they are told, [24, 24]. */
static const float *
attention_of (Engine *engine, int layer, int head, int told_layer, int told_head, GVariant **keep)
{
  g_autoptr (GVariant) picture = NULL, views = NULL;
  gint32 found = -2;
  guint64 step;

  picture = engine_look (engine, "own", g_variant_new_parsed ("{'layer': <%i>, 'head': <%i>}", layer, head),
                         0, &step, NULL);
  views = views_of (picture);
  *keep = view_of (views, "attention");
  g_assert_cmpuint (number_of (*keep, "layers"), ==, 2);
  g_assert_cmpuint (number_of (*keep, "heads"), ==, 2);
  g_assert_true (g_variant_lookup (*keep, "layer", "i", &found));
  g_assert_cmpint (found, ==, told_layer);
  g_assert_true (g_variant_lookup (*keep, "head", "i", &found));
  g_assert_cmpint (found, ==, told_head);
  return array_of (*keep, "values", "ay", 1, 24 * 24 * sizeof (float));
}

/* Layers and heads are others; a layer's mean is that of its heads; what there is not is the last. */
static void
test_layers_and_heads_of_a_text (void)
{
  enum
  {
    COUNT = 24 * 24
  };
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *one = text_recipe (engine);
  g_auto (GStrv) parts = g_strsplit (one, "depth = 1", 2);
  g_autofree char *recipe = g_strjoinv ("depth = 2", parts);
  GVariant *keep[6];
  const float *mean, *first, *second, *lower, *last, *beyond;
  double heads_differ = 0, layers_differ = 0;

  run (engine, recipe);
  mean = attention_of (engine, 1, -1, 1, -1, &keep[0]);
  first = attention_of (engine, 1, 0, 1, 0, &keep[1]);
  second = attention_of (engine, 1, 1, 1, 1, &keep[2]);
  lower = attention_of (engine, -2, -1, 0, -1, &keep[3]);
  last = attention_of (engine, -1, -1, 1, -1, &keep[4]);
  beyond = attention_of (engine, 9, 9, 1, 1, &keep[5]);
  for (guint i = 0; i < COUNT; i++)
    {
      g_assert_cmpfloat_with_epsilon (mean[i], (first[i] + second[i]) / 2, 1e-6f);
      g_assert_cmpfloat (last[i], ==, mean[i]);
      g_assert_cmpfloat (beyond[i], ==, second[i]);
      heads_differ = fmax (heads_differ, fabs ((double) (first[i] - second[i])));
      layers_differ = fmax (layers_differ, fabs ((double) (lower[i] - mean[i])));
    }
  g_assert_cmpfloat (heads_differ, >, 0.001);
  g_assert_cmpfloat (layers_differ, >, 0.001);
  for (guint i = 0; i < G_N_ELEMENTS (keep); i++)
    g_variant_unref (keep[i]);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* Of a text the command writes both, and nothing of pictures; of a picture all files. */
static void
test_the_command_writes_files (void)
{
  static const char *const expected[] = { "plugin-seen.png",  "plugin-heat.npy",   "plugin-plane.csv",
                                          "plugin-curve.png", "plugin-table.png",  "plugin-values.csv",
                                          "plugin-words.txt", "plugin-passage.txt" };
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *shows = recipe_of (engine, "shows"), *text = text_recipe (engine);
  g_autofree char *recipe = tiny_path (engine->world, "own.ini"), *out = tiny_path (engine->world, "out");
  g_autofree char *file = tiny_path (engine->world, "read/pictures/plugin-predictions.txt"), *said = NULL;
  g_auto (TinyResult) result = { 0 }, second = { 0 };

  g_file_set_contents (recipe, shows, -1, NULL);
  result = TINY_RUN (engine->world, "train", recipe, "--out", out);
  tiny_assert_status (&result, 0);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *path = g_build_filename (out, "pictures", expected[i], NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        g_error ("there is no %s; it said %s", path, result.errors);
    }
  g_file_set_contents (recipe, text, -1, NULL);
  second = TINY_RUN (engine->world, "train", recipe, "--out", "read", "--steps", "2", "--json");
  tiny_assert_status (&second, 0);
  /* Its pace and its data are told as what they are. */
  g_assert_nonnull (strstr (second.errors, "tokens/s"));
  g_assert_null (strstr (second.errors, "img/s"));
  g_assert_nonnull (strstr (second.output, "\"tokens_per_second\""));
  g_assert_nonnull (strstr (second.output, "\"train_characters\":1296"));
  g_assert_true (g_file_get_contents (file, &said, NULL, NULL));
  g_assert_nonnull (strstr (said, "the "));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/own/kinds", test_every_kind_of_view);
  g_test_add_func ("/own/number", test_a_number_of_ones_own);
  g_test_add_func ("/own/nothing", test_who_publishes_nothing_is_named);
  g_test_add_func ("/own/text", test_a_text_and_what_was_expected);
  g_test_add_func ("/own/attention", test_the_attention_of_a_text);
  g_test_add_func ("/own/layers-and-heads", test_layers_and_heads_of_a_text);
  g_test_add_func ("/own/files", test_the_command_writes_files);
  return g_test_run ();
}
