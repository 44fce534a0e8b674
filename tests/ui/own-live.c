/* own-live.c: the widgets of plugins' own views in a window: pointer and keys, and what a screen reader
 * hears. */
#include "tests/ui/live.h"

#include "ui/ui.h"

#include <math.h>

static gboolean
press (GtkWidget *widget, guint key)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (test_controller (widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key, 0, 0,
                         &handled);
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
a_text_is_walked_and_told_by_keys (void)
{
  static const char *const words[] = { "one", " ", "two", "\n", NULL };
  static const gint32 tokens[] = { 0, 1, 2, 3, 2, 1 };
  static const double values[] = { NAN, 0.5, 0.125, 1, 0.25, 0.75 };
  GtkWidget *strip = eid_token_strip_new (), *window = test_show (strip, 500, 300);
  int narrow, wide;

  assert_described (strip, "No text yet");
  g_assert_cmpstr (pango_font_description_get_family (
                       pango_context_get_font_description (gtk_widget_get_pango_context (strip))),
                   ==, "monospace");
  g_assert_false (press (strip, GDK_KEY_Right));
  g_assert_true (eid_token_strip_set_tokens (
      EID_TOKEN_STRIP (strip),
      &(EidTokens){
          .count = 1, .length = 6, .words = words, .tokens = tokens, .values = values, .greatest = 1 }));
  test_settle ();
  assert_described (strip, "6 tokens, mean 0.525");
  g_assert_true (press (strip, GDK_KEY_Home));
  assert_described (strip, "“one”");
  press (strip, GDK_KEY_Right);
  assert_described (strip, "space  0.500");
  press (strip, GDK_KEY_Left);
  press (strip, GDK_KEY_Down);
  assert_described (strip, "“two”  0.250");
  press (strip, GDK_KEY_End);
  assert_described (strip, "space  0.750");
  press (strip, GDK_KEY_Escape);
  assert_described (strip, "6 tokens, mean 0.525");
  g_signal_emit_by_name (test_controller (strip, GTK_TYPE_EVENT_CONTROLLER_MOTION), "motion", 16.0, 20.0);
  assert_described (strip, "“one”");
  /* Narrower is higher. */
  gtk_widget_measure (strip, GTK_ORIENTATION_VERTICAL, 170, &narrow, NULL, NULL, NULL);
  gtk_widget_measure (strip, GTK_ORIENTATION_VERTICAL, 800, &wide, NULL, NULL, NULL);
  g_assert_cmpint (narrow, >=, wide);
  g_assert_cmpint (wide, >, 24);
  test_close (window);
}

static void
a_heat_map_is_walked_and_told_by_keys (void)
{
  static const float values[] = { 1, 2, 3, 4, 5, 6 };
  static const char *const names[] = { "a", "b", "c", NULL };
  GtkWidget *map = eid_heat_map_new (), *window = test_show (map, 500, 300);
  g_autoptr (GBytes) bytes = g_bytes_new_static (values, sizeof values);

  assert_described (map, "No numbers yet");
  g_assert_false (eid_heat_map_set_values (EID_HEAT_MAP (map), bytes, 2, 2, 0, 6, NULL));
  g_assert_true (eid_heat_map_set_values (EID_HEAT_MAP (map), bytes, 2, 3, 0, 6, names));
  test_settle ();
  assert_described (map, "2 rows, 3 columns, colours from 0 to 6.00");
  press (map, GDK_KEY_Right);
  assert_described (map, "row 0 “a”, column 0 “a”: 1.00");
  press (map, GDK_KEY_Right);
  press (map, GDK_KEY_Down);
  press (map, GDK_KEY_Down);
  assert_described (map, "row 1 “b”, column 1 “b”: 5.00");
  test_settle ();
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
  g_test_add_func ("/own/tokens", a_text_is_walked_and_told_by_keys);
  g_test_add_func ("/own/heat-map", a_heat_map_is_walked_and_told_by_keys);
  return g_test_run ();
}
