/* sheet-draw.c: measures what a sheet of pictures holds and draws what is around the
 * pictures: headings that stay in sight, row labels, the empty state.
 */
#include "ui/image/sheet.h"

#include <glib/gi18n-lib.h>

#define LABEL_MOST     120 /* pixels of a row's label */
#define CAPTION_MARGIN 4
#define HEADER_MARGIN  7
#define SWATCH         10

static int
text_width (GtkWidget *widget, const char *text)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

static int
line_height (GtkWidget *widget)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "Ag");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

void
eid_picture_sheet_lay_out (EidPictureSheet *self, int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int pixels = 0, lines = 0, label_width = 0, header = 0, line = line_height (widget);

  for (guint i = 0; i < self->pictures->len; i++)
    {
      pixels = MAX (pixels, eid_picture_get_pixels (self->pictures->pdata[i]));
      lines = MAX (lines, eid_picture_caption_lines (self->pictures->pdata[i]));
    }
  for (guint i = 0; i < self->labels->len; i++)
    if (self->labels->pdata[i])
      label_width = MAX (label_width, text_width (widget, self->labels->pdata[i]));
  for (guint i = 0; i < self->titles->len; i++)
    if (self->titles->pdata[i])
      header = line + 2 * HEADER_MARGIN;
  self->layout = eid_sheet_layout (self->rows, self->columns, pixels, MIN (label_width, LABEL_MOST), header,
                                   lines ? lines * line + CAPTION_MARGIN : 0, width, height);
}

int
eid_picture_sheet_scrolled (EidPictureSheet *self, GtkOrientation orientation)
{
  GtkAdjustment *adjustment = self->adjustments[orientation];

  return adjustment ? (int) gtk_adjustment_get_value (adjustment) : 0;
}

/* --- Drawing --------------------------------------------------------------------- */

static void
put_text (GtkSnapshot *snapshot, GtkWidget *widget, const char *text, gboolean bold, int x, int y, int width,
          int align)
{
  EidPlotStyle style;
  GdkRGBA colour;
  PangoLayout *layout;

  eid_plot_style_init (&style, widget);
  colour = eid_plot_faint (&style, bold ? 1 : 0.75f);
  layout = eid_plot_text (&style, text, bold ? 0.92 : EID_PLOT_SMALL, bold);
  pango_layout_set_width (layout, MAX (width, 1) * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, -1);
  pango_layout_set_alignment (layout, align ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_CENTER);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
  g_object_unref (layout);
  eid_plot_style_clear (&style);
}

static void
snapshot_heading (EidPictureSheet *self, GtkSnapshot *snapshot, guint column, int x)
{
  const EidSheetLayout *l = &self->layout;
  const char *title = self->titles->pdata[column];
  int slot = g_array_index (self->slots, int, column), inset = slot >= 0 ? SWATCH + 4 : 0;

  if (!title)
    return;
  if (slot >= 0)
    {
      GdkRGBA colour =
          eid_category_colour ((guint) slot, adw_style_manager_get_dark (adw_style_manager_get_default ()));
      int width = MIN (text_width (GTK_WIDGET (self), title), l->column_width - inset);

      gtk_snapshot_append_color (snapshot, &colour,
                                 &GRAPHENE_RECT_INIT ((float) (x + (l->column_width - width - inset) / 2),
                                                      (float) (l->header_height - SWATCH) / 2, SWATCH,
                                                      SWATCH));
    }
  put_text (snapshot, GTK_WIDGET (self), title, TRUE, x + inset, HEADER_MARGIN, l->column_width - inset, 0);
}

/* Every block has the headings over it. */
static void
snapshot_headings (EidPictureSheet *self, GtkSnapshot *snapshot)
{
  const EidSheetLayout *l = &self->layout;

  for (int b = 0; b < l->blocks; b++)
    for (guint c = 0; c < self->columns; c++)
      snapshot_heading (self, snapshot, c,
                        l->left + b * l->block_width + (int) c * (l->column_width + EID_SHEET_GAP)
                            - eid_picture_sheet_scrolled (self, GTK_ORIENTATION_HORIZONTAL));
}

static void
snapshot_labels (EidPictureSheet *self, GtkSnapshot *snapshot)
{
  const EidSheetLayout *l = &self->layout;
  int half = line_height (GTK_WIDGET (self)) / 2;

  for (guint r = 0; r < self->rows; r++)
    {
      int x, y;

      if (!self->labels->pdata[r])
        continue;
      eid_sheet_place (l, self->columns, r * self->columns, &x, &y);
      put_text (snapshot, GTK_WIDGET (self), self->labels->pdata[r], FALSE,
                x - EID_SHEET_GAP - l->label_width
                    - eid_picture_sheet_scrolled (self, GTK_ORIENTATION_HORIZONTAL),
                y + l->side / 2 - half - eid_picture_sheet_scrolled (self, GTK_ORIENTATION_VERTICAL),
                l->label_width, 1);
    }
}

static void
snapshot_empty (EidPictureSheet *self, GtkSnapshot *snapshot, int width, int height)
{
  EidPlotStyle style;
  GskRenderNode *node;

  eid_plot_style_init (&style, GTK_WIDGET (self));
  node = eid_plot_empty (&style, self->empty_text ? self->empty_text : _ ("No pictures yet"), width, height);
  if (node)
    gtk_snapshot_append_node (snapshot, node);
  g_clear_pointer (&node, gsk_render_node_unref);
  eid_plot_style_clear (&style);
}

void
eid_picture_sheet_draw (EidPictureSheet *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget),
      top = self->layout.header_height;

  if (self->pictures->len == 0)
    {
      snapshot_empty (self, snapshot, width, height);
      return;
    }
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, (float) top, (float) width, (float) MAX (height - top, 1)));
  for (guint i = 0; i < self->pictures->len; i++)
    {
      int x, y;

      eid_sheet_place (&self->layout, self->columns, i, &x, &y);
      y -= eid_picture_sheet_scrolled (self, GTK_ORIENTATION_VERTICAL);
      if (y + self->layout.row_height > 0 && y < height) /* only what is in sight is scaled and drawn */
        gtk_widget_snapshot_child (widget, self->pictures->pdata[i], snapshot);
    }
  snapshot_labels (self, snapshot);
  gtk_snapshot_pop (snapshot);
  snapshot_headings (self, snapshot);
}
