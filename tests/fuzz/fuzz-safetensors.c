/* fuzz-safetensors.c: a .safetensors file of anybody's. What opens is written again, and opens as the same.
 */
#include "tests/fuzz/fuzz.h"

#include "app/store/store.h"

#include <string.h>

void
fuzz_start (void)
{
}

static void
check_same (const EidSafetensor *first, const EidSafetensor *second)
{
  g_assert_nonnull (second);
  g_assert_cmpstr (first->type, ==, second->type);
  g_assert_cmpuint (first->rank, ==, second->rank);
  for (guint i = 0; i < first->rank; i++)
    g_assert_cmpuint (first->dim[i], ==, second->dim[i]);
  g_assert_cmpmem (first->data, first->bytes, second->data, second->bytes);
}

static void
write_again (EidSafetensors *tensors)
{
  const guint count = eid_safetensors_count (tensors);
  g_autofree EidSafetensor *list = g_new0 (EidSafetensor, MAX (count, 1));
  g_autofree char *file = fuzz_path ("again.safetensors");
  g_autoptr (EidSafetensors) again = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < count; i++)
    list[i] = *eid_safetensors_get (tensors, i);
  eid_safetensors_write (file, list, count, NULL, &error);
  g_assert_no_error (error);
  again = eid_safetensors_open (file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (eid_safetensors_count (again), ==, count);
  for (guint i = 0; i < count; i++)
    check_same (&list[i], eid_safetensors_find (again, list[i].name));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *file = NULL;
  g_autoptr (EidSafetensors) tensors = NULL;
  g_autoptr (GError) error = NULL;

  fuzz_folder ();
  fuzz_write ("in.safetensors", data, size);
  file = fuzz_path ("in.safetensors");
  tensors = eid_safetensors_open (file, &error);
  fuzz_assert_error (tensors != NULL, error);
  if (tensors == NULL)
    return 0;
  eid_safetensors_metadata (tensors, "eidoscope");
  for (guint i = 0; i < eid_safetensors_count (tensors); i++)
    {
      const EidSafetensor *tensor = eid_safetensors_get (tensors, i);
      g_autofree float *values = eid_safetensor_floats (tensor, NULL);

      g_assert_true (eid_safetensors_find (tensors, tensor->name) == tensor);
      fuzz_assert_text (tensor->name);
      g_assert_cmpuint (tensor->bytes, <=, size);
    }
  write_again (tensors);
  return 0;
}

static void
add_file (const char *header, gsize bytes)
{
  g_autoptr (GByteArray) seed = g_byte_array_new ();

  fuzz_add_long (seed, (gint64) strlen (header));
  g_byte_array_append (seed, (const guint8 *) header, (guint) strlen (header));
  for (gsize i = 0; i < bytes; i++)
    fuzz_add_byte (seed, (guint) (i * 37 & 0xff));
  fuzz_seed (seed->data, seed->len);
}

void
fuzz_seeds (void)
{
  add_file ("{}", 0);
  add_file ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24);
  add_file ("{\"__metadata__\":{\"format\":\"pt\",\"eidoscope\":\"0.1.0\"},"
            "\"head.weight\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[0,8]},"
            "\"step\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}  ",
            16);
  add_file ("{\"\\u00e9\\n\":{\"dtype\":\"F16\",\"shape\":[0,5],\"data_offsets\":[0,0]},"
            "\"b\":{\"dtype\":\"F64\",\"shape\":[1,1,1],\"data_offsets\":[0,8]},"
            "\"c\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[8,11]}}",
            11);
}
