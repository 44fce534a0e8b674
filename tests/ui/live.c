/* live.c: see live.h. */
#include "tests/ui/live.h"

#include "tests/ui/patience.h"

static void
on_painted (GdkFrameClock *clock, guint *frames)
{
  ++*frames;
}

/* The first frame may have begun before what is to be seen was asked for; the second has not. */
static void
wait_for_frames (GtkWidget *window)
{
  g_autoptr (GObject) clock = g_object_ref (G_OBJECT (gtk_widget_get_frame_clock (window)));
  guint frames = 0;
  const gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), &frames);

  for (guint wanted = 1; wanted <= 2; wanted++)
    {
      gtk_widget_queue_draw (window);
      wait_patiently (frames >= wanted || !gtk_widget_get_mapped (window), "no frame was drawn");
    }
  g_signal_handler_disconnect (clock, handler);
}

static gboolean
on_rested (gpointer rested)
{
  *(gboolean *) rested = TRUE;
  return G_SOURCE_REMOVE;
}

void
test_settle (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gboolean rested = FALSE;

  g_timeout_add (1000 / 8, on_rested, &rested); /* what moves comes to its end */
  while (!rested)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (gtk_widget_get_mapped (window))
        wait_for_frames (window);
    }
}

void
test_present (GtkWidget *window)
{
  gtk_window_present (GTK_WINDOW (window));
  wait_patiently (gtk_widget_get_mapped (window) && gtk_widget_get_width (window) > 0,
                  "the window has no place");
  test_settle ();
}

GtkWidget *
test_show (GtkWidget *widget, int width, int height)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  test_present (window);
  g_assert_cmpint (gtk_widget_get_width (widget), >, 0);
  return window;
}

void
test_close (GtkWidget *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  test_settle ();
}

GtkEventController *
test_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) each = g_list_model_get_item (all, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (each, type))
        return each;
    }
  g_assert_not_reached ();
}

GtkWidget *
test_find (GtkWidget *widget, const char *type)
{
  if (g_strcmp0 (G_OBJECT_TYPE_NAME (widget), type) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = test_find (child, type);

      if (found)
        return found;
    }
  return NULL;
}
