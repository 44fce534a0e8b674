/* start.c: from pictures dropped on the window to a picture of a view, over the
 * real engine in EIDOSCOPE_ENGINE, and how long it takes.
 *
 * The pictures are those of $EIDOSCOPE_PHOTOS, or 100 made here.             */
#include <stdlib.h>

#include "app/workbench/client/inventory.h"
#include "app/workbench/pages/export.h"
#include "app/workbench/window/private.h"
#include "ui/ui.h"
#include "tests/ui/wait.h"

enum
{
  PICTURES = 100,
  WIDTH = 500,
  HEIGHT = 375
};

#define MOST_SECONDS 5.0 /* with warm caches, from the drop to the picture     */

static char *
photos_folder (const char *below)
{
  g_autofree guint8 *pixels = g_malloc (WIDTH * HEIGHT * 3);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autofree char *folder = NULL, *photos = NULL;

  if (g_getenv ("EIDOSCOPE_PHOTOS"))
    return g_strdup (g_getenv ("EIDOSCOPE_PHOTOS"));
  folder = g_build_filename (below, "pictures", NULL);
  photos = g_build_filename (folder, "photos", NULL);
  g_mkdir_with_parents (photos, 0700);
  for (guint i = 0; i < PICTURES; i++)
    {
      const int a = g_rand_int_range (random, 1, 9), b = g_rand_int_range (random, 1, 9);
      g_autofree char *name = g_strdup_printf ("%s/%03u.jpg", photos, i);
      g_autoptr (GdkPixbuf) picture = NULL;

      for (int p = 0; p < WIDTH * HEIGHT; p++)
        {
          pixels[3 * p] = (guint8) (p % WIDTH * a);
          pixels[3 * p + 1] = (guint8) (p / WIDTH * b);
          pixels[3 * p + 2] = (guint8) (p * a / b + g_rand_int_range (random, 0, 16));
        }
      picture = gdk_pixbuf_new_from_data (pixels, GDK_COLORSPACE_RGB, FALSE, 8, WIDTH, HEIGHT, WIDTH * 3,
                                          NULL, NULL);
      g_assert_true (gdk_pixbuf_save (picture, name, "jpeg", NULL, "quality", "85", NULL));
    }
  return g_steal_pointer (&folder);
}

/* The first widget of @type below @widget that can be seen, or NULL. */
static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = gtk_widget_get_mapped (child) ? find (child, type) : NULL;

      if (found)
        return found;
    }
  return NULL;
}

/* As the desktop would: the window's drop target is given a list of files. */
static void
drop (EidWindow *window, const char *path)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (window));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GSList) files = g_slist_append (NULL, file);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, files);
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !taken; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &taken);
    }
  g_assert_true (taken);
}

static GtkWidget *
proposal (EidWindow *window)
{
  return find (GTK_WIDGET (window->start_page), EID_TYPE_PROPOSAL_ROW);
}

/* The page in front as a file that begins with @magic; what it holds besides. Free. */
static char *
export_as (EidWindow *window, const char *name, const char *magic)
{
  g_autofree char *file = g_build_filename (g_get_user_data_dir (), name, NULL);
  char *contents = NULL;
  gsize length = 0;

  eid_window_export_to (window, file);
  g_assert_true (g_file_get_contents (file, &contents, &length, NULL));
  g_assert_cmpuint (length, >, 300);
  g_assert_cmpmem (contents, strlen (magic), magic, strlen (magic));
  return contents;
}

/* Whether the frame has come that has @widget in it. */
static gboolean
is_drawn (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  gboolean drawn;

  gdk_paintable_snapshot (paintable, snapshot, 100, 100);
  node = gtk_snapshot_free_to_node (snapshot);
  drawn = gtk_widget_get_mapped (widget) && node != NULL;
  g_clear_pointer (&node, gsk_render_node_unref);
  return drawn;
}

static void
export_in_all_ways (EidWindow *window)
{
  g_autofree char *png = export_as (window, "view.png", "\x89PNG");
  g_autofree char *svg = export_as (window, "view.svg", "<?xml");
  g_autofree char *csv = export_as (window, "view.csv", "view,picture,draw,value\r\n");

  g_assert_nonnull (strstr (svg, "</svg>"));
  g_assert_nonnull (strstr (csv, "crop-width"));
  /* A lot more than a blank sheet takes. */
  g_assert_cmpuint (strlen (svg), >, 10000);
}

/* Drops, takes the first proposal, and waits for its picture: the seconds it took. */
static double
seconds_to_first_picture (const char *photos)
{
  EidWindow *window = eid_window_new (NULL);
  gint64 dropped;
  double seconds, proposed;
  GtkWidget *start;

  g_object_ref (window);
  gtk_window_present (GTK_WINDOW (window));
  wait_until (window, gtk_widget_get_mapped (GTK_WIDGET (window)));
  wait_until (window, window->plugins != NULL);
  dropped = g_get_monotonic_time ();
  drop (window, photos);
  wait_until (window, proposal (window) != NULL);
  proposed = (double) (g_get_monotonic_time () - dropped) / G_USEC_PER_SEC;
  start = find (proposal (window), GTK_TYPE_BUTTON);
  g_assert_nonnull (start);
  wait_until (window, gtk_widget_is_sensitive (start));
  g_signal_emit_by_name (start, "clicked");
  wait_until (window, eid_page_get_step (window->augmentations) > 0);
  seconds = (double) (g_get_monotonic_time () - dropped) / G_USEC_PER_SEC;
  g_test_message ("proposals after %.2f s, the first picture after %.2f s", proposed, seconds);

  wait_until (window, is_drawn (eid_page_get_content (window->augmentations)));
  export_in_all_ways (window);
  eid_engine_client_stop (window->client);
  wait_until (window, !eid_engine_client_busy (window->client));
  gtk_window_close (GTK_WINDOW (window));
  wait_until (window, eid_engine_client_phase (window->client) == EID_PHASE_LOST
                          || !gtk_widget_get_mapped (GTK_WIDGET (window)));
  g_object_unref (window);
  return seconds;
}

static void
test_dropped_pictures_are_learnt_from (void)
{
  g_autofree char *below = g_dir_make_tmp ("start-XXXXXX", NULL);
  g_autofree char *photos = NULL;
  double seconds;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  eid_ui_init ();
  photos = photos_folder (below);
  seconds_to_first_picture (photos);
  if (g_test_perf ()) /* as a benchmark, kernels being compiled now */
    {
      seconds = seconds_to_first_picture (photos);
      g_test_minimized_result (seconds, "seconds from the drop to the first picture");
      g_assert_cmpfloat (seconds, <=, MOST_SECONDS);
    }
}

/* The label below @widget that can be seen and holds @words. */
static GtkWidget *
find_words (GtkWidget *widget, const char *words)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_label (GTK_LABEL (widget)), words))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = gtk_widget_get_visible (child) ? find_words (child, words) : NULL;

      if (found)
        return found;
    }
  return NULL;
}

static void
test_pair_that_does_not_fit_is_told_where_it_stands (void)
{
  static const char recipe[] = "[Dataset]\npath=.\n[Encoder]\nplugin=vit\n[Objective]\nplugin=mae\n";
  EidWindow *window;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  window = eid_window_new (NULL);
  g_object_ref (window);
  gtk_window_present (GTK_WINDOW (window));
  wait_until (window, window->plugins != NULL);
  eid_window_choose_proposal (window, recipe);
  eid_draft_set_plugin (window->draft, "Encoder", "resnet");
  eid_window_check_draft (window);
  wait_until (window, find_words (GTK_WIDGET (window->sidebar), "Choose another encoder (vit"));
  eid_window_undo_edit (window);
  wait_until (window, !find_words (GTK_WIDGET (window->sidebar), "Choose another encoder (vit"));
  gtk_window_close (GTK_WINDOW (window));
  wait_until (window, !gtk_widget_get_mapped (GTK_WIDGET (window)));
  g_object_unref (window);
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("start-data-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("XDG_CACHE_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workbench/start/dropped-pictures-are-learnt-from",
                   test_dropped_pictures_are_learnt_from);
  g_test_add_func ("/workbench/start/pair-that-does-not-fit-is-told-where-it-stands",
                   test_pair_that_does_not_fit_is_told_where_it_stands);
  return g_test_run ();
}
