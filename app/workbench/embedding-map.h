/* embedding-map.h: the map of the watched pictures with all that can be done in it:
 * method, classes, pictures, lasso; neighbours and selection in a strip.     */
#pragma once

#include "ui/ui.h"

G_BEGIN_DECLS

/* Signal "changed": what is to be asked of the engine is another. */
#define EID_TYPE_EMBEDDING_MAP (eid_embedding_map_get_type ())
G_DECLARE_FINAL_TYPE (EidEmbeddingMap, eid_embedding_map, EID, EMBEDDING_MAP, GtkWidget)

GtkWidget *eid_embedding_map_new (void);
/* Adds to the options of a Look at embedding. */
void eid_embedding_map_add_options (EidEmbeddingMap *self, GVariantDict *options);
/* Shows its answer; FALSE if it cannot be read. */
gboolean eid_embedding_map_show (EidEmbeddingMap *self, GVariant *picture);
/* t-SNE wants to go on, though the model may not. */
gboolean eid_embedding_map_is_unsettled (EidEmbeddingMap *self);
/* A new run: other pictures. */
void eid_embedding_map_clear (EidEmbeddingMap *self);

G_END_DECLS
