/* draft.h: the recipe in front of the person: the resolved text of one, as the
 * side bar's forms change it before a run is started. What is right and wrong
 * in it the engine says when it is started; here it is text under keys.       */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _EidDraft EidDraft;

/* Errors: G_KEY_FILE_ERROR. */
EidDraft *eid_draft_new (const char *text, GError **error);
void eid_draft_free (EidDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidDraft, eid_draft_free)

char *eid_draft_get (EidDraft *draft, const char *section, const char *key); /* free; NULL: not given */
void eid_draft_set (EidDraft *draft, const char *section, const char *key, const char *value);
/* The same, as what was there to begin with: no edit that could be taken back. */
void eid_draft_prefer (EidDraft *draft, const char *section, const char *key, const char *value);
/* Puts @plugin into "Encoder" or "Objective"; the keys of the former go. */
void eid_draft_set_plugin (EidDraft *draft, const char *section, const char *plugin);

/* Takes the last edit back, or makes it again; FALSE where there is none. Turns of one
 * key that follow each other at once are one edit.                           */
gboolean eid_draft_undo (EidDraft *draft);
gboolean eid_draft_redo (EidDraft *draft);
gboolean eid_draft_can_undo (EidDraft *draft);
gboolean eid_draft_can_redo (EidDraft *draft);

char *eid_draft_to_text (EidDraft *draft);

G_END_DECLS
