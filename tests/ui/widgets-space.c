/* widgets-space.c: the drawing of the space of features: what is in sight, what a lasso
 * holds, which colour a similarity has, how high a bar is. No display.
 */
#include "tests/ui/surface.h"

#include "ui/chart/bars.h"
#include "ui/matrix/matrix.h"
#include "ui/scatter/scatter.h"

#include <math.h>

static void
assert_colour (guint32 pixel, GdkRGBA expected, int tolerance)
{
  const float parts[] = { expected.red, expected.green, expected.blue };

  for (int c = 0; c < 3; c++)
    if (ABS ((int) (pixel >> (16 - 8 * c) & 255) - (int) lroundf (parts[c] * 255)) > tolerance)
      g_error ("the pixel is %06x, and not %02lx%02lx%02lx", pixel, lroundf (parts[0] * 255),
               lroundf (parts[1] * 255), lroundf (parts[2] * 255));
}

/* --- The map ---------------------------------------------------------------------------- */

static double corner_x[] = { 0, 10, 0, 10, 5 }, corner_y[] = { 0, 0, 10, 10, 5 };
static int corner_labels[] = { 0, 1, 2, 3, 4 };

static EidScatterData
corners (void)
{
  return (EidScatterData){ .x = corner_x, .y = corner_y, .labels = corner_labels, .n = 5 };
}

static void
zoom_keeps_the_middle_and_leaves_the_rest_out (void)
{
  EidPlotStyle style = test_style ();
  EidScatterData data = corners ();
  EidScatterLayout whole = eid_scatter_layout (&data, &style, WIDTH, HEIGHT), close;
  const double before = eid_axis_pixel (&whole.x, 6) - eid_axis_pixel (&whole.x, 5);
  cairo_surface_t *surface;

  g_assert_cmpuint (whole.in_sight, ==, 5);
  data.zoom = 4;
  data.middle_x = data.middle_y = 5;
  close = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_assert_cmpfloat_with_epsilon (eid_axis_pixel (&close.x, 6) - eid_axis_pixel (&close.x, 5), 4 * before,
                                  1e-6);
  g_assert_cmpuint (close.in_sight, ==, 1);
  surface = test_surface_of (eid_scatter_draw (&data, &close, &style, WIDTH, HEIGHT));
  assert_colour (test_pixel (surface, eid_axis_pixel (&close.x, 5), eid_axis_pixel (&close.y, 5)),
                 eid_category_colour (eid_scatter_slot (4), FALSE), 40);
  cairo_surface_destroy (surface);
  eid_plot_style_clear (&style);
}

/* What is left out is not drawn, not found, and not selected; the others stay where they are. */
static void
a_class_left_out_leaves_the_others_in_place (void)
{
  EidPlotStyle style = test_style ();
  EidScatterData data = corners ();
  EidScatterLayout before = eid_scatter_layout (&data, &style, WIDTH, HEIGHT), after;
  double x = eid_axis_pixel (&before.x, 10), y = eid_axis_pixel (&before.y, 10);
  cairo_surface_t *surface;

  data.hidden = g_hash_table_new (NULL, NULL);
  g_hash_table_add (data.hidden, GINT_TO_POINTER (3));
  after = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_assert_cmpfloat_with_epsilon (eid_axis_pixel (&after.x, 0), eid_axis_pixel (&before.x, 0), 1e-9);
  g_assert_cmpint (eid_scatter_at (&data, &before, x, y, 5), ==, -1);
  surface = test_surface_of (eid_scatter_draw (&data, &after, &style, WIDTH, HEIGHT));
  g_assert_cmphex (test_pixel (surface, x, y), ==, 0xffffff);
  cairo_surface_destroy (surface);
  g_hash_table_unref (data.hidden);
  eid_plot_style_clear (&style);
}

static void
few_points_are_pictures_on_the_colour_of_their_class (void)
{
  static const guint8 grey[5 * 4 * 4] = { 90, 90, 90 };
  EidPlotStyle style = test_style ();
  EidScatterData data = corners ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (grey, sizeof grey);
  GdkTexture *pictures[5];
  EidScatterLayout layout;
  cairo_surface_t *surface;
  double x, y;

  for (guint i = 0; i < 5; i++)
    pictures[i] = eid_texture_from_batch (bytes, i, 4, 1);
  data.pictures = pictures;
  layout = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_assert_cmpfloat (layout.pictures, >=, 16);
  x = round (eid_axis_pixel (&layout.x, 5));
  y = round (eid_axis_pixel (&layout.y, 5));
  surface = test_surface_of (eid_scatter_draw (&data, &layout, &style, WIDTH, HEIGHT));
  assert_colour (test_pixel (surface, x, y), (GdkRGBA){ 0, 0, 0, 1 }, 8);
  assert_colour (test_pixel (surface, x - layout.pictures / 2 + 1, y),
                 eid_category_colour (eid_scatter_slot (4), FALSE), 8);
  cairo_surface_destroy (surface);
  for (guint i = 0; i < 5; i++)
    g_object_unref (pictures[i]);
  eid_plot_style_clear (&style);
}

/* A square about each point in sight lies within the plot. */
static void
assert_within_frame (const EidScatterData *data, const EidScatterLayout *layout, double half)
{
  const graphene_rect_t *plot = &layout->plot;

  for (gsize i = 0; i < data->n; i++)
    {
      const double x = eid_axis_pixel (&layout->x, data->x[i]), y = eid_axis_pixel (&layout->y, data->y[i]);

      if (!eid_scatter_drawable (data, i))
        continue;
      g_assert_cmpfloat (x - half, >=, (double) plot->origin.x);
      g_assert_cmpfloat (x + half, <=, (double) plot->origin.x + (double) plot->size.width);
      g_assert_cmpfloat (y - half, >=, (double) plot->origin.y);
      g_assert_cmpfloat (y + half, <=, (double) plot->origin.y + (double) plot->size.height);
    }
}

/* Neither marks with their rings nor pictures, many or few, wide or high, and with classes left out. */
static void
nothing_is_cut_at_the_frame (void)
{
  enum
  {
    MOST = 60
  };
  static const guint8 grey[4 * 4] = { 90 };
  static const guint counts[] = { 1, 2, 5, 39, 41, MOST };
  static const int sizes[][2] = { { WIDTH, HEIGHT }, { 900, 300 }, { 260, 700 } };
  EidPlotStyle style = test_style ();
  double x[MOST], y[MOST];
  int labels[MOST];
  GdkTexture *pictures[MOST];
  g_autoptr (GBytes) bytes = g_bytes_new_static (grey, sizeof grey);
  g_autoptr (GdkTexture) picture = eid_texture_from_batch (bytes, 0, 4, 1);
  g_autoptr (GHashTable) hidden = g_hash_table_new (NULL, NULL);

  g_hash_table_add (hidden, GINT_TO_POINTER (1));
  for (guint i = 0; i < MOST; i++)
    {
      x[i] = 3 * cos (i * 2 * G_PI / MOST);
      y[i] = sin (i * 2 * G_PI / MOST);
      labels[i] = i % 2;
      pictures[i] = picture;
    }
  for (guint c = 0; c < G_N_ELEMENTS (counts); c++)
    for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
      for (guint how = 0; how < 8; how++)
        {
          const EidScatterData data = {
            .x = x,
            .y = y,
            .labels = labels,
            .n = counts[c],
            .pictures = how & 1 ? pictures : NULL,
            .show_pictures = (how & 2) != 0,
            .hidden = how & 4 ? hidden : NULL,
          };
          const EidScatterLayout layout = eid_scatter_layout (&data, &style, sizes[s][0], sizes[s][1]);

          assert_within_frame (&data, &layout, layout.pictures > 0 ? layout.pictures / 2 + 1 : 12);
        }
  eid_plot_style_clear (&style);
}

/* How many pixels of a rectangle are not white. */
static guint
count_ink (cairo_surface_t *surface, int left, int top, int right, int bottom)
{
  guint count = 0;

  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      count += test_pixel (surface, x, y) != 0xffffff;
  return count;
}

/* Titles are no longer than the sides that they stand at. */
static void
titles_are_no_longer_than_their_axes (void)
{
  EidPlotStyle style = test_style ();
  EidScatterData data = corners ();
  g_autofree char *words = g_strnfill (400, 'm');
  EidScatterLayout layout;
  cairo_surface_t *surface;
  int left, right, bottom;

  data.x_title = words;
  layout = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  /* A letter may lean out by a pixel. */
  left = (int) layout.plot.origin.x - 2;
  right = (int) ceilf (layout.plot.origin.x + layout.plot.size.width) + 2;
  bottom = (int) ceilf (layout.plot.origin.y + layout.plot.size.height) + 2;
  surface = test_surface_of (eid_scatter_draw (&data, &layout, &style, WIDTH, HEIGHT));
  g_assert_cmpuint (count_ink (surface, left, bottom, right, HEIGHT), >, 100);
  g_assert_cmpuint (count_ink (surface, 0, bottom, left, HEIGHT), ==, 0);
  g_assert_cmpuint (count_ink (surface, right, bottom, WIDTH, HEIGHT), ==, 0);
  cairo_surface_destroy (surface);

  data.x_title = NULL;
  data.y_title = words;
  surface = test_surface_of (eid_scatter_draw (&data, &layout, &style, WIDTH, HEIGHT));
  g_assert_cmpuint (count_ink (surface, 0, 0, left, HEIGHT), >, 100);
  g_assert_cmpuint (count_ink (surface, 0, 0, left, (int) layout.plot.origin.y - 2), ==, 0);
  g_assert_cmpuint (count_ink (surface, 0, bottom, left, HEIGHT), ==, 0);
  cairo_surface_destroy (surface);
  eid_plot_style_clear (&style);
}

static void
a_lasso_holds_what_lies_within (void)
{
  EidPlotStyle style = test_style ();
  EidScatterData data = corners ();
  EidScatterLayout layout = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_autoptr (GArray) lasso = g_array_new (FALSE, FALSE, sizeof (graphene_point_t));
  const double around[][2] = { { -1, -1 }, { 7, -1 }, { 7, 7 }, { -1, 7 } }; /* (0, 0) and (5, 5) */
  guint8 selected[5] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (around); i++)
    {
      const graphene_point_t corner = GRAPHENE_POINT_INIT ((float) eid_axis_pixel (&layout.x, around[i][0]),
                                                           (float) eid_axis_pixel (&layout.y, around[i][1]));

      g_array_append_val (lasso, corner);
    }
  g_assert_cmpuint (eid_scatter_within (&data, &layout, lasso, selected), ==, 2);
  g_assert_true (selected[0] && selected[4]);
  eid_plot_style_clear (&style);
}

static void
rings_are_about_a_point_and_its_neighbours (void)
{
  EidPlotStyle style = test_style ();
  EidScatterData data = corners ();
  EidScatterLayout layout = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (gint32));
  const gint32 other = 3;
  cairo_surface_t *surface;

  g_array_append_val (others, other);
  surface = test_surface_of (eid_scatter_draw_marks (&data, &layout, &style, 4, others, NULL));
  assert_colour (test_pixel (surface, eid_axis_pixel (&layout.x, 5) + 10, eid_axis_pixel (&layout.y, 5)),
                 style.foreground, 60);
  assert_colour (test_pixel (surface, eid_axis_pixel (&layout.x, 10) + 8, eid_axis_pixel (&layout.y, 10)),
                 style.foreground, 90);
  g_assert_cmphex (test_pixel (surface, eid_axis_pixel (&layout.x, 0) + 8, eid_axis_pixel (&layout.y, 0)), ==,
                   0xffffff);
  cairo_surface_destroy (surface);
  eid_plot_style_clear (&style);
}

/* --- Similarities -------------------------------------------------------------------------- */

static void
a_similarity_has_its_colour_and_its_place (void)
{
  EidPlotStyle style = test_style ();
  float values[] = { 1, -1, 0, -1, 1, 0.5f, 0, 0.5f, NAN };
  int labels[] = { 0, 0, 1 };
  EidMatrixData data = { .n = 3, .values = values, .labels = labels };
  EidMatrixLayout layout = eid_matrix_layout (&data, &style, WIDTH, HEIGHT);
  g_autoptr (GdkTexture) texture = eid_matrix_texture (&data);
  cairo_surface_t *surface =
      test_surface_of (eid_matrix_draw (&data, &layout, texture, &style, WIDTH, HEIGHT));
  const double left = (double) layout.square.origin.x, top = (double) layout.square.origin.y;
  const double cell = (double) layout.square.size.width / 3;
  double within, between;
  guint row, column;

  assert_colour (test_pixel (surface, left + cell * 0.5, top + cell * 0.4), eid_diverging (1), 2);
  assert_colour (test_pixel (surface, left + cell * 1.5, top + cell * 0.4), eid_diverging (-1), 2);
  assert_colour (test_pixel (surface, left + cell * 2.5, top + cell * 0.4), (GdkRGBA){ 1, 1, 1, 1 }, 2);
  assert_colour (test_pixel (surface, left + cell * 2.5, top + cell * 1.5), eid_diverging (0.5), 2);
  /* The legend goes from one end to the other. */
  assert_colour (test_pixel (surface, layout.bar + 6, top + 2), eid_diverging (1), 8);
  assert_colour (test_pixel (surface, layout.bar + 6, top + 3 * cell - 3), eid_diverging (-1), 8);
  cairo_surface_destroy (surface);

  g_assert_true (eid_matrix_at (&data, &layout, left + cell * 2.5, top + cell * 0.5, &row, &column));
  g_assert_cmpuint (row, ==, 0);
  g_assert_cmpuint (column, ==, 2);
  g_assert_false (eid_matrix_at (&data, &layout, left - 3, top + cell, &row, &column));
  eid_matrix_means (&data, &within, &between);
  g_assert_cmpfloat_with_epsilon (within, -1, 1e-9);
  g_assert_cmpfloat_with_epsilon (between, 0.25, 1e-9);
  eid_plot_style_clear (&style);
}

static void
blue_and_red_meet_in_white (void)
{
  assert_colour (0xffffff, eid_diverging (0), 0);
  assert_colour (0xffffff, eid_diverging (NAN), 0);
  g_assert_cmpfloat (eid_diverging (-0.8).blue, >, eid_diverging (-0.8).red);
  g_assert_cmpfloat (eid_diverging (0.8).red, >, eid_diverging (0.8).blue);
  assert_colour (0xb2182b, eid_diverging (7), 0);
}

/* --- Bars -------------------------------------------------------------------------------------- */

static void
bars_stand_sorted_as_high_as_their_shares (void)
{
  EidPlotStyle style = test_style ();
  const double values[] = { 0.1, 0.6, 0, 0.3, NAN };
  EidBarsData data = { .rule = 0.2, .bars = (char *) "share" };
  const GdkRGBA blue = eid_category_colour (5, FALSE);
  EidBarsLayout layout;
  cairo_surface_t *surface;
  double x;

  eid_bars_data_set (&data, values, NULL, G_N_ELEMENTS (values));
  g_assert_cmpuint (data.order[0], ==, 1);
  g_assert_cmpuint (data.order[1], ==, 3);
  g_assert_cmpuint (data.order[2], ==, 0);
  layout = eid_bars_layout (&data, &style, WIDTH, HEIGHT);
  surface = test_surface_of (eid_bars_draw (&data, &layout, &style, WIDTH, HEIGHT));
  x = eid_axis_pixel (&layout.x, 1.5);
  assert_colour (test_pixel (surface, x, eid_axis_pixel (&layout.y, 0.3) + 3), blue, 2);
  g_assert_cmphex (test_pixel (surface, x, eid_axis_pixel (&layout.y, 0.3) - 4), ==, 0xffffff);
  g_assert_cmpint (eid_bars_at (&data, &layout, x, eid_axis_pixel (&layout.y, 0.1)), ==, 1);
  cairo_surface_destroy (surface);
  eid_bars_data_set (&data, NULL, NULL, 0);
  eid_plot_style_clear (&style);
}

/* Of more bars than pixels the largest are not lost. */
static void
many_bars_keep_the_largest (void)
{
  EidPlotStyle style = test_style ();
  g_autofree double *values = g_new0 (double, 100000);
  EidBarsData data = { .rule = NAN };
  EidBarsLayout layout;
  cairo_surface_t *surface;

  values[77777] = 0.9;
  values[3] = 0.1;
  eid_bars_data_set (&data, values, NULL, 100000);
  layout = eid_bars_layout (&data, &style, WIDTH, HEIGHT);
  surface = test_surface_of (eid_bars_draw (&data, &layout, &style, WIDTH, HEIGHT));
  assert_colour (test_pixel (surface, ceil (layout.x.pixel_from), eid_axis_pixel (&layout.y, 0.5)),
                 eid_category_colour (5, FALSE), 120);
  cairo_surface_destroy (surface);
  eid_bars_data_set (&data, NULL, NULL, 0);
  eid_plot_style_clear (&style);
}

/* Where all are nearly alike the colours span what there is; else all there can be. */
static void
close_similarities_get_a_range_of_their_own (void)
{
  float close[] = { 1, 0.98f, 0.985f, 0.98f, 1, 0.99f, 0.985f, 0.99f, 1 };
  float far[] = { 1, -0.5f, 0.75f, -0.5f, 1, 0, 0.75f, 0, 1 };
  float same[] = { 1, 0.5f, 0.5f, 0.5f, 1, 0.5f, 0.5f, 0.5f, 1 };
  float rounded[] = { 1, 0.98f, 0.9800001f, 0.98f, 1, 0.98f, 0.9800001f, 0.98f, 1 };
  EidMatrixData data = { .n = 3, .values = close };

  eid_matrix_find_range (&data);
  g_assert_cmpfloat_with_epsilon (data.least, 0.98, 1e-6);
  g_assert_cmpfloat_with_epsilon (data.greatest, 0.99, 1e-6);
  data.values = far;
  eid_matrix_find_range (&data);
  g_assert_cmpfloat (data.least, ==, -1);
  g_assert_cmpfloat (data.greatest, ==, 1);
  data.values = rounded;
  eid_matrix_find_range (&data);
  g_assert_cmpfloat (data.least, ==, -1);
  data.values = same;
  eid_matrix_find_range (&data);
  g_assert_cmpfloat (data.least, ==, -1);
  g_assert_cmpfloat (data.greatest, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check (); /* without a display too: node types are made */
  g_test_add_func ("/ui/map/zoom", zoom_keeps_the_middle_and_leaves_the_rest_out);
  g_test_add_func ("/ui/map/classes", a_class_left_out_leaves_the_others_in_place);
  g_test_add_func ("/ui/map/pictures", few_points_are_pictures_on_the_colour_of_their_class);
  g_test_add_func ("/ui/map/frame", nothing_is_cut_at_the_frame);
  g_test_add_func ("/ui/map/titles", titles_are_no_longer_than_their_axes);
  g_test_add_func ("/ui/map/lasso", a_lasso_holds_what_lies_within);
  g_test_add_func ("/ui/map/rings", rings_are_about_a_point_and_its_neighbours);
  g_test_add_func ("/ui/matrix/range", close_similarities_get_a_range_of_their_own);
  g_test_add_func ("/ui/matrix/cells", a_similarity_has_its_colour_and_its_place);
  g_test_add_func ("/ui/colour/diverging", blue_and_red_meet_in_white);
  g_test_add_func ("/ui/bars/shares", bars_stand_sorted_as_high_as_their_shares);
  g_test_add_func ("/ui/bars/many", many_bars_keep_the_largest);
  return g_test_run ();
}
