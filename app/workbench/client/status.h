/* status.h: the one sentence on how the run is: from its phase and the look at its health that is in view
 * to words, and to the cure that a button offers.                            */
#pragma once

#include "app/workbench/client/client.h"
#include "ui/ui.h"

G_BEGIN_DECLS

/* What the line is drawn from beside the phase: the record of one look, and how far the run is. */
typedef struct
{
  GVariant *record;    /* a look at the run's health, a{sv} of the signal Health; NULL: none yet */
  gboolean past;       /* it is of a step that was gone back to                                  */
  double loss, chance; /* of the newest step; NAN: not known                                     */
  gboolean edited;     /* since the last checkpoint: what is resumed makes the edit again        */
} EidEvidence;

EidEvidence eid_evidence_none (void);
/* @record: or NULL. */
void eid_evidence_take (EidEvidence *evidence, GVariant *record);
void eid_evidence_clear (EidEvidence *evidence);

typedef enum
{
  EID_CURE_NONE,
  EID_CURE_RESUME, /* go on from the last checkpoint */
  EID_CURE_UNDO,   /* … without the edit after it    */
  EID_CURE_LAUNCH, /* start the engine again         */
  EID_CURE_KILL,   /* end an engine that is silent   */
  EID_CURE_SKIP,   /* the evaluation being made      */
  EID_CURE_GO_ON,  /* train what was only opened, or was stopped */
} EidCure;

typedef struct
{
  EidHealthLevel level;
  char *sentence; /* free */
  EidCure cure;
} EidHealth;

EidHealth eid_health_judge (EidEngineClient *client, const EidEvidence *evidence);
/* "step 266: effective rank 24.2 of 127, z-std 0.098 (1/√d = 0.125)": the numbers of a look, in the one
 * wording that every place uses. Free. */
char *eid_health_numbers (const EidVerdictReport *report);
/* "Stopped at 915 of 2,000": free; NULL where the run has made all its steps, or that is not known. */
char *eid_health_stopped (guint64 step, guint64 steps);
/* The button's label, translated; NULL: none. */
const char *eid_cure_label (EidCure cure);

G_END_DECLS
