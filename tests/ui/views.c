/* views.c: the plain parts behind the pages of augmentations, reconstructions and the embedding: pinned
 * pictures of one's own, masks and their strokes, settings and draws in words, what a map says of itself.
 */
#include <adwaita.h>

#include "app/workbench/pages/augmentations/settings.h"
#include "app/workbench/client/draft.h"
#include "app/workbench/pages/augmentations/description.h"
#include "app/workbench/pages/embedding/map-private.h"
#include "app/workbench/pages/mask-edits.h"
#include "app/workbench/pages/masks.h"
#include "app/workbench/pages/user-images.h"
#include "app/workbench/pages/reconstruction/sheet.h"
#include "ui/scatter/scatter.h"

/* --- Pins ------------------------------------------------------------------- */

static char **
files_of (EidPins *pins, gsize *numbers)
{
  GVariantDict dict;
  g_autoptr (GVariant) options = NULL, pinned = NULL;
  char **files = NULL;

  g_variant_dict_init (&dict, NULL);
  eid_pins_add_option (pins, &dict);
  options = g_variant_ref_sink (g_variant_dict_end (&dict));
  pinned = g_variant_lookup_value (options, "pinned", G_VARIANT_TYPE ("au"));
  *numbers = g_variant_n_children (pinned);
  g_variant_lookup (options, "files", "^as", &files);
  return files;
}

static void
test_own_pictures_come_before_all (void)
{
  g_autoptr (EidPins) pins = eid_pins_new ();
  g_autofree char *first = NULL, *second = NULL;
  g_auto (GStrv) files = NULL;
  gsize numbers;

  eid_pins_toggle (pins, 3);
  eid_pins_add_file (pins, "/a.png");
  eid_pins_add_file (pins, "/a.png");
  eid_pins_add_file (pins, "/b.png");
  first = eid_pins_name (pins, 0);
  second = eid_pins_name (pins, 2);
  g_assert_cmpstr (first, ==, "/a.png");
  g_assert_cmpstr (second, ==, "3");
  files = files_of (pins, &numbers);
  g_assert_cmpuint (g_strv_length (files), ==, 2);
  g_assert_cmpuint (numbers, ==, EID_PINS_SHOWN - 2);
}

static void
test_own_pictures_stay_within_what_is_shown (void)
{
  g_autoptr (EidPins) pins = eid_pins_new ();
  g_auto (GStrv) files = NULL;
  gsize numbers;

  eid_pins_toggle (pins, 5);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *file = g_strdup_printf ("/%u.png", i);
      eid_pins_add_file (pins, file);
    }
  files = files_of (pins, &numbers);
  g_assert_cmpuint (g_strv_length (files), ==, EID_PINS_SHOWN);
  g_assert_cmpuint (numbers, ==, 0);
  g_assert_cmpstr (files[EID_PINS_SHOWN - 1], ==, "/19.png");
}

static void
test_only_new_pictures_are_let_go_when_refused (void)
{
  g_autoptr (EidPins) pins = eid_pins_new ();
  g_auto (GStrv) files = NULL;
  gsize numbers;

  g_assert_false (eid_pins_reject (pins));
  eid_pins_add_file (pins, "/good.png");
  eid_pins_accept (pins);
  eid_pins_add_file (pins, "/bad.txt");
  g_assert_true (eid_pins_reject (pins));
  g_assert_false (eid_pins_reject (pins));
  files = files_of (pins, &numbers);
  g_assert_cmpuint (g_strv_length (files), ==, 1);
  g_assert_cmpstr (files[0], ==, "/good.png");
}

static void
assert_mask (GBytes *mask, const char *expected)
{
  gsize patches;
  const guint8 *hidden = g_bytes_get_data (mask, &patches);
  g_autofree char *text = g_malloc0 (patches + 1);

  for (gsize i = 0; i < patches; i++)
    text[i] = hidden[i] ? '#' : '.';
  g_assert_cmpstr (text, ==, expected);
}

static void
test_one_patch_stays_shown (void)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("\0\0\0\0", 4), one = eid_mask_set (none, 1, TRUE);
  g_autoptr (GBytes) other = eid_mask_invert (one), all = eid_mask_invert (none);
  g_autoptr (GBytes) last = eid_mask_set (other, 1, TRUE), clear = eid_mask_clear (other);
  g_autoptr (GBytes) beyond = eid_mask_set (one, 99, TRUE), shuffled = eid_mask_shuffle (other, 7);
  gsize hidden = 0;

  assert_mask (one, ".#..");
  assert_mask (other, "#.##");
  assert_mask (all, "##.#");
  assert_mask (last, "#.##");
  assert_mask (clear, "....");
  assert_mask (beyond, ".#..");
  for (guint i = 0; i < 4; i++)
    hidden += ((const guint8 *) g_bytes_get_data (shuffled, NULL))[i];
  g_assert_cmpuint (hidden, ==, 3);
}

static void
test_strokes_are_undone_and_done_again (void)
{
  EidMasks *masks = eid_masks_new ();
  g_autoptr (GBytes) a = g_bytes_new_static ("a", 1), b = g_bytes_new_static ("b", 1);

  eid_masks_undo (masks);
  eid_masks_keep (masks, "5", a);
  g_assert_false (eid_masks_can_undo (masks));
  eid_masks_begin (masks);
  eid_masks_put (masks, "1", a);
  eid_masks_put (masks, "1", b);
  eid_masks_put (masks, "2", a);
  eid_masks_undo (masks);
  g_assert_null (eid_masks_get (masks, "1"));
  g_assert_null (eid_masks_get (masks, "2"));
  g_assert_true (eid_masks_get (masks, "5") == a);
  g_assert_false (eid_masks_can_undo (masks));
  eid_masks_redo (masks);
  g_assert_true (eid_masks_get (masks, "1") == b);
  g_assert_true (eid_masks_get (masks, "2") == a);
  g_assert_false (eid_masks_can_redo (masks));
  /* A new stroke takes the place of what was undone; many are bounded. */
  eid_masks_undo (masks);
  for (guint i = 0; i < 1000; i++)
    {
      eid_masks_begin (masks);
      eid_masks_put (masks, "3", i % 2 ? a : b);
    }
  g_assert_false (eid_masks_can_redo (masks));
  for (guint i = 0; i < 1000; i++)
    eid_masks_undo (masks);
  g_assert_false (eid_masks_can_undo (masks));
  eid_masks_unref (masks);
}

static void
test_hidden_patches_are_grey (void)
{
  const guint8 pixels[2 * 16] = { 0 }, hidden[4] = { 0, 1, 0, 0 };
  g_autoptr (GBytes) images = g_bytes_new_static (pixels, sizeof pixels);
  g_autoptr (GBytes) mask = g_bytes_new_static (hidden, sizeof hidden);
  g_autoptr (GdkTexture) texture = eid_mask_over (images, 1, 4, 1, 2, mask);
  g_autoptr (GdkTexture) beyond = eid_mask_over (images, 2, 4, 1, 2, mask);
  g_autoptr (GdkTexture) unfit = eid_mask_over (images, 0, 4, 1, 3, mask);
  guint32 shown[16];

  g_assert_nonnull (texture);
  g_assert_null (beyond);
  g_assert_null (unfit);
  gdk_texture_download (texture, (guchar *) shown, 4 * sizeof *shown);
  for (guint y = 0; y < 4; y++)
    for (guint x = 0; x < 4; x++)
      g_assert_cmphex (shown[y * 4 + x] & 0xffffff, ==, y < 2 && x >= 2 ? 0x6e6e6e : 0);
}

static void
test_settings_are_compared_by_number (void)
{
  g_autoptr (GVariant) from = eid_augment_settings_read ("[Augment]\nbrightness=0.40\nhue=0.1\n");
  g_autoptr (GVariant) same = eid_augment_settings_read ("[Augment]\nbrightness=0.4\n");
  g_autoptr (GVariant) other = eid_augment_settings_read ("[Augment]\nbrightness=0.8\nhue=0.2\n");
  g_autoptr (GVariant) absurd = eid_augment_settings_read ("no recipe at all");
  g_autofree char *none = eid_augment_settings_difference (from, same);
  g_autofree char *some = eid_augment_settings_difference (from, other);

  g_assert_null (none);
  g_assert_cmpstr (some, ==, "brightness 0.40, hue 0.1 → brightness 0.8, hue 0.2");
  g_assert_true (g_variant_is_of_type (absurd, G_VARIANT_TYPE ("a{ss}")));
}

static void
test_draws_are_told_with_their_numbers (void)
{
  g_autoptr (GVariant) draw = g_variant_ref_sink (g_variant_new_parsed (
      "{'crop-width': 0.5, 'crop-height': 0.86, 'flip': 1.0, 'brightness': 1.2, 'hue': 0.05, 'blur': 1.26}"));
  g_autoptr (GVariant) absurd =
      g_variant_ref_sink (g_variant_new_parsed ("{'crop-width': 1e300, 'hue': inf}"));
  g_autofree char *words = eid_draw_in_words (draw), *nothing = eid_draw_in_words (absurd);

  g_assert_cmpstr (words, ==, "crop 43.0\u00a0%, flipped, brightness ×1.20, hue +0.05, blur 1.3 px");
  g_assert_cmpstr (nothing, ==, "crop 100\u00a0%");
}

static GtkEventController *
drop_target_of (GtkWidget *widget)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) each = g_list_model_get_item (all, i);

      if (GTK_IS_DROP_TARGET (each))
        return each;
    }
  g_assert_not_reached ();
}

static void
test_dropped_pictures_are_pinned (void)
{
  g_autoptr (EidPins) pins = eid_pins_new ();
  g_autoptr (GFile) one = g_file_new_for_path ("/one.png"), other = g_file_new_for_path ("/other.jpg");
  g_autoptr (GSList) list = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GStrv) files = NULL;
  gboolean taken = FALSE;
  GtkWidget *widget;
  gsize numbers;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  widget = g_object_ref_sink (gtk_label_new (NULL));
  eid_own_pictures_accept_drops (widget, pins);
  list = g_slist_append (g_slist_append (NULL, one), other);
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (list));
  g_signal_emit_by_name (drop_target_of (widget), "drop", &value, 1.0, 1.0, &taken);
  g_assert_true (taken);
  files = files_of (pins, &numbers);
  g_assert_cmpuint (g_strv_length (files), ==, 2);
  g_assert_cmpstr (files[0], ==, "/one.png");
  g_assert_cmpstr (files[1], ==, "/other.jpg");
  g_object_unref (widget);
}

/* What was at a step has the masks of then, whatever was painted since, and whoever looks at one picture
 * alone goes on looking at that. */
static void
test_the_past_keeps_its_masks_and_the_picture (void)
{
  enum
  {
    COUNT = 3,
    SIZE = 4,
    PATCHES = 4
  };
  static const guint8 pixels[COUNT * SIZE * SIZE],
      drawn[COUNT * PATCHES] = { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0 };
  static const guint8 painted[PATCHES] = { 1, 1, 1, 0 };
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GBytes) mask = g_bytes_new_static (painted, PATCHES), now = NULL, then = NULL;
  g_autoptr (GVariant) picture = NULL;
  EidMasks *masks = eid_masks_new ();
  EidReconstructionSheet sheet = { .masks = masks };
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "count", "u", COUNT);
  g_variant_dict_insert (&dict, "size", "u", SIZE);
  g_variant_dict_insert (&dict, "channels", "u", 1u);
  g_variant_dict_insert (&dict, "patch", "u", 2u);
  for (guint i = 0; i < 3; i++)
    g_variant_dict_insert_value (&dict, ((const char *[]){ "images", "masked", "reconstructed" })[i],
                                 g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, pixels, sizeof pixels, 1));
  g_variant_dict_insert_value (&dict, "mask",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, drawn, sizeof drawn, 1));
  picture = g_variant_ref_sink (g_variant_dict_end (&dict));
  for (guint i = 0; i < COUNT; i++)
    g_ptr_array_add (names, (gpointer) ((const char *[]){ "0", "1", "2" })[i]);
  eid_masks_keep (masks, "1", mask);

  g_assert_true (eid_reconstruction_sheet_take (&sheet, picture, names, NULL, FALSE));
  now = eid_reconstruction_sheet_mask (&sheet, 1);
  g_assert_cmpmem (g_bytes_get_data (now, NULL), g_bytes_get_size (now), painted, PATCHES);
  g_assert_true (eid_reconstruction_sheet_take (&sheet, picture, names, "1", TRUE));
  then = eid_reconstruction_sheet_mask (&sheet, 1);
  g_assert_cmpmem (g_bytes_get_data (then, NULL), g_bytes_get_size (then), drawn + PATCHES, PATCHES);
  g_assert_cmpuint (eid_reconstruction_sheet_picture_at (&sheet, 0), ==, 1);
  eid_reconstruction_sheet_clear (&sheet);
  eid_masks_unref (masks);
}

/* --- A draft ----------------------------------------------------------------- */

/* Whoever chooses the plugin that there is has changed nothing. */
static void
test_the_same_plugin_keeps_its_settings (void)
{
  g_autoptr (EidDraft) draft = eid_draft_new ("[Encoder]\nplugin=vit\ndepth=6\n", NULL);
  g_autofree char *depth = NULL;

  eid_draft_set_plugin (draft, "Encoder", "vit");
  depth = eid_draft_get (draft, "Encoder", "depth");
  g_assert_cmpstr (depth, ==, "6");
  g_assert_false (eid_draft_can_undo (draft));
}

/* --- The map ------------------------------------------------------------------ */

/* A look at @count points without labels, whose axes have these shares of the variance. */
static GVariant *
map_of (guint count, const double explained[2])
{
  g_autofree double *places = g_new0 (double, count);
  g_autofree gint32 *labels = g_new (gint32, count);
  static const char *const none[] = { NULL };
  GVariantDict dict;

  for (guint i = 0; i < count; i++)
    {
      places[i] = i;
      labels[i] = -1;
    }
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "x",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, places, count, 8));
  g_variant_dict_insert_value (&dict, "y",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, places, count, 8));
  g_variant_dict_insert_value (&dict, "label",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, labels, count, 4));
  g_variant_dict_insert_value (&dict, "explained",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, explained, 2, 8));
  g_variant_dict_insert_value (&dict, "class-names", g_variant_new_strv (none, -1));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* Turned to stay like the look before, its axes may be in any order: they are not called first and second,
 * but what they are. All points are counted, and t-SNE, whose axes mean nothing, names none. */
static void
test_a_map_says_what_its_axes_are (void)
{
  static const double turned[] = { 0.24, 0.737 };
  g_autoptr (GVariant) picture = map_of (100, turned);
  EidEmbeddingMap *map;
  GVariantDict settled;
  g_autoptr (GVariant) tsne = NULL;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  eid_ui_init ();
  map = g_object_ref_sink (EID_EMBEDDING_MAP (eid_embedding_map_new ()));
  g_assert_true (eid_embedding_map_show (map, picture));
  g_assert_cmpstr (map->scatter->data.x_title, ==,
                   "plane of the two main axes, across: 24.0 % of the variance");
  g_assert_cmpstr (map->scatter->data.y_title, ==, "the same, upwards: 73.7 % of the variance");
  g_assert_cmpstr (gtk_label_get_label (map->numbers), ==, "100 pictures");
  g_assert_cmpuint (map->scatter->data.n, ==, 100);
  g_variant_dict_init (&settled, picture);
  g_variant_dict_insert (&settled, "iterations", "u", 400u);
  g_variant_dict_insert (&settled, "iterations-wanted", "u", 400u);
  tsne = g_variant_ref_sink (g_variant_dict_end (&settled));
  g_assert_true (eid_embedding_map_show (map, tsne));
  g_assert_null (map->scatter->data.x_title);
  g_object_unref (map);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workbench/draft/same-plugin-keeps-its-settings",
                   test_the_same_plugin_keeps_its_settings);
  g_test_add_func ("/workbench/map/says-what-its-axes-are", test_a_map_says_what_its_axes_are);
  g_test_add_func ("/workbench/pins/own-pictures-come-before-all", test_own_pictures_come_before_all);
  g_test_add_func ("/workbench/pins/no-more-than-are-shown", test_own_pictures_stay_within_what_is_shown);
  g_test_add_func ("/workbench/pins/refused-ones-are-let-go", test_only_new_pictures_are_let_go_when_refused);
  g_test_add_func ("/workbench/masks/the-past-keeps-its-own", test_the_past_keeps_its_masks_and_the_picture);
  g_test_add_func ("/workbench/masks/one-patch-stays-shown", test_one_patch_stays_shown);
  g_test_add_func ("/workbench/masks/strokes-are-undone", test_strokes_are_undone_and_done_again);
  g_test_add_func ("/workbench/masks/hidden-is-grey", test_hidden_patches_are_grey);
  g_test_add_func ("/workbench/augment/settings-are-compared", test_settings_are_compared_by_number);
  g_test_add_func ("/workbench/augment/draws-in-words", test_draws_are_told_with_their_numbers);
  g_test_add_func ("/workbench/pins/dropped-pictures-are-pinned", test_dropped_pictures_are_pinned);
  return g_test_run ();
}
