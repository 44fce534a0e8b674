/* card.h: one view of a plugin's own, drawn by the widget of its kind under its name. */
#pragma once

#include "app/workbench/pages/plugin/attention.h"

G_BEGIN_DECLS

#define EID_TYPE_OWN_CARD (eid_own_card_get_type ())
G_DECLARE_FINAL_TYPE (EidOwnCard, eid_own_card, EID, OWN_CARD, AdwBin)

/* @view: an element of `views` in the answer to Look “own”. */
GtkWidget *eid_own_card_new (GVariant *view);
/* Whether @view is one of the card's name and kind, and not refused where the card's was not. */
gboolean eid_own_card_fits (EidOwnCard *self, GVariant *view);
/* FALSE if it cannot be read. */
gboolean eid_own_card_show (EidOwnCard *self, GVariant *view);
/* The card's widget where it shows attention, else NULL. */
EidOwnAttention *eid_own_card_get_attention (EidOwnCard *self);

G_END_DECLS
