/* sheet-layout.c: how large the pictures of a sheet are and where each stands, as plain
 * arithmetic. Rows that would not fit go on in a block beside, as in a newspaper.
 */
#include "ui/image/image.h"

#define GAP           EID_SHEET_GAP
#define SMALLEST      40  /* narrower columns scroll instead               */
#define READABLE      140 /* rows are not squeezed below this: they scroll */
#define CAPTION_WIDTH 96  /* a caption under a small picture has this      */

/* The layout in @blocks blocks of @block_rows rows. */
static EidSheetLayout
layout_blocks (int blocks, int block_rows, int columns, int pixels, int label_width, int header_height,
               int caption_height, int width, int height)
{
  EidSheetLayout l = { .label_width = label_width,
                       .header_height = header_height,
                       .caption_height = caption_height,
                       .blocks = blocks,
                       .block_rows = block_rows };
  int across =
      (width - blocks * (label_width + GAP * (columns + 1)) - GAP * (blocks - 1)) / (blocks * columns);
  int down = (height - header_height - GAP * (block_rows + 1)) / block_rows - caption_height;
  int space;

  across = MAX (across, SMALLEST);
  space = MIN (across, MAX (down, MIN (across, READABLE)));
  l.side = MAX (1, eid_picture_side (pixels, space));
  l.column_width = caption_height > 0 ? MAX (l.side, MIN (across, CAPTION_WIDTH)) : l.side;
  l.row_height = l.side + caption_height;
  l.block_width = label_width + columns * (l.column_width + GAP) + 2 * GAP;
  l.content_width = blocks * l.block_width;
  l.content_height = header_height + block_rows * (l.row_height + GAP) + GAP;
  l.left = label_width + GAP + MAX (0, (width - l.content_width) / 2);
  /* Under their headings; without headings in the middle. */
  l.top = header_height + GAP + (header_height > 0 ? 0 : MAX (0, (height - l.content_height) / 2));
  return l;
}

EidSheetLayout
eid_sheet_layout (guint rows, guint columns, int pixels, int label_width, int header_height,
                  int caption_height, int width, int height)
{
  int n_rows = MAX (1, (int) rows), n_columns = MAX (1, (int) columns);
  EidSheetLayout best =
      layout_blocks (1, n_rows, n_columns, pixels, label_width, header_height, caption_height, width, height);

  for (int blocks = 2; blocks <= n_rows; blocks++)
    {
      int block_rows = (n_rows + blocks - 1) / blocks;
      EidSheetLayout next;

      if (block_rows * (blocks - 1) >= n_rows) /* the last would stand empty */
        continue;
      next = layout_blocks (blocks, block_rows, n_columns, pixels, label_width, header_height, caption_height,
                            width, height);
      if (next.content_width > width)
        break;
      /* Larger pictures, or as large with less to scroll. */
      if (next.side > best.side || (next.side == best.side && best.content_height > height))
        best = next;
    }
  return best;
}

void
eid_sheet_place (const EidSheetLayout *layout, guint columns, guint index, int *x, int *y)
{
  int row = (int) (index / MAX (1, columns)), column = (int) (index % MAX (1, columns));

  *x = layout->left + row / layout->block_rows * layout->block_width
       + column * (layout->column_width + EID_SHEET_GAP);
  *y = layout->top + row % layout->block_rows * (layout->row_height + EID_SHEET_GAP);
}
