/* fake-embedding.c: points, similarities and prototypes by formula; see fake-embedding.h. */
#include "tests/ui/fake-embedding.h"

#include "tests/ui/fake-health.h"

#include <math.h>
#include <string.h>

enum
{
  COUNT = 600,
  WIDTH = 64,
  CLASSES = 5,
  NEIGHBOURS = 8,
  SIDE = 8,
  PROTOTYPES = 32,
  SETTLED = 400 /* iterations of t-SNE; 50 more at each look */
};

static const char *const names[] = { "shirt", "bag", "boot", "coat", "dress", NULL };

static void
add (GVariantBuilder *picture, const char *key, GVariant *value)
{
  g_variant_builder_add (picture, "{sv}", key, value);
}

static void
add_array (GVariantBuilder *picture, const char *key, const char *type, gconstpointer values, gsize count,
           gsize size)
{
  add (picture, key, g_variant_new_fixed_array (G_VARIANT_TYPE (type), values, count, size));
}

/* How far the classes have come apart. */
static double
apart_at (guint64 step)
{
  return 1 - exp (-(double) step / 100);
}

/* Each picture as bright as its class. */
static void
add_pictures (GVariantBuilder *picture)
{
  static guint8 pixels[COUNT][SIDE * SIDE];

  for (guint i = 0; i < COUNT; i++)
    memset (pixels[i], 40 + 40 * (int) (i % CLASSES), sizeof pixels[i]);
  add (picture, "size", g_variant_new_uint32 (SIDE));
  add (picture, "channels", g_variant_new_uint32 (1));
  add_array (picture, "pictures", "y", pixels, sizeof pixels, 1);
}

/* Those of the same class that come next. */
static void
add_neighbours (GVariantBuilder *picture)
{
  static gint32 neighbours[COUNT][NEIGHBOURS];
  static float cosines[COUNT][NEIGHBOURS];

  for (guint i = 0; i < COUNT; i++)
    for (guint k = 0; k < NEIGHBOURS; k++)
      {
        neighbours[i][k] = (gint32) ((i + CLASSES * (k + 1)) % COUNT);
        cosines[i][k] = 0.95f - 0.05f * (float) k;
      }
  add (picture, "neighbour-count", g_variant_new_uint32 (NEIGHBOURS));
  add_array (picture, "neighbours", "i", neighbours, COUNT * NEIGHBOURS, sizeof (gint32));
  add_array (picture, "neighbour-cosines", "y", cosines, sizeof cosines, 1);
}

static void
add_tsne (GVariantBuilder *picture)
{
  static guint iterations;

  iterations = MIN (iterations + 50, SETTLED);
  add (picture, "iterations", g_variant_new_uint32 (iterations));
  add (picture, "iterations-wanted", g_variant_new_uint32 (SETTLED));
  add (picture, "divergence", g_variant_new_double (1.25));
}

void
fake_embedding (GVariantBuilder *picture, guint64 step, GVariant *options)
{
  double x[COUNT], y[COUNT], spectrum[WIDTH], explained[2] = { 0.31, 0.18 }, apart = apart_at (step);
  gint32 label[COUNT];
  gboolean pictures = FALSE;
  const char *method = "pca";
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  g_variant_lookup (options, "pictures", "b", &pictures);
  g_variant_lookup (options, "method", "&s", &method);
  for (guint i = 0; i < COUNT; i++)
    {
      double angle = 2 * G_PI * (i % CLASSES) / CLASSES + (double) step * 0.01;

      label[i] = i % CLASSES;
      x[i] = 3 * apart * cos (angle) + g_rand_double_range (random, -1, 1);
      y[i] = 3 * apart * sin (angle) + g_rand_double_range (random, -1, 1);
    }
  for (guint i = 0; i < WIDTH; i++)
    spectrum[i] = 40 * exp (-(double) i / (4 + 20 * apart));
  add (picture, "count", g_variant_new_uint32 (COUNT));
  add (picture, "width", g_variant_new_uint32 (WIDTH));
  add_array (picture, "x", "d", x, COUNT, sizeof (double));
  add_array (picture, "y", "d", y, COUNT, sizeof (double));
  add_array (picture, "explained", "d", explained, 2, sizeof (double));
  add_array (picture, "label", "i", label, COUNT, sizeof (gint32));
  add (picture, "class-names", g_variant_new_strv (names, -1));
  add_array (picture, "spectrum", "d", spectrum, WIDTH, sizeof (double));
  add (picture, "rank", g_variant_new_double (4 + 24 * apart));
  add (picture, "z-std", g_variant_new_double (0.04 + 0.08 * apart));
  add (picture, "cosine", g_variant_new_double (0.8 - 0.4 * apart));
  add (picture, "alpha-req", g_variant_new_double (2.5 - apart));
  add (picture, "healthy", g_variant_new_double (0.125));
  add_neighbours (picture);
  if (pictures)
    add_pictures (picture);
  if (g_str_equal (method, "tsne"))
    add_tsne (picture);
}

void
fake_similarity (GVariantBuilder *picture, guint64 step)
{
  enum
  {
    FEW = 50
  };
  float cosines[FEW][FEW];
  gint32 order[FEW], label[FEW];

  for (int i = 0; i < FEW; i++)
    {
      label[i] = i / (FEW / CLASSES);
      order[i] = i % (FEW / CLASSES) * CLASSES + label[i];
      for (int j = 0; j < FEW; j++)
        cosines[i][j] = i == j ? 1 : i / (FEW / CLASSES) == j / (FEW / CLASSES) ? 0.75f : -0.25f;
    }
  add (picture, "count", g_variant_new_uint32 (FEW));
  add_array (picture, "order", "i", order, FEW, sizeof (gint32));
  add_array (picture, "label", "i", label, FEW, sizeof (gint32));
  add (picture, "class-names", g_variant_new_strv (names, -1));
  add_array (picture, "cosines", "y", cosines, sizeof cosines, 1);
}

/* A quarter of them are named by none. */
void
fake_prototypes (GVariantBuilder *picture, guint64 step)
{
  double use[PROTOTYPES], mass[PROTOTYPES];

  for (int k = 0; k < PROTOTYPES; k++)
    {
      use[k] = k % 4 == 0 ? 0 : 1.0 / (PROTOTYPES * 3 / 4);
      mass[k] = 1.0 / PROTOTYPES;
    }
  add (picture, "prototypes", g_variant_new_uint32 (PROTOTYPES));
  add (picture, "count", g_variant_new_uint32 (300));
  add (picture, "rows", g_variant_new_uint32 (COUNT));
  add (picture, "unused", g_variant_new_uint32 (PROTOTYPES / 4));
  add_array (picture, "use", "d", use, PROTOTYPES, sizeof (double));
  add_array (picture, "mass", "d", mass, PROTOTYPES, sizeof (double));
  add (picture, "in-use", g_variant_new_double (PROTOTYPES * 3 / 4));
  add (picture, "entropy", g_variant_new_double (2.5));
  add (picture, "entropy-most", g_variant_new_double (log (PROTOTYPES)));
}

void
fake_health (GVariantBuilder *picture, guint64 step)
{
  g_autoptr (GVariant) look = g_variant_ref_sink (fake_look_at (step));
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, look);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    add (picture, key, value);
}
