/* plot.c: what the charts have in common on the screen: text, marks, the empty
 * state and the read-out under the pointer.
 */
#include "ui/base/draw.h"

#include <math.h>

#define CARD_PADDING 8
#define CARD_GAP     12 /* between pointer and card, and between name and value */
#define SWATCH       8

void
eid_plot_style_init (EidPlotStyle *style, GtkWidget *widget)
{
  style->context = g_object_ref (gtk_widget_get_pango_context (widget));
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &style->foreground);
  style->dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
}

void
eid_plot_style_clear (EidPlotStyle *style)
{
  g_clear_object (&style->context);
}

void
eid_plot_listen (gpointer widget, GCallback motion, GCallback leave, GCallback key_pressed)
{
  GtkEventController *move = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (move, "enter", motion, widget);
  g_signal_connect (move, "motion", motion, widget);
  g_signal_connect (move, "leave", leave, widget);
  g_signal_connect (keys, "key-pressed", key_pressed, widget);
  gtk_widget_add_controller (widget, move);
  gtk_widget_add_controller (widget, keys);
}

void
eid_plot_gradient (GtkSnapshot *snapshot, const EidPlotStyle *style, const graphene_rect_t *bounds,
                   const GskColorStop *stops, gsize n_stops)
{
  const graphene_point_t foot = GRAPHENE_POINT_INIT (bounds->origin.x, bounds->origin.y + bounds->size.height);
  const GdkRGBA edge = eid_plot_faint (style, 0.3f);
  GskRoundedRect outline;

  gtk_snapshot_append_linear_gradient (snapshot, bounds, &bounds->origin, &foot, stops, n_stops);
  gsk_rounded_rect_init_from_rect (&outline, bounds, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                              (GdkRGBA[4]){ edge, edge, edge, edge });
}

GdkRGBA
eid_plot_faint (const EidPlotStyle *style, float alpha)
{
  GdkRGBA colour = style->foreground;

  colour.alpha *= alpha;
  return colour;
}

PangoLayout *
eid_plot_text (const EidPlotStyle *style, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = pango_layout_new (style->context);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (size));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_text (layout, text ? text : "", -1);
  return layout;
}

void
eid_plot_put (GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, double align_x, double align_y,
              const GdkRGBA *colour)
{
  PangoRectangle extents;
  graphene_point_t place;

  pango_layout_get_pixel_extents (layout, NULL, &extents);
  /* Whole pixels: text between them is blurred. */
  place.x = (float) round (x - align_x * extents.width - extents.x);
  place.y = (float) round (y - align_y * extents.height - extents.y);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &place);
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
  g_object_unref (layout);
}

void
eid_plot_text_size (const EidPlotStyle *style, const char *text, double size, gboolean bold, int *width,
                    int *height)
{
  g_autoptr (PangoLayout) layout = eid_plot_text (style, text, size, bold);

  pango_layout_get_pixel_size (layout, width, height);
}

void
eid_plot_fill (GtkSnapshot *snapshot, const GdkRGBA *colour, double x, double y, double width, double height)
{
  gtk_snapshot_append_color (snapshot, colour,
                             &GRAPHENE_RECT_INIT ((float) x, (float) y, (float) width, (float) height));
}

GskRenderNode *
eid_plot_empty (const EidPlotStyle *style, const char *text, double width, double height)
{
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  GdkRGBA colour = eid_plot_faint (style, 0.55f);
  PangoLayout *layout = eid_plot_text (style, text, 1, FALSE);

  pango_layout_set_width (layout, (int) (fmax (width - 24, 1) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_set_height (layout, -4);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  eid_plot_put (snapshot, layout, width / 2, height / 2, 0.5, 0.5, &colour);
  return gtk_snapshot_to_node (snapshot);
}

/* The form says the round of the palette: disc, square, triangle, diamond. */
void
eid_plot_mark (cairo_t *cr, guint slot, double x, double y, double radius)
{
  switch (slot / 8 % 4)
    {
    case 0:
      cairo_new_sub_path (cr);
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      break;
    case 1:
      cairo_rectangle (cr, x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
      break;
    case 2:
      cairo_move_to (cr, x, y - radius * 1.2);
      cairo_line_to (cr, x + radius * 1.1, y + radius * 0.8);
      cairo_line_to (cr, x - radius * 1.1, y + radius * 0.8);
      cairo_close_path (cr);
      break;
    default:
      cairo_move_to (cr, x, y - radius * 1.3);
      cairo_line_to (cr, x + radius * 1.3, y);
      cairo_line_to (cr, x, y + radius * 1.3);
      cairo_line_to (cr, x - radius * 1.3, y);
      cairo_close_path (cr);
    }
}

/* Column widths and height of the card's lines. */
static void
measure_lines (const EidPlotStyle *style, const EidReadoutLine *lines, gsize n, double *name, double *value,
               double *line)
{
  for (gsize i = 0; i < n; i++)
    for (int column = 0; column < 2; column++)
      {
        g_autoptr (PangoLayout) layout =
            eid_plot_text (style, column ? lines[i].value : lines[i].name, EID_PLOT_SMALL, FALSE);
        double *widest = column ? value : name;
        int width, height;

        pango_layout_get_pixel_size (layout, &width, &height);
        *widest = fmax (*widest, width);
        *line = fmax (*line, height);
      }
}

void
eid_plot_readout (GtkSnapshot *snapshot, const EidPlotStyle *style, const char *heading,
                  const EidReadoutLine *lines, gsize n, double x, double y, double width, double height)
{
  GdkRGBA ground = style->dark ? (GdkRGBA){ 0.20f, 0.20f, 0.20f, 0.96f } : (GdkRGBA){ 1, 1, 1, 0.96f };
  GdkRGBA edge = eid_plot_faint (style, 0.18f), text = style->foreground;
  double name = 0, value = 0, line = 12, card_width, card_height, top;
  gsize rows = n + (heading ? 1 : 0);
  GskRoundedRect outline;

  measure_lines (style, lines, n, &name, &value, &line);
  card_width = 2 * CARD_PADDING + (n ? SWATCH + 6 + name + (value > 0 ? CARD_GAP + value : 0) : 0);
  if (heading)
    {
      g_autoptr (PangoLayout) layout = eid_plot_text (style, heading, EID_PLOT_SMALL, TRUE);
      int heading_width;

      pango_layout_get_pixel_size (layout, &heading_width, NULL);
      card_width = fmax (card_width, 2 * CARD_PADDING + heading_width);
    }
  card_height = 2 * CARD_PADDING + (double) rows * line;

  /* To the right of the pointer where there is room, else to the left; never outside. */
  x = x + CARD_GAP + card_width <= width ? x + CARD_GAP : x - CARD_GAP - card_width;
  x = round (CLAMP (x, 0, fmax (0, width - card_width)));
  y = round (CLAMP (y - card_height / 2, 0, fmax (0, height - card_height)));

  gsk_rounded_rect_init_from_rect (
      &outline, &GRAPHENE_RECT_INIT ((float) x, (float) y, (float) card_width, (float) card_height), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &ground, &outline.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                              (GdkRGBA[4]){ edge, edge, edge, edge });

  top = y + CARD_PADDING;
  if (heading)
    {
      eid_plot_put (snapshot, eid_plot_text (style, heading, EID_PLOT_SMALL, TRUE), x + CARD_PADDING, top, 0,
                    0, &text);
      top += line;
    }
  for (gsize i = 0; i < n; i++, top += line)
    {
      if (lines[i].slot >= 0)
        {
          GdkRGBA colour = eid_category_colour ((guint) lines[i].slot, style->dark);
          cairo_t *cr = gtk_snapshot_append_cairo (
              snapshot,
              &GRAPHENE_RECT_INIT ((float) x, (float) top, 2 * CARD_PADDING + SWATCH, (float) line));

          gdk_cairo_set_source_rgba (cr, &colour);
          eid_plot_mark (cr, (guint) lines[i].slot, x + CARD_PADDING + SWATCH / 2.0, top + line / 2,
                         SWATCH / 2.0);
          cairo_fill (cr);
          cairo_destroy (cr);
        }
      eid_plot_put (snapshot, eid_plot_text (style, lines[i].name, EID_PLOT_SMALL, FALSE),
                    x + CARD_PADDING + SWATCH + 6, top, 0, 0, &text);
      if (lines[i].value)
        eid_plot_put (snapshot, eid_plot_text (style, lines[i].value, EID_PLOT_SMALL, FALSE),
                      x + card_width - CARD_PADDING, top, 1, 0, &text);
    }
}
