/* own-files.c: a table of the kinds of views that plugins publish, each with the files that hold it; see
 * own-files.h.                                                               */
#include "own-files.h"

#include "npy.h"
#include "png.h"

#include <cairo.h>
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
  GAP = 8,
  MOST_SIDE = 8192
};

/* --- Pixels -------------------------------------------------------------------------- */

/* Viridis, and blue over white to red, at even places. */
static const guint8 viridis[][3] = { { 68, 1, 84 },    { 71, 44, 122 },  { 59, 81, 139 },
                                     { 44, 113, 142 }, { 33, 144, 141 }, { 39, 173, 129 },
                                     { 92, 200, 99 },  { 170, 220, 50 }, { 253, 231, 37 } };
static const guint8 diverging[][3] = {
  { 33, 102, 172 }, { 103, 169, 207 }, { 255, 255, 255 }, { 239, 138, 98 }, { 178, 24, 43 }
};

static guint32
colour_of (const guint8 (*scale)[3], guint count, double share)
{
  /* The comparison is false for what is not a number, too. */
  const double place = (share > 0 ? MIN (share, 1) : 0) * (count - 1);
  const guint below = MIN ((guint) place, count - 2);
  guint32 colour = 0;

  for (guint c = 0; c < 3; c++)
    colour = colour << 8
             | (guint32) (scale[below][c] + (place - below) * (scale[below + 1][c] - scale[below][c]) + 0.5);
  return colour;
}

static cairo_surface_t *
paper (int width, int height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_destroy (cr);
  return surface;
}

/* A square of @side pixels. */
static void
fill (cairo_surface_t *surface, guint left, guint top, guint side, guint32 colour)
{
  guint8 *data = cairo_image_surface_get_data (surface);
  const gsize stride = (gsize) cairo_image_surface_get_stride (surface);

  for (guint y = top; y < top + side; y++)
    for (guint x = left; x < left + side; x++)
      ((guint32 *) (gpointer) (data + y * stride))[x] = colour;
}

static gboolean
save (cairo_surface_t *surface, const char *file, GError **error)
{
  cairo_surface_mark_dirty (surface);
  return eid_png_write (surface, file, error);
}

/* --- Pictures -------------------------------------------------------------------------- */

static gboolean
draw_pictures (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const EidShape shape = shown->view->shape;
  const gboolean heat = shown->view->kind == EID_VIEW_MAPS;
  const guint height = shape.dim[1], width = shape.dim[2], channels = heat ? 1 : shape.dim[3];
  const guint scale = MAX (PICTURE / MAX (height, width), 1);
  const guint across = MIN (shape.dim[0], COLUMNS), step_x = width * scale + GAP,
              step_y = height * scale + GAP;
  const guint most = MAX (MOST_SIDE / step_y, 1) * across, count = MIN (shape.dim[0], most);
  cairo_surface_t *surface =
      paper ((int) (across * step_x + GAP), (int) ((count + across - 1) / across * step_y + GAP));
  const guint8 *pixel = shown->pixels;

  cairo_surface_flush (surface);
  for (guint i = 0; i < count; i++)
    for (guint y = 0; y < height; y++)
      for (guint x = 0; x < width; x++, pixel += channels)
        fill (surface, GAP + i % across * step_x + x * scale, GAP + i / across * step_y + y * scale, scale,
              heat ? colour_of (viridis, G_N_ELEMENTS (viridis), pixel[0] / 255.0)
                   : (guint32) pixel[0] << 16 | (guint32) pixel[MIN (1, channels - 1)] << 8
                         | pixel[MIN (2, channels - 1)]);
  return save (surface, file, error);
}

static gboolean
draw_matrix (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const guint rows = shown->view->shape.dim[0], columns = shown->view->shape.dim[1];
  const guint side = MAX (MATRIX / MAX (rows, columns), 1);
  const double most = fmax (-shown->least, shown->greatest), range = shown->greatest - shown->least;
  const gboolean diverges = shown->least < 0 && shown->greatest > 0;
  cairo_surface_t *surface = paper ((int) (columns * side), (int) (rows * side));

  cairo_surface_flush (surface);
  for (guint i = 0; i < rows * columns && cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS; i++)
    {
      const double value = (double) shown->view->values[i];

      fill (surface, i % columns * side, i / columns * side, side,
            diverges ? colour_of (diverging, G_N_ELEMENTS (diverging), (value / most + 1) / 2)
                     : colour_of (viridis, G_N_ELEMENTS (viridis),
                                  range > 0 ? (value - shown->least) / range : 0));
    }
  return save (surface, file, error);
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

/* @x and @y of @count in a frame; a line through them, or a dot at each. */
static gboolean
plot (const double *x, const double *y, const gint32 *groups, gsize count, gboolean line, const char *file,
      GError **error)
{
  /* Okabe & Ito 2008, after black for what has no group. */
  static const double colours[][3] = { { 0, 0, 0 },       { .90, .62, .00 }, { .34, .71, .91 },
                                       { .00, .62, .45 }, { .94, .89, .26 }, { .00, .45, .70 },
                                       { .84, .37, .00 }, { .80, .47, .65 } };
  const double width = PLOT_WIDTH - 2 * MARGIN, height = PLOT_HEIGHT - 2 * MARGIN;
  cairo_surface_t *surface = paper (PLOT_WIDTH, PLOT_HEIGHT);
  cairo_t *cr = cairo_create (surface);
  double left, right, low, high;

  extent (x, count, &left, &right);
  extent (y, count, &low, &high);
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgb (cr, .6, .6, .6);
  cairo_rectangle (cr, MARGIN - 4.5, MARGIN - 4.5, width + 9, height + 9);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 2);
  cairo_set_source_rgb (cr, .00, .45, .70);
  for (gsize i = 0; i < count; i++)
    {
      const double px = MARGIN + (x[i] - left) / (right - left) * width;
      const double py = MARGIN + (high - y[i]) / (high - low) * height;
      const gint32 group = groups != NULL && groups[i] >= 0 ? groups[i] % 7 + 1 : groups != NULL ? 0 : 5;

      if (!isfinite (px) || !isfinite (py))
        cairo_new_sub_path (cr);
      else if (line)
        cairo_line_to (cr, px, py);
      else
        {
          cairo_set_source_rgb (cr, colours[group][0], colours[group][1], colours[group][2]);
          cairo_arc (cr, px, py, 3, 0, 2 * G_PI);
          cairo_fill (cr);
        }
    }
  cairo_stroke (cr);
  cairo_destroy (cr);
  return save (surface, file, error);
}

static gboolean
draw_points (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  return plot (shown->x, shown->y, shown->view->groups, shown->view->shape.dim[0], FALSE, file, error);
}

static gboolean
draw_series (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const gsize count = shown->view->shape.dim[0];
  const gboolean logarithmic = shown->view->kind == EID_VIEW_SPECTRUM;
  g_autofree double *x = g_new (double, count), *y = g_new (double, count);

  for (gsize i = 0; i < count; i++)
    {
      x[i] = (double) i;
      y[i] = logarithmic ? log10 ((double) shown->view->values[i]) : (double) shown->view->values[i];
    }
  return plot (x, y, NULL, count, TRUE, file, error);
}

/* --- Numbers ------------------------------------------------------------------------------- */

static void
add_number (GString *text, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

static gboolean
write_text (GString *text, const char *file, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const gboolean written = g_file_set_contents (file, text->str, (gssize) text->len, &failure);

  g_string_free (text, TRUE);
  if (!written)
    g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file, failure->message);
  return written;
}

static gboolean
write_array (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const float *const blocks[] = { shown->view->values };

  return eid_npy_write (file, shown->view->shape.dim, shown->view->shape.rank, blocks, 1,
                        eid_shape_count (shown->view->shape), error);
}

static gboolean
list_points (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  GString *table = g_string_new ("x,y,group\n");

  for (guint i = 0; i < shown->view->shape.dim[0]; i++)
    {
      add_number (table, shown->x[i]);
      g_string_append_c (table, ',');
      add_number (table, shown->y[i]);
      g_string_append_printf (table, ",%d\n", shown->view->groups != NULL ? shown->view->groups[i] : -1);
    }
  return write_text (table, file, error);
}

static gboolean
list_series (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  GString *table = g_string_new ("number,value\n");

  for (guint i = 0; i < shown->view->shape.dim[0]; i++)
    {
      g_string_append_printf (table, "%u,", i);
      add_number (table, (double) shown->view->values[i]);
      g_string_append_c (table, '\n');
    }
  return write_text (table, file, error);
}

/* --- Texts --------------------------------------------------------------------------------- */

/* A token that keeps to its line. */
static void
add_word (GString *text, EidSetup *setup, gint32 token)
{
  const char *word = eid_dataset_token (setup->test, (guint) MAX (token, 0));

  g_string_append (text, g_str_equal (word, "\n") ? "\\n" : g_str_equal (word, "\t") ? "\\t" : word);
}

/* Each passage as it reads, then a line for each of its tokens. */
static gboolean
list_tokens (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  const EidOwnView *view = shown->view;
  const guint count = view->shape.dim[0], length = view->shape.dim[1];
  const gboolean named = labels != NULL && g_strv_length (labels) == count;
  GString *text = g_string_new (NULL);

  for (guint passage = 0; passage < count; passage++)
    {
      g_string_append_printf (text, "# %s\n", named ? labels[passage] : "");
      for (guint i = 0; i < length; i++)
        g_string_append (
            text, eid_dataset_token (setup->test, (guint) MAX (view->tokens[passage * length + i], 0)));
      g_string_append (text, "\n\n");
      for (guint i = passage * length; i < (passage + 1) * length; i++)
        {
          add_word (text, setup, view->tokens[i]);
          g_string_append_c (text, '\t');
          add_number (text, (double) view->values[i]);
          for (guint k = 0; k < view->few; k++)
            if (view->chances[i * view->few + k] > 0)
              {
                g_string_append_c (text, '\t');
                add_word (text, setup, view->predicted[i * view->few + k]);
                g_string_append_c (text, ' ');
                add_number (text, (double) view->chances[i * view->few + k]);
              }
          g_string_append_c (text, '\n');
        }
      g_string_append_c (text, '\n');
    }
  return write_text (text, file, error);
}

static gboolean
copy_text (EidSetup *setup, const EidShownView *shown, char **labels, const char *file, GError **error)
{
  return write_text (g_string_new (shown->view->text), file, error);
}

/* --- All of them ------------------------------------------------------------------------------ */

typedef gboolean (*Write) (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                           GError **error);

static const struct
{
  const char *ending[2];
  Write write[2];
} files[] = {
  [EID_VIEW_IMAGES] = { { "png" }, { draw_pictures } },
  [EID_VIEW_MAPS] = { { "png", "npy" }, { draw_pictures, write_array } },
  [EID_VIEW_POINTS] = { { "png", "csv" }, { draw_points, list_points } },
  [EID_VIEW_SERIES] = { { "png", "csv" }, { draw_series, list_series } },
  [EID_VIEW_SPECTRUM] = { { "png", "csv" }, { draw_series, list_series } },
  [EID_VIEW_MATRIX] = { { "png", "npy" }, { draw_matrix, write_array } },
  [EID_VIEW_TOKENS] = { { "txt" }, { list_tokens } },
  [EID_VIEW_TEXT] = { { "txt" }, { copy_text } },
};

static gboolean
write_view (EidSetup *setup, const EidShownView *shown, char **labels, const char *folder,
            EidOwnFileFunc told, gpointer user_data, GError **error)
{
  const guint kind = shown->view->kind;

  if (shown->view->refused != NULL)
    {
      told (NULL, shown->view->refused, user_data);
      return TRUE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (files[kind].ending) && files[kind].ending[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("plugin-%s.%s", shown->view->name, files[kind].ending[i]);
      g_autofree char *file = g_build_filename (folder, name, NULL);

      if (!files[kind].write[i](setup, shown, labels, file, error))
        return FALSE;
      told (file, NULL, user_data);
    }
  return TRUE;
}

gboolean
eid_write_own_views (EidSetup *setup, const EidPictures *pictures, guint count, const char *folder,
                     EidOwnFileFunc told, gpointer user_data, GError **error)
{
  GError *failure = NULL;
  g_autoptr (EidOwnViews) own = eid_show_own (setup, pictures, count, EID_LAST_LAYER, &failure);

  if (g_error_matches (failure, EID_ERROR, EID_ERROR_USAGE))
    {
      g_error_free (failure);
      return TRUE;
    }
  if (own == NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  for (guint i = 0; i < own->views->len; i++)
    if (!write_view (setup, own->views->pdata[i], own->labels, folder, told, user_data, error))
      return FALSE;
  return TRUE;
}
