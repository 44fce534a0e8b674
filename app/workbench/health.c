/* health.c: judging a run by its phase; whether its features live is the engine's
 * verdict. See health.h.                                                      */
#include "health.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

EidEvidence
eid_evidence_none (void)
{
  return (EidEvidence){ NAN, NAN, NAN, 0, NAN, NAN, FALSE, NULL };
}

static char *
features_in_words (const EidEvidence *evidence)
{
  g_autofree char *rank = eid_format_number (evidence->rank);
  g_autofree char *z_std = eid_format_number (evidence->z_std);
  g_autofree char *healthy = eid_format_number (evidence->healthy);

  if (evidence->width > 0)
    return g_strdup_printf (_ ("effective rank %s of %u, z-std %s (1/√d = %s)"), rank, evidence->width, z_std,
                            healthy);
  return g_strdup_printf (_ ("effective rank %s, z-std %s"), rank, z_std);
}

static EidHealth
judge_features (const EidEvidence *evidence)
{
  g_autofree char *words = features_in_words (evidence);
  g_autofree char *loss = eid_format_number (evidence->loss);
  g_autofree char *chance = eid_format_number (evidence->chance);

  /* The way to a cure is in the banner that tells the same. */
  if (evidence->alarm)
    return (EidHealth){ EID_HEALTH_WARNING, g_strdup (evidence->alarm), EID_CURE_NONE };
  if (isfinite (evidence->z_std) || isfinite (evidence->rank))
    return (EidHealth){ EID_HEALTH_GOOD, g_steal_pointer (&words), EID_CURE_NONE };
  return (EidHealth){ EID_HEALTH_NOTICE,
                      isfinite (evidence->loss) && isfinite (evidence->chance)
                          ? g_strdup_printf (_ ("loss %s, chance %s; the features are not yet evaluated"),
                                             loss, chance)
                          : g_strdup (_ ("The features are not yet evaluated")),
                      EID_CURE_NONE };
}

EidHealth
eid_health_judge (EidEngineClient *client, const EidEvidence *evidence)
{
  const char *message = eid_engine_client_message (client);
  const char *folder = eid_engine_client_folder (client);
  const EidPhase phase = eid_engine_client_phase (client);

  if (eid_engine_client_stuck (client))
    return (
        EidHealth){ EID_HEALTH_WARNING,
                    eid_engine_client_standstill (client)
                        ? g_strdup (eid_engine_client_standstill (client))
                        : g_strdup_printf (_ ("The engine has given no sign of life since step %" PRIu64
                                              ". Wait for it, or end it and go on from the last checkpoint."),
                                           eid_engine_client_step (client)),
                    EID_CURE_KILL };
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
    default:
      return NULL;
    }
}
