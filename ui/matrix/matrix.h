/* matrix.h: data and drawing of EidMatrix as pure functions (matrix-draw.c). */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

typedef struct
{
  guint n;
  float *values;      /* [n, n]; NULL: nothing to show */
  int *labels;        /* [n], equal ones together; NULL: none */
  gint32 *numbers;    /* [n]; NULL: 0, 1, …            */
  EidSampleKind kind; /* what a row is of           */
  char **names;       /* of classes; NULL: by number   */
  char *empty_text;
  double least, greatest; /* what the colours span; both 0: -1 to 1 */
} EidMatrixData;

typedef struct
{
  graphene_rect_t square; /* where the cells are  */
  double bar;             /* left edge of the legend */
} EidMatrixLayout;

EidMatrixLayout eid_matrix_layout (const EidMatrixData *data, const EidPlotStyle *style, double width,
                                   double height);
/* The cells as pixels, n × n. */
GdkTexture *eid_matrix_texture (const EidMatrixData *data);
GskRenderNode *eid_matrix_draw (const EidMatrixData *data, const EidMatrixLayout *layout, GdkTexture *texture,
                                const EidPlotStyle *style, double width, double height);
/* The cell, larger, and the pair in words. */
void eid_matrix_snapshot_cell (GtkSnapshot *snapshot, const EidMatrixData *data,
                               const EidMatrixLayout *layout, const EidPlotStyle *style, guint row,
                               guint column, double width, double height);
gboolean eid_matrix_at (const EidMatrixData *data, const EidMatrixLayout *layout, double x, double y,
                        guint *row, guint *column);
/* "picture 12, bag" */
char *eid_matrix_row_name (const EidMatrixData *data, guint row);
/* What the colours are to span: all cosines there can be, or, where those of pairs lie closer together than a
 * quarter of that, these alone. */
void eid_matrix_find_range (EidMatrixData *data);
void eid_matrix_means (const EidMatrixData *data, double *within, double *between);

G_END_DECLS
