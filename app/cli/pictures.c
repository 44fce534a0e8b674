/* pictures.c: sheets of small pictures and one scatter plot, by cairo; see
 * pictures.h.                                                                */
#include "pictures.h"

#include "png.h"

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
  cairo_destroy (sheet->cr);
  return eid_png_write (sheet->surface, file, error);
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

/* @row [tokens] of weights as colours of the patches, the largest yellow. */
static void
put_row (Sheet *sheet, guint column, guint picture, const EidAttentionView *view, const double *row)
{
  const guint patches = view->grid * view->grid;
  g_autofree guint8 *colours = g_malloc ((gsize) patches * 3);
  double largest = 0;

  for (guint j = 0; j < patches; j++)
    largest = fmax (largest, row[view->extra + j]);
  for (guint j = 0; j < patches; j++)
    heat_colour (largest > 0 ? row[view->extra + j] / largest : 0, colours + 3 * j);
  sheet_put (sheet, column, picture, colours, view->grid, 3);
}

/* Of the class token where there is one, else the mean of all patches. */
static void
put_map (Sheet *sheet, guint column, guint picture, const EidAttentionView *view, gint head)
{
  const guint first = view->class_token ? 0 : view->extra, last = view->class_token ? 1 : view->tokens;
  g_autofree float *map = g_new (float, (gsize) view->tokens * view->tokens);
  g_autofree double *row = g_new0 (double, view->tokens);

  eid_attention_map (view, view->student, picture, view->layers - 1, head, map);
  for (guint query = first; query < last; query++)
    for (guint j = 0; j < view->tokens; j++)
      row[j] += (double) map[(gsize) query * view->tokens + j];
  put_row (sheet, column, picture, view, row);
}

static void
put_picture (Sheet *sheet, guint picture, const EidAttentionView *view)
{
  sheet_put (sheet, 0, picture, view->images + (gsize) picture * view->size * view->size * view->channels,
             view->size, view->channels);
}

gboolean
eid_draw_attention (const EidAttentionView *view, const char *file, GError **error)
{
  Sheet sheet = sheet_new (2 + view->heads, view->count);

  for (guint i = 0; i < view->count; i++)
    {
      put_picture (&sheet, i, view);
      for (gint head = -1; head < (gint) view->heads; head++)
        put_map (&sheet, 2 + (guint) head, i, view, head);
    }
  return sheet_write (&sheet, file, error);
}

gboolean
eid_draw_rollout (const EidAttentionView *view, const char *file, GError **error)
{
  Sheet sheet = sheet_new (1 + view->layers, view->count);
  g_autofree double *row = g_new (double, view->tokens);

  for (guint i = 0; i < view->count; i++)
    {
      put_picture (&sheet, i, view);
      for (guint layer = 0; layer < view->layers; layer++)
        {
          eid_attention_rollout (view, view->student, i, layer, view->class_token ? 0 : -1, row);
          put_row (&sheet, 1 + layer, i, view, row);
        }
    }
  return sheet_write (&sheet, file, error);
}

/* --- Patches ----------------------------------------------------------------------- */

gboolean
eid_draw_patches (const EidPatchesView *view, const char *file, GError **error)
{
  const gsize pixels = (gsize) view->size * view->size * view->channels;
  Sheet sheet = sheet_new (2, view->count);

  for (guint i = 0; i < view->count; i++)
    {
      sheet_put (&sheet, 0, i, view->images + i * pixels, view->size, view->channels);
      sheet_put (&sheet, 1, i, view->colours + (gsize) i * view->grid * view->grid * 3, view->grid, 3);
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
      health->explained[0] * 100, health->explained[1] * 100, health->rank,
      MIN (MAX (health->count, 2) - 1, health->width), health->z_std);
  cairo_set_source_rgb (sheet.cr, .1, .1, .1);
  cairo_set_font_size (sheet.cr, 13);
  cairo_move_to (sheet.cr, 16, side + 22);
  cairo_show_text (sheet.cr, caption);
  return sheet_write (&sheet, file, error);
}
