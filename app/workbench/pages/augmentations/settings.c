/* settings.c: see settings.h. */
#include "app/workbench/pages/augmentations/settings.h"

#include <glib/gi18n.h>

#include "app/store/store.h"

GVariant *
eid_augment_settings_read (const char *recipe)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  GVariantBuilder settings;
  guint count;
  const EidRecipeKey *keys = eid_recipe_keys (&count);

  g_key_file_load_from_data (file, recipe, (gsize) -1, G_KEY_FILE_NONE, NULL);
  g_variant_builder_init (&settings, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; i < count; i++)
    if (g_str_equal (keys[i].section, "Augment"))
      {
        g_autofree char *value = g_key_file_get_string (file, "Augment", keys[i].key, NULL);

        g_variant_builder_add (&settings, "{ss}", keys[i].key, value ? value : keys[i].value);
      }
  return g_variant_ref_sink (g_variant_builder_end (&settings));
}

static gboolean
differ (const char *a, const char *b)
{
  const double x = g_ascii_strtod (a, NULL), y = g_ascii_strtod (b, NULL);

  return x < y || x > y;
}

static void
append (GString *list, const char *key, const char *value)
{
  g_string_append_printf (list, "%s%s %s", list->len ? ", " : "", key, value);
}

char *
eid_augment_settings_difference (GVariant *from, GVariant *to)
{
  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) after = g_string_new (NULL);
  const char *key, *value, *other;
  GVariantIter iter;

  g_variant_iter_init (&iter, from);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    if (g_variant_lookup (to, key, "&s", &other) && differ (value, other))
      {
        append (before, key, value);
        append (after, key, other);
      }
  return before->len ? g_strdup_printf ("%s → %s", before->str, after->str) : NULL;
}
