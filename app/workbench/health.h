/* health.h: the one sentence on how the run is: from its phase and its evidence
 * to words, and to the cure that a button offers.                            */
#pragma once

#include "engine-client.h"
#include "ui/ui.h"

G_BEGIN_DECLS

/* What is known of the features; NAN and 0 where nothing is. */
typedef struct
{
  double z_std, healthy; /* healthy: 1/√d */
  double rank;
  guint width; /* d */
  double loss, chance;
  gboolean edited; /* since the last checkpoint: what is resumed makes the edit again */
  char *alarm;     /* the engine's evidence while it raises one; free, or NULL */
} EidEvidence;

EidEvidence eid_evidence_none (void);

typedef enum
{
  EID_CURE_NONE,
  EID_CURE_RESUME, /* go on from the last checkpoint */
  EID_CURE_UNDO,   /* … without the edit after it    */
  EID_CURE_LAUNCH, /* start the engine again         */
  EID_CURE_KILL,   /* end an engine that is silent   */
} EidCure;

typedef struct
{
  EidHealthLevel level;
  char *sentence; /* free */
  EidCure cure;
} EidHealth;

EidHealth eid_health_judge (EidEngineClient *client, const EidEvidence *evidence);
/* The button's label, translated; NULL: none. */
const char *eid_cure_label (EidCure cure);

G_END_DECLS
