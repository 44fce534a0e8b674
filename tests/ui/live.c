/* live.c: see live.h. */
#include "live.h"

void
test_settle (void)
{
  gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC / 8;

  while (g_get_monotonic_time () < until)
    g_main_context_iteration (NULL, FALSE);
}

GtkWidget *
test_show (GtkWidget *widget, int width, int height)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  for (int i = 0; i < 40 && gtk_widget_get_width (widget) == 0; i++)
    test_settle ();
  g_assert_cmpint (gtk_widget_get_width (widget), >, 0);
  test_settle ();
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
