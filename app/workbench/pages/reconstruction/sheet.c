/* sheet.c: see sheet.h. */
#include "app/workbench/pages/reconstruction/sheet.h"

#include <glib/gi18n.h>

#include "app/workbench/client/variant.h"
#include "app/workbench/pages/mask-edits.h"

/* What can be seen of a picture. */
typedef enum
{
  CELL_PICTURE,
  CELL_MASKED,
  CELL_PAINTED,
  CELL_PAINTED_ERROR,
  CELL_HONEST,
  CELL_HONEST_ERROR,
  N_CELLS
} Cell;

static const struct
{
  const char *key, *alone, *beside; /* beside: named where there is an honest way, too */
  gboolean heat;
} cells[N_CELLS] = {
  [CELL_PICTURE] = { "images", N_ ("Picture"), N_ ("Picture"), FALSE },
  [CELL_MASKED] = { NULL, N_ ("As the model saw it"), N_ ("As the model saw it"), FALSE },
  [CELL_PAINTED] = { "reconstructed", N_ ("Reconstruction"), N_ ("True statistics"), FALSE },
  [CELL_PAINTED_ERROR] = { "errors", N_ ("Error"), N_ ("Its error"), TRUE },
  [CELL_HONEST] = { "honest", NULL, N_ ("Honest"), FALSE },
  [CELL_HONEST_ERROR] = { "honest-errors", NULL, N_ ("Error, honest"), TRUE },
};

/* Where they stand: all pictures in columns, one large; each without and with an honest way. */
static const struct
{
  guint rows, columns; /* columns 0: as many as there are pictures */
  Cell cells[6];
} layouts[2][2] = {
  { { 4, 0, { CELL_PICTURE, CELL_MASKED, CELL_PAINTED, CELL_PAINTED_ERROR } },
    { 5, 0, { CELL_PICTURE, CELL_MASKED, CELL_PAINTED, CELL_HONEST, CELL_HONEST_ERROR } } },
  { { 2, 2, { CELL_PICTURE, CELL_PAINTED, CELL_MASKED, CELL_PAINTED_ERROR } },
    { 2,
      3,
      { CELL_PICTURE, CELL_PAINTED, CELL_PAINTED_ERROR, CELL_MASKED, CELL_HONEST, CELL_HONEST_ERROR } } },
};

/* --- The answer ---------------------------------------------------------------- */

gboolean
eid_reconstruction_sheet_take (EidReconstructionSheet *sheet, GVariant *picture, GPtrArray *names,
                               const char *large, gboolean past)
{
  static const char *const needed[] = { "images", "masked", "reconstructed" };
  const guint count = eid_answer_uint (picture, "count"), size = eid_answer_uint (picture, "size");
  const gsize length = eid_answer_size (count, size, size, eid_answer_uint (picture, "channels"));

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autoptr (GBytes) bytes = eid_answer_bytes (picture, needed[i], length);
      if (bytes == NULL)
        return FALSE;
    }
  eid_reconstruction_sheet_clear (sheet);
  sheet->shown = g_variant_ref (picture);
  sheet->names = g_ptr_array_new_with_free_func (g_free);
  sheet->only = 0;
  for (guint i = 0; i < MIN (names->len, count); i++)
    {
      g_ptr_array_add (sheet->names, g_strdup (names->pdata[i]));
      if (g_strcmp0 (names->pdata[i], large) == 0)
        sheet->only = i;
    }
  sheet->large = large != NULL;
  sheet->past = past;
  return TRUE;
}

void
eid_reconstruction_sheet_clear (EidReconstructionSheet *sheet)
{
  g_clear_pointer (&sheet->shown, g_variant_unref);
  g_clear_pointer (&sheet->names, g_ptr_array_unref);
}

gboolean
eid_reconstruction_sheet_is_honest (const EidReconstructionSheet *sheet)
{
  g_autoptr (GVariant) honest = g_variant_lookup_value (sheet->shown, "honest", G_VARIANT_TYPE_BYTESTRING);

  return honest != NULL;
}

gsize
eid_reconstruction_sheet_patches (const EidReconstructionSheet *sheet)
{
  const guint size = eid_answer_uint (sheet->shown, "size"), patch = eid_answer_uint (sheet->shown, "patch");
  const gsize across = patch > 0 ? size / patch : 0;

  return across * across;
}

GBytes *
eid_reconstruction_sheet_mask (const EidReconstructionSheet *sheet, guint i)
{
  const guint size = eid_answer_uint (sheet->shown, "size"), patch = eid_answer_uint (sheet->shown, "patch");
  const guint count = eid_answer_uint (sheet->shown, "count"), across = patch > 0 ? size / patch : 0;
  const gsize patches = (gsize) across * across;
  GBytes *painted =
      !sheet->past && i < sheet->names->len ? eid_masks_get (sheet->masks, sheet->names->pdata[i]) : NULL;
  g_autoptr (GBytes) all = NULL;

  if (painted && g_bytes_get_size (painted) == patches)
    return g_bytes_ref (painted);
  all = i < count ? eid_answer_bytes (sheet->shown, "mask", eid_answer_size (count, across, across)) : NULL;
  return all ? g_bytes_new_from_bytes (all, i * patches, patches) : NULL;
}

static GdkTexture *
make_texture (EidReconstructionSheet *sheet, Cell cell, guint i)
{
  const guint count = eid_answer_uint (sheet->shown, "count"), size = eid_answer_uint (sheet->shown, "size");
  const guint channels = eid_answer_uint (sheet->shown, "channels");
  const gsize length = eid_answer_size (count, size, size, channels);
  g_autoptr (GBytes) pixels =
      eid_answer_bytes (sheet->shown, cells[cell].key ? cells[cell].key : "masked", length);

  if (cell == CELL_MASKED)
    {
      g_autoptr (GBytes) images = eid_answer_bytes (sheet->shown, "images", length);
      g_autoptr (GBytes) mask = eid_reconstruction_sheet_mask (sheet, i);

      if (images && mask)
        return eid_mask_over (images, i, size, channels, eid_answer_uint (sheet->shown, "patch"), mask);
    }
  if (pixels == NULL)
    return NULL;
  return cells[cell].heat ? eid_texture_heat_from_batch (pixels, i, size, channels)
                          : eid_texture_from_batch (pixels, i, size, channels);
}

/* Where a cell of picture @i stands. */
static void
place (EidReconstructionSheet *sheet, guint at, guint i, guint *row, guint *column)
{
  *row = sheet->large ? at / layouts[1][eid_reconstruction_sheet_is_honest (sheet)].columns : at;
  *column = sheet->large ? at % layouts[1][eid_reconstruction_sheet_is_honest (sheet)].columns : i;
}

static void
show_cell (EidReconstructionSheet *sheet, guint at, guint i)
{
  const gboolean honest = eid_reconstruction_sheet_is_honest (sheet);
  const Cell cell = layouts[sheet->large][honest].cells[at];
  const char *name = _ (honest ? cells[cell].beside : cells[cell].alone);
  const guint picture = sheet->large ? sheet->only : i;
  g_autoptr (GdkTexture) texture = make_texture (sheet, cell, picture);
  guint row, column;

  place (sheet, at, i, &row, &column);
  eid_picture_grid_set_picture (sheet->grid, row, column, texture, sheet->large ? name : NULL);
  eid_picture_grid_set_pinned (sheet->grid, row, column,
                               cell == CELL_PICTURE && !sheet->large && !sheet->past
                                   && eid_pins_is_pinned (sheet->pins, i));
  if (cell == CELL_MASKED)
    {
      const guint patch = eid_answer_uint (sheet->shown, "patch");
      g_autoptr (GBytes) mask = eid_reconstruction_sheet_mask (sheet, picture);

      eid_picture_grid_set_patches (sheet->grid, row, column,
                                    mask ? eid_answer_uint (sheet->shown, "size") / patch : 0,
                                    mask ? g_bytes_get_data (mask, NULL) : NULL);
    }
  else
    eid_picture_grid_set_patches (sheet->grid, row, column, 0, NULL);
  if (!sheet->large)
    eid_picture_grid_set_row_label (sheet->grid, row, name);
}

static guint
count_cells (EidReconstructionSheet *sheet)
{
  const gboolean large = sheet->large, honest = eid_reconstruction_sheet_is_honest (sheet);

  return layouts[large][honest].rows * MAX (layouts[large][honest].columns, 1);
}

void
eid_reconstruction_sheet_show (EidReconstructionSheet *sheet)
{
  const guint count = sheet->large ? 1 : eid_answer_uint (sheet->shown, "count");
  const guint columns = layouts[sheet->large][eid_reconstruction_sheet_is_honest (sheet)].columns;
  g_auto (GStrv) labels = eid_answer_strings (sheet->shown, "labels");
  const guint n_labels = g_strv_length (labels);

  eid_picture_grid_set_shape (sheet->grid,
                              layouts[sheet->large][eid_reconstruction_sheet_is_honest (sheet)].rows,
                              columns > 0 ? columns : count);
  for (guint i = 0; i < MAX (count, columns); i++)
    eid_picture_grid_set_column_title (sheet->grid, i,
                                       i < n_labels && *labels[i] && !sheet->large ? labels[i] : NULL);
  for (guint row = 0; sheet->large && row < 2; row++)
    eid_picture_grid_set_row_label (sheet->grid, row, NULL);
  for (guint at = 0; at < count_cells (sheet); at++)
    for (guint i = 0; i < count; i++)
      show_cell (sheet, at, i);
}

void
eid_reconstruction_sheet_show_mask (EidReconstructionSheet *sheet, guint i)
{
  for (guint at = 0; at < count_cells (sheet); at++)
    if (layouts[sheet->large][eid_reconstruction_sheet_is_honest (sheet)].cells[at] == CELL_MASKED)
      show_cell (sheet, at, i);
}

guint
eid_reconstruction_sheet_picture_at (const EidReconstructionSheet *sheet, guint index)
{
  if (sheet->names == NULL || sheet->names->len == 0)
    return G_MAXUINT;
  return sheet->large ? sheet->only : index % sheet->names->len;
}
