/* safetensors-types.c: the element types of the format, what a tensor of them
 * weighs, which reading and writing must agree on, and those that are numbers
 * with a fraction, read as floats; and lists of tensors.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct
{
  const char *name;
  guint size; /* bytes */
} tensor_types[] = {
  { "BOOL", 1 }, { "U8", 1 },  { "I8", 1 },  { "F8_E5M2", 1 }, { "F8_E4M3", 1 },
  { "I16", 2 },  { "U16", 2 }, { "F16", 2 }, { "BF16", 2 },    { "I32", 4 },
  { "U32", 4 },  { "F32", 4 }, { "I64", 8 }, { "U64", 8 },     { "F64", 8 },
};

guint
eid_safetensors_type_size (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (tensor_types); i++)
    if (g_str_equal (tensor_types[i].name, type))
      return tensor_types[i].size;
  return 0;
}

gboolean
eid_safetensors_size (const EidSafetensor *tensor, guint64 *bytes)
{
  guint64 size = eid_safetensors_type_size (tensor->type);

  if (size == 0 || tensor->rank > G_N_ELEMENTS (tensor->dim))
    return FALSE;
  for (guint i = 0; i < tensor->rank; i++)
    if (!g_uint64_checked_mul (&size, size, tensor->dim[i]))
      return FALSE;
  *bytes = size;
  return TRUE;
}

/* --- Numbers --------------------------------------------------------------- */

/* A float of the same value as a number of 1 sign, @exponent and @fraction bits (IEEE 754). */
static float
widen (guint16 bits, guint exponent, guint fraction)
{
  const guint32 sign = (guint32) (bits >> 15) << 31, most = (1u << exponent) - 1;
  const guint32 power = bits >> fraction & most, part = bits & ((1u << fraction) - 1);
  const guint32 bias = 127 - (most >> 1);
  guint32 wide = sign | (power + bias) << 23 | part << (23 - fraction);
  float value;

  if (power == most)
    wide = sign | 0xffu << 23 | part << (23 - fraction);
  memcpy (&value, &wide, sizeof value);
  if (power > 0 || bias == 0)
    return value;
  /* Below the smallest power the fraction has no leading one. */
  value = (float) part / (float) (1u << fraction) / (float) (1u << ((most >> 1) - 1));
  return sign ? -value : value;
}

/* The format is little-endian; data may lie anywhere. */
static float
from_f16 (const guint8 *data)
{
  return widen ((guint16) (data[0] | data[1] << 8), 5, 10);
}

static float
from_bf16 (const guint8 *data)
{
  return widen ((guint16) (data[0] | data[1] << 8), 8, 7);
}

static float
from_f32 (const guint8 *data)
{
  guint32 bits;
  float value;

  memcpy (&bits, data, sizeof bits);
  bits = GUINT32_FROM_LE (bits);
  memcpy (&value, &bits, sizeof value);
  return value;
}

static float
from_f64 (const guint8 *data)
{
  guint64 bits;
  double value;

  memcpy (&bits, data, sizeof bits);
  bits = GUINT64_FROM_LE (bits);
  memcpy (&value, &bits, sizeof value);
  return (float) value;
}

static const struct
{
  const char *name;
  float (*read) (const guint8 *data);
} number_types[] = {
  { "F16", from_f16 },
  { "BF16", from_bf16 },
  { "F32", from_f32 },
  { "F64", from_f64 },
};

float *
eid_safetensor_floats (const EidSafetensor *tensor, GError **error)
{
  const guint size = eid_safetensors_type_size (tensor->type);

  for (guint i = 0; i < G_N_ELEMENTS (number_types); i++)
    if (g_str_equal (number_types[i].name, tensor->type))
      {
        float *values = g_try_new (float, MAX (tensor->bytes / size, 1));

        if (values == NULL)
          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
                       _ ("there is not enough memory for the tensor “%s”"), tensor->name);
        for (guint64 j = 0; values != NULL && j < tensor->bytes / size; j++)
          values[j] = number_types[i].read ((const guint8 *) tensor->data + j * size);
        return values;
      }
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
               _ ("the tensor “%s” is of type %s; weights are F16, BF16, F32 or F64. Store it as one of "
                  "these."),
               tensor->name, tensor->type);
  return NULL;
}

/* --- Lists ----------------------------------------------------------------- */

static void
clear_tensor (gpointer data)
{
  EidSafetensor *tensor = data;

  g_free (tensor->name);
  g_free ((gpointer) tensor->data);
}

GArray *
eid_safetensor_list_new (void)
{
  GArray *list = g_array_new (FALSE, TRUE, sizeof (EidSafetensor));

  g_array_set_clear_func (list, clear_tensor);
  return list;
}
