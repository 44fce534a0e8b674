/* draw.c: an embedding as points in the plane, with equal scales so that
 * distances mean the same along both axes, and a legend of the classes.
 */
#include "ui/scatter/scatter.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define MARGIN           10
#define MOST_DRAWN       20000 /* beyond, every k-th: more only covers more */
#define MOST_CLASSES     64
#define LEGEND_MOST      0.28 /* of the width */
#define FEW              40   /* in sight: pictures are drawn in place of marks */
#define SMALLEST_PICTURE 16
#define LARGEST_PICTURE  64
#define PICTURE_EDGE     2
#define RING_WIDTH       5  /* of a ring about a picture, and its distance from it */
#define MARK             16 /* from a point to the end of its mark and ring        */

char *
eid_scatter_class_name (const EidScatterData *data, int label)
{
  if (label < 0)
    return g_strdup (_ ("no class"));
  if (data->names && (guint) label < g_strv_length (data->names))
    return g_strdup (data->names[label]);
  /* Translators: a class that has only a number. */
  return g_strdup_printf (_ ("class %d"), label);
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  int left = *(const int *) a, right = *(const int *) b;

  return left < right ? -1 : left > right;
}

GArray *
eid_scatter_classes (const EidScatterData *data)
{
  GArray *classes = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (gsize i = 0; data->labels && i < data->n; i++)
    if (g_hash_table_add (seen, GINT_TO_POINTER (data->labels[i])))
      {
        g_array_append_val (classes, data->labels[i]);
        if (classes->len >= MOST_CLASSES)
          break;
      }
  g_array_sort (classes, compare_ints);
  return classes;
}

static gboolean
has_place (const EidScatterData *data, gsize i)
{
  return eid_plot_value (data->x[i], FALSE) && eid_plot_value (data->y[i], FALSE);
}

gboolean
eid_scatter_drawable (const EidScatterData *data, gsize i)
{
  return has_place (data, i)
         && !(data->hidden && data->labels
              && g_hash_table_contains (data->hidden, GINT_TO_POINTER (data->labels[i])));
}

/* Legend rows need a name and a mark; its width, 0 where there is nothing to tell. */
static double
legend_width (const EidScatterData *data, const EidPlotStyle *style, double width)
{
  g_autoptr (GArray) classes = eid_scatter_classes (data);
  double widest = 0;

  for (guint i = 0; i < classes->len; i++)
    {
      g_autofree char *name = eid_scatter_class_name (data, g_array_index (classes, int, i));
      int name_width;

      eid_plot_text_size (style, name, EID_PLOT_SMALL, FALSE, &name_width, NULL);
      widest = fmax (widest, name_width);
    }
  return widest > 0 ? fmin (widest + 18 + 2 * MARGIN, width * LEGEND_MOST) : 0;
}

static gboolean
is_in_sight (const EidScatterData *data, const EidScatterLayout *layout, gsize i)
{
  return eid_scatter_drawable (data, i)
         && graphene_rect_contains_point (
             &layout->plot, &GRAPHENE_POINT_INIT ((float) eid_axis_pixel (&layout->x, data->x[i]),
                                                  (float) eid_axis_pixel (&layout->y, data->y[i])));
}

/* Of @count pictures: as large as lets half of the plot be seen between them; 0 where marks are drawn. */
static double
picture_side (const EidScatterData *data, const EidScatterLayout *layout, gsize count)
{
  const double area = (double) layout->plot.size.width * (double) layout->plot.size.height;

  if (!data->pictures || count == 0 || (!data->show_pictures && count > FEW))
    return 0;
  return CLAMP (round (sqrt (area / (double) count / 2)), SMALLEST_PICTURE, LARGEST_PICTURE);
}

EidScatterLayout
eid_scatter_layout (const EidScatterData *data, const EidPlotStyle *style, double width, double height)
{
  EidScatterLayout layout = { 0 };
  double x_from = INFINITY, x_to = -INFINITY, y_from = INFINITY, y_to = -INFINITY, legend, scale;
  double plot_width, plot_height, side, reach;
  gsize placed = 0;
  int line;

  for (gsize i = 0; i < data->n; i++)
    if (has_place (data, i)) /* what is left out too, so that the rest stays where it is */
      {
        x_from = fmin (x_from, data->x[i]);
        x_to = fmax (x_to, data->x[i]);
        y_from = fmin (y_from, data->y[i]);
        y_to = fmax (y_to, data->y[i]);
        placed++;
      }
  layout.empty = placed == 0;
  eid_axis_fit (&layout.x, x_from, x_to, 0.05);
  eid_axis_fit (&layout.y, y_from, y_to, 0.05);

  eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);
  legend = legend_width (data, style, width);
  layout.plot =
      GRAPHENE_RECT_INIT (line + MARGIN, MARGIN, (float) fmax (width - legend - line - 2 * MARGIN, 1),
                          (float) fmax (height - line - 2 * MARGIN, 1));
  plot_width = layout.plot.size.width;
  plot_height = layout.plot.size.height;
  side = picture_side (data, &layout, placed);
  reach = fmin (fmax (MARK, side * G_SQRT2 / 2 + RING_WIDTH), fmin (plot_width, plot_height) / 4);

  /* Equal scales: the axis with room to spare shows more than the data. Nothing is cut at the frame. */
  scale = fmax ((layout.x.to - layout.x.from) / plot_width, (layout.y.to - layout.y.from) / plot_height);
  if (!layout.empty)
    scale = fmax (scale, fmax ((x_to - x_from) / (plot_width - 2 * reach),
                               (y_to - y_from) / (plot_height - 2 * reach)));
  scale /= fmax (data->zoom, 1);
  for (int k = 0; k < 2; k++)
    {
      EidAxis *axis = k ? &layout.y : &layout.x;
      double whole = axis->from / 2 + axis->to / 2, seen = k ? data->middle_y : data->middle_x;
      double middle = data->zoom > 1 ? CLAMP (seen, axis->from, axis->to) : whole,
             half = scale * (k ? plot_height : plot_width) / 2;

      axis->from = middle - half;
      axis->to = middle + half;
    }
  layout.x.pixel_from = layout.plot.origin.x;
  layout.x.pixel_to = layout.plot.origin.x + plot_width;
  layout.y.pixel_from = layout.plot.origin.y + plot_height;
  layout.y.pixel_to = layout.plot.origin.y;
  for (gsize i = 0; i < data->n; i++)
    layout.in_sight += is_in_sight (data, &layout, i);
  layout.pictures = picture_side (data, &layout, layout.in_sight);
  /* Where classes are left out the others have more room, but none at the frame. */
  if (data->zoom <= 1)
    layout.pictures = fmin (layout.pictures, fmax (side, SMALLEST_PICTURE));
  return layout;
}

guint
eid_scatter_point_slot (const EidScatterData *data, gsize i)
{
  return data->labels ? eid_scatter_slot (data->labels[i]) : 5;
}

guint
eid_scatter_slot (int label)
{
  return label < 0 ? 0 : (guint) label + 1;
}

/* Each on an edge in the colour of its class. */
static void
draw_pictures (GtkSnapshot *snapshot, const EidScatterData *data, const EidScatterLayout *layout,
               const EidPlotStyle *style)
{
  const float side = (float) layout->pictures;

  gtk_snapshot_push_clip (snapshot, &layout->plot);
  for (gsize i = 0; i < data->n; i++)
    {
      GdkRGBA colour = eid_category_colour (eid_scatter_point_slot (data, i), style->dark);
      graphene_rect_t bounds;

      if (!is_in_sight (data, layout, i) || !data->pictures[i])
        continue;
      bounds = GRAPHENE_RECT_INIT (roundf ((float) eid_axis_pixel (&layout->x, data->x[i]) - side / 2),
                                   roundf ((float) eid_axis_pixel (&layout->y, data->y[i]) - side / 2), side,
                                   side);
      gtk_snapshot_append_color (snapshot, &colour, &bounds);
      graphene_rect_inset (&bounds, PICTURE_EDGE, PICTURE_EDGE);
      gtk_snapshot_append_texture (snapshot, data->pictures[i], &bounds);
    }
  gtk_snapshot_pop (snapshot);
}

static void
draw_points (GtkSnapshot *snapshot, const EidScatterData *data, const EidScatterLayout *layout,
             const EidPlotStyle *style)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &layout->plot);
  gsize stride = (data->n + MOST_DRAWN - 1) / MOST_DRAWN;
  double count = (double) MIN (layout->in_sight, MOST_DRAWN);
  /* The more points, the smaller and fainter: dense places are told from sparse ones. */
  double radius = CLAMP (60 / sqrt (count + 1), 2, 4.5), alpha = CLAMP (24 / sqrt (count + 1), 0.35, 0.9);

  for (gsize i = 0; i < data->n; i += MAX (1, stride))
    {
      GdkRGBA colour;

      if (!is_in_sight (data, layout, i))
        continue;
      colour = eid_category_colour (eid_scatter_point_slot (data, i), style->dark);
      colour.alpha = (float) (data->labels && data->labels[i] < 0 ? alpha * 0.5 : alpha);
      gdk_cairo_set_source_rgba (cr, &colour);
      eid_plot_mark (cr, eid_scatter_point_slot (data, i), eid_axis_pixel (&layout->x, data->x[i]),
                     eid_axis_pixel (&layout->y, data->y[i]), radius);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
}

static void
draw_legend (GtkSnapshot *snapshot, const EidScatterData *data, const EidScatterLayout *layout,
             const EidPlotStyle *style, double width, double height)
{
  g_autoptr (GArray) classes = eid_scatter_classes (data);
  GdkRGBA text = eid_plot_faint (style, 0.8f);
  double left = layout->plot.origin.x + layout->plot.size.width + MARGIN, top = MARGIN;
  int line;

  eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);
  line += 4;
  for (guint i = 0; i < classes->len; i++, top += line)
    {
      int label = g_array_index (classes, int, i);
      g_autofree char *name = eid_scatter_class_name (data, label);
      GdkRGBA colour = eid_category_colour (eid_scatter_slot (label), style->dark);
      const gboolean hidden = data->hidden && g_hash_table_contains (data->hidden, GINT_TO_POINTER (label));
      PangoLayout *layout_text;
      cairo_t *cr;

      if (top + 2 * line > height && i + 1 < classes->len) /* the last line says how many are left */
        {
          g_autofree char *more = g_strdup_printf (_ ("and %'u more"), classes->len - i);

          eid_plot_put (snapshot, eid_plot_text (style, more, EID_PLOT_SMALL, FALSE), left, top, 0, 0, &text);
          break;
        }
      cr = gtk_snapshot_append_cairo (snapshot,
                                      &GRAPHENE_RECT_INIT ((float) left, (float) top, 16, (float) line));
      gdk_cairo_set_source_rgba (cr, &colour);
      eid_plot_mark (cr, eid_scatter_slot (label), left + 6, top + line / 2.0 - 2, 4.5);
      if (hidden) /* hollow: it is left out */
        cairo_stroke (cr);
      else
        cairo_fill (cr);
      cairo_destroy (cr);
      layout_text = eid_plot_text (style, name, EID_PLOT_SMALL, FALSE);
      pango_layout_set_width (layout_text, (int) (fmax (width - left - 18 - 4, 1) * PANGO_SCALE));
      pango_layout_set_ellipsize (layout_text, PANGO_ELLIPSIZE_END);
      eid_plot_put (snapshot, layout_text, left + 18, top, 0, 0, &text);
    }
}

/* A title that fits in @room, shortened in its middle if it has to be: numbers are at its end. */
static PangoLayout *
make_title (const EidPlotStyle *style, const char *title, double room)
{
  PangoLayout *layout = eid_plot_text (style, title, EID_PLOT_SMALL, FALSE);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  if (width > room)
    {
      pango_layout_set_width (layout, (int) (fmax (room, 1) * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_MIDDLE);
    }
  return layout;
}

static void
draw_frame (GtkSnapshot *snapshot, const EidScatterData *data, const EidScatterLayout *layout,
            const EidPlotStyle *style)
{
  GdkRGBA edge = eid_plot_faint (style, 0.15f), text = eid_plot_faint (style, 0.7f);
  const graphene_rect_t *plot = &layout->plot;
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, plot, 6);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                              (GdkRGBA[4]){ edge, edge, edge, edge });
  if (data->x_title)
    eid_plot_put (snapshot, make_title (style, data->x_title, plot->size.width),
                  plot->origin.x + plot->size.width / 2, plot->origin.y + plot->size.height + MARGIN / 2, 0.5,
                  0, &text);
  if (data->y_title)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (plot->origin.x - MARGIN / 2,
                                                              plot->origin.y + plot->size.height / 2));
      gtk_snapshot_rotate (snapshot, -90);
      eid_plot_put (snapshot, make_title (style, data->y_title, plot->size.height), 0, 0, 0.5, 1, &text);
      gtk_snapshot_restore (snapshot);
    }
}

GskRenderNode *
eid_scatter_draw (const EidScatterData *data, const EidScatterLayout *layout, const EidPlotStyle *style,
                  double width, double height)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;

  if (width < 8 || height < 8)
    return NULL;
  if (layout->empty)
    return eid_plot_empty (style, data->empty_text ? data->empty_text : _ ("No points yet"), width, height);
  snapshot = gtk_snapshot_new ();
  draw_frame (snapshot, data, layout, style);
  if (layout->pictures > 0)
    draw_pictures (snapshot, data, layout, style);
  else
    draw_points (snapshot, data, layout, style);
  draw_legend (snapshot, data, layout, style, width, height);
  return gtk_snapshot_to_node (snapshot);
}

gssize
eid_scatter_at (const EidScatterData *data, const EidScatterLayout *layout, double pixel_x, double pixel_y,
                double reach)
{
  gssize found = -1;

  if (layout->empty)
    return -1;
  for (gsize i = 0; i < data->n; i++)
    {
      double away;

      if (!is_in_sight (data, layout, i))
        continue;
      away = hypot (eid_axis_pixel (&layout->x, data->x[i]) - pixel_x,
                    eid_axis_pixel (&layout->y, data->y[i]) - pixel_y);
      if (away <= reach)
        {
          reach = away;
          found = (gssize) i;
        }
    }
  return found;
}
