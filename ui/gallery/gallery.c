/* gallery.c: eidoscope-gallery, a window that shows every widget with fixed data.
 *
 * With --screenshot it draws itself to a PNG and ends: the way to see what a change did
 * to the looks, in light and dark and at several sizes.
 */
#include "ui/gallery/gallery.h"

#include <stdio.h>

static gboolean dark, empty, idle;
static char *screenshot, *page, *size;

static const GOptionEntry options[] = {
  { "dark", 0, 0, G_OPTION_ARG_NONE, &dark, "Use the dark style", NULL },
  { "empty", 0, 0, G_OPTION_ARG_NONE, &empty, "Show the widgets without data", NULL },
  { "idle", 0, 0, G_OPTION_ARG_NONE, &idle, "Show the parameters as before a run", NULL },
  { "page", 0, 0, G_OPTION_ARG_STRING, &page, "Open on this page", "NAME" },
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, &screenshot, "Draw the window to a PNG file and end", "FILE" },
  { "size", 0, 0, G_OPTION_ARG_STRING, &size, "Size of the window (1280x800)", "WxH" },
  { NULL },
};

/* The window as it stands, to a file. */
static gboolean
save_window (GtkWidget *window)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  int width = gtk_widget_get_width (window), height = gtk_widget_get_height (window);

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), width, height);
  node = gtk_snapshot_to_node (snapshot);
  if (!node)
    return FALSE;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  return gdk_texture_save_to_png (texture, screenshot);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- shows every widget with fixed data");
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GtkWidget *window;
  int width = 1280, height = 800;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (size && (sscanf (size, "%dx%d", &width, &height) != 2 || width < 100 || height < 100))
    {
      g_printerr ("--size is WIDTHxHEIGHT, as 1280x800\n");
      return 2;
    }
  adw_init ();
  eid_ui_init ();
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
  window = eid_gallery_window (width, height, page, empty, !idle);
  g_signal_connect_swapped (window, "destroy", G_CALLBACK (g_main_loop_quit), loop);
  gtk_window_present (GTK_WINDOW (window));
  if (screenshot)
    {
      gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC;

      while (g_get_monotonic_time () < until) /* let the style's transitions end */
        g_main_context_iteration (NULL, FALSE);
      if (!save_window (window))
        {
          g_printerr ("Could not draw the window to %s\n", screenshot);
          return 1;
        }
      return 0;
    }
  g_main_loop_run (loop);
  return 0;
}
