/* compare.h: a second run beside the one in front of the person: an engine of its own, a page
 * beside each page, its line beside the run's. Until the comparison ends, what is chosen on a
 * page and where one is in the past holds for both.
 *
 * Signal "changed": what is to be said of the two.                           */
#pragma once

#include "app/workbench/session/session.h"
#include "app/workbench/session/timeline.h"

G_BEGIN_DECLS

#define EID_TYPE_COMPARE (eid_compare_get_type ())
G_DECLARE_FINAL_TYPE (EidCompare, eid_compare, EID, COMPARE, GObject)

/* Opens the run in @folder on @device ("": the best) beside that of @first. A run that is not
 * finished stands still until it is told to go on. */
EidCompare *eid_compare_new (EidDesk *first, EidTimeline *timeline, const char *folder, const char *device);
/* The first alone again. The engine is ended, the run saved if it went on; then @ended (or NULL)
 * is called. */
void eid_compare_end (EidCompare *self, GSourceFunc ended, gpointer user_data);
/* Ends an engine that does not answer. */
void eid_compare_kill (EidCompare *self);

/* The run in front is another, or was taken up again: what is shown of both is made anew. */
void eid_compare_renew (EidCompare *self);
/* The second run as it was at its moment nearest to @step, or as it is. */
void eid_compare_travel (EidCompare *self, gboolean past, guint64 step);
/* Pauses the second run or goes on with it. */
void eid_compare_toggle (EidCompare *self);

EidEngineClient *eid_compare_client (EidCompare *self);
const char *eid_compare_folder (EidCompare *self);
/* Whether the data and the seed are the same, or what is the matter. Free. */
char *eid_compare_sentence (EidCompare *self);
gboolean eid_compare_is_doubtful (EidCompare *self); /* the pictures, or the draws, are not the same */
/* EidRecipeDifference *, borrowed. */
GPtrArray *eid_compare_differences (EidCompare *self);

G_END_DECLS
