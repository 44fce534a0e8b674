/* report.c: reading the engine's reports; see report.h. */
#include "app/workbench/client/report.h"

#include <glib/gi18n.h>
#include <math.h>

#include "ui/ui.h"

static guint64
whole (GVariant *dictionary, const char *key)
{
  guint64 value = 0;

  g_variant_lookup (dictionary, key, "t", &value);
  return value;
}

static double
number (GVariant *dictionary, const char *key)
{
  double value = NAN;

  g_variant_lookup (dictionary, key, "d", &value);
  return value;
}

static GVariant *
points_of (GVariant *dictionary)
{
  return g_variant_lookup_value (dictionary, "points", G_VARIANT_TYPE ("a(tddd)"));
}

char *
eid_rate_in_words (double samples, double tokens)
{
  return isfinite (tokens) ? eid_format_rate (tokens, _ ("tokens/s"))
                           : eid_format_rate (samples, _ ("img/s"));
}

EidReport
eid_report_read (GVariant *dictionary)
{
  return (EidReport){
    .step = whole (dictionary, "step"),
    .steps = whole (dictionary, "steps"),
    .loss = number (dictionary, "loss"),
    .chance = number (dictionary, "chance"),
    .learning_rate = number (dictionary, "learning-rate"),
    .gradient_norm = number (dictionary, "gradient-norm"),
    .samples_per_second = number (dictionary, "samples-per-second"),
    .tokens_per_second = number (dictionary, "tokens-per-second"),
    .seconds_left = number (dictionary, "seconds-left"),
    .memory = whole (dictionary, "memory"),
    .points = points_of (dictionary),
  };
}

void
eid_report_clear (EidReport *report)
{
  g_clear_pointer (&report->points, g_variant_unref);
}

EidEvaluation
eid_evaluation_read (GVariant *dictionary)
{
  return (EidEvaluation){
    .step = whole (dictionary, "step"),
    .knn = number (dictionary, "knn"),
    .linear = number (dictionary, "linear"),
    .knn_random = number (dictionary, "knn-random"),
    .linear_random = number (dictionary, "linear-random"),
    .knn_pixels = number (dictionary, "knn-pixels"),
    .linear_pixels = number (dictionary, "linear-pixels"),
    .rank = number (dictionary, "rank"),
    .z_std = number (dictionary, "z-std"),
  };
}

EidVerdictReport
eid_verdict_report_read (GVariant *dictionary)
{
  EidVerdictReport report = {
    .step = whole (dictionary, "step"),
    .title = "",
    .evidence = "",
    .cures = g_variant_lookup_value (dictionary, "cure", G_VARIANT_TYPE ("a(sss)")),
    .rank = number (dictionary, "rank"),
    .z_std = number (dictionary, "z-std"),
    .z_std_all = NAN,
    .probes = eid_evaluation_read (dictionary),
    .metrics = g_variant_ref (dictionary),
    .bands = g_variant_lookup_value (dictionary, "bands", G_VARIANT_TYPE ("a{s(dd)}")),
  };
  g_autoptr (GVariant) references =
      g_variant_lookup_value (dictionary, "references", G_VARIANT_TYPE ("a{sd}"));
  const char *verdict = "healthy";

  g_variant_lookup (dictionary, "verdict", "&s", &verdict);
  g_variant_lookup (dictionary, "title", "&s", &report.title);
  g_variant_lookup (dictionary, "evidence", "&s", &report.evidence);
  report.early = g_str_equal (verdict, "too-early");
  report.healthy = report.early || g_str_equal (verdict, "healthy");
  g_variant_lookup (dictionary, "rank-most", "u", &report.rank_most);
  if (references)
    g_variant_lookup (references, "z-std", "d", &report.z_std_all);
  report.probes.step = whole (dictionary, "probes-step");
  return report;
}

void
eid_verdict_report_clear (EidVerdictReport *report)
{
  g_clear_pointer (&report->cures, g_variant_unref);
  g_clear_pointer (&report->metrics, g_variant_unref);
  g_clear_pointer (&report->bands, g_variant_unref);
}
