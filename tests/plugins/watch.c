/* watch.c: the numbers that objectives publish beside their loss, for views whose numbers are known. */
#include "plugins/host.h"

#include "tests/engine/device.h"

#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

enum
{
  BATCH = 6,
  SIZE = 16,
  CHANNELS = 3,
  OUTPUT = 16
};

static EidRegistry *registry;

static EidModel *
model_new (const char *objective)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  EidModel *model;

  g_hash_table_insert (values, (gpointer) "Objective.output", (gpointer) "16");
  model = eid_model_new (test_device, registry, "vit", objective, values, SIZE, CHANNELS, BATCH, 3, &error);
  g_assert_no_error (error);
  return model;
}

/* Two views of each of @pictures [B, H, W, C], both the picture itself. */
static EidViewTensors
twice (EidTensor *pictures)
{
  return (EidViewTensors){ .views = eid_concat (pictures, pictures) };
}

/* What the objective publishes of @views as @name. */
static double
watch (EidModel *model, EidViewTensors views, const char *name)
{
  EidArtefacts *artefacts;
  double loss = eid_model_watch (model, views, NULL, 0, 1, &artefacts), value = NAN;

  g_assert_true (isfinite (loss));
  for (guint i = 0; i < artefacts->scalar_count; i++)
    if (strcmp (artefacts->scalars[i].name, name) == 0)
      value = artefacts->scalars[i].value;
  eid_artefacts_free (artefacts);
  g_assert_false (isnan (value));
  return value;
}

/* A teacher that has not parted from its student makes of the same view the same. */
static void
test_similarity (void)
{
  g_autoptr (EidModel) model = model_new ("moco");

  eid_arena_push (test_device);
  EidViewTensors views = twice (test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1));
  g_assert_cmpfloat_with_epsilon (watch (model, views, "positive-similarity"), 1, 1e-5);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* Projections of one picture are one; those of different pictures spread, at most to all sides. */
static void
test_spread (void)
{
  g_autoptr (EidModel) model = model_new ("simsiam");

  eid_arena_push (test_device);
  EidTensor *pictures = test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1);
  EidTensor *one = eid_rows (pictures, 0, 1), *two = eid_concat (one, one);
  EidTensor *same = eid_concat (eid_concat (two, two), two);
  double spread = watch (model, twice (pictures), "projection-std");
  double dimensions = watch (model, twice (pictures), "projection-dimensions");

  g_assert_cmpfloat (spread, >, 1e-3);
  g_assert_cmpfloat (spread, <=, 1 + 1e-6);
  g_assert_cmpfloat (dimensions, >, 1);
  g_assert_cmpfloat (dimensions, <, BATCH); /* one fewer than rows, which have a mean */
  g_assert_cmpfloat (watch (model, twice (same), "projection-std"), <, 1e-5);
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* Who looks on does not take part: the queue is as it was. */
static void
test_watching_changes_nothing (void)
{
  g_autoptr (EidModel) model = model_new ("moco");
  EidTensor *rows = eid_parameters_find (eid_model_parameters (model), "objective.queue.rows");
  g_autofree float *before = test_read (rows), *after = NULL;

  eid_arena_push (test_device);
  watch (model, twice (test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1)), "positive-similarity");
  after = test_read (rows);
  g_assert_cmpmem (before, eid_tensor_count (rows) * sizeof (float), after,
                   eid_tensor_count (rows) * sizeof (float));
  test_device_is_well ();
  eid_arena_pop (test_device);
}

/* Each prototype's share of the views, twice: of those that name it first, and of probability. */
static void
test_assignments (void)
{
  g_autoptr (EidModel) model = model_new ("swav");
  EidArtefacts *artefacts;
  double use = 0, mass = 0, entropy = 0;

  eid_arena_push (test_device);
  eid_model_watch (model, twice (test_tensor (EID_SHAPE (BATCH, SIZE, SIZE, CHANNELS), 1)), NULL, 0, 1,
                   &artefacts);
  test_device_is_well ();
  g_assert_cmpuint (artefacts->prototypes, ==, 512);
  g_assert_cmpuint (artefacts->assigned, ==, 2 * BATCH);
  for (guint k = 0; k < artefacts->prototypes; k++)
    {
      const double share = (double) artefacts->use[k];

      use += share;
      mass += (double) artefacts->mass[k];
      entropy -= share > 0 ? share * log (share) : 0;
    }
  g_assert_cmpfloat_with_epsilon (use, 1, 1e-5);
  g_assert_cmpfloat_with_epsilon (mass, 1, 1e-4);
  for (guint i = 0; i < artefacts->scalar_count; i++)
    if (strcmp (artefacts->scalars[i].name, "prototype-use") == 0)
      g_assert_cmpfloat_with_epsilon (artefacts->scalars[i].value, exp (entropy), 1e-4);
  eid_artefacts_free (artefacts);
  eid_arena_pop (test_device);
}

static void
add_tests (void)
{
  g_test_add_func ("/watch/assignments", test_assignments);
  g_test_add_func ("/watch/similarity", test_similarity);
  g_test_add_func ("/watch/spread", test_spread);
  g_test_add_func ("/watch/watching-changes-nothing", test_watching_changes_nothing);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("eidoscope-plugins-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_unsetenv ("EIDOSCOPE_PLUGIN_PATH");
  registry = eid_registry_new ();
  status = test_main (argc, argv, add_tests);
  eid_registry_free (registry);
  g_rmdir (home);
  return status;
}
