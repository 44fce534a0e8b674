/* attention-view-draw.c: where the pictures of an EidAttentionView stand, and how picture,
 * heat map, query and legend are drawn.
 */
#include "attention-view.h"

#include <math.h>

#define GAP    16
#define LEGEND 8 /* pixels of the colour bar's height */

int
eid_attention_view_query_of (EidAttentionView *self, guint picture)
{
  return self->query_picture < 0 || (guint) self->query_picture == picture ? self->query : -1;
}

/* --- Layout ------------------------------------------------------------------------ */

static int
foot_height (EidAttentionView *self)
{
  int lines = 1;

  for (guint i = 0; i < self->captions->len; i++)
    if (self->captions->pdata[i])
      lines = 2;
  return lines * self->line + 6;
}

void
eid_attention_view_lay_out (EidAttentionView *self, int width, int height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "Ag");
  int best = 0, foot, rows;

  pango_layout_get_pixel_size (layout, NULL, &self->line);
  foot = foot_height (self);
  self->columns = 1;
  for (guint columns = 1; columns <= MAX (1, self->data.count); columns++)
    {
      int down = (int) ((self->data.count + columns - 1) / columns);
      int space =
          MIN ((width - GAP) / (int) columns - GAP, down ? (height - GAP) / down - GAP - foot : height);
      int side = eid_picture_side ((int) self->data.size, space);

      if (side > best && side <= MAX (space, 16))
        {
          best = side;
          self->columns = columns;
        }
    }
  rows = (int) ((self->data.count + self->columns - 1) / self->columns);
  self->side = MAX (best, 16);
  self->left = (width - (int) self->columns * (self->side + GAP) + GAP) / 2;
  self->top = (height - rows * (self->side + foot + GAP) + GAP) / 2;
}

static void
picture_place (EidAttentionView *self, guint picture, int *x, int *y)
{
  *x = self->left + (int) (picture % self->columns) * (self->side + GAP);
  *y = self->top + (int) (picture / self->columns) * (self->side + foot_height (self) + GAP);
}

/* The picture and patch at a pixel. */
gboolean
eid_attention_view_patch_at (EidAttentionView *self, double at_x, double at_y, guint *picture, int *patch)
{
  for (guint i = 0; i < self->data.count; i++)
    {
      int x, y, column, row;

      picture_place (self, i, &x, &y);
      if (at_x < x || at_y < y || at_x >= x + self->side || at_y >= y + self->side)
        continue;
      column = (int) ((at_x - x) * self->data.grid / self->side);
      row = (int) ((at_y - y) * self->data.grid / self->side);
      *picture = i;
      *patch = row * (int) self->data.grid + column;
      return TRUE;
    }
  return FALSE;
}

/* --- Drawing -------------------------------------------------------------------------- */

/* White within black: seen on any picture and any heat. */
static void
snapshot_query (EidAttentionView *self, GtkSnapshot *snapshot, int patch, int x, int y)
{
  double cell = (double) self->side / self->data.grid;
  int column = patch % (int) self->data.grid, row = patch / (int) self->data.grid;
  GskRoundedRect outline;
  GdkRGBA black = { 0, 0, 0, 0.9f }, white = { 1, 1, 1, 1 };
  graphene_rect_t bounds =
      GRAPHENE_RECT_INIT ((float) round (x + column * cell), (float) round (y + row * cell),
                          (float) (round (x + (column + 1) * cell) - round (x + column * cell)),
                          (float) (round (y + (row + 1) * cell) - round (y + row * cell)));

  gsk_rounded_rect_init_from_rect (&outline, &bounds, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 2, 2, 2, 2 },
                              (GdkRGBA[4]){ white, white, white, white });
  graphene_rect_inset (&bounds, -1, -1);
  gsk_rounded_rect_init_from_rect (&outline, &bounds, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                              (GdkRGBA[4]){ black, black, black, black });
}

/* Least weight, viridis, greatest weight; the caption below. */
static void
snapshot_foot (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style, guint picture, int x,
               int y)
{
  g_autofree char *least = eid_format_number (g_array_index (self->least, float, picture));
  g_autofree char *greatest = eid_format_number (g_array_index (self->greatest, float, picture));
  const char *caption = self->captions->pdata[picture];
  GdkRGBA text = eid_plot_faint (style, 0.75f);
  int left_width, right_width;
  double middle = y + 4 + self->line / 2.0, from, to;

  eid_plot_text_size (style, least, EID_PLOT_SMALL, FALSE, &left_width, NULL);
  eid_plot_text_size (style, greatest, EID_PLOT_SMALL, FALSE, &right_width, NULL);
  from = x + left_width + 6;
  to = x + self->side - right_width - 6;
  eid_plot_put (snapshot, eid_plot_text (style, least, EID_PLOT_SMALL, FALSE), x, middle, 0, 0.5, &text);
  eid_plot_put (snapshot, eid_plot_text (style, greatest, EID_PLOT_SMALL, FALSE), x + self->side, middle, 1,
                0.5, &text);
  if (to > from + 8)
    eid_snapshot_viridis (snapshot, &GRAPHENE_RECT_INIT ((float) from, (float) round (middle - LEGEND / 2.0),
                                                         (float) (to - from), LEGEND));
  if (caption)
    {
      PangoLayout *layout = eid_plot_text (style, caption, EID_PLOT_SMALL, FALSE);

      pango_layout_set_width (layout, self->side * PANGO_SCALE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_height (layout, -1);
      eid_plot_put (snapshot, layout, x + self->side / 2.0, y + 4 + self->line, 0.5, 0, &text);
    }
}

void
eid_attention_view_draw_picture (EidAttentionView *self, GtkSnapshot *snapshot, const EidPlotStyle *style,
                                 guint picture)
{
  int x, y, query = eid_attention_view_query_of (self, picture);
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  picture_place (self, picture, &x, &y);
  eid_snapshot_picture (snapshot, self->images->pdata[picture], (GdkTexture **) &self->shown->pdata[picture],
                        scale, (float) x, (float) y, (float) self->side);
  if (self->overlay > 0)
    {
      gtk_snapshot_push_opacity (snapshot, self->overlay);
      eid_snapshot_picture (snapshot, self->heats->pdata[picture],
                            (GdkTexture **) &self->heats_shown->pdata[picture], scale, (float) x, (float) y,
                            (float) self->side);
      gtk_snapshot_pop (snapshot);
    }
  if (query >= 0)
    snapshot_query (self, snapshot, query, x, y);
  if (gtk_widget_has_visible_focus (GTK_WIDGET (self)) && self->current == picture)
    {
      GdkRGBA colour = eid_plot_faint (style, 0.5f);
      GskRoundedRect outline;

      gsk_rounded_rect_init_from_rect (
          &outline,
          &GRAPHENE_RECT_INIT ((float) x - 4, (float) y - 4, (float) self->side + 8, (float) self->side + 8),
          4);
      gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 2, 2, 2, 2 },
                                  (GdkRGBA[4]){ colour, colour, colour, colour });
    }
  snapshot_foot (self, snapshot, style, picture, x, y + self->side);
}
