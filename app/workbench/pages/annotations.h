/* annotations.h: what happened in a run, as marks on a chart over its steps: the same on the
 * time line and on every curve.                                              */
#pragma once

#include "app/workbench/client/history.h"
#include "ui/ui.h"

G_BEGIN_DECLS

typedef enum
{
  EID_MARKS_ALL,
  EID_MARKS_TURNS, /* edits, branches, alarms: what may have turned a curve */
} EidMarksWhich;

/* An event of the engine's; of a kind that has no mark, nothing. */
void eid_marks_add (EidChart *chart, guint64 step, const char *kind, const char *text, gboolean undone);
/* @probes: step (guint64 *) -> accuracy of the nearest neighbours (double *). */
void eid_marks_add_evaluation (EidChart *chart, guint64 step, GHashTable *probes);
/* All of @chronicle, beside what is there. @probes may be NULL with EID_MARKS_TURNS. @run: whose they
 * are, said before each; NULL: of the only run, or the first. */
void eid_marks_fill (EidChart *chart, const EidChronicle *chronicle, GHashTable *probes, EidMarksWhich which,
                     const char *run);

G_END_DECLS
