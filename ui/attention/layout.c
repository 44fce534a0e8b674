/* layout.c: where the pictures of an EidAttentionView and their tiles stand, and
 * which patch is under a pixel.
 */
#include "ui/attention/view.h"

#define GAP      16
#define TILE_GAP 4
#define SMALLEST 56 /* a tile with less shows too little: then fewer pictures */

static int
tile_height (EidAttentionView *self, int side)
{
  gboolean named = self->tiles > 1 && self->mode == EID_PATCHES_ATTENTION;

  return side + (named ? self->line : 0) + TILE_GAP;
}

/* The legend, and the line of captions. */
static int
foot_height (EidAttentionView *self)
{
  int lines = self->mode == EID_PATCHES_COLOURS ? 0 : 1;

  for (guint i = 0; i < self->captions->len; i++)
    if (self->captions->pdata[i])
      return (lines + 1) * self->line + 6;
  return lines * self->line + 6;
}

static int
rows_of (guint count, guint columns)
{
  return (int) ((count + columns - 1) / columns);
}

/* The side of a tile with so many groups and tiles beside one another; 0: no room. */
static int
side_of (EidAttentionView *self, guint visible, guint columns, guint across, int width, int height)
{
  int rows = rows_of (visible, columns), down = rows_of (self->tiles, across);
  int wide = (width - GAP) / (int) columns - GAP - ((int) across - 1) * TILE_GAP;
  int high = (height - GAP) / rows - GAP - foot_height (self) - down * tile_height (self, 0) + TILE_GAP;
  int space = MIN (wide / (int) across, high / down);
  int side = space > 0 ? eid_picture_side ((int) self->size, space) : 0;

  return side <= MAX (space, 16) ? side : 0;
}

/* Student and teacher keep to rows of their own. */
static gboolean
may_stand (EidAttentionView *self, guint across)
{
  guint each = self->attention.heads;

  return self->mode != EID_PATCHES_ATTENTION || self->head != EID_HEADS_ALL || each == 0 || each % across == 0
         || self->tiles == each;
}

void
eid_attention_view_lay_out (EidAttentionView *self, int width, int height)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "Ag");
  int best = 0, note = 0;

  pango_layout_get_pixel_size (layout, NULL, &self->line);
  self->columns = self->across = 1;
  for (self->visible = self->count; self->visible > 0; self->visible--)
    {
      best = 0;
      note = self->visible < self->count ? self->line + 6 : 0;
      for (guint columns = 1; columns <= self->visible; columns++)
        for (guint across = 1; across <= self->tiles; across++)
          {
            int side = may_stand (self, across)
                           ? side_of (self, self->visible, columns, across, width, height - note)
                           : 0;

            if (side > best)
              {
                best = side;
                self->columns = columns;
                self->across = across;
              }
          }
      if (best >= SMALLEST || self->visible == 1 || self->tiles == 1)
        break;
    }
  self->side = MAX (best, 16);
  self->left = (width - (int) self->columns * (eid_attention_view_group_width (self) + GAP) + GAP) / 2;
  self->top = (height - note
               - rows_of (self->visible, self->columns)
                     * (eid_attention_view_group_height (self) + foot_height (self) + GAP)
               + GAP)
              / 2;
}

int
eid_attention_view_group_width (EidAttentionView *self)
{
  return (int) self->across * (self->side + TILE_GAP) - TILE_GAP;
}

int
eid_attention_view_group_height (EidAttentionView *self)
{
  return rows_of (MAX (1, self->tiles), self->across) * tile_height (self, self->side) - TILE_GAP;
}

void
eid_attention_view_place (EidAttentionView *self, guint picture, guint tile, int *x, int *y)
{
  *x = self->left + (int) (picture % self->columns) * (eid_attention_view_group_width (self) + GAP)
       + (int) (tile % self->across) * (self->side + TILE_GAP);
  *y = self->top
       + (int) (picture / self->columns) * (eid_attention_view_group_height (self) + foot_height (self) + GAP)
       + (int) (tile / self->across) * tile_height (self, self->side);
}

gboolean
eid_attention_view_patch_at (EidAttentionView *self, double at_x, double at_y, guint *picture, int *patch)
{
  for (guint i = 0; i < self->visible; i++)
    for (guint tile = 0; tile < self->tiles; tile++)
      {
        int x, y, column, row;

        eid_attention_view_place (self, i, tile, &x, &y);
        if (at_x < x || at_y < y || at_x >= x + self->side || at_y >= y + self->side)
          continue;
        column = (int) ((at_x - x) * self->grid / self->side);
        row = (int) ((at_y - y) * self->grid / self->side);
        *picture = i;
        *patch = row * (int) self->grid + column;
        return TRUE;
      }
  return FALSE;
}
