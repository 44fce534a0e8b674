/* matrix-draw.c: a matrix of similarities as colours, with the classes along its sides
 * and the legend of its colours.
 */
#include "ui/matrix/matrix.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define MARGIN     10
#define NAMES_MOST 0.22 /* of the width, for the names of classes */
#define BAR_WIDTH  12
#define BAR_SPACE  64 /* the legend with its numbers */

/* --- Classes ------------------------------------------------------------------------ */

static char *
class_name (const EidMatrixData *data, int label)
{
  if (label < 0)
    return g_strdup (_ ("no class"));
  if (data->names && (guint) label < g_strv_length (data->names))
    return g_strdup (data->names[label]);
  /* Translators: a class that has only a number. */
  return g_strdup_printf (_ ("class %d"), label);
}

/* One after the last row of the class that begins at @first. */
static guint
class_end (const EidMatrixData *data, guint first)
{
  guint end = first + 1;

  while (end < data->n && data->labels[end] == data->labels[first])
    end++;
  return end;
}

char *
eid_matrix_row_name (const EidMatrixData *data, guint row)
{
  const guint64 number = (guint64) (data->numbers ? MAX (data->numbers[row], 0) : (gint32) row);
  g_autofree char *name = data->labels ? class_name (data, data->labels[row]) : NULL;

  return eid_format_sample (data->kind, number, name);
}

void
eid_matrix_means (const EidMatrixData *data, double *within, double *between)
{
  double sum[2] = { 0, 0 }, count[2] = { 0, 0 };

  for (guint i = 0; data->labels && data->values && i < data->n; i++)
    for (guint j = 0; j < i; j++)
      {
        const double value = (double) data->values[(gsize) i * data->n + j];
        const int other = data->labels[i] != data->labels[j];

        if (!isfinite (value) || data->labels[i] < 0 || data->labels[j] < 0)
          continue;
        sum[other] += value;
        count[other]++;
      }
  *within = count[0] > 0 ? sum[0] / count[0] : NAN;
  *between = count[1] > 0 ? sum[1] / count[1] : NAN;
}

/* --- Layout --------------------------------------------------------------------------- */

static double
widest_name (const EidMatrixData *data, const EidPlotStyle *style)
{
  double widest = 0;

  for (guint i = 0; data->labels && i < data->n; i = class_end (data, i))
    {
      g_autofree char *name = class_name (data, data->labels[i]);
      int width;

      eid_plot_text_size (style, name, EID_PLOT_SMALL, FALSE, &width, NULL);
      widest = fmax (widest, width);
    }
  return widest;
}

EidMatrixLayout
eid_matrix_layout (const EidMatrixData *data, const EidPlotStyle *style, double width, double height)
{
  const double names = fmin (widest_name (data, style), width * NAMES_MOST);
  const double left = names > 0 ? names + 2 * MARGIN : MARGIN;
  double side = fmin (width - left - BAR_SPACE - 2 * MARGIN, height - 2 * MARGIN);
  EidMatrixLayout layout;

  side = fmax (floor (side), 1);
  layout.square = GRAPHENE_RECT_INIT ((float) fmax (left, floor ((width - side - BAR_SPACE + left) / 2)),
                                      MARGIN, (float) side, (float) side);
  layout.bar = (double) layout.square.origin.x + side + 2 * MARGIN;
  return layout;
}

gboolean
eid_matrix_at (const EidMatrixData *data, const EidMatrixLayout *layout, double x, double y, guint *row,
               guint *column)
{
  const graphene_rect_t *square = &layout->square;

  if (!data->values || !graphene_rect_contains_point (square, &GRAPHENE_POINT_INIT ((float) x, (float) y)))
    return FALSE;
  *column =
      MIN ((guint) ((x - (double) square->origin.x) / (double) square->size.width * data->n), data->n - 1);
  *row =
      MIN ((guint) ((y - (double) square->origin.y) / (double) square->size.height * data->n), data->n - 1);
  return TRUE;
}

/* --- Drawing ---------------------------------------------------------------------------- */

/* Closer similarities differ by how they were rounded. */
#define ALIKE 1e-6

void
eid_matrix_find_range (EidMatrixData *data)
{
  double least = INFINITY, greatest = -INFINITY;

  for (guint row = 0; row < data->n; row++)
    for (guint column = 0; column < data->n; column++)
      {
        const double value = (double) data->values[(gsize) row * data->n + column];

        if (row == column || !isfinite (value))
          continue;
        least = fmin (least, value);
        greatest = fmax (greatest, value);
      }
  data->least = -1;
  data->greatest = 1;
  if (greatest - least > ALIKE && greatest - least < 0.5)
    {
      data->least = least;
      data->greatest = greatest;
    }
}

/* -1 … 1 over the range. */
static double
place_in_range (const EidMatrixData *data, double value)
{
  return data->greatest > data->least
             ? CLAMP (2 * (value - data->least) / (data->greatest - data->least) - 1, -1, 1)
             : value;
}

GdkTexture *
eid_matrix_texture (const EidMatrixData *data)
{
  const gsize cells = (gsize) data->n * data->n;
  g_autofree guint8 *pixels = g_malloc (cells * 3);

  for (gsize i = 0; i < cells; i++)
    {
      const GdkRGBA colour = eid_diverging (place_in_range (data, (double) data->values[i]));

      pixels[3 * i] = (guint8) lroundf (colour.red * 255);
      pixels[3 * i + 1] = (guint8) lroundf (colour.green * 255);
      pixels[3 * i + 2] = (guint8) lroundf (colour.blue * 255);
    }
  return eid_texture_new (pixels, data->n, data->n, 3);
}

/* A line between classes and the name of each beside its rows, where it does not touch the one above. */
static void
draw_classes (GtkSnapshot *snapshot, const EidMatrixData *data, const EidMatrixLayout *layout,
              const EidPlotStyle *style)
{
  const double left = (double) layout->square.origin.x, top = (double) layout->square.origin.y;
  const double side = (double) layout->square.size.width, cell = side / data->n;
  const GdkRGBA ink = { 0, 0, 0, 0.35f }, text = eid_plot_faint (style, 0.8f);
  double taken = -1e9;
  int line;

  eid_plot_text_size (style, "0", EID_PLOT_SMALL, FALSE, NULL, &line);
  for (guint i = 0, end; i < data->n; i = end)
    {
      const double middle = top + cell * (i + (end = class_end (data, i))) / 2;
      g_autofree char *name = class_name (data, data->labels[i]);
      PangoLayout *label;

      if (end < data->n)
        {
          eid_plot_fill (snapshot, &ink, left, round (top + cell * end), side, 1);
          eid_plot_fill (snapshot, &ink, round (left + cell * end), top, 1, side);
        }
      if (middle - taken < line)
        continue;
      taken = middle;
      label = eid_plot_text (style, name, EID_PLOT_SMALL, FALSE);
      pango_layout_set_width (label, (int) (fmax (left - 1.5 * MARGIN, 1) * PANGO_SCALE));
      pango_layout_set_ellipsize (label, PANGO_ELLIPSIZE_END);
      pango_layout_set_alignment (label, PANGO_ALIGN_RIGHT);
      eid_plot_put (snapshot, label, left - MARGIN / 2.0, middle, 1, 0.5, &text);
    }
}

static void
draw_legend (GtkSnapshot *snapshot, const EidMatrixData *data, const EidMatrixLayout *layout,
             const EidPlotStyle *style)
{
  static const double ticks[] = { 1, 0.5, 0, -0.5, -1 };
  const double top = (double) layout->square.origin.y, height = (double) layout->square.size.height;
  const GdkRGBA text = eid_plot_faint (style, 0.8f);
  const graphene_rect_t bounds =
      GRAPHENE_RECT_INIT ((float) layout->bar, (float) top, BAR_WIDTH, (float) height);
  GskColorStop stops[G_N_ELEMENTS (ticks)];

  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      stops[i] = (GskColorStop){ (float) i / (G_N_ELEMENTS (ticks) - 1), eid_diverging (ticks[i]) };
      if (height > 80 || i % 2 == 0)
        {
          const gboolean whole = !(data->greatest > data->least) || data->greatest - data->least == 2;
          const double middle = (data->least + data->greatest) / 2, half = (data->greatest - data->least) / 2;
          g_autofree char *number =
              whole ? eid_format_tick (ticks[i], 0.5) : eid_format_tick (middle + ticks[i] * half, half / 2);

          eid_plot_put (snapshot, eid_plot_text (style, number, EID_PLOT_SMALL, FALSE),
                        layout->bar + BAR_WIDTH + MARGIN / 2.0, top + height * (1 - ticks[i]) / 2, 0,
                        0.5 - ticks[i] / 2, &text);
        }
    }
  eid_plot_gradient (snapshot, style, &bounds, stops, G_N_ELEMENTS (stops));
}

GskRenderNode *
eid_matrix_draw (const EidMatrixData *data, const EidMatrixLayout *layout, GdkTexture *texture,
                 const EidPlotStyle *style, double width, double height)
{
  g_autoptr (GtkSnapshot) snapshot = NULL;
  GdkRGBA edge = eid_plot_faint (style, 0.3f);
  GskRoundedRect outline;

  if (width < 8 || height < 8)
    return NULL;
  if (!texture)
    return eid_plot_empty (style, data->empty_text ? data->empty_text : _ ("No similarities yet"), width,
                           height);
  snapshot = gtk_snapshot_new ();
  if ((double) layout->square.size.width >= data->n)
    {
      const int side = (int) layout->square.size.width;
      g_autoptr (GdkTexture) cells = eid_texture_resample (texture, side, side);

      gtk_snapshot_append_texture (snapshot, cells, &layout->square);
    }
  else
    gtk_snapshot_append_texture (snapshot, texture, &layout->square);
  gsk_rounded_rect_init_from_rect (&outline, &layout->square, 0);
  gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                              (GdkRGBA[4]){ edge, edge, edge, edge });
  if (data->labels)
    draw_classes (snapshot, data, layout, style);
  draw_legend (snapshot, data, layout, style);
  return gtk_snapshot_to_node (snapshot);
}

void
eid_matrix_snapshot_cell (GtkSnapshot *snapshot, const EidMatrixData *data, const EidMatrixLayout *layout,
                          const EidPlotStyle *style, guint row, guint column, double width, double height)
{
  const double cell = (double) layout->square.size.width / data->n;
  const double x = (double) layout->square.origin.x + cell * (column + 0.5);
  const double y = (double) layout->square.origin.y + cell * (row + 0.5);
  const double value = (double) data->values[(gsize) row * data->n + column];
  const GdkRGBA ink = { 0, 0, 0, 0.6f };
  g_autofree char *number = eid_format_number (value);
  g_autofree char *heading = g_strdup_printf (_ ("cosine %s"), number);
  g_autofree char *one = eid_matrix_row_name (data, row), *other = eid_matrix_row_name (data, column);
  const EidReadoutLine lines[] = { { -1, one, NULL }, { -1, other, NULL } };

  eid_plot_fill (snapshot, &ink, (double) layout->square.origin.x, round (y),
                 (double) layout->square.size.width, 1);
  eid_plot_fill (snapshot, &ink, round (x), (double) layout->square.origin.y, 1,
                 (double) layout->square.size.height);
  eid_plot_readout (snapshot, style, heading, lines, G_N_ELEMENTS (lines), x, y, width, height);
}
