/* bars-draw.c: shares as bars, the largest first. Of more bars than pixels each pixel
 * shows the largest of its own.
 */
#include "ui/chart/bars.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define MARGIN    8
#define Y_SPACING 46
#define X_SPACING 90
#define BAR_SLOT  5 /* blue  */
#define LINE_SLOT 1 /* orange */
#define RULE_SLOT 0

typedef struct
{
  double value;
  guint item;
} Ranked;

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  const Ranked *x = a, *y = b;

  if (x->value < y->value || x->value > y->value)
    return x->value < y->value ? 1 : -1;
  return x->item < y->item ? -1 : x->item > y->item;
}

void
eid_bars_data_set (EidBarsData *data, const double *values, const double *second, gsize n)
{
  g_autofree Ranked *ranked = g_new (Ranked, MAX (n, 1));

  g_clear_pointer (&data->values, g_free);
  g_clear_pointer (&data->second, g_free);
  g_clear_pointer (&data->order, g_free);
  data->n = values ? n : 0;
  if (data->n == 0)
    return;
  for (gsize i = 0; i < n; i++)
    ranked[i] = (Ranked){ eid_plot_value (values[i], FALSE) ? fmax (values[i], 0) : 0, (guint) i };
  qsort (ranked, n, sizeof *ranked, compare_falling);
  data->values = g_new (double, n);
  data->second = second ? g_new (double, n) : NULL;
  data->order = g_new (guint, n);
  for (gsize i = 0; i < n; i++)
    {
      data->order[i] = ranked[i].item;
      data->values[i] = ranked[i].value;
      if (second)
        data->second[i] = eid_plot_value (second[ranked[i].item], FALSE) ? second[ranked[i].item] : 0;
    }
}

static int
line_height (const EidPlotStyle *style)
{
  int line;

  eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);
  return line;
}

EidBarsLayout
eid_bars_layout (const EidBarsData *data, const EidPlotStyle *style, double width, double height)
{
  EidBarsLayout layout = { .x = { .from = 0, .to = (double) MAX (data->n, 1) }, .y = { .from = 0 } };
  const int line = line_height (style);
  double greatest = data->n > 0 ? data->values[0] : 0;
  int left;

  for (gsize i = 0; data->second && i < data->n; i++)
    greatest = fmax (greatest, data->second[i]);
  if (eid_plot_value (data->rule, FALSE))
    greatest = fmax (greatest, data->rule);
  layout.y.to = greatest > 0 ? greatest * 1.06 : 1;
  eid_plot_text_size (style, "00.00 %", EID_PLOT_SMALL, FALSE, &left, NULL);
  layout.x.pixel_from = left + 2 * MARGIN;
  layout.x.pixel_to = fmax (width - 2 * MARGIN, layout.x.pixel_from + 1);
  layout.y.pixel_to = line + 2 * MARGIN;
  layout.y.pixel_from = fmax (height - 2 * line - 2 * MARGIN, layout.y.pixel_to + 1);
  layout.plot = GRAPHENE_RECT_INIT ((float) layout.x.pixel_from, (float) layout.y.pixel_to,
                                    (float) (layout.x.pixel_to - layout.x.pixel_from),
                                    (float) (layout.y.pixel_from - layout.y.pixel_to));
  return layout;
}

gssize
eid_bars_at (const EidBarsData *data, const EidBarsLayout *layout, double x, double y)
{
  if (data->n == 0
      || !graphene_rect_contains_point (&layout->plot, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return -1;
  return (gssize) CLAMP (eid_axis_value (&layout->x, x), 0, (double) data->n - 1);
}

/* --- Drawing ---------------------------------------------------------------------------- */

static void
draw_axes (GtkSnapshot *snapshot, const EidBarsData *data, const EidBarsLayout *layout,
           const EidPlotStyle *style)
{
  EidAxis percent = layout->y;
  g_autoptr (GArray) y_ticks = NULL, x_ticks = eid_axis_ticks (&layout->x, X_SPACING);
  GdkRGBA grid = eid_plot_faint (style, 0.1f), text = eid_plot_faint (style, 0.7f);

  percent.from *= 100;
  percent.to *= 100;
  y_ticks = eid_axis_ticks (&percent, Y_SPACING);
  for (guint i = 0; i < y_ticks->len; i++)
    {
      const EidTick *tick = &g_array_index (y_ticks, EidTick, i);
      const double y = round (eid_axis_pixel (&percent, tick->value));
      g_autofree char *label = g_strdup_printf ("%s %%", tick->label);

      eid_plot_fill (snapshot, &grid, layout->x.pixel_from, y, (double) layout->plot.size.width, 1);
      eid_plot_put (snapshot, eid_plot_text (style, label, EID_PLOT_SMALL, FALSE),
                    layout->x.pixel_from - MARGIN, y, 1, 0.5, &text);
    }
  for (guint i = 0; i < x_ticks->len; i++)
    {
      const EidTick *tick = &g_array_index (x_ticks, EidTick, i);

      if (floor (tick->value) == tick->value)
        eid_plot_put (snapshot, eid_plot_text (style, tick->label, EID_PLOT_SMALL, FALSE),
                      eid_axis_pixel (&layout->x, tick->value), layout->y.pixel_from + 3, 0.5, 0, &text);
    }
  if (data->x_title)
    eid_plot_put (snapshot, eid_plot_text (style, data->x_title, EID_PLOT_SMALL, FALSE),
                  (layout->x.pixel_from + layout->x.pixel_to) / 2,
                  layout->y.pixel_from + line_height (style) + 3, 0.5, 0, &text);
}

static void
draw_bars (cairo_t *cr, const EidBarsData *data, const EidBarsLayout *layout, const EidPlotStyle *style)
{
  const double each = (layout->x.pixel_to - layout->x.pixel_from) / (double) data->n;
  const double gap = each >= 4 ? 1 : 0;
  GdkRGBA colour = eid_category_colour (BAR_SLOT, style->dark);
  double drawn = -1;

  gdk_cairo_set_source_rgba (cr, &colour);
  for (gsize i = 0; i < data->n && data->values[i] > 0; i++)
    {
      const double x = eid_axis_pixel (&layout->x, (double) i),
                   y = eid_axis_pixel (&layout->y, data->values[i]);

      /* The first bar in a column of pixels is its largest. */
      if (each < 1 && floor (x) <= drawn)
        continue;
      drawn = floor (x);
      cairo_rectangle (cr, each < 1 ? floor (x) : x, y, fmax (each - gap, 1), layout->y.pixel_from - y);
    }
  cairo_fill (cr);
}

static void
draw_second (cairo_t *cr, const EidBarsData *data, const EidBarsLayout *layout, const EidPlotStyle *style)
{
  g_autofree double *places = g_new (double, data->n);
  GdkRGBA colour = eid_category_colour (LINE_SLOT, style->dark);
  g_autoptr (GArray) line = NULL;

  for (gsize i = 0; i < data->n; i++)
    places[i] = (double) i + 0.5;
  line = eid_decimate (&layout->x, &layout->y, places, data->second, data->n);
  for (guint i = 0; i < line->len; i++)
    {
      const graphene_point_t *point = &g_array_index (line, graphene_point_t, i);

      if (isnan (point->x))
        cairo_new_sub_path (cr);
      else
        cairo_line_to (cr, (double) point->x, (double) point->y);
    }
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_rule (cairo_t *cr, const EidBarsData *data, const EidBarsLayout *layout, const EidPlotStyle *style)
{
  const double y = floor (eid_axis_pixel (&layout->y, data->rule)) + 0.5;
  GdkRGBA colour = eid_category_colour (RULE_SLOT, style->dark);

  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, (double[]){ 4, 3 }, 2, 0);
  cairo_move_to (cr, layout->x.pixel_from, y);
  cairo_line_to (cr, layout->x.pixel_to, y);
  cairo_stroke (cr);
}

/* Name and sign of what is drawn, from @x on; where the next one begins. */
static double
put_legend (GtkSnapshot *snapshot, const EidPlotStyle *style, const char *name, guint slot, gboolean dashed,
            double x)
{
  const int line = line_height (style);
  GdkRGBA colour = eid_category_colour (slot, style->dark), text = eid_plot_faint (style, 0.8f);
  int width;

  if (!name)
    return x;
  if (dashed)
    for (int i = 0; i < 3; i++)
      eid_plot_fill (snapshot, &colour, x + i * 5, MARGIN + line / 2, 3, 1);
  else
    eid_plot_fill (snapshot, &colour, x, MARGIN + line / 2.0 - (slot == LINE_SLOT ? 1 : 4), 12,
                   slot == LINE_SLOT ? 2 : 8);
  eid_plot_put (snapshot, eid_plot_text (style, name, EID_PLOT_SMALL, FALSE), x + 18, MARGIN, 0, 0, &text);
  eid_plot_text_size (style, name, EID_PLOT_SMALL, FALSE, &width, NULL);
  return x + 18 + width + 2 * MARGIN;
}

GskRenderNode *
eid_bars_draw (const EidBarsData *data, const EidBarsLayout *layout, const EidPlotStyle *style, double width,
               double height)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;
  double x = layout->x.pixel_from;
  cairo_t *cr;

  if (width < 8 || height < 8)
    return NULL;
  if (data->n == 0)
    return eid_plot_empty (style, data->empty_text ? data->empty_text : _ ("Nothing to show yet"), width,
                           height);
  snapshot = gtk_snapshot_new ();
  draw_axes (snapshot, data, layout, style);
  cr = gtk_snapshot_append_cairo (snapshot, &layout->plot);
  draw_bars (cr, data, layout, style);
  if (data->second)
    draw_second (cr, data, layout, style);
  if (eid_plot_value (data->rule, FALSE))
    draw_rule (cr, data, layout, style);
  cairo_destroy (cr);

  x = put_legend (snapshot, style, data->bars, BAR_SLOT, FALSE, x);
  if (data->second)
    x = put_legend (snapshot, style, data->line, LINE_SLOT, FALSE, x);
  if (eid_plot_value (data->rule, FALSE))
    put_legend (snapshot, style, data->rule_label, RULE_SLOT, TRUE, x);
  return gtk_snapshot_to_node (snapshot);
}

void
eid_bars_snapshot_pointed (GtkSnapshot *snapshot, const EidBarsData *data, const EidBarsLayout *layout,
                           const EidPlotStyle *style, gsize pointed, double width, double height)
{
  const double x = eid_axis_pixel (&layout->x, (double) pointed + 0.5);
  const GdkRGBA ink = eid_plot_faint (style, 0.4f);
  g_autofree char *number = eid_format_count (data->order[pointed]);
  g_autofree char *heading = g_strdup_printf ("%s %s", data->item ? data->item : "", number);
  g_autofree char *value = eid_format_percent (data->values[pointed]);
  g_autofree char *second = data->second ? eid_format_percent (data->second[pointed]) : NULL;
  const EidReadoutLine lines[] = { { BAR_SLOT, data->bars, value }, { LINE_SLOT, data->line, second } };

  eid_plot_fill (snapshot, &ink, round (x), layout->y.pixel_to, 1, (double) layout->plot.size.height);
  eid_plot_readout (snapshot, style, heading, lines, data->second ? 2 : 1, x,
                    (layout->y.pixel_from + layout->y.pixel_to) / 2, width, height);
}
