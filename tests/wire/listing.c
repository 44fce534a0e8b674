/* listing.c: what the engine lists of its plugins is in the language of whoever looks. */
#include "listing.h"

#include <libintl.h>
#include <locale.h>

static GVariant *
plugin_of (GVariant *plugins, const char *id)
{
  for (gsize i = 0; i < g_variant_n_children (plugins); i++)
    {
      g_autoptr (GVariant) plugin = g_variant_get_child_value (plugins, i);
      const char *found = NULL;

      if (g_variant_lookup (plugin, "id", "&s", &found) && g_str_equal (found, id))
        return g_steal_pointer (&plugin);
    }
  g_error ("the engine does not list %s", id);
}

static void
assert_text (GVariant *dictionary, const char *key, const char *expected)
{
  const char *text = NULL;

  g_assert_true (g_variant_lookup (dictionary, key, "&s", &text));
  g_assert_cmpstr (text, ==, expected);
}

/* By the catalogue in the build tree. The id and the key are what a recipe writes: they stay. */
static void
test_plugins_speak_the_language (void)
{
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (GVariant) answer = g_variant_ref_sink (eid_list_plugins (registry));
  g_autoptr (GVariant) plugins = g_variant_get_child_value (answer, 0);
  g_autoptr (GVariant) plugin = plugin_of (plugins, "gpt");
  g_autoptr (GVariant) params = g_variant_lookup_value (plugin, "params", G_VARIANT_TYPE ("aa{sv}"));
  g_autoptr (GVariant) depth = g_variant_get_child_value (params, 1);

  assert_text (plugin, "title", "Kausaler Transformer");
  assert_text (depth, "key", "depth");
  assert_text (depth, "doc", "Transformer-Blöcke");
}

/* An empty text is not the head of the catalogue. */
static void
test_nothing_is_nothing (void)
{
  g_assert_cmpstr (eid_plugin_title (&(EidDescriptor){ .title = "" }), ==, "");
  g_assert_cmpstr (eid_param_doc (&(EidParam){ .doc = NULL }), ==, "");
  g_assert_cmpstr (eid_plugin_title (&(EidDescriptor){ .title = "Mine" }), ==, "Mine");
}

int
main (int argc, char **argv)
{
  g_setenv ("LANGUAGE", "de", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("EIDOSCOPE_CATALOGUES"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listing/language", test_plugins_speak_the_language);
  g_test_add_func ("/listing/nothing", test_nothing_is_nothing);
  return g_test_run ();
}
