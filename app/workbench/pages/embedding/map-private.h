/* map-private.h: what the map and its controls share. */
#pragma once

#include "app/workbench/pages/embedding/map.h"
#include "app/workbench/pages/embedding/strip.h"

G_BEGIN_DECLS

struct _EidEmbeddingMap
{
  GtkWidget parent_instance;

  GtkWidget *box, *controls;
  EidScatter *scatter;
  EidEmbeddingStrip *strip;
  GtkToggleButton *pca, *tsne, *pictures, *lasso;
  GtkMenuButton *classes;
  GtkBox *class_list;
  GtkLabel *numbers;

  EidSampleKind kind; /* what a point is of */
  guint count, neighbour_count;
  gint32 *labels;     /* [count], or NULL                        */
  gint32 *neighbours; /* [count, neighbour_count], or NULL       */
  float *cosines;     /* likewise                                */
  char **names;       /* of classes                              */
  int centre;         /* whose neighbours are shown; -1: none    */
  gboolean has_pictures, unsettled;
  gboolean stale; /* the strip: the pointer is over it */
};

/* Shows the neighbours of picture @centre, or the @selection, as if it had been chosen here. */
void eid_embedding_map_choose (EidEmbeddingMap *self, int centre, const guint *selection, gsize n);
/* The row of controls; fills in those of @self. */
GtkWidget *eid_embedding_map_make_controls (EidEmbeddingMap *self);
/* Takes @names, of the classes: as many switches. */
void eid_embedding_map_set_names (EidEmbeddingMap *self, char **names);

G_END_DECLS
