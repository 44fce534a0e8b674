/* attention.h: attention over text: of a layer and head that are chosen, the text with what the token
 * under the pointer attends to, and below it the whole matrix.                      */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "map-chosen" (int layer, int head): another map is to be asked for. "query-chosen" (int token). */
#define EID_TYPE_OWN_ATTENTION (eid_own_attention_get_type ())
G_DECLARE_FINAL_TYPE (EidOwnAttention, eid_own_attention, EID, OWN_ATTENTION, GtkBox)

GtkWidget *eid_own_attention_new (void);
/* Shows the matrix @view of a Look “own”, which has layers; FALSE if it cannot be read. */
gboolean eid_own_attention_show (EidOwnAttention *self, GVariant *view);
/* The token that asks; -1, or beyond the text: its last, which sees all of it. */
void eid_own_attention_set_query (EidOwnAttention *self, int query);

G_END_DECLS
