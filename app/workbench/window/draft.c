/* draft.c: the draft while it is edited: the engine is asked whether it can be
 * trained, what is wrong is said where it stands, and edits can be taken back. */
#include "app/workbench/window/private.h"

/* After the last edit of several. */
#define CHECK_MS 200

typedef struct
{
  EidWindow *window;
  guint serial;
} Asked;

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Asked *asked = data;
  g_autoptr (EidWindow) self = asked->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  if (asked->serial == self->check_serial && !self->closing)
    eid_sidebar_complain (self->sidebar, answer ? NULL : error->message);
}

static gboolean
check (gpointer data)
{
  EidWindow *self = data;
  const EidPhase phase = eid_engine_client_phase (self->client);
  g_autofree char *text = self->draft ? eid_draft_to_text (self->draft) : NULL;
  Asked *asked;

  self->check = 0;
  if (text == NULL || phase == EID_PHASE_LAUNCHING || phase == EID_PHASE_LOST
      || eid_engine_client_busy (self->client))
    return G_SOURCE_REMOVE;
  asked = g_new (Asked, 1);
  *asked = (Asked){ g_object_ref (self), ++self->check_serial };
  eid_engine_client_resolve (self->client, text, on_checked, asked);
  return G_SOURCE_REMOVE;
}

void
eid_window_check_draft (EidWindow *self)
{
  g_clear_handle_id (&self->check, g_source_remove);
  self->check = g_timeout_add (CHECK_MS, check, self);
}

static void
swap (EidWindow *self, gboolean (*turn) (EidDraft *draft))
{
  if (self->draft == NULL || eid_engine_client_busy (self->client) || !turn (self->draft))
    return;
  eid_sidebar_set_draft (self->sidebar, self->draft);
  eid_window_complain (self, NULL);
  eid_window_check_draft (self);
}

void
eid_window_undo_edit (EidWindow *self)
{
  swap (self, eid_draft_undo);
}

void
eid_window_redo_edit (EidWindow *self)
{
  swap (self, eid_draft_redo);
}
