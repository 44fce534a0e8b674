/* recipe.c: a recipe with the parameters of its plugins: every key known, every value in
 * range, a pair that fits; see setup.h. */
#include "app/engine/setup/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const struct
{
  const char *section, *kind;
} plugin_sections[] = { { "Encoder", "encoder" }, { "Objective", "objective" } };

static const EidParam *
find_param (const EidDescriptor *descriptor, const char *key)
{
  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    if (g_str_equal (param->key, key))
      return param;
  return NULL;
}

static char *
list_params (const EidDescriptor *descriptor)
{
  GString *list = g_string_new (NULL);

  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", param->key);
  if (list->len == 0)
    g_string_append (list, _ ("none"));
  return g_string_free (list, FALSE);
}

gboolean
eid_recipe_fail_at (EidRecipe *recipe, const char *section, const char *key, GError *cause, GError **error)
{
  g_autofree char *where = eid_recipe_where (recipe, section, key);

  g_propagate_prefixed_error (
      error, cause, "%s: [%s] %s: ", where != NULL ? where : eid_recipe_title (recipe), section, key);
  return FALSE;
}

static gboolean
resolve_section (EidRecipe *recipe, EidRegistry *registry, const char *section, const char *kind,
                 GError **error)
{
  GError *cause = NULL;
  const EidDescriptor *descriptor =
      eid_registry_find (registry, kind, eid_recipe_text (recipe, section, "plugin"), &cause);
  g_autoptr (GHashTable) values = NULL;
  g_autofree char *prefix = g_strconcat (section, ".", NULL);
  GHashTableIter iter;
  const char *name, *text;

  if (descriptor == NULL)
    return eid_recipe_fail_at (recipe, section, "plugin", cause, error);

  values = eid_recipe_plugin_values (recipe);
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, (gpointer *) &text))
    {
      const char *key = name + strlen (prefix);
      const EidParam *param;
      double value;

      if (!g_str_has_prefix (name, prefix))
        continue;
      param = find_param (descriptor, key);
      if (param == NULL)
        {
          g_autofree char *known = list_params (descriptor);

          cause = g_error_new (EID_ERROR, EID_ERROR_USAGE,
                               /* TRANSLATORS: a plugin's name, then its parameters. */
                               _ ("%s has no such parameter; those it has: %s."),
                               eid_plugin_title (descriptor), known);
          return eid_recipe_fail_at (recipe, section, key, cause, error);
        }
      if (!eid_param_parse (param, text, &value, &cause))
        return eid_recipe_fail_at (recipe, section, key, cause, error);
    }

  for (const EidParam *param = descriptor->params; param != NULL && param->key != NULL; param++)
    {
      g_autofree char *full = g_strconcat (prefix, param->key, NULL);
      g_autofree char *value = NULL, *assignment = NULL;

      if (g_hash_table_contains (values, full))
        continue;
      value = eid_param_format (param, param->value);
      assignment = g_strdup_printf ("%s=%s", full, value);
      if (!eid_recipe_set (recipe, assignment, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_pair (EidRecipe *recipe, EidRegistry *registry, GError **error)
{
  const EidDescriptor *encoder =
      eid_registry_find (registry, "encoder", eid_recipe_text (recipe, "Encoder", "plugin"), error);
  const EidDescriptor *objective =
      encoder != NULL
          ? eid_registry_find (registry, "objective", eid_recipe_text (recipe, "Objective", "plugin"), error)
          : NULL;

  return objective != NULL && eid_registry_check_pair (registry, encoder, objective, error);
}

gboolean
eid_recipe_resolve (EidRecipe *recipe, EidRegistry *registry, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (plugin_sections); i++)
    if (!resolve_section (recipe, registry, plugin_sections[i].section, plugin_sections[i].kind, error))
      return FALSE;
  return check_pair (recipe, registry, error);
}
