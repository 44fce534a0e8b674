/* plot.c: see plot.h. */
#include "app/cli/plot.h"

#include <glib/gi18n-lib.h>
#include <math.h>

enum
{
  LEFT = 72, /* for the numbers of the upright axis                            */
  FOOT = 40, /* for those of the other, and its name                           */
  TOP = 24,  /* for the name of the upright axis                               */
  LINE = 18,
};

static void
put_end (EidFigure *figure, const EidPlotAxis *axis, gboolean greatest, int x, int y, guint width,
         EidTextPlace place)
{
  const double value = greatest ? axis->greatest : axis->least;
  g_autofree char *number = eid_figure_number (axis->logarithmic ? pow (10, value) : value);

  eid_figure_put_text (figure, number, x, y, width, LINE, place);
}

gboolean
eid_plot_begin (EidFigure *figure, guint width, guint height, const EidPlotAxis *across,
                const EidPlotAxis *up, const char *file, GError **error)
{
  const int foot = (int) height + 4, left = EID_FIGURE_GAP - LEFT;
  const guint room = LEFT - 2 * EID_FIGURE_GAP;

  if (!eid_figure_lay_out (figure, LEFT, TOP, width + EID_FIGURE_GAP, height + FOOT, file, error))
    return FALSE;
  cairo_set_line_width (figure->cr, 1);
  cairo_set_source_rgb (figure->cr, .6, .6, .6);
  cairo_rectangle (figure->cr, -.5, -.5, width + 1, height + 1);
  cairo_stroke (figure->cr);
  eid_figure_put_text (figure, up->name, left, -TOP, width / 2, TOP - 4, EID_TEXT_LEFT);
  put_end (figure, up, TRUE, left, 0, room, EID_TEXT_RIGHT);
  put_end (figure, up, FALSE, left, (int) height - LINE, room, EID_TEXT_RIGHT);
  put_end (figure, across, FALSE, 0, foot, width / 3, EID_TEXT_LEFT);
  put_end (figure, across, TRUE, (int) (width - width / 3), foot, width / 3, EID_TEXT_RIGHT);
  eid_figure_put_text (figure, across->name, (int) (width / 3), foot, width / 3, FOOT - 4, EID_TEXT_BELOW);
  return TRUE;
}

char *
eid_plot_axis_name (guint axis, double explained)
{
  /* TRANSLATORS: a principal axis, and its share of the variance. */
  return isfinite (explained) ? g_strdup_printf (_ ("axis %u (%.0f %%)"), axis, explained * 100)
                              : g_strdup_printf (_ ("axis %u"), axis);
}
