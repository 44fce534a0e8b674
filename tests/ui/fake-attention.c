/* fake-attention.c: see fake-attention.h. */
#include "tests/ui/fake-attention.h"

#include <math.h>

enum
{
  EXTRA = 3, /* a class token and two registers */
  LAYERS = 4,
  HEADS = 3,
  PLANES = LAYERS * (1 + HEADS),
  WIDTH = 8,
  BASIS = 4 * WIDTH + 6
};

static void
add_uint (GVariantBuilder *picture, const char *key, guint value)
{
  g_variant_builder_add (picture, "{sv}", key, g_variant_new_uint32 (value));
}

static void
add_block (GVariantBuilder *picture, const char *key, gpointer block, gsize size)
{
  g_variant_builder_add (
      picture, "{sv}", key,
      g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, block, size, TRUE, g_free, block));
}

/* The weight that token @query gives to @key: patches to those near them, and the class token and
 * registers to those near a place of their own; little to what is no patch. */
static double
weight (guint query, guint key, guint grid, guint picture, double width)
{
  double x = query % 2 ? grid * 0.25 : grid * 0.7, y = picture % 2 ? grid * 0.3 : grid * 0.6;

  if (key < EXTRA)
    return 0.1;
  if (query >= EXTRA)
    {
      x = (query - EXTRA) % grid;
      y = (query - EXTRA) / grid;
    }
  x -= (key - EXTRA) % grid;
  y -= (key - EXTRA) / grid;
  return exp (-(x * x + y * y) / (2 * width));
}

/* Softmax-like rows of one map, in bytes of each row's greatest. */
static void
fill_map (guint8 *map, float *greatest, guint grid, guint picture, double width)
{
  const guint tokens = EXTRA + grid * grid;

  for (guint query = 0; query < tokens; query++)
    {
      double sum = 0, most = 0;

      for (guint key = 0; key < tokens; key++)
        {
          const double w = weight (query, key, grid, picture, width);

          sum += w;
          most = MAX (most, w);
        }
      for (guint key = 0; key < tokens; key++)
        map[query * tokens + key] = (guint8) (weight (query, key, grid, picture, width) / most * 255 + 0.5);
      greatest[query] = (float) (most / sum);
    }
}

static void
add_maps (GVariantBuilder *picture, const char *maps_key, const char *greatest_key, guint count, guint grid,
          double width)
{
  const gsize tokens = EXTRA + grid * grid, rows = PLANES * count * tokens;
  guint8 *maps = g_malloc (rows * tokens);
  float *greatest = g_new (float, rows);

  for (guint plane = 0; plane < PLANES; plane++)
    for (guint i = 0; i < count; i++)
      fill_map (maps + (plane * count + i) * tokens * tokens, greatest + (plane * count + i) * tokens, grid,
                i, width + plane / (1 + HEADS) + 0.5 * (plane % (1 + HEADS)));
  add_block (picture, maps_key, maps, rows * tokens);
  add_block (picture, greatest_key, greatest, rows * sizeof (float));
}

void
fake_attention (GVariantBuilder *picture, guint count, guint grid, guint64 step, gboolean teacher,
                gboolean both)
{
  const double width = 1 + 3 * exp (-(double) step / 300);
  GVariantBuilder planes;

  add_uint (picture, "grid", grid);
  add_uint (picture, "extra", EXTRA);
  add_uint (picture, "layers", LAYERS);
  add_uint (picture, "heads", HEADS);
  g_variant_builder_add (picture, "{sv}", "class-token", g_variant_new_boolean (TRUE));
  g_variant_builder_add (picture, "{sv}", "has-teacher", g_variant_new_boolean (teacher));
  g_variant_builder_add (picture, "{sv}", "layer", g_variant_new_int32 (LAYERS - 1));
  g_variant_builder_add (picture, "{sv}", "head", g_variant_new_int32 (-1));
  g_variant_builder_init (&planes, G_VARIANT_TYPE ("a(ii)"));
  for (int layer = 0; layer < LAYERS; layer++)
    for (int head = -1; head < HEADS; head++)
      g_variant_builder_add (&planes, "(ii)", layer, head);
  g_variant_builder_add (picture, "{sv}", "planes", g_variant_builder_end (&planes));
  add_maps (picture, "maps", "greatest", count, grid, width);
  if (both)
    add_maps (picture, "teacher-maps", "teacher-greatest", count, grid, width / 2);
}

void
fake_patches (GVariantBuilder *picture, guint count, guint grid, guint64 step, gboolean frozen)
{
  const gsize cells = (gsize) count * grid * grid;
  guint8 *colours = g_malloc (cells * 3);
  gint8 *tokens = g_new (gint8, cells * WIDTH);
  const double explained[3] = { 0.42, 0.21, 0.09 };
  double basis[BASIS] = { 0 };

  for (gsize i = 0; i < cells; i++)
    {
      const double x = (i % grid + 0.5) / grid, y = (i / grid % grid + 0.5) / grid;

      colours[3 * i] = (guint8) (255 * x);
      colours[3 * i + 1] = (guint8) (255 * y);
      colours[3 * i + 2] = frozen ? 128 : (guint8) (step * 4);
      for (guint d = 0; d < WIDTH; d++)
        tokens[i * WIDTH + d] = (gint8) (100 * cos (3 * x * (d % 2) + 3 * y * (d / 2) + d));
    }
  add_uint (picture, "grid", grid);
  add_uint (picture, "width", WIDTH);
  add_block (picture, "colours", colours, cells * 3);
  add_block (picture, "tokens", tokens, cells * WIDTH);
  g_variant_builder_add (picture, "{sv}", "basis",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, basis, BASIS, sizeof (double)));
  g_variant_builder_add (picture, "{sv}", "explained",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, explained, 3, sizeof (double)));
}
