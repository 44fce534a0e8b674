/* verdicts.c: the numbers of an embedding against those that NumPy gives for the
 * same rows, and each verdict from a history made up for it.                 */
#include "app/engine/diagnostics/metrics.h"
#include "app/engine/diagnostics/diagnosis.h"

#include <math.h>
#include <string.h>

/* --- Numbers --------------------------------------------------------------------- */

#define COUNT 12
#define WIDTH 5

/* Rows that NumPy was given too: sin (1.3 i + 2.1 d) + 0.4 cos (0.7 i d) + 0.3. */
static float *
rows_of_formula (gboolean across)
{
  float *rows = g_new (float, COUNT *WIDTH);

  for (guint i = 0; i < COUNT; i++)
    for (guint d = 0; d < WIDTH; d++)
      rows[across ? d * COUNT + i : i * WIDTH + d] =
          (float) (sin (1.3 * i + 2.1 * d) + 0.4 * cos (0.7 * i * d) + 0.3);
  return rows;
}

static void
test_numbers_are_those_of_numpy (void)
{
  g_autofree float *rows = rows_of_formula (FALSE);
  double spectrum[WIDTH];

  g_assert_true (eid_metric_spectrum (rows, COUNT, WIDTH, spectrum));
  g_assert_cmpfloat_with_epsilon (spectrum[0], 4.29734314, 1e-6);
  g_assert_cmpfloat_with_epsilon (spectrum[4], 0.35897969, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_rank (spectrum, WIDTH), 3.63132998, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_alpha (spectrum, WIDTH), 3.05239936, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_z_std (rows, COUNT, WIDTH), 0.37696099, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_cosine (rows, COUNT, WIDTH), 0.22194922, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_std_hinge (rows, COUNT, WIDTH), 0.28715604, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_lidar (rows, 3, 4, WIDTH), 1.79126199, 1e-4);
  g_assert_cmpfloat_with_epsilon (eid_metric_alignment (rows, rows + COUNT / 2 * WIDTH, COUNT / 2, WIDTH),
                                  1.54020511, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_uniformity (rows, COUNT, WIDTH), -1.72551943, 1e-6);
}

/* The other product of the rows with themselves. */
static void
test_spectrum_of_wide_rows (void)
{
  g_autofree float *rows = rows_of_formula (TRUE);
  double spectrum[WIDTH];

  g_assert_true (eid_metric_spectrum (rows, WIDTH, COUNT, spectrum));
  g_assert_cmpfloat_with_epsilon (spectrum[0], 4.42477340, 1e-6);
  g_assert_cmpfloat_with_epsilon (spectrum[3], 0.97311099, 1e-6);
  g_assert_cmpfloat_with_epsilon (spectrum[4], 0, 1e-6);
  /* What is rounding alone does not count. */
  g_assert_cmpfloat (eid_metric_alpha (spectrum, WIDTH), <, 3);
}

/* A band ends where the sign begins to show. */
static void
test_bands_are_what_signs_test (void)
{
  EidVitals history[3] = { eid_vitals_none (0), eid_vitals_none (100), eid_vitals_none (200) };
  const EidCase of = { .chance = 5, .steps = 1000, .can_collapse = TRUE, .pictures = 512, .width = 96 };
  const EidCase cannot = { .chance = 5, .steps = 1000, .pictures = 512, .width = 96 };
  const EidPatient patient = { &of, history, 3 }, sound = { &cannot, history, 3 };

  history[0].value[EID_VITAL_COSINE] = 0.5;
  history[0].value[EID_VITAL_RANK] = 40;
  history[0].value[EID_VITAL_TEACHER_ENTROPY] = 4;
  history[0].value[EID_VITAL_WATCH_LOSS] = 5;
  history[1].value[EID_VITAL_LOSS] = 4;
  g_assert_cmpfloat_with_epsilon (eid_verdict_band (&patient, EID_VITAL_COSINE).most, 0.9, 1e-9);
  g_assert_true (isnan (eid_verdict_band (&patient, EID_VITAL_COSINE).least));
  g_assert_true (isnan (eid_verdict_band (&sound, EID_VITAL_COSINE).most));
  g_assert_cmpfloat_with_epsilon (eid_verdict_band (&patient, EID_VITAL_RANK).least, 20, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_verdict_band (&patient, EID_VITAL_TEACHER_ENTROPY).most, 4.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_verdict_band (&patient, EID_VITAL_TEACHER_ENTROPY).least, 1.4, 1e-9);
  /* Half of the first loss over it. */
  g_assert_cmpfloat_with_epsilon (eid_verdict_band (&patient, EID_VITAL_LOSS).most, 7.5, 1e-9);
  for (guint i = 1; i < 3; i++)
    history[i].value[EID_VITAL_COSINE] = 0.91;
  {
    g_auto (EidVerdict) verdict = eid_verdict_next (&of, history, 3, NULL);
    g_assert_cmpint (verdict.kind, ==, EID_COMPLETE_COLLAPSE);
  }
  history[2].value[EID_VITAL_COSINE] = 0.89;
  {
    g_auto (EidVerdict) verdict = eid_verdict_next (&of, history, 3, NULL);
    g_assert_cmpint (verdict.kind, ==, EID_HEALTHY);
  }
}

static void
test_numbers_of_a_point (void)
{
  float rows[COUNT * WIDTH];
  double spectrum[WIDTH];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    rows[i] = (float) (i % WIDTH);
  g_assert_true (eid_metric_spectrum (rows, COUNT, WIDTH, spectrum));
  g_assert_cmpfloat_with_epsilon (eid_metric_rank (spectrum, WIDTH), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_metric_z_std (rows, COUNT, WIDTH), 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (eid_metric_cosine (rows, COUNT, WIDTH), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_metric_std_hinge (rows, COUNT, WIDTH), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_metric_lidar (rows, 3, 4, WIDTH), 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_metric_alignment (rows, rows + WIDTH, 4, WIDTH), 0, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_metric_uniformity (rows, COUNT, WIDTH), 0, 1e-9);
  rows[7] = NAN;
  g_assert_false (eid_metric_spectrum (rows, COUNT, WIDTH, spectrum));
}

/* Eigenvalues that fall as 1 / i² do so with α = 2; of four that are the same the rank is 4. */
static void
test_numbers_of_known_spectra (void)
{
  double spectrum[50], flat[] = { 3, 3, 3, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (spectrum); i++)
    spectrum[i] = 5 / (i + 1.0);
  g_assert_cmpfloat_with_epsilon (eid_metric_alpha (spectrum, G_N_ELEMENTS (spectrum)), 2, 1e-9);
  g_assert_cmpfloat_with_epsilon (eid_metric_rank (flat, G_N_ELEMENTS (flat)), 4, 1e-4);
  g_assert_cmpfloat_with_epsilon (eid_metric_alpha (flat, G_N_ELEMENTS (flat)), 0, 1e-9);
}

/* Views that agree while the pictures fill four dimensions: as many as there are. */
static void
test_lidar_of_pictures_far_apart (void)
{
  float rows[2 * 5 * 4] = { 0 };

  for (guint view = 0; view < 2; view++)
    for (guint d = 0; d < 4; d++)
      rows[(view * 5 + d) * 4 + d] = 10;
  g_assert_cmpfloat (eid_metric_lidar (rows, 2, 5, 4), >, 3.5);
  g_assert_true (isnan (eid_metric_lidar (rows, 1, 10, 4)));
}

/* --- Verdicts ----------------------------------------------------------------------- */

static const EidParam of_teacher[] = {
  EID_PARAM_FLOAT ("teacher-temperature", 0.04, 0.005, 1, "-"),
  EID_PARAM_FLOAT ("center-momentum", 0.9, 0, 1, "-"),
  EID_PARAM_BOOL ("stop-gradient", TRUE, "-"),
  EID_PARAM_END,
};

static double
setting (const char *section, const char *key, gpointer user_data)
{
  return g_str_equal (key, "center-momentum") ? 1 : g_str_equal (key, "stop-gradient") ? 0 : 0.04;
}

static const EidCase sound = {
  .chance = 5,
  .steps = 1000,
  .warmup = 100,
  .can_collapse = TRUE,
  .pictures = 512,
  .width = 96,
  .params = of_teacher,
  .value = setting,
};

/* A history: what a healthy run has, but for one number that goes from its first
 * value to another in even steps, by the third look.                         */
typedef struct
{
  const char *name;
  struct
  {
    EidVital vital;
    double first, last;
  } change[3];
  EidVerdictKind expected;
  const char *says; /* the number in the evidence */
  const char *cure; /* the key of the first cure; NULL: any */
} Course;

#define LOOKS 8

static const Course courses[] = {
  { "healthy", { { EID_VITAL_LOSS, 5, 2 } }, EID_HEALTHY, "96" },
  { "high-cosine-from-the-start", { { EID_VITAL_COSINE, 0.95, 0.93 } }, EID_HEALTHY, NULL },
  { "all-alike", { { EID_VITAL_COSINE, 0.6, 0.97 } }, EID_COMPLETE_COLLAPSE, "0.970", "stop-gradient" },
  { "few-dimensions",
    { { EID_VITAL_RANK, 30, 3 }, { EID_VITAL_ALPHA, 1, 4 } },
    EID_DIMENSIONAL_COLLAPSE,
    "3.0 of 96",
    "stop-gradient" },
  { "rank-falls-a-little", { { EID_VITAL_RANK, 30, 18 } }, EID_HEALTHY, NULL },
  { "one-prototype",
    { { EID_VITAL_TEACHER_KL, 0.5, 0.001 }, { EID_VITAL_TEACHER_ENTROPY, 4, 0.1 } },
    EID_COMPLETE_COLLAPSE,
    "entropy is 0.10",
    "center-momentum" },
  { "any-prototype",
    { { EID_VITAL_TEACHER_KL, 0.5, 0.001 }, { EID_VITAL_TEACHER_ENTROPY, 4, 4.99 } },
    EID_COMPLETE_COLLAPSE,
    "4.99 of at most 5.00",
    "teacher-temperature" },
  { "views-crowd",
    { { EID_VITAL_UNIFORMITY, -1.3, -0.4 } },
    EID_COMPLETE_COLLAPSE,
    "-0.40",
    "stop-gradient" },
  { "steep-from-the-start",
    { { EID_VITAL_RANK, 30, 12 }, { EID_VITAL_ALPHA, 2.8, 2.9 } },
    EID_HEALTHY,
    NULL },
  { "few-prototypes",
    { { EID_VITAL_PROTOTYPE_USE, 16, 3.6 }, { EID_VITAL_TEACHER_ENTROPY, 3, 0.4 } },
    EID_DIMENSIONAL_COLLAPSE,
    "from 3.00 to 0.40",
    "center-momentum" },
  { "sure-of-many-prototypes",
    { { EID_VITAL_PROTOTYPE_USE, 16, 60 }, { EID_VITAL_TEACHER_ENTROPY, 3, 0.4 } },
    EID_HEALTHY,
    NULL },
  { "projections-are-one",
    { { EID_VITAL_PROJECTION_STD, 0.9, 0.02 } },
    EID_COMPLETE_COLLAPSE,
    "0.020, where",
    "stop-gradient" },
  { "projections-alike-from-the-start", { { EID_VITAL_PROJECTION_STD, 0.08, 0.07 } }, EID_HEALTHY, NULL },
  { "projections-fill-a-line",
    { { EID_VITAL_PROJECTION_DIMENSIONS, 12, 1.1 } },
    EID_DIMENSIONAL_COLLAPSE,
    "fill 1.1",
    "stop-gradient" },
  { "on-the-chance-line", { { EID_VITAL_LOSS, 5.2, 5.001 } }, EID_LEARNING_NOTHING, "5.001 after", "lr" },
  { "loss-rises", { { EID_VITAL_LOSS, 5.2, 20 } }, EID_DIVERGING, "is 20,", "lr" },
  { "loss-below-nought-rises", { { EID_VITAL_LOSS, -0.9, 7 } }, EID_DIVERGING, "is 7,", "lr" },
};

static void
fill (EidVitals *history, const Course *course)
{
  for (guint i = 0; i < LOOKS; i++)
    {
      history[i] = eid_vitals_none (100 * i);
      history[i].value[EID_VITAL_COSINE] = 0.5;
      history[i].value[EID_VITAL_RANK] = 30;
      history[i].value[EID_VITAL_ALPHA] = 1;
      history[i].value[EID_VITAL_LOSS] = 4.5 - 0.3 * i;
      history[i].value[EID_VITAL_GRADIENT_NORM] = 1;
      for (guint c = 0; c < G_N_ELEMENTS (course->change); c++)
        if (course->change[c].last != course->change[c].first)
          history[i].value[course->change[c].vital] =
              course->change[c].first + (course->change[c].last - course->change[c].first) * MIN (i, 3) / 3.0;
      if (i == 0)
        history[i].value[EID_VITAL_LOSS] = history[i].value[EID_VITAL_GRADIENT_NORM] = NAN;
    }
}

/* The verdict after all of @history, look by look. */
static EidVerdict
follow (const EidCase *of, const EidVitals *history, guint count, guint *alarms)
{
  EidVerdict verdict = { EID_HEALTHY };

  for (guint i = 1; i <= count; i++)
    {
      EidVerdict next = eid_verdict_next (of, history, i, &verdict);

      *alarms += next.kind != EID_HEALTHY;
      eid_verdict_clear (&verdict);
      verdict = next;
    }
  return verdict;
}

static void
test_course (gconstpointer data)
{
  const Course *course = data;
  EidVitals history[LOOKS];
  guint alarms = 0;
  g_auto (EidVerdict) verdict = { EID_HEALTHY };

  fill (history, course);
  verdict = follow (&sound, history, LOOKS, &alarms);
  g_test_message ("%s: %s", eid_verdict_name (verdict.kind), verdict.evidence);
  g_assert_cmpstr (eid_verdict_name (verdict.kind), ==, eid_verdict_name (course->expected));
  if (course->expected == EID_HEALTHY)
    g_assert_cmpuint (alarms, ==, 0);
  if (course->says != NULL)
    g_assert_nonnull (strstr (verdict.evidence, course->says));
  if (course->cure != NULL)
    {
      g_assert_cmpuint (verdict.n_cures, >, 0);
      g_assert_cmpstr (verdict.cures[0].key, ==, course->cure);
    }
}

/* With a queue that is random at first the loss rises: no higher than chance. */
static void
test_loss_may_rise_to_chance (void)
{
  const Course course = { "", { { EID_VITAL_LOSS, 4, 6.8 } } };
  EidVitals history[LOOKS];
  EidCase of_queue = sound;
  guint alarms = 0;
  g_auto (EidVerdict) verdict = { EID_HEALTHY };

  fill (history, &course);
  history[0].value[EID_VITAL_WATCH_LOSS] = 4;
  of_queue.chance = 8.3;
  verdict = follow (&of_queue, history, LOOKS, &alarms);
  g_assert_cmpuint (alarms, ==, 0);
}

/* Before the second look, and while the only one after it shows trouble, nothing is called healthy. */
static void
test_too_early_to_tell (void)
{
  const Course well = { "" }, ill = { "", { { EID_VITAL_COSINE, 0.97, 0.98 } } };
  EidVitals history[LOOKS];
  guint alarms = 0;

  fill (history, &well);
  {
    g_auto (EidVerdict) first = follow (&sound, history, 1, &alarms);
    g_auto (EidVerdict) second = follow (&sound, history, 2, &alarms);

    g_assert_cmpstr (eid_verdict_told_name (&first), ==, "too-early");
    g_assert_cmpstr (eid_verdict_told_title (&first), ==, "Too early to tell");
    g_assert_cmpstr (eid_verdict_told_name (&second), ==, "healthy");
  }
  fill (history, &ill);
  history[0].value[EID_VITAL_COSINE] = 0.5;
  {
    g_auto (EidVerdict) second = follow (&sound, history, 2, &alarms);
    g_auto (EidVerdict) third = { EID_HEALTHY };

    g_assert_cmpstr (eid_verdict_told_name (&second), ==, "too-early");
    g_assert_cmpuint (alarms, ==, 0);
    third = follow (&sound, history, 3, &alarms);
    g_assert_cmpstr (eid_verdict_told_name (&third), ==, "complete-collapse");
  }
}

/* Pictures less their mean span one dimension less; a masked autoencoder asks for no spread. */
static void
test_what_features_could_be (void)
{
  const EidCase few = { .pictures = 40, .width = 96, .can_collapse = TRUE },
                one = { .pictures = 1, .width = 96 };
  const EidCase masked = { .pictures = 512, .width = 64 };

  g_assert_cmpuint (eid_verdict_most_rank (&few), ==, 39);
  g_assert_cmpuint (eid_verdict_most_rank (&sound), ==, 96);
  g_assert_cmpuint (eid_verdict_most_rank (&one), ==, 1);
  g_assert_cmpfloat_with_epsilon (eid_verdict_reference (&few, EID_VITAL_Z_STD), 1 / sqrt (96), 1e-12);
  g_assert_true (isnan (eid_verdict_reference (&masked, EID_VITAL_Z_STD)));
  g_assert_true (isnan (eid_verdict_reference (&few, EID_VITAL_COSINE)));
}

static void
test_gradient_explodes (void)
{
  const Course course = { "" };
  EidVitals history[LOOKS];
  guint alarms = 0;
  g_auto (EidVerdict) verdict = { EID_HEALTHY };

  fill (history, &course);
  for (guint i = LOOKS - 2; i < LOOKS; i++)
    {
      history[i].value[EID_VITAL_GRADIENT_NORM] = 1000;
      history[i].value[EID_VITAL_LOSS] = 4;
    }
  verdict = follow (&sound, history, LOOKS, &alarms);
  g_assert_cmpint (verdict.kind, ==, EID_DIVERGING);
  g_assert_nonnull (strstr (verdict.evidence, "1e+03"));
}

/* One bad look is none; two in a row are, and two good ones end it. */
static void
test_alarm_needs_two_looks (void)
{
  const Course course = { "" };
  EidVitals history[LOOKS];
  guint alarms = 0;
  g_auto (EidVerdict) once = { EID_HEALTHY }, twice = { EID_HEALTHY }, ended = { EID_HEALTHY };

  fill (history, &course);
  history[3].value[EID_VITAL_COSINE] = 0.99;
  once = follow (&sound, history, LOOKS, &alarms);
  g_assert_cmpuint (alarms, ==, 0);

  history[4].value[EID_VITAL_COSINE] = 0.99;
  twice = follow (&sound, history, 6, &alarms);
  g_assert_cmpint (twice.kind, ==, EID_COMPLETE_COLLAPSE);
  ended = follow (&sound, history, LOOKS, &alarms);
  g_assert_cmpint (ended.kind, ==, EID_HEALTHY);
}

/* While the learning rate warms up, and where nothing could agree, it is quiet. */
static void
test_alarm_waits_and_knows_its_case (void)
{
  const Course course = { "", { { EID_VITAL_COSINE, 0.6, 0.97 } } };
  EidVitals history[LOOKS];
  EidCase slow = sound, alone = sound;
  guint alarms = 0;
  g_auto (EidVerdict) of_slow = { EID_HEALTHY }, of_alone = { EID_HEALTHY };

  fill (history, &course);
  slow.warmup = 10000;
  of_slow = follow (&slow, history, LOOKS, &alarms);
  alone.can_collapse = FALSE;
  of_alone = follow (&alone, history, LOOKS, &alarms);
  g_assert_cmpuint (alarms, ==, 0);
}

/* A key that the objective lacks is no cure, nor one that is as far as it goes. */
static void
test_cures_are_those_there_are (void)
{
  EidVitals history[LOOKS];
  EidCase bare = sound;
  guint alarms = 0;
  g_auto (EidVerdict) verdict = { EID_HEALTHY };

  fill (history, &courses[5]);
  bare.params = NULL;
  verdict = follow (&bare, history, LOOKS, &alarms);
  g_assert_cmpint (verdict.kind, ==, EID_COMPLETE_COLLAPSE);
  g_assert_cmpuint (verdict.n_cures, ==, 1);
  g_assert_cmpstr (verdict.cures[0].section, ==, "Optimizer");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verdicts/too-early-to-tell", test_too_early_to_tell);
  g_test_add_func ("/verdicts/what-features-could-be", test_what_features_could_be);
  g_test_add_func ("/verdict/bands-are-what-signs-test", test_bands_are_what_signs_test);
  g_test_add_func ("/metrics/are-those-of-numpy", test_numbers_are_those_of_numpy);
  g_test_add_func ("/metrics/spectrum-of-wide-rows", test_spectrum_of_wide_rows);
  g_test_add_func ("/metrics/of-a-point", test_numbers_of_a_point);
  g_test_add_func ("/metrics/of-known-spectra", test_numbers_of_known_spectra);
  g_test_add_func ("/metrics/lidar-of-pictures-far-apart", test_lidar_of_pictures_far_apart);
  for (guint i = 0; i < G_N_ELEMENTS (courses); i++)
    {
      g_autofree char *path = g_strconcat ("/verdict/", courses[i].name, NULL);

      g_test_add_data_func (path, &courses[i], test_course);
    }
  g_test_add_func ("/verdict/loss-may-rise-to-chance", test_loss_may_rise_to_chance);
  g_test_add_func ("/verdict/gradient-explodes", test_gradient_explodes);
  g_test_add_func ("/verdict/alarm-needs-two-looks", test_alarm_needs_two_looks);
  g_test_add_func ("/verdict/alarm-waits-and-knows-its-case", test_alarm_waits_and_knows_its_case);
  g_test_add_func ("/verdict/cures-are-those-there-are", test_cures_are_those_there_are);
  return g_test_run ();
}
