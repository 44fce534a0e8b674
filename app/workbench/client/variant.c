/* variant.c: checked reading of the answers to Look; see variant.h. */
#include "app/workbench/client/variant.h"

#include <math.h>

/* D-Bus itself holds no message above 128 MiB. */
#define LARGEST ((guint64) 1 << 27)

guint
eid_answer_uint (GVariant *picture, const char *key)
{
  guint32 value = 0;

  g_variant_lookup (picture, key, "u", &value);
  return value;
}

int
eid_answer_int (GVariant *picture, const char *key)
{
  gint32 value = 0;

  g_variant_lookup (picture, key, "i", &value);
  return value;
}

double
eid_answer_double (GVariant *picture, const char *key)
{
  double value = NAN;

  g_variant_lookup (picture, key, "d", &value);
  return value;
}

GBytes *
eid_answer_bytes (GVariant *picture, const char *key, gsize size)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (picture, key, G_VARIANT_TYPE_BYTESTRING);

  if (value == NULL || size == 0 || g_variant_get_size (value) != size)
    return NULL;
  return g_variant_get_data_as_bytes (value);
}

static gconstpointer
numbers (GVariant *picture, const char *key, const char *type, gsize width, gsize *count, GVariant **keep)
{
  *count = 0;
  *keep = g_variant_lookup_value (picture, key, G_VARIANT_TYPE (type));
  return *keep ? g_variant_get_fixed_array (*keep, count, width) : NULL;
}

const double *
eid_answer_doubles (GVariant *picture, const char *key, gsize *count, GVariant **keep)
{
  return numbers (picture, key, "ad", sizeof (double), count, keep);
}

const gint32 *
eid_answer_ints (GVariant *picture, const char *key, gsize *count, GVariant **keep)
{
  return numbers (picture, key, "ai", sizeof (gint32), count, keep);
}

char **
eid_answer_strings (GVariant *picture, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (picture, key, G_VARIANT_TYPE_STRING_ARRAY);

  return value ? g_variant_dup_strv (value, NULL) : g_new0 (char *, 1);
}

gsize
eid_answer_product (const guint *sizes, gsize n)
{
  guint64 product = 1;

  for (gsize i = 0; i < n; i++)
    {
      if (sizes[i] == 0 || sizes[i] > LARGEST / product)
        return 0;
      product *= sizes[i];
    }
  return product;
}
