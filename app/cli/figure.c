/* figure.c: see figure.h. */
#include "app/cli/figure.h"

#include "app/cli/png.h"

#include "opencl/core/tensor.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

enum
{
  GAP = EID_FIGURE_GAP,
  TITLE_FONT = 15, /* pixels                                                  */
  FONT = 12,
  BAR_WIDTH = 160, /* of a colour scale                                       */
  BAR_HEIGHT = 12,
  LINE = 18, /* height of a line with a colour scale or with marks            */
  MARK_ROOM = 16,
};

/* Numbers between them are written without a decimal and without an exponent. */
#define SHORT         1e3
#define LARGEST_PLAIN 1e7

typedef enum
{
  WORDS,
  SCALE,
  SWATCH,
  MARK,
} EntryKind;

typedef struct
{
  EntryKind kind;
  EidScale scale;
  guint32 colour;
  gint number;
  char *least, *greatest, *text;
} Entry;

struct _EidFigureWords
{
  char *title, *subtitle;
  GPtrArray *legend; /* Entry                                                 */
  PangoContext *context;
  gboolean no_fonts; /* then nothing is written, nor measured                     */
};

static void
entry_clear (Entry *entry)
{
  g_free (entry->least);
  g_free (entry->greatest);
  g_free (entry->text);
}

static void
entry_free (gpointer data)
{
  entry_clear (data);
  g_free (data);
}

/* --- Text ----------------------------------------------------------------------- */

static PangoContext *
text_context (PangoFontMap *map)
{
  PangoContext *context = pango_font_map_create_context (map);
  cairo_font_options_t *options = cairo_font_options_create ();

  /* A picture is looked at anywhere: not in the colours of this screen's pixels. */
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  return context;
}

/* Whether there is a font at all; where there is none, that is said once. */
static gboolean
have_fonts (PangoContext *context)
{
  static gboolean told = FALSE;
  PangoFontDescription *any = pango_font_description_from_string ("Sans");
  g_autoptr (PangoFont) font = pango_context_load_font (context, any);

  pango_font_description_free (any);
  if (font == NULL && !told)
    g_message (_ ("Pictures get no labels, for there is no font on this machine. Install one (on Debian: apt "
                  "install fonts-dejavu-core)."));
  told = told || font == NULL;
  return font != NULL;
}

/* @markup in lines of @width pixels, as many as @height has room for; height 0: all of them. */
static PangoLayout *
make_layout (EidFigure *figure, const char *markup, guint size, guint width, guint height)
{
  PangoLayout *layout = pango_layout_new (figure->words->context);
  PangoFontDescription *font = pango_font_description_from_string ("Sans");

  pango_font_description_set_absolute_size (font, (double) size * PANGO_SCALE);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_width (layout, (int) width * PANGO_SCALE);
  if (height > 0)
    {
      pango_layout_set_height (layout, (int) height * PANGO_SCALE);
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
    }
  pango_layout_set_markup (layout, markup, -1);
  return layout;
}

/* Of names of files and classes, which may hold anything. Free. */
static char *
to_markup (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (char *c = valid; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
  return g_markup_escape_text (valid, -1);
}

static PangoLayout *
plain_layout (EidFigure *figure, const char *text, guint width, guint height)
{
  g_autofree char *markup = to_markup (text);

  return make_layout (figure, markup, FONT, width, height);
}

/* At @x, @y from the surface's corner. Returns how high it is; without @cr it is measured alone. */
static int
show_layout (EidFigure *figure, cairo_t *cr, PangoLayout *layout, int x, int y)
{
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  if (cr == NULL)
    return height;
  cairo_set_source_rgb (cr, .1, .1, .1);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr); /* what is drawn next does not begin at the words */
  return height;
}

static int
show_text (EidFigure *figure, cairo_t *cr, const char *text, int x, int y, int width)
{
  g_autoptr (PangoLayout) layout = plain_layout (figure, text, (guint) MAX (width, 1), 0);

  return show_layout (figure, cr, layout, x, y);
}

void
eid_figure_put_text (EidFigure *figure, const char *text, int x, int y, guint width, guint height,
                     EidTextPlace place)
{
  g_autoptr (PangoLayout) layout = NULL;
  int high;

  if (figure->words->no_fonts)
    return;
  layout = plain_layout (figure, text, width, height);
  pango_layout_set_alignment (layout, place == EID_TEXT_LEFT ? PANGO_ALIGN_LEFT
                                      : place == EID_TEXT_RIGHT || place == EID_TEXT_ABOVE_RIGHT
                                          ? PANGO_ALIGN_RIGHT
                                          : PANGO_ALIGN_CENTER);
  pango_layout_get_pixel_size (layout, NULL, &high);
  if (place == EID_TEXT_ABOVE || place == EID_TEXT_ABOVE_RIGHT)
    y += (int) height - high;
  else if (place != EID_TEXT_BELOW)
    y += ((int) height - high) / 2;
  show_layout (figure, figure->cr, layout, x, y);
}

char *
eid_figure_number (double value)
{
  const double magnitude = fabs (value);
  g_autofree char *digits =
      g_strdup_printf (magnitude >= SHORT && magnitude < LARGEST_PLAIN ? "%'.0f" : "%.3g", magnitude);

  return g_strconcat (value < 0 ? "−" : "", digits, NULL);
}

/* --- The legend ------------------------------------------------------------------- */

static void
add_entry (EidFigure *figure, Entry entry)
{
  if (!figure->words->no_fonts)
    g_ptr_array_add (figure->words->legend, g_memdup2 (&entry, sizeof entry));
  else
    entry_clear (&entry);
}

void
eid_figure_add_words (EidFigure *figure, const char *text)
{
  add_entry (figure, (Entry){ .kind = WORDS, .text = g_strdup (text) });
}

void
eid_figure_add_scale (EidFigure *figure, EidScale scale, const char *least, const char *greatest,
                      const char *text)
{
  add_entry (figure, (Entry){ .kind = SCALE,
                              .scale = scale,
                              .least = g_strdup (least),
                              .greatest = g_strdup (greatest),
                              .text = g_strdup (text) });
}

void
eid_figure_add_swatch (EidFigure *figure, guint32 colour, const char *text)
{
  add_entry (figure, (Entry){ .kind = SWATCH, .colour = colour, .text = g_strdup (text) });
}

void
eid_figure_add_mark (EidFigure *figure, gint number, const char *name)
{
  add_entry (figure, (Entry){ .kind = MARK, .number = number, .text = g_strdup (name) });
}

static void
use_colour (cairo_t *cr, guint32 colour)
{
  cairo_set_source_rgb (cr, (colour >> 16) / 255.0, (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
}

static void
draw_bar (cairo_t *cr, EidScale scale, int x, int y)
{
  for (int i = 0; i < BAR_WIDTH; i++)
    {
      use_colour (cr, eid_scale_colour (scale, i / (double) (BAR_WIDTH - 1)));
      cairo_rectangle (cr, x + i, y, 1, BAR_HEIGHT);
      cairo_fill (cr);
    }
  cairo_set_line_width (cr, 1);
  cairo_set_source_rgb (cr, .6, .6, .6);
  cairo_rectangle (cr, x - .5, y - .5, BAR_WIDTH + 1, BAR_HEIGHT + 1);
  cairo_stroke (cr);
}

/* "0 ▆▆▆▆ 0.42", and below it what that is. */
static int
lay_scale (EidFigure *figure, cairo_t *cr, const Entry *entry, int y, int width)
{
  g_autoptr (PangoLayout) least = plain_layout (figure, entry->least, (guint) width, 0);
  g_autoptr (PangoLayout) greatest = plain_layout (figure, entry->greatest, (guint) width, 0);
  int before, high;

  pango_layout_get_pixel_size (least, &before, &high);
  if (cr != NULL)
    {
      const int x = GAP + before + 6, down = (LINE - high) / 2;

      show_layout (figure, cr, least, GAP, y + down);
      draw_bar (cr, entry->scale, x, y + (LINE - BAR_HEIGHT) / 2);
      show_layout (figure, cr, greatest, x + BAR_WIDTH + 6, y + down);
    }
  return LINE + show_text (figure, cr, entry->text, GAP, y + LINE, width);
}

static int
lay_swatch (EidFigure *figure, cairo_t *cr, const Entry *entry, int y, int width)
{
  if (cr != NULL)
    {
      use_colour (cr, entry->colour);
      cairo_rectangle (cr, GAP, y + 2, BAR_HEIGHT, BAR_HEIGHT);
      cairo_fill (cr);
    }
  return MAX (show_text (figure, cr, entry->text, GAP + MARK_ROOM + 4, y, width - MARK_ROOM - 4), LINE - 2);
}

/* Marks from entry *@i on flow in lines. */
static int
lay_marks (EidFigure *figure, cairo_t *cr, guint *i, int top, int width)
{
  GPtrArray *legend = figure->words->legend;
  int x = GAP, y = top, line = LINE;

  for (; *i < legend->len && ((Entry *) legend->pdata[*i])->kind == MARK; (*i)++)
    {
      const Entry *entry = legend->pdata[*i];
      g_autoptr (PangoLayout) name =
          plain_layout (figure, entry->text, (guint) MAX (width - MARK_ROOM, 1), 0);
      int wide, high;

      pango_layout_get_pixel_size (name, &wide, &high);
      if (x > GAP && x + MARK_ROOM + wide > GAP + width)
        {
          x = GAP;
          y += line;
          line = LINE;
        }
      if (cr != NULL)
        eid_mark_draw (cr, entry->number, x + 5, y + 8, 5);
      show_layout (figure, cr, name, x + MARK_ROOM, y + MAX ((LINE - 2 - high) / 2, 0));
      line = MAX (line, high + 2);
      x += MARK_ROOM + wide + 2 * GAP;
    }
  return y + line - top;
}

/* Returns how high the legend is; without @cr it is measured alone. */
static int
lay_legend (EidFigure *figure, cairo_t *cr, int top, int page)
{
  GPtrArray *legend = figure->words->legend;
  const int width = page - 2 * GAP;
  int y = top;

  for (guint i = 0; i < legend->len;)
    {
      const Entry *entry = legend->pdata[i];

      if (entry->kind == MARK)
        y += lay_marks (figure, cr, &i, y, width);
      else
        {
          y += entry->kind == SCALE    ? lay_scale (figure, cr, entry, y, width)
               : entry->kind == SWATCH ? lay_swatch (figure, cr, entry, y, width)
                                       : show_text (figure, cr, entry->text, GAP, y, width);
          i++;
        }
      y += GAP;
    }
  return y - top;
}

/* --- The figure -------------------------------------------------------------------- */

EidFigure *
eid_figure_new (const char *title, const char *subtitle)
{
  EidFigure *figure = g_new0 (EidFigure, 1);

  figure->words = g_new0 (struct _EidFigureWords, 1);
  figure->words->title = to_markup (title);
  figure->words->subtitle = to_markup (subtitle != NULL ? subtitle : "");
  figure->words->legend = g_ptr_array_new_with_free_func (entry_free);
  figure->words->context = text_context (pango_cairo_font_map_get_default ());
  figure->words->no_fonts = !have_fonts (figure->words->context);
  return figure;
}

static void
draw_title (EidFigure *figure, int page)
{
  g_autofree char *markup = g_strdup_printf ("<b>%s</b>\n<span size=\"small\">%s</span>",
                                             figure->words->title, figure->words->subtitle);
  g_autoptr (PangoLayout) layout =
      make_layout (figure, markup, TITLE_FONT, (guint) page - 2 * GAP, EID_FIGURE_TITLE - GAP);

  show_layout (figure, figure->cr, layout, GAP, GAP);
}

gboolean
eid_figure_lay_out (EidFigure *figure, guint left, guint top, guint width, guint height, const char *file,
                    GError **error)
{
  const guint page = MAX (left + width, EID_FIGURE_WIDTH);
  const guint foot = EID_FIGURE_TITLE + top + height + (figure->words->legend->len > 0 ? GAP : 0);
  const guint whole = foot + (guint) lay_legend (figure, NULL, (int) foot, (int) page);

  if (page > EID_FIGURE_MOST || whole > EID_FIGURE_MOST)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED,
                   _ ("%s would be %'u × %'u pixels, and at most %'d a side can be written. Name fewer "
                      "pictures."),
                   file, page, whole, EID_FIGURE_MOST);
      return FALSE;
    }
  figure->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) page, (int) whole);
  figure->cr = cairo_create (figure->surface);
  figure->x = left;
  figure->y = EID_FIGURE_TITLE + top;
  cairo_set_source_rgb (figure->cr, 1, 1, 1);
  cairo_paint (figure->cr);
  if (!figure->words->no_fonts)
    draw_title (figure, (int) page);
  lay_legend (figure, figure->cr, (int) foot, (int) page);
  cairo_translate (figure->cr, figure->x, figure->y);
  return TRUE;
}

gboolean
eid_figure_write (EidFigure *figure, const char *file, GError **error)
{
  gboolean written = eid_png_write (g_steal_pointer (&figure->surface), file, error);

  eid_figure_free (figure);
  return written;
}

void
eid_figure_free (EidFigure *figure)
{
  if (figure == NULL)
    return;
  g_clear_pointer (&figure->cr, cairo_destroy);
  g_clear_pointer (&figure->surface, cairo_surface_destroy);
  g_ptr_array_unref (figure->words->legend);
  g_object_unref (figure->words->context);
  g_free (figure->words->title);
  g_free (figure->words->subtitle);
  g_free (figure->words);
  g_free (figure);
}
