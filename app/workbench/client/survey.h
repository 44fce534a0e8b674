/* survey.h: what the engine says of data that somebody has brought, as plain
 * structures and as words for a person.                                      */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *id, *title, *reason, *recipe; /* recipe: its text */
} EidProposalInfo;

typedef struct
{
  char *title;          /* the folder's name                                   */
  char *summary;        /* "100 colour pictures, 106 to 599 pixels a side, …"  */
  char **notes;         /* what was guessed or cannot be read                  */
  GPtrArray *proposals; /* EidProposalInfo, best first                         */
} EidSurveyInfo;

/* Of the answer to Survey, (a{sv}aa{sv}). */
EidSurveyInfo *eid_survey_info_read (GVariant *answer);
void eid_survey_info_free (EidSurveyInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidSurveyInfo, eid_survey_info_free)

/* The dictionary of the answer to Estimate in words; NULL where it is empty and
 * has to be asked for again. Free.                                           */
char *eid_estimate_describe (GVariant *estimate);

G_END_DECLS
