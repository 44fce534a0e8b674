/* own-draw.c: see own-draw.h. */
#include "app/cli/own-draw.h"

#include "app/cli/figure.h"
#include "app/cli/pictures.h"
#include "app/cli/plot.h"

#include <glib/gi18n-lib.h>
#include <math.h>

enum
{
  COLUMNS = 8,   /* pictures in a row                          */
  PICTURE = 112, /* pixels a side, at least, of a small one    */
  MATRIX = 512,  /* of a small matrix                          */
  PLOT_WIDTH = 640,
  PLOT_HEIGHT = 480,
  MARGIN = 16,
  GAP = EID_FIGURE_GAP,
  STRIP = 56, /* for the numbers of a matrix's rows            */
  LINE = 20,
  MOST_SIDE = 8192
};

/* A figure called as the view is. */
static EidFigure *
figure_of (EidSetup *setup, const EidShownView *shown)
{
  g_autofree char *run = eid_draw_subtitle (setup, FALSE);
  /* TRANSLATORS: the name a plugin gave to a view, and the title of the plugin's objective. */
  g_autofree char *title = g_strdup_printf (_ ("%s, published with %s"), shown->view->name,
                                            eid_model_objective (setup->model)->title);

  return eid_figure_new (title, run);
}

/* A square of @side pixels. */
static void
fill (const EidFigure *figure, guint left, guint top, guint side, guint32 colour)
{
  guint8 *data = cairo_image_surface_get_data (figure->surface);
  const gsize stride = (gsize) cairo_image_surface_get_stride (figure->surface);

  for (guint y = figure->y + top; y < figure->y + top + side; y++)
    for (guint x = figure->x + left; x < figure->x + left + side; x++)
      ((guint32 *) (gpointer) (data + y * stride))[x] = colour;
}

static void
add_scale (EidFigure *figure, EidScale scale, double least, double greatest, const char *text)
{
  g_autofree char *from = eid_figure_number (least), *to = eid_figure_number (greatest);

  eid_figure_add_scale (figure, scale, from, to, text);
}

/* --- Pictures -------------------------------------------------------------------------- */

gboolean
eid_draw_own_pictures (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                       GError **error)
{
  const EidShape shape = shown->view->shape;
  const gboolean heat = shown->view->kind == EID_VIEW_MAPS;
  const guint height = shape.dim[1], width = shape.dim[2], channels = heat ? 1 : shape.dim[3];
  const guint scale = MAX (PICTURE / MAX (height, width), 1);
  const guint across = MIN (shape.dim[0], COLUMNS), step_x = width * scale + GAP,
              step_y = height * scale + EID_FIGURE_CAPTION + GAP;
  const guint most = MAX (MOST_SIDE / step_y, 1) * across, count = MIN (shape.dim[0], most);
  const gboolean named = labels != NULL && g_strv_length (labels) == shape.dim[0];
  const guint8 *pixel = shown->pixels;
  g_autoptr (EidFigure) figure = figure_of (setup, shown);

  if (heat)
    add_scale (figure, EID_SCALE_VIRIDIS, shown->least, shown->greatest,
               _ ("values of the maps, all on one scale"));
  if (count < shape.dim[0])
    {
      g_autofree char *left_out =
          g_strdup_printf (_ ("The first %'u of %'u are shown."), count, (guint) shape.dim[0]);

      eid_figure_add_words (figure, left_out);
    }
  if (!eid_figure_lay_out (figure, 0, 0, across * step_x + GAP, (count + across - 1) / across * step_y + GAP,
                           file, error))
    return FALSE;
  cairo_surface_flush (figure->surface);
  for (guint i = 0; i < count; i++)
    for (guint y = 0; y < height; y++)
      for (guint x = 0; x < width; x++, pixel += channels)
        fill (figure, GAP + i % across * step_x + x * scale, GAP + i / across * step_y + y * scale, scale,
              heat ? eid_scale_colour (EID_SCALE_VIRIDIS, pixel[0] / 255.0)
                   : (guint32) pixel[0] << 16 | (guint32) pixel[MIN (1, channels - 1)] << 8
                         | pixel[MIN (2, channels - 1)]);
  cairo_surface_mark_dirty (figure->surface);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *number = g_strdup_printf ("%'u", i + 1);

      eid_figure_put_text (figure, named && *labels[i] != '\0' ? labels[i] : number,
                           (int) (GAP + i % across * step_x),
                           (int) (GAP + i / across * step_y + height * scale), width * scale,
                           EID_FIGURE_CAPTION, EID_TEXT_BELOW);
    }
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

/* --- Matrices -------------------------------------------------------------------------- */

/* The numbers of the first and the last row and column. */
static void
put_numbers (EidFigure *figure, guint rows, guint columns, guint side)
{
  g_autofree char *last_row = g_strdup_printf ("%'u", rows), *last_column = g_strdup_printf ("%'u", columns);

  eid_figure_put_text (figure, "1", GAP - STRIP, 0, STRIP - 2 * GAP, LINE, EID_TEXT_RIGHT);
  if (rows * side >= 2 * LINE)
    eid_figure_put_text (figure, last_row, GAP - STRIP, (int) (rows * side) - LINE, STRIP - 2 * GAP, LINE,
                         EID_TEXT_RIGHT);
  eid_figure_put_text (figure, "1", 0, -LINE, STRIP, LINE, EID_TEXT_LEFT);
  if (columns * side >= 2 * STRIP)
    eid_figure_put_text (figure, last_column, (int) (columns * side) - STRIP, -LINE, STRIP, LINE,
                         EID_TEXT_RIGHT);
}

gboolean
eid_draw_own_matrix (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                     GError **error)
{
  const guint rows = shown->view->shape.dim[0], columns = shown->view->shape.dim[1];
  const guint side = MAX (MATRIX / MAX (rows, columns), 1);
  const double most = fmax (-shown->least, shown->greatest), range = shown->greatest - shown->least;
  const gboolean diverges = shown->least < 0 && shown->greatest > 0;
  g_autoptr (EidFigure) figure = figure_of (setup, shown);
  g_autofree char *shape =
      shown->view->tokens != NULL ? g_strdup_printf (
          _ ("%'u rows: the tokens that look. %'u columns: the tokens looked at. Attention is the "
             "mean of the last layer’s heads."),
          rows, columns)
                                  : g_strdup_printf (_ ("%'u rows and %'u columns"), rows, columns);

  if (diverges)
    add_scale (figure, EID_SCALE_DIVERGING, -most, most, shape);
  else
    add_scale (figure, EID_SCALE_VIRIDIS, shown->least, shown->greatest, shape);
  if (!eid_figure_lay_out (figure, STRIP, LINE, columns * side + GAP, rows * side + GAP, file, error))
    return FALSE;
  cairo_surface_flush (figure->surface);
  for (guint i = 0; i < rows * columns; i++)
    {
      const double value = (double) shown->view->values[i];

      fill (figure, i % columns * side, i / columns * side, side,
            diverges ? eid_scale_colour (EID_SCALE_DIVERGING, (value / most + 1) / 2)
                     : eid_scale_colour (EID_SCALE_VIRIDIS, range > 0 ? (value - shown->least) / range : 0));
    }
  cairo_surface_mark_dirty (figure->surface);
  put_numbers (figure, rows, columns, side);
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

/* --- Plots ------------------------------------------------------------------------------- */

static void
extent (const double *values, gsize count, double *least, double *greatest)
{
  *least = INFINITY;
  *greatest = -INFINITY;
  for (gsize i = 0; i < count; i++)
    if (isfinite (values[i]))
      {
        *least = fmin (*least, values[i]);
        *greatest = fmax (*greatest, values[i]);
      }
  if (!(*least < *greatest))
    {
      *least = isfinite (*least) ? *least - 1 : 0;
      *greatest = *least + 2;
    }
}

/* The axis over @values, with room at the edges. */
static EidPlotAxis
axis_over (const double *values, gsize count, guint pixels, const char *name)
{
  EidPlotAxis axis = { .name = name };
  double margin;

  extent (values, count, &axis.least, &axis.greatest);
  margin = (axis.greatest - axis.least) * MARGIN / (pixels - 2 * MARGIN);
  axis.least -= margin;
  axis.greatest += margin;
  return axis;
}

static double
place_on (const EidPlotAxis *axis, double value, guint pixels)
{
  return (value - axis->least) / (axis->greatest - axis->least) * pixels;
}

gboolean
eid_draw_own_points (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                     GError **error)
{
  const guint count = shown->view->shape.dim[0];
  const gint32 *groups = shown->view->groups;
  g_autofree char *first = eid_plot_axis_name (1, shown->explained[0]),
                  *second = eid_plot_axis_name (2, shown->explained[1]);
  const EidPlotAxis across = axis_over (shown->x, count, PLOT_WIDTH, first),
                    up = axis_over (shown->y, count, PLOT_HEIGHT, second);
  g_autoptr (EidFigure) figure = figure_of (setup, shown);
  gint most = -1;

  for (guint i = 0; groups != NULL && i < count; i++)
    most = MAX (most, groups[i]);
  for (gint group = 0; group <= MIN (most, EID_MARKS - 1); group++)
    {
      g_autofree char *name = g_strdup_printf (_ ("group %d"), group);

      eid_figure_add_mark (figure, group, name);
    }
  if (most >= EID_MARKS)
    eid_figure_add_words (figure, _ ("Further groups have the same marks again."));
  if (!eid_plot_begin (figure, PLOT_WIDTH, PLOT_HEIGHT, &across, &up, file, error))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (isfinite (shown->x[i]) && isfinite (shown->y[i]))
      eid_mark_draw (figure->cr, groups != NULL ? groups[i] : -1, place_on (&across, shown->x[i], PLOT_WIDTH),
                     PLOT_HEIGHT - place_on (&up, shown->y[i], PLOT_HEIGHT), 3);
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}

gboolean
eid_draw_own_series (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                     GError **error)
{
  const gsize count = shown->view->shape.dim[0];
  const gboolean logarithmic = shown->view->kind == EID_VIEW_SPECTRUM;
  g_autofree double *x = g_new (double, count), *y = g_new (double, count);
  g_autoptr (EidFigure) figure = figure_of (setup, shown);
  EidPlotAxis across, up;

  for (gsize i = 0; i < count; i++)
    {
      x[i] = (double) i;
      y[i] = logarithmic ? log10 ((double) shown->view->values[i]) : (double) shown->view->values[i];
    }
  across = (EidPlotAxis){ .name = _ ("number") };
  extent (x, count, &across.least, &across.greatest);
  up = axis_over (y, count, PLOT_HEIGHT, logarithmic ? _ ("value (logarithmic)") : _ ("value"));
  up.logarithmic = logarithmic;
  if (!eid_plot_begin (figure, PLOT_WIDTH, PLOT_HEIGHT, &across, &up, file, error))
    return FALSE;
  cairo_set_line_width (figure->cr, 2);
  cairo_set_source_rgb (figure->cr, .00, .45, .70);
  for (gsize i = 0; i < count; i++)
    if (isfinite (y[i]))
      cairo_line_to (figure->cr, place_on (&across, x[i], PLOT_WIDTH),
                     PLOT_HEIGHT - place_on (&up, y[i], PLOT_HEIGHT));
    else
      cairo_new_sub_path (figure->cr);
  cairo_stroke (figure->cr);
  return eid_figure_write (g_steal_pointer (&figure), file, error);
}
