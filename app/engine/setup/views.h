/* views.h: the views of pictures, or of passages of text, as a step draws them. */
#pragma once

#include "app/engine/setup/setup.h"

G_BEGIN_DECLS

/* @views of @count pictures, @pixels U8 [count, h, w, C] as the data set has
 * them, numbered @samples, drawn as step @step draws them. In the arena.     */
EidViewTensors eid_drawn_views (EidSetup *setup, EidViews views, const guint8 *pixels, const guint32 *samples,
                                guint count, guint64 step);

G_END_DECLS
