/* health.c: the health of a run: looks every so many steps, kept in its
 * history, judged, and told when the verdict changes.                        */
#include "app/engine/trainer/private.h"

#include "app/engine/diagnostics/collapse.h"

#include <math.h>

/* Where nobody said how often to look: the first looks after the one before the first step. */
#define EID_EARLY_STEPS 50
#define EID_EARLY_LOOKS 3

/* --- The case -------------------------------------------------------------------- */

static double
setting (const char *section, const char *key, gpointer user_data)
{
  const EidSetup *setup = user_data;
  g_autoptr (GHashTable) values = NULL;
  g_autofree char *name = g_strconcat (section, ".", key, NULL);
  const char *text;

  if (g_str_equal (section, "Optimizer"))
    text = eid_recipe_text (setup->recipe, section, key);
  else
    {
      values = eid_recipe_plugin_values (setup->recipe);
      text = g_hash_table_lookup (values, name);
    }
  if (text == NULL)
    return NAN;
  return g_str_equal (text, "true") ? 1 : g_ascii_strtod (text, NULL);
}

static EidCase
describe (EidTrainer *trainer)
{
  EidSetup *setup = trainer->setup;
  const EidDescriptor *objective = eid_model_objective (setup->model);
  const EidViews views = eid_model_views (setup->model);

  return (EidCase){
    .chance = trainer->chance,
    .steps = trainer->steps,
    .warmup = (guint64) eid_recipe_int (setup->recipe, "Optimizer", "warmup"),
    .can_collapse =
        !eid_setup_is_text (setup) && (objective->teacher || (views.augmented && views.count > 1)),
    .pictures = MIN (EID_WATCHED, eid_dataset_count (setup->test)),
    .width = eid_model_width (setup->model),
    .text = eid_setup_is_text (setup),
    .params = objective->params,
    .value = setting,
    .user_data = setup,
  };
}

gboolean
eid_trainer_can_collapse (EidTrainer *trainer)
{
  return describe (trainer).can_collapse;
}

static void
judge (EidTrainer *trainer)
{
  const EidCase of = describe (trainer);
  EidVerdict verdict = eid_verdict_next (&of, (const EidVitals *) trainer->vitals->data, trainer->vitals->len,
                                         &trainer->verdict);
  EidVerdict kept = verdict;

  eid_verdict_clear (&trainer->verdict);
  trainer->verdict = verdict;
  kept.evidence = g_strdup (verdict.evidence);
  g_array_append_val (trainer->verdicts, kept);
}

/* Of the look numbered @look. */
static EidHealthReport
report_of (EidTrainer *trainer, guint look)
{
  const EidCase of = describe (trainer);
  const EidPatient patient = { &of, (const EidVitals *) trainer->vitals->data, look + 1 };
  EidHealthReport report = {
    .vitals = &g_array_index (trainer->vitals, EidVitals, look),
    .verdict = &g_array_index (trainer->verdicts, EidVerdict, look),
    .most_rank = eid_verdict_most_rank (&of),
    .pictures = of.pictures,
    .probes = trainer->evaluation,
  };

  for (guint i = 0; i < EID_N_VITALS; i++)
    {
      report.bands[i] = eid_verdict_band (&patient, i);
      report.reference[i] = eid_verdict_reference (&of, i);
    }
  return report;
}

gboolean
eid_trainer_health (EidTrainer *trainer, EidHealthReport *report)
{
  if (trainer->vitals->len == 0)
    return FALSE;
  *report = report_of (trainer, trainer->vitals->len - 1);
  return TRUE;
}

/* What had been evaluated by @step; the baselines are those of the whole run. */
static gboolean
probes_at (EidTrainer *trainer, guint64 step, EidEvaluation *probes, GError **error)
{
  *probes = trainer->evaluation;
  probes->step = 0;
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      g_autoptr (GArray) series = NULL;

      if (field->baseline)
        continue;
      EID_EVALUATION_VALUE (probes, field) = NAN;
      series = eid_run_metric_series (trainer->run, field->name, error);
      if (series == NULL)
        return FALSE;
      for (guint j = 0; j < series->len; j++)
        {
          const EidPoint *point = &g_array_index (series, EidPoint, j);

          if (point->step > step)
            break;
          EID_EVALUATION_VALUE (probes, field) = point->value;
          if (g_str_equal (field->name, "knn") || g_str_equal (field->name, "linear"))
            probes->step = point->step;
        }
    }
  return TRUE;
}

gboolean
eid_trainer_health_at (EidTrainer *trainer, guint64 step, EidHealthReport *report, GError **error)
{
  guint look = 0;

  if (trainer->vitals->len == 0)
    return FALSE;
  while (look + 1 < trainer->vitals->len && g_array_index (trainer->vitals, EidVitals, look + 1).step <= step)
    look++;
  *report = report_of (trainer, look);
  return probes_at (trainer, MAX (step, report->vitals->step), &report->probes, error);
}

gboolean
eid_trainer_tell_health (EidTrainer *trainer, GError **error)
{
  const EidVerdict *verdict = &trainer->verdict;
  const gboolean changed = verdict->kind != trainer->told;
  g_autofree char *text = NULL;
  EidHealthReport report;

  if (!eid_trainer_health (trainer, &report))
    return TRUE;
  report.changed = changed;
  trainer->told = verdict->kind;
  if (trainer->listener.health != NULL)
    trainer->listener.health (&report, trainer->listener.user_data);
  if (!changed)
    return TRUE;
  text = g_strdup_printf ("%s: %s", eid_verdict_title (verdict->kind),
                          verdict->evidence != NULL ? verdict->evidence : "");
  return eid_trainer_record_event (trainer, verdict->kind == EID_HEALTHY ? "recovery" : "alarm", text, error);
}

/* --- What came before -------------------------------------------------------------- */

/* Which step counts as a look: the one at which the cosine was taken. */
static gboolean
load_looks (EidTrainer *trainer, GError **error)
{
  g_autoptr (GArray) looks = eid_run_metric_series (trainer->run, eid_vital_names[EID_VITAL_COSINE], error);

  for (guint i = 0; looks != NULL && i < looks->len; i++)
    {
      const EidVitals vitals = eid_vitals_none (g_array_index (looks, EidPoint, i).step);

      g_array_append_val (trainer->vitals, vitals);
    }
  return looks != NULL;
}

static gboolean
load_vital (EidTrainer *trainer, EidVital vital, GError **error)
{
  g_autoptr (GArray) series = eid_run_metric_series (trainer->run, eid_vital_names[vital], error);
  guint at = 0;

  for (guint i = 0; series != NULL && i < series->len; i++)
    {
      const EidPoint *point = &g_array_index (series, EidPoint, i);

      while (at < trainer->vitals->len && g_array_index (trainer->vitals, EidVitals, at).step < point->step)
        at++;
      if (at < trainer->vitals->len && g_array_index (trainer->vitals, EidVitals, at).step == point->step)
        g_array_index (trainer->vitals, EidVitals, at).value[vital] = point->value;
    }
  return series != NULL;
}

/* Losses and norms since the last look, which the next one is to have the mean of. */
static gboolean
load_since (EidTrainer *trainer, GError **error)
{
  const guint64 last = trainer->vitals->len > 0
                           ? g_array_index (trainer->vitals, EidVitals, trainer->vitals->len - 1).step
                           : 0;
  g_autoptr (GArray) losses = eid_run_metric_series (trainer->run, "loss", error);
  g_autoptr (GArray) norms = losses ? eid_run_metric_series (trainer->run, "gradient-norm", error) : NULL;

  for (guint i = 0; norms != NULL && i < MIN (losses->len, norms->len); i++)
    if (g_array_index (losses, EidPoint, i).step > last)
      eid_trainer_watch_step (trainer, g_array_index (losses, EidPoint, i).value,
                              g_array_index (norms, EidPoint, i).value);
  return norms != NULL;
}

static void
clear_verdict (gpointer data)
{
  eid_verdict_clear (data);
}

gboolean
eid_trainer_begin_health (EidTrainer *trainer, GError **error)
{
  const guint64 wanted = (guint64) eid_recipe_int (trainer->setup->recipe, "Evaluate", "health-every");
  guint looks;

  trainer->health_every = wanted > 0 ? wanted : eid_vitals_interval (trainer->setup);
  trainer->looks_early = wanted == 0;
  trainer->vitals = g_array_new (FALSE, FALSE, sizeof (EidVitals));
  trainer->verdicts = g_array_new (FALSE, FALSE, sizeof (EidVerdict));
  g_array_set_clear_func (trainer->verdicts, clear_verdict);
  if (!load_looks (trainer, error))
    return FALSE;
  for (guint i = 0; i < EID_N_VITALS; i++)
    if (!load_vital (trainer, i, error))
      return FALSE;
  /* The verdict that stood is the one that the same looks lead to again. */
  looks = trainer->vitals->len;
  for (guint i = 1; i <= looks; i++)
    {
      trainer->vitals->len = i;
      judge (trainer);
    }
  trainer->told = trainer->verdict.kind;
  return load_since (trainer, error);
}

void
eid_trainer_end_health (EidTrainer *trainer)
{
  g_clear_pointer (&trainer->vitals, g_array_unref);
  g_clear_pointer (&trainer->verdicts, g_array_unref);
  eid_verdict_clear (&trainer->verdict);
}

/* --- Looks ---------------------------------------------------------------------------- */

void
eid_trainer_watch_step (EidTrainer *trainer, double loss, double norm)
{
  trainer->watched_loss += loss;
  trainer->watched_norm += norm;
  trainer->watched_steps++;
}

static gboolean
record (EidTrainer *trainer, const EidVitals *vitals, GError **error)
{
  for (guint i = 0; i < EID_N_VITALS; i++)
    if (!isnan (vitals->value[i])
        && !eid_run_metric (trainer->run, vitals->step, eid_vital_names[i], vitals->value[i], error))
      return FALSE;
  for (guint i = 0; i < vitals->own_count; i++)
    {
      g_autofree char *name = g_strconcat (EID_OWN_PREFIX, vitals->own[i].name, NULL);

      if (isfinite (vitals->own[i].value)
          && !eid_run_metric (trainer->run, vitals->step, name, vitals->own[i].value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
seen (EidTrainer *trainer)
{
  const guint looks = trainer->vitals->len;

  return looks > 0 && g_array_index (trainer->vitals, EidVitals, looks - 1).step >= trainer->setup->step;
}

gboolean
eid_trainer_look_now (EidTrainer *trainer, GError **error)
{
  EidVitals vitals = eid_vitals_none (trainer->setup->step);

  if (seen (trainer))
    return TRUE;
  if (!eid_trainer_settle (trainer, error) || !eid_vitals_look (trainer->setup, &vitals, error))
    return FALSE;
  if (trainer->watched_steps > 0)
    {
      vitals.value[EID_VITAL_LOSS] = trainer->watched_loss / trainer->watched_steps;
      vitals.value[EID_VITAL_GRADIENT_NORM] = trainer->watched_norm / trainer->watched_steps;
    }
  trainer->watched_loss = trainer->watched_norm = 0;
  trainer->watched_steps = 0;
  g_array_append_val (trainer->vitals, vitals);
  judge (trainer);
  return record (trainer, &vitals, error);
}

/* What goes wrong goes wrong early: the looks that tell it, two in a row, do not wait for the distance
 * that keeps their cost down later on. */
static gboolean
is_due (const EidTrainer *trainer)
{
  const guint64 step = trainer->setup->step;

  return trainer->vitals->len == 0 || step % trainer->health_every == 0
         || (trainer->looks_early && step <= EID_EARLY_LOOKS * EID_EARLY_STEPS
             && step % EID_EARLY_STEPS == 0);
}

gboolean
eid_trainer_check_health (EidTrainer *trainer, GError **error)
{
  if (!seen (trainer) && is_due (trainer))
    return eid_trainer_look_now (trainer, error) && eid_trainer_tell_health (trainer, error);
  /* What goes on begins with the verdict that it ended with. */
  if (trainer->vitals->len > 0 && trainer->setup->step == trainer->first_step)
    {
      EidHealthReport report;

      eid_trainer_health (trainer, &report);
      report.changed = trainer->verdict.kind != EID_HEALTHY;
      if (trainer->listener.health != NULL)
        trainer->listener.health (&report, trainer->listener.user_data);
    }
  return TRUE;
}
