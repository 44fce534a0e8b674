/* run.c: how a run begins: the engine is launched and says what it has,
 * a recipe is resolved into the draft, the draft is started, or a run on disk
 * is gone on with.                                                           */
#include <glib/gi18n.h>
#include <math.h>

#include "app/workbench/client/inventory.h"
#include "app/workbench/window/consent.h"
#include "app/workbench/start/recent-list.h"
#include "app/workbench/client/settings.h"
#include "app/workbench/window/private.h"

/* --- The draft ------------------------------------------------------------- */

static void
take_draft (EidWindow *self, EidDraft *draft)
{
  eid_sidebar_set_draft (self->sidebar, NULL);
  g_clear_pointer (&self->draft, eid_draft_free);
  self->draft = draft;
  eid_sidebar_set_draft (self->sidebar, draft);
  eid_sidebar_complain (self->sidebar, NULL);
  eid_window_update (self);
}

static char *
plugin_title (EidWindow *self, const char *section, const char *kind)
{
  g_autofree char *id = self->draft ? eid_draft_get (self->draft, section, "plugin") : NULL;
  const EidPluginInfo *plugin = eid_catalogue_find (self->plugins, kind, id);

  return plugin ? g_strdup (eid_plugin_info_title (plugin)) : g_steal_pointer (&id);
}

char *
eid_window_describe_draft (EidWindow *self)
{
  g_autofree char *encoder = plugin_title (self, "Encoder", "encoder");
  g_autofree char *objective = plugin_title (self, "Objective", "objective");

  return encoder && objective ? g_strdup_printf ("%s · %s", encoder, objective) : NULL;
}

/* What the preferences say of new runs, where their recipe does not. */
static void
prefer (EidDraft *draft)
{
  g_autofree char *wanted = eid_settings () ? g_settings_get_string (eid_settings (), "precision") : NULL;
  g_autofree char *given = eid_draft_get (draft, "Run", "precision");

  if (wanted && !g_str_equal (wanted, "auto") && (given == NULL || g_str_equal (given, "auto")))
    eid_draft_prefer (draft, "Run", "precision", wanted);
}

typedef struct
{
  EidWindow *window;
  guint number;
} Question;

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Question *question = data;
  g_autoptr (EidWindow) self = question->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  const gboolean start = self->start_at_once;
  const char *text;
  EidDraft *draft;

  /* Of a recipe that was chosen before the one that is wanted. */
  if (self->resolving != question->number)
    return;
  self->resolving = 0;
  self->start_at_once = FALSE;
  if (answer == NULL)
    {
      if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
        eid_window_complain (self, error->message);
      return;
    }
  g_variant_get (answer, "(&s)", &text);
  draft = eid_draft_new (text, &error);
  if (draft)
    {
      prefer (draft);
      take_draft (self, draft);
    }
  eid_window_complain (self, error ? error->message : NULL);
  if (draft && start)
    eid_window_start (self);
}

void
eid_window_choose_recipe (EidWindow *self, const char *file)
{
  GSettings *settings = eid_settings ();
  const char *name = eid_start_page_recipe_name (self->start_page);

  if (file != self->recipe_file)
    {
      g_free (self->recipe_file);
      self->recipe_file = g_strdup (file);
    }
  if (settings && name)
    g_settings_set_string (settings, "recipe", name);
  self->resolving = ++self->resolved;
  /* Else as soon as the engine is there. */
  if (eid_engine_client_phase (self->client) != EID_PHASE_LAUNCHING
      && eid_engine_client_phase (self->client) != EID_PHASE_LOST)
    {
      Question *question = g_new (Question, 1);

      *question = (Question){ g_object_ref (self), self->resolving };
      eid_engine_client_resolve (self->client, file, on_resolved, question);
    }
}

void
eid_window_begin (EidWindow *self, const char *file)
{
  self->start_at_once = TRUE;
  eid_window_choose_recipe (self, file);
}

void
eid_window_forget_recipe (EidWindow *self)
{
  g_clear_pointer (&self->recipe_file, g_free);
  self->resolving = 0;
  self->start_at_once = FALSE;
}

void
eid_window_choose_proposal (EidWindow *self, const char *recipe)
{
  g_autoptr (GError) error = NULL;
  EidDraft *draft = eid_draft_new (recipe, &error);

  eid_window_forget_recipe (self);
  if (draft)
    {
      prefer (draft);
      take_draft (self, draft);
    }
  eid_window_complain (self, error ? error->message : NULL);
}

/* --- The engine ------------------------------------------------------------ */

static void
on_devices (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  if (answer == NULL)
    {
      if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
        eid_window_complain (self, error->message);
      return;
    }
  list = g_variant_get_child_value (answer, 0);
  devices = eid_catalogue_read_devices (list);
  eid_start_page_set_devices (self->start_page, devices);
  /* Said at once, not when the first run fails. */
  self->no_device = devices->len == 0;
  eid_window_update (self);
}

static void
on_plugins (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autoptr (GVariant) list = NULL;

  if (answer == NULL)
    {
      if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
        eid_window_complain (self, error->message);
      return;
    }
  list = g_variant_get_child_value (answer, 0);
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  self->plugins = eid_catalogue_read_plugins (list);
  eid_sidebar_set_plugins (self->sidebar, self->plugins);
  eid_start_page_set_plugins (self->start_page, self->plugins);
  for (guint i = 0; i < self->plugins->len; i++)
    {
      const EidPluginInfo *plugin = g_ptr_array_index (self->plugins, i);
      if (*plugin->refused)
        {
          g_autofree char *name = g_path_get_basename (plugin->file);
          /* TRANSLATORS: a plugin's file, then why it cannot be used. */
          g_autofree char *words = g_strdup_printf (_ ("%s: %s"), name, plugin->refused);
          eid_window_toast (self, words);
          break;
        }
    }
  eid_window_update (self);
}

void
eid_window_list_plugins (EidWindow *self)
{
  eid_engine_client_list_plugins (self->client, on_plugins, g_object_ref (self));
}

static void
on_launched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autofree char *folder = g_steal_pointer (&self->resume_folder);
  const gboolean wanted = self->start_wanted, undo = self->undo_wanted, open = self->open_wanted;

  self->start_wanted = FALSE;
  self->open_wanted = FALSE;
  self->undo_wanted = FALSE;
  /* Failure is a phase, which is shown. */
  if (!eid_engine_client_launch_finish (self->client, result, NULL) || self->closing)
    return;
  eid_engine_client_list_devices (self->client, on_devices, g_object_ref (self));
  eid_window_list_plugins (self);
  if (folder && undo)
    eid_window_undo_in (self, folder);
  else if (folder && open)
    eid_window_open_run (self, folder);
  else if (folder)
    eid_window_resume (self, folder);
  else if (wanted)
    eid_window_start (self);
  else if (self->draft == NULL && self->recipe_file)
    eid_window_choose_recipe (self, self->recipe_file);
}

void
eid_window_launch (EidWindow *self)
{
  eid_engine_client_launch (self->client, on_launched, g_object_ref (self));
}

void
eid_window_take_recipe (EidWindow *self, const char *text)
{
  EidDraft *draft = eid_draft_new (text, NULL);

  if (draft)
    take_draft (self, draft);
}

/* --- Runs ------------------------------------------------------------------ */

static gboolean
draft_is_text (EidWindow *self)
{
  g_autofree char *reader = self->draft ? eid_draft_get (self->draft, "Dataset", "reader") : NULL;

  return g_strcmp0 (reader, "text") == 0;
}

/* A run of text has no pictures: the pages that show nothing else are not offered. Before there is a run, it
 * is the recipe that is of text. */
void
eid_window_update_pages (EidWindow *self)
{
  EidPage *const of_pictures[] = { self->augmentations, self->reconstruction, self->attention };
  const gboolean text = eid_engine_client_folder (self->client) ? self->text : draft_is_text (self);

  for (guint i = 0; i < G_N_ELEMENTS (of_pictures); i++)
    {
      if (text && adw_view_stack_get_visible_child (self->pages) == GTK_WIDGET (of_pictures[i]))
        eid_window_show_page (self, "progress");
      adw_view_stack_page_set_visible (adw_view_stack_get_page (self->pages, GTK_WIDGET (of_pictures[i])),
                                       !text);
    }
}

void
eid_window_clear_run (EidWindow *self)
{
  g_autofree char *what = eid_window_describe_draft (self);

  eid_engine_client_set_what (self->client, what);
  if (eid_engine_client_folder (self->client))
    eid_recent_remember (eid_engine_client_folder (self->client));
  eid_evidence_clear (&self->evidence);
  eid_alarm_banner_clear (self->alarm);
  self->text = draft_is_text (self);
  eid_window_update_pages (self);
  eid_desk_begin (self->desk, self->text);
  eid_timeline_begin (self->timeline);
  g_clear_pointer (&self->origin, g_free);
  eid_window_renew_comparison (self);
  if (g_strcmp0 (eid_window_shown_page (self), "recipe") == 0)
    eid_window_show_page (self, self->text ? "progress" : "augmentations");
  /* Or Space would press what started it. */
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  eid_window_complain (self, NULL);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  self->beginning = FALSE;
  eid_sidebar_complain (self->sidebar, answer ? NULL : error->message);
  if (answer)
    {
      eid_window_clear_run (self);
      eid_desk_refresh (self->desk);
    }
  else if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
    eid_window_complain (self, error->message);
  eid_window_update (self);
}

void
eid_window_start (EidWindow *self)
{
  g_autofree char *text = NULL;

  if (self->draft == NULL || self->beginning)
    return;
  if (eid_engine_client_phase (self->client) == EID_PHASE_LOST)
    {
      self->start_wanted = TRUE;
      eid_window_launch (self);
      return;
    }
  text = eid_draft_to_text (self->draft);
  self->beginning = TRUE;
  g_free (self->device);
  self->device = g_strdup (eid_start_page_device (self->start_page));
  eid_window_complain (self, NULL);
  eid_engine_client_start (self->client, text, self->device, on_started, g_object_ref (self));
  eid_window_update (self);
}

static void
on_resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  self->beginning = FALSE;
  if (answer)
    {
      guint64 step;
      g_autofree char *number = NULL, *text = NULL;

      g_variant_get (answer, "(t)", &step);
      number = eid_format_count (step);
      text = g_strdup_printf (_ ("Resumed from step %s"), number);
      eid_window_clear_run (self);
      eid_window_toast (self, text);
      eid_window_update_plugin (self);
      eid_plugin_pane_resumed (self->plugin_pane);
      eid_window_list_plugins (self); /* one that was set aside may be tried again */
      eid_desk_take_up (self->desk);
    }
  else if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
    eid_window_complain (self, error->message);
  eid_window_update (self);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  self->beginning = FALSE;
  if (answer)
    {
      eid_window_clear_run (self);
      eid_window_update_plugin (self);
      eid_window_list_plugins (self);
      eid_desk_take_up (self->desk);
    }
  else if (eid_engine_client_phase (self->client) != EID_PHASE_LOST)
    eid_window_complain (self, error->message);
  eid_window_update (self);
}

/* The run in @folder is taken up, to be trained on or, @open, to be looked at: at once or as soon as there is
 * an engine. */
static void
take_up (EidWindow *self, const char *folder, gboolean open)
{
  const EidPhase phase = eid_engine_client_phase (self->client);
  g_autofree char *file = g_build_filename (folder, "recipe.ini", NULL);
  g_autofree char *text = NULL;

  if (self->beginning)
    return;
  if (phase == EID_PHASE_LAUNCHING || phase == EID_PHASE_LOST)
    {
      g_free (self->resume_folder);
      self->resume_folder = g_strdup (folder);
      self->open_wanted = open;
      if (phase == EID_PHASE_LOST)
        eid_window_launch (self);
      return;
    }
  /* The side bar shows what the run is made of; the engine reads it for itself. */
  if (g_file_get_contents (file, &text, NULL, NULL))
    eid_window_take_recipe (self, text);
  self->beginning = TRUE;
  eid_window_complain (self, NULL);
  if (open)
    eid_engine_client_open (self->client, folder, self->device ? self->device : "", on_opened,
                            g_object_ref (self));
  else
    eid_engine_client_resume (self->client, folder, self->device ? self->device : "", on_resumed,
                              g_object_ref (self));
  eid_window_update (self);
}

static void
resume (const char *folder, gpointer window)
{
  take_up (window, folder, FALSE);
}

static void
open_run (const char *folder, gpointer window)
{
  take_up (window, folder, TRUE);
}

void
eid_window_resume (EidWindow *self, const char *folder)
{
  if (!self->beginning)
    eid_consent_ask (GTK_WINDOW (self), folder, resume, self);
}

void
eid_window_open_run (EidWindow *self, const char *folder)
{
  if (!self->beginning)
    eid_consent_ask (GTK_WINDOW (self), folder, open_run, self);
}
