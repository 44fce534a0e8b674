/* workbench-parts.c: the plain parts of the workbench, without a window: answers, history, drafts, exports,
 * pins. */
#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "app/workbench/client/variant.h"
#include "app/workbench/client/inventory.h"
#include "app/workbench/client/history.h"
#include "app/workbench/client/draft.h"
#include "app/workbench/pages/export.h"
#include "app/workbench/pages/pins.h"
#include "app/workbench/plugin/build.h"

static void
test_answers_of_wrong_size_are_refused (void)
{
  GVariantDict dict;
  g_autoptr (GVariant) picture = NULL;
  g_autoptr (GBytes) right = NULL, wrong = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "images",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "12345678", 8, 1));
  picture = g_variant_ref_sink (g_variant_dict_end (&dict));
  right = eid_answer_bytes (picture, "images", eid_answer_size (2, 2, 2));
  wrong = eid_answer_bytes (picture, "images", eid_answer_size (2, 2, 3));
  g_assert_nonnull (right);
  g_assert_null (wrong);
  g_assert_cmpuint (eid_answer_size (G_MAXUINT, G_MAXUINT, G_MAXUINT), ==, 0);
  g_assert_cmpuint (eid_answer_size (3, 0), ==, 0);
}

/* Errors and warnings of compiler and linker are found among what else they print. */
static void
test_diagnostics (void)
{
  static const char output[] = "/home/a b/dcl.c: In function \342\200\230dcl_loss\342\200\231:\n"
                               "/home/a b/dcl.c:12:5: error: \342\200\230x\342\200\231 undeclared\n"
                               "   12 |     x = error: 3;\n"
                               "/home/a b/dcl.c:14: warning: unused\n"
                               "cc1: fatal error: dcl.c: No such file\n"
                               "dcl.c:20: undefined reference to `nowhere'\n"
                               "collect2: error: ld returned 1 exit status\n";
  g_autoptr (GPtrArray) list = eid_diagnostics_read (output);
  static const struct
  {
    const char *file;
    guint line, column;
    gboolean error;
    const char *text;
  } expected[] = {
    { "/home/a b/dcl.c", 12, 5, TRUE, "\342\200\230x\342\200\231 undeclared" },
    { "/home/a b/dcl.c", 14, 0, FALSE, "unused" },
    { NULL, 0, 0, TRUE, "dcl.c: No such file" },
    { "dcl.c", 20, 0, TRUE, "undefined reference to `nowhere'" },
    { NULL, 0, 0, TRUE, "ld returned 1 exit status" },
  };

  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < list->len; i++)
    {
      const EidDiagnostic *diagnostic = list->pdata[i];

      g_assert_cmpstr (diagnostic->file, ==, expected[i].file);
      g_assert_cmpuint (diagnostic->line, ==, expected[i].line);
      g_assert_cmpuint (diagnostic->column, ==, expected[i].column);
      g_assert_cmpint (diagnostic->error, ==, expected[i].error);
      g_assert_cmpstr (diagnostic->text, ==, expected[i].text);
    }
}

/* A source says at its foot what it describes. */
static void
test_plugin_source (void)
{
  g_autofree char *folder = g_dir_make_tmp ("eidoscope-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "x.c", NULL), *kind = NULL, *id = NULL;

  g_assert_true (g_file_set_contents (file, "/* EID_ENCODER (no) */\n\nEID_OBJECTIVE ( dcl-2,\n", -1, NULL));
  g_assert_true (eid_plugin_source_read (file, &kind, &id));
  g_assert_cmpstr (kind, ==, "objective");
  g_assert_cmpstr (id, ==, "dcl-2");
  g_assert_true (g_file_set_contents (file, "int main;\n", -1, NULL));
  g_assert_false (eid_plugin_source_read (file, &kind, &id));
  g_unlink (file);
  g_rmdir (folder);
}

/* What the engine tells of a run's history is read in order; what cannot be is left out. */
static void
test_chronicle_is_read (void)
{
  g_autoptr (GVariant) timeline = g_variant_ref_sink (g_variant_new_parsed (
      "{'step': <uint64 90>, 'steps': <uint64 400>, 'recipe': <'[Run]'>, 'chance': <'none'>,"
      " 'events': <[(uint64 20, int64 0, 'edit', 'Objective.temperature: 0.2 → 0.1')]>,"
      " 'undone': <[(uint64 70, int64 0, 'edit', 'Optimizer.lr: 1 → 2')]>,"
      " 'checkpoints': <[uint64 80, 40]>,"
      " 'moments': <[(uint64 10, false), (30, true), (20, false)]>}"));
  g_autoptr (EidChronicle) chronicle = eid_chronicle_read (timeline);
  g_autofree char *words = NULL;
  guint64 step = 0;

  g_assert_cmpuint (chronicle->steps, ==, 400);
  g_assert_true (isnan (chronicle->chance));
  g_assert_null (chronicle->health);
  g_assert_cmpuint (chronicle->events->len, ==, 2);
  g_assert_true (eid_chronicle_can_undo (chronicle));
  g_assert_false (eid_chronicle_edited_lately (chronicle));
  words = eid_edit_in_words (((EidHappening *) chronicle->events->pdata[0])->text);
  g_assert_cmpstr (words, ==, "temperature 0.2 → 0.1");
  g_assert_cmpuint (chronicle->moments->len, ==, 2);
  g_assert_true (eid_chronicle_checkpoint (chronicle, 79, &step));
  g_assert_cmpuint (step, ==, 40);
  g_assert_false (eid_chronicle_checkpoint (chronicle, 39, &step));
}

/* What a run was opened with, then its notes and warnings, each once; what was undone is not said. */
static void
test_notes_of_a_run (void)
{
  g_autoptr (GVariant) timeline = g_variant_ref_sink (
      g_variant_new_parsed ("{'told': <['Characters, on a device, in f32', 'Data: text.']>,"
                            " 'events': <[(uint64 0, int64 0, 'note', 'Data: text.'),"
                            "             (uint64 0, int64 0, 'note', 'Heads are left out.'),"
                            "             (uint64 9, int64 0, 'checkpoint', '/a/b'),"
                            "             (uint64 9, int64 0, 'warning', 'A picture is left out.')]>,"
                            " 'undone': <[(uint64 12, int64 0, 'warning', 'Undone.')]>}"));
  g_autoptr (EidChronicle) chronicle = eid_chronicle_read (timeline);
  g_autoptr (GPtrArray) notes = eid_chronicle_notes (chronicle);

  g_assert_cmpuint (notes->len, ==, 4);
  g_assert_cmpstr (notes->pdata[0], ==, "Characters, on a device, in f32");
  g_assert_cmpstr (notes->pdata[1], ==, "Data: text.");
  g_assert_cmpstr (notes->pdata[2], ==, "Heads are left out.");
  g_assert_cmpstr (notes->pdata[3], ==, "A picture is left out.");
}

/* Only an edit that stands can be undone, and none of the run that this one branched from. */
static void
test_chronicle_knows_what_can_be_undone (void)
{
  g_autoptr (GVariant) timeline = g_variant_ref_sink (
      g_variant_new_parsed ("{'events': <[(uint64 20, int64 0, 'edit', 'Optimizer.lr: 1 → 2'),"
                            "             (uint64 40, int64 0, 'branch', 'Branched')]>,"
                            " 'undone': <[(uint64 70, int64 0, 'edit', 'Optimizer.lr: 1 → 2')]>}"));
  g_autoptr (EidChronicle) chronicle = eid_chronicle_read (timeline);

  g_assert_false (eid_chronicle_can_undo (chronicle));
  g_assert_false (eid_chronicle_can_undo (NULL));
}

static void
test_draft_drops_the_former_plugins_keys (void)
{
  g_autoptr (EidDraft) draft = eid_draft_new ("[Encoder]\nplugin=vit\ndepth=6\n", NULL);
  g_autofree char *depth = NULL, *plugin = NULL;

  eid_draft_set_plugin (draft, "Encoder", "resnet");
  depth = eid_draft_get (draft, "Encoder", "depth");
  plugin = eid_draft_get (draft, "Encoder", "plugin");
  g_assert_null (depth);
  g_assert_cmpstr (plugin, ==, "resnet");
}

static void
assert_temperature (EidDraft *draft, const char *expected)
{
  g_autofree char *value = eid_draft_get (draft, "Objective", "temperature");

  g_assert_cmpstr (value, ==, expected);
}

static void
test_draft_takes_edits_back_and_makes_them_again (void)
{
  g_autoptr (EidDraft) draft =
      eid_draft_new ("[Encoder]\nplugin=vit\n[Objective]\nplugin=simclr\ntemperature=0.2\n", NULL);

  g_assert_false (eid_draft_can_undo (draft));
  eid_draft_set (draft, "Objective", "temperature", "0.3");
  eid_draft_set (draft, "Objective", "temperature", "0.4"); /* of one drag */
  eid_draft_set_plugin (draft, "Encoder", "resnet");
  g_assert_true (eid_draft_undo (draft));
  assert_temperature (draft, "0.4");
  g_assert_true (eid_draft_undo (draft));
  assert_temperature (draft, "0.2");
  g_assert_false (eid_draft_undo (draft));
  g_assert_true (eid_draft_redo (draft));
  assert_temperature (draft, "0.4");
  eid_draft_set (draft, "Objective", "temperature", "0.5");
  g_assert_false (eid_draft_can_redo (draft));
}

static void
test_pinned_pictures_come_first (void)
{
  g_autoptr (EidPins) pins = eid_pins_new ();

  eid_pins_toggle (pins, 3);
  eid_pins_settle (pins);
  g_assert_cmpuint (eid_pins_number (pins, 0), ==, 3);
  g_assert_cmpuint (eid_pins_number (pins, 1), ==, 0);
  g_assert_cmpuint (eid_pins_number (pins, 4), ==, 4);
  eid_pins_toggle (pins, 0);
  eid_pins_settle (pins);
  g_assert_cmpuint (eid_pins_number (pins, 3), ==, 3);
}

static void
on_changed (guint *changes)
{
  ++*changes;
}

/* What is pinned or let go stays where it is, however often, until the order is settled. */
static void
test_pinning_moves_nothing (void)
{
  g_autoptr (EidPins) pins = eid_pins_new ();
  guint changes = 0;

  g_signal_connect_swapped (pins, "changed", G_CALLBACK (on_changed), &changes);
  eid_pins_settle (pins);
  g_assert_cmpuint (changes, ==, 0);
  eid_pins_toggle (pins, 5);
  eid_pins_toggle (pins, 2);
  eid_pins_toggle (pins, 7);
  eid_pins_toggle (pins, 2);
  for (guint i = 0; i < EID_PINS_SHOWN; i++)
    {
      g_assert_cmpuint (eid_pins_number (pins, i), ==, i);
      g_assert_cmpint (eid_pins_is_pinned (pins, i), ==, i == 5 || i == 7);
    }
  g_assert_cmpuint (changes, ==, 4);
  eid_pins_settle (pins);
  eid_pins_settle (pins);
  g_assert_cmpuint (changes, ==, 5);
  g_assert_cmpuint (eid_pins_number (pins, 0), ==, 5);
  g_assert_cmpuint (eid_pins_number (pins, 1), ==, 7);
  g_assert_cmpuint (eid_pins_number (pins, 2), ==, 0);
}

static void
test_data_are_exported_as_rows (void)
{
  static const double x[] = { 0.5, -1, NAN }, y[] = { 1, 2, 3 };
  static const gint32 labels[] = { 1, 0, -1 };
  static const char *const names[] = { "cat", "dog, \"big\"", NULL };
  GVariantDict dict;
  g_autoptr (GVariant) picture = NULL;
  g_autofree char *table = NULL, *other = NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "x", g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, x, 3, 8));
  g_variant_dict_insert_value (&dict, "y", g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, y, 3, 8));
  g_variant_dict_insert_value (&dict, "label",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, labels, 3, 4));
  g_variant_dict_insert_value (&dict, "class-names", g_variant_new_strv (names, -1));
  picture = g_variant_ref_sink (g_variant_dict_end (&dict));
  table = eid_export_table ("embedding", picture);
  g_assert_cmpstr (table, ==,
                   "point,x,y,label,class\r\n0,0.5,1,1,\"dog, \"\"big\"\"\"\r\n1,-1,2,0,cat\r\n2,,3,-1,\r\n");
  /* A view that nobody here knows. */
  other = eid_export_table ("of-a-plugin", picture);
  g_assert_nonnull (strstr (other, "\r\nx,1,-1\r\n"));
  g_assert_nonnull (strstr (other, "\r\nclass-names,0,cat\r\n"));
}

/* Of two heads the one in front; its weights are shares of each row's greatest. */
static void
test_attention_in_front_is_exported (void)
{
  static const guint8 maps[] = { 255, 255, 255, 255, 255, 51, 0, 255 }; /* [2, 1, 2, 2] */
  static const float greatest[] = { 1, 1, 0.5f, 0.25f };                /* [2, 1, 2]    */
  GVariantBuilder planes;
  GVariantDict dict;
  g_autoptr (GVariant) picture = NULL;
  g_autofree char *table = NULL;

  g_variant_builder_init (&planes, G_VARIANT_TYPE ("a(ii)"));
  g_variant_builder_add (&planes, "(ii)", 3, 0);
  g_variant_builder_add (&planes, "(ii)", 3, 1);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "count", "u", 1);
  g_variant_dict_insert (&dict, "grid", "u", 1);
  g_variant_dict_insert (&dict, "extra", "u", 1);
  g_variant_dict_insert (&dict, "layer", "i", 3);
  g_variant_dict_insert (&dict, "head", "i", 1);
  g_variant_dict_insert_value (&dict, "planes", g_variant_builder_end (&planes));
  g_variant_dict_insert_value (&dict, "maps",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, maps, sizeof maps, 1));
  g_variant_dict_insert_value (&dict, "greatest",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, greatest, sizeof greatest, 1));
  picture = g_variant_ref_sink (g_variant_dict_end (&dict));
  table = eid_export_table ("attention", picture);
  g_assert_cmpstr (table, ==,
                   "picture,query,key,weight\r\n0,0,0,0.5\r\n0,0,1,0.1\r\n0,1,0,0\r\n0,1,1,0.25\r\n");
}

static void
test_exports_are_known_by_their_endings (void)
{
  g_assert_cmpint (eid_export_of_file ("/a/b.png"), ==, EID_EXPORT_PNG);
  g_assert_cmpint (eid_export_of_file ("b.SVG"), ==, EID_EXPORT_SVG);
  g_assert_cmpint (eid_export_of_file ("b.csv"), ==, EID_EXPORT_CSV);
  g_assert_cmpint (eid_export_of_file ("b.jpg"), ==, EID_EXPORT_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/workbench/answer/wrong-size-is-refused", test_answers_of_wrong_size_are_refused);
  g_test_add_func ("/workbench/chronicle/is-read", test_chronicle_is_read);
  g_test_add_func ("/workbench/plugin/diagnostics", test_diagnostics);
  g_test_add_func ("/workbench/plugin/source", test_plugin_source);
  g_test_add_func ("/workbench/chronicle/knows-what-can-be-undone", test_chronicle_knows_what_can_be_undone);
  g_test_add_func ("/workbench/draft/drops-the-former-plugins-keys",
                   test_draft_drops_the_former_plugins_keys);
  g_test_add_func ("/workbench/draft/takes-edits-back-and-makes-them-again",
                   test_draft_takes_edits_back_and_makes_them_again);
  g_test_add_func ("/workbench/export/data-are-rows", test_data_are_exported_as_rows);
  g_test_add_func ("/workbench/export/attention-in-front", test_attention_in_front_is_exported);
  g_test_add_func ("/workbench/export/known-by-endings", test_exports_are_known_by_their_endings);
  g_test_add_func ("/workbench/pins/pinned-pictures-come-first", test_pinned_pictures_come_first);
  g_test_add_func ("/workbench/pins/pinning-moves-nothing", test_pinning_moves_nothing);
  g_test_add_func ("/workbench/chronicle/notes", test_notes_of_a_run);
  return g_test_run ();
}
