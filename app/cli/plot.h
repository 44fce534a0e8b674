/* plot.h: a picture area with two axes that say what they are and where they end. */
#pragma once

#include "app/cli/figure.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  double least, greatest; /* at the picture area's edges                      */
  gboolean logarithmic;   /* these are powers of ten                          */
} EidPlotAxis;

/* Lays @figure out around @width × @height pixels, with the names of the axes and their ends. Errors as
 * eid_figure_lay_out().                                                      */
gboolean eid_plot_begin (EidFigure *figure, guint width, guint height, const EidPlotAxis *across,
                         const EidPlotAxis *up, const char *file, GError **error);

/* "axis 1 (24 %)" of the variance; @explained may be no number. Free. */
char *eid_plot_axis_name (guint axis, double explained);

G_END_DECLS
