/* figure.h: a drawing with the words that explain it: a title above, headings and names around the picture
 * area, a legend below. Text is laid out by Pango, which finds a font for every script and needs no display.
 */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Sizes in pixels that do not depend on a font. */
enum
{
  EID_FIGURE_GAP = 8,
  EID_FIGURE_TITLE = 64,    /* height of the strip with the title           */
  EID_FIGURE_HEADINGS = 36, /* of the strip with the names of columns       */
  EID_FIGURE_CAPTION = 18,  /* of a line below a picture                    */
  EID_FIGURE_NAMES = 128,   /* width of the strip with the names of rows    */
  EID_FIGURE_WIDTH = 560,   /* at least, of the whole                       */
  EID_FIGURE_MOST = 32767,  /* pixels a side that cairo can draw            */
};

typedef enum
{
  EID_SCALE_VIRIDIS,
  EID_SCALE_DIVERGING, /* blue, white in the middle, red                    */
  EID_SCALE_GREY,
  EID_SCALE_RED,
  EID_SCALE_GREEN,
  EID_SCALE_BLUE,
} EidScale;

/* 0xRRGGBB of @share, 0 … 1; what is less or no number counts as 0. */
guint32 eid_scale_colour (EidScale scale, double share);

/* The mark of class or group @number in a scatter plot; below 0: of none. @radius is in pixels. There are
 * EID_MARKS different ones, which begin again after the last.                */
enum
{
  EID_MARKS = 30
};
void eid_mark_draw (cairo_t *cr, gint number, double x, double y, double radius);

typedef struct
{
  cairo_surface_t *surface; /* RGB24, white                                  */
  cairo_t *cr;              /* its origin is the picture area's upper left corner */
  guint x, y;               /* of that corner, in the surface                */
  struct _EidFigureWords *words;
} EidFigure;

typedef enum
{
  EID_TEXT_LEFT,        /* vertically in the middle                               */
  EID_TEXT_RIGHT,       /* the same                                               */
  EID_TEXT_CENTRE,      /* the same                                               */
  EID_TEXT_ABOVE,       /* centred, on the lower edge: names of columns           */
  EID_TEXT_ABOVE_RIGHT, /* the same at the right: what names the rows        */
  EID_TEXT_BELOW,       /* centred, at the upper edge: captions                   */
} EidTextPlace;

/* @subtitle, which may be NULL, says whose pictures they are. */
EidFigure *eid_figure_new (const char *title, const char *subtitle);

/* Entries of the legend, in their order, before eid_figure_lay_out(). */
void eid_figure_add_words (EidFigure *figure, const char *text);
void eid_figure_add_scale (EidFigure *figure, EidScale scale, const char *least, const char *greatest,
                           const char *text);
void eid_figure_add_swatch (EidFigure *figure, guint32 colour, const char *text);
void eid_figure_add_mark (EidFigure *figure, gint number, const char *name);

/* Makes the surface, with a picture area of @width × @height pixels, @left and @top pixels from the strip
 * with the title and the left edge, and draws all but the picture area. Errors: EID_ERROR_FAILED where it
 * would be larger than EID_FIGURE_MOST.                                              */
gboolean eid_figure_lay_out (EidFigure *figure, guint left, guint top, guint width, guint height,
                             const char *file, GError **error);

/* Puts @text into a box, in as many lines as there is room for; @x and @y are from the picture area's corner.
 */
void eid_figure_put_text (EidFigure *figure, const char *text, int x, int y, guint width, guint height,
                          EidTextPlace place);

/* Takes @figure. Errors as eid_png_write(). */
gboolean eid_figure_write (EidFigure *figure, const char *file, GError **error);

void eid_figure_free (EidFigure *figure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidFigure, eid_figure_free)

/* A number as a legend writes it: three significant digits at least, in the locale's way. Free. */
char *eid_figure_number (double value);

G_END_DECLS
