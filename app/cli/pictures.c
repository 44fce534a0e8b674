/* pictures.c: sheets of small pictures, by cairo; see pictures.h. */
#include "app/cli/pictures.h"

#include "app/cli/figure.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

enum
{
  CELL = 112, /* pixels a side of a picture on a sheet */
  GAP = EID_FIGURE_GAP,
};

char *
eid_draw_subtitle (EidSetup *setup, gboolean teacher)
{
  /* TRANSLATORS: what a picture is of, after the run's title and step. */
  const char *whose = !eid_has_teacher (setup) ? NULL
                      : teacher                ? _ ("the teacher’s weights")
                                               : _ ("the student’s weights");
  g_autoptr (GString) text = g_string_new (eid_recipe_title (setup->recipe));

  if (setup->step > 0)
    g_string_append_printf (text, _ (", step %'" PRIu64), setup->step);
  if (whose != NULL)
    g_string_append_printf (text, ", %s", whose);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- Sheets ------------------------------------------------------------------ */

/* Pictures in rows and columns; the first column is the picture itself. */
typedef struct
{
  EidFigure *figure;
  guint row_height;
} Sheet;

/* @headings: of the @columns; @labels of the @rows, or NULL. @captions: whether each cell has a line below
 * it. */
static gboolean
sheet_begin (Sheet *sheet, EidFigure *figure, guint columns, char **headings, guint rows, char **labels,
             const EidDrawNote *note, gboolean captions, const char *file, GError **error)
{
  sheet->figure = figure;
  sheet->row_height = CELL + GAP + (captions ? EID_FIGURE_CAPTION : 0);
  if (!eid_figure_lay_out (figure, EID_FIGURE_NAMES, EID_FIGURE_HEADINGS, columns * (CELL + GAP) + GAP,
                           rows * sheet->row_height + GAP, file, error))
    return FALSE;
  eid_figure_put_text (figure, note->rows, GAP - EID_FIGURE_NAMES, -EID_FIGURE_HEADINGS,
                       EID_FIGURE_NAMES - GAP, EID_FIGURE_HEADINGS, EID_TEXT_ABOVE_RIGHT);
  for (guint i = 0; i < columns; i++)
    eid_figure_put_text (figure, headings[i], (int) (GAP / 2 + i * (CELL + GAP)), -EID_FIGURE_HEADINGS,
                         CELL + GAP, EID_FIGURE_HEADINGS, EID_TEXT_ABOVE);
  for (guint i = 0; i < rows; i++)
    {
      const char *name = labels != NULL && labels[i] != NULL ? labels[i] : "";
      /* What has neither class nor file is known by its place. */
      g_autofree char *number = g_strdup_printf (_ ("picture %'u"), i + 1);

      eid_figure_put_text (figure, *name != '\0' ? name : number, GAP - EID_FIGURE_NAMES,
                           (int) (GAP + i * sheet->row_height), EID_FIGURE_NAMES - GAP, CELL, EID_TEXT_RIGHT);
    }
  return TRUE;
}

static void
sheet_caption (Sheet *sheet, guint column, guint row, const char *text)
{
  eid_figure_put_text (sheet->figure, text, (int) (GAP + column * (CELL + GAP)),
                       (int) (GAP + row * sheet->row_height + CELL), CELL, EID_FIGURE_CAPTION,
                       EID_TEXT_BELOW);
}

/* Puts @pixels [size, size, channels] into a cell. */
static void
sheet_put (Sheet *sheet, guint column, guint row, const guint8 *pixels, guint size, guint channels)
{
  const int stride = cairo_format_stride_for_width (CAIRO_FORMAT_RGB24, (int) size);
  cairo_surface_t *picture = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) size, (int) size);
  guint8 *data = cairo_image_surface_get_data (picture);
  cairo_t *cr = sheet->figure->cr;

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

  cairo_save (cr);
  cairo_translate (cr, GAP + column * (CELL + GAP), GAP + row * sheet->row_height);
  cairo_scale (cr, (double) CELL / size, (double) CELL / size);
  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), size < 64 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (picture);
}

/* --- Augmentations and reconstructions --------------------------------------- */

/* "picture", and a name for each view. */
static char **
view_headings (const EidAugmentationsView *view)
{
  const guint large = view->views - view->small;
  g_autoptr (GStrvBuilder) headings = g_strv_builder_new ();

  g_strv_builder_add (headings, _ ("picture"));
  for (guint i = 0; i < view->views; i++)
    {
      g_autofree char *heading = view->small == 0 ? g_strdup_printf (_ ("view %u"), i + 1)
                                 : i < large      ? g_strdup_printf (_ ("large crop %u"), i + 1)
                                                  : g_strdup_printf (_ ("small crop %u"), i - large + 1);

      g_strv_builder_add (headings, heading);
    }
  return g_strv_builder_end (headings);
}

gboolean
eid_draw_augmentations (const EidAugmentationsView *view, const EidDrawNote *note, const char *file,
                        GError **error)
{
  const gsize source = (gsize) view->size * view->size * view->channels;
  const gsize values = (gsize) view->view_size * view->view_size * view->channels;
  g_autoptr (EidFigure) figure =
      eid_figure_new (_ ("Augmentations: what the model trained on"), note->subtitle);
  g_auto (GStrv) headings = view_headings (view);
  Sheet sheet;

  eid_figure_add_words (figure,
                        _ ("A row is a picture of the training data: as it is, then its augmented views as "
                           "the last step of training drew them."));
  if (view->small > 0)
    eid_figure_add_words (figure, _ ("Small crops are enlarged here to the size of the large ones."));
  if (!sheet_begin (&sheet, figure, 1 + view->views, headings, view->count, view->labels, note, FALSE, file,
                    error))
    return FALSE;
  for (guint i = 0; i < view->count; i++)
    {
      sheet_put (&sheet, 0, i, view->sources + i * source, view->size, view->channels);
      for (guint v = 0; v < view->views; v++)
        sheet_put (&sheet, 1 + v, i, view->pixels + ((gsize) v * view->count + i) * values, view->view_size,
                   view->channels);
    }
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

gboolean
eid_draw_reconstruction (const EidReconstructionView *view, const EidDrawNote *note, const char *file,
                         GError **error)
{
  const gsize values = (gsize) view->size * view->size * view->channels;
  const guint8 *columns[] = { view->images, view->masked, view->reconstructed, view->errors };
  char *headings[] = { _ ("original"), _ ("masked"), _ ("reconstructed"), _ ("error") };
  g_autoptr (EidFigure) figure =
      eid_figure_new (_ ("Reconstruction: what the model makes of hidden patches"), note->subtitle);
  g_autofree char *most = eid_figure_number (view->error_max);
  Sheet sheet;

  eid_figure_add_swatch (figure, EID_HIDDEN_GREY << 16 | EID_HIDDEN_GREY << 8 | EID_HIDDEN_GREY,
                         _ ("masked: patches that were hidden from the model are grey"));
  eid_figure_add_words (figure,
                        _ ("reconstructed: the model’s prediction where patches were hidden, the original "
                           "elsewhere"));
  if (view->honest != NULL)
    eid_figure_add_words (
        figure, _ ("This model predicts patches up to brightness and contrast, which are taken from "
                   "the original here."));
  eid_figure_add_scale (
      figure, EID_SCALE_GREY, "0", most,
      _ ("error: the absolute difference from the original, channel by channel, where pixels go from "
         "0 to 1"));
  if (!sheet_begin (&sheet, figure, G_N_ELEMENTS (columns), headings, view->count, view->labels, note, FALSE,
                    file, error))
    return FALSE;
  for (guint i = 0; i < view->count; i++)
    for (guint column = 0; column < G_N_ELEMENTS (columns); column++)
      sheet_put (&sheet, column, i, columns[column] + i * values, view->size, view->channels);
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

/* --- Attention ------------------------------------------------------------------ */

/* @row [tokens], the sum of weights of @queries, as colours of the patches: the largest is yellow, and its
 * mean told below. */
static void
put_row (Sheet *sheet, guint column, guint picture, const EidAttentionView *view, const double *row,
         guint queries)
{
  const guint patches = view->grid * view->grid;
  g_autofree guint8 *colours = g_malloc ((gsize) patches * 3);
  g_autofree char *number = NULL, *caption = NULL;
  double largest = 0;

  for (guint j = 0; j < patches; j++)
    largest = fmax (largest, row[view->extra + j]);
  for (guint j = 0; j < patches; j++)
    {
      const guint32 colour =
          eid_scale_colour (EID_SCALE_VIRIDIS, largest > 0 ? row[view->extra + j] / largest : 0);

      colours[3 * j] = (guint8) (colour >> 16);
      colours[3 * j + 1] = (guint8) (colour >> 8);
      colours[3 * j + 2] = (guint8) colour;
    }
  sheet_put (sheet, column, picture, colours, view->grid, 3);
  number = eid_figure_number (largest / queries * 100);
  /* TRANSLATORS: the largest weight in a map of attention, in per cent; it stands below the map. */
  caption = g_strdup_printf (_ ("max. %s %%"), number);
  sheet_caption (sheet, column, picture, caption);
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
  put_row (sheet, column, picture, view, row, last - first);
}

static void
put_picture (Sheet *sheet, guint picture, const EidAttentionView *view)
{
  sheet_put (sheet, 0, picture, view->images + (gsize) picture * view->size * view->size * view->channels,
             view->size, view->channels);
}

static void
add_attention_legend (EidFigure *figure, const EidAttentionView *view)
{
  eid_figure_add_scale (
      figure, EID_SCALE_VIRIDIS, "0", _ ("max."),
      view->class_token
          ? _ ("How much the class token attends to each patch, in per cent of its attention to all "
               "tokens. Each map has a scale of its own: its largest weight stands below it.")
          : _ ("How much the patches on average attend to each patch, in per cent of their attention "
               "to all tokens. Each map has a scale of its own: its largest weight stands below it."));
}

gboolean
eid_draw_attention (const EidAttentionView *view, const EidDrawNote *note, const char *file, GError **error)
{
  g_autoptr (EidFigure) figure = eid_figure_new (_ ("Attention in the last layer"), note->subtitle);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) headings = NULL;
  Sheet sheet;

  g_strv_builder_add_many (builder, _ ("picture"), _ ("mean of heads"), NULL);
  for (guint head = 0; head < view->heads; head++)
    {
      g_autofree char *heading = g_strdup_printf (_ ("head %u"), head + 1);

      g_strv_builder_add (builder, heading);
    }
  headings = g_strv_builder_end (builder);
  add_attention_legend (figure, view);
  if (!sheet_begin (&sheet, figure, 2 + view->heads, headings, view->count, view->labels, note, TRUE, file,
                    error))
    return FALSE;
  for (guint i = 0; i < view->count; i++)
    {
      put_picture (&sheet, i, view);
      for (gint head = -1; head < (gint) view->heads; head++)
        put_map (&sheet, 2 + (guint) head, i, view, head);
    }
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

gboolean
eid_draw_rollout (const EidAttentionView *view, const EidDrawNote *note, const char *file, GError **error)
{
  g_autoptr (EidFigure) figure = eid_figure_new (_ ("Attention rollout, layer by layer"), note->subtitle);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) headings = NULL;
  g_autofree double *row = g_new (double, view->tokens);
  Sheet sheet;

  g_strv_builder_add (builder, _ ("picture"));
  for (guint layer = 0; layer < view->layers; layer++)
    {
      g_autofree char *heading = g_strdup_printf (_ ("layer %u"), layer + 1);

      g_strv_builder_add (builder, heading);
    }
  headings = g_strv_builder_end (builder);
  add_attention_legend (figure, view);
  eid_figure_add_words (
      figure, _ ("Rolled out: the attention of all layers from the picture up to the one named, half "
                 "of each layer’s output being its input (Abnar & Zuidema 2020)."));
  if (!sheet_begin (&sheet, figure, 1 + view->layers, headings, view->count, view->labels, note, TRUE, file,
                    error))
    return FALSE;
  for (guint i = 0; i < view->count; i++)
    {
      put_picture (&sheet, i, view);
      for (guint layer = 0; layer < view->layers; layer++)
        {
          eid_attention_rollout (view, view->student, i, layer, view->class_token ? 0 : -1, row);
          put_row (&sheet, 1 + layer, i, view, row, 1);
        }
    }
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

/* --- Patches ----------------------------------------------------------------------- */

static void
add_patch_legend (EidFigure *figure, const EidPatchBasis *basis)
{
  static const EidScale scales[EID_PATCH_AXES] = { EID_SCALE_RED, EID_SCALE_GREEN, EID_SCALE_BLUE };

  for (guint axis = 0; axis < EID_PATCH_AXES; axis++)
    {
      g_autofree char *text =
          g_strdup_printf (_ ("principal axis %u of the patch tokens (%.1f %% of their variance)"), axis + 1,
                           basis->explained[axis] * 100);

      /* TRANSLATORS: two standard deviations below and above the mean, at the ends of a colour scale. */
      eid_figure_add_scale (figure, scales[axis], _ ("−2 σ"), _ ("+2 σ"), text);
    }
}

gboolean
eid_draw_patches (const EidPatchesView *view, const EidDrawNote *note, const char *file, GError **error)
{
  const gsize pixels = (gsize) view->size * view->size * view->channels;
  char *headings[] = { _ ("picture"), _ ("patch tokens") };
  g_autoptr (EidFigure) figure =
      eid_figure_new (_ ("Patch tokens of the last layer as colours"), note->subtitle);
  Sheet sheet;

  eid_figure_add_words (
      figure, _ ("Patches of like colour have like features: red, green and blue are the first three "
                 "principal axes."));
  add_patch_legend (figure, view->basis);
  if (!sheet_begin (&sheet, figure, G_N_ELEMENTS (headings), headings, view->count, view->labels, note, FALSE,
                    file, error))
    return FALSE;
  for (guint i = 0; i < view->count; i++)
    {
      sheet_put (&sheet, 0, i, view->images + i * pixels, view->size, view->channels);
      sheet_put (&sheet, 1, i, view->colours + (gsize) i * view->grid * view->grid * 3, view->grid, 3);
    }
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}
