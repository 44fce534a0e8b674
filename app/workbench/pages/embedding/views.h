/* views.h: the views of the space of features beside the map. Each is a
 * widget that shows the answer to a Look, or what is told of health.         */
#pragma once

#include "app/workbench/client/report.h"
#include "ui/ui.h"

G_BEGIN_DECLS

/* The matrix of all cosines, with what pairs of one class and of two have on average. */
#define EID_TYPE_EMBEDDING_SIMILARITY (eid_embedding_similarity_get_type ())
G_DECLARE_FINAL_TYPE (EidEmbeddingSimilarity, eid_embedding_similarity, EID, EMBEDDING_SIMILARITY, AdwBin)
GtkWidget *eid_embedding_similarity_new (void);
/* FALSE if it cannot be read. */
gboolean eid_embedding_similarity_show (EidEmbeddingSimilarity *self, GVariant *picture);
/* A new run: its samples are of this kind. The same for the others. */
void eid_embedding_similarity_clear (EidEmbeddingSimilarity *self, EidSampleKind kind);

/* The use of each prototype, with how many there are to use. */
#define EID_TYPE_EMBEDDING_PROTOTYPES (eid_embedding_prototypes_get_type ())
G_DECLARE_FINAL_TYPE (EidEmbeddingPrototypes, eid_embedding_prototypes, EID, EMBEDDING_PROTOTYPES, AdwBin)
GtkWidget *eid_embedding_prototypes_new (void);
gboolean eid_embedding_prototypes_show (EidEmbeddingPrototypes *self, GVariant *picture);
void eid_embedding_prototypes_clear (EidEmbeddingPrototypes *self, EidSampleKind kind);

/* The vital signs of the run, each with its band, now and over time. */
#define EID_TYPE_EMBEDDING_HEALTH (eid_embedding_health_get_type ())
G_DECLARE_FINAL_TYPE (EidEmbeddingHealth, eid_embedding_health, EID, EMBEDDING_HEALTH, AdwBin)
GtkWidget *eid_embedding_health_new (void);
/* A look: what the cards say is of this one, and their lines have it, too. */
void eid_embedding_health_tell (EidEmbeddingHealth *self, const EidVerdictReport *report);
/* Points of former steps, a{sa(td)}. */
void eid_embedding_health_history (EidEmbeddingHealth *self, GVariant *series);
void eid_embedding_health_clear (EidEmbeddingHealth *self, EidSampleKind kind);

G_END_DECLS
