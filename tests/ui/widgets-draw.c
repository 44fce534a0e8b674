/* widgets-draw.c: what is drawn is where and what the data say. No display: nodes are
 * drawn to surfaces and the pixels looked at.
 */
#include "tests/ui/surface.h"

#include "ui/base/draw.h"
#include "ui/image/image.h"
#include "ui/scatter/scatter.h"

#include <math.h>
#include <string.h>

static guint32
rgb_of (GdkRGBA colour)
{
  return (guint32) lround (colour.red * 255) << 16 | (guint32) lround (colour.green * 255) << 8
         | (guint32) lround (colour.blue * 255);
}

/* Of one colour but for the blur of edges. */
static gboolean
alike (guint32 a, guint32 b, int tolerance)
{
  for (int shift = 0; shift < 24; shift += 8)
    if (ABS ((int) (a >> shift & 255) - (int) (b >> shift & 255)) > tolerance)
      return FALSE;
  return TRUE;
}

static EidSeries *
add_series (EidChartData *data, const double *x, const double *y, gsize n)
{
  guint index;
  EidSeries *series = eid_chart_data_series (data, "loss", 5, &index);

  eid_series_set (series, x, y, n);
  return series;
}

/* --- Charts -------------------------------------------------------------------- */

static void
a_rule_stands_at_the_row_of_its_value (void)
{
  EidPlotStyle style = test_style ();
  EidChartData *data = eid_chart_data_new ();
  guint32 colour = rgb_of (eid_category_colour (6, FALSE));
  EidChartLayout layout;
  cairo_surface_t *surface;
  int found = 0, expected;

  add_series (data, (double[]){ 0, 100 }, (double[]){ 1, 2 }, 2);
  eid_chart_data_rule (data, "chance", 6.23, 6);
  layout = eid_chart_layout (data, &style, WIDTH, HEIGHT);
  surface = test_surface_of (eid_chart_draw (data, &layout, &style, WIDTH, HEIGHT));
  expected = (int) floor (eid_axis_pixel (&layout.y, 6.23));
  for (int y = 0; y < HEIGHT; y++)
    {
      int run = 0;

      for (int x = (int) layout.plot.origin.x; x < (int) layout.x.pixel_to; x++)
        run += alike (test_pixel (surface, x, y), colour, 2);
      if (run > layout.plot.size.width / 3)
        {
          g_assert_cmpint (y, ==, expected);
          found++;
        }
    }
  g_assert_cmpint (found, ==, 1);
  cairo_surface_destroy (surface);
  eid_chart_data_free (data);
  eid_plot_style_clear (&style);
}

static void
a_line_goes_through_its_points (void)
{
  EidPlotStyle style = test_style ();
  EidChartData *data = eid_chart_data_new ();
  guint32 colour = rgb_of (eid_category_colour (5, FALSE));
  double x[] = { 0, 10, 20 }, y[] = { 3, 1, 4 };
  EidChartLayout layout;
  cairo_surface_t *surface;

  add_series (data, x, y, 3);
  layout = eid_chart_layout (data, &style, WIDTH, HEIGHT);
  surface = test_surface_of (eid_chart_draw (data, &layout, &style, WIDTH, HEIGHT));
  for (double at = 1; at < 20; at += 1)
    {
      double value = at <= 10 ? 3 - 0.2 * at : 1 + 0.3 * (at - 10);
      int px = (int) eid_axis_pixel (&layout.x, at), py = (int) eid_axis_pixel (&layout.y, value);
      gboolean hit = FALSE;

      for (int k = -1; k <= 1; k++)
        hit = hit || alike (test_pixel (surface, px, py + k), colour, 40);
      g_assert_true (hit);
      /* and nowhere else in that column, grid lines apart */
      for (int other = (int) layout.plot.origin.y + 2; other < (int) layout.y.pixel_from - 2; other++)
        if (ABS (other - py) > 6)
          g_assert_false (alike (test_pixel (surface, px, other), colour, 40));
    }
  cairo_surface_destroy (surface);
  eid_chart_data_free (data);
  eid_plot_style_clear (&style);
}

static void
what_is_not_a_number_is_a_gap (void)
{
  EidPlotStyle style = test_style ();
  EidChartData *data = eid_chart_data_new ();
  guint32 colour = rgb_of (eid_category_colour (5, FALSE));
  double x[] = { 0, 1, 2, 3, 4 }, y[] = { 1, 1, NAN, 1, 1 };
  EidChartLayout layout;
  cairo_surface_t *surface;
  int drawn[2] = { 0, 0 };

  add_series (data, x, y, 5);
  layout = eid_chart_layout (data, &style, WIDTH, HEIGHT);
  surface = test_surface_of (eid_chart_draw (data, &layout, &style, WIDTH, HEIGHT));
  for (int py = (int) layout.plot.origin.y; py < (int) layout.y.pixel_from; py++)
    {
      drawn[0] += alike (test_pixel (surface, (int) eid_axis_pixel (&layout.x, 2), py), colour, 60);
      drawn[1] += alike (test_pixel (surface, (int) eid_axis_pixel (&layout.x, 0.5), py), colour, 60);
    }
  g_assert_cmpint (drawn[0], ==, 0);
  g_assert_cmpint (drawn[1], >, 0);
  cairo_surface_destroy (surface);
  eid_chart_data_free (data);
  eid_plot_style_clear (&style);
}

static void
a_million_points_are_a_screenful_with_their_extremes (void)
{
  enum
  {
    N = 1000000
  };
  g_autofree double *x = g_new (double, N), *y = g_new (double, N);
  EidAxis x_axis = { 0, N, 0, 800, FALSE }, y_axis = { -10, 10, 400, 0, FALSE };
  g_autoptr (GArray) points = NULL;
  float least = INFINITY, greatest = -INFINITY;

  for (int i = 0; i < N; i++)
    {
      x[i] = i;
      y[i] = sin (i * 0.01);
    }
  y[333333] = 9;
  y[777777] = -8;
  points = eid_decimate (&x_axis, &y_axis, x, y, N);
  g_assert_cmpuint (points->len, <=, 4 * 801);
  for (guint i = 0; i < points->len; i++)
    {
      const graphene_point_t *point = &g_array_index (points, graphene_point_t, i);

      least = MIN (least, point->y);
      greatest = MAX (greatest, point->y);
      if (i > 0)
        g_assert_cmpfloat (point->x, >=, point[-1].x);
    }
  g_assert_cmpfloat_with_epsilon (least, eid_axis_pixel (&y_axis, 9), 0.01);
  g_assert_cmpfloat_with_epsilon (greatest, eid_axis_pixel (&y_axis, -8), 0.01);
}

static void
smoothing_keeps_a_constant_and_begins_without_bias (void)
{
  double values[] = { 5, 5, NAN, 5, 9 }, smoothed[5];

  eid_smooth (values, smoothed, 5, 0.9);
  g_assert_cmpfloat_with_epsilon (smoothed[0], 5, 1e-12);
  g_assert_cmpfloat_with_epsilon (smoothed[3], 5, 1e-12);
  g_assert_true (isnan (smoothed[2]));
  g_assert_cmpfloat (smoothed[4], >, 5);
  g_assert_cmpfloat (smoothed[4], <, 9);
}

static void
points_come_into_order (void)
{
  EidChartData *data = eid_chart_data_new ();
  EidSeries *series = add_series (data, (double[]){ 3, 1, NAN, 2 }, (double[]){ 30, 10, 99, 20 }, 4);

  eid_series_add (series, 2.5, 25);
  eid_series_add (series, INFINITY, 1);
  g_assert_cmpuint (series->x->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat (g_array_index (series->y, double, i), ==, 10 * g_array_index (series->x, double, i));
  g_assert_cmpint (eid_series_nearest (series, 2.4), ==, 2);
  g_assert_cmpint (eid_series_nearest (series, -1e9), ==, 0);
  g_assert_cmpint (eid_series_nearest (series, 1e9), ==, 3);
  eid_chart_data_free (data);
}

/* Values that hold too few digits to be told apart have an axis all the same. */
static void
tiny_extents_have_ticks (void)
{
  static const double cases[][2] = {
    { 0, 1e-320 }, { 1e-320, 1e-320 }, { -1e-310, 1e-310 }, { 4.9e-324, 1e-300 }, { 1e-292, 3e-292 }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      EidAxis axis = { .pixel_from = 0, .pixel_to = 500 };
      g_autoptr (GArray) ticks = NULL;

      eid_axis_fit (&axis, cases[i][0], cases[i][1], 0.05);
      ticks = eid_axis_ticks (&axis, 90);
      g_assert_cmpuint (ticks->len, >=, 2);
      g_assert_cmpuint (ticks->len, <=, 20);
      for (guint k = 1; k < ticks->len; k++)
        g_assert_cmpstr (g_array_index (ticks, EidTick, k).label, !=,
                         g_array_index (ticks, EidTick, k - 1).label);
    }
}

static void
ticks_are_round_and_within (void)
{
  static const struct
  {
    double from, to;
    gboolean log;
  } cases[] = { { 0, 1, FALSE },    { -3, 12345, FALSE },    { 0.0812, 0.0813, FALSE }, { 1e-5, 1e-2, TRUE },
                { 0.5, 0.6, TRUE }, { 1e-200, 1e200, TRUE }, { 1e9, 1e9 + 50, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      EidAxis axis = { cases[i].from, cases[i].to, 0, 500, cases[i].log };
      g_autoptr (GArray) ticks = eid_axis_ticks (&axis, 90);

      g_assert_cmpuint (ticks->len, >=, 2);
      g_assert_cmpuint (ticks->len, <=, 20);
      for (guint k = 0; k < ticks->len; k++)
        {
          const EidTick *tick = &g_array_index (ticks, EidTick, k);

          g_assert_cmpfloat (tick->value, >=, axis.from - 1e-9 * fabs (axis.from));
          g_assert_cmpfloat (tick->value, <=, axis.to + 1e-9 * fabs (axis.to));
          g_assert_cmpstr (tick->label, !=, "");
          if (k > 0)
            g_assert_cmpstr (tick->label, !=, tick[-1].label);
        }
    }
}

static void
absurd_data_are_drawn_as_nothing (void)
{
  static const double absurd[][2] = { { NAN, NAN },     { INFINITY, 1 },    { 1, INFINITY }, { 1, -INFINITY },
                                      { 1e308, 1e308 }, { -1e308, -1e308 }, { 0, NAN },      { 0, 1e301 } };
  EidPlotStyle style = test_style ();

  for (int log = 0; log < 2; log++)
    {
      EidChartData *data = eid_chart_data_new ();
      EidChartLayout layout;
      guint index;
      EidSeries *series = eid_chart_data_series (data, "absurd", 1, &index);

      data->log_x = data->log_y = log;
      for (gsize i = 0; i < G_N_ELEMENTS (absurd); i++)
        eid_series_add (series, absurd[i][0], absurd[i][1]);
      eid_chart_data_rule (data, "infinite", INFINITY, 1);
      layout = eid_chart_layout (data, &style, WIDTH, HEIGHT);
      g_assert_true (layout.empty);
      cairo_surface_destroy (test_surface_of (eid_chart_draw (data, &layout, &style, WIDTH, HEIGHT)));
      g_assert_null (eid_chart_draw_readout (data, &layout, &style, 1, WIDTH, HEIGHT));

      /* One good point among them is shown, also where there is hardly room. */
      eid_series_add (series, 5, 5);
      layout = eid_chart_layout (data, &style, 20, 20);
      g_assert_false (layout.empty);
      cairo_surface_destroy (test_surface_of (eid_chart_draw (data, &layout, &style, 20, 20)));
      g_assert_null (eid_chart_draw (data, &layout, &style, 0, 0));
      eid_chart_data_free (data);
    }
  eid_plot_style_clear (&style);
}

/* --- Pictures ------------------------------------------------------------------------- */

static void
small_pictures_keep_their_pixels (void)
{
  static const guint8 pixels[2 * 2 * 3] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 17, 34, 51 };
  static const guint32 expected[] = { 0xff0000, 0x00ff00, 0x0000ff, 0x112233 };
  g_autoptr (GdkTexture) texture = eid_texture_new (pixels, 2, 2, 3), cache = NULL;
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface;

  eid_snapshot_picture (snapshot, texture, &cache, 1, 10, 20, 64);
  surface = test_surface_of (gtk_snapshot_to_node (snapshot));
  for (int y = 0; y < 64; y++)
    for (int x = 0; x < 64; x++)
      g_assert_cmphex (test_pixel (surface, 10 + x, 20 + y), ==, expected[y / 32 * 2 + x / 32]);
  g_assert_cmpint (gdk_texture_get_width (cache), ==, 64);
  cairo_surface_destroy (surface);
}

static void
small_pictures_grow_by_whole_factors (void)
{
  g_assert_cmpint (eid_picture_side (28, 300), ==, 280);
  g_assert_cmpint (eid_picture_side (28, 20), ==, 28);
  g_assert_cmpint (eid_picture_side (63, 130), ==, 126);
  g_assert_cmpint (eid_picture_side (64, 130), ==, 130);
  g_assert_cmpint (eid_picture_side (0, 130), ==, 0);
}

static void
pixels_that_are_not_there_make_no_texture (void)
{
  static const guint8 pixels[64] = { 0 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (pixels, sizeof pixels);
  g_autoptr (GdkTexture) last = eid_texture_from_batch (bytes, 3, 4, 1);

  g_assert_nonnull (last);
  g_assert_null (eid_texture_from_batch (bytes, 4, 4, 1));
  g_assert_null (eid_texture_from_batch (bytes, 0, 5, 3));
  g_assert_null (eid_texture_from_batch (bytes, 0, G_MAXUINT, 3));
  g_assert_null (eid_texture_from_batch (bytes, 0, 0, 3));
  g_assert_null (eid_texture_from_batch (bytes, 0, 4, 2));
  g_assert_null (eid_texture_from_batch (NULL, 0, 4, 1));
  g_assert_null (eid_texture_heat_from_batch (bytes, 4, 4, 1));
  g_assert_null (eid_texture_new (NULL, 4, 4, 1));
}

static void
sheets_fill_the_space (void)
{
  int last = 0;

  for (int width = 200; width <= 2400; width += 100)
    {
      EidSheetLayout l = eid_sheet_layout (6, 3, 28, 60, 30, 34, width, width * 5 / 8);
      int x, y, x_end, y_end;

      g_assert_cmpint (l.side % 28, ==, 0);
      g_assert_cmpint (l.side, >=, last); /* a larger window has no smaller pictures */
      last = l.side;
      eid_sheet_place (&l, 3, 0, &x, &y);
      eid_sheet_place (&l, 3, 17, &x_end, &y_end);
      g_assert_cmpint (x, >=, 60);
      g_assert_cmpint (y, >=, 30);
      if (l.content_width <= width)
        g_assert_cmpint (x_end + l.column_width, <=, width);
      if (l.content_height <= width * 5 / 8)
        g_assert_cmpint (y_end + l.row_height, <=, width * 5 / 8);
    }
  g_assert_cmpint (last, >=, 224);
}

/* --- Colours and scatter --------------------------------------------------------------------- */

static void
viridis_grows_brighter_all_the_way (void)
{
  double last = -1;

  for (int i = 0; i <= 100; i++)
    {
      GdkRGBA c = eid_viridis (i / 100.0);
      double luma = 0.2126 * pow (c.red, 2.2) + 0.7152 * pow (c.green, 2.2) + 0.0722 * pow (c.blue, 2.2);

      g_assert_cmpfloat (luma, >, last);
      last = luma;
    }
  g_assert_cmphex (rgb_of (eid_viridis (-5)), ==, 0x440154);
  g_assert_cmphex (rgb_of (eid_viridis (INFINITY)), ==, 0xfde725);
  g_assert_cmphex (rgb_of (eid_viridis (NAN)), ==, 0x440154);
}

static void
sixteen_categories_have_sixteen_colours (void)
{
  for (int dark = 0; dark < 2; dark++)
    for (guint a = 0; a < 16; a++)
      for (guint b = 0; b < a; b++)
        g_assert_false (
            alike (rgb_of (eid_category_colour (a, dark)), rgb_of (eid_category_colour (b, dark)), 20));
}

static void
distances_mean_the_same_along_both_axes (void)
{
  EidPlotStyle style = test_style ();
  double x[] = { 0, 10, NAN, 5 }, y[] = { 0, 1, 0, INFINITY };
  int labels[] = { 0, 7, 3, -1 };
  EidScatterData data = { .x = x, .y = y, .labels = labels, .n = 4 };
  EidScatterLayout layout = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_autoptr (GArray) classes = eid_scatter_classes (&data);
  double right = eid_axis_pixel (&layout.x, 1) - eid_axis_pixel (&layout.x, 0);
  double up = eid_axis_pixel (&layout.y, 0) - eid_axis_pixel (&layout.y, 1);
  cairo_surface_t *surface;
  int px = (int) eid_axis_pixel (&layout.x, 10), py = (int) eid_axis_pixel (&layout.y, 1);

  g_assert_cmpfloat_with_epsilon (right, up, 1e-6);
  g_assert_cmpuint (classes->len, ==, 4);
  g_assert_cmpint (eid_scatter_at (&data, &layout, px + 3, py - 2, 10), ==, 1);
  g_assert_cmpint (eid_scatter_at (&data, &layout, px - 60, py - 60, 10), ==, -1);

  surface = test_surface_of (eid_scatter_draw (&data, &layout, &style, WIDTH, HEIGHT));
  g_assert_true (alike (test_pixel (surface, px, py), rgb_of (eid_category_colour (8, FALSE)), 40));
  cairo_surface_destroy (surface);

  data.n = 0;
  layout = eid_scatter_layout (&data, &style, WIDTH, HEIGHT);
  g_assert_true (layout.empty);
  g_assert_cmpint (eid_scatter_at (&data, &layout, px, py, 1e9), ==, -1);
  cairo_surface_destroy (test_surface_of (eid_scatter_draw (&data, &layout, &style, WIDTH, HEIGHT)));
  eid_plot_style_clear (&style);
}

/* --- Patches --------------------------------------------------------------------- */

static void
the_brush_is_outlined_where_it_is (void)
{
  EidBrush patches = { .across = 4, .cursor = 6 };
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (40, 20, 80, 80);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface;

  g_assert_cmpint (eid_brush_at (&patches, &bounds, 40 + 2 * 20 + 10, 20 + 20 + 10), ==, 6);
  g_assert_cmpint (eid_brush_at (&patches, &bounds, 119, 99), ==, 15);
  g_assert_cmpint (eid_brush_at (&patches, &bounds, 120, 99), ==, -1);
  g_assert_cmpint (eid_brush_at (&patches, &bounds, 39, 50), ==, -1);
  g_assert_cmpint (eid_brush_at (&patches, &bounds, NAN, 50), ==, -1);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0.4f, 0.4f, 0.4f, 1 }, &bounds);
  eid_brush_draw (&patches, snapshot, &bounds);
  surface = test_surface_of (gtk_snapshot_free_to_node (snapshot));
  /* Patch 6 begins at (80, 40): light on its edge, as before within and in the patch beside. */
  g_assert_cmphex (test_pixel (surface, 90, 39), ==, 0xffffff);
  g_assert_cmphex (test_pixel (surface, 90, 50), ==, 0x666666);
  g_assert_cmphex (test_pixel (surface, 70, 50), ==, 0x666666);
  cairo_surface_destroy (surface);
}

static void
patches_are_told_in_words (void)
{
  guint8 hidden[4] = { 0, 1, 1, 1 };
  EidBrush patches = { .across = 2, .hidden = hidden, .cursor = -1 };
  g_autofree char *all = eid_brush_describe (&patches), *one = NULL;

  patches.cursor = 2;
  one = eid_brush_describe (&patches);
  g_assert_cmpstr (all, ==, "3 of 4 patches hidden");
  g_assert_cmpstr (one, ==, "patch in row 2, column 1: hidden; 3 of 4 patches hidden");
}

/* A line through one point is nothing to see; a dot of it is 6 pixels wide. */
static void
one_point_is_a_dot (void)
{
  EidChartData *data = eid_chart_data_new ();
  const EidPlotStyle style = test_style ();
  guint index;
  EidSeries *series = eid_chart_data_series (data, "kNN", 2, &index);
  guint32 without = 0, with = 0, beyond = 0;

  data->x_from = 0;
  data->x_to = 100;
  eid_series_put (series, 50, 1);
  eid_series_put (series, 50, 2); /* in the place of the first */
  g_assert_cmpuint (series->x->len, ==, 1);
  g_assert_cmpfloat (series->least, ==, 2);
  for (guint dots = 0; dots < 2; dots++)
    {
      EidChartLayout layout;
      cairo_surface_t *surface;
      int x, y;

      data->dots = dots;
      layout = eid_chart_layout (data, &style, WIDTH, HEIGHT);
      surface = test_surface_of (eid_chart_draw (data, &layout, &style, WIDTH, HEIGHT));
      x = (int) eid_axis_pixel (&layout.x, 50);
      y = (int) eid_axis_pixel (&layout.y, 2);
      if (dots)
        {
          with = test_pixel (surface, x + 1, y - 2);
          beyond = test_pixel (surface, x + 1, y - 5);
        }
      else
        without = test_pixel (surface, x + 1, y - 2);
      cairo_surface_destroy (surface);
    }
  g_assert_cmphex (without, ==, 0xffffff);
  g_assert_cmphex (with, !=, 0xffffff);
  g_assert_cmphex (beyond, ==, 0xffffff);
  eid_chart_data_free (data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init_check (); /* without a display too: node types are made */
  g_test_add_func ("/ui/chart/one-point-is-a-dot", one_point_is_a_dot);
  g_test_add_func ("/ui/chart/rule", a_rule_stands_at_the_row_of_its_value);
  g_test_add_func ("/ui/chart/line", a_line_goes_through_its_points);
  g_test_add_func ("/ui/chart/gap", what_is_not_a_number_is_a_gap);
  g_test_add_func ("/ui/chart/decimation", a_million_points_are_a_screenful_with_their_extremes);
  g_test_add_func ("/ui/chart/smoothing", smoothing_keeps_a_constant_and_begins_without_bias);
  g_test_add_func ("/ui/chart/order", points_come_into_order);
  g_test_add_func ("/ui/chart/ticks", ticks_are_round_and_within);
  g_test_add_func ("/ui/chart/tiny-extents", tiny_extents_have_ticks);
  g_test_add_func ("/ui/chart/absurd", absurd_data_are_drawn_as_nothing);
  g_test_add_func ("/ui/picture/nearest", small_pictures_keep_their_pixels);
  g_test_add_func ("/ui/picture/factors", small_pictures_grow_by_whole_factors);
  g_test_add_func ("/ui/picture/refused", pixels_that_are_not_there_make_no_texture);
  g_test_add_func ("/ui/picture/sheet", sheets_fill_the_space);
  g_test_add_func ("/ui/patches/brush", the_brush_is_outlined_where_it_is);
  g_test_add_func ("/ui/patches/words", patches_are_told_in_words);
  g_test_add_func ("/ui/colour/viridis", viridis_grows_brighter_all_the_way);
  g_test_add_func ("/ui/colour/categories", sixteen_categories_have_sixteen_colours);
  g_test_add_func ("/ui/scatter", distances_mean_the_same_along_both_axes);
  return g_test_run ();
}
