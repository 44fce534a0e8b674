/* draft.c: a recipe being edited; see draft.h. */
#include "draft.h"

struct _EidDraft
{
  GKeyFile *keys;
};

EidDraft *
eid_draft_new (const char *text, GError **error)
{
  g_autoptr (EidDraft) draft = g_new0 (EidDraft, 1);

  draft->keys = g_key_file_new ();
  if (!g_key_file_load_from_data (draft->keys, text, -1, G_KEY_FILE_KEEP_COMMENTS, error))
    return NULL;
  return g_steal_pointer (&draft);
}

void
eid_draft_free (EidDraft *draft)
{
  if (draft == NULL)
    return;
  g_key_file_unref (draft->keys);
  g_free (draft);
}

char *
eid_draft_get (EidDraft *draft, const char *section, const char *key)
{
  return g_key_file_get_string (draft->keys, section, key, NULL);
}

void
eid_draft_set (EidDraft *draft, const char *section, const char *key, const char *value)
{
  g_key_file_set_string (draft->keys, section, key, value);
}

void
eid_draft_set_plugin (EidDraft *draft, const char *section, const char *plugin)
{
  g_key_file_remove_group (draft->keys, section, NULL);
  g_key_file_set_string (draft->keys, section, "plugin", plugin);
}

char *
eid_draft_to_text (EidDraft *draft)
{
  return g_key_file_to_data (draft->keys, NULL, NULL);
}
