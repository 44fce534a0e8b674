/* timeline.h: the strip at the foot of the window: the run as a line, with its
 * chance line, its marks, the step and the time left; and where one goes back
 * along it to a moment that the run has stored.
 *
 * Signals:
 *   "travel" (gboolean past, guint64 step): to that moment, or back to now
 *   "keep" (guint64 step, gboolean keep): the moment is to be kept, or not
 *   "branch" (guint64 step): a new run is wanted from that checkpoint        */
#pragma once

#include <gtk/gtk.h>

#include "app/workbench/client/history.h"
#include "app/workbench/client/client.h"

G_BEGIN_DECLS

#define EID_TYPE_TIMELINE (eid_timeline_get_type ())
G_DECLARE_FINAL_TYPE (EidTimeline, eid_timeline, EID, TIMELINE, GtkBox)

void eid_timeline_set_client (EidTimeline *self, EidEngineClient *client);
void eid_timeline_begin (EidTimeline *self);
/* The points of former steps, a{sa(td)}. */
void eid_timeline_history (EidTimeline *self, GVariant *series);
/* Marks and moments so far. */
void eid_timeline_set_chronicle (EidTimeline *self, EidChronicle *chronicle);
EidChronicle *eid_timeline_chronicle (EidTimeline *self); /* owned by it, or NULL */
/* Another run's line and marks beside the run's; NULL: none any more. What is told of it by its
 * desk is handed on. */
void eid_timeline_set_second (EidTimeline *self, EidEngineClient *client, const char *first_name,
                              const char *second_name);
void eid_timeline_second_history (EidTimeline *self, GVariant *series);
void eid_timeline_second_chronicle (EidTimeline *self, EidChronicle *chronicle);
/* The step that is in view. */
guint64 eid_timeline_shown (EidTimeline *self);
gboolean eid_timeline_in_past (EidTimeline *self);
void eid_timeline_back_to_now (EidTimeline *self);

G_END_DECLS
