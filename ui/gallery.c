/* gallery.c: eidoscope-gallery, a window that shows every widget with fixed data.
 *
 * With --screenshot it draws itself to a PNG and ends: the way to see what a change did
 * to the looks, in light and dark and at several sizes.
 */
#include "gallery.h"

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

static GtkWidget *
empty_embedding (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *spectrum = eid_spectrum_new (),
            *scatter = eid_scatter_new ();

  gtk_widget_set_hexpand (scatter, TRUE);
  gtk_box_append (GTK_BOX (box), scatter);
  gtk_box_append (GTK_BOX (box), spectrum);
  return box;
}

static GtkWidget *
empty_card (void)
{
  return eid_vital_card_new ("Effective rank", NULL);
}

static const struct
{
  const char *name, *title;
  GtkWidget *(*full) (void), *(*empty) (void);
} pages[] = {
  { "start", "Start", eid_gallery_start, gtk_list_box_new },
  { "augmentations", "Augmentations", eid_gallery_augmentations, eid_picture_grid_new },
  { "reconstruction", "Reconstruction", eid_gallery_reconstruction, eid_picture_grid_new },
  { "attention", "Attention", eid_gallery_attention, eid_attention_view_new },
  { "heads", "Heads", eid_gallery_heads, eid_attention_view_new },
  { "patch-colours", "Colours", eid_gallery_patch_colours, eid_attention_view_new },
  { "similarity", "Similarity", eid_gallery_similarity, eid_attention_view_new },
  { "embedding", "Embedding", eid_gallery_embedding, empty_embedding },
  { "matrix", "Matrix", eid_gallery_matrix, eid_matrix_new },
  { "prototypes", "Prototypes", eid_gallery_prototypes, eid_bars_new },
  { "tokens", "Tokens", eid_gallery_tokens, eid_token_strip_new },
  { "heat-map", "Heat Map", eid_gallery_heat_map, eid_heat_map_new },
  { "health", "Health", eid_gallery_health, empty_card },
  { "progress", "Progress", eid_gallery_progress, eid_chart_new },
};

static GtkWidget *
health_lines (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *good = eid_health_line_new (), *bad = eid_health_line_new ();

  eid_health_line_set (EID_HEALTH_LINE (good), EID_HEALTH_GOOD,
                       "effective rank 41.2 of 128, z-std 0.0810 (1/√d = 0.0884)", NULL);
  eid_health_line_set (EID_HEALTH_LINE (bad), EID_HEALTH_WARNING,
                       "the embedding is collapsing: effective rank 2.10 of 128", "Raise the temperature…");
  gtk_box_append (GTK_BOX (box), good);
  gtk_box_append (GTK_BOX (box), bad);
  return box;
}

static GtkWidget *
build_window (int width, int height)
{
  GtkWidget *window = adw_window_new (), *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *middle = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0),
            *right = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *stack = gtk_stack_new (), *bar = adw_header_bar_new (), *side = gtk_scrolled_window_new ();
  GtkWidget *switcher = gtk_stack_switcher_new (), *form = eid_gallery_params (!idle), *timeline;

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    gtk_stack_add_titled (GTK_STACK (stack), empty ? pages[i].empty () : pages[i].full (), pages[i].name,
                          pages[i].title);
  if (page)
    gtk_stack_set_visible_child_name (GTK_STACK (stack), page);
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (stack));
  gtk_widget_set_halign (switcher, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (switcher, 6);
  gtk_widget_set_vexpand (stack, TRUE);
  gtk_widget_set_hexpand (stack, TRUE);

  gtk_widget_set_margin_start (form, 12);
  gtk_widget_set_margin_end (form, 12);
  gtk_widget_set_margin_top (form, 12);
  gtk_widget_set_margin_bottom (form, 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (side), form);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (side), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (side, 290, -1);

  timeline = empty ? eid_chart_new () : eid_gallery_timeline ();
  gtk_box_append (GTK_BOX (right), switcher);
  gtk_box_append (GTK_BOX (right), stack);
  gtk_box_append (GTK_BOX (right), health_lines ());
  gtk_box_append (GTK_BOX (middle), side);
  gtk_box_append (GTK_BOX (middle), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (middle), right);
  gtk_widget_set_vexpand (middle, TRUE);
  gtk_box_append (GTK_BOX (outer), bar);
  gtk_box_append (GTK_BOX (outer), middle);
  gtk_box_append (GTK_BOX (outer), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (outer), timeline);

  gtk_window_set_title (GTK_WINDOW (window), "Gallery");
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  adw_window_set_content (ADW_WINDOW (window), outer);
  return window;
}

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
  window = build_window (width, height);
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
