/* draw.c: a line chart as a render node.
 *
 * Layout first (where the plot stands and what its axes span), then drawing from
 * the back: grid, markers, rules, lines, legend. Rules are named in a gutter at
 * the right, at their height, so that no line runs through a name.
 */
#include "ui/base/draw.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define MARGIN      6
#define X_SPACING   90 /* pixels between ticks, about        */
#define Y_SPACING   46
#define HEADER      26
#define DOT         6.0 /* the diameter                       */
#define GUTTER_MOST 0.3 /* of the width                       */

typedef struct
{
  double from, to;
} Range;

static void
cover (Range *range, double value, gboolean log)
{
  if (!eid_plot_value (value, log))
    return;
  range->from = isnan (range->from) ? value : fmin (range->from, value);
  range->to = isnan (range->to) ? value : fmax (range->to, value);
}

static double
widest_rule (const EidChartData *data, const EidPlotStyle *style)
{
  double widest = 0;

  for (guint i = 0; i < data->rules->len; i++)
    {
      const EidRule *rule = data->rules->pdata[i];
      g_autofree char *text = eid_chart_rule_text (rule);
      int width;

      if (!eid_plot_value (rule->value, data->log_y))
        continue;
      eid_plot_text_size (style, text, EID_PLOT_SMALL, FALSE, &width, NULL);
      widest = fmax (widest, width);
    }
  return widest;
}

static double
widest_tick (const EidAxis *axis, const EidPlotStyle *style, double spacing)
{
  g_autoptr (GArray) ticks = eid_axis_ticks (axis, spacing);
  double widest = 0;

  for (guint i = 0; i < ticks->len; i++)
    {
      int width;

      eid_plot_text_size (style, g_array_index (ticks, EidTick, i).label, EID_PLOT_SMALL, FALSE, &width,
                          NULL);
      widest = fmax (widest, width);
    }
  return widest;
}

EidChartLayout
eid_chart_layout (const EidChartData *data, const EidPlotStyle *style, double width, double height)
{
  EidChartLayout layout = { .x.log = data->log_x, .y.log = data->log_y, .empty = TRUE };
  Range x = { NAN, NAN }, y = { NAN, NAN };
  double left, right, top, bottom, gutter;
  int line;

  for (guint i = 0; i < data->series->len; i++)
    {
      const EidSeries *series = data->series->pdata[i];

      double least = data->log_y ? series->least_positive : series->least;
      guint first = 0;

      if (isnan (least))
        continue;
      while (data->log_x && first < series->x->len
             && !eid_plot_value (g_array_index (series->x, double, first), TRUE))
        first++;
      if (first == series->x->len)
        continue;
      layout.empty = FALSE;
      cover (&x, g_array_index (series->x, double, first), data->log_x);
      cover (&x, g_array_index (series->x, double, series->x->len - 1), data->log_x);
      cover (&y, least, data->log_y);
      cover (&y, series->greatest, data->log_y);
    }
  for (guint i = 0; i < data->rules->len; i++)
    cover (&y, ((EidRule *) data->rules->pdata[i])->value, data->log_y);
  cover (&x, data->x_from, data->log_x);
  cover (&x, data->x_to, data->log_x);
  cover (&y, data->y_from, data->log_y);
  cover (&y, data->y_to, data->log_y);
  eid_axis_fit (&layout.x, x.from, x.to, 0);
  eid_axis_fit (&layout.y, y.from, y.to, 0.06);
  /* What a held range ends at is the end: no accuracy above 1. */
  if (eid_plot_value (data->y_from, data->log_y) && y.from >= data->y_from && y.to > data->y_from)
    layout.y.from = data->y_from;
  if (eid_plot_value (data->y_to, data->log_y) && y.to <= data->y_to && y.from < data->y_to)
    layout.y.to = data->y_to;

  eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);
  top = data->compact ? MARGIN + EID_MARKER_SIZE * 2 : HEADER + MARGIN + EID_MARKER_SIZE * 2;
  bottom = data->compact ? MARGIN + EID_MARKER_SIZE : line + (data->x_title ? line : 0) + 2 * MARGIN;
  layout.y.pixel_from = fmax (height - bottom, top + 1);
  layout.y.pixel_to = top;
  gutter = widest_rule (data, style);
  left = widest_tick (&layout.y, style, Y_SPACING) + 2 * MARGIN;
  right = gutter > 0 ? fmin (gutter + 2 * MARGIN, width * GUTTER_MOST) : 2 * MARGIN;
  layout.x.pixel_from = left;
  layout.x.pixel_to = fmax (width - right, left + 1);
  layout.plot = GRAPHENE_RECT_INIT ((float) left, (float) top, (float) (layout.x.pixel_to - left),
                                    (float) (layout.y.pixel_from - top));
  return layout;
}

/* --- Pieces, from the back ---------------------------------------------------- */

static void
draw_axes (GtkSnapshot *snapshot, const EidChartData *data, const EidChartLayout *layout,
           const EidPlotStyle *style)
{
  g_autoptr (GArray) ys = eid_axis_ticks (&layout->y, Y_SPACING);
  g_autoptr (GArray) xs = eid_axis_ticks (&layout->x, X_SPACING);
  GdkRGBA grid = eid_plot_faint (style, 0.12f), axis = eid_plot_faint (style, 0.4f),
          text = eid_plot_faint (style, 0.7f);
  double left = layout->x.pixel_from, right = layout->x.pixel_to, foot = layout->y.pixel_from, end = 0;

  for (guint i = 0; i < ys->len; i++)
    {
      const EidTick *tick = &g_array_index (ys, EidTick, i);
      double y = round (eid_axis_pixel (&layout->y, tick->value));

      eid_plot_fill (snapshot, &grid, left, y, right - left, 1);
      eid_plot_put (snapshot, eid_plot_text (style, tick->label, EID_PLOT_SMALL, FALSE), left - MARGIN, y, 1,
                    0.5, &text);
    }
  eid_plot_fill (snapshot, &axis, left, round (foot), right - left, 1);
  if (data->compact)
    return;
  for (guint i = 0; i < xs->len; i++)
    {
      const EidTick *tick = &g_array_index (xs, EidTick, i);
      double x = round (eid_axis_pixel (&layout->x, tick->value)), from;
      int width;

      eid_plot_fill (snapshot, &axis, x, foot, 1, 4);
      eid_plot_text_size (style, tick->label, EID_PLOT_SMALL, FALSE, &width, NULL);
      from = fmin (x - width / 2.0, right - width + MARGIN);
      if (i > 0 && from < end + MARGIN) /* no two labels in one another */
        continue;
      end = from + width;
      eid_plot_put (snapshot, eid_plot_text (style, tick->label, EID_PLOT_SMALL, FALSE), from, foot + MARGIN,
                    0, 0, &text);
    }
  if (data->x_title)
    {
      int line;

      eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);
      eid_plot_put (snapshot, eid_plot_text (style, data->x_title, EID_PLOT_SMALL, FALSE), (left + right) / 2,
                    foot + MARGIN + line, 0.5, 0, &text);
    }
}

static void
draw_line (cairo_t *cr, const EidChartLayout *layout, const EidSeries *series, const double *y,
           double line_width, const GdkRGBA *colour)
{
  g_autoptr (GArray) points =
      eid_decimate (&layout->x, &layout->y, (const double *) series->x->data, y, series->x->len);
  gboolean begun = FALSE;

  gdk_cairo_set_source_rgba (cr, colour);
  cairo_set_line_width (cr, line_width);
  for (guint i = 0; i < points->len; i++)
    {
      const graphene_point_t *point = &g_array_index (points, graphene_point_t, i);

      if (isnan (point->x))
        {
          begun = FALSE;
          continue;
        }
      if (!begun)
        cairo_move_to (cr, point->x, point->y); /* alone, a round cap shows it as a dot */
      cairo_line_to (cr, point->x, point->y);
      begun = TRUE;
    }
  cairo_stroke (cr);
}

/* A point at the edge is a whole dot. */
static void
draw_dots (cairo_t *cr, const EidChartLayout *layout, const EidSeries *series, const GdkRGBA *colour)
{
  gdk_cairo_set_source_rgba (cr, colour);
  for (guint i = 0; i < series->x->len; i++)
    {
      const double x = g_array_index (series->x, double, i), y = g_array_index (series->y, double, i);

      if (!eid_plot_value (x, layout->x.log) || !eid_plot_value (y, layout->y.log))
        continue;
      cairo_arc (cr, eid_axis_pixel (&layout->x, x), eid_axis_pixel (&layout->y, y), DOT / 2, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static void
draw_series (GtkSnapshot *snapshot, const EidChartData *data, const EidChartLayout *layout,
             const EidPlotStyle *style)
{
  graphene_rect_t bounds = layout->plot;
  cairo_t *cr;

  graphene_rect_inset (&bounds, data->dots ? -DOT : -2, data->dots ? -DOT : -2);
  cr = gtk_snapshot_append_cairo (snapshot, &bounds);
  gdk_cairo_rectangle (cr,
                       &(GdkRectangle){ (int) bounds.origin.x, (int) bounds.origin.y,
                                        (int) ceilf (bounds.size.width), (int) ceilf (bounds.size.height) });
  cairo_clip (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (guint i = 0; i < data->series->len; i++)
    {
      const EidSeries *series = data->series->pdata[i];
      GdkRGBA colour = eid_category_colour (series->slot, style->dark), faint = colour;
      gboolean smooth = data->smoothing > 0;

      faint.alpha = 0.3f;
      cairo_set_dash (cr, (double[]){ 6, 5 }, series->dashed ? 2 : 0, 0);
      draw_line (cr, layout, series, (const double *) series->y->data, smooth ? 1 : 1.75,
                 smooth ? &faint : &colour);
      if (data->dots)
        draw_dots (cr, layout, series, &colour);
      if (smooth && series->x->len > 0)
        {
          g_autofree double *smoothed = g_new (double, series->y->len);

          eid_smooth ((const double *) series->y->data, smoothed, series->y->len, data->smoothing);
          draw_line (cr, layout, series, smoothed, 2, &colour);
        }
    }
  cairo_destroy (cr);
}

/* Title at the left, the names of the lines from the right. */
static void
draw_header (GtkSnapshot *snapshot, const EidChartData *data, const EidPlotStyle *style, double width)
{
  GdkRGBA text = style->foreground, faint = eid_plot_faint (style, 0.7f);
  double right = width - 2 * MARGIN, left = 2 * MARGIN;
  int title_width = 0;

  if (data->title)
    {
      g_autofree char *title =
          data->unit ? g_strdup_printf ("%s (%s)", data->title, data->unit) : g_strdup (data->title);
      PangoLayout *layout = eid_plot_text (style, title, 0.95, TRUE);

      pango_layout_get_pixel_size (layout, &title_width, NULL);
      eid_plot_put (snapshot, layout, left, HEADER / 2.0, 0, 0.5, &text);
    }
  if (data->series->len < 2 && data->title)
    return; /* the title says it */
  for (guint i = data->series->len; i-- > 0;)
    {
      const EidSeries *series = data->series->pdata[i];
      GdkRGBA colour = eid_category_colour (series->slot, style->dark);
      int name_width;

      eid_plot_text_size (style, series->name, EID_PLOT_SMALL, FALSE, &name_width, NULL);
      if (right - name_width - 18 < left + title_width + 2 * MARGIN)
        break; /* the read-out names the rest */
      eid_plot_put (snapshot, eid_plot_text (style, series->name, EID_PLOT_SMALL, FALSE), right, HEADER / 2.0,
                    1, 0.5, &faint);
      right -= name_width + 18;
      eid_plot_fill (snapshot, &colour, round (right), HEADER / 2.0 - 1, series->dashed ? 5 : 12, 3);
      if (series->dashed)
        eid_plot_fill (snapshot, &colour, round (right) + 7, HEADER / 2.0 - 1, 5, 3);
      right -= 2 * MARGIN;
    }
}

GskRenderNode *
eid_chart_draw (const EidChartData *data, const EidChartLayout *layout, const EidPlotStyle *style,
                double width, double height)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;

  if (width < 8 || height < 8)
    return NULL;
  snapshot = gtk_snapshot_new ();
  if (!data->compact)
    draw_header (snapshot, data, style, width);
  if (layout->empty)
    {
      GskRenderNode *empty =
          eid_plot_empty (style, data->empty_text ? data->empty_text : _ ("No data yet"), width, height);

      if (empty)
        gtk_snapshot_append_node (snapshot, empty);
      g_clear_pointer (&empty, gsk_render_node_unref);
      return gtk_snapshot_to_node (snapshot);
    }
  draw_axes (snapshot, data, layout, style);
  eid_chart_draw_rules (snapshot, data, layout, style, width, height);
  draw_series (snapshot, data, layout, style);
  eid_chart_draw_markers (snapshot, data, layout, style, width, height);
  return gtk_snapshot_to_node (snapshot);
}
