/* safetensors.c: reading a .safetensors file, ours or anybody's.
 *
 * 8 bytes of header length (little-endian), a JSON header, the data. The file
 * is mapped, and nothing in it is believed: the header's length, its nesting,
 * every shape and every offset are bounded before they are used, and the
 * tensors must fill the data from end to end without overlap.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define PREFIX        8
#define HEADER_LIMIT  (100 * 1024 * 1024) /* bytes, as in the reference reader */
#define NESTING_LIMIT 3                   /* { "name": { "shape": [ … ] } } */
#define VALUES_LIMIT  (4 * 1024 * 1024)   /* values in the header: some 400,000 tensors */

struct _EidSafetensors
{
  GMappedFile *file;
  GArray *tensors; /* EidSafetensor, in the order of their data */
  GHashTable *by_name;
  GHashTable *metadata;
};

static void
tensor_clear (gpointer data)
{
  g_free (((EidSafetensor *) data)->name);
}

G_GNUC_PRINTF (3, 4)
static gboolean
refuse (GError **error, const char *file, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_CORRUPT, _ ("%s is not a sound safetensors file: %s"),
               file, reason);
  return FALSE;
}

/* The code unit that four digits after "u" escape at @text, or -1. */
static gint
escaped_unit (const char *text, gsize length)
{
  gint unit = 0;

  if (length < 6 || text[0] != '\\' || text[1] != 'u')
    return -1;
  for (guint i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (text[i]))
        return -1;
      unit = unit * 16 + g_ascii_xdigit_value (text[i]);
    }
  return unit;
}

/* How long the escape at @text is; 0: JSON has none such, or it stands for no character. */
static gsize
escape_length (const char *text, gsize length)
{
  const gint unit = escaped_unit (text, length);

  if (unit < 0)
    return length >= 2 && text[1] != '\0' && strchr ("\"\\/bfnrt", text[1]) != NULL ? 2 : 0;
  if (unit == 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return 0;
  if (unit < 0xd800 || unit > 0xdbff)
    return 6;
  /* The first half of a pair. */
  const gint second = escaped_unit (text + 6, length - 6);

  return second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

gboolean
eid_json_is_tame (const char *header, gsize length, guint nesting)
{
  guint depth = 0, values = 0;
  gboolean in_string = FALSE;

  if (!g_utf8_validate_len (header, length, NULL))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      char c = header[i];

      if (in_string)
        {
          const gsize escape = c == '\\' ? escape_length (header + i, length - i) : 1;

          if (escape == 0)
            return FALSE;
          in_string = c != '"';
          i += escape - 1;
          continue;
        }
      switch (c)
        {
        case '"':
          in_string = TRUE;
          break;
        case '{':
        case '[':
          if (++depth > nesting)
            return FALSE;
          break;
        case '}':
        case ']':
          if (depth-- == 0)
            return FALSE;
          break;
        case ',':
        case ':':
          if (++values > VALUES_LIMIT)
            return FALSE;
          break;
        default:
          if (!g_ascii_isalnum (c) && strchr (" \t\r\n+-.", c) == NULL)
            return FALSE;
        }
    }
  return depth == 0 && !in_string;
}

/* The parser keeps the last of two members of one name; this tells of it. */
typedef struct
{
  GHashTable *members; /* JsonObject -> members seen so far */
  char *twice;         /* a name given twice, or NULL */
} Duplicates;

static void
on_member (JsonParser *parser, JsonObject *object, const char *name, gpointer data)
{
  Duplicates *duplicates = data;
  guint seen = GPOINTER_TO_UINT (g_hash_table_lookup (duplicates->members, object)) + 1;

  g_hash_table_insert (duplicates->members, object, GUINT_TO_POINTER (seen));
  if (json_object_get_size (object) < seen && duplicates->twice == NULL)
    duplicates->twice = g_strdup (name);
}

static gboolean
read_count (JsonNode *node, guint64 *count)
{
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64
      || json_node_get_int (node) < 0)
    return FALSE;
  *count = json_node_get_int (node);
  return TRUE;
}

static JsonArray *
find_array (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
read_tensor (EidSafetensors *self, const char *file, const char *name, JsonNode *node, gconstpointer data,
             gsize length, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *type = object != NULL ? json_object_get_member (object, "dtype") : NULL;
  JsonArray *shape = object != NULL ? find_array (object, "shape") : NULL;
  JsonArray *offsets = object != NULL ? find_array (object, "data_offsets") : NULL;
  EidSafetensor tensor = { 0 };
  guint64 begin, end;

  if (type == NULL || !JSON_NODE_HOLDS_VALUE (type) || json_node_get_value_type (type) != G_TYPE_STRING
      || shape == NULL || offsets == NULL || json_array_get_length (offsets) != 2)
    return refuse (error, file, _ ("tensor %s does not state dtype, shape and two data_offsets"), name);
  if (eid_safetensors_type_size (json_node_get_string (type)) == 0)
    return refuse (error, file, _ ("tensor %s has the type %s, which is not known here"), name,
                   json_node_get_string (type));
  g_strlcpy (tensor.type, json_node_get_string (type), sizeof tensor.type);

  tensor.rank = json_array_get_length (shape);
  if (tensor.rank > G_N_ELEMENTS (tensor.dim))
    return refuse (error, file, _ ("tensor %s has %u dimensions; at most %u are read"), name, tensor.rank,
                   (guint) G_N_ELEMENTS (tensor.dim));
  for (guint i = 0; i < tensor.rank; i++)
    if (!read_count (json_array_get_element (shape, i), &tensor.dim[i]))
      return refuse (error, file, _ ("tensor %s has a shape that is not made of whole numbers"), name);

  if (!read_count (json_array_get_element (offsets, 0), &begin)
      || !read_count (json_array_get_element (offsets, 1), &end) || begin > end || end > length)
    return refuse (error, file, _ ("tensor %s lies outside of the file; it was cut off or damaged"), name);
  if (!eid_safetensors_size (&tensor, &tensor.bytes) || tensor.bytes != end - begin)
    return refuse (error, file, _ ("tensor %s has a shape that does not fit its %'" PRIu64 " bytes"), name,
                   end - begin);

  tensor.name = g_strdup (name);
  tensor.data = (const char *) data + begin;
  g_array_append_val (self->tensors, tensor);
  return TRUE;
}

static gboolean
read_metadata (EidSafetensors *self, const char *file, JsonNode *node, GError **error)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, file, _ ("__metadata__ is not an object"));
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value))
    {
      if (!JSON_NODE_HOLDS_VALUE (value) || json_node_get_value_type (value) != G_TYPE_STRING)
        return refuse (error, file, _ ("the metadata %s is not a text"), key);
      g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (json_node_get_string (value)));
    }
  return TRUE;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const EidSafetensor *first = a, *second = b;

  if (first->data != second->data)
    return (const char *) first->data < (const char *) second->data ? -1 : 1;
  return (first->bytes > second->bytes) - (first->bytes < second->bytes);
}

/* Each tensor begins where the one before ends, and the last ends the file. */
static gboolean
check_places (EidSafetensors *self, const char *file, const char *data, gsize length, GError **error)
{
  const char *end = data;

  g_array_sort (self->tensors, compare_places);
  for (guint i = 0; i < self->tensors->len; i++)
    {
      EidSafetensor *tensor = &g_array_index (self->tensors, EidSafetensor, i);

      if ((const char *) tensor->data < end)
        return refuse (error, file, _ ("tensor %s overlaps another"), tensor->name);
      if ((const char *) tensor->data > end)
        return refuse (error, file, _ ("before tensor %s lie bytes that no tensor claims"), tensor->name);
      end += tensor->bytes;
      g_hash_table_insert (self->by_name, tensor->name, tensor);
    }
  if (end != data + length)
    return refuse (error, file, _ ("behind the last tensor lie bytes that no tensor claims"));
  return TRUE;
}

static gboolean
read_header (EidSafetensors *self, const char *file, const char *header, gsize header_length,
             const char *data, gsize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) members = g_hash_table_new (NULL, NULL);
  g_autoptr (GError) cause = NULL;
  Duplicates duplicates = { members, NULL };
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  gboolean parsed;

  if (!eid_json_is_tame (header, header_length, NESTING_LIMIT))
    return refuse (error, file, _ ("its header is not the JSON of a list of tensors"));
  g_signal_connect (parser, "object-member", G_CALLBACK (on_member), &duplicates);
  parsed = json_parser_load_from_data (parser, header, header_length, &cause);
  g_autofree char *twice = duplicates.twice;
  if (!parsed)
    return refuse (error, file, _ ("its header is not JSON: %s"), cause->message);
  if (twice != NULL)
    return refuse (error, file, _ ("“%s” is given twice in its header"), twice);
  node = json_parser_get_root (parser);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, file, _ ("its header is not a JSON object"));

  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &node))
    {
      if (g_str_equal (name, "__metadata__") ? !read_metadata (self, file, node, error)
                                             : !read_tensor (self, file, name, node, data, length, error))
        return FALSE;
    }
  return check_places (self, file, data, length, error);
}

EidSafetensors *
eid_safetensors_open (const char *file, GError **error)
{
  g_autoptr (EidSafetensors) self = g_new0 (EidSafetensors, 1);
  g_autoptr (GError) cause = NULL;
  const char *contents;
  guint64 header_length;
  gsize length;

  g_return_val_if_fail (file != NULL, NULL);

  self->tensors = g_array_new (FALSE, FALSE, sizeof (EidSafetensor));
  g_array_set_clear_func (self->tensors, tensor_clear);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  /* Opening a pipe or a device would wait or worse. */
  if (g_file_test (file, G_FILE_TEST_EXISTS) && !g_file_test (file, G_FILE_TEST_IS_REGULAR))
    {
      refuse (error, file, _ ("it is not a file"));
      return NULL;
    }
  self->file = g_mapped_file_new (file, FALSE, &cause);
  if (self->file == NULL)
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("%s cannot be read: %s"), file,
                   cause->message);
      return NULL;
    }
  contents = g_mapped_file_get_contents (self->file);
  length = g_mapped_file_get_length (self->file);
  if (length < PREFIX)
    {
      refuse (error, file, _ ("it is shorter than the length of a header"));
      return NULL;
    }
  memcpy (&header_length, contents, PREFIX);
  header_length = GUINT64_FROM_LE (header_length);
  if (header_length > HEADER_LIMIT || header_length > length - PREFIX)
    {
      refuse (error, file, _ ("its header would be %'" PRIu64 " bytes long, in a file of %'zu"),
              header_length, length);
      return NULL;
    }
  if (!read_header (self, file, contents + PREFIX, header_length, contents + PREFIX + header_length,
                    length - PREFIX - header_length, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
eid_safetensors_free (EidSafetensors *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->metadata);
  g_hash_table_unref (self->by_name);
  g_array_unref (self->tensors);
  g_clear_pointer (&self->file, g_mapped_file_unref);
  g_free (self);
}

const EidSafetensor *
eid_safetensors_find (EidSafetensors *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

guint
eid_safetensors_count (EidSafetensors *self)
{
  return self->tensors->len;
}

const EidSafetensor *
eid_safetensors_get (EidSafetensors *self, guint i)
{
  g_return_val_if_fail (i < self->tensors->len, NULL);

  return &g_array_index (self->tensors, EidSafetensor, i);
}

const char *
eid_safetensors_metadata (EidSafetensors *self, const char *key)
{
  return g_hash_table_lookup (self->metadata, key);
}
