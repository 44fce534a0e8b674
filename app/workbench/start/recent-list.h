/* recent-list.h: the runs made or opened last, and where each stands: those that
 * lie where runs are made, and those opened from elsewhere, which are remembered.
 *
 * Signal "opened" (const char *folder).                                      */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define EID_TYPE_RECENT_LIST (eid_recent_list_get_type ())
G_DECLARE_FINAL_TYPE (EidRecentList, eid_recent_list, EID, RECENT_LIST, AdwBin)

/* Reads the runs anew, beside the main loop. */
void eid_recent_list_refresh (EidRecentList *self);
/* For the titles of encoders and objectives; as eid_catalogue_read_plugins() gives them. */
void eid_recent_list_set_plugins (EidRecentList *self, GPtrArray *plugins);

/* The run in @folder is open: the rows of others offer to show theirs beside it. NULL: none is. */
void eid_recent_list_set_open (EidRecentList *self, const char *folder);

/* The run in @folder is open, and those beside it are to be chosen from: it is not listed. */
void eid_recent_list_set_others (EidRecentList *self, const char *folder);

/* From now on @folder is among the recent runs, until it is forgotten. */
void eid_recent_remember (const char *folder);

G_END_DECLS
