/* service.c: two threads, one that hears D-Bus and one that works: requests, the
 * steps between them, and the looks due after each. What a request does is one
 * function in the table `methods`; see private.h for where each lies. */
#include "app/engine/service/service.h"

#include "app/engine/service/private.h"

#include "app/engine/setup/crash.h"
#include "app/engine/service/listing.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

/* How long a step in progress may hold the engine up once nobody listens. */
#define FAREWELL_SECONDS 20

/* --- The working thread ------------------------------------------------------------------ */

static const struct
{
  const char *name;
  void (*run) (EidService *service, EidRequest *request, GVariant *arguments);
} methods[] = {
  { "ListDevices", eid_service_list_devices },
  { "ListPlugins", eid_service_list_plugins },
  { "RetryPlugin", eid_service_retry_plugin },
  { "ResolveRecipe", eid_service_resolve_recipe },
  { "Survey", eid_service_survey },
  { "Estimate", eid_service_estimate },
  { "Start", eid_service_start },
  { "Resume", eid_service_resume },
  { "Open", eid_service_open },
  { "Pause", eid_service_pause },
  { "Continue", eid_service_continue },
  { "Step", eid_service_step },
  { "Stop", eid_service_stop },
  { "Set", eid_service_set },
  { "Save", eid_service_save },
  { "Undo", eid_service_undo },
  { "Branch", eid_service_branch },
  { "Keep", eid_service_keep },
  { "Replace", eid_service_replace },
  { "Timeline", eid_service_timeline },
  { "Look", eid_service_look },
  { "Preview", eid_service_preview },
  { "History", eid_service_history },
};

static void
run_request (EidService *service, EidRequest *request)
{
  const char *name = g_dbus_method_invocation_get_method_name (request->invocation);

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].name, name))
      {
        methods[i].run (service, request, g_dbus_method_invocation_get_parameters (request->invocation));
        return;
      }
}

/* The next request, waiting for one unless there is a step to make. NULL: none
 * now. FALSE when it is time to leave.                                       */
static gboolean
take_request (EidService *service, EidRequest **request)
{
  gboolean stay;

  g_mutex_lock (&service->mutex);
  while (!service->quit && service->requests.length == 0 && !eid_service_has_step_to_make (service))
    g_cond_wait (&service->changed, &service->mutex);
  stay = !service->quit;
  *request = stay ? g_queue_pop_head (&service->requests) : NULL;
  g_mutex_unlock (&service->mutex);
  return stay;
}

/* Nobody listens any more: what was trained is kept. */
static void
leave (EidService *service)
{
  if (service->trainer != NULL && eid_service_is_under_way (service))
    {
      g_autoptr (GError) error = NULL;

      if (!eid_trainer_save (service->trainer, &error))
        g_message ("%s", error->message);
    }
  g_queue_clear_full (&service->looks, eid_request_free);
  g_clear_pointer (&service->trainer, eid_trainer_free);
  g_clear_pointer (&service->preview, eid_preview_free);
  g_clear_pointer (&service->registry, eid_registry_free);
  g_clear_pointer (&service->points, g_array_unref);

  g_mutex_lock (&service->mutex);
  g_queue_clear_full (&service->requests, eid_request_free);
  service->left = TRUE;
  g_cond_broadcast (&service->changed);
  g_mutex_unlock (&service->mutex);
}

static gpointer
work (gpointer data)
{
  EidService *service = data;
  EidRequest *request;

  eid_crash_watch_stack ();
  service->registry = eid_registry_new ();
  while (take_request (service, &request))
    {
      if (request != NULL)
        {
          run_request (service, request);
          eid_request_free (request);
        }
      else if (eid_service_has_step_to_make (service))
        eid_service_advance (service);
      if (service->state == EID_STATE_FAILED)
        eid_service_refuse_looks (service);
      else
        eid_service_answer_looks (service);
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
  EidService *service = user_data;
  EidRequest *request = g_new0 (EidRequest, 1);

  request->invocation = invocation;
  /* Answered here, for the other thread is what it asks about. */
  if (g_str_equal (method, "Skip"))
    {
      eid_request_answer (request, g_variant_new ("(b)", eid_evaluation_skip ()));
      g_free (request);
      return;
    }
  if (g_str_equal (method, "Doing"))
    {
      eid_request_answer (request, eid_doing ());
      eid_request_free (request);
      return;
    }
  g_mutex_lock (&service->mutex);
  g_queue_push_tail (&service->requests, request);
  g_cond_broadcast (&service->changed);
  g_mutex_unlock (&service->mutex);
}

static GVariant *
on_get_property (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
                 const char *property, GError **error, gpointer user_data)
{
  EidService *service = user_data;
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
  g_main_loop_quit (((EidService *) user_data)->loop);
}

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (((EidService *) user_data)->loop);
  return G_SOURCE_REMOVE;
}

/* From any thread; also when the loop does not run yet. */
static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, user_data, NULL);
  g_source_attach (source, g_main_loop_get_context (((EidService *) user_data)->loop));
}

/* Asks the working thread to leave. One that hangs in a plugin or a driver is
 * not waited for: the process ends under it.                                 */
static void
part_from (EidService *service, GThread *thread)
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
  EidService service = { .message = g_strdup (""), .state = EID_STATE_IDLE };
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
  g_free (service.device);
  return TRUE;
}
