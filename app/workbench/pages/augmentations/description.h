/* description.h: what was drawn for a view, a dictionary a{sd} of the keys in
 * app/wire, as a box on its source and in words.                             */
#pragma once

#include <graphene.h>

#include "app/wire/wire.h"

G_BEGIN_DECLS

/* The part of the source that was cut out, 0 … 1 over its sides. */
graphene_rect_t eid_draw_crop (GVariant *draw);
/* "crop 43 %": the share of the source's area. Free. */
char *eid_draw_share (GVariant *draw);
/* "crop 43 %, flipped, brightness ×1.20, hue +0.05". Free. */
char *eid_draw_in_words (GVariant *draw);

G_END_DECLS
