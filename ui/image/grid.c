/* grid.c: EidPictureGrid, the public face of a sheet of pictures in a scrolled
 * window. What does not fit the shape is left out.
 */
#include "ui/image/image.h"

#define MOST_PICTURES 4096
#define MOST_PATCHES  1024 /* a side */

struct _EidPictureGrid
{
  GtkWidget parent;
  GtkWidget *scroller;
  EidPictureSheet *sheet;
};

G_DEFINE_FINAL_TYPE (EidPictureGrid, eid_picture_grid, GTK_TYPE_WIDGET)

enum
{
  ACTIVATED,
  POINTED,
  STROKE,
  STROKE_ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
activated (EidPictureSheet *sheet, guint index, EidPictureGrid *self)
{
  g_signal_emit (self, signals[ACTIVATED], 0, index);
}

static void
pointed (EidPictureSheet *sheet, int index, EidPictureGrid *self)
{
  g_signal_emit (self, signals[POINTED], 0, index);
}

static void
stroke (EidPictureSheet *sheet, guint index, int patch, gboolean begins, EidPictureGrid *self)
{
  g_signal_emit (self, signals[STROKE], 0, index, patch, begins);
}

static void
stroke_ended (EidPictureSheet *sheet, EidPictureGrid *self)
{
  g_signal_emit (self, signals[STROKE_ENDED], 0);
}

static void
eid_picture_grid_dispose (GObject *object)
{
  g_clear_pointer (&EID_PICTURE_GRID (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (eid_picture_grid_parent_class)->dispose (object);
}

static void
eid_picture_grid_class_init (EidPictureGridClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = eid_picture_grid_dispose;
  signals[ACTIVATED] = g_signal_new ("activated", EID_TYPE_PICTURE_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[POINTED] = g_signal_new ("pointed", EID_TYPE_PICTURE_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_INT);
  signals[STROKE] = g_signal_new ("stroke", EID_TYPE_PICTURE_GRID, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_INT, G_TYPE_BOOLEAN);
  signals[STROKE_ENDED] = g_signal_new ("stroke-ended", EID_TYPE_PICTURE_GRID, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "eidpicturegrid");
}

static void
eid_picture_grid_init (EidPictureGrid *self)
{
  self->scroller = gtk_scrolled_window_new ();
  self->sheet = EID_PICTURE_SHEET (eid_picture_sheet_new ());
  g_signal_connect (self->sheet, "activated", G_CALLBACK (activated), self);
  g_signal_connect (self->sheet, "pointed", G_CALLBACK (pointed), self);
  g_signal_connect (self->sheet, "stroke", G_CALLBACK (stroke), self);
  g_signal_connect (self->sheet, "stroke-ended", G_CALLBACK (stroke_ended), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->sheet));
  gtk_widget_set_hexpand (self->scroller, TRUE);
  gtk_widget_set_vexpand (self->scroller, TRUE);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

GtkWidget *
eid_picture_grid_new (void)
{
  return g_object_new (EID_TYPE_PICTURE_GRID, NULL);
}

void
eid_picture_grid_set_shape (EidPictureGrid *self, guint rows, guint columns)
{
  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  if (rows == 0 || columns == 0 || rows > MOST_PICTURES || columns > MOST_PICTURES
      || rows * columns > MOST_PICTURES)
    rows = columns = 0;
  eid_picture_sheet_set_shape (self->sheet, rows, columns);
}

void
eid_picture_grid_set_column_title (EidPictureGrid *self, guint column, const char *title)
{
  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  eid_picture_sheet_set_title (self->sheet, column, title);
}

void
eid_picture_grid_set_column_slot (EidPictureGrid *self, guint column, int slot)
{
  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  eid_picture_sheet_set_slot (self->sheet, column, slot);
}

void
eid_picture_grid_set_row_label (EidPictureGrid *self, guint row, const char *label)
{
  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  eid_picture_sheet_set_label (self->sheet, row, label);
}

void
eid_picture_grid_set_picture (EidPictureGrid *self, guint row, guint column, GdkTexture *texture,
                              const char *caption)
{
  EidPicture *picture;
  int pixels, lines;

  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  picture = eid_picture_sheet_get (self->sheet, row, column);
  if (!picture)
    return;
  pixels = eid_picture_get_pixels (picture);
  lines = eid_picture_caption_lines (picture);
  eid_picture_set_texture (picture, texture);
  eid_picture_set_caption (picture, caption);
  if (pixels != eid_picture_get_pixels (picture) || lines != eid_picture_caption_lines (picture))
    gtk_widget_queue_resize (GTK_WIDGET (self->sheet));
}

void
eid_picture_grid_set_description (EidPictureGrid *self, guint row, guint column, const char *description)
{
  EidPicture *picture;

  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  picture = eid_picture_sheet_get (self->sheet, row, column);
  if (picture)
    eid_picture_set_description (picture, description);
}

void
eid_picture_grid_add_box (EidPictureGrid *self, guint row, guint column, const graphene_rect_t *box,
                          guint slot)
{
  EidPicture *picture;

  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  picture = eid_picture_sheet_get (self->sheet, row, column);
  if (picture && box)
    eid_picture_add_box (picture, box, slot);
}

void
eid_picture_grid_clear_boxes (EidPictureGrid *self, guint row, guint column)
{
  EidPicture *picture;

  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  picture = eid_picture_sheet_get (self->sheet, row, column);
  if (picture)
    eid_picture_clear_boxes (picture);
}

void
eid_picture_grid_set_patches (EidPictureGrid *self, guint row, guint column, guint across,
                              const guint8 *hidden)
{
  EidPicture *picture;

  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  picture = eid_picture_sheet_get (self->sheet, row, column);
  if (picture)
    eid_picture_set_patches (picture, MIN (across, MOST_PATCHES), hidden);
}

void
eid_picture_grid_set_pinned (EidPictureGrid *self, guint row, guint column, gboolean pinned)
{
  EidPicture *picture;

  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  picture = eid_picture_sheet_get (self->sheet, row, column);
  if (picture)
    eid_picture_set_pinned (picture, pinned);
}

void
eid_picture_grid_set_empty_text (EidPictureGrid *self, const char *text)
{
  g_return_if_fail (EID_IS_PICTURE_GRID (self));
  eid_picture_sheet_set_empty_text (self->sheet, text);
}
