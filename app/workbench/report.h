/* report.h: what the engine tells of a run, as plain structures: the reports
 * of its signals read once, here, for every page.                            */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* After a step. What is not known is NAN. */
typedef struct
{
  guint64 step, steps;
  double loss, chance;
  double learning_rate, gradient_norm;
  double samples_per_second, seconds_left;
  guint64 memory; /* bytes in use on the device; 0: not told */
} EidReport;

/* After an evaluation. What does not apply is NAN. */
typedef struct
{
  guint64 step;
  double knn, linear;
  double knn_random, linear_random; /* the same probes on an untrained encoder */
  double knn_pixels, linear_pixels; /* … and on the bare pixels                */
  double rank, z_std;
} EidEvaluation;

/* After a look at the run's health; the strings live as long as the dictionary. */
typedef struct
{
  guint64 step;
  gboolean healthy;
  const char *title, *evidence; /* the verdict in words, and a sentence        */
  GVariant *cures;              /* a(sss), section, key and way; NULL: none    */
  double rank, z_std;
  GVariant *metrics; /* a{sv}: each number of a name, d             */
  GVariant *bands;   /* a{s(dd)}: between what it shows no trouble; NULL: none */
} EidVerdictReport;

/* Of a dictionary a{sv}; keys that are missing or of another type are NAN or 0. */
EidReport eid_report_read (GVariant *dictionary);
EidEvaluation eid_evaluation_read (GVariant *dictionary);
EidVerdictReport eid_verdict_report_read (GVariant *dictionary);
void eid_verdict_report_clear (EidVerdictReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidVerdictReport, eid_verdict_report_clear)

G_END_DECLS
