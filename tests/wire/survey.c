/* survey.c: what a real engine says before a run: what the data are, which recipes
 * fit them, how long those take, and why a pair of plugins does not fit.     */
#include "tests/wire/engine.h"

#include <string.h>

static GVariant *
survey (Engine *engine, const char *path, GVariant **proposals)
{
  g_autoptr (GError) error = NULL;
  GVariant *data = NULL;

  eid_wire_engine_call_survey_sync (engine->proxy, path, "", &data, proposals, NULL, &error);
  g_assert_no_error (error);
  return data;
}

static char *
recipe_of (GVariant *proposals, gsize i)
{
  g_autoptr (GVariant) proposal = g_variant_get_child_value (proposals, i);
  char *recipe = NULL;

  g_assert_true (g_variant_lookup (proposal, "recipe", "s", &recipe));
  return recipe;
}

static GVariant *
estimate (Engine *engine, const char *recipe)
{
  g_autoptr (GError) error = NULL;
  GVariant *result = NULL;

  eid_wire_engine_call_estimate_sync (engine->proxy, recipe, "", &result, NULL, &error);
  g_assert_no_error (error);
  return result;
}

static double
number (GVariant *dictionary, const char *key)
{
  double value = -1;

  g_assert_true (g_variant_lookup (dictionary, key, "d", &value));
  return value;
}

static void
test_data_are_told (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autoptr (GVariant) proposals = NULL;
  g_autoptr (GVariant) data = survey (engine, engine->world->data, &proposals);
  const char *reader;
  guint64 count;
  guint32 channels, classes;

  g_assert_true (g_variant_lookup (data, "reader", "&s", &reader));
  g_assert_true (g_variant_lookup (data, "count", "t", &count));
  g_assert_true (g_variant_lookup (data, "channels", "u", &channels));
  g_assert_true (g_variant_lookup (data, "classes", "u", &classes));
  g_assert_cmpstr (reader, ==, "idx");
  g_assert_cmpuint (count, >, 10);
  g_assert_cmpuint (channels, ==, 1);
  g_assert_cmpuint (classes, ==, 4);
  g_assert_cmpuint (g_variant_n_children (proposals), >=, 2);
  g_assert_cmpuint (g_variant_n_children (proposals), <=, 4);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

/* Each goes through a few real steps here; the second time it is remembered. */
static void
test_proposals_are_timed_and_the_times_kept (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autoptr (GVariant) proposals = NULL;
  g_autoptr (GVariant) data = survey (engine, engine->world->data, &proposals);

  /* Kernels may have to be compiled on the way. */
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (engine->proxy), EID_WIRE_NO_TIMEOUT);
  for (gsize i = 0; i < g_variant_n_children (proposals); i++)
    {
      g_autofree char *recipe = recipe_of (proposals, i);
      g_autoptr (GVariant) measured = estimate (engine, recipe), kept = estimate (engine, recipe);
      gboolean stored;

      g_assert_cmpfloat (number (measured, "first-seconds"), >, 0);
      g_assert_cmpfloat (number (measured, "useful-seconds"), >, number (measured, "first-seconds"));
      g_assert_cmpfloat (number (measured, "all-seconds"), >, number (measured, "useful-seconds"));
      g_assert_true (g_variant_lookup (measured, "stored", "b", &stored));
      g_assert_false (stored);
      g_assert_true (g_variant_lookup (kept, "stored", "b", &stored));
      g_assert_true (stored);
      g_assert_cmpfloat (number (kept, "all-seconds"), ==, number (measured, "all-seconds"));
    }
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_proposal_is_trained_as_it_is (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autoptr (GVariant) proposals = NULL;
  g_autoptr (GVariant) data = survey (engine, engine->world->data, &proposals);
  g_autofree char *recipe = recipe_of (proposals, 0);
  g_autofree char *run = engine_start (engine, recipe);
  const guint64 few = 3;

  engine_wait (engine, engine_has_stepped_past, &few);
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_data_to_learn_nothing_from_are_refused (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autoptr (GVariant) data = NULL;
  g_autoptr (GVariant) proposals = NULL;
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_survey_sync (engine->proxy, "/nowhere/at/all", "", &data, &proposals, NULL, &error);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "/nowhere/at/all"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

static void
test_pair_that_does_not_fit_is_told (void)
{
  Engine *engine = engine_new (OVER_SOCKET);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  eid_wire_engine_call_resolve_recipe_sync (
      engine->proxy, "[Dataset]\npath=.\n[Encoder]\nplugin=resnet\n[Objective]\nplugin=mae\n", &text, NULL,
      &error);
  g_assert_nonnull (error);
  /* An encoder that would. */
  g_assert_nonnull (strstr (error->message, "vit"));
  g_assert_cmpint (engine_free (engine), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/survey/data-are-told", test_data_are_told);
  g_test_add_func ("/wire/survey/proposals-are-timed-and-the-times-kept",
                   test_proposals_are_timed_and_the_times_kept);
  g_test_add_func ("/wire/survey/proposal-is-trained-as-it-is", test_proposal_is_trained_as_it_is);
  g_test_add_func ("/wire/survey/data-to-learn-nothing-from-are-refused",
                   test_data_to_learn_nothing_from_are_refused);
  g_test_add_func ("/wire/survey/pair-that-does-not-fit-is-told", test_pair_that_does_not_fit_is_told);
  return g_test_run ();
}
