/* parts.c: the parts that judge learning, on data of which the answer is known:
 * a wrong ruler would measure success anywhere.                              */
#include "app/engine/setup/augment.h"
#include "app/engine/diagnostics/collapse.h"
#include "app/engine/evaluation/knn.h"
#include "app/engine/setup/labels.h"
#include "app/engine/setup/layer-rates.h"
#include "app/engine/evaluation/linear.h"
#include "app/engine/setup/schedule.h"
#include "tests/support/tiny.h"

#include <math.h>
#include <string.h>

static EidDevice *
open_device (void)
{
  g_autoptr (GError) error = NULL;
  EidDevice *device = eid_device_open (NULL, &error);

  g_assert_no_error (error);
  return device;
}

/* @count rows of @width; row i is of class i % @classes, whose dimension of the
 * same number is @apart higher. Noise of deviation 1.                        */
static EidFeatureSet *
clusters (guint count, guint width, guint classes, float apart, guint32 stream)
{
  EidFeatureSet *set = g_new0 (EidFeatureSet, 1);
  EidRandom random;

  eid_random_init (&random, 1, 0, 0, stream);
  set->count = count;
  set->width = width;
  set->values = g_new (float, (gsize) count *width);
  set->labels = g_new (gint32, count);
  for (guint i = 0; i < count; i++)
    {
      set->labels[i] = (gint32) (i % classes);
      for (guint d = 0; d < width; d++)
        set->values[(gsize) i * width + d] = eid_random_normal (&random) + (d == i % classes ? apart : 0);
    }
  return set;
}

/* --- Schedule ------------------------------------------------------------------- */

static void
test_schedule_rises_then_falls_to_nought (void)
{
  g_assert_cmpfloat_with_epsilon (eid_schedule_learning_rate (2, 10, 110, 0), 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (eid_schedule_learning_rate (2, 10, 110, 9), 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (eid_schedule_learning_rate (2, 10, 110, 10), 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (eid_schedule_learning_rate (2, 10, 110, 60), 1, 1e-12);
  g_assert_cmpfloat (eid_schedule_learning_rate (2, 10, 110, 109), <, 1e-3);
  g_assert_cmpfloat (eid_schedule_learning_rate (2, 10, 110, 110), ==, 0);
  /* A warm-up longer than the run never falls. */
  g_assert_cmpfloat_with_epsilon (eid_schedule_learning_rate (2, 100, 50, 49), 1, 1e-12);
}

static void
test_schedule_of_the_decay_ends_where_it_is_told_to (void)
{
  g_assert_cmpfloat_with_epsilon (eid_schedule_cosine (0.04, 0.4, 100, 0), 0.04, 1e-12);
  g_assert_cmpfloat_with_epsilon (eid_schedule_cosine (0.04, 0.4, 100, 50), 0.22, 1e-12);
  g_assert_cmpfloat_with_epsilon (eid_schedule_cosine (0.04, 0.4, 100, 100), 0.4, 1e-12);
}

/* --- Rates by layer ---------------------------------------------------------------- */

static void
test_names_tell_depths (void)
{
  static const struct
  {
    const char *name;
    gint depth; /* -1: it has none */
  } cases[] = {
    { "encoder.patch_embed.proj.weight", 0 },
    { "encoder.cls_token", 0 },
    { "encoder.pos_embed", 0 },
    { "encoder.blocks.0.norm1.weight", 1 },
    { "encoder.blocks.11.attn.qkv.weight", 12 },
    { "encoder.norm.weight", -1 },
    { "encoder.conv1.weight", 0 },
    { "encoder.layer1.0.conv1.weight", 1 },
    { "encoder.layer4.1.bn2.bias", 4 },
    { "encoder.h.5.mlp.c_fc.weight", 6 },
    { "encoder.layered.weight", -1 },
    { "objective.decoder.blocks.0.norm1.weight", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint depth = 0;
      const gboolean found = eid_layer_depth (cases[i].name, &depth);

      g_test_message ("%s", cases[i].name);
      g_assert_cmpint (found ? (gint) depth : -1, ==, cases[i].depth);
    }
}

/* --- Labels ------------------------------------------------------------------------ */

/* Few are of each class alike, are a part of more, and follow the seed. */
static void
test_labels_are_chosen_by_class_and_seed (void)
{
  TinyWorld *world = tiny_world_new ();
  const EidDatasetSpec spec = { .reader = "idx", .path = world->data, .size = 16 };
  g_autoptr (GError) error = NULL;
  g_autoptr (EidDataset) dataset = eid_dataset_open (&spec, "train", &error);
  g_autofree guint32 *few = NULL, *again = NULL, *more = NULL, *other = NULL, *bounded = NULL;
  guint n_few, n_again, n_more, n_other, n_bounded, found = 0, of_class[4] = { 0 };

  g_assert_no_error (error);
  few = eid_labels_choose (dataset, 2, 1, 0, &n_few, &error);
  again = eid_labels_choose (dataset, 2, 1, 0, &n_again, &error);
  more = eid_labels_choose (dataset, 20, 1, 0, &n_more, &error);
  other = eid_labels_choose (dataset, 2, 2, 0, &n_other, &error);
  bounded = eid_labels_choose (dataset, 100, 1, 7, &n_bounded, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (few, n_few * sizeof (guint32), again, n_again * sizeof (guint32));
  g_assert_cmpuint (n_other, ==, n_few);
  g_assert_cmpint (memcmp (few, other, n_few * sizeof (guint32)), !=, 0);
  g_assert_cmpuint (n_bounded, ==, 7);
  for (guint i = 0, j = 0; i < n_few; i++)
    {
      while (j < n_more && more[j] < few[i])
        j++;
      found += j < n_more && more[j] == few[i];
    }
  g_assert_cmpuint (found, ==, n_few);
  for (guint i = 0; i < n_few; i++)
    of_class[eid_dataset_label (dataset, few[i])]++;
  for (guint c = 0; c < 4; c++)
    g_assert_cmpuint (of_class[c], ==, 1); /* two per cent of about sixty */
  tiny_world_free (world);
}

/* --- Draws ----------------------------------------------------------------------- */

static const EidAugment strong = {
  .crop_min = 0.2f,
  .crop_max = 1,
  .flip = 0.5f,
  .jitter = 1,
  .brightness = 0.4f,
  .contrast = 0.4f,
  .saturation = 0.4f,
  .hue = 0.1f,
  .grey = 0.5f,
  .blur = 0.5f,
  .blur_max = 2,
  .solarise = 0.5f,
};

static void
test_draws_are_of_seed_step_picture_and_view_alone (void)
{
  const EidAugmentDraw draw = eid_augment_draw (&strong, 3, TRUE, 1, 2, 3, 4);
  const EidAugmentDraw again = eid_augment_draw (&strong, 3, TRUE, 1, 2, 3, 4);
  const EidAugmentDraw others[] = {
    eid_augment_draw (&strong, 3, TRUE, 9, 2, 3, 4),
    eid_augment_draw (&strong, 3, TRUE, 1, 9, 3, 4),
    eid_augment_draw (&strong, 3, TRUE, 1, 2, 9, 4),
    eid_augment_draw (&strong, 3, TRUE, 1, 2, 3, 9),
  };

  g_assert_cmpmem (&draw, sizeof draw, &again, sizeof again);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_cmpint (memcmp (&draw, &others[i], sizeof draw), !=, 0);
}

static void
test_draws_stay_in_their_ranges (void)
{
  guint flips = 0, blurs = 0;

  for (guint32 sample = 0; sample < 2000; sample++)
    {
      const EidAugmentDraw draw = eid_augment_draw (&strong, 3, TRUE, 1, 0, sample, 0);
      const float area = draw.crop_width * draw.crop_height;

      g_assert_cmpfloat (draw.crop_x, >=, 0);
      g_assert_cmpfloat (draw.crop_x + draw.crop_width, <=, 1.00001);
      g_assert_cmpfloat (draw.crop_y + draw.crop_height, <=, 1.00001);
      g_assert_cmpfloat (area, >=, 0.199);
      g_assert_cmpfloat (fabsf (draw.brightness - 1), <=, 0.4001);
      g_assert_cmpfloat (fabsf (draw.hue), <=, 0.1001);
      g_assert_cmpfloat (draw.blur, <=, 2);
      flips += draw.flip > 0;
      blurs += draw.blur > 0;
    }
  /* Within five deviations of a half. */
  g_assert_cmpuint (flips, >, 888);
  g_assert_cmpuint (flips, <, 1112);
  g_assert_cmpuint (blurs, >, 888);
  g_assert_cmpuint (blurs, <, 1112);
}

static void
test_grey_pictures_keep_their_missing_colour (void)
{
  for (guint32 sample = 0; sample < 200; sample++)
    {
      const EidAugmentDraw draw = eid_augment_draw (&strong, 1, TRUE, 1, 0, sample, 0);

      g_assert_cmpfloat (draw.saturation, ==, 1);
      g_assert_cmpfloat (draw.hue, ==, 0);
      g_assert_cmpfloat (draw.grey, ==, 0);
    }
}

/* --- Probes ------------------------------------------------------------------------ */

typedef struct
{
  double knn, linear;
} Accuracy;

static Accuracy
probe (EidDevice *device, const EidFeatureSet *train, const EidFeatureSet *test, guint classes)
{
  const EidSetup setup = { .device = device };
  g_autoptr (GError) error = NULL;
  Accuracy accuracy;

  eid_knn_accuracy (&setup, train, test, 20, 0.1, classes, &accuracy.knn, &error);
  g_assert_no_error (error);
  eid_linear_accuracy (&setup, train, test, 30, classes, 1, &accuracy.linear, &error);
  g_assert_no_error (error);
  return accuracy;
}

static void
test_probes_find_classes_that_lie_apart (void)
{
  EidDevice *device = open_device ();
  g_autoptr (EidFeatureSet) train = clusters (1500, 24, 5, 12, 0);
  g_autoptr (EidFeatureSet) test = clusters (700, 24, 5, 12, 1);
  const Accuracy accuracy = probe (device, train, test, 5);

  g_assert_cmpfloat (accuracy.knn, >, 0.995);
  g_assert_cmpfloat (accuracy.linear, >, 0.995);
  eid_device_close (device);
}

static void
test_probes_find_nothing_where_nothing_is (void)
{
  EidDevice *device = open_device ();
  g_autoptr (EidFeatureSet) train = clusters (1500, 24, 5, 0, 0);
  g_autoptr (EidFeatureSet) test = clusters (700, 24, 5, 0, 1);
  const Accuracy accuracy = probe (device, train, test, 5);

  /* A fifth, within five deviations. */
  g_assert_cmpfloat (fabs (accuracy.knn - 0.2), <, 0.076);
  g_assert_cmpfloat (fabs (accuracy.linear - 0.2), <, 0.076);
  eid_device_close (device);
}

/* Neighbours weighted by hand: two of one class far outvote one nearest only
 * when the temperature is high.                                              */
static void
test_neighbours_vote_by_similarity (void)
{
  EidDevice *device = open_device ();
  const EidSetup setup = { .device = device };
  const float angles[] = { 0.1f, 0.8f, 0.9f };
  float train_values[6], test_values[2] = { 1, 0 };
  gint32 train_labels[] = { 0, 1, 1 }, test_labels[] = { 0 };
  EidFeatureSet train = { .count = 3, .width = 2, .values = train_values, .labels = train_labels };
  EidFeatureSet test = { .count = 1, .width = 2, .values = test_values, .labels = test_labels };
  double sharp = 0, soft = 0;

  for (guint i = 0; i < 3; i++)
    {
      /* Lengths must not matter. */
      train_values[2 * i] = cosf (angles[i]) * (float) (i + 1);
      train_values[2 * i + 1] = sinf (angles[i]) * (float) (i + 1);
    }
  g_assert_true (eid_knn_accuracy (&setup, &train, &test, 3, 0.1, 2, &sharp, NULL));
  g_assert_true (eid_knn_accuracy (&setup, &train, &test, 3, 10, 2, &soft, NULL));
  g_assert_cmpfloat (sharp, ==, 1);
  g_assert_cmpfloat (soft, ==, 0);
  eid_device_close (device);
}

/* --- Health -------------------------------------------------------------------------- */

static void
test_health_of_a_living_embedding (void)
{
  g_autoptr (EidFeatureSet) set = clusters (2000, 16, 1, 0, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidHealth) health = eid_health_of (set, &error);

  g_assert_no_error (error);
  g_assert_cmpfloat (health->rank, >, 15.5);
  g_assert_cmpfloat (health->rank, <, 16.001);
  g_assert_cmpfloat_with_epsilon (health->z_std, 0.25, 0.01);
}

static void
test_health_of_a_collapsed_embedding (void)
{
  g_autoptr (EidFeatureSet) set = clusters (500, 16, 1, 0, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidHealth) health = NULL;

  /* All on one line, then all but in one place. */
  for (guint i = 0; i < set->count; i++)
    for (guint d = 1; d < set->width; d++)
      set->values[i * set->width + d] = set->values[i * set->width] * (float) d;
  health = eid_health_of (set, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (health->rank, <, 1.01);
  g_assert_cmpfloat (health->explained[0], >, 0.999);
  g_clear_pointer (&health, eid_health_free);

  for (guint i = 0; i < set->count * set->width; i++)
    set->values[i] = 1 + 1e-4f * set->values[i];
  health = eid_health_of (set, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (health->z_std, <, 0.01);
}

static void
test_axes_are_those_of_most_variance (void)
{
  g_autoptr (EidFeatureSet) set = clusters (400, 6, 1, 0, 3);
  g_autoptr (GError) error = NULL;
  g_autoptr (EidHealth) health = NULL;

  for (guint i = 0; i < set->count; i++)
    {
      set->values[i * 6 + 2] *= 20;
      set->values[i * 6 + 4] *= 8;
    }
  health = eid_health_of (set, &error);
  g_assert_no_error (error);
  for (guint i = 1; i < set->count; i++)
    {
      const double x = (double) (set->values[i * 6 + 2] - set->values[2]);
      const double y = (double) (set->values[i * 6 + 4] - set->values[4]);

      /* The sign is that of the largest loading, which is positive. */
      g_assert_cmpfloat (fabs (health->x[i] - health->x[0] - x), <, 3);
      g_assert_cmpfloat (fabs (health->y[i] - health->y[0] - y), <, 6);
    }
  g_assert_cmpfloat (health->spectrum[0], >, health->spectrum[1]);
  g_assert_cmpfloat (health->spectrum[1], >, health->spectrum[2]);
}

static void
test_health_refuses_what_is_not_finite (void)
{
  g_autoptr (EidFeatureSet) set = clusters (50, 6, 1, 0, 0);
  g_autoptr (GError) error = NULL;

  set->values[17] = NAN;
  g_assert_null (eid_health_of (set, &error));
  g_assert_error (error, EID_ERROR, EID_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/parts/labels-are-chosen-by-class-and-seed", test_labels_are_chosen_by_class_and_seed);
  g_test_add_func ("/parts/schedule-of-the-decay-ends-where-it-is-told-to",
                   test_schedule_of_the_decay_ends_where_it_is_told_to);
  g_test_add_func ("/parts/names-tell-depths", test_names_tell_depths);
  g_test_add_func ("/parts/schedule-rises-then-falls-to-nought", test_schedule_rises_then_falls_to_nought);
  g_test_add_func ("/parts/draws-are-of-seed-step-picture-and-view-alone",
                   test_draws_are_of_seed_step_picture_and_view_alone);
  g_test_add_func ("/parts/draws-stay-in-their-ranges", test_draws_stay_in_their_ranges);
  g_test_add_func ("/parts/grey-pictures-keep-their-missing-colour",
                   test_grey_pictures_keep_their_missing_colour);
  g_test_add_func ("/parts/probes-find-classes-that-lie-apart", test_probes_find_classes_that_lie_apart);
  g_test_add_func ("/parts/probes-find-nothing-where-nothing-is", test_probes_find_nothing_where_nothing_is);
  g_test_add_func ("/parts/neighbours-vote-by-similarity", test_neighbours_vote_by_similarity);
  g_test_add_func ("/parts/health-of-a-living-embedding", test_health_of_a_living_embedding);
  g_test_add_func ("/parts/health-of-a-collapsed-embedding", test_health_of_a_collapsed_embedding);
  g_test_add_func ("/parts/axes-are-those-of-most-variance", test_axes_are_those_of_most_variance);
  g_test_add_func ("/parts/health-refuses-what-is-not-finite", test_health_refuses_what_is_not_finite);
  return g_test_run ();
}
