/* positions.h: position embeddings of one grid of patches brought to another, as each family of
 * published models does it. */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* @positions [from, from, width] as [to, to, width]. Free. */
float *eid_positions_resize (const float *positions, guint from, guint to, guint width, EidResize how);

G_END_DECLS
