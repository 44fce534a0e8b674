/* safetensors-types.c: the element types of the format and what a tensor of
 * them weighs: what reading and writing must agree on.
 */
#include "internal.h"

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
