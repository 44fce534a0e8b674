/* lines.c: see lines.h. */
#include "tests/learning/lines.h"

GPtrArray *
lines_parse (const char *output)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_auto (GStrv) texts = g_strsplit (output, "\n", -1);

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;

      if (*texts[i] == '\0')
        continue;
      node = json_from_string (texts[i], &error);
      g_assert_no_error (error);
      g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
      g_ptr_array_add (lines, json_object_ref (json_node_get_object (node)));
    }
  g_assert_cmpuint (lines->len, >, 0);
  return lines;
}

JsonObject *
lines_last (GPtrArray *lines)
{
  return lines->pdata[lines->len - 1];
}

double
lines_number (JsonObject *line, const char *key)
{
  if (!json_object_has_member (line, key))
    g_test_message ("there is no “%s”", key);
  g_assert_true (json_object_has_member (line, key));
  return json_object_get_double_member (line, key);
}
