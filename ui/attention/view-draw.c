/* view-draw.c: how the pictures of an EidAttentionView look: picture, heat map, query
 * and legend.
 */
#include "ui/attention/view.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define LEGEND      8   /* pixels of the colour bar's height */
#define WIDEST_FOOT 320 /* of a legend below several tiles   */

static void
snapshot_border (GtkSnapshot *snapshot, const graphene_rect_t *bounds, float width, GdkRGBA colour)
{
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, bounds, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ width, width, width, width },
                              (GdkRGBA[4]){ colour, colour, colour, colour });
}

/* White within black: seen on any picture and any heat. @width: of the white. */
static void
snapshot_patch (EidAttentionView *self, GtkSnapshot *snapshot, int patch, float width, int x, int y)
{
  double cell = (double) self->side / self->grid;
  int column = patch % (int) self->grid, row = patch / (int) self->grid;
  GdkRGBA black = { 0, 0, 0, 0.9f }, white = { 1, 1, 1, 1 };
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT ((float) round (x + column * cell), (float) round (y + row * cell),
                          (float) (round (x + (column + 1) * cell) - round (x + column * cell)),
                          (float) (round (y + (row + 1) * cell) - round (y + row * cell)));

  snapshot_border (snapshot, &bounds, width, white);
  graphene_rect_inset (&bounds, -1, -1);
  snapshot_border (snapshot, &bounds, 1, black);
}

static void
put_centred (GtkSnapshot *snapshot, const EidPlotStyle *style, const char *text, int x, int y, int width)
{
  PangoLayout *layout = eid_plot_text (style, text, EID_PLOT_SMALL, FALSE);
  GdkRGBA colour = eid_plot_faint (style, 0.75f);

  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, -1);
  eid_plot_put (snapshot, layout, x + width / 2.0, y, 0.5, 0, &colour);
}

/* Least value, viridis, greatest value. */
static void
snapshot_legend (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style, guint picture,
                 int x, int y, int width)
{
  g_autofree char *least = eid_format_number (g_array_index (self->least, float, picture));
  g_autofree char *greatest = eid_format_number (g_array_index (self->greatest, float, picture));
  GdkRGBA text = eid_plot_faint (style, 0.75f);
  int left_width, right_width;
  double middle = y + 4 + self->line / 2.0, from, to;

  eid_plot_text_size (style, least, EID_PLOT_SMALL, FALSE, &left_width, NULL);
  eid_plot_text_size (style, greatest, EID_PLOT_SMALL, FALSE, &right_width, NULL);
  from = x + left_width + 6;
  to = x + width - right_width - 6;
  if (left_width + right_width + LEGEND > width)
    return; /* no room for numbers that can be read */
  eid_plot_put (snapshot, eid_plot_text (style, least, EID_PLOT_SMALL, FALSE), x, middle, 0, 0.5, &text);
  eid_plot_put (snapshot, eid_plot_text (style, greatest, EID_PLOT_SMALL, FALSE), x + width, middle, 1, 0.5,
                &text);
  if (to > from + 8)
    eid_snapshot_viridis (snapshot, &GRAPHENE_RECT_INIT ((float) from, (float) round (middle - LEGEND / 2.0),
                                                         (float) (to - from), LEGEND));
}

static void
snapshot_foot (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style, guint picture, int x,
               int y)
{
  int group = eid_attention_view_group_width (self);
  int width = MIN (group, MAX (self->side, WIDEST_FOOT)), left = x + (group - width) / 2;
  const char *caption = self->captions->pdata[picture];

  if (self->mode != EID_PATCHES_COLOURS)
    {
      snapshot_legend (self, snapshot, style, picture, left, y, width);
      y += self->line;
    }
  if (caption)
    put_centred (snapshot, style, caption, x, y + 4, group);
}

static void
snapshot_tile (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style, guint picture,
               guint tile)
{
  guint i = picture * self->tiles + tile;
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)), x, y;
  int query = eid_attention_view_query_of (self, picture);
  int best = self->mode == EID_PATCHES_SIMILARITY ? g_array_index (self->best, int, picture) : -1;
  double opacity = self->mode == EID_PATCHES_COLOURS ? 1 : self->overlay;
  g_autofree char *name = eid_attention_view_tile_name (self, tile);

  eid_attention_view_place (self, picture, tile, &x, &y);
  eid_snapshot_picture (snapshot, self->images->pdata[picture], (GdkTexture **) &self->shown->pdata[picture],
                        scale, (float) x, (float) y, (float) self->side);
  if (opacity > 0 && self->heats->pdata[i])
    {
      gtk_snapshot_push_opacity (snapshot, opacity);
      eid_snapshot_picture (snapshot, self->heats->pdata[i], (GdkTexture **) &self->heats_shown->pdata[i],
                            scale, (float) x, (float) y, (float) self->side);
      gtk_snapshot_pop (snapshot);
    }
  if (query >= 0)
    snapshot_patch (self, snapshot, query, 2, x, y);
  if (best >= 0)
    snapshot_patch (self, snapshot, best, 1, x, y);
  if (name)
    put_centred (snapshot, style, name, x, y + self->side + 1, self->side);
}

void
eid_attention_view_draw_picture (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style,
                                 guint picture)
{
  int width = eid_attention_view_group_width (self), height = eid_attention_view_group_height (self), x, y;

  for (guint tile = 0; tile < self->tiles; tile++)
    snapshot_tile (self, snapshot, style, picture, tile);
  eid_attention_view_place (self, picture, 0, &x, &y);
  if (gtk_widget_has_visible_focus (GTK_WIDGET (self)) && self->current == picture)
    {
      GdkRGBA colour = eid_plot_faint (style, 0.5f);
      GskRoundedRect outline;

      gsk_rounded_rect_init_from_rect (
          &outline, &GRAPHENE_RECT_INIT ((float) x - 4, (float) y - 4, (float) width + 8, (float) height + 8),
          4);
      gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 2, 2, 2, 2 },
                                  (GdkRGBA[4]){ colour, colour, colour, colour });
    }
  snapshot_foot (self, snapshot, style, picture, x, y + height);
}

void
eid_attention_view_draw_note (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  g_autofree char *text =
      g_strdup_printf (_ ("%'u of %'u pictures: there is no room for more; pinned ones come first"),
                       self->visible, self->count);

  if (self->visible < self->count)
    put_centred (snapshot, style, text, 0, height - self->line - 4, width);
}
