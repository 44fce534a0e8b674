/* sheet.h: the answer to a look at reconstructions on a grid: all
 * pictures in columns, or one of them large; with the masks that were painted on
 * them, which may be ahead of the answer.                                    */
#pragma once

#include "ui/ui.h"

#include "app/workbench/pages/masks.h"
#include "app/workbench/pages/pins.h"

G_BEGIN_DECLS

typedef struct
{
  EidPictureGrid *grid; /* these three are borrowed */
  EidPins *pins;
  EidMasks *masks;
  GVariant *shown;  /* the answer on screen, or NULL          */
  GPtrArray *names; /* char*, of its pictures                 */
  gboolean large;   /* one picture is shown alone …           */
  guint only;       /* … which is this one of the answer      */
  gboolean past;    /* as it was: with the masks of that time */
} EidReconstructionSheet;

/* FALSE, and nothing changed, if its sizes do not fit; @names are copied. @large: the name of the picture
 * that is shown alone, the first if it is none of them; NULL: all are. @past: of a step that was gone back
 * to. */
gboolean eid_reconstruction_sheet_take (EidReconstructionSheet *sheet, GVariant *picture, GPtrArray *names,
                                        const char *large, gboolean past);
void eid_reconstruction_sheet_clear (EidReconstructionSheet *sheet);

void eid_reconstruction_sheet_show (EidReconstructionSheet *sheet);
/* The masked picture @i alone: its mask was painted on. */
void eid_reconstruction_sheet_show_mask (EidReconstructionSheet *sheet, guint i);

/* Whether there is an honest way of painting beside the other. */
gboolean eid_reconstruction_sheet_is_honest (const EidReconstructionSheet *sheet);
/* How many patches a picture has. */
gsize eid_reconstruction_sheet_patches (const EidReconstructionSheet *sheet);
/* The mask of picture @i: as painted, or else as the engine drew it; NULL: not known. Unref. */
GBytes *eid_reconstruction_sheet_mask (const EidReconstructionSheet *sheet, guint i);
/* The picture of which place @index of the grid shows something; G_MAXUINT: none. */
guint eid_reconstruction_sheet_picture_at (const EidReconstructionSheet *sheet, guint index);

G_END_DECLS
