/* own-views.c: views that a plugin publishes under names of its own arrive as they were published, within
 * bounds, and what does not fit is a sentence.                               */
#include "plugins/host.h"

#include "tests/engine/device.h"

#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

enum
{
  BATCH = 3,
  SIZE = 16,
  CHANNELS = 3
};

static EidRegistry *registry;

static EidModel *
model_new (const char *objective, const char *what)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  EidModel *model;

  if (what)
    g_hash_table_insert (values, (gpointer) "Objective.what", (gpointer) what);
  model = eid_model_new (test_device, registry, "vit", objective, values, SIZE, CHANNELS, BATCH, 3, &error);
  g_assert_no_error (error);
  return model;
}

/* What @what publishes. */
static EidArtefacts *
show (const char *what)
{
  g_autoptr (EidModel) model = model_new ("shows", what);
  EidArtefacts *artefacts;

  eid_arena_push (test_device);
  artefacts =
      eid_model_show (model, test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1), EID_SHOW_OWN, 1);
  test_device_is_well ();
  eid_arena_pop (test_device);
  g_assert_nonnull (artefacts);
  g_assert_nonnull (artefacts->own);
  return artefacts;
}

static const EidOwnView *
find (const EidArtefacts *artefacts, const char *name)
{
  for (guint i = 0; i < artefacts->own->len; i++)
    if (strcmp (((EidOwnView *) artefacts->own->pdata[i])->name, name) == 0)
      return artefacts->own->pdata[i];
  g_error ("there is no view “%s”", name);
}

static const EidOwnView *
assert_counts (const EidArtefacts *artefacts, const char *name, EidViewKind kind, EidShape shape, float from)
{
  const EidOwnView *view = find (artefacts, name);

  if (view->refused)
    g_error ("%s", view->refused);
  g_assert_cmpint (view->kind, ==, kind);
  g_assert_true (eid_shape_equal (view->shape, shape));
  for (gsize i = 0; i < eid_shape_count (shape); i++)
    g_assert_cmpfloat (view->values[i], ==, from + (float) i);
  return view;
}

static void
every_kind_arrives_as_it_was_published (void)
{
  EidArtefacts *all = show ("all");
  g_autofree float *pixels = test_noise (BATCH * SIZE * SIZE * CHANNELS, 1);
  const EidOwnView *view = find (all, "seen");

  g_assert_cmpuint (all->own->len, ==, 9); /* the second table was passed over */
  g_assert_cmpmem (view->values, sizeof (float) * eid_shape_count (view->shape), pixels,
                   sizeof (float) * BATCH * SIZE * SIZE * CHANNELS);
  assert_counts (all, "heat", EID_VIEW_MAPS, EID_SHAPE (2, 3, 5), 0);
  view = assert_counts (all, "plane", EID_VIEW_POINTS, EID_SHAPE (6, 2), 0);
  for (gint i = 0; i < 6; i++)
    g_assert_cmpint (view->groups[i], ==, i);
  g_assert_null (find (all, "cloud")->groups);
  assert_counts (all, "curve", EID_VIEW_SERIES, EID_SHAPE (7), 0);
  g_assert_cmpint (find (all, "values")->kind, ==, EID_VIEW_SPECTRUM);
  view = assert_counts (all, "table", EID_VIEW_MATRIX, EID_SHAPE (2, 3), -2);
  g_assert_cmpfloat (view->least, ==, -2);
  g_assert_cmpfloat (view->greatest, ==, 3);
  g_assert_cmpstr (find (all, "words")->text, ==, "An answer — in UTF-8.");
  eid_artefacts_free (all);
}

/* The likeliest of each place, with their probabilities. */
static void
tokens_have_their_likeliest (void)
{
  EidArtefacts *all = show ("all");
  const EidOwnView *view = assert_counts (all, "passage", EID_VIEW_TOKENS, EID_SHAPE (2, 3), 0);
  const double sum = 1 + exp (-1) + exp (-2) + exp (-3);

  g_assert_cmpuint (view->few, ==, EID_FEW_PREDICTIONS);
  g_assert_cmpfloat (view->greatest, ==, 8);
  for (guint i = 0; i < 6; i++)
    {
      g_assert_cmpint (view->tokens[i], ==, (gint) i);
      for (guint k = 0; k < view->few; k++)
        {
          g_assert_cmpint (view->predicted[i * view->few + k], ==, (gint) (3 - k));
          g_assert_cmpfloat_with_epsilon (view->chances[i * view->few + k], exp (-(double) k) / sum, 1e-5);
        }
    }
  eid_artefacts_free (all);
}

/* Each says which plugin, which view, what was expected and what was found; what is sound comes through. */
static void
what_does_not_fit_is_a_sentence (void)
{
  static const struct
  {
    const char *name, *says[3];
  } cases[] = {
    { "table", { "“shows” publishes matrix “table”", "[6]", "[R, C]" } },
    { "seen", { "images “seen”", "[1, 4, 4, 7]", "[N, H, W, 3]" } },
    { "heat", { "maps “heat”", "no tensor", "[N, H, W]" } },
    { "curve", { "series “curve”", "floating-point", "[N]" } },
    { "plane", { "points “plane”", "5 groups", "6 points" } },
    { "passage", { "tokens “passage”", "[2, 4]", "[2, 3]" } },
    { "large", { "matrix “large”", "[4096, 1025]", "4194304 numbers" } },
    { "Not A Name", { "text “Not A Name”", "a to z", "40 characters" } },
    { "words", { "text “words”", "UTF-8", "64 KiB" } },
  };
  EidArtefacts *wrong = show ("wrong");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const EidOwnView *view = find (wrong, cases[i].name);

      g_assert_nonnull (view->refused);
      g_assert_null (view->values);
      for (guint k = 0; k < 3; k++)
        if (strstr (view->refused, cases[i].says[k]) == NULL)
          g_error ("“%s” does not say “%s”", view->refused, cases[i].says[k]);
    }
  assert_counts (wrong, "sound", EID_VIEW_SERIES, EID_SHAPE (3), 0);
  g_assert_cmpuint (wrong->own->len, ==, G_N_ELEMENTS (cases) + 1);
  eid_artefacts_free (wrong);
}

static void
no_more_arrive_than_are_shown (void)
{
  EidArtefacts *many = show ("many");
  const EidOwnView *last = many->own->pdata[many->own->len - 1];

  g_assert_cmpuint (many->own->len, ==, EID_MOST_VIEWS + 1);
  g_assert_nonnull (last->refused);
  g_assert_nonnull (strstr (last->refused, "16 views"));
  eid_artefacts_free (many);
}

/* Neither a step nor another look has them made. */
static void
what_nobody_looks_at_is_not_there (void)
{
  g_autoptr (EidModel) model = model_new ("shows", "all");
  EidArtefacts *artefacts;

  eid_arena_push (test_device);
  artefacts = eid_model_show (model, test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1),
                              EID_SHOW_RECONSTRUCTION | EID_SHOW_ATTENTION, 1);
  test_device_is_well ();
  eid_arena_pop (test_device);
  g_assert_null (artefacts->own);
  eid_artefacts_free (artefacts);
}

/* Asked for, and not where only its numbers are. */
static void
a_loss_can_publish_too (void)
{
  g_autoptr (EidModel) model = model_new ("shows", "all");
  EidArtefacts *asked, *numbers;
  EidViewTensors views;
  double loss;

  eid_arena_push (test_device);
  views = (EidViewTensors){ .views = test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1) };
  asked = eid_model_show_loss (model, views, NULL, 0, 1);
  loss = eid_model_watch (model, views, NULL, 0, 1, &numbers);
  test_device_is_well ();
  eid_arena_pop (test_device);
  g_assert_nonnull (asked->own);
  g_assert_cmpuint (asked->own->len, ==, 1);
  g_assert_cmpfloat_with_epsilon (find (asked, "of-loss")->values[0], loss, 1e-6);
  g_assert_null (numbers->own);
  g_assert_cmpuint (numbers->scalar_count, ==, 1);
  eid_artefacts_free (asked);
  eid_artefacts_free (numbers);
}

static void
add_tests (void)
{
  g_test_add_func ("/own-views/loss", a_loss_can_publish_too);
  g_test_add_func ("/own-views/every-kind", every_kind_arrives_as_it_was_published);
  g_test_add_func ("/own-views/tokens", tokens_have_their_likeliest);
  g_test_add_func ("/own-views/wrong", what_does_not_fit_is_a_sentence);
  g_test_add_func ("/own-views/many", no_more_arrive_than_are_shown);
  g_test_add_func ("/own-views/unwatched", what_nobody_looks_at_is_not_there);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("eidoscope-plugins-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  registry = eid_registry_new (); /* of $EIDOSCOPE_PLUGIN_PATH: shows.so */
  status = test_main (argc, argv, add_tests);
  eid_registry_free (registry);
  g_rmdir (home);
  return status;
}
