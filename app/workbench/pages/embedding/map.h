/* map.h: the map of the watched pictures with all that can be done in it:
 * method, classes, pictures, lasso; neighbours and selection in a strip.     */
#pragma once

#include "ui/ui.h"

G_BEGIN_DECLS

/* Signals: "changed": what is to be asked of the engine is another. "chosen": a person chose a
 * picture, or what is shown of the map. */
#define EID_TYPE_EMBEDDING_MAP (eid_embedding_map_get_type ())
G_DECLARE_FINAL_TYPE (EidEmbeddingMap, eid_embedding_map, EID, EMBEDDING_MAP, GtkWidget)

GtkWidget *eid_embedding_map_new (void);
/* Method, classes, pictures, lasso and zoom: for the foot of the page. Borrowed. */
GtkWidget *eid_embedding_map_get_controls (EidEmbeddingMap *self);
/* For the map of another run beside this: what is chosen, @controls: by them, too. */
void eid_embedding_map_save_choice (EidEmbeddingMap *self, GVariantDict *choice, gboolean controls);
void eid_embedding_map_take_choice (EidEmbeddingMap *self, GVariantDict *choice);
/* Adds to the options of a Look at embedding. */
void eid_embedding_map_add_options (EidEmbeddingMap *self, GVariantDict *options);
/* Shows its answer; FALSE if it cannot be read. */
gboolean eid_embedding_map_show (EidEmbeddingMap *self, GVariant *picture);
/* t-SNE wants to go on, though the model may not. */
gboolean eid_embedding_map_is_unsettled (EidEmbeddingMap *self);
/* A new run: other samples, of this kind. */
void eid_embedding_map_clear (EidEmbeddingMap *self, EidSampleKind kind);

G_END_DECLS
