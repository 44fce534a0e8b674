/* train-report.h: what `eidoscope train` says while it works: a bar on a
 * terminal, a line now and then elsewhere, JSON Lines if asked for.          */
#pragma once

#include "app/engine/trainer/trainer.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean json;     /* on standard output, beside the messages         */
  gboolean terminal; /* standard error is one                           */
  gboolean bar_drawn;
  gint64 told;          /* when something was said last                    */
  EidProgress progress; /* the newest                                      */
} EidTrainReport;

EidTrainReport eid_train_report_new (gboolean json);
/* Tells into @report, which must outlive the trainer. */
EidListener eid_train_report_listener (EidTrainReport *report);

/* The first line: what is trained, on what, how. */
void eid_train_report_begin (EidTrainReport *report, EidTrainer *trainer);
/* A line of its own, above the bar. */
void eid_train_report_say (EidTrainReport *report, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The last object and the summary: @done, or stopped before. */
void eid_train_report_end (EidTrainReport *report, EidTrainer *trainer, gboolean done);

/* --- train-pictures.c ------------------------------------------------------- */

/* Draws what the run's model sees into its folder of pictures, and says each file. */
gboolean eid_train_draw_sheets (EidTrainer *trainer, EidTrainReport *report, GError **error);

G_END_DECLS
