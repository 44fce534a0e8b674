/* fake-own.c: one view of every kind, and one that was refused; see fake-own.h. */
#include "tests/ui/fake-own.h"

#include <math.h>

enum
{
  COUNT = 5,
  HEIGHT = 8,
  WIDTH = 12,
  LENGTH = 11
};

static void
add (GVariantBuilder *out, const char *key, GVariant *value)
{
  g_variant_builder_add (out, "{sv}", key, value);
}

static void
begin (GVariantBuilder *views, const char *name, const char *kind)
{
  g_variant_builder_open (views, G_VARIANT_TYPE_VARDICT);
  add (views, "name", g_variant_new_string (name));
  add (views, "kind", g_variant_new_string (kind));
}

static void
add_range (GVariantBuilder *out, double least, double greatest)
{
  add (out, "least", g_variant_new_double (least));
  add (out, "greatest", g_variant_new_double (greatest));
}

static void
add_doubles (GVariantBuilder *out, const char *key, const double *values, gsize count)
{
  add (out, key, g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, values, count, sizeof (double)));
}

static void
add_maps (GVariantBuilder *views, guint64 step)
{
  static guint8 pixels[COUNT * HEIGHT * WIDTH];

  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = (guint8) (i * 3 + step);
  begin (views, "error", "maps");
  add (views, "count", g_variant_new_uint32 (COUNT));
  add (views, "height", g_variant_new_uint32 (HEIGHT));
  add (views, "width", g_variant_new_uint32 (WIDTH));
  add (views, "channels", g_variant_new_uint32 (1));
  add (views, "pixels", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, pixels, sizeof pixels, 1));
  add_range (views, 0, 2.5);
  g_variant_builder_close (views);
}

static void
add_plots (GVariantBuilder *views, guint64 step)
{
  double x[40], y[40];

  for (int i = 0; i < 40; i++)
    {
      x[i] = cos (i * 0.4) * (i + 1);
      y[i] = exp (-i / 9.0) + 0.001 * (double) (step % 7);
    }
  begin (views, "cloud", "points");
  add_doubles (views, "x", x, 40);
  add_doubles (views, "y", y, 40);
  g_variant_builder_close (views);
  begin (views, "decay", "series");
  add_doubles (views, "values", y, 40);
  g_variant_builder_close (views);
  begin (views, "singular-values", "spectrum");
  add_doubles (views, "values", y, 40);
  g_variant_builder_close (views);
}

static void
add_matrix (GVariantBuilder *views)
{
  static const float values[] = { 1, 0, -1, 0.5f, 0.25f, 0 };

  begin (views, "table", "matrix");
  add (views, "rows", g_variant_new_uint32 (2));
  add (views, "columns", g_variant_new_uint32 (3));
  add (views, "values", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, values, sizeof values, 1));
  add_range (views, -1, 1);
  g_variant_builder_close (views);
}

/* "the cat sat": each word a token, and the spaces. */
static void
add_text (GVariantBuilder *views)
{
  static const char *const words[] = { "the", " ", "cat", "sat", "dog", NULL };
  static const gint32 tokens[LENGTH] = { 0, 1, 2, 1, 3, 1, 0, 1, 2, 1, 3 };
  gint32 predicted[LENGTH];
  double values[LENGTH], chances[LENGTH];

  for (int i = 0; i < LENGTH; i++)
    {
      values[i] = i == 0 ? NAN : 0.09 * i;
      predicted[i] = 4;
      chances[i] = i == 0 ? 0 : 0.5;
    }
  begin (views, "predictions", "tokens");
  add (views, "count", g_variant_new_uint32 (1));
  add (views, "length", g_variant_new_uint32 (LENGTH));
  add (views, "few", g_variant_new_uint32 (1));
  add (views, "words", g_variant_new_strv (words, -1));
  add (views, "tokens", g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, tokens, LENGTH, sizeof (gint32)));
  add (views, "predicted",
       g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, predicted, LENGTH, sizeof (gint32)));
  add_doubles (views, "values", values, LENGTH);
  add_doubles (views, "chances", chances, LENGTH);
  add_range (views, 0, 1);
  g_variant_builder_close (views);
  begin (views, "answer", "text");
  add (views, "text", g_variant_new_string ("All is well."));
  g_variant_builder_close (views);
}

/* Of two layers of two heads. In the last the first head looks at the first token, the second at the query
 * itself, and their mean at both; in the first layer all look at all that is before them. */
static void
add_attention (GVariantBuilder *views, GVariant *options)
{
  static const char *const names[LENGTH + 1] = { "t", "h", "e", " ", "c", "a", "t", "\n", "s", "a", "t" };
  float values[LENGTH * LENGTH] = { 0 };
  gint32 layer = -1, head = -1;

  g_variant_lookup (options, "layer", "i", &layer);
  g_variant_lookup (options, "head", "i", &head);
  layer = layer < 0 ? layer + 2 : layer;
  for (int query = 0; query < LENGTH; query++)
    for (int key = 0; key <= query; key++)
      values[query * LENGTH + key] = layer == 0 ? 1.0f / (float) (query + 1)
                                                : (head < 1 && key == 0 ? head < 0 ? 0.5f : 1 : 0)
                                                      + (head != 0 && key == query ? head < 0 ? 0.5f : 1 : 0);
  begin (views, "attention", "matrix");
  add (views, "rows", g_variant_new_uint32 (LENGTH));
  add (views, "columns", g_variant_new_uint32 (LENGTH));
  add (views, "values", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, values, sizeof values, 1));
  add (views, "names", g_variant_new_strv (names, LENGTH));
  add_range (views, 0, 1);
  add (views, "layers", g_variant_new_uint32 (2));
  add (views, "heads", g_variant_new_uint32 (2));
  add (views, "layer", g_variant_new_int32 (layer));
  add (views, "head", g_variant_new_int32 (head));
  g_variant_builder_close (views);
}

void
fake_own (GVariantBuilder *picture, guint64 step, GVariant *options)
{
  GVariantBuilder views;

  g_variant_builder_init (&views, G_VARIANT_TYPE ("aa{sv}"));
  add_text (&views);
  if (options)
    add_attention (&views, options);
  add_maps (&views, step);
  add_plots (&views, step);
  add_matrix (&views);
  begin (&views, "wrong", "matrix");
  add (&views, "refused",
       g_variant_new_string ("“simclr” publishes matrix “wrong”: its shape is [6]; [R, C] was expected."));
  g_variant_builder_close (&views);
  add (picture, "views", g_variant_builder_end (&views));
}
