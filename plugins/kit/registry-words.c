/* registry-words.c: the sentence for a name that no plugin has; see
 * registry-words.h.                                                          */
#include "plugins/kit/registry-words.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* Insertions, deletions and changes of one byte between two names (Levenshtein). */
static guint
distance (const char *a, const char *b)
{
  guint length = strlen (b);
  g_autofree guint *row = g_new (guint, length + 1);

  for (guint j = 0; j <= length; j++)
    row[j] = j;
  for (guint i = 1; a[i - 1]; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= length; j++)
        {
          guint changed = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (changed, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[length];
}

void
eid_registry_set_not_found (EidRegistry *registry, const char *kind, const char *id, GError **error)
{
  GPtrArray *folders = eid_registry_folders (registry);
  const EidPluginEntry *refused = eid_registry_find_refused (registry, id);
  g_autoptr (GString) message = g_string_new (NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  const char *nearest = NULL;
  guint least = 3; /* a name further away than two slips of a finger is another name */

  for (guint i = 0; i < eid_registry_count (registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (registry, i);
      guint slips;

      if (entry->descriptor == NULL || strcmp (entry->descriptor->kind, kind) != 0)
        continue;
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", entry->descriptor->id);
      slips = distance (entry->descriptor->id, id);
      if (slips < least)
        {
          least = slips;
          nearest = entry->descriptor->id;
        }
    }

  g_string_append_printf (
      message,
      strcmp (kind, "encoder") == 0 ? _ ("No encoder is named “%s”") : _ ("No objective is named “%s”"), id);
  if (nearest)
    g_string_append_printf (message, _ (" (did you mean “%s”?)"), nearest);
  g_string_append_printf (message, names->len > 0 ? _ ("; there are: %s.") : _ ("; there is none."),
                          names->str);
  if (refused)
    g_string_append_printf (message, _ (" “%s” is there but cannot be used: %s"), refused->file,
                            refused->refused);
  if (refused && refused->set_aside)
    g_string_append_printf (message, _ (" It was set aside; to try it again: eidoscope plugins --retry %s"),
                            id);
  g_string_append (message, _ (" Plugins are looked for in "));
  for (guint i = 0; i < folders->len; i++)
    g_string_append_printf (message, "%s%s", i > 0 ? ", " : "", (char *) folders->pdata[i]);
  g_string_append_c (message, '.');
  g_set_error_literal (error, EID_ERROR, EID_ERROR_USAGE, message->str);
}
