/* check-report.h: what was found about a plugin, for people and for programs. */
#pragma once

#include "app/engine/check/check.h"

G_BEGIN_DECLS

typedef struct
{
  const char *plugin, *file;
  guint count[EID_N_OUTCOMES];
  char *failed; /* names of what failed: "gradients, memory"; NULL: none */
} EidCheckTally;

/* "Checking simclr (FILE)", before all. */
void eid_check_report_begin (const EidCheckTally *tally);
/* One line, and one below it that says what to do where there is something; it is counted. */
void eid_check_report_finding (EidCheckTally *tally, const EidExamination *examination,
                               const EidFinding *finding, double seconds, gboolean json);
/* The verdict. */
void eid_check_report_end (EidCheckTally *tally, gboolean json);

G_END_DECLS
