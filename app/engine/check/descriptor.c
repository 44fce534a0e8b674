/* descriptor.c: what a plugin says of itself: beyond what the registry refuses, whether people
 * will be able to read it, and whether it will be the one that is found. */
#include "app/engine/check/private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Characters of a doc that fit beside a row of the form. */
#define MOST_DOC 200

/* --- The parameters' table ----------------------------------------------------------- */

static gboolean
is_key (const char *key)
{
  return key[0] >= 'a' && key[0] <= 'z' && !g_str_has_suffix (key, "-") && strstr (key, "--") == NULL;
}

/* Why @param should not be published so, or NULL. Free. */
static char *
param_problem (const EidParam *param)
{
  g_autofree char *text = eid_param_format (param, param->value);
  g_autoptr (GError) error = NULL;
  const gsize length = strlen (param->doc);
  double value;

  if (!is_key (param->key))
    return g_strdup_printf (_ ("The key “%s” should be words of a-z and 0-9 with single - between."),
                            param->key);
  if (length == 0 || length > MOST_DOC)
    return g_strdup_printf (_ ("“%s” should have one sentence as its doc, of at most %d characters."),
                            param->key, MOST_DOC);
  if (g_ascii_isspace (param->doc[0]) || g_ascii_isspace (param->doc[length - 1]))
    return g_strdup_printf (_ ("The doc of “%s” begins or ends with a blank."), param->key);
  if (!g_utf8_validate (param->doc, -1, NULL))
    return g_strdup_printf (_ ("The doc of “%s” is not UTF-8."), param->key);
  if (param->type != EID_TYPE_CHOICE && param->type != EID_TYPE_BOOL && !(param->min < param->max))
    {
      g_autofree char *least = eid_param_format (param, param->min),
                      *most = eid_param_format (param, param->max);

      return g_strdup_printf (_ ("“%s” has nowhere to go: its range is from %s to %s."), param->key, least,
                              most);
    }
  if (!eid_param_parse (param, text, &value, &error))
    return g_strdup_printf (_ ("The default of “%s” cannot be read again: %s"), param->key, error->message);
  if (value != param->value)
    {
      g_autofree char *again = eid_param_format (param, value);

      return g_strdup_printf (_ ("The default of “%s” is read again as %s."), param->key, again);
    }
  return NULL;
}

/* --- Who else is called so -------------------------------------------------------------- */

/* The file of another plugin that has the same id, as the user's own folders have it; or NULL. */
static const EidPluginEntry *
find_namesake (EidRegistry *users, const EidCheck *check)
{
  g_autofree char *own = g_canonicalize_filename (check->options->file, NULL);

  for (guint i = 0; i < eid_registry_count (users); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (users, i);
      g_autofree char *file = g_canonicalize_filename (entry->file, NULL);

      if (entry->descriptor != NULL && strcmp (entry->descriptor->kind, check->plugin->kind) == 0
          && strcmp (entry->descriptor->id, check->plugin->id) == 0 && strcmp (file, own) != 0)
        return entry;
    }
  return NULL;
}

/* As the user has it, not this examination: the environment is that of before. */
static EidRegistry *
users_registry (const EidCheck *check)
{
  g_autofree char *path = g_strdup (g_getenv ("EIDOSCOPE_PLUGIN_PATH"));
  EidRegistry *users;

  if (check->users_path != NULL)
    g_setenv ("EIDOSCOPE_PLUGIN_PATH", check->users_path, TRUE);
  else
    g_unsetenv ("EIDOSCOPE_PLUGIN_PATH");
  users = eid_registry_new ();
  g_setenv ("EIDOSCOPE_PLUGIN_PATH", path, TRUE);
  return users;
}

/* --- The examination -------------------------------------------------------------------------- */

static guint
count_params (const EidDescriptor *plugin)
{
  guint count = 0;

  while (plugin->params != NULL && plugin->params[count].key != NULL)
    count++;
  return count;
}

/* "mae, dinov2". Free. */
static char *
name_partners (const EidCheck *check)
{
  g_autoptr (GPtrArray) partners = eid_check_partners (check);
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < partners->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            ((const EidDescriptor *) partners->pdata[i])->id);
  return g_string_free (names, FALSE);
}

EidFinding
eid_check_descriptor (EidCheck *check)
{
  const EidDescriptor *plugin = check->plugin;
  g_autofree char *base = NULL, *partners = NULL;
  g_autoptr (EidRegistry) users = NULL;
  const EidPluginEntry *namesake;

  if (plugin == NULL)
    return eid_failed (NULL, _ ("It cannot be used: %s"), check->entry->refused);
  for (const EidParam *param = plugin->params; param && param->key; param++)
    {
      char *problem = param_problem (param);

      if (problem != NULL)
        {
          EidFinding finding = eid_failed (_ ("Mend its row of the parameter table."), "%s", problem);

          g_free (problem);
          return finding;
        }
    }

  users = users_registry (check);
  namesake = find_namesake (users, check);
  if (namesake != NULL && strcmp (namesake->descriptor->title, plugin->title) != 0)
    return eid_failed (_ ("The one found first hides the other: give it another id."),
                       _ ("Its id “%s” is that of “%s”, %s."), plugin->id,
                       eid_plugin_title (namesake->descriptor), namesake->file);
  base = g_path_get_basename (check->options->file);
  base[strlen (base) - strlen (".so")] = '\0';
  if (strcmp (base, plugin->id) != 0)
    return eid_warned (_ ("Whoever looks for the one looks for the other: call the file after the id."),
                       _ ("The file is called “%s”, its id is “%s”."), base, plugin->id);
  partners = name_partners (check);
  return eid_passed (
      /* TRANSLATORS: kind, id, a number; then a number of parameters, and names of plugins. */
      g_dngettext (GETTEXT_PACKAGE, "%s “%s”, interface %u, %u parameter; examined with %s.",
                   "%s “%s”, interface %u, %u parameters; examined with %s.", count_params (plugin)),
      strcmp (plugin->kind, "encoder") == 0 ? _ ("Encoder") : _ ("Objective"), plugin->id, plugin->abi,
      count_params (plugin), *partners != '\0' ? partners : _ ("nothing that fits"));
}
