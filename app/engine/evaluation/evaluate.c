/* evaluate.c: which features are probed in which way; see evaluate.h. */
#include "app/engine/evaluation/evaluate.h"

#include "app/engine/setup/data-report.h"
#include "app/engine/diagnostics/collapse.h"
#include "app/engine/evaluation/knn.h"
#include "app/engine/setup/labels.h"
#include "app/engine/evaluation/linear.h"

#include <math.h>

#define FIELD(name, member, baseline, probe)                                                                 \
  {                                                                                                          \
    name, G_STRUCT_OFFSET (EidEvaluation, member), baseline, probe                                           \
  }

const EidEvaluationField eid_evaluation_fields[] = {
  FIELD ("knn", knn, FALSE, TRUE),
  FIELD ("linear", linear, FALSE, TRUE),
  FIELD ("knn-random", knn_random, TRUE, TRUE),
  FIELD ("linear-random", linear_random, TRUE, TRUE),
  FIELD ("knn-pixels", knn_pixels, TRUE, TRUE),
  FIELD ("linear-pixels", linear_pixels, TRUE, TRUE),
  FIELD ("rank", rank, FALSE, FALSE),
  FIELD ("z-std", z_std, FALSE, FALSE),
};
const guint eid_evaluation_n_fields = G_N_ELEMENTS (eid_evaluation_fields);

/* One training runs in a process, and one evaluation in it: 0 none, 1 under way, 2 to be skipped. */
static gint under_way;

gboolean
eid_evaluation_skip (void)
{
  return g_atomic_int_compare_and_exchange (&under_way, 1, 2) || g_atomic_int_get (&under_way) == 2;
}

gboolean
eid_evaluation_is_skipped (void)
{
  return g_atomic_int_get (&under_way) == 2;
}

void
eid_evaluation_begin (void)
{
  g_atomic_int_set (&under_way, 1);
}

gboolean
eid_evaluation_end (void)
{
  const gboolean skipped = eid_evaluation_is_skipped ();

  g_atomic_int_set (&under_way, 0);
  return skipped;
}

EidEvaluation
eid_evaluation_none (void)
{
  EidEvaluation evaluation = { 0 };

  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    EID_EVALUATION_VALUE (&evaluation, &eid_evaluation_fields[i]) = NAN;
  return evaluation;
}

/* Of the pictures that [Evaluate] lets a probe learn from. */
static EidFeatureSet *
training_features (EidSetup *setup, EidModel *model, GError **error)
{
  const guint limit = (guint) eid_recipe_int (setup->recipe, "Evaluate", "train-limit");
  const double labels = eid_recipe_float (setup->recipe, "Evaluate", "labels");
  guint32 *pictures;
  guint count;

  if (labels >= 100)
    return eid_features_of (setup, model, setup->train, limit, error);
  pictures = eid_labels_choose (setup->train, labels, setup->seed, limit, &count, error);
  return pictures != NULL ? eid_features_of_pictures (setup, model, setup->train, pictures, count, error)
                          : NULL;
}

/* Both probes on the features of @model (NULL: pixels). */
static gboolean
probe (EidSetup *setup, EidModel *model, EidProbe probes, double *knn, double *linear, GError **error)
{
  EidRecipe *recipe = setup->recipe;
  const guint classes = eid_dataset_classes (setup->train);
  g_autoptr (EidFeatureSet) train = NULL;
  g_autoptr (EidFeatureSet) test = NULL;

  train = training_features (setup, model, error);
  if (train == NULL)
    return FALSE;
  test = eid_features_of (setup, model, setup->test,
                          (guint) eid_recipe_int (recipe, "Evaluate", "test-limit"), error);
  if (test == NULL)
    return FALSE;
  /* What could be read may be less than what there is. */
  eid_data_set_obstacle (
      setup, eid_labels_obstacle (setup->train, train->labels, train->count, test->labels, test->count));
  if (setup->obstacle != NULL)
    return TRUE;
  if ((probes & EID_PROBE_KNN)
      && !eid_knn_accuracy (setup, train, test, (guint) eid_recipe_int (recipe, "Evaluate", "knn-k"),
                            eid_recipe_float (recipe, "Evaluate", "knn-temperature"), classes, knn, error))
    return FALSE;
  return !(probes & EID_PROBE_LINEAR)
         || eid_linear_accuracy (setup, train, test,
                                 (guint) eid_recipe_int (recipe, "Evaluate", "probe-epochs"), classes,
                                 setup->seed, linear, error);
}

gboolean
eid_evaluate (EidSetup *setup, EidProbe probes, EidEvaluation *evaluation, GError **error)
{
  evaluation->step = setup->step;
  if (probes & EID_PROBE_HEALTH)
    {
      g_autoptr (EidFeatureSet) watched = eid_watched_features (setup, error);
      g_autoptr (EidHealth) health = watched != NULL ? eid_health_of (watched, error) : NULL;

      if (health == NULL)
        return FALSE;
      evaluation->rank = health->rank;
      evaluation->z_std = health->z_std;
    }
  if (!(probes & (EID_PROBE_KNN | EID_PROBE_LINEAR)))
    return TRUE;
  eid_data_set_obstacle (setup, eid_data_obstacle (setup));
  return setup->obstacle != NULL
         || probe (setup, setup->model, probes, &evaluation->knn, &evaluation->linear, error);
}

gboolean
eid_evaluate_baselines (EidSetup *setup, EidProbe probes, EidEvaluation *evaluation, GError **error)
{
  g_autoptr (EidModel) fresh = NULL;

  if (!(probes & (EID_PROBE_KNN | EID_PROBE_LINEAR)))
    return TRUE;
  eid_data_set_obstacle (setup, eid_data_obstacle (setup));
  if (setup->obstacle != NULL)
    return TRUE;
  if (!probe (setup, NULL, probes, &evaluation->knn_pixels, &evaluation->linear_pixels, error))
    return FALSE;
  if (setup->obstacle != NULL)
    return TRUE;

  fresh = eid_setup_fresh_model (setup, error);
  return fresh != NULL
         && probe (setup, fresh, probes, &evaluation->knn_random, &evaluation->linear_random, error);
}
