/* preview.h: asks the engine what a draft would make of its pictures. One question
 * is on its way at a time; of those that wait, the newest counts.            */
#pragma once

#include "app/workbench/client/client.h"

G_BEGIN_DECLS

typedef struct _EidDraftPreview EidDraftPreview;

/* @picture NULL: @complaint says why there is none. */
typedef void (*EidDraftPreviewFunc) (GVariant *picture, const char *complaint, gpointer user_data);

EidDraftPreview *eid_draft_preview_new (EidEngineClient *client, EidDraftPreviewFunc answered,
                                        gpointer user_data);
/* What was asked is not answered any more. */
void eid_draft_preview_free (EidDraftPreview *preview);
void eid_draft_preview_forget (EidDraftPreview *preview);
/* @options is consumed if floating. */
void eid_draft_preview_ask (EidDraftPreview *preview, const char *recipe, GVariant *options);

G_END_DECLS
