/* legend.h: the lines under the augmentations: a view's colour, its name, and
 * what was drawn for the picture that is pointed at. Also the legend of the
 * boxes on the sources.                                                      */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define EID_TYPE_DRAW_NOTES (eid_draw_notes_get_type ())
G_DECLARE_FINAL_TYPE (EidDrawNotes, eid_draw_notes, EID, DRAW_NOTES, AdwBin)

GtkWidget *eid_draw_notes_new (void);
void eid_draw_notes_set_count (EidDrawNotes *self, guint lines);
/* @slot: category of the swatch; -1: none. @words may be NULL. */
void eid_draw_notes_set_line (EidDrawNotes *self, guint line, int slot, const char *name, const char *words);
/* Makes a line stand out, and brings it into sight; -1: none. */
void eid_draw_notes_point (EidDrawNotes *self, int line);

G_END_DECLS
