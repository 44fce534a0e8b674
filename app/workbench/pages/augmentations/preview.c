/* preview.c: see preview.h. */
#include "app/workbench/pages/augmentations/preview.h"

struct _EidDraftPreview
{
  grefcount references; /* its owner's, and the question's on its way */
  EidEngineClient *client;
  EidDraftPreviewFunc answered; /* NULL: nobody waits */
  gpointer user_data;
  gboolean asking, stale; /* stale: the answer on its way is not wanted */
  char *recipe;           /* the next question, or NULL */
  GVariant *options;
};

static void
drop_next (EidDraftPreview *preview)
{
  g_clear_pointer (&preview->recipe, g_free);
  g_clear_pointer (&preview->options, g_variant_unref);
}

static void
unref (EidDraftPreview *preview)
{
  if (!g_ref_count_dec (&preview->references))
    return;
  drop_next (preview);
  g_object_unref (preview->client);
  g_free (preview);
}

static void ask_next (EidDraftPreview *preview);

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  EidDraftPreview *preview = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (preview->client, result, &error);
  g_autoptr (GVariant) picture = answer ? g_variant_get_child_value (answer, 0) : NULL;
  /* An engine that went away is told of by the window. */
  const gboolean wanted = preview->answered && !preview->stale
                          && (answer || eid_engine_client_phase (preview->client) != EID_PHASE_LOST);

  preview->asking = FALSE;
  if (wanted)
    preview->answered (picture, picture ? NULL : error->message, preview->user_data);
  ask_next (preview);
  unref (preview);
}

static void
ask_next (EidDraftPreview *preview)
{
  g_autofree char *recipe = NULL;
  GVariant *options;

  if (preview->asking || preview->recipe == NULL || preview->answered == NULL)
    return;
  recipe = g_steal_pointer (&preview->recipe);
  options = g_steal_pointer (&preview->options);
  preview->asking = TRUE;
  preview->stale = FALSE;
  g_ref_count_inc (&preview->references);
  eid_engine_client_preview (preview->client, recipe, options, on_answer, preview);
  g_variant_unref (options);
}

EidDraftPreview *
eid_draft_preview_new (EidEngineClient *client, EidDraftPreviewFunc answered, gpointer user_data)
{
  EidDraftPreview *preview = g_new0 (EidDraftPreview, 1);

  g_ref_count_init (&preview->references);
  preview->client = g_object_ref (client);
  preview->answered = answered;
  preview->user_data = user_data;
  return preview;
}

void
eid_draft_preview_free (EidDraftPreview *preview)
{
  if (preview == NULL)
    return;
  preview->answered = NULL;
  unref (preview);
}

void
eid_draft_preview_forget (EidDraftPreview *preview)
{
  drop_next (preview);
  preview->stale = preview->asking;
}

void
eid_draft_preview_ask (EidDraftPreview *preview, const char *recipe, GVariant *options)
{
  drop_next (preview);
  preview->recipe = g_strdup (recipe);
  preview->options = g_variant_ref_sink (options);
  ask_next (preview);
}
