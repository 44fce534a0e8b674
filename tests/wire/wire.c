/* wire.c: what the workbench may rely on of an engine at the other end. */
#include "tests/wire/engine.h"

#include <glib/gstdio.h>
#include <string.h>

#define HIDDEN_GREY 110 /* of hidden patches */

static void
assert_bytes (GVariant *picture, const char *key, gsize expected)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (picture, key, G_VARIANT_TYPE_BYTESTRING);

  g_assert_nonnull (value);
  g_assert_cmpuint (g_variant_get_size (value), ==, expected);
}

/* Of a reconstruction: what was not hidden is the picture's own, without error. */
static void
assert_seen_is_untouched (GVariant *picture)
{
  const char *keys[] = { "images", "masked", "reconstructed", "errors" };
  GVariant *values[G_N_ELEMENTS (keys)];
  const guint8 *bytes[G_N_ELEMENTS (keys)];
  gsize count = 0, seen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      values[i] = g_variant_lookup_value (picture, keys[i], G_VARIANT_TYPE_BYTESTRING);
      g_assert_nonnull (values[i]);
      bytes[i] = g_variant_get_fixed_array (values[i], &count, 1);
    }
  for (gsize i = 0; i < count; i++)
    if (bytes[1][i] != HIDDEN_GREY)
      {
        seen++;
        g_assert_cmpuint (bytes[1][i], ==, bytes[0][i]);
        g_assert_cmpuint (bytes[2][i], ==, bytes[0][i]);
        g_assert_cmpuint (bytes[3][i], ==, 0);
      }
  g_assert_cmpuint (seen, >, 0);
  g_assert_cmpuint (seen, <, count);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_variant_unref (values[i]);
}

static guint
count_of (GVariant *picture, const char *key)
{
  guint value = 0;

  g_assert_true (g_variant_lookup (picture, key, "u", &value));
  return value;
}

/* --- Names ------------------------------------------------------------------- */

static void
test_states_read_back (void)
{
  for (guint state = EID_STATE_IDLE; state <= EID_STATE_FAILED; state++)
    g_assert_cmpint (eid_state_from_text (eid_state_to_text (state)), ==, state);
  g_assert_cmpint (eid_state_from_text ("of a later version"), ==, EID_STATE_IDLE);
}

static void
test_draws_have_keys_of_their_own (void)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < EID_DRAW_COUNT; i++)
    g_assert_true (g_hash_table_add (keys, (gpointer) eid_wire_draws[i].key));
}

/* --- What there is -------------------------------------------------------------- */

static void
test_lists_devices_plugins_and_recipes (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autoptr (GVariant) devices = NULL;
  g_autoptr (GVariant) plugins = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gboolean has_vit = FALSE;

  eid_wire_engine_call_list_devices_sync (engine->proxy, &devices, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_n_children (devices), >, 0);

  eid_wire_engine_call_list_plugins_sync (engine->proxy, &plugins, NULL, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < g_variant_n_children (plugins); i++)
    {
      g_autoptr (GVariant) plugin = g_variant_get_child_value (plugins, i);
      g_autoptr (GVariant) params = g_variant_lookup_value (plugin, "params", G_VARIANT_TYPE ("aa{sv}"));
      const char *id;

      g_assert_true (g_variant_lookup (plugin, "id", "&s", &id));
      g_assert_nonnull (params);
      if (g_str_equal (id, "vit"))
        has_vit = g_variant_n_children (params) > 3;
    }
  g_assert_true (has_vit);

  eid_wire_engine_call_resolve_recipe_sync (engine->proxy, engine->world->recipe, &text, NULL, &error);
  g_assert_no_error (error);
  /* A default of the plugin's, and one of the table. */
  g_assert_nonnull (strstr (text, "mask-ratio="));
  g_assert_nonnull (strstr (text, "knn-k=20"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- A run ------------------------------------------------------------------------- */

/* A run long enough not to end while the test looks at it. */
static char *
long_recipe (Engine *engine)
{
  g_autofree char *text = tiny_recipe_text (engine->world->data);
  g_autofree char *head = NULL;
  char *steps = strstr (text, "steps = 24");

  head = g_strndup (text, (gsize) (steps - text));
  return g_strconcat (head, "steps = 100000", steps + strlen ("steps = 24"), NULL);
}

static void
look_at_all_views (Engine *engine)
{
  g_autoptr (GVariant) augmentations = NULL;
  g_autoptr (GVariant) reconstruction = NULL;
  g_autoptr (GVariant) attention = NULL;
  g_autoptr (GVariant) embedding = NULL;
  const guint32 pinned[] = { 5, 2 };
  GVariantBuilder options;
  guint64 step = 0;

  augmentations = engine_look (engine, EID_WIRE_VIEW_AUGMENTATIONS, NULL, 0, &step, NULL);
  g_assert_cmpuint (step, >, 0);
  assert_bytes (augmentations, "sources", 8 * 16 * 16);
  assert_bytes (augmentations, "pixels", 8 * 16 * 16 * count_of (augmentations, "views"));

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "pinned",
                         g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, pinned, 2, sizeof (guint32)));
  reconstruction =
      engine_look (engine, EID_WIRE_VIEW_RECONSTRUCTION, g_variant_builder_end (&options), 0, &step, NULL);
  g_assert_cmpuint (count_of (reconstruction, "count"), ==, 2);
  assert_bytes (reconstruction, "masked", 2 * 16 * 16);
  assert_bytes (reconstruction, "errors", 2 * 16 * 16);
  assert_seen_is_untouched (reconstruction);

  attention = engine_look (engine, EID_WIRE_VIEW_ATTENTION, NULL, 0, &step, NULL);
  g_assert_cmpuint (count_of (attention, "grid"), ==, 4);
  g_assert_cmpuint (count_of (attention, "heads"), ==, 2);
  /* Two layers, each two heads and their mean. */
  assert_bytes (attention, "maps", 6 * 8 * 16 * 16);
  assert_bytes (attention, "greatest", 6 * 8 * 16 * sizeof (float));

  embedding = engine_look (engine, EID_WIRE_VIEW_EMBEDDING, NULL, 0, &step, NULL);
  g_assert_cmpuint (count_of (embedding, "width"), ==, 16);
  g_assert_cmpuint (count_of (embedding, "count"), ==, 48);
}

static void
on_look_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) picture = NULL;
  g_autoptr (GError) error = NULL;
  guint64 *step = user_data;

  eid_wire_engine_call_look_finish (EID_WIRE_ENGINE (source), step, &picture, result, &error);
  g_assert_no_error (error);
}

static gboolean
is_set (Engine *engine, gconstpointer value)
{
  return *(const guint64 *) value != 0;
}

/* A look that has seen the present step waits; one step is one step. */
static void
step_once (Engine *engine)
{
  g_autoptr (GError) error = NULL;
  const guint64 before = engine->step;
  guint64 seen = 0;

  eid_wire_engine_call_look (engine->proxy, EID_WIRE_VIEW_ATTENTION,
                             g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), before, NULL,
                             on_look_answered, &seen);
  g_assert_cmpuint (seen, ==, 0);
  eid_wire_engine_call_step_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, is_set, &seen);
  g_assert_cmpuint (seen, ==, before + 1);
  engine_wait (engine, engine_has_stepped_past, &before);
  g_assert_cmpuint (engine->step, ==, before + 1);
  engine_wait (engine, engine_is_in, "paused");
}

static void
edit (Engine *engine)
{
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_set_sync (engine->proxy, "Optimizer", "lr", "0.0005", NULL, &error);
  g_assert_no_error (error);
  eid_wire_engine_call_set_sync (engine->proxy, "Run", "batch", "7", NULL, &error);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "batch"));
  g_clear_error (&error);
  eid_wire_engine_call_set_sync (engine->proxy, "Optimizer", "lr", "-4", NULL, &error);
  g_assert_nonnull (error);
}

static void
run_from_start_to_stop (EngineWay way)
{
  Engine *engine = engine_new (way);
  g_autofree char *recipe = long_recipe (engine);
  g_autofree char *run = engine_start (engine, recipe);
  g_autofree char *checkpoints = g_build_filename (run, "checkpoints", NULL);
  g_autoptr (GVariant) history = NULL;
  g_autoptr (GVariant) losses = NULL;
  g_autoptr (GError) error = NULL;
  const guint64 few = 5;
  guint64 paused_at;

  engine_wait (engine, engine_is_in, "running");
  engine_wait (engine, engine_has_stepped_past, &few);
  look_at_all_views (engine);

  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "paused");
  step_once (engine);
  look_at_all_views (engine);
  edit (engine);
  engine_wait (engine, engine_has_told, "edit Optimizer.lr: 1e-3 → 0.0005\n");

  paused_at = engine->step;
  eid_wire_engine_call_continue_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_has_stepped_past, &paused_at);
  eid_wire_engine_call_stop_sync (engine->proxy, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_is_in, "done");
  g_assert_cmpstr (eid_wire_engine_get_message (engine->proxy), ==, run);
  g_assert_true (g_file_test (checkpoints, G_FILE_TEST_IS_DIR));

  eid_wire_engine_call_history_sync (engine->proxy, &history, NULL, &error);
  g_assert_no_error (error);
  losses = g_variant_lookup_value (history, "loss", G_VARIANT_TYPE ("a(td)"));
  g_assert_nonnull (losses);
  g_assert_cmpuint (g_variant_n_children (losses), >=, paused_at);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_run_over_a_socket (void)
{
  run_from_start_to_stop (OVER_SOCKET);
}

static void
test_run_over_pipes (void)
{
  run_from_start_to_stop (OVER_PIPES);
}

static void
test_runs_to_its_end_and_evaluates (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = tiny_recipe_text (engine->world->data);
  g_autofree char *run = engine_start (engine, recipe);

  engine_wait (engine, engine_is_in, "done");
  g_assert_cmpuint (engine->step, ==, 24);
  /* The baselines, one on the way, one at the end. */
  g_assert_cmpuint (engine->evaluations, ==, 3);
  /* Before the first step at least. */
  g_assert_cmpuint (engine->looks, >=, 1);
  look_at_all_views (engine);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- Refusals ---------------------------------------------------------------------- */

static void
test_says_why_a_look_is_refused (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *idle = NULL, *recipe = NULL, *run = NULL, *unknown = NULL, *layer = NULL;
  GVariantBuilder options;
  guint64 step;

  g_assert_null (engine_look (engine, EID_WIRE_VIEW_ATTENTION, NULL, 0, &step, &idle));
  g_assert_cmpstr (idle, !=, "");

  recipe = long_recipe (engine);
  run = engine_start (engine, recipe);
  engine_wait (engine, engine_is_in, "running");
  g_assert_null (engine_look (engine, "horoscope", NULL, 0, &step, &unknown));
  g_assert_nonnull (strstr (unknown, "horoscope"));
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "layer", g_variant_new_int32 (99));
  g_assert_null (
      engine_look (engine, EID_WIRE_VIEW_ATTENTION, g_variant_builder_end (&options), 0, &step, &layer));
  g_assert_nonnull (strstr (layer, "99"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_says_why_a_start_is_refused (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *recipe = tiny_recipe_text (engine->world->data);
  g_autofree char *wrong = g_strconcat (recipe, "neighbours = 3\n", NULL);
  g_autofree char *folder = tiny_path (engine->world, "run");
  g_autofree char *name = NULL, *run = NULL;
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_start_sync (engine->proxy, wrong, "", folder, NULL, NULL, &error);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "neighbours"));
  name = g_dbus_error_get_remote_error (error);
  g_assert_cmpstr (name, ==, "org.eidoscope.Error.Usage");
  engine_wait (engine, engine_is_in, "failed");
  g_clear_error (&error);

  eid_wire_engine_call_pause_sync (engine->proxy, NULL, &error);
  g_assert_nonnull (error);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));

  /* And the next one may be right. */
  run = engine_start (engine, recipe);
  engine_wait (engine, engine_is_in, "done");
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* --- Leaving ------------------------------------------------------------------------ */

static void
test_leaves_with_a_checkpoint_and_goes_on (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  Engine *second = engine_new (OVER_SOCKET);
  g_autofree char *recipe = long_recipe (second);
  g_autofree char *folder = tiny_path (second->world, "run");
  g_autofree char *run = NULL;
  g_autoptr (GError) error = NULL;
  const guint64 few = 9;
  guint64 step = 0, reached;

  /* The run of the first lies in the second's world, which outlives it. */
  eid_wire_engine_call_start_sync (engine->proxy, recipe, "", folder, &run, NULL, &error);
  g_assert_no_error (error);
  engine_wait (engine, engine_has_stepped_past, &few);
  reached = engine->step;
  g_assert_cmpint (engine_free (engine), ==, 0);

  eid_wire_engine_call_resume_sync (second->proxy, run, "", &step, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (step, >=, reached);
  engine_wait (second, engine_has_stepped_past, &step);
  g_assert_cmpint (engine_free (second), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/states-read-back", test_states_read_back);
  g_test_add_func ("/wire/draws-have-keys-of-their-own", test_draws_have_keys_of_their_own);
  g_test_add_func ("/wire/lists-devices-plugins-and-recipes", test_lists_devices_plugins_and_recipes);
  g_test_add_func ("/wire/run-over-a-socket", test_run_over_a_socket);
  g_test_add_func ("/wire/run-over-pipes", test_run_over_pipes);
  g_test_add_func ("/wire/runs-to-its-end-and-evaluates", test_runs_to_its_end_and_evaluates);
  g_test_add_func ("/wire/says-why-a-look-is-refused", test_says_why_a_look_is_refused);
  g_test_add_func ("/wire/says-why-a-start-is-refused", test_says_why_a_start_is_refused);
  g_test_add_func ("/wire/leaves-with-a-checkpoint-and-goes-on", test_leaves_with_a_checkpoint_and_goes_on);
  return g_test_run ();
}
