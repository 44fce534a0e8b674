/* embedding.c: what an engine tells of the space of features: places, neighbours,
 * similarities, prototypes, and the bands of health.                         */
#include "tests/wire/engine.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum
{
  COUNT = 48, /* test pictures of the tiny world */
  SIDE = 16,
  PROTOTYPES = 12
};

static GVariant *
array_of (GVariant *picture, const char *key, const char *type, gsize width, gsize expected)
{
  GVariant *value = g_variant_lookup_value (picture, key, G_VARIANT_TYPE (type));

  g_assert_nonnull (value);
  g_assert_cmpuint (g_variant_get_size (value), ==, width * expected);
  return value;
}

static guint
count_of (GVariant *picture, const char *key)
{
  guint value = 0;

  g_assert_true (g_variant_lookup (picture, key, "u", &value));
  return value;
}

static double
number_of (GVariant *picture, const char *key)
{
  double value = NAN;

  g_assert_true (g_variant_lookup (picture, key, "d", &value));
  return value;
}

static GVariant *
look_at_map (Engine *engine, const char *method, gboolean pictures)
{
  GVariantBuilder options;
  guint64 step;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "method", g_variant_new_string (method));
  g_variant_builder_add (&options, "{sv}", "pictures", g_variant_new_boolean (pictures));
  return engine_look (engine, EID_WIRE_VIEW_EMBEDDING, g_variant_builder_end (&options), 0, &step, NULL);
}

/* A run of SwAV that does not end while the test looks at it. */
static Engine *
start_swav (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *mae = tiny_recipe_text (engine->world->data), *folder = NULL, *recipe = NULL;
  const char *steps = strstr (mae, "steps = 24"), *objective = strstr (mae, "plugin = mae");
  const char *rest = strstr (mae, "[Optimizer]");
  const guint64 few = 2;

  recipe = g_strdup_printf ("%.*ssteps = 100000%.*splugin = swav\nprototypes = %d\nhidden = 16\noutput = 8\n"
                            "queue = 0\nsmall-crops = 0\n%s",
                            (int) (steps - mae), mae, (int) (objective - steps - strlen ("steps = 24")),
                            steps + strlen ("steps = 24"), PROTOTYPES, rest);
  folder = engine_start (engine, recipe);
  engine_wait (engine, engine_has_stepped_past, &few);
  eid_wire_engine_call_pause_sync (engine->proxy, NULL, NULL);
  engine_wait (engine, engine_is_in, "paused");
  return engine;
}

/* The nearest is the most alike of all, which the matrix says too. */
static void
neighbours_agree_with_the_matrix (GVariant *map, GVariant *matrix)
{
  const guint k = count_of (map, "neighbour-count");
  g_autoptr (GVariant) neighbours = array_of (map, "neighbours", "ai", 4, COUNT * k);
  g_autoptr (GVariant) near = array_of (map, "neighbour-cosines", "ay", 1, COUNT * k * sizeof (float));
  g_autoptr (GVariant) order = array_of (matrix, "order", "ai", 4, COUNT);
  g_autoptr (GVariant) labels = array_of (matrix, "label", "ai", 4, COUNT);
  g_autoptr (GVariant) all = array_of (matrix, "cosines", "ay", 1, COUNT * COUNT * sizeof (float));
  const gint32 *nearest = g_variant_get_data (neighbours), *places = g_variant_get_data (order);
  const gint32 *classes = g_variant_get_data (labels);
  const float *cosines = g_variant_get_data (near), *pairs = g_variant_get_data (all);

  g_assert_cmpuint (k, ==, 8);
  for (guint i = 0; i < COUNT; i++)
    {
      const guint picture = (guint) places[i];
      double most = -2;

      g_assert_cmpuint (picture, <, COUNT);
      g_assert_true (i == 0 || classes[i] >= classes[i - 1]);
      g_assert_cmpfloat_with_epsilon (pairs[i * COUNT + i], 1, 1e-4);
      for (guint j = 0; j < COUNT; j++)
        if (j != i)
          most = fmax (most, (double) pairs[i * COUNT + j]);
      g_assert_cmpfloat_with_epsilon ((double) cosines[picture * k], most, 1e-4);
      g_assert_cmpfloat (cosines[picture * k + k - 1], <=, cosines[picture * k]);
      g_assert_cmpint (nearest[picture * k], !=, (gint32) picture);
    }
}

static void
test_map_matrix_and_pictures (void)
{
  Engine *engine = start_swav ();
  g_autoptr (GVariant) map = look_at_map (engine, "pca", TRUE), again = look_at_map (engine, "pca", FALSE);
  g_autoptr (GVariant) first = look_at_map (engine, "tsne", FALSE), second = NULL, matrix = NULL;
  g_autoptr (GVariant) x = array_of (map, "x", "ad", 8, COUNT),
                       x_again = array_of (again, "x", "ad", 8, COUNT);
  g_autoptr (GVariant) pictures = array_of (map, "pictures", "ay", 1, COUNT * SIDE * SIDE);
  g_autoptr (GVariant) absent = g_variant_lookup_value (again, "pictures", NULL);
  guint64 step;

  g_assert_cmpuint (count_of (map, "size"), ==, SIDE);
  g_assert_null (absent);
  g_assert_true (g_variant_equal (x, x_again));
  matrix = engine_look (engine, EID_WIRE_VIEW_SIMILARITY, NULL, 0, &step, NULL);
  g_assert_nonnull (matrix);
  neighbours_agree_with_the_matrix (map, matrix);

  /* Each look goes on from the last. */
  g_assert_cmpuint (count_of (first, "iterations"), >, 0);
  g_assert_cmpuint (count_of (first, "iterations-wanted"), ==, 1000);
  second = look_at_map (engine, "tsne", FALSE);
  g_assert_cmpuint (count_of (second, "iterations"), >, count_of (first, "iterations"));
  g_assert_true (isfinite (number_of (second, "divergence")));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_prototypes (void)
{
  Engine *engine = start_swav ();
  g_autoptr (GVariant) picture = NULL, use = NULL, mass = NULL;
  const double *uses, *masses;
  double sum = 0, mass_sum = 0;
  guint unused = 0;
  guint64 step;

  picture = engine_look (engine, EID_WIRE_VIEW_PROTOTYPES, NULL, 0, &step, NULL);
  g_assert_nonnull (picture);
  g_assert_cmpuint (count_of (picture, "prototypes"), ==, PROTOTYPES);
  g_assert_cmpuint (count_of (picture, "count"), ==, COUNT);
  g_assert_cmpuint (count_of (picture, "rows"), ==, 2 * COUNT);
  use = array_of (picture, "use", "ad", 8, PROTOTYPES);
  mass = array_of (picture, "mass", "ad", 8, PROTOTYPES);
  uses = g_variant_get_data (use);
  masses = g_variant_get_data (mass);
  for (guint k = 0; k < PROTOTYPES; k++)
    {
      sum += uses[k];
      mass_sum += masses[k];
      unused += uses[k] <= 0;
      /* Shares of so many views. */
      g_assert_cmpfloat_with_epsilon (uses[k] * 2 * COUNT, round (uses[k] * 2 * COUNT), 1e-3);
    }
  g_assert_cmpfloat_with_epsilon (sum, 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (mass_sum, 1, 1e-4);
  g_assert_cmpuint (count_of (picture, "unused"), ==, unused);
  g_assert_cmpfloat (number_of (picture, "in-use"), <=, PROTOTYPES - unused + 1e-6);
  g_assert_cmpfloat_with_epsilon (number_of (picture, "entropy-most"), log (PROTOTYPES), 1e-9);
  g_assert_cmpfloat (number_of (picture, "entropy"), <=, log (PROTOTYPES) + 1e-6);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_no_prototypes_is_said (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = tiny_recipe_text (engine->world->data), *message = NULL;
  g_autofree char *run = engine_start (engine, recipe);
  guint64 step;

  engine_wait (engine, engine_is_in, "done");
  g_assert_null (engine_look (engine, EID_WIRE_VIEW_PROTOTYPES, NULL, 0, &step, &message));
  g_assert_nonnull (strstr (message, "prototypes"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
on_health (EidWireEngine *proxy, GVariant *report, GVariant **newest)
{
  g_clear_pointer (newest, g_variant_unref);
  *newest = g_variant_ref (report);
}

static gboolean
is_told (Engine *engine, gconstpointer newest)
{
  return *(GVariant *const *) newest != NULL;
}

/* With each number the limits that it is judged by, of which there are none where all may be alike. */
static void
test_bands_come_with_health (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = tiny_recipe_text (engine->world->data), *run = NULL;
  g_autoptr (GVariant) report = NULL, bands = NULL;
  double least, most;

  g_signal_connect (engine->proxy, "health", G_CALLBACK (on_health), &report);
  run = engine_start (engine, recipe);
  engine_wait (engine, is_told, &report);
  bands = g_variant_lookup_value (report, "bands", G_VARIANT_TYPE ("a{s(dd)}"));
  g_assert_nonnull (bands);
  g_assert_true (g_variant_lookup (bands, "cosine", "(dd)", &least, &most));
  g_assert_true (least < 0 && isinf (least));
  g_assert_true (most > 0 && isinf (most));
  g_assert_false (g_variant_lookup (bands, "prototype-use", "(dd)", &least, &most));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
write_picture (const char *folder, guint number)
{
  g_autofree char *name = g_strdup_printf ("%03u.png", number), *file = g_build_filename (folder, name, NULL);
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
  guint8 *pixels = gdk_pixbuf_get_pixels (picture);
  g_autoptr (GError) error = NULL;

  for (guint y = 0; y < SIDE; y++)
    for (guint x = 0; x < SIDE; x++)
      for (guint c = 0; c < 3; c++)
        pixels[y * (guint) gdk_pixbuf_get_rowstride (picture) + 3 * x + c] =
            (guint8) (x * (number % 13) + y * (number % 7) + 20 * c);
  g_assert_true (gdk_pixbuf_save (picture, file, "png", &error, NULL));
  g_assert_no_error (error);
}

/* Of a folder without labels a tenth is held back; a map of that alone would be no map. */
static void
test_a_folder_without_labels_is_shown_whole (void)
{
  enum
  {
    ALL = 100
  };
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *folder = tiny_path (engine->world, "photographs"), *plain = tiny_recipe_text (folder);
  g_autofree char *run = NULL;
  GString *recipe = g_string_new (plain);
  g_autoptr (GVariant) map = NULL, matrix = NULL, x = NULL, y = NULL, labels = NULL, pictures = NULL,
                       order = NULL, health = NULL;
  double rank = 0, rank_of_health = -1;
  guint64 step = 0;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < ALL; i++)
    write_picture (folder, i);
  g_assert_cmpuint (g_string_replace (recipe, "reader = idx\n", "reader = folder\n", 1), ==, 1);
  g_assert_cmpuint (g_string_replace (recipe, "steps = 24\n", "steps = 1\n", 1), ==, 1);
  run = engine_start (engine, recipe->str);
  g_string_free (recipe, TRUE);
  engine_wait (engine, engine_is_in, "done");
  map = look_at_map (engine, "pca", TRUE);
  x = array_of (map, "x", "ad", sizeof (double), ALL);
  y = array_of (map, "y", "ad", sizeof (double), ALL);
  labels = array_of (map, "label", "ai", 4, ALL);
  for (guint i = 0; i < ALL; i++)
    g_assert_cmpint (((const gint32 *) g_variant_get_data (labels))[i], ==, -1);
  /* The numbers are of the tenth that health is measured on. */
  health = engine_look (engine, EID_WIRE_VIEW_HEALTH, NULL, 0, &step, NULL);
  g_assert_cmpuint (count_of (map, "rank-most"), ==, count_of (health, "rank-most"));
  g_assert_true (g_variant_lookup (map, "rank", "d", &rank)
                 && g_variant_lookup (health, "rank", "d", &rank_of_health));
  g_assert_cmpfloat_with_epsilon (rank, rank_of_health, 1e-6);
  pictures = array_of (map, "pictures", "ay", 1, ALL * SIDE * SIDE * 3);
  matrix = engine_look (engine, EID_WIRE_VIEW_SIMILARITY, NULL, 0, &step, NULL);
  order = array_of (matrix, "order", "ai", 4, ALL);
  g_assert_cmpuint (count_of (matrix, "count"), ==, ALL);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/embedding/map-matrix-and-pictures", test_map_matrix_and_pictures);
  g_test_add_func ("/wire/embedding/a-folder-without-labels-is-shown-whole",
                   test_a_folder_without_labels_is_shown_whole);
  g_test_add_func ("/wire/embedding/prototypes", test_prototypes);
  g_test_add_func ("/wire/embedding/no-prototypes-is-said", test_no_prototypes_is_said);
  g_test_add_func ("/wire/embedding/bands-come-with-health", test_bands_come_with_health);
  return g_test_run ();
}
