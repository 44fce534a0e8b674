/* listing.c: what the engine lists of its plugins is in the language of whoever looks. */
#include "app/engine/service/listing.h"

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

/* Some glibc translates nothing in C.UTF-8, and there may be no other locale. FALSE: there is none that does.
 */
static gboolean
choose_locale (void)
{
  static const char *const locales[] = { "C.UTF-8", "de_DE.UTF-8", "en_US.UTF-8", "en_GB.UTF-8" };

  for (guint i = 0; i < G_N_ELEMENTS (locales); i++)
    if (setlocale (LC_ALL, locales[i]) != NULL
        && !g_str_equal (dgettext (GETTEXT_PACKAGE, "Transformer blocks"), "Transformer blocks"))
      return TRUE;
  return FALSE;
}

/* By the catalogue in the build tree. The id and the key are what a recipe writes: they stay. */
static void
test_plugins_speak_the_language (void)
{
  g_autoptr (EidRegistry) registry = eid_registry_new ();
  g_autoptr (GVariant) answer = NULL, plugins = NULL, plugin = NULL, params = NULL, depth = NULL;

  if (!choose_locale ())
    {
      g_test_skip ("no locale here is translated");
      return;
    }
  answer = g_variant_ref_sink (eid_list_plugins (registry));
  plugins = g_variant_get_child_value (answer, 0);
  plugin = plugin_of (plugins, "gpt");
  params = g_variant_lookup_value (plugin, "params", G_VARIANT_TYPE ("aa{sv}"));
  depth = g_variant_get_child_value (params, 1);
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
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("EIDOSCOPE_CATALOGUES"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/listing/language", test_plugins_speak_the_language);
  g_test_add_func ("/listing/nothing", test_nothing_is_nothing);
  return g_test_run ();
}
