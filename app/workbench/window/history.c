/* history.c: going back in a run and out of it: edits and their undoing, saving,
 * moments of the past, branches; and the history that says what there is.    */
#include <glib/gi18n.h>

#include "app/wire/wire.h"

#include "app/workbench/client/inventory.h"
#include "app/workbench/window/private.h"

/* A slider that is dragged is one edit: so long it must rest. */
#define EDIT_MS 250

/* --- The history ----------------------------------------------------------------- */

void
eid_window_take_history (EidWindow *self, GVariant *series)
{
  eid_timeline_history (self->timeline, series);
}

void
eid_window_take_chronicle (EidWindow *self, EidChronicle *chronicle, gboolean first)
{
  eid_timeline_set_chronicle (self->timeline, chronicle);
  /* The side bar shows the run as it goes on, with the edits made. */
  if (first && chronicle->recipe)
    eid_window_take_recipe (self, chronicle->recipe);
  eid_window_update (self);
}

void
eid_window_steer_event (EidWindow *self, guint64 step, const char *kind, const char *text)
{
  if (g_str_equal (kind, EID_WIRE_EVENT_EDIT))
    {
      g_autofree char *words = eid_edit_in_words (text);
      eid_window_toast_action (self, words, _ ("Undo"), "win.undo", EID_TOAST_SECONDS);
    }
}

/* --- Edits -------------------------------------------------------------------------- */

void
eid_window_flush_edit (EidWindow *self)
{
  g_auto (GStrv) edit = g_steal_pointer (&self->edit);

  g_clear_handle_id (&self->edit_timeout, g_source_remove);
  if (edit == NULL)
    return;
  eid_engine_client_set (self->client, edit[0], edit[1], edit[2]);
  eid_window_show_draft (self);
}

static gboolean
on_edit_rests (gpointer data)
{
  EidWindow *self = data;

  self->edit_timeout = 0;
  eid_window_flush_edit (self);
  return G_SOURCE_REMOVE;
}

void
eid_window_edit (EidWindow *self, const char *section, const char *key, const char *value)
{
  if (self->edit && (!g_str_equal (self->edit[0], section) || !g_str_equal (self->edit[1], key)))
    eid_window_flush_edit (self);
  g_clear_pointer (&self->edit, g_strfreev);
  self->edit = g_strdupv ((char *[]){ (char *) section, (char *) key, (char *) value, NULL });
  g_clear_handle_id (&self->edit_timeout, g_source_remove);
  self->edit_timeout = g_timeout_add (EDIT_MS, on_edit_rests, self);
}

static void
on_undone (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autofree char *words = NULL, *number = NULL, *text = NULL;
  const char *edit;
  guint64 step;

  self->beginning = FALSE;
  if (answer == NULL)
    {
      if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
        eid_window_complain (self, error->message);
      return;
    }
  g_variant_get (answer, "(t&s)", &step, &edit);
  words = eid_edit_in_words (edit);
  number = eid_format_count (step);
  text = g_strdup_printf (_ ("Undone: %s. On from step %s"), words, number);
  eid_window_clear_run (self);
  eid_window_list_plugins (self); /* one that was set aside may be tried again */
  eid_desk_take_up (self->desk);
  eid_window_toast (self, text);
  eid_window_update (self);
}

void
eid_window_undo_in (EidWindow *self, const char *folder)
{
  self->beginning = TRUE;
  eid_window_complain (self, NULL);
  eid_engine_client_undo (self->client, folder, self->device ? self->device : "", on_undone,
                          g_object_ref (self));
  eid_window_update (self);
}

void
eid_window_undo (EidWindow *self)
{
  if (self->beginning)
    return;
  /* The edit may be what ended the engine. */
  if (eid_engine_client_phase (self->client) == EID_PHASE_LOST)
    {
      g_free (self->resume_folder);
      self->resume_folder = g_strdup (eid_engine_client_folder (self->client));
      self->undo_wanted = TRUE;
      eid_window_launch (self);
      return;
    }
  eid_window_flush_edit (self);
  eid_window_undo_in (self, "");
}

/* --- Saving and keeping ---------------------------------------------------------------- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autofree char *number = NULL, *text = NULL;
  guint64 step;

  if (answer == NULL)
    {
      if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
        eid_window_complain (self, error->message);
      return;
    }
  g_variant_get (answer, "(t)", &step);
  number = eid_format_count (step);
  text = g_strdup_printf (_ ("Saved at step %s"), number);
  eid_window_toast (self, text);
  eid_desk_refresh (self->desk);
}

void
eid_window_save (EidWindow *self)
{
  eid_engine_client_save (self->client, on_saved, g_object_ref (self));
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  if (answer == NULL && eid_engine_client_phase (self->client) != EID_PHASE_LOST)
    eid_window_complain (self, error->message);
  eid_desk_refresh (self->desk);
}

void
eid_window_keep (EidWindow *self, guint64 step, gboolean keep)
{
  eid_engine_client_keep (self->client, step, keep, on_kept, g_object_ref (self));
}

/* --- The past ---------------------------------------------------------------------------- */

void
eid_window_travel (EidWindow *self, gboolean past, guint64 step)
{
  eid_desk_travel (self->desk, past, step);
  if (self->compare)
    eid_compare_travel (self->compare, past, step);
  eid_window_update (self);
}

/* --- Branches ----------------------------------------------------------------------------- */

static void
on_branched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autofree char *number = NULL, *text = NULL, *origin = NULL;
  guint64 step;

  self->beginning = FALSE;
  if (answer == NULL)
    {
      if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
        eid_window_complain (self, error->message);
      eid_window_update (self);
      return;
    }
  g_variant_get (answer, "(&st)", NULL, &step);
  number = eid_format_count (step);
  text = g_strdup_printf (_ ("A new run from step %s; the former one is saved"), number);
  origin = g_steal_pointer (&self->branched_from);
  eid_window_clear_run (self);
  self->origin = g_steal_pointer (&origin);
  eid_desk_take_up (self->desk);
  eid_window_toast_action (self, text, _ ("Compare"), "win.compare-origin", EID_TOAST_SECONDS);
  eid_window_update (self);
}

static void
branch (EidWindow *self, guint64 step, const char *recipe)
{
  if (self->beginning)
    return;
  eid_window_flush_edit (self);
  self->beginning = TRUE;
  eid_window_complain (self, NULL);
  g_free (self->branched_from);
  self->branched_from = g_strdup (eid_engine_client_folder (self->client));
  eid_engine_client_branch (self->client, step, recipe, on_branched, g_object_ref (self));
  eid_window_update (self);
}

void
eid_window_branch (EidWindow *self, guint64 step)
{
  g_autofree char *text = self->draft ? eid_draft_to_text (self->draft) : g_strdup ("");

  branch (self, step, text);
}

typedef struct
{
  EidWindow *window;
  char *section, *key;
  EidParamRow *row;
  guint64 from; /* a branch's checkpoint; G_MAXUINT64: the present state */
} Wish;

static void
wish_free (gpointer data, GClosure *closure)
{
  Wish *wish = data;

  g_free (wish->section);
  g_free (wish->key);
  g_free (wish);
}

/* A plugin is chosen by its title. */
static void
set_wish (EidWindow *self, EidDraft *draft, const Wish *wish)
{
  const char *value = eid_param_row_get_value (wish->row);
  const gboolean of_encoder = g_str_equal (wish->section, "Encoder");
  const EidPluginInfo *plugin =
      g_str_equal (wish->key, "plugin")
          ? eid_catalogue_find_title (self->plugins, of_encoder ? "encoder" : "objective", value)
          : NULL;

  if (plugin)
    eid_draft_set_plugin (draft, wish->section, plugin->id);
  else
    eid_draft_set (draft, wish->section, wish->key, value);
}

static void
on_wish_response (AdwMessageDialog *dialog, const char *response, Wish *wish)
{
  EidWindow *self = wish->window;
  g_autofree char *now = self->draft ? eid_draft_to_text (self->draft) : NULL, *text = NULL;
  g_autoptr (EidDraft) draft = now ? eid_draft_new (now, NULL) : NULL;

  if (draft == NULL || g_str_equal (response, "cancel"))
    return;
  set_wish (self, draft, wish);
  text = eid_draft_to_text (draft);
  if (g_str_equal (response, "branch"))
    branch (self, wish->from, text);
  else
    {
      eid_window_take_recipe (self, text);
      self->start_after_stop = TRUE;
      gtk_widget_activate_action (GTK_WIDGET (self), "win.stop", NULL);
    }
}

/* Where a branch begins of what is in view: at the checkpoint at or before a step gone back to, else now.
 * FALSE: there is none. @words: of it, for people. Free. */
static gboolean
find_start (EidWindow *self, guint64 *from, char **words)
{
  guint64 step = eid_timeline_shown (self->timeline);
  g_autofree char *number = NULL;

  *from = G_MAXUINT64;
  if (eid_timeline_in_past (self->timeline))
    {
      if (!eid_chronicle_checkpoint (eid_timeline_chronicle (self->timeline), step, &step))
        {
          *words = g_strdup (_ ("There is no checkpoint at or before the step in view to branch from."));
          return FALSE;
        }
      *from = step;
    }
  number = eid_format_count (step);
  *words = *from == G_MAXUINT64 ? g_strdup_printf (_ ("A branch goes on from the present step, %s."), number)
                                : g_strdup_printf (_ ("A branch goes on from step %s."), number);
  return TRUE;
}

/* A parameter that the model was built with: its new value, and the two ways to it. */
void
eid_window_wish (EidWindow *self, const char *section, const char *key)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Change It in a New Run?"), NULL);
  GtkWidget *row = eid_sidebar_make_row (self->sidebar, section, key);
  GtkWidget *list = gtk_list_box_new ();
  g_autofree char *start = NULL;
  gboolean can_branch;
  guint64 from;
  Wish *wish;

  if (row == NULL)
    {
      gtk_window_destroy (GTK_WINDOW (dialog));
      g_object_ref_sink (list);
      g_object_unref (list);
      return;
    }
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), list);
  can_branch = find_start (self, &from, &start);
  adw_message_dialog_format_body (
      ADW_MESSAGE_DIALOG (dialog),
      /* TRANSLATORS: a setting; then where a branch would begin, a sentence. */
      _ ("This run was begun with its value of “%s”. %s It is a new run, and what was learnt must fit the "
         "new "
         "value; else begin anew. This run is saved, and can be resumed at any time."),
      key, start);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "anew",
                                    _ ("Begin _Anew"), "branch", _ ("_Branch"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "branch", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (dialog), "branch", can_branch);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), can_branch ? "branch" : "cancel");
  wish = g_new (Wish, 1);
  *wish = (Wish){ self, g_strdup (section), g_strdup (key), EID_PARAM_ROW (row), from };
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_wish_response), wish, wish_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
