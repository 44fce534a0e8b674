/* colours.c: colour scales and the marks of classes, for what is drawn as PNG; see figure.h. */
#include "app/cli/figure.h"

#define MOST_STOPS 9

/* Colours at even places. */
static const struct
{
  guint count;
  guint8 stops[MOST_STOPS][3];
} scales[] = {
  /* van der Walt & Smith 2015 */
  [EID_SCALE_VIRIDIS] = { 9,
                          { { 68, 1, 84 },
                            { 71, 44, 122 },
                            { 59, 81, 139 },
                            { 44, 113, 142 },
                            { 33, 144, 141 },
                            { 39, 173, 129 },
                            { 92, 200, 99 },
                            { 170, 220, 50 },
                            { 253, 231, 37 } } },
  [EID_SCALE_DIVERGING] = { 5,
                            { { 33, 102, 172 },
                              { 103, 169, 207 },
                              { 255, 255, 255 },
                              { 239, 138, 98 },
                              { 178, 24, 43 } } },
  [EID_SCALE_GREY] = { 2, { { 0, 0, 0 }, { 255, 255, 255 } } },
  [EID_SCALE_RED] = { 2, { { 0, 0, 0 }, { 255, 0, 0 } } },
  [EID_SCALE_GREEN] = { 2, { { 0, 0, 0 }, { 0, 255, 0 } } },
  [EID_SCALE_BLUE] = { 2, { { 0, 0, 0 }, { 0, 0, 255 } } },
};

guint32
eid_scale_colour (EidScale scale, double share)
{
  const guint count = scales[scale].count;
  /* The comparison is false for what is not a number, too. */
  const double place = (share > 0 ? MIN (share, 1) : 0) * (count - 1);
  const guint below = MIN ((guint) place, count - 2);
  const double part = place - below;
  guint32 colour = 0;

  for (guint c = 0; c < 3; c++)
    colour = colour << 8
             | (guint32) (scales[scale].stops[below][c] * (1 - part)
                          + scales[scale].stops[below + 1][c] * part + 0.5);
  return colour;
}

/* Okabe & Ito 2008, and two darker ones. */
static const double mark_colours[][3] = {
  { .90, .62, .00 }, { .34, .71, .91 }, { .00, .62, .45 }, { .94, .89, .26 }, { .00, .45, .70 },
  { .84, .37, .00 }, { .80, .47, .65 }, { .35, .35, .35 }, { .55, .38, .00 }, { .20, .43, .55 },
};

/* What has no class. */
#define NO_MARK 7

void
eid_mark_draw (cairo_t *cr, gint number, double x, double y, double radius)
{
  const guint n = number < 0 ? NO_MARK : (guint) number % EID_MARKS;
  const double *colour = mark_colours[n % G_N_ELEMENTS (mark_colours)];

  cairo_set_source_rgb (cr, colour[0], colour[1], colour[2]);
  cairo_new_path (cr);
  switch (n / G_N_ELEMENTS (mark_colours))
    {
    case 0:
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      break;
    case 1:
      cairo_rectangle (cr, x - radius, y - radius, 2 * radius, 2 * radius);
      break;
    default:
      cairo_move_to (cr, x, y - 1.3 * radius);
      cairo_line_to (cr, x + 1.2 * radius, y + radius);
      cairo_line_to (cr, x - 1.2 * radius, y + radius);
      cairo_close_path (cr);
    }
  cairo_fill (cr);
}
