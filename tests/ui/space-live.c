/* space-live.c: the widgets of the space of features in a window: pointer and keys, what
 * a screen reader hears, and how long a frame under the pointer takes at 1,000 points.
 */
#include "tests/ui/live.h"

#include "ui/ui.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define POINTS 1000
#define SIDE   24

static gboolean
press (GtkWidget *widget, guint key, GdkModifierType state)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key, 0,
                         state, &handled);
  return handled;
}

static void
assert_described (GtkWidget *widget, const char *expected)
{
  g_autofree char *said = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                                              GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, expected);

  if (said)
    g_error ("the description is “%s”, and not “%s”", said, expected);
}

static void
count_up (GtkWidget *widget, guint *count)
{
  (*count)++;
}

static void
remember (GtkWidget *widget, guint index, guint *place)
{
  *place = index;
}

/* Points on a spiral, of five classes, with pictures. */
static GtkWidget *
make_map (void)
{
  static const char *const names[] = { "shirt", "bag", "boot", "coat", "dress", NULL };
  GtkWidget *map = eid_scatter_new ();
  g_autofree double *x = g_new (double, POINTS), *y = g_new (double, POINTS);
  g_autofree int *labels = g_new (int, POINTS);
  g_autofree guint8 *pixels = g_malloc0 (POINTS * SIDE * SIDE * 3);
  g_autoptr (GBytes) bytes = NULL;

  for (int i = 0; i < POINTS; i++)
    {
      x[i] = sqrt (i) * cos (2.4 * i);
      y[i] = sqrt (i) * sin (2.4 * i);
      labels[i] = i % 5;
    }
  eid_scatter_set_class_names (EID_SCATTER (map), names);
  eid_scatter_set_points (EID_SCATTER (map), x, y, labels, POINTS);
  bytes = g_bytes_new (pixels, POINTS * SIDE * SIDE * 3);
  g_assert_false (eid_scatter_set_pictures (EID_SCATTER (map), bytes, SIDE + 1, 3));
  g_assert_true (eid_scatter_set_pictures (EID_SCATTER (map), bytes, SIDE, 3));
  return map;
}

/* --- The map ---------------------------------------------------------------------------- */

static void
the_map_is_walked_and_told_by_keys (void)
{
  GtkWidget *map = make_map (), *window = test_show (map, 900, 600);
  guint activated = 99, selected = 0;
  g_autoptr (GArray) one = NULL, all = NULL, shown = NULL;

  g_signal_connect (map, "activated", G_CALLBACK (remember), &activated);
  g_signal_connect (map, "selected", G_CALLBACK (count_up), &selected);
  assert_described (map, "1000 points of 5 classes");
  g_assert_true (press (map, GDK_KEY_Right, 0));
  g_assert_true (press (map, GDK_KEY_Right, 0));
  assert_described (map, "picture 1, bag");
  g_assert_true (press (map, GDK_KEY_Return, 0));
  g_assert_cmpuint (activated, ==, 1);

  g_assert_true (press (map, GDK_KEY_space, 0));
  one = eid_scatter_get_selection (EID_SCATTER (map));
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpuint (g_array_index (one, guint, 0), ==, 1);
  g_assert_true (press (map, GDK_KEY_a, GDK_CONTROL_MASK));
  all = eid_scatter_get_selection (EID_SCATTER (map));
  g_assert_cmpuint (all->len, ==, POINTS);
  g_assert_cmpuint (selected, ==, 2);
  g_assert_true (press (map, GDK_KEY_Escape, 0));
  g_assert_cmpuint (selected, ==, 3);

  /* What is left out is passed over. */
  eid_scatter_set_class_shown (EID_SCATTER (map), 0, FALSE);
  g_assert_true (press (map, GDK_KEY_Right, 0));
  assert_described (map, "picture 1, bag");
  g_assert_true (press (map, GDK_KEY_a, GDK_CONTROL_MASK));
  shown = eid_scatter_get_selection (EID_SCATTER (map));
  g_assert_cmpuint (shown->len, ==, POINTS / 5 * 4);
  test_settle ();
  test_close (window);
}

static void
the_map_bears_zoom_rings_and_other_points (void)
{
  GtkWidget *map = make_map (), *window = test_show (map, 900, 600);
  const gint32 others[] = { 1, 2, 900, 5000, -3 };
  gboolean handled = FALSE;

  g_signal_emit_by_name (test_controller (map, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", 300.0, 200.0);
  for (int i = 0; i < 40; i++)
    g_signal_emit_by_name (test_controller (map, GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll", 0.0, -1.0,
                           &handled);
  g_assert_true (handled);
  test_settle ();
  g_assert_true (press (map, GDK_KEY_Left, GDK_SHIFT_MASK));
  g_assert_true (press (map, GDK_KEY_Up, GDK_SHIFT_MASK));
  eid_scatter_set_rings (EID_SCATTER (map), 0, others, G_N_ELEMENTS (others));
  eid_scatter_set_show_pictures (EID_SCATTER (map), TRUE);
  test_settle ();
  g_assert_true (press (map, GDK_KEY_0, 0));
  g_assert_false (press (map, GDK_KEY_Left, GDK_SHIFT_MASK)); /* all is in sight */
  test_settle ();
  eid_scatter_set_points (EID_SCATTER (map), (double[]){ 1, 2 }, (double[]){ 1, 2 }, NULL, 2);
  g_assert_null (eid_scatter_get_picture (EID_SCATTER (map), 0));
  test_settle ();
  assert_described (map, "2 points");
  test_close (window);
}

static void
a_click_chooses_and_a_lasso_selects (void)
{
  GtkWidget *map = make_map (), *window = test_show (map, 900, 600);
  GtkEventController *drag = test_controller (map, GTK_TYPE_GESTURE_DRAG);
  guint selected = 0;
  g_autoptr (GArray) none = NULL;

  g_signal_connect (map, "selected", G_CALLBACK (count_up), &selected);
  eid_scatter_set_lasso (EID_SCATTER (map), TRUE);
  g_signal_emit_by_name (drag, "drag-begin", 5.0, 5.0);
  g_signal_emit_by_name (drag, "drag-update", 400.0, 0.0);
  g_signal_emit_by_name (drag, "drag-update", 400.0, 300.0);
  test_settle ();
  g_signal_emit_by_name (drag, "drag-end", 0.0, 300.0);
  /* Where the gesture began is not known without an event: it holds nothing, and is over. */
  none = eid_scatter_get_selection (EID_SCATTER (map));
  g_assert_cmpuint (none->len, <, POINTS);
  test_settle ();
  test_close (window);
}

/* --- Frames ------------------------------------------------------------------------------- */

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* Of the processor for this process, microseconds. */
static gint64
work_so_far (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static void
on_after_paint (GdkFrameClock *clock, gboolean *painted)
{
  *painted = TRUE;
}

typedef struct
{
  double median, late; /* ms from a pointer's event to the end of the frame that shows it; of 95 in 100 */
  double work;         /* of the processor, ms, median                                              */
} Frames;

static Frames
measure_frames (GtkWidget *map)
{
  enum
  {
    FRAMES = 60
  };
  GtkEventController *pointer = test_controller (map, GTK_TYPE_EVENT_CONTROLLER_MOTION);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (map);
  gint64 times[FRAMES], works[FRAMES];
  gboolean painted = FALSE;
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (on_after_paint), &painted);

  for (int i = 0; i < FRAMES; i++)
    {
      const gint64 rest = g_get_monotonic_time () + 20000; /* as between two events of a slow hand */
      gint64 began, work;

      while (g_get_monotonic_time () < rest)
        g_main_context_iteration (NULL, FALSE);
      began = g_get_monotonic_time ();
      work = work_so_far ();
      painted = FALSE;
      g_signal_emit_by_name (pointer, "motion", 250 + 5.0 * i, 280 + 60 * sin (i));
      gtk_widget_queue_draw (map);
      while (!painted)
        g_main_context_iteration (NULL, TRUE);
      times[i] = g_get_monotonic_time () - began;
      works[i] = work_so_far () - work;
    }
  g_signal_handler_disconnect (clock, handler);
  qsort (times, FRAMES, sizeof *times, compare_times);
  qsort (works, FRAMES, sizeof *works, compare_times);
  return (Frames){ (double) times[FRAMES / 2] / 1000, (double) times[FRAMES * 95 / 100] / 1000,
                   (double) works[FRAMES / 2] / 1000 };
}

static void
frames_under_the_pointer_are_quick (void)
{
  GtkWidget *map = make_map (), *window = test_show (map, 900, 600);

  for (int pictures = 0; pictures < 2; pictures++)
    {
      Frames frames;

      eid_scatter_set_show_pictures (EID_SCATTER (map), pictures);
      test_settle ();
      frames = measure_frames (map);
      g_test_message (
          "1,000 %s: event to frame median %.1f ms, 95 of 100 under %.1f ms; %.1f ms of the processor",
          pictures ? "pictures" : "points", frames.median, frames.late, frames.work);
      /* What others do on the machine is not the widget's fault, and not counted here. */
      if (g_test_perf ())
        g_assert_cmpfloat (frames.work, <=, 16);
    }
  test_close (window);
}

/* --- The others ------------------------------------------------------------------------------- */

static void
similarities_are_told_pair_by_pair (void)
{
  static const char *const names[] = { "cat", "dog", NULL };
  const float values[] = { 1, 0.5f, 0.5f, 1 };
  const int labels[] = { 0, 1 };
  const gint32 numbers[] = { 7, 9 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (values, sizeof values);
  GtkWidget *matrix = eid_matrix_new (), *window = test_show (matrix, 900, 600);

  assert_described (matrix, "No similarities yet");
  g_assert_false (eid_matrix_set_values (EID_MATRIX (matrix), bytes, 3, NULL, NULL));
  eid_matrix_set_class_names (EID_MATRIX (matrix), names);
  g_assert_true (eid_matrix_set_values (EID_MATRIX (matrix), bytes, 2, labels, numbers));
  test_settle ();
  assert_described (matrix, "Cosines of 2 pictures: mean — within classes, 0.500 between them");
  g_assert_true (press (matrix, GDK_KEY_Right, 0));
  g_assert_true (press (matrix, GDK_KEY_Right, 0));
  assert_described (matrix, "picture 7, cat; picture 9, dog: cosine 0.500");
  test_settle ();
  eid_matrix_set_values (EID_MATRIX (matrix), NULL, 0, NULL, NULL);
  test_settle ();
  g_assert_false (press (matrix, GDK_KEY_Right, 0));
  test_close (window);
}

static void
bars_are_told_one_by_one (void)
{
  const double values[] = { 0.25, 0.75 };
  GtkWidget *bars = eid_bars_new (), *window = test_show (bars, 900, 600);
  g_autofree char *large = eid_format_percent (0.75), *small = eid_format_percent (0.25);
  g_autofree char *all = g_strdup_printf ("2 bars, the largest %s", large);
  g_autofree char *one = g_strdup_printf ("prototype 0: %s", small);

  assert_described (bars, "Nothing to show yet");
  eid_bars_set_titles (EID_BARS (bars), "use", "mass", "prototype", "rank");
  eid_bars_set_rule (EID_BARS (bars), "all alike", 0.5);
  eid_bars_set_values (EID_BARS (bars), values, NULL, 2);
  test_settle ();
  assert_described (bars, all);
  g_assert_true (press (bars, GDK_KEY_End, 0));
  assert_described (bars, one);
  test_settle ();
  eid_bars_set_values (EID_BARS (bars), (double[]){ NAN, INFINITY, -1 }, (double[]){ NAN, 1, 2 }, 3);
  test_settle ();
  eid_bars_set_values (EID_BARS (bars), NULL, NULL, 0);
  test_settle ();
  test_close (window);
}

static void
a_vital_sign_is_told_with_its_band (void)
{
  GtkWidget *card = eid_vital_card_new ("Mean cosine", "1 where all look alike"),
            *window = test_show (card, 900, 600);
  EidVitalCard *vital = EID_VITAL_CARD (card);

  assert_described (card, "—, not measured yet");
  eid_vital_card_append (vital, 0, 0.5);
  assert_described (card, "0.500, no limit: to compare over time");
  eid_vital_card_set_band (vital, -INFINITY, 0.9);
  assert_described (card, "0.500, in its band, up to 0.900");
  eid_vital_card_append (vital, 10, 0.95);
  assert_described (card, "0.950, over its band, which ends at 0.900");
  eid_vital_card_set_band (vital, 0.96, 0.99);
  assert_described (card, "0.950, under its band, which begins at 0.960");
  eid_vital_card_set_reference (vital, "1/√d", 0.088);
  test_settle ();
  eid_vital_card_clear (vital);
  assert_described (card, "—, not measured yet");
  test_close (window);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    return SKIP;
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/ui/space/map-keys", the_map_is_walked_and_told_by_keys);
  g_test_add_func ("/ui/space/map-view", the_map_bears_zoom_rings_and_other_points);
  g_test_add_func ("/ui/space/map-pointer", a_click_chooses_and_a_lasso_selects);
  g_test_add_func ("/ui/space/frames", frames_under_the_pointer_are_quick);
  g_test_add_func ("/ui/space/matrix", similarities_are_told_pair_by_pair);
  g_test_add_func ("/ui/space/bars", bars_are_told_one_by_one);
  g_test_add_func ("/ui/space/vital", a_vital_sign_is_told_with_its_band);
  return g_test_run ();
}
