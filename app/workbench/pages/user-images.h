/* user-images.h: how a person's own pictures come onto the pages: dropped on one, or
 * chosen; and what becomes of those that the engine cannot read.             */
#pragma once

#include <gtk/gtk.h>

#include "app/workbench/pages/page.h"
#include "app/workbench/pages/pins.h"

G_BEGIN_DECLS

/* Files dropped on @widget are pinned. */
void eid_own_pictures_accept_drops (GtkWidget *widget, EidPins *pins);
/* What is pinned on @widget keeps its place until pointer and keys are elsewhere, or it is shown anew. */
void eid_own_pictures_settle_later (GtkWidget *widget, EidPins *pins);
/* A button that asks for files. */
GtkWidget *eid_own_pictures_button (EidPins *pins);
/* For EidPageClass.refused: says what is wrong with what was just pinned, and lets it go. */
EidRefusal eid_own_pictures_refused (EidPage *page, EidPins *pins, const char *sentence);

G_END_DECLS
