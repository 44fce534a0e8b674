/* client.c: what an engine is doing and tells; see client.h. What it
 * is asked is in calls.c, how it comes to life and ends in lifecycle.c.
 */
#include "app/workbench/client/client.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>

#include "app/workbench/client/client-private.h"

enum
{
  PATIENCE_SECONDS = 60, /* of silence in a run before an offer to kill it      */
  SLOWEST_STEPS = 10,    /* silence is judged by the run's own slowest step too */
};

enum
{
  PROP_0,
  PROP_PHASE,
  PROP_MESSAGE,
  PROP_STUCK,
  N_PROPS
};
enum
{
  PROGRESS,
  EVALUATED,
  HEALTH,
  EVENT,
  REFUSED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EidEngineClient, eid_engine_client, G_TYPE_OBJECT)

/* --- What it is doing ------------------------------------------------------ */

static void
set_stuck (EidEngineClient *self, gboolean stuck)
{
  if (self->stuck == stuck)
    return;
  self->stuck = stuck;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STUCK]);
}

void
eid_engine_client_heard (EidEngineClient *self)
{
  self->heard = g_get_monotonic_time ();
  /* An answer of another thread's does not say that the plugin has come back. */
  if (self->standstill == NULL)
    set_stuck (self, FALSE);
}

void
eid_engine_client_set_phase (EidEngineClient *self, EidPhase phase, const char *message)
{
  g_clear_pointer (&self->standstill, g_free);
  eid_engine_client_heard (self);
  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->message, message) != 0)
    {
      g_free (self->message);
      self->message = g_strdup (message);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MESSAGE]);
    }
  if (self->phase != phase)
    {
      self->evaluating = self->evaluating && (phase == EID_PHASE_RUNNING || phase == EID_PHASE_PREPARING);
      self->phase = phase;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PHASE]);
    }
  g_object_thaw_notify (G_OBJECT (self));
  if (self->shut_down)
    eid_engine_client_advance_shut_down (self);
}

static EidPhase
phase_of_state (const char *state)
{
  static const EidPhase phases[] = {
    [EID_STATE_IDLE] = EID_PHASE_IDLE,       [EID_STATE_PREPARING] = EID_PHASE_PREPARING,
    [EID_STATE_RUNNING] = EID_PHASE_RUNNING, [EID_STATE_PAUSED] = EID_PHASE_PAUSED,
    [EID_STATE_DONE] = EID_PHASE_DONE,       [EID_STATE_FAILED] = EID_PHASE_FAILED,
  };

  return phases[eid_state_from_text (state)];
}

static gint64
patience (EidEngineClient *self)
{
  const char *given = g_getenv ("EIDOSCOPE_PATIENCE");
  gint64 seconds = given ? g_ascii_strtoll (given, NULL, 10) : 0;

  return MAX ((seconds > 0 ? seconds : PATIENCE_SECONDS) * G_USEC_PER_SEC, self->slowest * SLOWEST_STEPS);
}

/* --- What runs in it --------------------------------------------------------
 * A thread of the engine's answers at once, whatever the other is at: the answer
 * names a plugin's function that does not come back, and where none comes the
 * engine stands still as a whole.                                            */

static void
set_standstill (EidEngineClient *self, char *sentence)
{
  const gboolean was_told = self->standstill != NULL;

  g_free (self->standstill);
  self->standstill = sentence;
  if (sentence)
    {
      set_stuck (self, TRUE);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STUCK]); /* it grows older */
    }
  else if (was_told)
    set_stuck (self, FALSE);
}

static void
on_doing (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (EidEngineClient) self = data;
  g_autoptr (GVariant) answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, NULL);
  const char *plugin, *callback;
  guint64 step, seconds;
  gboolean hangs;

  if (source != (GObject *) self->wire)
    return;
  self->asking = FALSE;
  if (answer == NULL || !g_variant_is_of_type (answer, G_VARIANT_TYPE ("(sssttb)")))
    return;
  g_variant_get (answer, "(&s&s&sttb)", &plugin, NULL, &callback, &step, &seconds, &hangs);
  set_standstill (
      self, hangs ? g_strdup_printf (_ ("The plugin “%s” has not come back from %s for %'" PRIu64
                                        " seconds, at step %'" PRIu64 ". Wait for it, or end the engine "
                                        "and go on from the last checkpoint."),
                                     plugin, callback, seconds, MAX (step, self->step))
                  : NULL);
}

static void
ask_doing (EidEngineClient *self)
{
  if (self->wire == NULL || self->asking || !(eid_engine_client_busy (self) || self->commands > 0))
    return;
  self->asking = TRUE;
  self->asked = g_get_monotonic_time ();
  g_dbus_proxy_call (G_DBUS_PROXY (self->wire), "Doing", NULL, G_DBUS_CALL_FLAGS_NONE, EID_WIRE_NO_TIMEOUT,
                     self->life, on_doing, g_object_ref (self));
}

static gboolean
on_clock (gpointer data)
{
  EidEngineClient *self = data;
  gboolean owes =
      self->phase == EID_PHASE_RUNNING || (self->commands > 0 && self->phase != EID_PHASE_PREPARING);

  if (self->wire && owes && g_get_monotonic_time () - self->heard > patience (self))
    set_stuck (self, TRUE);
  if (self->wire && self->asking && g_get_monotonic_time () - self->asked > patience (self))
    set_stuck (self, TRUE);
  ask_doing (self);
  return G_SOURCE_CONTINUE;
}

/* "compiling attention" is "Compiling attention": it stands alone on screen. */
static char *
sentence_case (const char *text)
{
  g_autofree char *first = *text ? g_utf8_strup (text, g_utf8_next_char (text) - text) : g_strdup ("");

  return g_strconcat (first, *text ? g_utf8_next_char (text) : NULL, NULL);
}

static void
on_state_changed (EidWireEngine *wire, const char *state, const char *message, EidEngineClient *self)
{
  const EidPhase phase = phase_of_state (state);
  g_autofree char *text = phase == EID_PHASE_DONE ? g_strdup (message) : sentence_case (message);

  if (wire == self->wire)
    eid_engine_client_set_phase (self, phase, text);
}

static void
set_evaluating (EidEngineClient *self, gboolean evaluating)
{
  if (self->evaluating == evaluating)
    return;
  self->evaluating = evaluating;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MESSAGE]);
}

static void
on_progress (EidWireEngine *wire, GVariant *dictionary, EidEngineClient *self)
{
  g_auto (EidReport) report = eid_report_read (dictionary);

  if (wire != self->wire)
    return;
  if (report.step > self->step && self->phase == EID_PHASE_RUNNING)
    self->slowest = MAX (self->slowest, g_get_monotonic_time () - self->heard);
  self->evaluating = self->evaluating && report.step <= self->step;
  self->step = report.step;
  self->steps = report.steps;
  eid_engine_client_heard (self);
  g_signal_emit (self, signals[PROGRESS], 0, &report);
}

static void
on_evaluated (EidWireEngine *wire, GVariant *dictionary, EidEngineClient *self)
{
  EidEvaluation evaluation = eid_evaluation_read (dictionary);

  if (wire != self->wire)
    return;
  eid_engine_client_heard (self);
  if (isfinite (evaluation.knn) || isfinite (evaluation.linear))
    set_evaluating (self, FALSE);
  g_signal_emit (self, signals[EVALUATED], 0, &evaluation);
}

static void
on_health (EidWireEngine *wire, GVariant *dictionary, EidEngineClient *self)
{
  g_auto (EidVerdictReport) report = eid_verdict_report_read (dictionary);

  if (wire != self->wire)
    return;
  eid_engine_client_heard (self);
  g_signal_emit (self, signals[HEALTH], 0, &report);
}

static void
on_event (EidWireEngine *wire, guint64 step, const char *kind, const char *text, EidEngineClient *self)
{
  if (wire != self->wire)
    return;
  eid_engine_client_heard (self);
  if (g_str_equal (kind, "evaluating"))
    set_evaluating (self, TRUE);
  else
    g_signal_emit (self, signals[EVENT], 0, step, kind, text);
}

void
eid_engine_client_attach (EidEngineClient *self, EidWireEngine *wire)
{
  const char *state;

  self->asking = FALSE;

  self->wire = g_object_ref (wire);
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->wire), EID_WIRE_NO_TIMEOUT);
  g_signal_connect (self->wire, "state-changed", G_CALLBACK (on_state_changed), self);
  g_signal_connect (self->wire, "progress", G_CALLBACK (on_progress), self);
  g_signal_connect (self->wire, "evaluated", G_CALLBACK (on_evaluated), self);
  g_signal_connect (self->wire, "health", G_CALLBACK (on_health), self);
  g_signal_connect (self->wire, "event", G_CALLBACK (on_event), self);
  state = eid_wire_engine_get_state (self->wire);
  eid_engine_client_set_phase (self, phase_of_state (state), eid_wire_engine_get_message (self->wire));
}

/* --- The object ------------------------------------------------------------ */

EidPhase
eid_engine_client_phase (EidEngineClient *self)
{
  return self->phase;
}

const char *
eid_engine_client_message (EidEngineClient *self)
{
  return self->message ? self->message : "";
}

const char *
eid_engine_client_folder (EidEngineClient *self)
{
  return self->folder;
}

guint64
eid_engine_client_step (EidEngineClient *self)
{
  return self->step;
}

gboolean
eid_engine_client_evaluating (EidEngineClient *self)
{
  return self->evaluating && (self->phase == EID_PHASE_RUNNING || self->phase == EID_PHASE_PREPARING);
}

guint64
eid_engine_client_steps (EidEngineClient *self)
{
  return self->steps;
}

void
eid_engine_client_set_made (EidEngineClient *self, guint64 step, guint64 steps)
{
  if (self->step == step && self->steps == steps)
    return;
  self->step = step;
  self->steps = steps;
  /* What a phase of rest is called depends on it. */
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PHASE]);
}

gboolean
eid_engine_client_stuck (EidEngineClient *self)
{
  return self->stuck;
}

const char *
eid_engine_client_standstill (EidEngineClient *self)
{
  return self->standstill;
}

gboolean
eid_engine_client_busy (EidEngineClient *self)
{
  return self->phase == EID_PHASE_PREPARING || self->phase == EID_PHASE_RUNNING
         || self->phase == EID_PHASE_PAUSED;
}

void
eid_engine_client_set_what (EidEngineClient *self, const char *what)
{
  g_free (self->what);
  self->what = g_strdup (what);
}

static void
eid_engine_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (object);

  switch (id)
    {
    case PROP_PHASE:
      g_value_set_int (value, self->phase);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, self->message);
      break;
    case PROP_STUCK:
      g_value_set_boolean (value, self->stuck);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
eid_engine_client_dispose (GObject *object)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (object);

  eid_engine_client_abandon (self);
  g_clear_handle_id (&self->launch_timeout, g_source_remove);
  g_clear_handle_id (&self->clock, g_source_remove);
  G_OBJECT_CLASS (eid_engine_client_parent_class)->dispose (object);
}

static void
eid_engine_client_finalize (GObject *object)
{
  EidEngineClient *self = EID_ENGINE_CLIENT (object);

  g_queue_clear_full (&self->lines, g_free);
  g_free (self->last_words);
  g_free (self->standstill);
  g_free (self->message);
  g_free (self->folder);
  g_free (self->what);
  G_OBJECT_CLASS (eid_engine_client_parent_class)->finalize (object);
}

static void
eid_engine_client_class_init (EidEngineClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = eid_engine_client_get_property;
  object_class->dispose = eid_engine_client_dispose;
  object_class->finalize = eid_engine_client_finalize;

  props[PROP_PHASE] = g_param_spec_int ("phase", NULL, NULL, 0, EID_N_PHASES - 1, EID_PHASE_LAUNCHING, flags);
  props[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags);
  props[PROP_STUCK] = g_param_spec_boolean ("stuck", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[PROGRESS] =
      g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[EVALUATED] = g_signal_new ("evaluated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                     1, G_TYPE_POINTER);
  signals[HEALTH] =
      g_signal_new ("health", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[EVENT] = g_signal_new ("event", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                                 G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING);
  signals[REFUSED] =
      g_signal_new ("refused", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
eid_engine_client_init (EidEngineClient *self)
{
  self->clock = g_timeout_add_seconds (1, on_clock, self);
}

EidEngineClient *
eid_engine_client_new (void)
{
  return g_object_new (EID_TYPE_ENGINE_CLIENT, NULL);
}
