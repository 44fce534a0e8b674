/* status.c: judging a run by its phase; whether its features live is the engine's
 * verdict. See status.h.                                                      */
#include "app/workbench/client/status.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

EidEvidence
eid_evidence_none (void)
{
  return (EidEvidence){ .loss = NAN, .chance = NAN };
}

void
eid_evidence_take (EidEvidence *evidence, GVariant *record)
{
  g_autoptr (GVariant) former = evidence->record;

  evidence->record = record ? g_variant_ref (record) : NULL;
}

void
eid_evidence_clear (EidEvidence *evidence)
{
  g_clear_pointer (&evidence->record, g_variant_unref);
  *evidence = eid_evidence_none ();
}

char *
eid_health_numbers (const EidVerdictReport *report)
{
  g_autofree char *step = eid_format_count (report->step);
  g_autofree char *rank = eid_format_number (report->rank), *z_std = eid_format_number (report->z_std);
  g_autofree char *all = eid_format_number (report->z_std_all);
  g_autofree char *filled = report->rank_most > 0
                                ? g_strdup_printf (_ ("effective rank %s of %'u"), rank, report->rank_most)
                                : g_strdup_printf (_ ("effective rank %s"), rank);
  g_autofree char *spread = isfinite (report->z_std_all)
                                ? g_strdup_printf (_ ("z-std %s (1/√d = %s)"), z_std, all)
                                : g_strdup_printf (_ ("z-std %s"), z_std);

  if (!isfinite (report->z_std))
    /* TRANSLATORS: a step's number, then what was measured at it. */
    return g_strdup_printf (_ ("step %s: %s"), step, filled);
  return g_strdup_printf (_ ("step %s: %s, %s"), step, filled, spread);
}

/* Of the look in view, and of it alone. */
static EidHealth
judge_look (const EidVerdictReport *report)
{
  g_autofree char *numbers = eid_health_numbers (report);
  g_autofree char *step = NULL;

  /* The way to a cure is in the banner that tells the same. */
  if (!report->healthy)
    return (EidHealth){ EID_HEALTH_WARNING, g_strdup (report->evidence), EID_CURE_NONE };
  if (report->early)
    /* TRANSLATORS: "Too early to tell", then a step and its numbers. */
    return (EidHealth){ EID_HEALTH_NOTICE, g_strdup_printf (_ ("%s · %s"), report->title, numbers),
                        EID_CURE_NONE };
  if (isfinite (report->rank))
    return (EidHealth){ EID_HEALTH_GOOD, g_steal_pointer (&numbers), EID_CURE_NONE };
  step = eid_format_count (report->step);
  return (EidHealth){ EID_HEALTH_GOOD, g_strdup_printf (_ ("step %s: %s"), step, report->title),
                      EID_CURE_NONE };
}

static EidHealth
judge_features (const EidEvidence *evidence)
{
  g_autofree char *loss = eid_format_number (evidence->loss);
  g_autofree char *chance = eid_format_number (evidence->chance);

  if (evidence->record)
    {
      g_auto (EidVerdictReport) report = eid_verdict_report_read (evidence->record);
      return judge_look (&report);
    }
  if (evidence->past)
    return (EidHealth){ EID_HEALTH_NOTICE, g_strdup (_ ("The health of that step was not looked at")),
                        EID_CURE_NONE };
  return (EidHealth){ EID_HEALTH_NOTICE,
                      isfinite (evidence->loss) && isfinite (evidence->chance)
                          ? g_strdup_printf (_ ("loss %s, chance %s; the features are not yet evaluated"),
                                             loss, chance)
                          : g_strdup (_ ("The features are not yet evaluated")),
                      EID_CURE_NONE };
}

char *
eid_health_stopped (guint64 step, guint64 steps)
{
  g_autofree char *at = eid_format_count (step), *of = eid_format_count (steps);

  /* TRANSLATORS: a run that has made so many steps of so many. */
  return steps > step ? g_strdup_printf (_ ("Stopped at %s of %s"), at, of) : NULL;
}

/* A run that was stopped, or opened as it stands: how far it is, how it is, and the way on. */
static EidHealth
judge_at_rest (EidEngineClient *client, const EidEvidence *evidence)
{
  g_autofree char *stopped =
      eid_health_stopped (eid_engine_client_step (client), eid_engine_client_steps (client));
  g_autofree char *words = NULL;
  EidHealth health = judge_features (evidence);

  if (stopped == NULL || evidence->past)
    return health;
  words = g_steal_pointer (&health.sentence);
  health.sentence = g_strdup_printf (_ ("%s · %s"), stopped, words);
  health.cure = EID_CURE_GO_ON;
  return health;
}

EidHealth
eid_health_judge (EidEngineClient *client, const EidEvidence *evidence)
{
  const char *message = eid_engine_client_message (client);
  const char *folder = eid_engine_client_folder (client);
  const EidPhase phase = eid_engine_client_phase (client);
  /* A standstill of the steps, which says what it is for and how far it is. */
  const gboolean evaluating = eid_engine_client_evaluating (client) && *message && !evidence->past;

  if (eid_engine_client_stuck (client))
    return (
        EidHealth){ EID_HEALTH_WARNING,
                    eid_engine_client_standstill (client)
                        ? g_strdup (eid_engine_client_standstill (client))
                        : g_strdup_printf (_ ("The engine has given no sign of life since step %'" PRIu64
                                              ". Wait for it, or end it and go on from the last checkpoint."),
                                           eid_engine_client_step (client)),
                    EID_CURE_KILL };
  if (evaluating)
    return (EidHealth){ EID_HEALTH_NOTICE, g_strdup_printf ("%s…", message), EID_CURE_SKIP };
  switch (phase)
    {
    case EID_PHASE_LAUNCHING:
    case EID_PHASE_PREPARING:
      return (EidHealth){ EID_HEALTH_NOTICE, g_strdup_printf ("%s…", *message ? message : _ ("Preparing")),
                          EID_CURE_NONE };
    case EID_PHASE_IDLE:
      return (EidHealth){ EID_HEALTH_NOTICE, g_strdup (_ ("Nothing is running")), EID_CURE_NONE };
    case EID_PHASE_FAILED:
    case EID_PHASE_LOST:
      return (EidHealth){ EID_HEALTH_ERROR, g_strdup (message),
                          folder == NULL     ? (phase == EID_PHASE_LOST ? EID_CURE_LAUNCH : EID_CURE_NONE)
                          : evidence->edited ? EID_CURE_UNDO
                                             : EID_CURE_RESUME };
    case EID_PHASE_DONE:
      return judge_at_rest (client, evidence);
    default:
      return judge_features (evidence);
    }
}

const char *
eid_cure_label (EidCure cure)
{
  switch (cure)
    {
    case EID_CURE_RESUME:
      return _ ("Resume from Checkpoint");
    case EID_CURE_UNDO:
      return _ ("Undo the Last Edit");
    case EID_CURE_LAUNCH:
      return _ ("Start the Engine Again");
    case EID_CURE_KILL:
      return _ ("End the Engine");
    case EID_CURE_GO_ON:
      return _ ("Resume");
    case EID_CURE_SKIP:
      return _ ("Skip");
    default:
      return NULL;
    }
}
