/* verdict.h: how a run fares, judged from the history of its vital signs: a
 * verdict, one sentence of evidence, and the settings most likely to cure it.
 * Pure: nothing is measured here.                                            */
#pragma once

#include "vitals.h"

G_BEGIN_DECLS

typedef enum
{
  EID_HEALTHY,
  EID_LEARNING_NOTHING,
  EID_DIMENSIONAL_COLLAPSE,
  EID_COMPLETE_COLLAPSE,
  EID_DIVERGING,
  EID_N_VERDICTS
} EidVerdictKind;

/* "dimensional-collapse", as it is stored and told; and as it is read. */
const char *eid_verdict_name (EidVerdictKind kind);
const char *eid_verdict_title (EidVerdictKind kind);

typedef struct
{
  const char *section, *key;
  const char *way; /* "higher", "lower", "true" */
} EidCure;

enum
{
  EID_MOST_CURES = 4
};

typedef struct
{
  EidVerdictKind kind;
  char *evidence; /* free by eid_verdict_clear()                             */
  EidCure cures[EID_MOST_CURES];
  guint n_cures;
} EidVerdict;

void eid_verdict_clear (EidVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidVerdict, eid_verdict_clear)

/* What a run is, as far as a verdict depends on it. */
typedef struct
{
  double chance;          /* loss of a model that knows nothing, or NaN        */
  guint64 steps, warmup;  /* of the whole run, of the learning rate            */
  gboolean can_collapse;  /* views or a teacher are agreed with: all the same
                             would satisfy the objective                       */
  guint pictures, width;  /* watched, and a feature's dimensions               */
  const EidParam *params; /* the objective's, or NULL                          */
  double (*value) (const char *section, const char *key, gpointer user_data); /* of a setting; may be NULL */
  gpointer user_data;
} EidCase;

/* The looks of a run so far, @history[0] being the one before the first step. */
typedef struct
{
  const EidCase *of;
  const EidVitals *history;
  guint count;
} EidPatient;

/* Between what a vital sign shows no trouble at the last look; NaN: no limit. Some signs of trouble
 * need more than one number beyond its band, so that one alone is no verdict yet. */
typedef struct
{
  double least, most;
} EidBand;

EidBand eid_verdict_band (const EidPatient *patient, EidVital vital);

/* The verdict at the last of @count looks, @history[0] being the one before
 * the first step, with which the others are compared. @before: the verdict at
 * the look before it. It changes only after two looks in a row that say so,
 * and none is bad while the learning rate warms up.                          */
EidVerdict eid_verdict_next (const EidCase *of, const EidVitals *history, guint count,
                             const EidVerdict *before);

G_END_DECLS
