/* pictures.c: sheets of small pictures and one scatter plot, by cairo; see
 * pictures.h.                                                                */
#include "pictures.h"

#include <cairo.h>
#include <glib/gi18n-lib.h>
#include <math.h>

#define CELL 112 /* pixels a side of a picture on a sheet */
#define GAP  8

/* --- Sheets ------------------------------------------------------------------ */

typedef struct
{
  cairo_surface_t *surface;
  cairo_t *cr;
} Sheet;

static Sheet
sheet_new (guint columns, guint rows)
{
  Sheet sheet;

  sheet.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) (columns * (CELL + GAP) + GAP),
                                              (int) (rows * (CELL + GAP) + GAP));
  sheet.cr = cairo_create (sheet.surface);
  cairo_set_source_rgb (sheet.cr, 1, 1, 1);
  cairo_paint (sheet.cr);
  return sheet;
}

static gboolean
sheet_write (Sheet *sheet, const char *file, GError **error)
{
  const cairo_status_t status = cairo_surface_write_to_png (sheet->surface, file);

  cairo_destroy (sheet->cr);
  cairo_surface_destroy (sheet->surface);
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file,
               cairo_status_to_string (status));
  return FALSE;
}

/* Puts @pixels [size, size, channels] into a cell. */
static void
sheet_put (Sheet *sheet, guint column, guint row, const guint8 *pixels, guint size, guint channels)
{
  const int stride = cairo_format_stride_for_width (CAIRO_FORMAT_RGB24, (int) size);
  cairo_surface_t *picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) size, (int) size);
  guint8 *data = cairo_image_surface_get_data (picture);

  cairo_surface_flush (picture);
  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      {
        const guint8 *pixel = pixels + ((gsize) y * size + x) * channels;
        const guint last = channels - 1;

        ((guint32 *) (gpointer) (data + (gsize) y * (gsize) stride))[x] =
            (guint32) pixel[0] << 16 | (guint32) pixel[MIN (1, last)] << 8 | pixel[MIN (2, last)];
      }
  cairo_surface_mark_dirty (picture);

  cairo_save (sheet->cr);
  cairo_translate (sheet->cr, GAP + column * (CELL + GAP), GAP + row * (CELL + GAP));
  cairo_scale (sheet->cr, (double) CELL / size, (double) CELL / size);
  cairo_set_source_surface (sheet->cr, picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (sheet->cr),
                            size < 64 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
  cairo_paint (sheet->cr);
  cairo_restore (sheet->cr);
  cairo_surface_destroy (picture);
}

/* --- Augmentations and reconstructions --------------------------------------- */

gboolean
eid_draw_augmentations (const EidAugmentationsView *view, const char *file, GError **error)
{
  const gsize source = (gsize) view->size * view->size * view->channels;
  const gsize values = (gsize) view->view_size * view->view_size * view->channels;
  Sheet sheet = sheet_new (1 + view->views, view->count);

  for (guint i = 0; i < view->count; i++)
    {
      sheet_put (&sheet, 0, i, view->sources + i * source, view->size, view->channels);
      for (guint v = 0; v < view->views; v++)
        sheet_put (&sheet, 1 + v, i, view->pixels + ((gsize) v * view->count + i) * values, view->view_size,
                   view->channels);
    }
  return sheet_write (&sheet, file, error);
}

gboolean
eid_draw_reconstruction (const EidReconstructionView *view, const char *file, GError **error)
{
  const gsize values = (gsize) view->size * view->size * view->channels;
  const guint8 *columns[] = { view->images, view->masked, view->reconstructed, view->errors };
  Sheet sheet = sheet_new (G_N_ELEMENTS (columns), view->count);

  for (guint i = 0; i < view->count; i++)
    for (guint column = 0; column < G_N_ELEMENTS (columns); column++)
      sheet_put (&sheet, column, i, columns[column] + i * values, view->size, view->channels);
  return sheet_write (&sheet, file, error);
}

/* --- Attention ------------------------------------------------------------------ */

/* Viridis at nine even places (van der Walt & Smith 2015). */
static const guint8 viridis[][3] = { { 68, 1, 84 },    { 71, 44, 122 },  { 59, 81, 139 },
                                     { 44, 113, 142 }, { 33, 144, 141 }, { 39, 173, 129 },
                                     { 92, 200, 99 },  { 170, 220, 50 }, { 253, 231, 37 } };

static void
heat_colour (double heat, guint8 colour[3])
{
  const double place = CLAMP (heat, 0, 1) * (G_N_ELEMENTS (viridis) - 1);
  const guint below = MIN ((guint) place, (guint) G_N_ELEMENTS (viridis) - 2);
  const double share = place - below;

  for (guint c = 0; c < 3; c++)
    colour[c] = (guint8) (viridis[below][c] * (1 - share) + viridis[below + 1][c] * share + 0.5);
}

/* Attention to each patch: of the class token where there is one, else the mean
 * of all patches. @heat [grid * grid], the largest 1.                        */
static void
attention_heat (const EidAttentionView *view, guint picture, double *heat)
{
  const float *weights = view->weights + (gsize) picture * view->tokens * view->tokens;
  const guint patches = view->grid * view->grid;
  const guint first = 0, last = view->extra > 0 ? 1 : view->tokens;
  double largest = 0;

  for (guint j = 0; j < patches; j++)
    {
      heat[j] = 0;
      for (guint query = first; query < last; query++)
        heat[j] += (double) weights[(gsize) query * view->tokens + view->extra + j];
      largest = fmax (largest, heat[j]);
    }
  for (guint j = 0; j < patches && largest > 0; j++)
    heat[j] /= largest;
}

static void
put_heat (Sheet *sheet, guint column, const EidAttentionView *view)
{
  const guint patches = view->grid * view->grid;
  g_autofree double *heat = g_new (double, patches);
  g_autofree guint8 *colours = g_malloc ((gsize) patches * 3);

  for (guint i = 0; i < view->count; i++)
    {
      attention_heat (view, i, heat);
      for (guint j = 0; j < patches; j++)
        heat_colour (heat[j], colours + 3 * j);
      sheet_put (sheet, column, i, colours, view->grid, 3);
    }
}

gboolean
eid_draw_attention (EidSetup *setup, const EidPictures *pictures, const char *file, GError **error)
{
  g_autoptr (EidAttentionView) mean = eid_show_attention (setup, pictures, -1, -1, error);
  Sheet sheet;

  if (mean == NULL)
    return FALSE;
  sheet = sheet_new (2 + mean->heads, mean->count);
  for (guint i = 0; i < mean->count; i++)
    sheet_put (&sheet, 0, i, mean->images + (gsize) i * mean->size * mean->size * mean->channels, mean->size,
               mean->channels);
  put_heat (&sheet, 1, mean);
  for (guint head = 0; head < mean->heads; head++)
    {
      g_autoptr (EidAttentionView) view = eid_show_attention (setup, pictures, -1, (gint) head, error);

      if (view == NULL)
        {
          cairo_destroy (sheet.cr);
          cairo_surface_destroy (sheet.surface);
          return FALSE;
        }
      put_heat (&sheet, 2 + head, view);
    }
  return sheet_write (&sheet, file, error);
}

/* --- Patches ----------------------------------------------------------------------- */

gboolean
eid_draw_patch_axes (EidSetup *setup, const EidPictures *pictures, const char *file, GError **error)
{
  guint grid = 0;
  g_autofree guint8 *colours = eid_show_patch_axes (setup, pictures, &grid, error);
  const guint size = eid_dataset_size (setup->test);
  Sheet sheet;

  if (colours == NULL)
    return FALSE;
  sheet = sheet_new (2, pictures->count);
  for (guint i = 0; i < pictures->count; i++)
    {
      sheet_put (&sheet, 0, i, pictures->pixels + (gsize) i * size * size * setup->channels, size,
                 setup->channels);
      sheet_put (&sheet, 1, i, colours + (gsize) i * grid * grid * 3, grid, 3);
    }
  return sheet_write (&sheet, file, error);
}

/* --- Embedding --------------------------------------------------------------------- */

/* Okabe & Ito 2008, then the same darker: twenty colours told apart by most. */
static const double class_colours[][3] = {
  { .90, .62, .00 }, { .34, .71, .91 }, { .00, .62, .45 }, { .94, .89, .26 }, { .00, .45, .70 },
  { .84, .37, .00 }, { .80, .47, .65 }, { .35, .35, .35 }, { .55, .38, .00 }, { .20, .43, .55 },
};

static void
use_class_colour (cairo_t *cr, gint label)
{
  const double *colour = class_colours[label < 0 ? 7 : (guint) label % G_N_ELEMENTS (class_colours)];

  cairo_set_source_rgb (cr, colour[0], colour[1], colour[2]);
}

static void
draw_legend (cairo_t *cr, EidDataset *dataset, double x)
{
  const guint classes = MIN (eid_dataset_classes (dataset), 30);

  cairo_set_font_size (cr, 13);
  for (guint i = 0; i < classes; i++)
    {
      use_class_colour (cr, (gint) i);
      cairo_arc (cr, x, 30 + 20 * i, 5, 0, 2 * G_PI);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, .1, .1, .1);
      cairo_move_to (cr, x + 12, 34 + 20 * i);
      cairo_show_text (cr, eid_dataset_class_name (dataset, i));
    }
}

static void
largest_of (const double *values, guint count, double *largest)
{
  for (guint i = 0; i < count; i++)
    *largest = fmax (*largest, fabs (values[i]));
}

gboolean
eid_draw_embedding (const EidEmbeddingView *view, EidDataset *dataset, const char *file, GError **error)
{
  const EidHealth *health = view->health;
  const double side = 640;
  Sheet sheet;
  double largest = 1e-12;
  g_autofree char *caption = NULL;

  sheet.surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) side + 200, (int) side + 40);
  sheet.cr = cairo_create (sheet.surface);
  cairo_set_source_rgb (sheet.cr, 1, 1, 1);
  cairo_paint (sheet.cr);

  largest_of (health->x, health->count, &largest);
  largest_of (health->y, health->count, &largest);
  for (guint i = 0; i < health->count; i++)
    {
      use_class_colour (sheet.cr, view->labels[i]);
      cairo_arc (sheet.cr, side / 2 + health->x[i] / largest * (side / 2 - 16),
                 side / 2 - health->y[i] / largest * (side / 2 - 16), 3.5, 0, 2 * G_PI);
      cairo_fill (sheet.cr);
    }
  draw_legend (sheet.cr, dataset, side + 16);

  caption = g_strdup_printf (
      _ ("Axes of most variance: %.0f %% and %.0f %%. Effective rank %.1f of %u, z-std %.3f."),
      health->explained[0] * 100, health->explained[1] * 100, health->rank, health->width, health->z_std);
  cairo_set_source_rgb (sheet.cr, .1, .1, .1);
  cairo_set_font_size (sheet.cr, 13);
  cairo_move_to (sheet.cr, 16, side + 22);
  cairo_show_text (sheet.cr, caption);
  return sheet_write (&sheet, file, error);
}
