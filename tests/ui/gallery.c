/* gallery.c: every widget of ui/ stands in the gallery, and every page of the gallery draws
 * something, in light and dark, with data and without. Skipped without a display.
 */
#include "ui/gallery/gallery.h"
#include "tests/ui/live.h"

#include <string.h>

enum
{
  WIDTH = 1280,
  HEIGHT = 800,
  FEWEST_COLOURS = 16 /* of a picture that is not a blank sheet */
};

static void
collect_types (GtkWidget *widget, GHashTable *types)
{
  g_hash_table_add (types, (gpointer) G_OBJECT_TYPE_NAME (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    collect_types (child, types);
}

/* What is written in the parentheses of G_DEFINE_…_TYPE in the sources of @folder and of those in it. */
static void
add_defined_types (const char *folder, GRegex *pattern, GPtrArray *types)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  g_assert_nonnull (dir);
  for (const char *name; (name = g_dir_read_name (dir));)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL), *text = NULL;
      g_autoptr (GMatchInfo) match = NULL;

      if (g_file_test (file, G_FILE_TEST_IS_DIR))
        add_defined_types (file, pattern, types);
      if (!g_str_has_suffix (name, ".c") || !g_file_get_contents (file, &text, NULL, NULL))
        continue;
      for (g_regex_match (pattern, text, 0, &match); g_match_info_matches (match);
           g_match_info_next (match, NULL))
        g_ptr_array_add (types, g_match_info_fetch (match, 1));
    }
}

/* Those of all widgets. Unref. */
static GPtrArray *
defined_types (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("SOURCE_ROOT"), "ui", NULL);
  g_autoptr (GRegex) pattern = g_regex_new ("G_DEFINE_[A-Z_]+ \\((\\w+),", 0, 0, NULL);
  GPtrArray *types = g_ptr_array_new_with_free_func (g_free);

  add_defined_types (folder, pattern, types);
  g_assert_cmpuint (types->len, >, 10);
  return types;
}

static GtkWidget *
show (gboolean empty)
{
  GtkWidget *window = eid_gallery_window (WIDTH, HEIGHT, NULL, empty, TRUE);

  test_present (window);
  return window;
}

/* The stack of pages below @widget, or NULL: others' stacks have no page of that name. */
static GtkStack *
find_stack (GtkWidget *widget, const char *page)
{
  GtkStack *found = GTK_IS_STACK (widget) && gtk_stack_get_child_by_name (GTK_STACK (widget), page)
                        ? GTK_STACK (widget)
                        : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_stack (child, page);
  return found;
}

/* The window with that page in front: [rows, columns] of 0xaarrggbb. */
static guint32 *
draw (GtkWidget *window, const char *page)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  guint32 *pixels = g_new0 (guint32, WIDTH * HEIGHT);

  gtk_stack_set_visible_child_name (find_stack (window, page), page);
  test_settle ();
  gdk_paintable_snapshot (paintable, snapshot, WIDTH, HEIGHT);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, WIDTH, HEIGHT));
  gdk_texture_download (texture, (guint8 *) pixels, WIDTH * sizeof (guint32));
  return pixels;
}

static guint
count_colours (const guint32 *pixels)
{
  g_autoptr (GHashTable) colours = g_hash_table_new (NULL, NULL);

  for (guint y = 100; y < 550; y++)
    for (guint x = 320; x < WIDTH - 20; x++)
      g_hash_table_add (colours, GUINT_TO_POINTER (pixels[y * WIDTH + x]));
  return g_hash_table_size (colours);
}

static void
every_widget_stands_in_it (void)
{
  g_autoptr (GHashTable) types = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) defined = defined_types ();
  GtkWidget *window = show (FALSE);

  collect_types (window, types);
  for (guint i = 0; i < defined->len; i++)
    if (!g_hash_table_contains (types, g_ptr_array_index (defined, i)))
      g_error ("%s is in no page of the gallery: add it in ui/gallery/",
               (char *) g_ptr_array_index (defined, i));
  test_close (window);
}

static void
every_page_draws (gconstpointer dark)
{
  GtkWidget *full, *empty;

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);
  full = show (FALSE);
  empty = show (TRUE);
  for (guint i = 0; eid_gallery_page (i); i++)
    {
      g_autofree guint32 *with = draw (full, eid_gallery_page (i)),
                         *without = draw (empty, eid_gallery_page (i));

      if (count_colours (with) < FEWEST_COLOURS || memcmp (with, without, WIDTH * HEIGHT * sizeof *with) == 0)
        g_error ("page “%s” of the gallery shows nothing of its data", eid_gallery_page (i));
    }
  test_close (full);
  test_close (empty);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    return SKIP;
  adw_init ();
  eid_ui_init ();
  g_test_add_func ("/gallery/every-widget-stands-in-it", every_widget_stands_in_it);
  g_test_add_data_func ("/gallery/every-page-draws", NULL, every_page_draws);
  g_test_add_data_func ("/gallery/every-page-draws-in-the-dark", "dark", every_page_draws);
  return g_test_run ();
}
