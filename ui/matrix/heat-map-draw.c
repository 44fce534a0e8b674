/* heat-map-draw.c: numbers of rows and columns as colours, with the legend of these. */
#include "ui/matrix/heat-map.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define MARGIN    10
#define BAR_WIDTH 12
#define BAR_SPACE 72 /* the legend with its numbers            */
#define MOST_CELL 48 /* pixels a side                          */
#define STOPS     9

static gboolean
diverges (const EidHeatMapData *data)
{
  return data->least < 0 && data->greatest > 0;
}

GdkRGBA
eid_heat_map_colour (const EidHeatMapData *data, double value)
{
  if (!isfinite (value))
    return (GdkRGBA){ 0.5f, 0.5f, 0.5f, 1 };
  /* White is 0: either side goes as far as the farther one. */
  if (diverges (data))
    return eid_diverging (value / fmax (-data->least, data->greatest));
  return eid_viridis (data->greatest > data->least ? (value - data->least) / (data->greatest - data->least)
                                                   : 0);
}

EidHeatMapLayout
eid_heat_map_layout (const EidHeatMapData *data, const EidPlotStyle *style, double width, double height)
{
  const double room_x = fmax (width - BAR_SPACE - 3 * MARGIN, 1), room_y = fmax (height - 2 * MARGIN, 1);
  const double rows = MAX (data->rows, 1), columns = MAX (data->columns, 1);
  const double cell = fmin (fmin (room_x / columns, room_y / rows), MOST_CELL);
  const double across = fmax (floor (cell * columns), 1), down = fmax (floor (cell * rows), 1);
  EidHeatMapLayout layout;

  layout.cells = GRAPHENE_RECT_INIT ((float) fmax (floor ((width - across - BAR_SPACE) / 2), MARGIN), MARGIN,
                                     (float) across, (float) down);
  layout.bar = (double) layout.cells.origin.x + across + 2 * MARGIN;
  return layout;
}

GdkTexture *
eid_heat_map_texture (const EidHeatMapData *data)
{
  const gsize cells = (gsize) data->rows * data->columns;
  g_autofree guint8 *pixels = g_malloc (cells * 3);

  for (gsize i = 0; i < cells; i++)
    {
      const GdkRGBA colour = eid_heat_map_colour (data, (double) data->values[i]);

      pixels[3 * i] = (guint8) lroundf (colour.red * 255);
      pixels[3 * i + 1] = (guint8) lroundf (colour.green * 255);
      pixels[3 * i + 2] = (guint8) lroundf (colour.blue * 255);
    }
  return eid_texture_new (pixels, data->columns, data->rows, 3);
}

gboolean
eid_heat_map_at (const EidHeatMapData *data, const EidHeatMapLayout *layout, double x, double y, guint *row,
                 guint *column)
{
  const graphene_rect_t *cells = &layout->cells;

  if (!data->values || !graphene_rect_contains_point (cells, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return FALSE;
  *column = MIN ((guint) ((x - (double) cells->origin.x) / (double) cells->size.width * data->columns),
                 data->columns - 1);
  *row = MIN ((guint) ((y - (double) cells->origin.y) / (double) cells->size.height * data->rows),
              data->rows - 1);
  return TRUE;
}

char *
eid_heat_map_name (const EidHeatMapData *data, gboolean row, guint place)
{
  g_autofree char *number = eid_format_count (place);
  const char *name = data->names ? data->names[place] : NULL;
  g_autofree char *shown = name ? eid_token_visible (name) : NULL;

  if (shown)
    return row ? g_strdup_printf (_ ("row %s “%s”"), number, shown)
               : g_strdup_printf (_ ("column %s “%s”"), number, shown);
  return row ? g_strdup_printf (_ ("row %s"), number) : g_strdup_printf (_ ("column %s"), number);
}

/* --- Drawing ------------------------------------------------------------------------------ */

static void
draw_legend (GtkSnapshot *snapshot, const EidHeatMapData *data, const EidHeatMapLayout *layout,
             const EidPlotStyle *style)
{
  const double top = (double) layout->cells.origin.y, height = fmax ((double) layout->cells.size.height, 40);
  const GdkRGBA text = eid_plot_faint (style, 0.8f);
  const graphene_rect_t bounds =
      GRAPHENE_RECT_INIT ((float) layout->bar, (float) top, BAR_WIDTH, (float) height);
  const double ends[] = { data->greatest, data->least };
  GskColorStop stops[STOPS];

  for (guint i = 0; i < STOPS; i++)
    {
      const double share = (double) i / (STOPS - 1);

      stops[i] = (GskColorStop){
        (float) share, eid_heat_map_colour (data, data->greatest + share * (data->least - data->greatest))
      };
    }
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *number = eid_format_number (ends[i]);

      eid_plot_put (snapshot, eid_plot_text (style, number, EID_PLOT_SMALL, FALSE),
                    layout->bar + BAR_WIDTH + MARGIN / 2.0, top + i * height, 0, i, &text);
    }
  eid_plot_gradient (snapshot, style, &bounds, stops, STOPS);
}

GskRenderNode *
eid_heat_map_draw (const EidHeatMapData *data, const EidHeatMapLayout *layout, GdkTexture *texture,
                   const EidPlotStyle *style, double width, double height)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;
  GdkRGBA edge = eid_plot_faint (style, 0.3f);
  GskRoundedRect outline;

  if (width < 8 || height < 8)
    return NULL;
  if (!texture)
    return eid_plot_empty (style, data->empty_text ? data->empty_text : _ ("No numbers yet"), width, height);
  snapshot = gtk_snapshot_new ();
  if ((double) layout->cells.size.width >= data->columns && (double) layout->cells.size.height >= data->rows)
    {
      g_autoptr (GdkTexture) cells =
          eid_texture_resample (texture, (int) layout->cells.size.width, (int) layout->cells.size.height);

      gtk_snapshot_append_texture (snapshot, cells, &layout->cells);
    }
  else
    gtk_snapshot_append_texture (snapshot, texture, &layout->cells);
  gsk_rounded_rect_init_from_rect (&outline, &layout->cells, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                              (GdkRGBA[4]){ edge, edge, edge, edge });
  draw_legend (snapshot, data, layout, style);
  return gtk_snapshot_to_node (snapshot);
}

void
eid_heat_map_snapshot_cell (GtkSnapshot *snapshot, const EidHeatMapData *data, const EidHeatMapLayout *layout,
                            const EidPlotStyle *style, guint row, guint column, double width, double height)
{
  const graphene_rect_t *cells = &layout->cells;
  const double across = (double) cells->size.width / data->columns,
               down = (double) cells->size.height / data->rows;
  const double x = (double) cells->origin.x + across * column, y = (double) cells->origin.y + down * row;
  const GdkRGBA ink = { 0, 0, 0, 1 }, paper = { 1, 1, 1, 1 };
  g_autofree char *number = eid_format_number ((double) data->values[(gsize) row * data->columns + column]);
  g_autofree char *one = eid_heat_map_name (data, TRUE, row),
                  *other = eid_heat_map_name (data, FALSE, column);
  const EidReadoutLine lines[] = { { -1, one, NULL }, { -1, other, NULL } };

  /* White within black is seen on every colour. */
  for (int i = 0; i < 2; i++)
    {
      const GdkRGBA colour = i ? paper : ink;
      GskRoundedRect outline;

      gsk_rounded_rect_init_from_rect (
          &outline,
          &GRAPHENE_RECT_INIT ((float) (floor (x) - 2 + i), (float) (floor (y) - 2 + i),
                               (float) (ceil (across) + 4 - 2 * i), (float) (ceil (down) + 4 - 2 * i)),
          0);
      gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                                  (GdkRGBA[4]){ colour, colour, colour, colour });
    }
  eid_plot_readout (snapshot, style, number, lines, G_N_ELEMENTS (lines), x + across, y + down / 2, width,
                    height);
}
