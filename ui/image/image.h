/* image.h: the parts of a picture grid: one picture with its caption, and the sheet
 * on which pictures stand in rows and columns. Only grid.c needs them.
 */
#pragma once

#include "ui/base/draw.h"

G_BEGIN_DECLS

/* --- brush.c: patches that can be painted ------------------------------ */

typedef struct
{
  guint across;   /* patches a side; 0: none can be painted                */
  guint8 *hidden; /* [across * across], 1 where hidden                     */
  int cursor;     /* the patch under the brush; -1: none                   */
} EidBrush;

/* The patch at (x, y) of a picture that fills @bounds; -1: none. */
int eid_brush_at (const EidBrush *patches, const graphene_rect_t *bounds, double x, double y);
/* An outline around the patch under the brush. */
void eid_brush_draw (const EidBrush *patches, GtkSnapshot *snapshot, const graphene_rect_t *bounds);
/* "patch in row 3, column 5: hidden; 12 of 64 patches hidden". Free. */
char *eid_brush_describe (const EidBrush *patches);
void eid_brush_clear (EidBrush *patches);

/* --- image.c -------------------------------------------------------------------- */

#define EID_TYPE_PICTURE (eid_picture_get_type ())
G_DECLARE_FINAL_TYPE (EidPicture, eid_picture, EID, PICTURE, GtkWidget)

GtkWidget *eid_picture_new (void);
void eid_picture_set_texture (EidPicture *self, GdkTexture *texture);
void eid_picture_set_caption (EidPicture *self, const char *caption);
const char *eid_picture_get_caption (EidPicture *self);
void eid_picture_set_description (EidPicture *self, const char *description);
/* What stands before the caption in the accessible name: heading and row label. */
void eid_picture_set_place (EidPicture *self, const char *place);
void eid_picture_add_box (EidPicture *self, const graphene_rect_t *box, guint slot);
void eid_picture_clear_boxes (EidPicture *self);
void eid_picture_set_pinned (EidPicture *self, gboolean pinned);
/* Pixels a side of the texture; 0: none. */
int eid_picture_get_pixels (EidPicture *self);
/* The square at the top of the allocation that the picture may fill. */
void eid_picture_set_space (EidPicture *self, int space);
/* Lines the caption takes. */
int eid_picture_caption_lines (EidPicture *self);

/* @hidden [across * across] is copied; @across 0: nothing can be painted. */
void eid_picture_set_patches (EidPicture *self, guint across, const guint8 *hidden);
guint eid_picture_get_across (EidPicture *self);
void eid_picture_set_cursor (EidPicture *self, int patch);
int eid_picture_get_cursor (EidPicture *self);
/* At a point of the widget; -1: none. */
int eid_picture_patch_at (EidPicture *self, double x, double y);

#define EID_TYPE_PICTURE_SHEET (eid_picture_sheet_get_type ())
G_DECLARE_FINAL_TYPE (EidPictureSheet, eid_picture_sheet, EID, PICTURE_SHEET, GtkWidget)

/* Signals as of EidPictureGrid. */
GtkWidget *eid_picture_sheet_new (void);
void eid_picture_sheet_set_shape (EidPictureSheet *self, guint rows, guint columns);
/* NULL if there is no such place. */
EidPicture *eid_picture_sheet_get (EidPictureSheet *self, guint row, guint column);
void eid_picture_sheet_set_title (EidPictureSheet *self, guint column, const char *title);
void eid_picture_sheet_set_slot (EidPictureSheet *self, guint column, int slot);
void eid_picture_sheet_set_label (EidPictureSheet *self, guint row, const char *label);
void eid_picture_sheet_set_empty_text (EidPictureSheet *self, const char *text);

/* Pixels between pictures. */
#define EID_SHEET_GAP 12

/* Where everything stands in width × height. */
typedef struct
{
  int label_width, header_height, caption_height;
  int blocks, block_rows; /* rows go on in a block beside, as in a newspaper */
  int block_width;        /* from block to block */
  int side;               /* of the square for a picture */
  int column_width, row_height;
  int left, top; /* of the first picture        */
  int content_width, content_height;
} EidSheetLayout;

/* @pixels: the side of the largest picture.
 * Fills the space with as large pictures as fit, in as many blocks beside one another as
 * that takes; rather scrolls than makes them tiny. */
EidSheetLayout eid_sheet_layout (guint rows, guint columns, int pixels, int label_width, int header_height,
                                 int caption_height, int width, int height);

/* Where picture @index of @columns a row stands, unscrolled. */
void eid_sheet_place (const EidSheetLayout *layout, guint columns, guint index, int *x, int *y);

G_END_DECLS
