/* attention-live.c: the attention view in a real window, under fatal warnings: pointer, keys and
 * choices change what is seen and what is said. Skipped without a display.
 */
#include "tests/ui/live.h"

#include "ui/ui.h"

#include <math.h>

enum
{
  COUNT = 2,
  SIDE = 28,
  GRID = 4,
  CELLS = GRID * GRID,
  EXTRA = 3, /* a class token and two registers */
  TOKENS = EXTRA + CELLS,
  LAYERS = 2,
  HEADS = 3,
  PLANES = LAYERS * (1 + HEADS),
  WIDTH = 4
};

static EidAttentionView *view;
static GtkWidget *window;

static gboolean
press (guint key)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (test_controller (GTK_WIDGET (view), GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed",
                         key, 0, 0, &handled);
  return handled;
}

static void
point (double x, double y)
{
  g_signal_emit_by_name (test_controller (GTK_WIDGET (view), GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", x,
                         y);
}

static void
assert_says (const char *expected)
{
  g_autofree char *found = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, expected, NULL);

  if (found)
    g_test_message ("it says “%s”, not “%s”", found, expected);
  g_assert_null (found);
}

/* The widget as pixels. */
static cairo_surface_t *
photograph (void)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (view));
  int width = gtk_widget_get_width (GTK_WIDGET (view)), height = gtk_widget_get_height (GTK_WIDGET (view));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);
  GskRenderNode *node;

  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  gsk_render_node_draw (node, cr);
  gsk_render_node_unref (node);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* How many pixels have this colour. */
static guint
count_pixels (guint32 colour)
{
  cairo_surface_t *surface = photograph ();
  guint count = 0;

  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      count += (*(guint32 *) (void *) (cairo_image_surface_get_data (surface)
                                       + y * cairo_image_surface_get_stride (surface) + 4 * x)
                & 0xffffff)
               == colour;
  cairo_surface_destroy (surface);
  return count;
}

/* Every query looks at one token alone: the patch of the same number; a class token or register, the
 * patch twice its number on. The teacher looks at the next one. */
static void
fill_maps (guint of, GBytes **maps, GBytes **greatest)
{
  guint8 *bytes = g_malloc0 (PLANES * COUNT * TOKENS * TOKENS);
  float *most = g_new (float, PLANES *COUNT *TOKENS);

  for (int row = 0; row < PLANES * COUNT * TOKENS; row++)
    {
      int query = row % TOKENS, patch = query < EXTRA ? 2 * query : query - EXTRA;

      bytes[row * TOKENS + EXTRA + (patch + (int) of) % CELLS] = 255;
      most[row] = 0.75f;
    }
  *maps = g_bytes_new_take (bytes, PLANES * COUNT * TOKENS * TOKENS);
  *greatest = g_bytes_new_take (most, PLANES * COUNT * TOKENS * sizeof (float));
}

static void
give_attention_of (gboolean teacher, gboolean class_token)
{
  static const guint8 pixels[COUNT * SIDE * SIDE];
  EidAttentionPlane planes[PLANES];
  EidAttention attention = { .count = COUNT,
                             .size = SIDE,
                             .channels = 1,
                             .grid = GRID,
                             .extra = EXTRA,
                             .layers = LAYERS,
                             .heads = HEADS,
                             .class_token = class_token,
                             .planes = planes,
                             .n_planes = PLANES };

  attention.images = g_bytes_new_static (pixels, sizeof pixels);
  for (int i = 0; i < PLANES; i++)
    planes[i] = (EidAttentionPlane){ i / (1 + HEADS), i % (1 + HEADS) - 1 };
  for (guint of = 0; of < (teacher ? 2 : 1); of++)
    fill_maps (of, &attention.maps[of], &attention.greatest[of]);
  g_assert_true (eid_attention_view_set_attention (view, &attention));
  g_bytes_unref (attention.images);
  for (guint of = 0; of < (teacher ? 2 : 1); of++)
    {
      g_bytes_unref (attention.maps[of]);
      g_bytes_unref (attention.greatest[of]);
    }
  eid_attention_view_set_overlay (view, 1);
}

static void
give_attention (gboolean teacher)
{
  give_attention_of (teacher, TRUE);
}

static void
begin (void)
{
  view = EID_ATTENTION_VIEW (eid_attention_view_new ());
  window = test_show (GTK_WIDGET (view), 480, 360);
}

static void
end (void)
{
  test_close (window);
}

static void
remember_uint (GtkWidget *widget, guint value, guint *place)
{
  *place = value;
}

/* --- Tests ------------------------------------------------------------------------ */

static void
the_query_follows_pointer_and_keys (void)
{
  int query, picture;
  guint activated = 99;

  begin ();
  give_attention (FALSE);
  eid_attention_view_set_caption (view, 0, "T-shirt");
  eid_attention_view_set_overlay (view, NAN);
  eid_attention_view_set_overlay (view, 0.5);
  test_settle ();
  /* Two squares beside one another about the middle: a little left of it is the last column
   * of the first, a little right the first column of the second. */
  point (gtk_widget_get_width (GTK_WIDGET (view)) / 2.0 - 12, 150);
  g_object_get (view, "query", &query, "query-picture", &picture, NULL);
  g_assert_cmpint (picture, ==, 0);
  g_assert_cmpint (query % GRID, ==, GRID - 1);
  point (gtk_widget_get_width (GTK_WIDGET (view)) / 2.0 + 12, 150);
  g_object_get (view, "query", &query, "query-picture", &picture, NULL);
  g_assert_cmpint (picture, ==, 1);
  g_assert_cmpint (query % GRID, ==, 0);
  g_signal_emit_by_name (test_controller (GTK_WIDGET (view), GTK_TYPE_EVENT_CONTROLLER_MOTION), "leave");
  g_object_get (view, "query", &query, "query-picture", &picture, NULL);
  g_assert_cmpint (query, ==, -1);
  g_assert_cmpint (picture, ==, -1);

  g_object_set (view, "query-picture", 0, "query", 5, NULL);
  g_assert_true (press (GDK_KEY_Right));
  assert_says ("Picture 1, patch in row 2, column 3: weights from 0 to 0.750; 0\u00a0% of the weight is on "
               "tokens that are no patches");
  g_assert_true (press (GDK_KEY_Page_Down));
  g_signal_connect (view, "activated", G_CALLBACK (remember_uint), &activated);
  g_assert_true (press (GDK_KEY_Return));
  g_assert_cmpuint (activated, ==, 1);
  g_object_set (view, "query", G_MAXINT, NULL);
  g_object_get (view, "query", &query, NULL);
  g_assert_cmpint (query, ==, CELLS - 1);
  eid_attention_view_clear (view);
  assert_says ("No attention yet");
  g_assert_false (press (GDK_KEY_Right));
  end ();
}

static void
tokens_at_rest_have_their_names (void)
{
  begin ();
  give_attention (FALSE);
  eid_attention_view_set_rest (view, 0);
  assert_says (
      "Picture 1, class token: weights from 0 to 0.750; 0\u00a0% of the weight is on tokens that are "
      "no patches");
  eid_attention_view_set_rest (view, 2);
  assert_says (
      "Picture 1, register 2: weights from 0 to 0.750; 0\u00a0% of the weight is on tokens that are no "
      "patches");
  give_attention_of (FALSE, FALSE);
  eid_attention_view_set_rest (view, 0);
  assert_says (
      "Picture 1, register 1: weights from 0 to 0.750; 0\u00a0% of the weight is on tokens that are no "
      "patches");
  eid_attention_view_set_rest (view, -1);
  eid_attention_view_set_mass (view, 0.5);
  assert_says ("Picture 1, mean of all patches: weights from 0.0469 to 0.0469; 0\u00a0% of the weight is on "
               "tokens that are no patches; 8 of 16 patches have 50.0\u00a0% of what is on patches");
  end ();
}

/* Each picture's one yellow patch; twice as many with the teacher; a tile a head. */
static void
student_teacher_and_heads_stand_side_by_side (void)
{
  guint alone, both, all;

  begin ();
  give_attention (TRUE);
  eid_attention_view_set_rest (view, 1);
  test_settle ();
  alone = count_pixels (0xfde725);
  g_assert_cmpuint (alone, >, 0);
  eid_attention_view_set_whose (view, EID_ATTENTION_TEACHER);
  test_settle ();
  /* As large, in another place. */
  g_assert_cmpuint (count_pixels (0xfde725), ==, alone);
  eid_attention_view_set_whose (view, EID_ATTENTION_STUDENT | EID_ATTENTION_TEACHER);
  test_settle ();
  both = count_pixels (0xfde725);
  eid_attention_view_set_head (view, 0, EID_HEADS_ALL);
  test_settle ();
  all = count_pixels (0xfde725);
  g_test_message ("yellow pixels: %u alone, %u of both, %u of all heads", alone, both, all);
  g_assert_cmpuint (both, >, 0);
  g_assert_cmpuint (all, >, 0);
  g_assert_true (eid_attention_view_holds (view, -1, EID_HEADS_ROLLOUT));
  eid_attention_view_set_head (view, -1, EID_HEADS_ROLLOUT);
  test_settle ();
  /* Without the teacher's maps both are the student alone. */
  give_attention (FALSE);
  eid_attention_view_set_head (view, 0, 1);
  test_settle ();
  g_assert_cmpuint (count_pixels (0xfde725), ==, alone);
  end ();
}

static void
mass_leaves_the_rest_grey (void)
{
  begin ();
  give_attention (FALSE);
  eid_attention_view_set_rest (view, 1);
  test_settle ();
  g_assert_cmpuint (count_pixels (0x262626), ==, 0);
  eid_attention_view_set_mass (view, 0.6);
  test_settle ();
  g_assert_cmpuint (count_pixels (0xfde725), >, 0);
  /* All patches but one. */
  g_assert_cmpuint (count_pixels (0x262626), >, 10 * count_pixels (0xfde725));
  end ();
}

static void
patches_have_colours_and_likenesses (void)
{
  static const guint8 pixels[COUNT * SIDE * SIDE];
  g_autoptr (GBytes) images = g_bytes_new_static (pixels, sizeof pixels), colours = NULL, tokens = NULL;
  guint8 *colour = g_malloc (COUNT * CELLS * 3);
  gint8 *token = g_malloc0 (COUNT * CELLS * WIDTH);
  EidPatches patches = { .count = COUNT, .size = SIDE, .channels = 1, .grid = GRID, .width = WIDTH };

  for (int i = 0; i < COUNT * CELLS; i++)
    {
      colour[3 * i] = 10;
      colour[3 * i + 1] = 200;
      colour[3 * i + 2] = 30;
      token[i * WIDTH] = 20; /* all a little alike */
      token[i * WIDTH + 1] = (gint8) (i % CELLS == 5 ? 100 : 0);
      token[i * WIDTH + 2] = (gint8) (i == CELLS + 11 ? 90 : 0);
    }
  colours = g_bytes_new_take (colour, COUNT * CELLS * 3);
  tokens = g_bytes_new_take (token, COUNT * CELLS * WIDTH);
  patches.images = images;
  patches.colours = colours;
  patches.tokens = tokens;

  begin ();
  g_assert_true (eid_attention_view_set_patches (view, &patches));
  eid_attention_view_set_mode (view, EID_PATCHES_COLOURS);
  test_settle ();
  assert_says ("2 pictures, and their patches coloured by their first three principal axes");
  g_assert_cmpuint (count_pixels (0x0ac81e), >, 2 * SIDE * SIDE);

  eid_attention_view_set_mode (view, EID_PATCHES_SIMILARITY);
  eid_attention_view_set_query (view, 0, 5);
  test_settle ();
  assert_says ("Picture 1, patch in row 2, column 2: cosines from 0.0425 to 1.00; most alike in picture 2: "
               "row 2, column 2");
  g_assert_cmpuint (count_pixels (0x0ac81e), ==, 0);
  /* The pointer goes, the query stays. */
  g_signal_emit_by_name (test_controller (GTK_WIDGET (view), GTK_TYPE_EVENT_CONTROLLER_MOTION), "leave");
  assert_says ("Picture 1, patch in row 2, column 2: cosines from 0.0425 to 1.00; most alike in picture 2: "
               "row 2, column 2");
  patches.width = WIDTH + 1;
  g_assert_false (eid_attention_view_set_patches (view, &patches));
  test_settle ();
  end ();
}

/* Where there is no room for all, the first ones have it. */
static void
a_small_view_has_fewer_pictures (void)
{
  begin ();
  give_attention (TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 160);
  eid_attention_view_set_head (view, 0, EID_HEADS_ALL);
  eid_attention_view_set_whose (view, EID_ATTENTION_STUDENT | EID_ATTENTION_TEACHER);
  test_settle ();
  g_assert_true (press (GDK_KEY_Page_Down));
  test_settle ();
  end ();
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
  g_test_add_func ("/ui/attention-live/query", the_query_follows_pointer_and_keys);
  g_test_add_func ("/ui/attention-live/rest", tokens_at_rest_have_their_names);
  g_test_add_func ("/ui/attention-live/side-by-side", student_teacher_and_heads_stand_side_by_side);
  g_test_add_func ("/ui/attention-live/mass", mass_leaves_the_rest_grey);
  g_test_add_func ("/ui/attention-live/patches", patches_have_colours_and_likenesses);
  g_test_add_func ("/ui/attention-live/small", a_small_view_has_fewer_pictures);
  return g_test_run ();
}
