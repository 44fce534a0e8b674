/* marks.c: what lies over the points of a scatter: rings, selection, lasso, and
 * the pointed point with its picture.
 */
#include "ui/scatter/scatter.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define RING    8
#define PICTURE 96 /* side of the pointed point's picture */
#define BESIDE  14 /* from the point to its picture       */
#define EDGE    2

static double
place_x (const EidScatterData *data, const EidScatterLayout *layout, gsize i)
{
  return eid_axis_pixel (&layout->x, data->x[i]);
}

static double
place_y (const EidScatterData *data, const EidScatterLayout *layout, gsize i)
{
  return eid_axis_pixel (&layout->y, data->y[i]);
}

static double
ring_radius (const EidScatterLayout *layout)
{
  return layout->pictures > 0 ? layout->pictures * G_SQRT2 / 2 + 2 : RING;
}

static void
add_ring (cairo_t *cr, const EidScatterData *data, const EidScatterLayout *layout, gsize i, double radius)
{
  if (i >= data->n || !eid_scatter_drawable (data, i))
    return;
  cairo_new_sub_path (cr);
  cairo_arc (cr, place_x (data, layout, i), place_y (data, layout, i), radius, 0, 2 * G_PI);
}

/* In the foreground on a broad line of the ground, so that it shows on any point. */
static void
stroke_twice (cairo_t *cr, const EidPlotStyle *style, double width)
{
  GdkRGBA ground = style->dark ? (GdkRGBA){ 0.1f, 0.1f, 0.1f, 0.8f } : (GdkRGBA){ 1, 1, 1, 0.8f };

  gdk_cairo_set_source_rgba (cr, &ground);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &style->foreground);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

GskRenderNode *
eid_scatter_draw_marks (const EidScatterData *data, const EidScatterLayout *layout, const EidPlotStyle *style,
                        gssize centre, const GArray *others, const guint8 *selected)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;
  const double radius = ring_radius (layout);
  cairo_t *cr;

  if (layout->empty || (centre < 0 && !selected))
    return NULL;
  snapshot = gtk_snapshot_new ();
  cr = gtk_snapshot_append_cairo (snapshot, &layout->plot);
  for (gsize i = 0; selected && i < data->n; i++)
    if (selected[i])
      add_ring (cr, data, layout, i, layout->pictures > 0 ? radius : 5.5);
  stroke_twice (cr, style, 1);
  if (centre >= 0)
    {
      for (guint k = 0; others && k < others->len; k++)
        add_ring (cr, data, layout, (gsize) g_array_index (others, gint32, k), radius);
      stroke_twice (cr, style, 1.5);
      add_ring (cr, data, layout, (gsize) centre, radius + 2);
      stroke_twice (cr, style, 3);
    }
  cairo_destroy (cr);
  return gtk_snapshot_to_node (snapshot);
}

/* Its picture beside the point, on the side away from the card. */
static void
snapshot_picture (GtkSnapshot *snapshot, const EidScatterData *data, const EidPlotStyle *style, gsize i,
                  double x, double y, double width, double height)
{
  GdkRGBA edge = eid_category_colour (eid_scatter_point_slot (data, i), style->dark);
  graphene_rect_t bounds;

  x = x - BESIDE - PICTURE >= 0 ? x - BESIDE - PICTURE : x + BESIDE;
  y = CLAMP (y - PICTURE / 2.0, 0, fmax (0, height - PICTURE));
  if (x < BESIDE && y > PICTURE) /* no room on that side: above */
    y -= PICTURE;
  bounds = GRAPHENE_RECT_INIT ((float) round (x), (float) round (y), PICTURE, PICTURE);
  gtk_snapshot_append_color (snapshot, &edge, &bounds);
  graphene_rect_inset (&bounds, EDGE, EDGE);
  gtk_snapshot_append_texture (snapshot, data->pictures[i], &bounds);
}

void
eid_scatter_snapshot_pointed (GtkSnapshot *snapshot, const EidScatterData *data,
                              const EidScatterLayout *layout, const EidPlotStyle *style, gsize pointed,
                              double width, double height)
{
  const double x = place_x (data, layout, pointed), y = place_y (data, layout, pointed);
  const guint slot = eid_scatter_point_slot (data, pointed);
  GdkRGBA colour = eid_category_colour (slot, style->dark);
  g_autofree char *heading = eid_format_sample (data->kind, pointed, NULL);
  g_autofree char *name = data->labels ? eid_scatter_class_name (data, data->labels[pointed]) : NULL;
  EidReadoutLine line = { (int) slot, name, NULL };
  cairo_t *cr;

  if (!graphene_rect_contains_point (&layout->plot, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT ((float) x - 10, (float) y - 10, 20, 20));
  eid_plot_mark (cr, slot, x, y, 6);
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &style->foreground);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
  cairo_destroy (cr);
  if (data->pictures && data->pictures[pointed])
    snapshot_picture (snapshot, data, style, pointed, x, y, width, height);
  eid_plot_readout (snapshot, style, heading, &line, name ? 1 : 0, x, y, width, height);
}

void
eid_scatter_snapshot_lasso (GtkSnapshot *snapshot, const EidScatterLayout *layout, const EidPlotStyle *style,
                            const GArray *corners)
{
  GdkRGBA fill = eid_plot_faint (style, 0.08f);
  cairo_t *cr;

  if (corners->len < 2)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, &layout->plot);
  for (guint i = 0; i < corners->len; i++)
    {
      const graphene_point_t *corner = &g_array_index (corners, graphene_point_t, i);

      cairo_line_to (cr, (double) corner->x, (double) corner->y);
    }
  cairo_close_path (cr);
  gdk_cairo_set_source_rgba (cr, &fill);
  cairo_fill_preserve (cr);
  gdk_cairo_set_source_rgba (cr, &style->foreground);
  cairo_set_dash (cr, (double[]){ 4, 3 }, 2, 0);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_destroy (cr);
}

static gboolean
is_within (const GArray *corners, double x, double y)
{
  gboolean within = FALSE;

  for (guint i = 0; i < corners->len; i++)
    {
      const graphene_point_t *a = &g_array_index (corners, graphene_point_t, i);
      const graphene_point_t *b = &g_array_index (corners, graphene_point_t, (i + 1) % corners->len);

      if (((double) a->y > y) != ((double) b->y > y)
          && x < (double) (b->x - a->x) * (y - (double) a->y) / (double) (b->y - a->y) + (double) a->x)
        within = !within;
    }
  return within;
}

gsize
eid_scatter_within (const EidScatterData *data, const EidScatterLayout *layout, const GArray *corners,
                    guint8 *selected)
{
  gsize count = 0;

  for (gsize i = 0; i < data->n; i++)
    {
      const double x = eid_scatter_drawable (data, i) ? place_x (data, layout, i) : NAN;
      const double y = eid_scatter_drawable (data, i) ? place_y (data, layout, i) : NAN;

      if (isnan (x)
          || !graphene_rect_contains_point (&layout->plot, &GRAPHENE_POINT_INIT ((float) x, (float) y))
          || !is_within (corners, x, y))
        continue;
      selected[i] = 1;
      count++;
    }
  return count;
}
