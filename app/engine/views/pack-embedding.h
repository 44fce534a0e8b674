/* pack-embedding.h: looks at the space of features: the map, the matrix of
 * similarities, and the prototypes that views are assigned to.               */
#pragma once

#include "app/engine/views/context.h"

G_BEGIN_DECLS

/* Each fills @out with the keys that org.eidoscope.Engine.xml names. Errors as eid_look(). */
gboolean eid_look_at_embedding (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error);
gboolean eid_look_at_similarity (const EidViewContext *context, GVariant *options, GVariantBuilder *out,
                                 GError **error);
gboolean eid_look_at_prototypes (const EidViewContext *context, GVariant *options, GVariantBuilder *out,
                                 GError **error);

G_END_DECLS
