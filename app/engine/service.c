/* service.c: requests in, steps between them, answers and signals out; see
 * service.h. What a request does is one function each, in the table `methods`.
 */
#include "service.h"

#include "failure.h"
#include "listing.h"
#include "look.h"
#include "trainer.h"
#include "wire.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Views may take this share of the time of a run. */
#define LOOK_SHARE 0.1

#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

/* How long a step in progress may hold the engine up once nobody listens. */
#define FAREWELL_SECONDS 20

typedef struct
{
  GDBusMethodInvocation *invocation; /* NULL once answered */
  guint64 since;                     /* of a look */
} Request;

typedef struct
{
  GDBusConnection *connection;
  GMainLoop *loop;

  GMutex mutex; /* guards what follows */
  GCond changed;
  GQueue requests;
  gboolean quit, left;
  EidState state;
  char *message;

  /* The working thread's own. */
  EidRegistry *registry;
  EidTrainer *trainer;
  gboolean one_step;
  GQueue looks;
  gint64 look_after; /* time before which no look is answered while running */
  EidProgress progress;
  gint64 progress_sent;
  gboolean progress_waits;
} Service;

/* --- Signals ---------------------------------------------------------------- */

static void
emit (Service *service, const char *interface, const char *signal, GVariant *arguments)
{
  /* Fails only when the connection is closed, and then nobody listens. */
  g_dbus_connection_emit_signal (service->connection, NULL, EID_WIRE_PATH, interface, signal, arguments,
                                 NULL);
}

static const char *
interface_name (void)
{
  return eid_wire_engine_interface_info ()->name;
}

static void
set_state (Service *service, EidState state, const char *message)
{
  const char *text = eid_state_to_text (state);
  GVariantBuilder changed;

  g_mutex_lock (&service->mutex);
  if (service->state == state && g_strcmp0 (service->message, message) == 0)
    {
      g_mutex_unlock (&service->mutex);
      return;
    }
  service->state = state;
  g_free (service->message);
  service->message = g_strdup (message);
  g_mutex_unlock (&service->mutex);

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", "State", g_variant_new_string (text));
  g_variant_builder_add (&changed, "{sv}", "Message", g_variant_new_string (message));
  emit (service, "org.freedesktop.DBus.Properties", "PropertiesChanged",
        g_variant_new ("(sa{sv}as)", interface_name (), &changed, NULL));
  emit (service, interface_name (), "StateChanged", g_variant_new ("(ss)", text, message));
}

static void
add_number (GVariantBuilder *report, const char *key, double value)
{
  if (isfinite (value))
    g_variant_builder_add (report, "{sv}", key, g_variant_new_double (value));
}

static void
send_progress (Service *service)
{
  const EidProgress *progress = &service->progress;
  GVariantBuilder report;

  if (!service->progress_waits)
    return;
  service->progress_waits = FALSE;
  service->progress_sent = g_get_monotonic_time ();
  g_variant_builder_init (&report, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&report, "{sv}", "step", g_variant_new_uint64 (progress->step));
  g_variant_builder_add (&report, "{sv}", "steps", g_variant_new_uint64 (progress->steps));
  add_number (&report, "loss", progress->loss);
  add_number (&report, "chance", progress->chance);
  add_number (&report, "learning-rate", progress->learning_rate);
  add_number (&report, "gradient-norm", progress->gradient_norm);
  add_number (&report, "samples-per-second", progress->samples_per_second);
  add_number (&report, "seconds-left", progress->seconds_left);
  emit (service, interface_name (), "Progress", g_variant_new ("(a{sv})", &report));
}

/* --- What the trainer tells --------------------------------------------------- */

static void
on_preparing (const char *what, gpointer user_data)
{
  Service *service = user_data;

  set_state (service, service->state, what);
}

static void
on_progress (const EidProgress *progress, gpointer user_data)
{
  Service *service = user_data;

  service->progress = *progress;
  service->progress_waits = TRUE;
  if (g_get_monotonic_time () - service->progress_sent >= PROGRESS_INTERVAL)
    send_progress (service);
}

static void
on_evaluated (const EidEvaluation *evaluation, gpointer user_data)
{
  GVariantBuilder report;

  g_variant_builder_init (&report, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&report, "{sv}", "step", g_variant_new_uint64 (evaluation->step));
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    add_number (&report, eid_evaluation_fields[i].name,
                EID_EVALUATION_VALUE (evaluation, &eid_evaluation_fields[i]));
  emit (user_data, interface_name (), "Evaluated", g_variant_new ("(a{sv})", &report));
}

static void
on_event (guint64 step, const char *kind, const char *text, gpointer user_data)
{
  emit (user_data, interface_name (), "Event", g_variant_new ("(tss)", step, kind, text));
}

static EidListener
listener_of (Service *service)
{
  return (EidListener){ on_preparing, on_progress, on_evaluated, on_event, service };
}

/* --- Answers -------------------------------------------------------------------- */

static void
answer (Request *request, GVariant *values)
{
  g_dbus_method_invocation_return_value (g_steal_pointer (&request->invocation), values);
}

static void
refuse (Request *request, const char *name, const char *message)
{
  g_dbus_method_invocation_return_dbus_error (g_steal_pointer (&request->invocation), name, message);
}

/* Takes @error. */
static void
answer_error (Request *request, GError *error)
{
  refuse (request, eid_failure_dbus_name (error), error->message);
  g_error_free (error);
}

static void
answer_usage (Request *request, const char *sentence)
{
  refuse (request, "org.eidoscope.Error.Usage", sentence);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  if (request->invocation != NULL)
    refuse (request, "org.eidoscope.Error.Failed", _ ("The engine is leaving."));
  g_free (request);
}

/* --- A run ------------------------------------------------------------------------ */

static gboolean
is_under_way (Service *service)
{
  return service->state == EID_STATE_RUNNING || service->state == EID_STATE_PAUSED
         || service->state == EID_STATE_PREPARING;
}

/* Looks that waited for a newer state of another run are due with the first. */
static void
adopt (Service *service, EidTrainer *trainer)
{
  service->trainer = trainer;
  service->one_step = FALSE;
  service->look_after = 0;
  for (GList *link = service->looks.head; link != NULL; link = link->next)
    ((Request *) link->data)->since = 0;
}

static void
fail (Service *service, GError *error)
{
  send_progress (service);
  set_state (service, EID_STATE_FAILED, error->message);
  g_error_free (error);
}

static gboolean
prepare_for_new (Service *service, Request *request)
{
  if (is_under_way (service))
    {
      answer_usage (request, _ ("A run is going on: stop it before another begins."));
      return FALSE;
    }
  g_clear_pointer (&service->trainer, eid_trainer_free);
  service->progress_waits = FALSE;
  set_state (service, EID_STATE_PREPARING, "");
  return TRUE;
}

/* Takes @error, which is the state of things from here on, too. */
static void
refuse_new (Service *service, Request *request, GError *error)
{
  set_state (service, EID_STATE_FAILED, error->message);
  answer_error (request, error);
}

static const char *
text_or_null (const char *text)
{
  return *text != '\0' ? text : NULL;
}

static void
do_start (Service *service, Request *request, GVariant *arguments)
{
  const EidListener listener = listener_of (service);
  const char *text, *device, *folder;
  GError *error = NULL;
  EidRecipe *recipe;
  EidTrainer *trainer;

  g_variant_get (arguments, "(&s&s&s)", &text, &device, &folder);
  if (!prepare_for_new (service, request))
    return;
  recipe = eid_recipe_parse (text, _ ("recipe"), &error);
  trainer = recipe != NULL ? eid_trainer_new (recipe, service->registry, text_or_null (device),
                                              text_or_null (folder), &listener, &error)
                           : NULL;
  if (trainer == NULL)
    {
      refuse_new (service, request, error);
      return;
    }
  adopt (service, trainer);
  answer (request, g_variant_new ("(s)", eid_run_folder (eid_trainer_run (trainer))));
}

static void
set_done (Service *service)
{
  send_progress (service);
  set_state (service, EID_STATE_DONE, eid_run_folder (eid_trainer_run (service->trainer)));
}

static void
do_resume (Service *service, Request *request, GVariant *arguments)
{
  const EidListener listener = listener_of (service);
  const char *folder, *device;
  GError *error = NULL;
  EidTrainer *trainer;

  g_variant_get (arguments, "(&s&s)", &folder, &device);
  if (!prepare_for_new (service, request))
    return;
  trainer = eid_trainer_resume (folder, service->registry, text_or_null (device), 0, &listener, &error);
  if (trainer == NULL)
    {
      refuse_new (service, request, error);
      return;
    }
  adopt (service, trainer);
  answer (request, g_variant_new ("(t)", eid_trainer_setup (trainer)->step));
}

/* One step of the run, or its end. */
static void
advance (Service *service)
{
  GError *error = NULL;

  if (eid_trainer_is_done (service->trainer))
    {
      set_state (service, EID_STATE_RUNNING, "");
      if (!eid_trainer_finish (service->trainer, &error))
        fail (service, error);
      else
        set_done (service);
      return;
    }
  if (!eid_trainer_step (service->trainer, &error))
    {
      fail (service, error);
      return;
    }
  if (!service->one_step)
    {
      set_state (service, EID_STATE_RUNNING, "");
      return;
    }
  service->one_step = FALSE;
  if (!eid_trainer_settle (service->trainer, &error))
    {
      fail (service, error);
      return;
    }
  send_progress (service);
  set_state (service, EID_STATE_PAUSED, "");
}

static gboolean
check_under_way (Service *service, Request *request)
{
  if (is_under_way (service))
    return TRUE;
  answer_usage (request, _ ("No run is going on: start or resume one."));
  return FALSE;
}

static void
do_pause (Service *service, Request *request, GVariant *arguments)
{
  GError *error = NULL;

  if (!check_under_way (service, request))
    return;
  if (!eid_trainer_settle (service->trainer, &error))
    {
      fail (service, g_error_copy (error));
      answer_error (request, error);
      return;
    }
  send_progress (service);
  set_state (service, EID_STATE_PAUSED, "");
  answer (request, NULL);
}

static void
do_continue (Service *service, Request *request, GVariant *arguments)
{
  if (!check_under_way (service, request))
    return;
  service->one_step = FALSE;
  set_state (service, EID_STATE_RUNNING, "");
  answer (request, NULL);
}

static void
do_step (Service *service, Request *request, GVariant *arguments)
{
  if (!check_under_way (service, request))
    return;
  service->one_step = TRUE;
  answer (request, NULL);
}

static void
do_stop (Service *service, Request *request, GVariant *arguments)
{
  GError *error = NULL;

  if (!check_under_way (service, request))
    return;
  if (!eid_trainer_save (service->trainer, &error)
      || !eid_run_sync (eid_trainer_run (service->trainer), &error))
    {
      fail (service, g_error_copy (error));
      answer_error (request, error);
      return;
    }
  set_done (service);
  answer (request, NULL);
}

static void
do_set (Service *service, Request *request, GVariant *arguments)
{
  const char *section, *key, *value;
  GError *error = NULL;

  g_variant_get (arguments, "(&s&s&s)", &section, &key, &value);
  if (!check_under_way (service, request))
    return;
  if (eid_trainer_set (service->trainer, section, key, value, &error))
    answer (request, NULL);
  else
    answer_error (request, error);
}

/* --- Asking ------------------------------------------------------------------------- */

static void
do_list_devices (Service *service, Request *request, GVariant *arguments)
{
  answer (request, eid_list_devices ());
}

static void
do_list_plugins (Service *service, Request *request, GVariant *arguments)
{
  answer (request, eid_list_plugins (service->registry));
}

static void
do_resolve_recipe (Service *service, Request *request, GVariant *arguments)
{
  const char *recipe;
  GError *error = NULL;
  GVariant *resolved;

  g_variant_get (arguments, "(&s)", &recipe);
  resolved = eid_resolved_recipe (service->registry, recipe, &error);
  if (resolved != NULL)
    answer (request, resolved);
  else
    answer_error (request, error);
}

static void
do_history (Service *service, Request *request, GVariant *arguments)
{
  EidRun *run = service->trainer != NULL ? eid_trainer_run (service->trainer) : NULL;
  g_auto (GVariantBuilder) out = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sa(td)}"));
  GError *error = NULL;
  g_auto (GStrv) names = run != NULL ? eid_run_metric_names (run, &error) : g_new0 (char *, 1);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GArray) series = eid_run_metric_series (run, names[i], &error);

      if (series == NULL)
        break;
      g_variant_builder_open (&out, G_VARIANT_TYPE ("{sa(td)}"));
      g_variant_builder_add (&out, "s", names[i]);
      g_variant_builder_open (&out, G_VARIANT_TYPE ("a(td)"));
      for (guint j = 0; j < series->len; j++)
        {
          const EidPoint *point = &g_array_index (series, EidPoint, j);

          g_variant_builder_add (&out, "(td)", point->step, point->value);
        }
      g_variant_builder_close (&out);
      g_variant_builder_close (&out);
    }
  if (error != NULL)
    answer_error (request, error);
  else
    answer (request, g_variant_new ("(a{sa(td)})", &out));
}

/* --- Looks ---------------------------------------------------------------------------- */

/* Whether there is something to show that the asker has not seen. */
static gboolean
is_due (Service *service, const Request *look)
{
  const guint64 step = eid_trainer_setup (service->trainer)->step;

  if (step == 0 || (look->since != 0 && step <= look->since))
    return FALSE;
  return service->state != EID_STATE_RUNNING || look->since == 0
         || g_get_monotonic_time () >= service->look_after;
}

static void
answer_look (Service *service, Request *look)
{
  const gint64 started = g_get_monotonic_time ();
  GVariant *arguments = g_dbus_method_invocation_get_parameters (look->invocation);
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  const char *view;
  GError *error = NULL;
  GVariant *picture;

  g_variant_get_child (arguments, 0, "&s", &view);
  picture = eid_look (service->trainer, view, options, &error);
  if (picture == NULL)
    answer_error (look, error);
  else
    answer (look, g_variant_new ("(t@a{sv})", eid_trainer_setup (service->trainer)->step, picture));

  /* So much time for steps before the next look that the share is kept. */
  service->look_after =
      g_get_monotonic_time ()
      + (gint64) ((double) (g_get_monotonic_time () - started) * (1 - LOOK_SHARE) / LOOK_SHARE);
}

/* Answers what can be answered now: one look between two steps while the run
 * goes on, else all that are due.                                            */
static void
answer_looks (Service *service)
{
  GList *link = service->looks.head;

  if (service->trainer == NULL || service->state == EID_STATE_PREPARING)
    return;
  while (link != NULL)
    {
      GList *next = link->next;
      Request *look = link->data;

      if (is_due (service, look))
        {
          answer_look (service, look);
          request_free (look);
          g_queue_delete_link (&service->looks, link);
          if (service->state == EID_STATE_RUNNING)
            return;
        }
      link = next;
    }
}

static void
do_look (Service *service, Request *request, GVariant *arguments)
{
  Request *look;

  if (service->trainer == NULL || service->state == EID_STATE_FAILED)
    {
      answer_usage (request, service->state == EID_STATE_FAILED && service->message != NULL
                                 ? service->message
                                 : _ ("There is no run to look at: start or resume one."));
      return;
    }
  look = g_new0 (Request, 1);
  look->invocation = g_steal_pointer (&request->invocation);
  g_variant_get_child (arguments, 2, "t", &look->since);
  g_queue_push_tail (&service->looks, look);
}

/* A run that has failed shows nothing any more. */
static void
refuse_looks (Service *service)
{
  Request *look;

  while ((look = g_queue_pop_head (&service->looks)) != NULL)
    {
      answer_usage (look, service->message);
      request_free (look);
    }
}

/* --- The working thread ------------------------------------------------------------------ */

static const struct
{
  const char *name;
  void (*run) (Service *service, Request *request, GVariant *arguments);
} methods[] = {
  { "ListDevices", do_list_devices },
  { "ListPlugins", do_list_plugins },
  { "ResolveRecipe", do_resolve_recipe },
  { "Start", do_start },
  { "Resume", do_resume },
  { "Pause", do_pause },
  { "Continue", do_continue },
  { "Step", do_step },
  { "Stop", do_stop },
  { "Set", do_set },
  { "Look", do_look },
  { "History", do_history },
};

static void
run_request (Service *service, Request *request)
{
  const char *name = g_dbus_method_invocation_get_method_name (request->invocation);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, name))
      {
        methods[i].run (service, request, g_dbus_method_invocation_get_parameters (request->invocation));
        return;
      }
}

static gboolean
has_step_to_make (Service *service)
{
  return service->trainer != NULL
         && (service->state == EID_STATE_RUNNING || service->state == EID_STATE_PREPARING
             || (service->state == EID_STATE_PAUSED && service->one_step));
}

/* The next request, waiting for one unless there is a step to make. NULL: none
 * now. FALSE when it is time to leave.                                       */
static gboolean
take_request (Service *service, Request **request)
{
  gboolean stay;

  g_mutex_lock (&service->mutex);
  while (!service->quit && service->requests.length == 0 && !has_step_to_make (service))
    g_cond_wait (&service->changed, &service->mutex);
  stay = !service->quit;
  *request = stay ? g_queue_pop_head (&service->requests) : NULL;
  g_mutex_unlock (&service->mutex);
  return stay;
}

/* Nobody listens any more: what was trained is kept. */
static void
leave (Service *service)
{
  if (service->trainer != NULL && is_under_way (service))
    {
      g_autoptr (GError) error = NULL;

      if (!eid_trainer_save (service->trainer, &error))
        g_message ("%s", error->message);
    }
  g_queue_clear_full (&service->looks, request_free);
  g_clear_pointer (&service->trainer, eid_trainer_free);
  g_clear_pointer (&service->registry, eid_registry_free);

  g_mutex_lock (&service->mutex);
  g_queue_clear_full (&service->requests, request_free);
  service->left = TRUE;
  g_cond_broadcast (&service->changed);
  g_mutex_unlock (&service->mutex);
}

static gpointer
work (gpointer data)
{
  Service *service = data;
  Request *request;

  service->registry = eid_registry_new ();
  while (take_request (service, &request))
    {
      if (request != NULL)
        {
          run_request (service, request);
          request_free (request);
        }
      else if (has_step_to_make (service))
        advance (service);
      if (service->state == EID_STATE_FAILED)
        refuse_looks (service);
      else
        answer_looks (service);
    }
  leave (service);
  return NULL;
}

/* --- The bus's thread -------------------------------------------------------------------- */

static void
on_method_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
                const char *method, GVariant *arguments, GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  Service *service = user_data;
  Request *request = g_new0 (Request, 1);

  request->invocation = invocation;
  g_mutex_lock (&service->mutex);
  g_queue_push_tail (&service->requests, request);
  g_cond_broadcast (&service->changed);
  g_mutex_unlock (&service->mutex);
}

static GVariant *
on_get_property (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
                 const char *property, GError **error, gpointer user_data)
{
  Service *service = user_data;
  GVariant *value;

  g_mutex_lock (&service->mutex);
  value = g_variant_new_string (g_str_equal (property, "State") ? eid_state_to_text (service->state)
                                                                : service->message);
  g_mutex_unlock (&service->mutex);
  return value;
}

static void
on_closed (GDBusConnection *connection, gboolean by_peer, GError *error, gpointer user_data)
{
  g_main_loop_quit (((Service *) user_data)->loop);
}

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (((Service *) user_data)->loop);
  return G_SOURCE_REMOVE;
}

/* From any thread; also when the loop does not run yet. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, user_data, NULL);
  g_source_attach (source, g_main_loop_get_context (((Service *) user_data)->loop));
}

/* Asks the working thread to leave. One that hangs in a plugin or a driver is
 * not waited for: the process ends under it.                                 */
static void
part_from (Service *service, GThread *thread)
{
  const gint64 deadline = g_get_monotonic_time () + FAREWELL_SECONDS * G_USEC_PER_SEC;
  gboolean left;

  g_mutex_lock (&service->mutex);
  service->quit = TRUE;
  g_cond_broadcast (&service->changed);
  while (!service->left && g_cond_wait_until (&service->changed, &service->mutex, deadline))
    ;
  left = service->left;
  g_mutex_unlock (&service->mutex);
  if (!left)
    {
      g_message (_ ("The engine did not come back from a step in %d seconds and is ended."),
                 FAREWELL_SECONDS);
      _exit (1);
    }
  g_thread_join (thread);
}

gboolean
eid_service_run (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_method_call,
                                               .get_property = on_get_property };
  g_autoptr (GMainContext) context = g_main_context_new ();
  Service service = { .message = g_strdup (""), .state = EID_STATE_IDLE };
  gulong closed, cancelled = 0;
  GThread *thread;

  g_main_context_push_thread_default (context);
  service.connection = eid_wire_connect (stream, EID_WIRE_ENGINE, cancellable, error);
  if (service.connection == NULL
      || g_dbus_connection_register_object (service.connection, EID_WIRE_PATH,
                                            eid_wire_engine_interface_info (), &vtable, &service, NULL, error)
             == 0)
    {
      g_main_context_pop_thread_default (context);
      g_clear_object (&service.connection);
      g_free (service.message);
      return FALSE;
    }

  g_mutex_init (&service.mutex);
  g_cond_init (&service.changed);
  service.loop = g_main_loop_new (context, FALSE);
  closed = g_signal_connect (service.connection, "closed", G_CALLBACK (on_closed), &service);
  thread = g_thread_new ("engine", work, &service);
  g_dbus_connection_set_exit_on_close (service.connection, FALSE);
  g_dbus_connection_start_message_processing (service.connection);
  if (cancellable != NULL)
    cancelled = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), &service, NULL);

  if (!g_dbus_connection_is_closed (service.connection))
    g_main_loop_run (service.loop);

  g_cancellable_disconnect (cancellable, cancelled);
  part_from (&service, thread);
  g_signal_handler_disconnect (service.connection, closed);
  g_dbus_connection_close_sync (service.connection, NULL, NULL);
  g_main_context_pop_thread_default (context);
  g_object_unref (service.connection);
  g_main_loop_unref (service.loop);
  g_cond_clear (&service.changed);
  g_mutex_clear (&service.mutex);
  g_free (service.message);
  return TRUE;
}
