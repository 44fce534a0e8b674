/* bars.h: data and drawing of EidBars as pure functions (bars-draw.c). */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

typedef struct
{
  double *values, *second; /* [n], largest value first; second may be NULL */
  guint *order;            /* [n] which item is where                      */
  gsize n;
  char *bars, *line, *item, *x_title; /* names                             */
  char *rule_label, *empty_text;
  double rule; /* NAN: none                                                */
} EidBarsData;

typedef struct
{
  EidAxis x, y; /* x: places 0 … n; y: shares of one */
  graphene_rect_t plot;
} EidBarsLayout;

/* Copies @values and @second of @n in falling order of the values, into @data. */
void eid_bars_data_set (EidBarsData *data, const double *values, const double *second, gsize n);
EidBarsLayout eid_bars_layout (const EidBarsData *data, const EidPlotStyle *style, double width,
                               double height);
GskRenderNode *eid_bars_draw (const EidBarsData *data, const EidBarsLayout *layout, const EidPlotStyle *style,
                              double width, double height);
/* The place at the pixel; -1: none. */
gssize eid_bars_at (const EidBarsData *data, const EidBarsLayout *layout, double x, double y);
void eid_bars_snapshot_pointed (GtkSnapshot *snapshot, const EidBarsData *data, const EidBarsLayout *layout,
                                const EidPlotStyle *style, gsize pointed, double width, double height);

G_END_DECLS
