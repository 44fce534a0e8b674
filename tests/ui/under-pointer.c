/* under-pointer.c: what a person points at stays where it is, over the fake engine and under a real pointer,
 * which xdotool moves.                                                        */
#include "app/workbench/pages/embedding/strip.h"
#include "app/workbench/pages/attention/attention.h"
#include "app/workbench/start/recent-list.h"
#include "app/workbench/client/settings.h"
#include "tests/ui/fake-window.h"

/* The screen has no window manager: a window stands in its corner. */
static void
move_to (double x, double y)
{
  g_autofree char *command = g_strdup_printf ("xdotool mousemove %d %d", (int) x, (int) y);
  g_autoptr (GError) error = NULL;

  g_spawn_command_line_sync (command, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

enum
{
  STILL = 3 /* frames in which nothing moves */
};

typedef struct
{
  double x, y;  /* where the pointer was moved to */
  gint64 since; /* that frame                     */
} Place;

/* Moves the pointer to the middle of @widget, if that is not where it was moved to; TRUE if it is there, and
 * stays there: the widget is lit, and has had its place for some frames. */
static gboolean
follow (EidWindow *window, GtkWidget *widget, Place *pointer)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  Place middle;

  gtk_widget_queue_draw (GTK_WIDGET (window));
  if (!gtk_widget_get_mapped (widget) || gtk_widget_get_width (widget) == 0
      || !gtk_widget_translate_coordinates (widget, GTK_WIDGET (window), gtk_widget_get_width (widget) / 2.0,
                                            gtk_widget_get_height (widget) / 2.0, &middle.x, &middle.y))
    return FALSE;
  if (middle.x != pointer->x || middle.y != pointer->y)
    {
      middle.since = gdk_frame_clock_get_frame_counter (clock);
      move_to (middle.x, middle.y);
      *pointer = middle;
    }
  return (gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_PRELIGHT)
         && gdk_frame_clock_get_frame_counter (clock) >= pointer->since + STILL;
}

/* The pointer on the middle of @widget: it may get its place, or another one, while it goes there; the widget
 * has to last. */
static void
point_at (EidWindow *window, gpointer widget)
{
  Place pointer = { -1, -1, 0 };

  wait_until (window, follow (window, widget, &pointer));
}

/* Until @page shows what was asked for after now: what comes next may have been asked for before. */
static void
wait_for_new_picture (EidWindow *window, EidPage *page)
{
  for (guint i = 0; i < 2; i++)
    {
      const guint64 step = eid_page_get_step (page);

      wait_until (window, eid_page_get_step (page) > step);
    }
}

/* A picture that is pinned stays where it is until the pointer has left, or the page is shown anew. */
static void
test_pinned_pictures_stay (void)
{
  EidWindow *window = fake_window_with (fake_recipe_of_pictures, TRUE);
  EidPageAttention *page = EID_PAGE_ATTENTION (window->attention);

  eid_window_show_page (window, "attention");
  wait_until (window, eid_page_get_picture (window->attention));
  point_at (window, page->view);
  g_signal_emit_by_name (page->view, "activated", 3);
  wait_for_new_picture (window, window->attention);
  g_assert_true (eid_pins_is_pinned (page->pins, 3));
  g_assert_cmpuint (eid_pins_number (page->pins, 3), ==, 3);
  g_assert_cmpuint (eid_pins_number (page->pins, 0), ==, 0);
  point_at (window, window->health_line);
  wait_until (window, eid_pins_is_pinned (page->pins, 0));
  g_assert_cmpuint (eid_pins_number (page->pins, 0), ==, 3);
  g_signal_emit_by_name (page->view, "activated", 0);
  g_assert_cmpuint (eid_pins_number (page->pins, 0), ==, 3);
  eid_window_show_page (window, "reconstruction");
  eid_window_show_page (window, "attention");
  wait_until (window, eid_pins_number (page->pins, 0) == 0);
  fake_window_close (window);
}

/* The first words of what is said of the neighbours in the strip. */
#define assert_strip(window, strip, expected)                                                                \
  wait_until (window, fake_window_text (GTK_WIDGET (strip), expected) != NULL)

/* A neighbour that is chosen in the strip, and looks at newer steps, change the strip when the pointer has
 * left. */
static void
test_neighbours_stay (void)
{
  EidWindow *window = fake_window_with (fake_recipe_of_pictures, TRUE);
  EidEmbeddingStrip *strip;

  eid_window_show_page (window, "embedding");
  wait_until (window, eid_page_get_picture (window->embedding));
  strip = fake_window_part (window->embedding, EID_TYPE_EMBEDDING_STRIP, 0);
  g_signal_emit_by_name (fake_window_part (window->embedding, EID_TYPE_SCATTER, 0), "activated", 5);
  assert_strip (window, strip, "Nearest to picture 5 ");
  point_at (window, strip);
  wait_until (window, eid_embedding_strip_is_pointed (strip));
  g_signal_emit_by_name (strip, "activated", 9);
  wait_for_new_picture (window, window->embedding);
  g_assert_nonnull (fake_window_text (GTK_WIDGET (strip), "Nearest to picture 5 "));
  point_at (window, window->health_line);
  assert_strip (window, strip, "Nearest to picture 9 ");
  fake_window_close (window);
}

/* A list that has changed meanwhile is filled anew when the pointer has left. */
static void
test_recent_runs_stay (void)
{
  EidWindow *window;
  GtkWidget *list;
  gint64 until;

  if (eid_settings () == NULL)
    {
      g_test_skip ("needs the settings' schema");
      return;
    }
  eid_recent_remember ("/nowhere/first");
  window = fake_window_with (fake_recipe_of_pictures, FALSE);
  list = fake_window_part (window, EID_TYPE_RECENT_LIST, 0);
  wait_until (window, fake_window_text (list, "first"));
  point_at (window, list); /* whose rows are made anew when the plugins are known */
  eid_recent_remember ("/nowhere/second");
  eid_recent_list_refresh (EID_RECENT_LIST (list));
  until = g_get_monotonic_time () + G_USEC_PER_SEC / 2;
  while (g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (fake_window_text (list, "second"));
  move_to (2, 2);
  wait_until (window, fake_window_text (list, "second"));
  fake_window_close (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("under-pointer-XXXXXX", NULL);
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (xdotool == NULL || !gtk_init_check ())
    return 77;
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/under-pointer/pinned-pictures-stay", test_pinned_pictures_stay);
  g_test_add_func ("/under-pointer/neighbours-stay", test_neighbours_stay);
  g_test_add_func ("/under-pointer/recent-runs-stay", test_recent_runs_stay);
  return g_test_run ();
}
