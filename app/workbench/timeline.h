/* timeline.h: the strip at the foot of the window: the run as a line, with its
 * chance line, its marks, the step and the time left.                        */
#pragma once

#include <gtk/gtk.h>

#include "engine-client.h"

G_BEGIN_DECLS

#define EID_TYPE_TIMELINE (eid_timeline_get_type ())
G_DECLARE_FINAL_TYPE (EidTimeline, eid_timeline, EID, TIMELINE, GtkBox)

void eid_timeline_set_client (EidTimeline *self, EidEngineClient *client);
void eid_timeline_begin (EidTimeline *self);
/* The points of former steps, a{sa(td)}. */
void eid_timeline_history (EidTimeline *self, GVariant *series);

G_END_DECLS
