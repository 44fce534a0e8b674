/* truth-help.c: see truth-help.h. */
#include "tests/truth/truth-help.h"

#include <json-glib/json-glib.h>
#include <string.h>

void
truth_assert_says (const char *text, const char *words)
{
  if (strstr (text, words) == NULL)
    g_test_message ("“%s” is not said in:\n%s", words, text);
  g_assert_nonnull (strstr (text, words));
}

guint
truth_count (const char *text, const char *words)
{
  guint count = 0;

  for (const char *at = text; (at = strstr (at, words)) != NULL; at += strlen (words))
    count++;
  return count;
}

void
truth_write_class (const char *folder, const char *class, guint count, guint32 rgb)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%02u.png", class, i);

      truth_write_colour (folder, name, rgb + i);
    }
}

void
truth_write_recipe (TinyWorld *world, const char *data)
{
  g_autofree char *text = g_strdup_printf (
      "[Run]\nsteps = 2\nbatch = 8\nseed = 3\nmoments = 0\nprecision = f32\n[Dataset]\nreader = folder\n"
      "path = %s\nsize = 16\n[Encoder]\nplugin = vit\npatch = 4\nwidth = 16\ndepth = 1\nheads = 2\n"
      "[Objective]\nplugin = mae\ndecoder-width = 8\ndecoder-depth = 1\ndecoder-heads = 2\n[Optimizer]\n"
      "warmup = 1\n[Evaluate]\nprobe-epochs = 2\nknn-k = 1\n",
      data);

  g_assert_true (g_file_set_contents (world->recipe, text, -1, NULL));
}

double
truth_number_in (const char *json, const char *key)
{
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  g_assert_nonnull (node);
  return json_object_get_double_member_with_default (json_node_get_object (node), key, -1);
}
