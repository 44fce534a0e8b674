/* chart.h: what the two halves of EidChart share: chart.c has the object and its setters,
 * input.c pointer and keys.
 */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

struct _EidChart
{
  GtkWidget parent;

  EidChartData *data;
  double cursor;  /* NaN: none                       */
  double pointed; /* x under pointer or keys; NaN: none */
  gboolean seekable;
  gboolean dragging;
  GArray *stops; /* double                          */

  EidChartLayout layout; /* of the node               */
  GskRenderNode *node;   /* NULL: to be drawn         */
  int width, height;     /* the node's                */
};

void eid_chart_add_input (EidChart *self);

G_END_DECLS
