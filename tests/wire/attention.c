/* attention.c: looks at attention and patch tokens through the wire: of a small DINO, whose encoder
 * has a class token and registers, and which has a teacher.                  */
#include "tests/wire/engine.h"

#include <math.h>
#include <string.h>

enum
{
  COUNT = 8,
  EXTRA = 3, /* a class token and two registers */
  GRID = 4,
  PATCHES = GRID * GRID,
  TOKENS = EXTRA + PATCHES,
  LAYERS = 2,
  HEADS = 2,
  PLANES = LAYERS * (1 + HEADS),
  WIDTH = 16,
  BASIS = 4 * WIDTH + 6
};

static const char small_dino[] =
    "pooling = class\nregisters = 2\n"
    "[Objective]\nplugin = dino\nprototypes = 16\nhidden = 16\nbottleneck = 8\nsmall-crops = 0\n"
    "temperature-warmup = 0\nfreeze-last-layer = 0\n";

/* The tiny recipe, from its objective on to its optimiser @instead. */
static char *
recipe_of (Engine *engine, const char *instead)
{
  g_autofree char *text = tiny_recipe_text (engine->world->data);
  char *from = strstr (text, "[Objective]"), *to = strstr (text, "[Optimizer]");

  *from = '\0';
  return g_strconcat (text, instead, to, NULL);
}

/* One finished run, which looks do not change. */
static Engine *dino;

static void
begin (void)
{
  g_autofree char *recipe = NULL, *run = NULL;

  dino = engine_new (OVER_SOCKET);
  recipe = recipe_of (dino, small_dino);
  run = engine_start (dino, recipe);
  engine_wait (dino, engine_is_in, "done");
}

static GVariant *
look (Engine *engine, const char *view, const char *options)
{
  g_autoptr (GError) error = NULL;
  GVariant *parsed =
      options != NULL ? g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, &error) : NULL;
  guint64 step = 0;

  g_assert_no_error (error);
  return engine_look (engine, view, parsed, 0, &step, NULL);
}

static gconstpointer
block (GVariant *picture, const char *key, gsize expected, GVariant **keep)
{
  *keep = g_variant_lookup_value (picture, key, G_VARIANT_TYPE_BYTESTRING);
  g_assert_nonnull (*keep);
  g_assert_cmpuint (g_variant_get_size (*keep), ==, expected);
  return g_variant_get_data (*keep);
}

static gboolean
truth (GVariant *picture, const char *key)
{
  gboolean value = FALSE;

  g_assert_true (g_variant_lookup (picture, key, "b", &value));
  return value;
}

/* Every row of every map sums to 1, and is the heads' mean where it says so. */
static void
test_maps_are_attention (void)
{
  Engine *engine = dino;
  g_autoptr (GVariant) picture = look (engine, EID_WIRE_VIEW_ATTENTION, NULL);
  g_autoptr (GVariant) planes = g_variant_lookup_value (picture, "planes", G_VARIANT_TYPE ("a(ii)"));
  g_autoptr (GVariant) keep_maps = NULL, keep_greatest = NULL;
  const guint8 *maps = block (picture, "maps", PLANES * COUNT * TOKENS * TOKENS, &keep_maps);
  const gsize rows = PLANES * COUNT * TOKENS;
  const guint8 *bytes = block (picture, "greatest", rows * sizeof (float), &keep_greatest);
  g_autofree float *greatest = g_memdup2 (bytes, rows * sizeof (float));
  const gsize plane = COUNT * TOKENS;

  g_assert_true (truth (picture, "class-token"));
  g_assert_true (truth (picture, "has-teacher"));
  g_assert_cmpuint (g_variant_n_children (planes), ==, PLANES);
  for (gsize row = 0; row < rows; row++)
    {
      double sum = 0;

      for (guint i = 0; i < TOKENS; i++)
        sum += maps[row * TOKENS + i] / 255.0 * (double) greatest[row];
      g_assert_cmpfloat_with_epsilon (sum, 1, 0.5 * TOKENS / 255.0 * (double) greatest[row] + 1e-6);
    }
  for (gsize i = 0; i < plane * TOKENS; i++)
    {
      const double mean = maps[i] / 255.0 * (double) greatest[i / TOKENS];
      double heads = 0;

      for (guint head = 1; head <= HEADS; head++)
        heads += maps[head * plane * TOKENS + i] / 255.0 * (double) greatest[head * plane + i / TOKENS];
      g_assert_cmpfloat_with_epsilon (mean, heads / HEADS, 0.005);
    }
  g_assert_null (g_variant_lookup_value (picture, "teacher-maps", NULL));
}

static void
test_teacher_stands_beside_the_student (void)
{
  Engine *engine = dino;
  g_autoptr (GVariant) before = look (engine, EID_WIRE_VIEW_ATTENTION, NULL);
  g_autoptr (GVariant) both = look (engine, EID_WIRE_VIEW_ATTENTION, "{'whose': <'both'>}");
  g_autoptr (GVariant) after = look (engine, EID_WIRE_VIEW_ATTENTION, NULL);
  GVariant *keep[4] = { NULL };
  const gsize size = PLANES * COUNT * TOKENS * TOKENS;
  const guint8 *student = block (both, "maps", size, &keep[0]);
  const guint8 *teacher = block (both, "teacher-maps", size, &keep[1]);

  g_assert_cmpint (memcmp (student, teacher, size), !=, 0);
  /* The trained weights are in their place before, beside and after the teacher's. */
  g_assert_cmpint (memcmp (student, block (before, "maps", size, &keep[2]), size), ==, 0);
  g_assert_cmpint (memcmp (student, block (after, "maps", size, &keep[3]), size), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (keep); i++)
    g_variant_unref (keep[i]);
}

static void
test_no_teacher_is_said (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = tiny_recipe_text (engine->world->data);
  g_autofree char *run = engine_start (engine, recipe), *message = NULL;
  GVariantDict options;
  guint64 step = 0;

  engine_wait (engine, engine_is_in, "done");
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "whose", "s", "both");
  g_assert_null (
      engine_look (engine, EID_WIRE_VIEW_ATTENTION, g_variant_dict_end (&options), 0, &step, &message));
  g_assert_nonnull (strstr (message, "teacher"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* @text with the first @from in it replaced. Takes @text. */
static char *
replaced (char *text, const char *from, const char *to)
{
  g_autofree char *whole = text;
  char *place = strstr (text, from);

  g_assert_nonnull (place);
  *place = '\0';
  return g_strconcat (text, to, place + strlen (from), NULL);
}

/* 256 tokens, 4 layers of 4 heads, 8 pictures: 20 maps are 10 MiB, of which there is room for 8. So
 * the means of all layers come, for rollout, and the heads of the chosen one. */
static void
test_what_is_too_much_is_left_out (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = NULL, *run = NULL;
  g_autoptr (GVariant) picture = NULL, planes = NULL, keep = NULL;
  const guint tokens = 16 * 16;
  guint means = 0, heads = 0;

  recipe = recipe_of (engine, "[Objective]\nplugin = simclr\nhidden = 16\noutput = 16\n");
  recipe = replaced (g_steal_pointer (&recipe), "patch = 4", "patch = 1");
  recipe = replaced (g_steal_pointer (&recipe), "depth = 2", "depth = 4");
  recipe = replaced (g_steal_pointer (&recipe), "heads = 2", "heads = 4");
  recipe = replaced (g_steal_pointer (&recipe), "steps = 24", "steps = 2");
  recipe = replaced (g_steal_pointer (&recipe), "batch = 16", "batch = 4");
  recipe = replaced (g_steal_pointer (&recipe), "warmup = 4", "warmup = 1");
  run = engine_start (engine, recipe);
  engine_wait (engine, engine_is_in, "done");

  picture = look (engine, EID_WIRE_VIEW_ATTENTION, "{'layer': <1>, 'head': <2>}");
  planes = g_variant_lookup_value (picture, "planes", G_VARIANT_TYPE ("a(ii)"));
  for (gsize i = 0; i < g_variant_n_children (planes); i++)
    {
      gint layer, head;

      g_variant_get_child (planes, i, "(ii)", &layer, &head);
      means += head < 0;
      heads += head >= 0 && layer == 1;
    }
  g_assert_cmpuint (means, ==, 4);
  g_assert_cmpuint (heads, ==, 4);
  block (picture, "maps", (gsize) 8 * COUNT * tokens * tokens, &keep);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static const double *
basis_of (GVariant *picture, GVariant **keep)
{
  gsize count = 0;

  *keep = g_variant_lookup_value (picture, "basis", G_VARIANT_TYPE ("ad"));
  g_assert_nonnull (*keep);
  g_variant_get_fixed_array (*keep, &count, sizeof (double));
  g_assert_cmpuint (count, ==, BASIS);
  return g_variant_get_fixed_array (*keep, &count, sizeof (double));
}

static GVariant *
look_with_basis (Engine *engine, const double *basis, gboolean frozen)
{
  GVariantDict options;
  guint64 step = 0;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert_value (
      &options, "basis", g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, basis, BASIS, sizeof (double)));
  g_variant_dict_insert (&options, "frozen", "b", frozen);
  return engine_look (engine, EID_WIRE_VIEW_PATCHES, g_variant_dict_end (&options), 0, &step, NULL);
}

/* A basis handed back with two axes in each other's place and one turned is what the new one takes
 * after; a frozen one is kept to the last bit, whatever it is. */
static void
test_colours_keep_to_a_former_basis (void)
{
  Engine *engine = dino;
  g_autoptr (GVariant) first = look (engine, EID_WIRE_VIEW_PATCHES, NULL), aligned = NULL, frozen = NULL;
  GVariant *keep[6] = { NULL };
  const double *basis = basis_of (first, &keep[0]);
  g_autofree double *former = g_memdup2 (basis, BASIS * sizeof (double));
  const guint8 *before = block (first, "colours", COUNT * PATCHES * 3, &keep[1]), *after;
  const double *kept;

  block (first, "tokens", COUNT * PATCHES * WIDTH, &keep[2]);
  for (guint axis = 0; axis < 3; axis++)
    for (guint other = 0; other <= axis; other++)
      {
        double product = 0;

        for (guint d = 0; d < WIDTH; d++)
          product += basis[(1 + axis) * WIDTH + d] * basis[(1 + other) * WIDTH + d];
        g_assert_cmpfloat_with_epsilon (product, axis == other ? 1 : 0, 1e-9);
      }
  g_assert_cmpfloat (basis[4 * WIDTH], >=, basis[4 * WIDTH + 1]); /* deviations fall */
  g_assert_cmpfloat (basis[4 * WIDTH + 1], >=, basis[4 * WIDTH + 2]);

  for (guint d = 0; d < WIDTH; d++)
    {
      former[WIDTH + d] = basis[3 * WIDTH + d];
      former[3 * WIDTH + d] = -basis[WIDTH + d];
    }
  aligned = look_with_basis (engine, former, FALSE);
  kept = basis_of (aligned, &keep[3]);
  for (guint d = 0; d < 3 * WIDTH; d++)
    g_assert_cmpfloat_with_epsilon (kept[WIDTH + d], former[WIDTH + d], 1e-9);
  after = block (aligned, "colours", COUNT * PATCHES * 3, &keep[4]);
  for (guint i = 0; i < COUNT * PATCHES; i++)
    {
      g_assert_cmpint (ABS (after[3 * i] - before[3 * i + 2]), <=, 1);
      g_assert_cmpint (ABS (after[3 * i + 1] - before[3 * i + 1]), <=, 1);
      g_assert_cmpint (ABS (after[3 * i + 2] - (255 - before[3 * i])), <=, 1);
    }

  frozen = look_with_basis (engine, former, TRUE);
  g_assert_cmpint (memcmp (basis_of (frozen, &keep[5]), former, BASIS * sizeof (double)), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (keep); i++)
    g_variant_unref (keep[i]);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  begin ();
  g_test_add_func ("/attention/maps-are-attention", test_maps_are_attention);
  g_test_add_func ("/attention/teacher-stands-beside-the-student", test_teacher_stands_beside_the_student);
  g_test_add_func ("/attention/no-teacher-is-said", test_no_teacher_is_said);
  g_test_add_func ("/attention/what-is-too-much-is-left-out", test_what_is_too_much_is_left_out);
  g_test_add_func ("/attention/colours-keep-to-a-former-basis", test_colours_keep_to_a_former_basis);
  status = g_test_run ();
  g_assert_cmpint (engine_free (dino), ==, 0);
  return status;
}
