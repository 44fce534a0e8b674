/* run-notes.h: what a person should know of a run, a sentence below the other: what it computes on, how its
 * data were understood, what was decided, converted or left out.                   */
#pragma once

#include <gtk/gtk.h>

#include "app/workbench/client/history.h"

G_BEGIN_DECLS

#define EID_TYPE_RUN_NOTES (eid_run_notes_get_type ())
G_DECLARE_FINAL_TYPE (EidRunNotes, eid_run_notes, EID, RUN_NOTES, GtkBox)

GtkWidget *eid_run_notes_new (void);
/* The notes of one run (@second NULL), or of two; @first NULL: none, and it takes no room. */
void eid_run_notes_show (EidRunNotes *self, const EidChronicle *first, const EidChronicle *second);

G_END_DECLS
