/* suggestion-list.h: what somebody's data are, and the recipes that the engine
 * proposes for them, each with the time it would take here: the engine is
 * asked for one after the other while nothing else is asked of it.
 *
 * Signals:
 *   "chosen" (const char *recipe): a proposal's text; the first at once
 *   "start" (): begin with the one chosen last
 *   "leave" (): other data are wanted                                        */
#pragma once

#include <adwaita.h>

#include "app/workbench/client/client.h"

G_BEGIN_DECLS

#define EID_TYPE_PROPOSAL_LIST (eid_proposal_list_get_type ())
G_DECLARE_FINAL_TYPE (EidProposalList, eid_proposal_list, EID, PROPOSAL_LIST, AdwBin)

/* Once. */
void eid_proposal_list_set_client (EidProposalList *self, EidEngineClient *client);
/* Looks at @path, for @device as Start takes it; asked again when the engine comes. */
void eid_proposal_list_survey (EidProposalList *self, const char *path, const char *device);
/* Surveys the same data for another device, if there are any. */
void eid_proposal_list_set_device (EidProposalList *self, const char *device);
void eid_proposal_list_set_can_start (EidProposalList *self, gboolean can);

G_END_DECLS
