/* heat-map.h: data and drawing of EidHeatMap as pure functions (heat-map-draw.c). */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

typedef struct
{
  guint rows, columns;
  float *values; /* [rows, columns]; NULL: nothing to show */
  char **names;  /* of rows and columns, or NULL           */
  double least, greatest;
  char *empty_text;
} EidHeatMapData;

typedef struct
{
  graphene_rect_t cells;
  double bar; /* left edge of the legend */
} EidHeatMapLayout;

/* The colour of @value on the scale. */
GdkRGBA eid_heat_map_colour (const EidHeatMapData *data, double value);
EidHeatMapLayout eid_heat_map_layout (const EidHeatMapData *data, const EidPlotStyle *style, double width,
                                      double height);
/* The cells as pixels, columns × rows. */
GdkTexture *eid_heat_map_texture (const EidHeatMapData *data);
GskRenderNode *eid_heat_map_draw (const EidHeatMapData *data, const EidHeatMapLayout *layout,
                                  GdkTexture *texture, const EidPlotStyle *style, double width,
                                  double height);
gboolean eid_heat_map_at (const EidHeatMapData *data, const EidHeatMapLayout *layout, double x, double y,
                          guint *row, guint *column);
void eid_heat_map_snapshot_cell (GtkSnapshot *snapshot, const EidHeatMapData *data,
                                 const EidHeatMapLayout *layout, const EidPlotStyle *style, guint row,
                                 guint column, double width, double height);
/* "row 3 “e”" */
char *eid_heat_map_name (const EidHeatMapData *data, gboolean row, guint place);

G_END_DECLS
