/* safetensors-write.c: writing a .safetensors file so that a power cut, a kill
 * or a full disk leaves the old one or the new one, never half of one: into a
 * temporary file beside it, synced, renamed, and the folder synced.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ALIGNMENT 8 /* of the data in the file, so that a mapped tensor can be used in place */

static gboolean
write_all (int out, gconstpointer data, guint64 length)
{
  const char *rest = data;

  while (length > 0)
    {
      gssize written = write (out, rest, MIN (length, 1 << 30));

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      rest += written;
      length -= written;
    }
  return TRUE;
}

static gboolean
io_error (GError **error, const char *file, int code)
{
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
               code == ENOSPC || code == EDQUOT || code == EFBIG
                   ? _ ("%s cannot be written: %s. Free some space, or give another folder with --out")
                   : _ ("%s cannot be written: %s"),
               file, g_strerror (code));
  return FALSE;
}

gboolean
eid_folder_sync (const char *folder, GError **error)
{
  int descriptor = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  int code = 0;

  if (descriptor < 0)
    return io_error (error, folder, errno);
  /* Some file systems cannot sync a folder, and say so by EINVAL. */
  if (fsync (descriptor) < 0 && errno != EINVAL)
    code = errno;
  close (descriptor);
  return code == 0 || io_error (error, folder, code);
}

/* Wide types first: each tensor is then aligned to its own size. */
static int
compare_types (gconstpointer a, gconstpointer b)
{
  const EidSafetensor *const *first = a, *const *second = b;

  return (int) eid_safetensors_type_size ((*second)->type) - (int) eid_safetensors_type_size ((*first)->type);
}

static gboolean
check_tensors (const char *file, GPtrArray *tensors, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < tensors->len; i++)
    {
      const EidSafetensor *tensor = tensors->pdata[i];
      guint64 bytes;

      if (!g_utf8_validate (tensor->name, -1, NULL) || g_str_equal (tensor->name, "__metadata__")
          || !g_hash_table_add (names, tensor->name) || !eid_safetensors_size (tensor, &bytes)
          || bytes != tensor->bytes)
        {
          g_autofree char *name = g_utf8_make_valid (tensor->name, -1);

          g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT,
                       _ ("%s cannot be written: tensor %s has a name that is taken or not allowed, or its "
                          "type and shape do not make its %'" PRIu64 " bytes"),
                       file, name, tensor->bytes);
          return FALSE;
        }
    }
  return TRUE;
}

static void
add_numbers (JsonBuilder *builder, const char *member, const guint64 *numbers, guint count)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < count; i++)
    json_builder_add_int_value (builder, numbers[i]);
  json_builder_end_array (builder);
}

/* The header with its length before it, padded so that the data is aligned. */
static GString *
make_header (GPtrArray *tensors, GHashTable *metadata)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;
  GString *header = g_string_new (NULL);
  guint64 offsets[2] = { 0, 0 };
  guint64 length;

  json_builder_begin_object (builder);
  if (metadata != NULL && g_hash_table_size (metadata) > 0)
    {
      g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (metadata), (GCompareFunc) strcmp);

      json_builder_set_member_name (builder, "__metadata__");
      json_builder_begin_object (builder);
      for (GList *key = keys; key != NULL; key = key->next)
        {
          json_builder_set_member_name (builder, key->data);
          json_builder_add_string_value (builder, g_hash_table_lookup (metadata, key->data));
        }
      json_builder_end_object (builder);
    }
  for (guint i = 0; i < tensors->len; i++)
    {
      const EidSafetensor *tensor = tensors->pdata[i];

      offsets[1] = offsets[0] + tensor->bytes;
      json_builder_set_member_name (builder, tensor->name);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "dtype");
      json_builder_add_string_value (builder, tensor->type);
      add_numbers (builder, "shape", tensor->dim, tensor->rank);
      add_numbers (builder, "data_offsets", offsets, 2);
      json_builder_end_object (builder);
      offsets[0] = offsets[1];
    }
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json = json_generator_to_data (generator, NULL);
  g_string_append_len (header, "\0\0\0\0\0\0\0\0", sizeof length);
  g_string_append (header, json);
  while (header->len % ALIGNMENT != 0)
    g_string_append_c (header, ' ');
  length = GUINT64_TO_LE ((guint64) header->len - sizeof length);
  memcpy (header->str, &length, sizeof length);
  return header;
}

static gboolean
write_tensors (int out, const GString *header, GPtrArray *tensors)
{
  if (!write_all (out, header->str, header->len))
    return FALSE;
  for (guint i = 0; i < tensors->len; i++)
    {
      const EidSafetensor *tensor = tensors->pdata[i];

      if (!write_all (out, tensor->data, tensor->bytes))
        return FALSE;
    }
  return fsync (out) == 0;
}

gboolean
eid_safetensors_write (const char *file, const EidSafetensor *tensors, guint count, GHashTable *metadata,
                       GError **error)
{
  g_autoptr (GPtrArray) ordered = g_ptr_array_new ();
  g_autoptr (GString) header = NULL;
  g_autofree char *temporary = g_strconcat (file, EID_TEMPORARY_MARK "XXXXXX", NULL);
  g_autofree char *folder = g_path_get_dirname (file);
  int out, code = 0;

  g_return_val_if_fail (file != NULL && (tensors != NULL || count == 0), FALSE);

  for (guint i = 0; i < count; i++)
    g_ptr_array_add (ordered, (gpointer) &tensors[i]);
  g_ptr_array_sort (ordered, compare_types);
  if (!check_tensors (file, ordered, error))
    return FALSE;
  header = make_header (ordered, metadata);

  out = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);
  if (out < 0)
    return io_error (error, file, errno);
  if (!write_tensors (out, header, ordered))
    code = errno;
  if (close (out) < 0 && code == 0)
    code = errno;
  if (code == 0 && g_rename (temporary, file) < 0)
    code = errno;
  if (code != 0)
    {
      g_unlink (temporary);
      return io_error (error, file, code);
    }
  return eid_folder_sync (folder, error);
}
