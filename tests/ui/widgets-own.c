/* widgets-own.c: the drawing of plugins' own views: where tokens stand and what colour they have, which
 * colour a cell of a matrix has. No display.
 */
#include "tests/ui/surface.h"

#include "ui/matrix/heat-map.h"
#include "ui/text/token-strip.h"

#include <math.h>
#include <string.h>

static void
assert_colour (guint32 pixel, GdkRGBA expected)
{
  const float parts[] = { expected.red, expected.green, expected.blue };

  for (int c = 0; c < 3; c++)
    if (ABS ((int) (pixel >> (16 - 8 * c) & 255) - (int) lroundf (parts[c] * 255)) > 3)
      g_error ("the pixel is %06x, and not %02lx%02lx%02lx", pixel, lroundf (parts[0] * 255),
               lroundf (parts[1] * 255), lroundf (parts[2] * 255));
}

/* --- Tokens ------------------------------------------------------------------------------- */

static const char *const words[] = { "one", " ", "two", "\n", "three", NULL };

/* "one two two … \n three", one passage of @length. */
static EidTokenStripData
strip_of (const gint32 *tokens, const double *values, guint length)
{
  EidTokenStripData data = { 0 };
  g_autofree gint32 *predicted = g_new0 (gint32, 2 * length);
  g_autofree double *chances = g_new0 (double, 2 * length);

  for (guint i = 0; i < length; i++)
    {
      predicted[2 * i] = 4;
      chances[2 * i] = 0.75;
    }
  g_assert_true (eid_token_strip_data_set (&data, &(EidTokens){ .count = 1,
                                                                .length = length,
                                                                .words = words,
                                                                .tokens = tokens,
                                                                .values = values,
                                                                .least = 0,
                                                                .greatest = 1,
                                                                .few = 2,
                                                                .predicted = predicted,
                                                                .chances = chances }));
  return data;
}

static void
a_token_stands_on_the_colour_of_its_number (void)
{
  static const gint32 tokens[] = { 0, 1, 2, 1 };
  static const double values[] = { NAN, 0, 0.5, 1 };
  EidPlotStyle style = test_style ();
  EidTokenStripData data = strip_of (tokens, values, 4);
  EidTokenStripLayout layout = eid_token_strip_layout (&data, &style, WIDTH);
  cairo_surface_t *surface = test_surface_of (eid_token_strip_draw (&data, &layout, &style, WIDTH, HEIGHT));

  /* Along the upper edge no letter stands. */
  for (guint i = 0; i < 4; i++)
    {
      const graphene_rect_t *place = &layout.places[i];
      const guint32 pixel =
          test_pixel (surface, (int) ceilf (place->origin.x) + 1, (int) ceilf (place->origin.y));

      assert_colour (pixel, isnan (values[i]) ? (GdkRGBA){ 1, 1, 1, 1 } : eid_viridis (values[i]));
    }
  g_assert_cmpint (eid_token_strip_at (&data, &layout, (double) layout.places[2].origin.x + 2,
                                       (double) layout.places[2].origin.y + 2),
                   ==, 2);
  g_assert_cmpint (eid_token_strip_at (&data, &layout, 1, 1), ==, -1);
  cairo_surface_destroy (surface);
  eid_token_strip_layout_clear (&layout);
  eid_token_strip_data_clear (&data);
  eid_plot_style_clear (&style);
}

/* Lines end where the text's do, and else between words. */
static void
lines_break_at_ends_and_between_words (void)
{
  static const gint32 tokens[] = { 0, 1, 2, 3, 4, 1, 0, 2, 1, 4 };
  static const double values[10] = { 0 };
  EidPlotStyle style = test_style ();
  EidTokenStripData data = strip_of (tokens, values, 10);
  EidTokenStripLayout wide = eid_token_strip_layout (&data, &style, 2000);
  const double second = (double) (wide.places[7].origin.x + wide.places[7].size.width);
  EidTokenStripLayout narrow = eid_token_strip_layout (&data, &style, second + 12 - 2);

  g_assert_cmpfloat (wide.places[0].origin.y, ==, wide.places[3].origin.y);
  g_assert_cmpfloat (wide.places[4].origin.y, >, wide.places[3].origin.y); /* after the end of a line */
  g_assert_cmpfloat (wide.places[9].origin.y, ==, wide.places[4].origin.y);
  /* “onetwo” are one word, which does not fit: both go down, “three” before them does not. */
  g_assert_cmpfloat (narrow.places[4].origin.y, ==, wide.places[4].origin.y);
  g_assert_cmpfloat (narrow.places[6].origin.y, >, narrow.places[4].origin.y);
  g_assert_cmpfloat (narrow.places[7].origin.y, ==, narrow.places[6].origin.y);
  g_assert_cmpfloat (narrow.places[6].origin.x, ==, narrow.places[0].origin.x);
  g_assert_cmpfloat (narrow.height, >, wide.height);
  /* Down from the first line, and back. */
  g_assert_cmpuint (eid_token_strip_beside (&data, &wide, 0, TRUE), ==, 4);
  g_assert_cmpuint (eid_token_strip_beside (&data, &wide, 4, FALSE), ==, 0);
  g_assert_cmpuint (eid_token_strip_beside (&data, &wide, 0, FALSE), ==, 0);
  eid_token_strip_layout_clear (&wide);
  eid_token_strip_layout_clear (&narrow);
  eid_token_strip_data_clear (&data);
  eid_plot_style_clear (&style);
}

static void
a_token_is_told_with_what_was_likely (void)
{
  static const gint32 tokens[] = { 0, 1, 3 };
  static const double values[] = { 0.25, 0.5, NAN };
  EidTokenStripData data = strip_of (tokens, values, 3);
  g_autofree char *first = eid_token_strip_tell (&data, 0), *space = eid_token_strip_tell (&data, 1);
  g_autofree char *end = eid_token_strip_tell (&data, 2), *all = eid_token_strip_tell (&data, -1);

  g_assert_cmpstr (first, ==,
                   "“one”  0.250; likeliest “three” 75.0\u00a0%"); /* and not the one of no chance */
  g_assert_true (g_str_has_prefix (space, "space  0.500"));
  g_assert_true (g_str_has_prefix (end, "end of line;"));
  g_assert_cmpstr (all, ==, "3 tokens, mean 0.375");
  eid_token_strip_data_clear (&data);
}

/* Blanks within a token and alone, whatever they are. */
static void
blanks_are_seen (void)
{
  static const char *const cases[][2] = {
    { " ", "·" },       { "\n", "↵" }, { "\t", "⇥" }, { "\r\n", "␍↵" },
    { " the", "·the" }, { "e", "e" },  { "", "∅" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *visible = eid_token_visible (cases[i][0]);

      g_assert_cmpstr (visible, ==, cases[i][1]);
    }
}

static void
tokens_that_do_not_fit_are_none (void)
{
  static const gint32 good[] = { 0, 1 }, beyond[] = { 0, 5 }, negative[] = { 0, -1 };
  static const double values[] = { 0, 1 };
  const struct
  {
    const gint32 *tokens;
    guint count;
    gboolean fits;
  } cases[] = {
    { good, 1, TRUE }, { beyond, 1, FALSE }, { negative, 1, FALSE }, { good, 0, FALSE }, { NULL, 1, FALSE }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      EidTokenStripData data = { 0 };

      g_assert_cmpint (eid_token_strip_data_set (&data, &(EidTokens){ .count = cases[i].count,
                                                                      .length = 2,
                                                                      .words = words,
                                                                      .tokens = cases[i].tokens,
                                                                      .values = values }),
                       ==, cases[i].fits);
      g_assert_cmpint (data.tokens != NULL, ==, cases[i].fits);
      eid_token_strip_data_clear (&data);
    }
}

/* --- Heat maps -------------------------------------------------------------------------------- */

/* Rows go down, columns across, cells are square, and their colours are those of the scale. */
static void
a_cell_has_the_colour_of_its_number (void)
{
  static float values[] = { 0, 0.25f, 0.5f, 0.75f, 1, NAN };
  EidPlotStyle style = test_style ();
  EidHeatMapData data = { .rows = 2, .columns = 3, .values = values, .least = 0, .greatest = 1 };
  EidHeatMapLayout layout = eid_heat_map_layout (&data, &style, WIDTH, HEIGHT);
  g_autoptr (GdkTexture) texture = eid_heat_map_texture (&data);
  cairo_surface_t *surface =
      test_surface_of (eid_heat_map_draw (&data, &layout, texture, &style, WIDTH, HEIGHT));
  const double side = (double) layout.cells.size.width / 3;

  g_assert_cmpfloat_with_epsilon ((double) layout.cells.size.height / 2, side, 1);
  for (guint i = 0; i < 6; i++)
    {
      const double x = (double) layout.cells.origin.x + side * (i % 3 + 0.5);
      const double y = (double) layout.cells.origin.y + side * (i / 3 + 0.5);
      guint row, column;

      assert_colour (test_pixel (surface, (int) x, (int) y),
                     isnan (values[i]) ? (GdkRGBA){ 0.5f, 0.5f, 0.5f, 1 } : eid_viridis ((double) values[i]));
      g_assert_true (eid_heat_map_at (&data, &layout, x, y, &row, &column));
      g_assert_cmpuint (row * 3 + column, ==, i);
    }
  cairo_surface_destroy (surface);
  eid_plot_style_clear (&style);
}

/* White is 0, on whichever side there is more. */
static void
a_scale_about_nought_is_blue_and_red (void)
{
  const EidHeatMapData data = { .least = -1, .greatest = 2 };

  g_assert_cmpfloat (eid_heat_map_colour (&data, 0).red, ==, 1);
  g_assert_cmpfloat (eid_heat_map_colour (&data, 0).blue, ==, 1);
  g_assert_cmpfloat (eid_heat_map_colour (&data, 2).red, >, eid_heat_map_colour (&data, 2).blue);
  g_assert_cmpfloat (eid_heat_map_colour (&data, -1).blue, >, eid_heat_map_colour (&data, -1).red);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check (); /* without a display too: node types are made */
  g_test_add_func ("/tokens/colour", a_token_stands_on_the_colour_of_its_number);
  g_test_add_func ("/tokens/lines", lines_break_at_ends_and_between_words);
  g_test_add_func ("/tokens/blanks", blanks_are_seen);
  g_test_add_func ("/tokens/told", a_token_is_told_with_what_was_likely);
  g_test_add_func ("/tokens/none", tokens_that_do_not_fit_are_none);
  g_test_add_func ("/heat-map/colour", a_cell_has_the_colour_of_its_number);
  g_test_add_func ("/heat-map/diverging", a_scale_about_nought_is_blue_and_red);
  return g_test_run ();
}
