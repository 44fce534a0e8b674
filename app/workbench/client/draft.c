/* draft.c: a recipe being edited; see draft.h. */
#include "app/workbench/client/draft.h"

/* Edits that can be taken back. */
#define MOST_EDITS 100

/* A dragged slider is one edit. */
#define ONE_EDIT_SECONDS 1

struct _EidDraft
{
  GKeyFile *keys;
  GPtrArray *undone, *redone; /* texts, the nearest last */
  char *edited;               /* section and key of the last edit */
  gint64 edited_at;
};

static gboolean
load (EidDraft *draft, const char *text, GError **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  if (!g_key_file_load_from_data (keys, text, -1, G_KEY_FILE_KEEP_COMMENTS, error))
    return FALSE;
  g_clear_pointer (&draft->keys, g_key_file_unref);
  draft->keys = g_steal_pointer (&keys);
  return TRUE;
}

EidDraft *
eid_draft_new (const char *text, GError **error)
{
  g_autoptr (EidDraft) draft = g_new0 (EidDraft, 1);

  draft->undone = g_ptr_array_new_with_free_func (g_free);
  draft->redone = g_ptr_array_new_with_free_func (g_free);
  if (!load (draft, text, error))
    return NULL;
  return g_steal_pointer (&draft);
}

void
eid_draft_free (EidDraft *draft)
{
  if (draft == NULL)
    return;
  g_clear_pointer (&draft->keys, g_key_file_unref);
  g_ptr_array_unref (draft->undone);
  g_ptr_array_unref (draft->redone);
  g_free (draft->edited);
  g_free (draft);
}

char *
eid_draft_get (EidDraft *draft, const char *section, const char *key)
{
  return g_key_file_get_string (draft->keys, section, key, NULL);
}

/* --- Edits ---------------------------------------------------------------- */

/* Before an edit of @key: what it was can be had again. */
static void
remember (EidDraft *draft, const char *section, const char *key)
{
  g_autofree char *edited = g_strdup_printf ("%s.%s", section, key);
  const gint64 now = g_get_monotonic_time ();
  const gboolean same =
      g_strcmp0 (edited, draft->edited) == 0 && now - draft->edited_at < ONE_EDIT_SECONDS * G_USEC_PER_SEC;

  if (!same)
    g_ptr_array_add (draft->undone, eid_draft_to_text (draft));
  if (draft->undone->len > MOST_EDITS)
    g_ptr_array_remove_index (draft->undone, 0);
  g_ptr_array_set_size (draft->redone, 0);
  g_free (draft->edited);
  draft->edited = g_steal_pointer (&edited);
  draft->edited_at = now;
}

void
eid_draft_set (EidDraft *draft, const char *section, const char *key, const char *value)
{
  remember (draft, section, key);
  g_key_file_set_string (draft->keys, section, key, value);
}

void
eid_draft_prefer (EidDraft *draft, const char *section, const char *key, const char *value)
{
  g_key_file_set_string (draft->keys, section, key, value);
}

void
eid_draft_set_plugin (EidDraft *draft, const char *section, const char *plugin)
{
  g_autofree char *former = eid_draft_get (draft, section, "plugin");

  /* The same as before keeps its settings. */
  if (g_strcmp0 (former, plugin) == 0)
    return;
  remember (draft, section, "plugin");
  g_key_file_remove_group (draft->keys, section, NULL);
  g_key_file_set_string (draft->keys, section, "plugin", plugin);
}

/* Takes the last text of @from, and puts what is there on @to. */
static gboolean
swap (EidDraft *draft, GPtrArray *from, GPtrArray *to)
{
  g_autofree char *text = NULL;

  if (from->len == 0)
    return FALSE;
  g_ptr_array_add (to, eid_draft_to_text (draft));
  text = g_ptr_array_steal_index (from, from->len - 1);
  g_clear_pointer (&draft->edited, g_free);
  return load (draft, text, NULL);
}

gboolean
eid_draft_undo (EidDraft *draft)
{
  return swap (draft, draft->undone, draft->redone);
}

gboolean
eid_draft_redo (EidDraft *draft)
{
  return swap (draft, draft->redone, draft->undone);
}

gboolean
eid_draft_can_undo (EidDraft *draft)
{
  return draft->undone->len > 0;
}

gboolean
eid_draft_can_redo (EidDraft *draft)
{
  return draft->redone->len > 0;
}

char *
eid_draft_to_text (EidDraft *draft)
{
  return g_key_file_to_data (draft->keys, NULL, NULL);
}
