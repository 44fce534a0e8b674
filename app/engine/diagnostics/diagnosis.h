/* diagnosis.h: how a run fares, judged from the history of its vital signs: a
 * verdict, one sentence of evidence, and the settings most likely to cure it.
 * Pure: nothing is measured here.                                            */
#pragma once

#include "app/engine/diagnostics/signals.h"

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
/* What a look at a run that is not alarmed is called before there is a second one. */
#define EID_TOO_EARLY "too-early"

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
  gboolean early; /* it is too early to call the run healthy: of EID_HEALTHY alone    */
  char *evidence; /* free by eid_verdict_clear()                             */
  EidCure cures[EID_MOST_CURES];
  guint n_cures;
} EidVerdict;

void eid_verdict_clear (EidVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EidVerdict, eid_verdict_clear)

/* The same of a verdict: "too-early" where it is. */
const char *eid_verdict_told_name (const EidVerdict *verdict);
const char *eid_verdict_told_title (const EidVerdict *verdict);

/* What a run is, as far as a verdict depends on it. */
typedef struct
{
  double chance;          /* loss of a model that knows nothing, or NaN        */
  guint64 steps, warmup;  /* of the whole run, of the learning rate            */
  gboolean can_collapse;  /* views or a teacher are agreed with: all the same
                             would satisfy the objective                       */
  guint pictures, width;  /* watched, and a feature's dimensions               */
  gboolean text;          /* what is watched are passages of text, not pictures */
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

/* How many dimensions the features can fill at most: pictures less their mean span one dimension
 * less than there are pictures. */
guint eid_verdict_most_rank (const EidCase *of);

/* What a vital sign has where features point to all sides (the z-std of unit-length features is
 * 1/sqrt (width) then); NaN where there is no such value, or where the objective does not ask for it,
 * as that of a masked autoencoder does not. */
double eid_verdict_reference (const EidCase *of, EidVital vital);

/* The verdict at the last of @count looks, @history[0] being the one before
 * the first step, with which the others are compared. @before: the verdict at
 * the look before it. It changes only after two looks in a row that say so,
 * and none is bad while the learning rate warms up. Before the second look, and
 * until one shows no sign of trouble, it is too early to call a run healthy.  */
EidVerdict eid_verdict_next (const EidCase *of, const EidVitals *history, guint count,
                             const EidVerdict *before);

G_END_DECLS
