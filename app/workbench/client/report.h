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
  double samples_per_second, tokens_per_second; /* tokens of text alone */
  double seconds_left;
  guint64 memory;   /* bytes in use on the device; 0: not told */
  GVariant *points; /* a(tddd): step, loss, learning rate and gradient norm of every step since the last
                       report; NULL: of this step alone */
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

/* A look at the run's health: the one record that health line, banner, cards and charts are drawn from,
 * now and for a step of the past. The strings live as long as the dictionary. */
typedef struct
{
  guint64 step;
  gboolean healthy;             /* no alarm is raised …                                   */
  gboolean early;               /* … but it is too early to say that all is well          */
  const char *title, *evidence; /* the verdict in words, and a sentence        */
  GVariant *cures;              /* a(sss), section, key and way; NULL: none    */
  double rank, z_std;
  guint rank_most;  /* dimensions that the features could fill; 0: not told  */
  double z_std_all; /* z-std where features point to all sides; NAN: the objective does not ask for that */
  EidEvaluation probes; /* what was last evaluated by then; step 0: nothing yet  */
  GVariant *metrics;    /* a{sv}: each number of a name, d             */
  GVariant *bands;      /* a{s(dd)}: between what it shows no trouble; NULL: none */
} EidVerdictReport;

/* "1,240 img/s"; where there are @tokens per second, of text, those. Free. */
char *eid_rate_in_words (double samples, double tokens);

/* Of a dictionary a{sv}; keys that are missing or of another type are NAN or 0. */
EidReport eid_report_read (GVariant *dictionary);
void eid_report_clear (EidReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidReport, eid_report_clear)
EidEvaluation eid_evaluation_read (GVariant *dictionary);
EidVerdictReport eid_verdict_report_read (GVariant *dictionary);
void eid_verdict_report_clear (EidVerdictReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidVerdictReport, eid_verdict_report_clear)

G_END_DECLS
