/* workbench.c: the workbench from inside: its client through every way in which an
 * engine can end, and its window made whole under fatal warnings.
 *
 * The engine is fake-engine.c, named in EIDOSCOPE_ENGINE.                     */
#include <math.h>
#include <signal.h>
#include <string.h>

#include <glib/gstdio.h>

#include "app/workbench/answer.h"
#include "app/workbench/catalogue.h"
#include "app/workbench/chronicle.h"
#include "app/workbench/draft.h"
#include "app/workbench/engine-client.h"
#include "app/workbench/engine-process.h"
#include "app/workbench/page-export.h"
#include "app/workbench/pins.h"
#include "app/workbench/plugin-build.h"
#include "app/workbench/preferences.h"
#include "app/workbench/recent-list.h"
#include "app/workbench/settings.h"
#include "app/workbench/window.h"
#include "ui/ui.h"

static const char recipe[] =
    "[Run]\nsteps=1000\n[Encoder]\nplugin=vit\n[Objective]\nplugin=simclr\n[Dataset]\npath=/none\n";

/* --- The client ------------------------------------------------------------ */

typedef struct
{
  EidEngineClient *client;
  GAsyncResult *result;
  guint reports, refusals;
  gboolean late;
} Fixture;

static gboolean
on_late_list (gpointer late)
{
  *(gboolean *) late = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
on_late (gpointer fixture)
{
  ((Fixture *) fixture)->late = TRUE;
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until @condition; fails after 20 s. */
#define wait_until(fixture, condition)                                                                       \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    guint timeout_ = g_timeout_add_seconds (90, on_late, fixture);                                           \
    while (!(condition) && !(fixture)->late)                                                                 \
      g_main_context_iteration (NULL, TRUE);                                                                 \
    if ((fixture)->late)                                                                                     \
      g_error ("waited 20 s for: %s; the phase is %d, the message “%s”", #condition,                         \
               eid_engine_client_phase ((fixture)->client), eid_engine_client_message ((fixture)->client));  \
    g_source_remove (timeout_);                                                                              \
  }                                                                                                          \
  G_STMT_END

#define wait_for_phase(fixture, wanted)                                                                      \
  wait_until (fixture, eid_engine_client_phase ((fixture)->client) == (wanted))

static void
on_answer (GObject *source, GAsyncResult *result, gpointer fixture)
{
  g_set_object (&((Fixture *) fixture)->result, result);
}

static GVariant *
answer_of (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  wait_until (fixture, fixture->result);
  result = g_steal_pointer (&fixture->result);
  return eid_engine_client_call_finish (fixture->client, result, error);
}

static void
on_progress (Fixture *fixture)
{
  fixture->reports++;
}

static void
on_refused (Fixture *fixture)
{
  fixture->refusals++;
}

static void
set_up (Fixture *fixture, gconstpointer fault)
{
  g_auto (GStrv) words = g_strsplit (fault ? fault : "", "=", 2);

  if (words[0] && words[1])
    g_setenv (words[0], words[1], TRUE);
  fixture->client = eid_engine_client_new ();
  g_signal_connect_swapped (fixture->client, "progress", G_CALLBACK (on_progress), fixture);
  g_signal_connect_swapped (fixture->client, "refused", G_CALLBACK (on_refused), fixture);
  eid_engine_client_launch (fixture->client, on_answer, fixture);
  wait_until (fixture, fixture->result);
  g_assert_true (eid_engine_client_launch_finish (fixture->client, fixture->result, NULL));
  g_clear_object (&fixture->result);
  g_assert_cmpint (eid_engine_client_phase (fixture->client), ==, EID_PHASE_IDLE);
  if (words[0] && words[1])
    g_unsetenv (words[0]);
}

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  eid_engine_client_set_what (fixture->client, "SimCLR on ViT");
  eid_engine_client_start (fixture->client, recipe, "", on_answer, fixture);
  answer = answer_of (fixture, &error);
  g_assert_no_error (error);
  g_assert_nonnull (eid_engine_client_folder (fixture->client));
}

static void
tear_down (Fixture *fixture, gconstpointer fault)
{
  eid_engine_client_shut_down (fixture->client, on_answer, fixture);
  wait_until (fixture, fixture->result);
  g_clear_object (&fixture->result);
  g_clear_object (&fixture->client);
}

static void
test_run_pauses_steps_and_stops (Fixture *fixture, gconstpointer unused)
{
  guint64 held;

  start (fixture);
  wait_until (fixture, fixture->reports > 1);
  eid_engine_client_pause (fixture->client);
  wait_for_phase (fixture, EID_PHASE_PAUSED);
  eid_engine_client_step_once (fixture->client);
  wait_for_phase (fixture, EID_PHASE_RUNNING);
  wait_for_phase (fixture, EID_PHASE_PAUSED);
  held = eid_engine_client_step (fixture->client);
  eid_engine_client_continue (fixture->client);
  wait_until (fixture, eid_engine_client_step (fixture->client) > held);
  eid_engine_client_stop (fixture->client);
  wait_for_phase (fixture, EID_PHASE_DONE);
  g_assert_cmpuint (fixture->refusals, ==, 0);
}

static void
test_look_waits_for_a_newer_step (Fixture *fixture, gconstpointer unused)
{
  guint64 first, second;
  g_autoptr (GVariant) one = NULL, two = NULL;

  start (fixture);
  eid_engine_client_look (fixture->client, "augmentations",
                          g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), 0, on_answer, fixture);
  one = answer_of (fixture, NULL);
  g_variant_get (one, "(t@a{sv})", &first, NULL);
  eid_engine_client_look (fixture->client, "augmentations",
                          g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), MAX (first, 1), on_answer,
                          fixture);
  two = answer_of (fixture, NULL);
  g_variant_get (two, "(t@a{sv})", &second, NULL);
  g_assert_cmpuint (second, >, first);
}

static void
test_refusals_are_told (Fixture *fixture, gconstpointer fault)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  eid_engine_client_start (fixture->client, recipe, "", on_answer, fixture);
  answer = answer_of (fixture, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  /* Fit to be shown: without the protocol's own prefix. */
  g_assert_true (g_str_has_prefix (error->message, "Dataset.path"));
}

static void
test_crash_is_told_and_survived (Fixture *fixture, gconstpointer fault)
{
  g_autofree char *folder = NULL, *messages = NULL;
  g_autoptr (GVariant) answer = NULL;

  start (fixture);
  folder = g_strdup (eid_engine_client_folder (fixture->client));
  wait_for_phase (fixture, EID_PHASE_LOST);
  g_assert_nonnull (strstr (eid_engine_client_message (fixture->client), "SimCLR on ViT"));
  g_assert_nonnull (strstr (eid_engine_client_message (fixture->client), "illegal access in loss()"));
  messages = eid_engine_client_messages (fixture->client);
  g_assert_nonnull (strstr (messages, "fake-engine: simclr: illegal access in loss()\n"));
  eid_engine_client_launch (fixture->client, on_answer, fixture);
  wait_until (fixture, fixture->result);
  g_clear_object (&fixture->result);
  eid_engine_client_resume (fixture->client, folder, "", on_answer, fixture);
  answer = answer_of (fixture, NULL);
  g_assert_nonnull (answer);
  wait_for_phase (fixture, EID_PHASE_RUNNING);
}

static void
test_calls_end_with_their_engine (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = NULL;

  start (fixture);
  wait_for_phase (fixture, EID_PHASE_RUNNING);
  eid_engine_client_look (fixture->client, "augmentations",
                          g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), G_MAXUINT32, on_answer,
                          fixture);
  eid_engine_client_kill (fixture->client);
  answer = answer_of (fixture, &error);
  g_assert_null (answer);
  g_assert_nonnull (error);
  wait_for_phase (fixture, EID_PHASE_LOST);
}

static void
test_silence_is_noticed (Fixture *fixture, gconstpointer fault)
{
  start (fixture);
  wait_until (fixture, eid_engine_client_stuck (fixture->client));
  eid_engine_client_kill (fixture->client);
  wait_for_phase (fixture, EID_PHASE_LOST);
  g_assert_false (eid_engine_client_stuck (fixture->client));
}

static void
test_no_engine_is_an_error (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *given = g_strdup (g_getenv ("EIDOSCOPE_ENGINE")), *found = NULL;

  g_setenv ("EIDOSCOPE_ENGINE", "/nowhere/at/all", TRUE);
  found = eid_engine_process_find (&error);
  g_assert_null (found);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_setenv ("EIDOSCOPE_ENGINE", given, TRUE);
}

/* --- Plain parts ----------------------------------------------------------- */

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
  g_assert_cmpuint (eid_pins_number (pins, 0), ==, 3);
  g_assert_cmpuint (eid_pins_number (pins, 1), ==, 0);
  g_assert_cmpuint (eid_pins_number (pins, 4), ==, 4);
  eid_pins_toggle (pins, 0);
  g_assert_cmpuint (eid_pins_number (pins, 3), ==, 3);
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

/* --- The window ------------------------------------------------------------ */

static void
on_gone (gpointer gone, GObject *window)
{
  *(gboolean *) gone = TRUE;
}

/* The label below @widget that holds @words, or NULL. */
static GtkWidget *
find_words (GtkWidget *widget, const char *words)
{
  GtkWidget *found = NULL;

  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), words))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = find_words (child, words);
  return found;
}

static void
test_run_that_is_gone_is_shown_as_gone (void)
{
  GtkWidget *list;
  gboolean late = FALSE;
  guint timeout;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  list = g_object_ref_sink (g_object_new (EID_TYPE_RECENT_LIST, NULL));
  eid_recent_remember ("/nowhere/a-run");
  eid_recent_list_refresh (EID_RECENT_LIST (list));
  timeout = g_timeout_add_seconds (90, on_late_list, &late);
  while (!find_words (list, "Gone") && !late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (late);
  g_source_remove (timeout);
  g_assert_nonnull (find_words (list, "a-run"));
  g_object_unref (list);
}

static void
test_preferences_are_kept_and_act (void)
{
  GSettings *settings = eid_settings ();
  GList *windows;

  if (!gtk_init_check () || settings == NULL)
    {
      g_test_skip ("needs a display and the settings' schema");
      return;
    }
  adw_init ();
  eid_preferences_apply ();
  g_settings_set_string (settings, "color-scheme", "dark");
  g_assert_true (adw_style_manager_get_dark (adw_style_manager_get_default ()));
  g_settings_set_string (settings, "color-scheme", "light");
  g_assert_false (adw_style_manager_get_dark (adw_style_manager_get_default ()));

  eid_preferences_present (NULL, NULL);
  windows = gtk_window_list_toplevels ();
  g_assert_nonnull (windows);
  g_assert_nonnull (find_words (windows->data, "Where runs are kept"));
  gtk_window_destroy (windows->data);
  g_list_free (windows);
  g_settings_reset (settings, "color-scheme");
}

static void
test_window_is_made_and_goes (void)
{
  Fixture fixture = { 0 };
  EidWindow *window;
  gboolean gone = FALSE;

  if (!gtk_init_check ())
    {
      g_test_skip ("needs a display");
      return;
    }
  adw_init ();
  eid_ui_init ();
  window = eid_window_new (NULL);
  g_object_weak_ref (G_OBJECT (window), on_gone, &gone);
  fixture.client = g_object_ref (eid_window_get_client (window));
  gtk_window_present (GTK_WINDOW (window));
  wait_for_phase (&fixture, EID_PHASE_IDLE);
  wait_until (&fixture, gtk_widget_get_mapped (GTK_WIDGET (window)));
  gtk_window_close (GTK_WINDOW (window));
  wait_until (&fixture, gone);
  g_object_unref (fixture.client);
}

#define ADD(path, fault, test) g_test_add ("/workbench/client/" path, Fixture, fault, set_up, test, tear_down)

/* As a person would name it, not as PoCL composes it. */
static void
test_devices_have_their_own_names (void)
{
  static const char *const names[][2] = {
    { "pthread-skylake-avx512-AMD EPYC 9R14", "AMD EPYC 9R14" },
    { "cpu-haswell-Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel(R) Xeon(R) CPU @ 2.20GHz" },
    { "pthread-znver4", "pthread-znver4" },
    { "NVIDIA H200-141C", "NVIDIA H200-141C" },
    { "llvmpipe (LLVM 15.0.6, 256 bits)", "llvmpipe (LLVM 15.0.6, 256 bits)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const EidDeviceInfo device = { .name = (char *) names[i][0] };

      g_assert_cmpstr (eid_device_info_title (&device), ==, names[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("workbench-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("EIDOSCOPE_PATIENCE", "2", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("run-pauses-steps-and-stops", NULL, test_run_pauses_steps_and_stops);
  ADD ("look-waits-for-a-newer-step", NULL, test_look_waits_for_a_newer_step);
  ADD ("refusals-are-told", "FAKE_ENGINE_REFUSE=Start", test_refusals_are_told);
  ADD ("crash-is-told-and-survived", "FAKE_ENGINE_CRASH=30", test_crash_is_told_and_survived);
  ADD ("calls-end-with-their-engine", NULL, test_calls_end_with_their_engine);
  ADD ("silence-is-noticed", "FAKE_ENGINE_HANG=30", test_silence_is_noticed);
  g_test_add_func ("/workbench/client/no-engine-is-an-error", test_no_engine_is_an_error);
  g_test_add_func ("/workbench/answer/wrong-size-is-refused", test_answers_of_wrong_size_are_refused);
  g_test_add_func ("/workbench/chronicle/is-read", test_chronicle_is_read);
  g_test_add_func ("/workbench/devices/have-their-own-names", test_devices_have_their_own_names);
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
  g_test_add_func ("/workbench/recent/gone-is-shown-as-gone", test_run_that_is_gone_is_shown_as_gone);
  g_test_add_func ("/workbench/preferences/are-kept-and-act", test_preferences_are_kept_and_act);
  g_test_add_func ("/workbench/window/is-made-and-goes", test_window_is_made_and_goes);
  return g_test_run ();
}
