/* marks.c: what stands around the lines of a chart: reference rules named in
 * the gutter, markers of events, the cursor "you are here" and the read-out.
 */
#include "ui/base/draw.h"

#include <math.h>

#define MARGIN 6

char *
eid_chart_rule_text (const EidRule *rule)
{
  g_autofree char *value = eid_format_number (rule->value);

  return g_strdup_printf ("%s %s", rule->label, value);
}

static int
compare_rules (gconstpointer a, gconstpointer b)
{
  const EidRule *left = *(EidRule *const *) a, *right = *(EidRule *const *) b;

  return left->value < right->value ? 1 : left->value > right->value ? -1 : 0; /* topmost first */
}

void
eid_chart_draw_rules (GtkSnapshot *snapshot, const EidChartData *data, const EidChartLayout *layout,
                      const EidPlotStyle *style, double width, double height)
{
  g_autoptr (GPtrArray) rules = g_ptr_array_new ();
  double taken = 0;
  int line;
  cairo_t *cr;

  for (guint i = 0; i < data->rules->len; i++)
    if (eid_plot_value (((EidRule *) data->rules->pdata[i])->value, data->log_y))
      g_ptr_array_add (rules, data->rules->pdata[i]);
  if (rules->len == 0)
    return;
  g_ptr_array_sort (rules, compare_rules);
  eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);

  cr = gtk_snapshot_append_cairo (snapshot, &layout->plot);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < rules->len; i++)
    {
      static const double dashes[][2] = {
        [EID_DASH_SHORT] = { 4, 3 }, [EID_DASH_LONG] = { 10, 4 }, [EID_DASH_DOTTED] = { 1.5, 3 }
      };
      const EidRule *rule = rules->pdata[i];
      GdkRGBA colour = eid_category_colour (rule->slot, style->dark);
      double y = floor (eid_axis_pixel (&layout->y, rule->value)) + 0.5;

      gdk_cairo_set_source_rgba (cr, &colour);
      cairo_set_dash (cr, dashes[rule->dash], 2, 0);
      cairo_move_to (cr, layout->x.pixel_from, y);
      cairo_line_to (cr, layout->x.pixel_to, y);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);

  for (guint i = 0; i < rules->len; i++)
    {
      const EidRule *rule = rules->pdata[i];
      g_autofree char *text = eid_chart_rule_text (rule);
      PangoLayout *label = eid_plot_text (style, text, EID_PLOT_SMALL, FALSE);
      GdkRGBA colour = eid_plot_faint (style, 0.85f);
      double room = width - layout->x.pixel_to - MARGIN;
      /* Names that would touch are pushed down, but not below those that follow. */
      double y = fmax (eid_axis_pixel (&layout->y, rule->value), taken + line / 2.0);

      y = fmin (y, height - line * (rules->len - i - 0.5));
      taken = y + line / 2.0;
      pango_layout_set_width (label, (int) (fmax (room, 1) * PANGO_SCALE));
      pango_layout_set_ellipsize (label, PANGO_ELLIPSIZE_END);
      pango_layout_set_height (label, -1);
      eid_plot_put (snapshot, label, layout->x.pixel_to + MARGIN, y, 0, 0.5, &colour);
    }
}

/* The sign of a marker: its form says the kind without its colour. */
static void
marker_path (cairo_t *cr, EidMarkerKind kind, double x, double y)
{
  double r = EID_MARKER_SIZE;

  switch (kind)
    {
    case EID_MARKER_EDIT:
      cairo_move_to (cr, x, y - r);
      cairo_line_to (cr, x + r, y + r);
      cairo_line_to (cr, x - r, y + r);
      cairo_close_path (cr);
      break;
    case EID_MARKER_EVALUATION:
      cairo_move_to (cr, x, y - r);
      cairo_line_to (cr, x + r, y);
      cairo_line_to (cr, x, y + r);
      cairo_line_to (cr, x - r, y);
      cairo_close_path (cr);
      break;
    case EID_MARKER_PINNED:
      cairo_rectangle (cr, x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
      break;
    case EID_MARKER_ALARM:
      cairo_move_to (cr, x - r, y - r);
      cairo_line_to (cr, x + r, y + r);
      cairo_move_to (cr, x + r, y - r);
      cairo_line_to (cr, x - r, y + r);
      break;
    case EID_MARKER_CHECKPOINT:
    default:
      cairo_arc (cr, x, y, r * 0.6, 0, 2 * G_PI);
    }
}

/* Checkpoints and evaluations are many and stand on or at the axis; the rest have a line,
 * a sign at its head and a label.                                                  */
static gboolean
on_axis (EidMarkerKind kind)
{
  return kind == EID_MARKER_CHECKPOINT || kind == EID_MARKER_EVALUATION;
}

static double
marker_y (EidMarkerKind kind, const EidChartLayout *layout)
{
  /* Often both are of the same step: one stands upon the other. */
  if (kind == EID_MARKER_EVALUATION)
    return layout->y.pixel_from - 2 * EID_MARKER_SIZE + 1;
  return on_axis (kind) ? layout->y.pixel_from : layout->plot.origin.y - EID_MARKER_SIZE - 1;
}

static gboolean
marker_place (const EidMarker *marker, const EidChartLayout *layout, double *x)
{
  if (!eid_plot_value (marker->x, layout->x.log) || marker->x < layout->x.from || marker->x > layout->x.to)
    return FALSE;
  *x = eid_axis_pixel (&layout->x, marker->x);
  return TRUE;
}

void
eid_chart_draw_markers (GtkSnapshot *snapshot, const EidChartData *data, const EidChartLayout *layout,
                        const EidPlotStyle *style, double width, double height)
{
  GdkRGBA line = eid_plot_faint (style, 0.3f), text = eid_plot_faint (style, 0.8f);
  GdkRGBA alarm = eid_category_colour (6, style->dark);
  double taken = 0;
  cairo_t *cr;

  for (guint i = 0; i < data->markers->len; i++)
    {
      const EidMarker *marker = data->markers->pdata[i];
      double x;
      int label_width;

      if (!marker_place (marker, layout, &x) || on_axis (marker->kind))
        continue;
      eid_plot_fill (snapshot, marker->kind == EID_MARKER_ALARM ? &alarm : &line, round (x),
                     layout->plot.origin.y, 1, layout->plot.size.height);
      if (!marker->label || !*marker->label)
        continue;
      eid_plot_text_size (style, marker->label, EID_PLOT_SMALL, FALSE, &label_width, NULL);
      if (x + 8 < taken || x + 8 + label_width > width)
        continue; /* the pointer reads it out */
      eid_plot_put (snapshot, eid_plot_text (style, marker->label, EID_PLOT_SMALL, FALSE), x + 8,
                    marker_y (marker->kind, layout), 0, 0.5, &text);
      taken = x + 8 + label_width + MARGIN;
    }

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  for (guint i = 0; i < data->markers->len; i++)
    {
      const EidMarker *marker = data->markers->pdata[i];
      GdkRGBA colour = eid_plot_faint (style, on_axis (marker->kind) ? 0.6f : 0.85f);
      double x;

      if (!marker_place (marker, layout, &x))
        continue;
      gdk_cairo_set_source_rgba (cr, marker->kind == EID_MARKER_ALARM ? &alarm : &colour);
      cairo_new_path (cr);
      marker_path (cr, marker->kind, x, marker_y (marker->kind, layout));
      cairo_set_line_width (cr, 2);
      if (marker->kind == EID_MARKER_ALARM)
        cairo_stroke (cr);
      else
        cairo_fill (cr);
    }
  cairo_destroy (cr);
}

int
eid_chart_marker_at (const EidChartData *data, const EidChartLayout *layout, double pixel_x, double pixel_y)
{
  double best = 9;
  int found = -1;

  for (guint i = 0; i < data->markers->len; i++)
    {
      const EidMarker *marker = data->markers->pdata[i];
      double x, away;

      if (!marker_place (marker, layout, &x))
        continue;
      away = hypot (x - pixel_x, marker_y (marker->kind, layout) - pixel_y);
      if (away < best)
        {
          best = away;
          found = (int) i;
        }
    }
  return found;
}

GskRenderNode *
eid_chart_draw_cursor (const EidChartLayout *layout, const EidPlotStyle *style, double x)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;
  double place, foot = layout->y.pixel_from;
  cairo_t *cr;

  if (layout->empty || !eid_plot_value (x, layout->x.log) || x < layout->x.from || x > layout->x.to)
    return NULL;
  snapshot = gtk_snapshot_new ();
  place = round (eid_axis_pixel (&layout->x, x));
  eid_plot_fill (snapshot, &style->foreground, place - 0.5, layout->plot.origin.y, 2,
                 layout->plot.size.height);
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT ((float) place - 8, (float) foot - 8, 17, 17));
  gdk_cairo_set_source_rgba (cr, &style->foreground);
  cairo_arc (cr, place + 0.5, foot, 5, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_destroy (cr);
  return gtk_snapshot_to_node (snapshot);
}

/* A line of the card for every series that has a value near, and every marker there. */
static GArray *
readout_lines (const EidChartData *data, const EidChartLayout *layout, double x)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (EidReadoutLine));
  double pixel = eid_axis_pixel (&layout->x, x), marker_x;

  for (guint i = 0; i < data->series->len; i++)
    {
      const EidSeries *series = data->series->pdata[i];
      gssize nearest = eid_series_nearest (series, x);
      g_autofree char *number = NULL;
      EidReadoutLine line;

      if (nearest < 0)
        continue;
      number = eid_format_number (g_array_index (series->y, double, nearest));
      line.slot = (int) series->slot;
      line.name = g_strdup (series->name);
      line.value =
          data->unit ? g_strdup_printf ("%s\u00a0%s", number, data->unit) : g_steal_pointer (&number);
      g_array_append_val (lines, line);
    }
  for (guint i = 0; i < data->markers->len; i++)
    {
      const EidMarker *marker = data->markers->pdata[i];

      if (marker->label && *marker->label && marker_place (marker, layout, &marker_x)
          && fabs (marker_x - pixel) < 5)
        {
          EidReadoutLine line = { -1, g_strdup (marker->label), NULL };

          g_array_append_val (lines, line);
        }
    }
  return lines;
}

static void
clear_line (gpointer pointer)
{
  EidReadoutLine *line = pointer;

  g_free (line->name);
  g_free (line->value);
}

GskRenderNode *
eid_chart_draw_readout (const EidChartData *data, const EidChartLayout *layout, const EidPlotStyle *style,
                        double x, double width, double height)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GArray) lines = NULL;
  g_autofree char *place = NULL, *heading = NULL;
  GdkRGBA colour = eid_plot_faint (style, 0.5f);
  double pixel;
  cairo_t *cr;

  if (layout->empty || !eid_plot_value (x, layout->x.log))
    return NULL;
  snapshot = gtk_snapshot_new ();
  lines = readout_lines (data, layout, x);
  g_array_set_clear_func (lines, clear_line);
  pixel = eid_axis_pixel (&layout->x, x);
  eid_plot_fill (snapshot, &colour, round (pixel), layout->plot.origin.y, 1, layout->plot.size.height);

  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  for (guint i = 0; i < data->series->len; i++)
    {
      const EidSeries *series = data->series->pdata[i];
      gssize nearest = eid_series_nearest (series, x);
      GdkRGBA dot = eid_category_colour (series->slot, style->dark);

      if (nearest < 0 || !eid_plot_value (g_array_index (series->y, double, nearest), data->log_y))
        continue;
      gdk_cairo_set_source_rgba (cr, &dot);
      cairo_arc (cr, eid_axis_pixel (&layout->x, g_array_index (series->x, double, nearest)),
                 eid_axis_pixel (&layout->y, g_array_index (series->y, double, nearest)), 3.5, 0, 2 * G_PI);
      cairo_fill (cr);
    }
  cairo_destroy (cr);

  place =
      fabs (x) < 1e15 && x == floor (x) && x >= 0 ? eid_format_count ((guint64) x) : eid_format_number (x);
  heading = data->x_title ? g_strdup_printf ("%s %s", data->x_title, place) : g_strdup (place);
  eid_plot_readout (snapshot, style, heading, (const EidReadoutLine *) lines->data, lines->len, pixel,
                    layout->plot.origin.y + layout->plot.size.height / 2, width, height);
  return gtk_snapshot_to_node (snapshot);
}
