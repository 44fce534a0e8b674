/* train-report.c: see train-report.h. */
#include "app/cli/train-report.h"

#include "app/engine/setup/data-report.h"
#include "app/cli/evaluate-report.h"
#include "app/cli/progress.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR_INTERVAL  (G_USEC_PER_SEC / 10)
#define LINE_INTERVAL (5 * G_USEC_PER_SEC)

EidTrainReport
eid_train_report_new (gboolean json)
{
  return (EidTrainReport){ .json = json, .terminal = isatty (STDERR_FILENO) };
}

/* --- Messages ------------------------------------------------------------------ */

static void
clear_bar (EidTrainReport *report)
{
  if (report->bar_drawn)
    eid_terminal_clear_line ();
  report->bar_drawn = FALSE;
}

void
eid_train_report_say (EidTrainReport *report, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  clear_bar (report);
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  eid_cli_tell ("%s\n", text);
}

/* "1,240 img/s", of text "9,830 tokens/s": three significant digits at least, without an exponent. */
static char *
rate_text (double samples, double tokens)
{
  const double rate = isfinite (tokens) ? tokens : samples;
  g_autofree char *number = g_strdup_printf (rate >= 100 ? "%'.0f" : "%.3g", rate);

  return g_strdup_printf (isfinite (tokens) ? _ ("%s tokens/s") : _ ("%s img/s"), number);
}

/* "loss 4.12 (chance 5.54), 1,240 img/s, 1:20 left" */
static char *
progress_text (const EidProgress *progress)
{
  GString *text = g_string_new (NULL);
  g_autofree char *left = eid_progress_duration (progress->seconds_left);
  g_autofree char *rate = rate_text (progress->samples_per_second, progress->tokens_per_second);

  g_string_append_printf (text, _ ("loss %.4g"), progress->loss);
  if (isfinite (progress->chance))
    g_string_append_printf (text, _ (" (chance %.4g)"), progress->chance);
  /* TRANSLATORS: how fast it goes ("1,240 img/s"), and the time until the end. */
  g_string_append_printf (text, _ (", %s, %s left"), rate, left);
  return g_string_free (text, FALSE);
}

static void
draw_bar (EidTrainReport *report)
{
  const EidProgress *progress = &report->progress;
  g_autofree char *text = progress_text (progress);

  eid_progress_draw (progress->step, progress->steps, text);
  report->bar_drawn = TRUE;
}

static void
print_line (EidTrainReport *report)
{
  g_autofree char *text = progress_text (&report->progress);

  eid_train_report_say (report, _ ("step %'" PRIu64 " of %'" PRIu64 ": %s"), report->progress.step,
                        report->progress.steps, text);
}

/* --- What the trainer tells ------------------------------------------------------- */

static JsonBuilder *
report_object (const EidProgress *progress, guint64 step)
{
  JsonBuilder *builder = eid_json_object ();

  eid_json_add_integer (builder, "step", (gint64) step);
  eid_json_add_number (builder, "loss", progress->loss);
  eid_json_add_number (builder, "samples_per_second", progress->samples_per_second);
  if (isfinite (progress->tokens_per_second))
    eid_json_add_number (builder, "tokens_per_second", progress->tokens_per_second);
  return builder;
}

static void
on_preparing (const char *what, gpointer user_data)
{
  EidTrainReport *report = user_data;

  if (report->terminal)
    {
      eid_terminal_clear_line ();
      eid_cli_tell ("%s…", what);
      report->bar_drawn = TRUE;
    }
}

static void
on_progress (const EidProgress *progress, gpointer user_data)
{
  EidTrainReport *report = user_data;
  const gint64 now = g_get_monotonic_time ();
  const gboolean first = report->told == 0;

  report->progress = *progress;
  if (report->json)
    {
      JsonBuilder *builder = report_object (progress, progress->step);

      eid_json_add_number (builder, "chance", progress->chance);
      eid_json_add_number (builder, "learning_rate", progress->learning_rate);
      eid_json_add_number (builder, "gradient_norm", progress->gradient_norm);
      eid_json_print (builder);
    }
  if (!first && now - report->told < (report->terminal ? BAR_INTERVAL : LINE_INTERVAL))
    return;
  report->told = now;
  if (report->terminal)
    draw_bar (report);
  else
    print_line (report);
}

static void
on_evaluated (const EidEvaluation *evaluation, gpointer user_data)
{
  EidTrainReport *report = user_data;

  /* Baselines alone, made after the first step, are told with the first evaluation. */
  if (evaluation->step == 0)
    return;
  clear_bar (report);
  eid_cli_tell (_ ("evaluation at step %'" PRIu64 ":\n"), evaluation->step);
  eid_report_print_evaluation (stderr, evaluation);
  if (report->json)
    {
      JsonBuilder *builder = report_object (&report->progress, evaluation->step);

      eid_report_add_evaluation (builder, evaluation);
      eid_json_print (builder);
    }
}

static void
on_event (guint64 step, const char *kind, const char *text, gpointer user_data)
{
  EidTrainReport *report = user_data;

  if (g_str_equal (kind, "warning") || g_str_equal (kind, "note"))
    eid_train_report_say (report, "%s", text);
}

static void
add_cures (JsonBuilder *builder, const EidVerdict *verdict)
{
  json_builder_set_member_name (builder, "cure");
  json_builder_begin_array (builder);
  for (guint i = 0; i < verdict->n_cures; i++)
    {
      const EidCure *cure = &verdict->cures[i];
      g_autofree char *setting = g_strconcat (cure->section, ".", cure->key, NULL);

      json_builder_begin_object (builder);
      eid_json_add_text (builder, "setting", setting);
      eid_json_add_text (builder, "way", cure->way);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* "Complete collapse at step 120: Mean cosine … (Objective.center-momentum lower, …)" */
static void
say_verdict (EidTrainReport *report, guint64 step, const EidVerdict *verdict)
{
  g_autoptr (GString) cures = g_string_new (NULL);

  for (guint i = 0; i < verdict->n_cures; i++)
    g_string_append_printf (cures, "%s%s.%s: %s", i > 0 ? ", " : "", verdict->cures[i].section,
                            verdict->cures[i].key, verdict->cures[i].way);
  if (cures->len > 0)
    eid_train_report_say (report, _ ("%s at step %'" PRIu64 ": %s Likely to help: %s."),
                          eid_verdict_title (verdict->kind), step, verdict->evidence, cures->str);
  else
    eid_train_report_say (report, _ ("%s at step %'" PRIu64 ": %s"), eid_verdict_title (verdict->kind), step,
                          verdict->evidence != NULL ? verdict->evidence : "");
}

static void
on_health (const EidHealthReport *health, gpointer user_data)
{
  EidTrainReport *report = user_data;
  const EidVerdict *verdict = health->verdict;

  if (!health->changed)
    return;
  say_verdict (report, health->vitals->step, verdict);
  if (report->json)
    {
      JsonBuilder *builder = report_object (&report->progress, health->vitals->step);

      eid_json_add_text (builder, "verdict", eid_verdict_name (verdict->kind));
      eid_json_add_text (builder, "evidence", verdict->evidence != NULL ? verdict->evidence : "");
      add_cures (builder, verdict);
      eid_json_print (builder);
    }
}

EidListener
eid_train_report_listener (EidTrainReport *report)
{
  return (EidListener){ on_preparing, on_progress, on_evaluated, on_event, on_health, NULL, report };
}

/* --- The beginning -------------------------------------------------------------------- */

void
eid_train_report_begin (EidTrainReport *report, EidTrainer *trainer)
{
  g_autoptr (GPtrArray) sentences = eid_setup_sentences (eid_trainer_setup (trainer));

  for (guint i = 0; i < sentences->len; i++)
    eid_train_report_say (report, "%s", (const char *) sentences->pdata[i]);
}

/* --- The end ------------------------------------------------------------------------ */

static void
add_data (JsonBuilder *builder, EidSetup *setup)
{
  const guint train = eid_dataset_count (setup->train), test = eid_dataset_count (setup->test);

  if (eid_setup_is_text (setup))
    {
      eid_json_add_integer (builder, "train_characters", train + setup->size);
      eid_json_add_integer (builder, "test_characters", test + setup->size);
      return;
    }
  eid_json_add_integer (builder, "train_pictures", train);
  eid_json_add_integer (builder, "test_pictures", test);
  eid_json_add_integer (builder, "classes", eid_dataset_classes (setup->train));
}

void
eid_train_report_end (EidTrainReport *report, EidTrainer *trainer, gboolean done)
{
  EidSetup *setup = eid_trainer_setup (trainer);
  const double seconds = eid_trainer_seconds (trainer);
  const double rate = eid_trainer_samples_per_second (trainer);
  const double tokens = eid_setup_is_text (setup) ? rate * eid_setup_tokens (setup) : NAN;
  g_autofree char *duration = eid_progress_duration (seconds);
  g_autofree char *pace = rate_text (rate, tokens);

  clear_bar (report);
  /* TRANSLATORS: steps, a time, and how fast it went ("1,240 img/s"). */
  eid_cli_tell (g_dngettext (GETTEXT_PACKAGE, "%'" PRIu64 " step, %s of training, %s\n",
                             "%'" PRIu64 " steps, %s of training, %s\n", setup->step),
                setup->step, duration, pace);
  if (report->json)
    {
      JsonBuilder *builder = eid_json_object ();

      eid_json_add_boolean (builder, "done", done);
      eid_json_add_integer (builder, "steps", (gint64) setup->step);
      eid_json_add_number (builder, "seconds", seconds);
      eid_json_add_number (builder, "samples_per_second", rate);
      if (isfinite (tokens))
        eid_json_add_number (builder, "tokens_per_second", tokens);
      eid_json_add_integer (builder, "peak_device_bytes", (gint64) eid_device_peak_bytes (setup->device));
      eid_json_add_text (builder, "precision", eid_precision_name (eid_device_precision (setup->device)));
      eid_json_add_number (builder, "loss", report->progress.step > 0 ? report->progress.loss : NAN);
      if (done)
        eid_report_add_evaluation (builder, eid_trainer_evaluation (trainer));
      if (done && setup->obstacle != NULL)
        eid_json_add_text (builder, "no_probe", setup->obstacle);
      add_data (builder, setup);
      eid_json_add_text (builder, "run", eid_run_folder (eid_trainer_run (trainer)));
      eid_json_print (builder);
    }
}
