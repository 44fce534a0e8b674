/* widgets-live.c: every widget in a real window, with good, absurd and no data, under
 * fatal warnings; keys and pointer do what they should. Skipped without a display.
 */
#include "tests/ui/live.h"

#include "ui/ui.h"

#include <math.h>

static gboolean
press (GtkWidget *widget, guint key)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key, 0, 0,
                         &handled);
  return handled;
}

static void
remember_uint (GtkWidget *widget, guint value, guint *place)
{
  *place = value;
}

static void
remember_double (GtkWidget *widget, double value, double *place)
{
  *place = value;
}

/* --- Each widget ---------------------------------------------------------------- */

static void
pictures_are_walked_and_activated_by_keys (void)
{
  static const guint8 pixels[4 * 28 * 28] = { 0 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (pixels, sizeof pixels);
  GtkWidget *widget = eid_picture_grid_new (), *window = test_show (widget, 480, 360), *sheet;
  EidPictureGrid *grid = EID_PICTURE_GRID (widget);
  guint activated = 99;

  g_signal_connect (widget, "activated", G_CALLBACK (remember_uint), &activated);
  eid_picture_grid_set_shape (grid, 2, 2);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GdkTexture) texture = eid_texture_from_batch (bytes, i, 28, 1);

      eid_picture_grid_set_picture (grid, i / 2, i % 2, texture, "one\ntwo");
    }
  eid_picture_grid_set_column_title (grid, 0, "Source");
  eid_picture_grid_set_column_slot (grid, 1, 2);
  eid_picture_grid_set_row_label (grid, 1, "second");
  eid_picture_grid_add_box (grid, 0, 0, &GRAPHENE_RECT_INIT (0.1f, 0.1f, 0.5f, 0.5f), 1);
  eid_picture_grid_set_pinned (grid, 0, 1, TRUE);
  test_settle ();

  sheet = test_find (widget, "EidPictureSheet");
  g_assert_nonnull (sheet);
  g_assert_true (gtk_widget_child_focus (sheet, GTK_DIR_TAB_FORWARD));
  g_assert_true (press (sheet, GDK_KEY_Right));
  g_assert_true (press (sheet, GDK_KEY_Down));
  g_assert_true (press (sheet, GDK_KEY_Return));
  g_assert_cmpuint (activated, ==, 3);
  g_assert_true (press (sheet, GDK_KEY_Left));
  g_assert_true (press (sheet, GDK_KEY_Return));
  g_assert_cmpuint (activated, ==, 2);

  /* What does not fit is left out; what was there can go. */
  eid_picture_grid_set_picture (grid, 99, 99, NULL, "nowhere");
  eid_picture_grid_set_column_title (grid, 99, "nowhere");
  eid_picture_grid_add_box (grid, 0, 0, &GRAPHENE_RECT_INIT (NAN, 0, INFINITY, 1), 1);
  eid_picture_grid_set_picture (grid, 0, 0, NULL, NULL);
  test_settle ();
  eid_picture_grid_set_shape (grid, 64, 5);
  test_settle ();
  eid_picture_grid_set_shape (grid, G_MAXUINT, G_MAXUINT);
  test_settle ();
  g_assert_false (press (sheet, GDK_KEY_Down));
  test_close (window);
}

typedef struct
{
  int pointed;
  guint index, strokes, begun, ended, activated;
  int patch;
} Painted;

static void
remember_pointed (GtkWidget *widget, int index, Painted *painted)
{
  painted->pointed = index;
}

static void
remember_stroke (GtkWidget *widget, guint index, int patch, gboolean begins, Painted *painted)
{
  painted->index = index;
  painted->patch = patch;
  painted->strokes++;
  painted->begun += begins != FALSE;
}

static void
remember_end (GtkWidget *widget, Painted *painted)
{
  painted->ended++;
}

static void
patches_are_painted_by_keys_and_pointer (void)
{
  static const guint8 pixels[2 * 32 * 32] = { 0 }, hidden[16] = { 1 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (pixels, sizeof pixels);
  GtkWidget *widget = eid_picture_grid_new (), *window = test_show (widget, 480, 360), *sheet, *picture;
  EidPictureGrid *grid = EID_PICTURE_GRID (widget);
  Painted painted = { .pointed = -2, .activated = 99 };
  GtkEventController *drag;
  double x, y;
  int width;

  g_signal_connect (widget, "activated", G_CALLBACK (remember_uint), &painted.activated);
  g_signal_connect (widget, "pointed", G_CALLBACK (remember_pointed), &painted);
  g_signal_connect (widget, "stroke", G_CALLBACK (remember_stroke), &painted);
  g_signal_connect (widget, "stroke-ended", G_CALLBACK (remember_end), &painted);
  eid_picture_grid_set_shape (grid, 1, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GdkTexture) texture = eid_texture_from_batch (bytes, i, 32, 1);
      eid_picture_grid_set_picture (grid, 0, i, texture, NULL);
    }
  eid_picture_grid_set_patches (grid, 0, 0, 4, hidden);
  test_settle ();
  sheet = test_find (widget, "EidPictureSheet");
  picture = gtk_widget_get_first_child (sheet);

  /* The first arrow brings the brush to the middle, the next ones move it, Space paints. */
  gtk_widget_grab_focus (picture);
  g_assert_cmpint (painted.pointed, ==, 0);
  press (sheet, GDK_KEY_Right);
  press (sheet, GDK_KEY_Up);
  press (sheet, GDK_KEY_space);
  g_assert_cmpint (painted.patch, ==, 1 * 4 + 2);
  g_assert_cmpuint (painted.strokes, ==, 1);
  g_assert_cmpuint (painted.ended, ==, 1);
  gtk_test_accessible_assert_property (picture, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "patch in row 2, column 3: shown; 1 of 16 patches hidden");
  g_assert_cmpuint (painted.activated, ==, 99);
  /* Beyond the edge is the picture beside, which is activated as ever. */
  press (sheet, GDK_KEY_Right);
  press (sheet, GDK_KEY_Right);
  g_assert_cmpint (painted.pointed, ==, 1);
  press (sheet, GDK_KEY_space);
  g_assert_cmpuint (painted.activated, ==, 1);

  /* The pointer goes fast: patches between two points are painted, too. */
  drag = test_controller (sheet, GTK_TYPE_GESTURE_DRAG);
  width = gtk_widget_get_width (picture);
  g_assert_true (gtk_widget_translate_coordinates (picture, sheet, 0, 0, &x, &y));
  painted.strokes = painted.begun = painted.ended = 0;
  g_signal_emit_by_name (drag, "drag-begin", x + width / 8.0, y + width / 8.0);
  g_assert_cmpint (painted.patch, ==, 0);
  g_assert_cmpuint (painted.begun, ==, 1);
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  g_assert_cmpuint (painted.ended, ==, 1);
  /* Where there are no patches the brush paints nothing. */
  painted.strokes = 0;
  g_signal_emit_by_name (drag, "drag-begin", x + width * 1.6, y + width / 8.0);
  g_signal_emit_by_name (drag, "drag-end", 0.0, 0.0);
  g_assert_cmpuint (painted.strokes, ==, 0);
  g_assert_cmpuint (painted.ended, ==, 1);

  eid_picture_grid_set_patches (grid, 0, 0, 0, NULL);
  eid_picture_grid_set_patches (grid, 9, 9, 4, hidden);
  gtk_widget_grab_focus (picture);
  press (sheet, GDK_KEY_Return);
  g_assert_cmpuint (painted.activated, ==, 0);
  test_settle ();
  test_close (window);
}

static void
charts_seek_and_bear_absurd_data (void)
{
  GtkWidget *widget = eid_chart_new (), *window = test_show (widget, 480, 360);
  EidChart *chart = EID_CHART (widget);
  guint loss = eid_chart_add_series (chart, "loss", 5);
  double sought = NAN;

  g_assert_cmpuint (eid_chart_add_series (chart, "loss", 5), ==, loss);
  eid_chart_set_title (chart, "Loss");
  eid_chart_append (chart, loss, NAN, INFINITY);
  eid_chart_append (chart, 99, 1, 1);
  eid_chart_set_points (chart, loss, NULL, NULL, 12);
  eid_chart_set_rule (chart, "chance", INFINITY, 0);
  eid_chart_set_x_range (chart, 5, -5);
  eid_chart_set_smoothing (chart, NAN);
  test_settle ();
  for (int i = 1; i <= 100; i++)
    eid_chart_append (chart, loss, i, i == 50 ? NAN : 1.0 / i);
  eid_chart_set_x_range (chart, NAN, NAN);
  eid_chart_set_rule (chart, "chance", 2, 0);
  eid_chart_set_log (chart, TRUE, TRUE);
  eid_chart_set_smoothing (chart, 7);
  eid_chart_add_marker (chart, EID_MARKER_EDIT, 40, "edit");
  eid_chart_add_marker (chart, EID_MARKER_CHECKPOINT, NAN, NULL);
  eid_chart_set_cursor (chart, 30);
  eid_chart_set_seekable (chart, TRUE);
  test_settle ();

  g_signal_connect (widget, "seek", G_CALLBACK (remember_double), &sought);
  g_assert_true (press (widget, GDK_KEY_Right));
  g_assert_cmpfloat (sought, ==, 31);
  g_assert_true (press (widget, GDK_KEY_End));
  g_assert_cmpfloat (sought, ==, 100);
  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", 240.0, 180.0);
  test_settle ();
  eid_chart_set_compact (chart, TRUE);
  test_settle ();
  eid_chart_clear (chart);
  test_settle ();
  g_assert_false (press (widget, GDK_KEY_Left));
  test_close (window);
}

/* Bars of one pixel by five that @widget draws. */
static guint
ticks_of (GtkWidget *widget)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  guint count = 0;

  GTK_WIDGET_GET_CLASS (widget)->snapshot (widget, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
    {
      graphene_rect_t bounds;

      gsk_render_node_get_bounds (gsk_container_node_get_child (node, i), &bounds);
      count += bounds.size.width == 1 && bounds.size.height == 5;
    }
  gsk_render_node_unref (node);
  return count;
}

static void
charts_with_stops_seek_there_alone (void)
{
  static const double stops[] = { 10, 40, 70 };
  GtkWidget *widget = eid_chart_new (), *window = test_show (widget, 480, 360);
  EidChart *chart = EID_CHART (widget);
  guint loss = eid_chart_add_series (chart, "loss", 5);
  double sought = NAN;

  for (int i = 1; i <= 100; i++)
    eid_chart_append (chart, loss, i, 1.0 / i);
  eid_chart_set_seekable (chart, TRUE);
  test_settle ();
  g_assert_cmpuint (ticks_of (widget), ==, 0);
  eid_chart_set_stops (chart, stops, G_N_ELEMENTS (stops));
  eid_chart_set_cursor (chart, 40);
  test_settle ();
  /* What can be gone to is seen. */
  g_assert_cmpuint (ticks_of (widget), ==, G_N_ELEMENTS (stops));
  g_signal_connect (widget, "seek", G_CALLBACK (remember_double), &sought);
  g_assert_true (press (widget, GDK_KEY_Left));
  g_assert_cmpfloat (sought, ==, 10);
  g_assert_true (press (widget, GDK_KEY_Right));
  g_assert_cmpfloat (sought, ==, 70);
  /* Whoever went somewhere by keys leaves by Escape, and so does who listens outside. */
  g_assert_false (press (widget, GDK_KEY_Escape));
  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_GESTURE_DRAG), "drag-begin", 1.0, 100.0);
  g_assert_cmpfloat (sought, ==, 10);
  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_GESTURE_DRAG), "drag-begin", 9999.0, 100.0);
  g_assert_cmpfloat (sought, ==, 70);
  /* From in between it is the nearest, before or after: the axis goes from 1 to 100 over some 400 pixels. */
  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_GESTURE_DRAG), "drag-begin", 160.0, 100.0);
  g_assert_cmpfloat (sought, ==, 40);
  test_close (window);
}

static void
scatters_and_spectra_bear_absurd_data (void)
{
  static const char *const names[] = { "cat", NULL };
  double values[] = { 1, NAN, INFINITY, -1e308, 0 };
  int labels[] = { 0, -1, 1000000, -5, 3 };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *scatter = eid_scatter_new (),
            *spectrum = eid_spectrum_new (), *window;
  guint activated = 99;

  gtk_box_append (GTK_BOX (box), scatter);
  gtk_box_append (GTK_BOX (box), spectrum);
  window = test_show (box, 480, 360);
  eid_scatter_set_points (EID_SCATTER (scatter), values, values, labels, 5);
  eid_scatter_set_class_names (EID_SCATTER (scatter), names);
  eid_scatter_set_axis_titles (EID_SCATTER (scatter), "x", "y");
  eid_spectrum_set_values (EID_SPECTRUM (spectrum), values, 5, NAN);
  test_settle ();
  g_signal_connect (scatter, "activated", G_CALLBACK (remember_uint), &activated);
  g_assert_true (press (scatter, GDK_KEY_Right));
  g_assert_true (press (scatter, GDK_KEY_Right)); /* over what cannot be drawn, to the last */
  g_assert_true (press (scatter, GDK_KEY_Return));
  g_assert_cmpuint (activated, ==, 4);
  test_settle ();
  eid_scatter_set_points (EID_SCATTER (scatter), NULL, NULL, NULL, 7);
  eid_spectrum_set_values (EID_SPECTRUM (spectrum), NULL, 7, 3);
  test_settle ();
  eid_spectrum_set_values (EID_SPECTRUM (spectrum), (double[]){ 4, 2, 1, 1e-30 }, 4, 2.5);
  test_settle ();
  test_close (window);
}

static void
count_action (GtkWidget *widget, guint *count)
{
  ++*count;
}

static void
health_has_icon_word_and_cure (void)
{
  GtkWidget *line = eid_health_line_new (), *window = test_show (line, 480, 360),
            *button = test_find (line, "GtkButton");
  guint count = 0;

  g_signal_connect (line, "action", G_CALLBACK (count_action), &count);
  for (int level = EID_HEALTH_GOOD; level <= EID_HEALTH_ERROR; level++)
    {
      GtkWidget *icon = test_find (line, "GtkImage");

      eid_health_line_set (EID_HEALTH_LINE (line), level, "effective rank 41 of 128", level ? "Mend" : NULL);
      test_settle ();
      g_assert_true (gtk_widget_get_visible (icon));
      g_assert_true (gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                              gtk_image_get_icon_name (GTK_IMAGE (icon))));
      g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (test_find (line, "GtkLabel"))), !=, "");
      g_assert_cmpint (gtk_widget_get_visible (button), ==, level > 0);
    }
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpuint (count, ==, 1);
  eid_health_line_clear (EID_HEALTH_LINE (line));
  test_settle ();
  test_close (window);
}

static void
a_proposal_is_marked_when_chosen_and_begins_by_its_button (void)
{
  GtkWidget *list = gtk_list_box_new (), *row = eid_proposal_row_new ("SimCLR", "It fits"), *window, *start;
  guint count = 0;

  gtk_list_box_append (GTK_LIST_BOX (list), row);
  window = test_show (list, 480, 360);
  g_signal_connect (row, "start", G_CALLBACK (count_action), &count);
  start = test_find (row, "GtkButton");
  gtk_list_box_select_row (GTK_LIST_BOX (list), GTK_LIST_BOX_ROW (row));
  test_settle ();
  g_assert_cmpfloat (gtk_widget_get_opacity (test_find (row, "GtkImage")), ==, 1);
  gtk_list_box_unselect_all (GTK_LIST_BOX (list));
  test_settle ();
  g_assert_cmpfloat (gtk_widget_get_opacity (test_find (row, "GtkImage")), ==, 0);

  g_assert_false (gtk_widget_is_visible (test_find (row, "GtkSpinner")));
  eid_proposal_row_set_estimate (EID_PROPOSAL_ROW (row), "Measuring", TRUE);
  test_settle ();
  g_assert_true (gtk_widget_is_visible (test_find (row, "GtkSpinner")));
  g_signal_emit_by_name (start, "clicked");
  g_assert_cmpuint (count, ==, 1);
  eid_proposal_row_set_can_start (EID_PROPOSAL_ROW (row), FALSE);
  g_assert_false (gtk_widget_is_sensitive (start));
  test_close (window);
}

static void
a_colour_bar_without_a_range_hides (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *bar = eid_colour_bar_new ("error"), *window;

  gtk_box_append (GTK_BOX (box), bar);
  window = test_show (box, 480, 360);
  g_assert_false (gtk_widget_get_visible (bar));
  eid_colour_bar_set_range (EID_COLOUR_BAR (bar), 0, 0.5);
  test_settle ();
  g_assert_true (gtk_widget_get_visible (bar));
  eid_colour_bar_set_range (EID_COLOUR_BAR (bar), 0, NAN);
  g_assert_false (gtk_widget_get_visible (bar));
  test_close (window);
}

/* Controls that find no room beside the others stand below them. */
static void
a_row_of_controls_wraps (void)
{
  GtkWidget *box = eid_wrap_box_new (12), *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *children[3], *window;
  double x[3], y[3];

  for (guint i = 0; i < 3; i++)
    {
      children[i] = gtk_button_new_with_label ("control");
      gtk_widget_set_size_request (children[i], 180, 30);
      eid_wrap_box_append (EID_WRAP_BOX (box), children[i]);
    }
  gtk_box_append (GTK_BOX (middle), box);
  window = test_show (middle, 480, 360); /* 480 wide */
  for (guint i = 0; i < 3; i++)
    g_assert_true (gtk_widget_translate_coordinates (children[i], box, 0, 0, &x[i], &y[i]));
  g_assert_cmpfloat (y[0], ==, y[1]);
  g_assert_cmpfloat (x[1], >=, x[0] + 180 + 12);
  g_assert_cmpfloat (y[2], >=, y[0] + 30);
  g_assert_cmpfloat (x[2], ==, x[0]);
  /* What is hidden takes no room. */
  gtk_widget_set_visible (children[0], FALSE);
  test_settle ();
  gtk_widget_translate_coordinates (children[2], box, 0, 0, &x[2], &y[2]);
  gtk_widget_translate_coordinates (children[1], box, 0, 0, &x[1], &y[1]);
  g_assert_cmpfloat (y[2], ==, y[1]);
  /* From the right where one reads so. */
  gtk_widget_set_direction (box, GTK_TEXT_DIR_RTL);
  test_settle ();
  gtk_widget_translate_coordinates (children[2], box, 0, 0, &x[2], &y[2]);
  gtk_widget_translate_coordinates (children[1], box, 0, 0, &x[1], &y[1]);
  g_assert_cmpfloat (x[2], <, x[1]);
  test_close (window);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_printerr ("No display: skipped\n");
      return SKIP;
    }
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/ui/live/pictures", pictures_are_walked_and_activated_by_keys);
  g_test_add_func ("/ui/live/patches", patches_are_painted_by_keys_and_pointer);
  g_test_add_func ("/ui/live/wrap", a_row_of_controls_wraps);
  g_test_add_func ("/ui/live/chart", charts_seek_and_bear_absurd_data);
  g_test_add_func ("/ui/live/chart-stops", charts_with_stops_seek_there_alone);
  g_test_add_func ("/ui/live/scatter", scatters_and_spectra_bear_absurd_data);
  g_test_add_func ("/ui/live/health", health_has_icon_word_and_cure);
  g_test_add_func ("/ui/live/proposal", a_proposal_is_marked_when_chosen_and_begins_by_its_button);
  g_test_add_func ("/ui/live/colour-bar", a_colour_bar_without_a_range_hides);
  return g_test_run ();
}
