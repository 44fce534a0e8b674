/* pair-live.c: two halves in a window: where they stand, and which run each is of. */
#include "tests/ui/live.h"

#include "ui/ui.h"

static GtkWidget *
make_half (void)
{
  GtkWidget *half = gtk_label_new ("half");

  gtk_widget_set_size_request (half, 100, 100);
  return half;
}

static graphene_rect_t
bounds_of (GtkWidget *widget, GtkWidget *pair)
{
  graphene_rect_t bounds;

  g_assert_true (gtk_widget_compute_bounds (widget, pair, &bounds));
  return bounds;
}

/* Wide: side by side, mirrored from right to left; tall: one above the other; as large as one another. */
static void
halves_share_the_room (void)
{
  static const struct
  {
    int width, height;
    GtkTextDirection direction;
    int across, down; /* where the second is from the first */
  } cases[] = {
    { 600, 300, GTK_TEXT_DIR_LTR, 1, 0 },
    { 600, 300, GTK_TEXT_DIR_RTL, -1, 0 },
    { 300, 600, GTK_TEXT_DIR_LTR, 0, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *pair = eid_pair_new (), *first = make_half (), *second = make_half (), *window;
      graphene_rect_t a, b;

      gtk_widget_set_direction (pair, cases[i].direction);
      eid_pair_set_first (EID_PAIR (pair), first);
      eid_pair_set_second (EID_PAIR (pair), second);
      window = test_show (pair, cases[i].width, cases[i].height);
      a = bounds_of (first, pair);
      b = bounds_of (second, pair);
      g_assert_cmpfloat (a.size.width, ==, b.size.width);
      g_assert_cmpfloat (a.size.height, ==, b.size.height);
      g_assert_cmpint ((b.origin.x > a.origin.x) - (b.origin.x < a.origin.x), ==, cases[i].across);
      g_assert_cmpint ((b.origin.y > a.origin.y) - (b.origin.y < a.origin.y), ==, cases[i].down);
      test_close (window);
    }
}

/* The first has all the room when it is alone again, and the second is gone. */
static void
one_alone_has_all_the_room (void)
{
  GtkWidget *pair = eid_pair_new (), *first = make_half (), *second = make_half (), *window;
  gpointer left = second;

  g_object_add_weak_pointer (G_OBJECT (second), &left);
  eid_pair_set_first (EID_PAIR (pair), first);
  eid_pair_set_second (EID_PAIR (pair), second);
  window = test_show (pair, 600, 300);
  eid_pair_set_second (EID_PAIR (pair), NULL);
  g_assert_null (left);
  test_settle ();
  g_assert_cmpint (gtk_widget_get_width (first), ==, gtk_widget_get_width (pair));
  test_close (window);
}

/* The two runs have letters and colours of their own. */
static void
runs_are_told_apart (void)
{
  GtkWidget *tag = eid_run_tag_new (), *window = test_show (tag, 300, 40);

  eid_run_tag_set (EID_RUN_TAG (tag), 1, "a-run-1");
  gtk_test_accessible_assert_property (tag, GTK_ACCESSIBLE_PROPERTY_LABEL, "B: a-run-1");
  g_assert_cmpstr (eid_run_letter (0), !=, eid_run_letter (1));
  g_assert_cmpuint (eid_run_slot (0), !=, eid_run_slot (1));
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
  g_test_add_func ("/ui/pair/halves-share-the-room", halves_share_the_room);
  g_test_add_func ("/ui/pair/one-alone-has-all-the-room", one_alone_has_all_the_room);
  g_test_add_func ("/ui/run-tag/runs-are-told-apart", runs_are_told_apart);
  return g_test_run ();
}
