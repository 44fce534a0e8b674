/* sheet.h: what the parts of EidPictureSheet share: sheet.c has the
 * object and its contents, sheet-input.c keys and pointer, sheet-draw.c
 * measures and draws.
 */
#pragma once

#include "ui/image/image.h"

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
  guint current;              /* the picture that Tab comes back to */
  int under_pointer, pointed; /* or -1 */
  int painted;                /* the picture that a brush goes over, or -1 */

  EidSheetLayout layout;
  GtkAdjustment *adjustments[2]; /* by GtkOrientation */
  GtkScrollablePolicy policies[2];
};

/* Chooses where everything stands in width × height. */
void eid_picture_sheet_lay_out (EidPictureSheet *self, int width, int height);
/* How far the sheet is scrolled, in pixels. */
int eid_picture_sheet_scrolled (EidPictureSheet *self, GtkOrientation orientation);
void eid_picture_sheet_draw (EidPictureSheet *self, GtkSnapshot *snapshot);

/* --- sheet-input.c --------------------------------------------------- */

void eid_picture_sheet_class_add_input (GtkWidgetClass *widget_class);
void eid_picture_sheet_add_input (EidPictureSheet *self);
/* What was pointed at is no more. */
void eid_picture_sheet_forget_input (EidPictureSheet *self);

G_END_DECLS
