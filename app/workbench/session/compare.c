/* compare.c: the second run's engine, its pages beside the first's, and in what the two differ;
 * see compare.h.                                                             */
#include "app/workbench/session/compare.h"

#include <glib/gi18n.h>

#include "app/store/store.h"
#include "ui/ui.h"

#include "app/workbench/client/draft.h"
#include "app/workbench/client/recipe-difference.h"

struct _EidCompare
{
  GObject parent_instance;

  EidDesk *first, *second;
  EidTimeline *timeline;
  char *folder, *device;
  gboolean opened; /* the run has been taken up */
  gboolean ended;
  char *complaint; /* why it is not to be had, or NULL */
  GPtrArray *differences;
  GSourceFunc when_ended;
  gpointer user_data;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (EidCompare, eid_compare, G_TYPE_OBJECT)

static void
tell_changed (EidCompare *self)
{
  if (!self->ended)
    g_signal_emit (self, changed_signal, 0);
}

static void
complain (EidCompare *self, const char *sentence)
{
  g_free (self->complaint);
  self->complaint = g_strdup (sentence);
  tell_changed (self);
}

/* --- In what they differ ------------------------------------------------------- */

/* As the run goes on, with its edits, or as it was begun. */
static char *
read_recipe (EidDesk *desk, const char *folder)
{
  const EidChronicle *chronicle = eid_desk_chronicle (desk);
  g_autofree char *file = folder ? g_build_filename (folder, "recipe.ini", NULL) : NULL;
  char *text = NULL;

  if (chronicle && chronicle->recipe)
    return g_strdup (chronicle->recipe);
  if (file)
    g_file_get_contents (file, &text, NULL, NULL);
  return text;
}

static void
find_differences (EidCompare *self)
{
  g_autofree char *first =
      read_recipe (self->first, eid_engine_client_folder (eid_desk_client (self->first)));
  g_autofree char *second = read_recipe (self->second, self->folder);

  g_ptr_array_unref (self->differences);
  self->differences = eid_recipe_differences (first, second);
  tell_changed (self);
}

GPtrArray *
eid_compare_differences (EidCompare *self)
{
  return self->differences;
}

gboolean
eid_compare_is_doubtful (EidCompare *self)
{
  return self->complaint || eid_recipe_differs (self->differences, "Dataset", NULL)
         || eid_recipe_differs (self->differences, "Run", "seed");
}

char *
eid_compare_sentence (EidCompare *self)
{
  const EidPhase phase = eid_engine_client_phase (eid_desk_client (self->second));

  if (self->complaint)
    return g_strdup (self->complaint);
  if (phase == EID_PHASE_LOST || phase == EID_PHASE_FAILED)
    return g_strdup (eid_engine_client_message (eid_desk_client (self->second)));
  if (eid_recipe_differs (self->differences, "Dataset", NULL))
    return g_strdup (_ ("These runs have different data: samples are not the same"));
  if (eid_recipe_differs (self->differences, "Run", "seed"))
    return g_strdup (_ ("Same data, but another seed: draws are not the same"));
  return g_strdup (_ ("Same data and same seed"));
}

/* --- The pages and the line ------------------------------------------------------ */

static void
name_runs (EidCompare *self)
{
  const char *folder = eid_engine_client_folder (eid_desk_client (self->first));
  g_autofree char *first = g_filename_display_basename (folder ? folder : "");
  g_autofree char *second = g_filename_display_basename (self->folder);

  for (guint i = 0; i < eid_desk_n_pages (self->first); i++)
    {
      eid_page_set_run (eid_desk_page (self->first, i), 0, first);
      eid_page_set_run (eid_desk_page (self->second, i), 1, second);
    }
}

static void
add_pages (EidCompare *self)
{
  for (guint i = 0; i < eid_desk_n_pages (self->first); i++)
    {
      EidPage *leader = eid_desk_page (self->first, i);
      EidPage *page = g_object_new (G_OBJECT_TYPE (leader), NULL);

      eid_desk_add_page (self->second, page);
      eid_page_set_beside (leader, page);
    }
  name_runs (self);
}

static void
show_line (EidCompare *self)
{
  const char *folder = eid_engine_client_folder (eid_desk_client (self->first));
  g_autofree char *first = g_filename_display_basename (folder ? folder : "");
  g_autofree char *second = g_filename_display_basename (self->folder);

  eid_timeline_set_second (self->timeline, eid_desk_client (self->second), first, second);
}

void
eid_compare_renew (EidCompare *self)
{
  name_runs (self);
  show_line (self);
  if (self->opened)
    eid_desk_take_up (self->second);
  find_differences (self);
}

void
eid_compare_travel (EidCompare *self, gboolean past, guint64 step)
{
  const EidChronicle *chronicle = eid_desk_chronicle (self->second);
  guint64 best = chronicle ? chronicle->step : 0, away = best > step ? best - step : step - best;
  gboolean then = FALSE;

  for (guint i = 0; chronicle && i < chronicle->moments->len; i++)
    {
      const guint64 at = g_array_index (chronicle->moments, EidKeptMoment, i).step;
      const guint64 distance = at > step ? at - step : step - at;

      if (distance < away)
        {
          best = at;
          away = distance;
          then = TRUE;
        }
    }
  eid_desk_travel (self->second, past && then, best);
}

/* --- The engine ---------------------------------------------------------------------- */

static gboolean
reads_text (EidCompare *self)
{
  g_autofree char *text = read_recipe (self->second, self->folder);
  g_autoptr (EidDraft) draft = text ? eid_draft_new (text, NULL) : NULL;
  g_autofree char *reader = draft ? eid_draft_get (draft, "Dataset", "reader") : NULL;

  return g_strcmp0 (reader, "text") == 0;
}

static void
on_resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidCompare) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);

  if (self->ended)
    return;
  if (answer == NULL)
    {
      complain (self, error->message);
      return;
    }
  self->opened = TRUE;
  eid_desk_begin (self->second, reads_text (self));
  eid_desk_take_up (self->second);
  complain (self, NULL);
}

/* One that has steps to make makes none of itself: it is looked at. */
static gboolean
is_unfinished (const char *folder)
{
  g_autoptr (EidRunSummary) summary = eid_run_summary_read (folder, NULL);

  return summary && summary->step < summary->steps;
}

static void
on_launched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidCompare) self = data;
  EidEngineClient *client = EID_ENGINE_CLIENT (source);

  /* Failure is a phase, which is shown. */
  if (!eid_engine_client_launch_finish (client, result, NULL) || self->ended)
    return;
  eid_engine_client_resume (client, self->folder, self->device, on_resumed, g_object_ref (self));
  /* Heard before the first step, and refused with the run if that is not to be had. */
  if (is_unfinished (self->folder))
    eid_engine_client_pause (client);
}

static void
on_refused (EidCompare *self, const char *sentence)
{
  if (self->opened)
    complain (self, sentence);
}

void
eid_compare_toggle (EidCompare *self)
{
  EidEngineClient *client = eid_desk_client (self->second);

  if (eid_engine_client_phase (client) == EID_PHASE_PAUSED)
    eid_engine_client_continue (client);
  else if (eid_engine_client_phase (client) == EID_PHASE_RUNNING)
    eid_engine_client_pause (client);
}

EidEngineClient *
eid_compare_client (EidCompare *self)
{
  return eid_desk_client (self->second);
}

const char *
eid_compare_folder (EidCompare *self)
{
  return self->folder;
}

/* --- Beginning and ending ---------------------------------------------------------------- */

EidCompare *
eid_compare_new (EidDesk *first, EidTimeline *timeline, const char *folder, const char *device)
{
  EidCompare *self = g_object_new (EID_TYPE_COMPARE, NULL);
  EidEngineClient *client;

  self->first = g_object_ref (first);
  self->second = eid_desk_new ();
  self->timeline = g_object_ref (timeline);
  self->folder = g_canonicalize_filename (folder, NULL);
  self->device = g_strdup (device);
  client = eid_desk_client (self->second);
  g_signal_connect_object (client, "notify::phase", G_CALLBACK (tell_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "refused", G_CALLBACK (on_refused), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->second, "history", G_CALLBACK (eid_timeline_second_history), timeline,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->second, "chronicle", G_CALLBACK (eid_timeline_second_chronicle), timeline,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->second, "chronicle", G_CALLBACK (find_differences), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->first, "chronicle", G_CALLBACK (find_differences), self, G_CONNECT_SWAPPED);
  add_pages (self);
  show_line (self);
  find_differences (self);
  eid_engine_client_launch (client, on_launched, g_object_ref (self));
  return self;
}

static void
on_shut_down (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidCompare) self = data;

  eid_engine_client_shut_down_finish (EID_ENGINE_CLIENT (source), result);
  if (self->when_ended)
    self->when_ended (self->user_data);
}

void
eid_compare_end (EidCompare *self, GSourceFunc ended, gpointer user_data)
{
  EidEngineClient *client = eid_desk_client (self->second);

  g_return_if_fail (!self->ended);

  self->ended = TRUE;
  self->when_ended = ended;
  self->user_data = user_data;
  eid_timeline_set_second (self->timeline, NULL, NULL, NULL);
  /* Its pages go: nothing may be told them any more. */
  g_object_run_dispose (G_OBJECT (self->second));
  for (guint i = 0; i < eid_desk_n_pages (self->first); i++)
    {
      eid_page_set_beside (eid_desk_page (self->first, i), NULL);
      eid_page_set_run (eid_desk_page (self->first, i), 0, NULL);
    }
  eid_engine_client_shut_down (client, on_shut_down, g_object_ref (self));
}

void
eid_compare_kill (EidCompare *self)
{
  eid_engine_client_kill (eid_desk_client (self->second));
}

static void
eid_compare_finalize (GObject *object)
{
  EidCompare *self = EID_COMPARE (object);

  g_clear_object (&self->first);
  g_clear_object (&self->second);
  g_clear_object (&self->timeline);
  g_free (self->folder);
  g_free (self->device);
  g_free (self->complaint);
  g_ptr_array_unref (self->differences);
  G_OBJECT_CLASS (eid_compare_parent_class)->finalize (object);
}

static void
eid_compare_class_init (EidCompareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = eid_compare_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
eid_compare_init (EidCompare *self)
{
  self->differences = eid_recipe_differences (NULL, NULL);
}
