/* mutate-variant.c: see mutate-variant.h. */
#include "tests/fuzz/mutate-variant.h"

#include <math.h>
#include <string.h>

#define MOST_LONGER 4096 /* elements that an array grows by */

static const guint64 numbers[] = {
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  15,
  16,
  17,
  32,
  48,
  64,
  255,
  256,
  257,
  4095,
  4096,
  65535,
  65536,
  1000000,
  G_MAXINT32,
  (guint64) G_MAXINT32 + 1,
  G_MAXUINT32,
  (guint64) G_MAXUINT32 + 1,
  G_MAXINT64,
  (guint64) G_MAXINT64 + 1,
  G_MAXUINT64,
};

static const double doubles[] = { 0,    -0.0, 1,     -1,     0.5,    1e-300, 1e-12,  255,   1e6,
                                  1e18, 1e19, 1e300, -1e300, 1e-320, 100,    -0.001, 3.4e38 };

static const char *const words[] = {
  "",
  "embedding",
  "images",
  "points",
  "matrix",
  "tokens",
  "health",
  "edit",
  "checkpoint",
  "branch",
  "warning",
  "%s%n",
  "a/b/../..",
  "<b>&lt;",
  "=1+1",
  "int",
  "Objective.x: 1 → 2",
  "a, b",
  "\"\n\t",
  "own.x",
  "\xe2\x80\xae",
  "healthy",
  "diverging",
  "\x1b[1m",
  "x=y",
};

/* What stands where any type may. */
static const char *const others[] = {
  "uint32 3",   "int32 -1", "1.5",      "'text'",    "true",     "[byte 0x01, 0x02]",
  "[1.0, 2.0]", "@as []",   "uint64 7", "@a{sv} {}", "[(1, 2)]", "@aa{sv} []",
};

static double
a_double (FuzzInput *input)
{
  const guint8 which = fuzz_byte (input);
  const gint64 bits = which >= 200 ? fuzz_long (input) : 0;
  double value;

  if (which == 0)
    return NAN;
  if (which == 1)
    return INFINITY;
  if (which == 2)
    return -INFINITY;
  memcpy (&value, &bits, sizeof value);
  return which >= 200 ? value : doubles[which % G_N_ELEMENTS (doubles)];
}

static char *
a_text (FuzzInput *input)
{
  const guint8 which = fuzz_byte (input);
  const FuzzInput part = which >= 128 ? fuzz_part (input, which - 127) : (FuzzInput){ NULL, 0 };

  return part.size > 0 ? g_utf8_make_valid ((const char *) part.data, (gssize) part.size)
                       : g_strdup (words[which % G_N_ELEMENTS (words)]);
}

static GVariant *
mutate_number (GVariant *value, FuzzInput *input)
{
  const guint8 which = fuzz_byte (input);
  const guint64 number = which < 240 ? numbers[which % G_N_ELEMENTS (numbers)] : (guint64) fuzz_long (input);

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      return g_variant_new_boolean (!g_variant_get_boolean (value));
    case G_VARIANT_CLASS_BYTE:
      return g_variant_new_byte ((guint8) number);
    case G_VARIANT_CLASS_INT32:
      return g_variant_new_int32 ((gint32) (which % 2 ? number : -number));
    case G_VARIANT_CLASS_UINT32:
      return g_variant_new_uint32 ((guint32) number);
    case G_VARIANT_CLASS_INT64:
      return g_variant_new_int64 ((gint64) number);
    case G_VARIANT_CLASS_UINT64:
      return g_variant_new_uint64 (number);
    default:
      return g_variant_ref (value);
    }
}

/* An array of numbers: shorter, longer, or with another number in it. */
static GVariant *
mutate_numbers (GVariant *value, gsize width, FuzzInput *input)
{
  const GVariantType *element = g_variant_type_element (g_variant_get_type (value));
  gsize count = 0;
  const guint8 *data = g_variant_get_fixed_array (value, &count, width);
  g_autoptr (GByteArray) changed = g_byte_array_new ();
  const guint8 way = fuzz_byte (input);
  const guint16 place = fuzz_short (input);

  if (count > 0)
    g_byte_array_append (changed, data, (guint) (count * width));
  if (way % 4 == 0)
    g_byte_array_set_size (changed, (guint) (place % (count + 1) * width));
  else if (way % 4 == 1)
    for (guint i = 0; i <= place % MOST_LONGER; i++)
      g_byte_array_append (
          changed, count > 0 ? data + i % count * width : (const guint8 *) "\1\0\0\0\0\0\0\0", (guint) width);
  else if (count > 0)
    {
      guint8 *at = changed->data + place % count * width;
      const double real = a_double (input);
      const guint64 number = numbers[fuzz_byte (input) % G_N_ELEMENTS (numbers)];

      if (g_variant_type_equal (element, G_VARIANT_TYPE_DOUBLE))
        memcpy (at, &real, width);
      else
        memcpy (at, &number, width);
    }
  return g_variant_new_fixed_array (element, changed->data, changed->len / width, width);
}

static gsize
width_of (const GVariantType *element)
{
  switch (*(const char *) element)
    {
    case 'y':
      return 1;
    case 'i':
    case 'u':
      return 4;
    case 'd':
    case 't':
    case 'x':
      return 8;
    default:
      return 0;
    }
}

static GVariant *
mutate_container (GVariant *value, FuzzInput *input)
{
  const gboolean array = g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY);
  const gboolean entry = g_variant_is_of_type (value, G_VARIANT_TYPE_DICT_ENTRY);
  const gsize count = g_variant_n_children (value);
  const guint8 way = fuzz_byte (input);
  const gsize which = count > 0 ? (entry && way < 250 ? 1 : fuzz_byte (input) % count) : 0;
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (gsize i = 0; i < count; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (i != which)
        g_ptr_array_add (children, g_variant_ref (child));
      else if (array && way % 8 == 0)
        continue;
      else if (array && way % 8 == 1)
        for (guint twice = 0; twice < 2; twice++)
          g_ptr_array_add (children, g_variant_ref (child));
      else
        g_ptr_array_add (children, g_variant_ref_sink (fuzz_mutate (child, input)));
    }
  if (entry)
    return g_variant_new_dict_entry (children->pdata[0], children->pdata[1]);
  if (!array)
    return g_variant_new_tuple ((GVariant *const *) children->pdata, children->len);
  return g_variant_new_array (g_variant_type_element (g_variant_get_type (value)),
                              (GVariant *const *) children->pdata, children->len);
}

static GVariant *
mutate_any (GVariant *value, FuzzInput *input)
{
  g_autoptr (GVariant) inside = g_variant_get_variant (value), changed = NULL;

  if (fuzz_byte (input) % 8 == 0)
    return g_variant_new_variant (g_variant_new_parsed (others[fuzz_byte (input) % G_N_ELEMENTS (others)]));
  changed = g_variant_ref_sink (fuzz_mutate (inside, input));
  return g_variant_new_variant (changed);
}

GVariant *
fuzz_mutate (GVariant *value, FuzzInput *input)
{
  const GVariantClass class = g_variant_classify (value);
  const GVariantType *type = g_variant_get_type (value);
  const gsize width = g_variant_type_is_array (type) ? width_of (g_variant_type_element (type)) : 0;
  g_autofree char *text = NULL;

  if (width > 0)
    return mutate_numbers (value, width, input);
  if (class == G_VARIANT_CLASS_DOUBLE)
    return g_variant_new_double (a_double (input));
  if (class == G_VARIANT_CLASS_STRING)
    {
      text = a_text (input);
      return g_variant_new_string (text);
    }
  if (class == G_VARIANT_CLASS_VARIANT)
    return mutate_any (value, input);
  return g_variant_is_container (value) ? mutate_container (value, input) : mutate_number (value, input);
}
