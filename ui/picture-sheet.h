/* picture-sheet.h: what the two halves of EidPictureSheet share: picture-sheet.c has the
 * object, its contents and input, picture-sheet-draw.c measures and draws.
 */
#pragma once

#include "picture.h"

G_BEGIN_DECLS

struct _EidPictureSheet
{
  GtkWidget parent;

  guint rows, columns;
  GPtrArray *pictures; /* EidPicture, row by row; children           */
  GPtrArray *titles;   /* char* by column                            */
  GArray *slots;       /* int by column; -1: none                    */
  GPtrArray *labels;   /* char* by row                               */
  char *empty_text;
  guint current; /* the picture that Tab comes back to */

  EidSheetLayout layout;
  GtkAdjustment *adjustments[2]; /* by GtkOrientation */
  GtkScrollablePolicy policies[2];
};

/* Chooses where everything stands in width × height. */
void eid_picture_sheet_lay_out (EidPictureSheet *self, int width, int height);
/* How far the sheet is scrolled, in pixels. */
int eid_picture_sheet_scrolled (EidPictureSheet *self, GtkOrientation orientation);
void eid_picture_sheet_draw (EidPictureSheet *self, GtkSnapshot *snapshot);

G_END_DECLS
