/* watcher.c: from a saved source to code that trains; see watcher.h. What was built goes to
 * the engine from the user's cache, and into the folder of plugins only when the run has taken it: what is
 * in that folder has made a step, or was in nobody's use.                                               */
#include "app/workbench/plugin/watcher.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/workbench/plugin/text.h"

/* Editors save in several moves. */
#define REST_MS 150

struct _EidWorkshop
{
  GObject parent_instance;

  EidEngineClient *client;
  char *encoder, *objective; /* in use */

  char *source;
  GFileMonitor *monitor;
  guint rest;
  char *sum; /* of the source that was built last */

  GCancellable *work; /* while a build or a swap is under way */
  gboolean again;     /* the source was saved meanwhile       */
  char *kind, *id;    /* of what is being built               */
  EidBuilt *built;
  gboolean waiting; /* it was built while nobody trained it */

  EidWorkshopState state;
  char *words;
  GPtrArray *diagnostics;
};

G_DEFINE_FINAL_TYPE (EidWorkshop, eid_workshop, G_TYPE_OBJECT)

enum
{
  CHANGED,
  LISTED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* Takes @words. */
static void
set_state (EidWorkshop *self, EidWorkshopState state, char *words)
{
  g_free (self->words);
  self->words = words;
  self->state = state;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The work is over; @words are taken. */
static void
end (EidWorkshop *self, EidWorkshopState state, char *words)
{
  g_clear_object (&self->work);
  set_state (self, state, words);
  if (self->again)
    {
      self->again = FALSE;
      eid_workshop_build (self);
    }
}

/* --- Swapping ---------------------------------------------------------------------- */

static void
install (EidWorkshop *self)
{
  g_autoptr (GError) error = NULL;

  if (eid_plugin_install (self->built->file, &error))
    g_signal_emit (self, signals[LISTED], 0);
  else
    g_warning ("%s", error->message);
}

static void
on_replaced (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWorkshop) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = eid_engine_client_call_finish (EID_ENGINE_CLIENT (source), result, &error);
  g_autoptr (GVariant) report = answer ? g_variant_get_child_value (answer, 0) : NULL;

  if (self->work == NULL || g_cancellable_is_cancelled (self->work))
    return;
  if (report)
    {
      install (self);
      end (self, EID_WORKSHOP_GOOD, eid_plugin_words_swapped (self->built, report));
    }
  else if (eid_engine_client_phase (self->client) == EID_PHASE_LOST
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    end (self, EID_WORKSHOP_FAILED, eid_plugin_words_crashed (self->built));
  else
    end (self, EID_WORKSHOP_FAILED, eid_plugin_words_refused (self->built, error->message));
}

/* --- Building ---------------------------------------------------------------------- */

/* By the run in the window, whether it goes on or not. */
static gboolean
is_used (EidWorkshop *self)
{
  return g_strcmp0 (g_str_equal (self->kind, "encoder") ? self->encoder : self->objective, self->id) == 0;
}

static gboolean
is_training (EidWorkshop *self)
{
  const EidPhase phase = eid_engine_client_phase (self->client);

  return phase == EID_PHASE_RUNNING || phase == EID_PHASE_PAUSED || phase == EID_PHASE_PREPARING;
}

static void
swap (EidWorkshop *self)
{
  set_state (self, EID_WORKSHOP_SWAPPING, g_strdup (_ ("Built; trying its first step…")));
  eid_engine_client_replace (self->client, self->built->file, on_replaced, g_object_ref (self));
}

void
eid_workshop_resumed (EidWorkshop *self)
{
  if (!self->waiting || self->work || !is_used (self))
    return;
  self->waiting = FALSE;
  self->work = g_cancellable_new ();
  swap (self);
}

static void
on_built (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidWorkshop) self = data;
  g_autoptr (GError) error = NULL;
  EidBuilt *built = eid_plugin_build_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->source == NULL)
    {
      g_clear_pointer (&built, eid_built_free);
      return;
    }
  g_clear_pointer (&self->built, eid_built_free);
  self->built = built;
  if (built == NULL)
    {
      end (self, EID_WORKSHOP_FAILED, g_strdup (error->message));
      return;
    }
  g_clear_pointer (&self->diagnostics, g_ptr_array_unref);
  self->diagnostics = eid_diagnostics_read (built->output);
  if (!built->good)
    end (self, EID_WORKSHOP_FAILED,
         eid_plugin_words_failed (self->source, built, self->diagnostics,
                                  eid_engine_client_busy (self->client)));
  else if (is_training (self) && is_used (self))
    {
      swap (self);
    }
  else
    {
      self->waiting = TRUE;
      install (self);
      end (self, EID_WORKSHOP_GOOD,
           eid_plugin_words_listed (built, self->kind, self->id, eid_engine_client_busy (self->client)));
    }
}

void
eid_workshop_build (EidWorkshop *self)
{
  g_autofree char *name = NULL, *text = NULL;
  gsize length;

  if (self->source == NULL)
    return;
  if (self->work)
    {
      self->again = TRUE;
      return;
    }
  name = g_path_get_basename (self->source);
  g_clear_pointer (&self->sum, g_free);
  if (g_file_get_contents (self->source, &text, &length, NULL))
    self->sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  g_clear_pointer (&self->kind, g_free);
  g_clear_pointer (&self->id, g_free);
  if (!eid_plugin_source_read (self->source, &self->kind, &self->id))
    {
      set_state (self, EID_WORKSHOP_FAILED,
                 g_strdup_printf (
                     _ ("%s describes no plugin: it ends with EID_OBJECTIVE (…) or EID_ENCODER (…)."), name));
      return;
    }
  self->work = g_cancellable_new ();
  self->waiting = FALSE;
  set_state (self, EID_WORKSHOP_BUILDING, g_strdup_printf (_ ("Building %s…"), name));
  eid_plugin_build (self->source, self->work, on_built, g_object_ref (self));
}

/* --- Watching ------------------------------------------------------------------------ */

/* A file that is touched and not changed is not built again. */
static gboolean
on_rest (gpointer data)
{
  EidWorkshop *self = data;
  g_autofree char *text = NULL, *sum = NULL;
  gsize length;

  self->rest = 0;
  if (!g_file_get_contents (self->source, &text, &length, NULL))
    return G_SOURCE_REMOVE;
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  if (g_strcmp0 (sum, self->sum) != 0)
    eid_workshop_build (self);
  return G_SOURCE_REMOVE;
}

static void
on_file_event (EidWorkshop *self, GFile *file, GFile *other, GFileMonitorEvent event)
{
  if (event == G_FILE_MONITOR_EVENT_DELETED || event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED
      || event == G_FILE_MONITOR_EVENT_MOVED_OUT)
    return;
  g_clear_handle_id (&self->rest, g_source_remove);
  self->rest = g_timeout_add (REST_MS, on_rest, self);
}

static void
forget (EidWorkshop *self)
{
  g_clear_handle_id (&self->rest, g_source_remove);
  if (self->work)
    g_cancellable_cancel (self->work);
  g_clear_object (&self->work);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->source, g_free);
  g_clear_pointer (&self->sum, g_free);
  g_clear_pointer (&self->built, eid_built_free);
  g_ptr_array_set_size (self->diagnostics, 0);
  self->again = self->waiting = FALSE;
}

void
eid_workshop_open (EidWorkshop *self, const char *source)
{
  g_autoptr (GFile) file = source ? g_file_new_for_path (source) : NULL;
  g_autofree char *name = source ? g_path_get_basename (source) : NULL, *text = NULL;
  gsize length;

  forget (self);
  if (source == NULL)
    {
      set_state (self, EID_WORKSHOP_WATCHING, g_strdup (""));
      return;
    }
  self->source = g_file_get_path (file);
  if (g_file_get_contents (self->source, &text, &length, NULL))
    self->sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor)
    {
      g_file_monitor_set_rate_limit (self->monitor, REST_MS);
      g_signal_connect_object (self->monitor, "changed", G_CALLBACK (on_file_event), self, G_CONNECT_SWAPPED);
    }
  set_state (
      self, EID_WORKSHOP_WATCHING,
      g_strdup_printf (_ ("%s is watched: save it, and it is built and swapped in at the next step."), name));
}

/* --- The object ------------------------------------------------------------------------ */

void
eid_workshop_set_used (EidWorkshop *self, const char *encoder, const char *objective)
{
  g_free (self->encoder);
  self->encoder = g_strdup (encoder);
  g_free (self->objective);
  self->objective = g_strdup (objective);
}

const char *
eid_workshop_source (EidWorkshop *self)
{
  return self->source;
}

EidWorkshopState
eid_workshop_state (EidWorkshop *self)
{
  return self->state;
}

const char *
eid_workshop_words (EidWorkshop *self)
{
  return self->words;
}

GPtrArray *
eid_workshop_diagnostics (EidWorkshop *self)
{
  return self->diagnostics;
}

static void
eid_workshop_dispose (GObject *object)
{
  EidWorkshop *self = EID_WORKSHOP (object);

  forget (self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (eid_workshop_parent_class)->dispose (object);
}

static void
eid_workshop_finalize (GObject *object)
{
  EidWorkshop *self = EID_WORKSHOP (object);

  g_ptr_array_unref (self->diagnostics);
  g_free (self->encoder);
  g_free (self->objective);
  g_free (self->kind);
  g_free (self->id);
  g_free (self->words);
  G_OBJECT_CLASS (eid_workshop_parent_class)->finalize (object);
}

static void
eid_workshop_class_init (EidWorkshopClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = eid_workshop_dispose;
  object_class->finalize = eid_workshop_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", EID_TYPE_WORKSHOP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LISTED] =
      g_signal_new ("listed", EID_TYPE_WORKSHOP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
eid_workshop_init (EidWorkshop *self)
{
  self->diagnostics = g_ptr_array_new ();
  self->words = g_strdup ("");
}

EidWorkshop *
eid_workshop_new (EidEngineClient *client)
{
  EidWorkshop *self = g_object_new (EID_TYPE_WORKSHOP, NULL);

  self->client = g_object_ref (client);
  return self;
}
