/* timeline-private.h: the time line's state, for the files that make it: timeline.c the run and where
 * one is in it, timeline-compare.c another run's line beside it.              */
#pragma once

#include "ui/ui.h"

#include "app/workbench/session/timeline.h"

G_BEGIN_DECLS

struct _EidTimeline
{
  GtkBox parent_instance;

  EidEngineClient *client;
  EidChart *chart;
  GtkLabel *step, *left, *branch_label;
  GtkStack *rows;
  GtkWidget *past_row, *keep_button, *branch_button;
  guint series;

  EidChronicle *chronicle;
  GArray *stops;      /* double: steps of moments, the last is now */
  GHashTable *probes; /* step (guint64 *) -> kNN accuracy (double *) */
  guint64 now, steps;
  gboolean past;
  guint64 at; /* the moment that is shown */
  gboolean quiet;

  /* Another run's, where two are compared. */
  EidEngineClient *second;
  EidChronicle *second_chronicle;
  GHashTable *second_probes;
  guint second_series;
  guint64 second_steps;
  GtkWidget *legend; /* the runs' letters */
};

/* timeline.c */
/* The marks of both, anew. */
void eid_timeline_fill_marks (EidTimeline *self);
void eid_timeline_set_range (EidTimeline *self);

/* timeline-compare.c */
/* The series of the second run, after all of the first were made. */
void eid_timeline_add_second (EidTimeline *self);
void eid_timeline_fill_second_marks (EidTimeline *self);
void eid_timeline_remember_probe (GHashTable *probes, guint64 step, double share);

G_END_DECLS
