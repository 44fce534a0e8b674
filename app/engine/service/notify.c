/* notify.c: the service speaks: signals of state and progress, answers and
 * refusals of requests.                                                      */
#include "app/engine/service/private.h"

#include "app/engine/setup/status.h"
#include "app/engine/views/pack-health.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

/* --- Signals ---------------------------------------------------------------- */

static void
emit (EidService *service, const char *interface, const char *signal, GVariant *arguments)
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

void
eid_service_set_state (EidService *service, EidState state, const char *message)
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

void
eid_service_drop_progress (EidService *service)
{
  service->progress_waits = FALSE;
  if (service->points != NULL)
    g_array_set_size (service->points, 0);
}

static void
add_points (GVariantBuilder *report, const GArray *points)
{
  g_variant_builder_open (report, G_VARIANT_TYPE ("{sv}"));
  g_variant_builder_add (report, "s", "points");
  g_variant_builder_open (report, G_VARIANT_TYPE_VARIANT);
  g_variant_builder_open (report, G_VARIANT_TYPE ("a(tddd)"));
  for (guint i = 0; i < points->len; i++)
    {
      const EidProgress *point = &g_array_index (points, EidProgress, i);

      g_variant_builder_add (report, "(tddd)", point->step, point->loss, point->learning_rate,
                             point->gradient_norm);
    }
  g_variant_builder_close (report);
  g_variant_builder_close (report);
  g_variant_builder_close (report);
}

void
eid_service_send_progress (EidService *service)
{
  const EidProgress *progress = &service->progress;
  GVariantBuilder report;

  if (!service->progress_waits)
    return;
  service->progress_sent = g_get_monotonic_time ();
  g_variant_builder_init (&report, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&report, "{sv}", "step", g_variant_new_uint64 (progress->step));
  g_variant_builder_add (&report, "{sv}", "steps", g_variant_new_uint64 (progress->steps));
  add_number (&report, "loss", progress->loss);
  add_number (&report, "chance", progress->chance);
  add_number (&report, "learning-rate", progress->learning_rate);
  add_number (&report, "gradient-norm", progress->gradient_norm);
  add_number (&report, "samples-per-second", progress->samples_per_second);
  add_number (&report, "tokens-per-second", progress->tokens_per_second);
  add_number (&report, "seconds-left", progress->seconds_left);
  g_variant_builder_add (&report, "{sv}", "memory", g_variant_new_uint64 (progress->device_bytes));
  add_points (&report, service->points);
  eid_service_drop_progress (service);
  emit (service, interface_name (), "Progress", g_variant_new ("(a{sv})", &report));
}

/* --- What the trainer tells --------------------------------------------------- */

static void
on_preparing (const char *what, gpointer user_data)
{
  EidService *service = user_data;

  eid_service_set_state (service, service->state, what);
}

static void
on_progress (const EidProgress *progress, gpointer user_data)
{
  EidService *service = user_data;

  if (service->points == NULL)
    service->points = g_array_new (FALSE, FALSE, sizeof (EidProgress));
  g_array_append_vals (service->points, progress, 1);
  service->progress = *progress;
  service->progress_waits = TRUE;
  if (g_get_monotonic_time () - service->progress_sent >= PROGRESS_INTERVAL)
    eid_service_send_progress (service);
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

static void
on_health (const EidHealthReport *health, gpointer user_data)
{
  emit (user_data, interface_name (), "Health", g_variant_new ("(@a{sv})", eid_health_on_the_wire (health)));
}

/* Whether what ends or moves the run waits to be answered. */
static gboolean
on_hurried (gpointer user_data)
{
  static const char *const methods[] = { "Pause", "Stop", "Undo", "Branch", NULL };
  EidService *service = user_data;
  gboolean hurried;

  g_mutex_lock (&service->mutex);
  hurried = service->quit;
  for (GList *link = service->requests.head; link != NULL && !hurried; link = link->next)
    hurried = g_strv_contains (
        methods, g_dbus_method_invocation_get_method_name (((EidRequest *) link->data)->invocation));
  g_mutex_unlock (&service->mutex);
  return hurried;
}

EidListener
eid_service_listener (EidService *service)
{
  return (EidListener){ on_preparing, on_progress, on_evaluated, on_event, on_health, on_hurried, service };
}

/* --- Answers -------------------------------------------------------------------- */

void
eid_request_answer (EidRequest *request, GVariant *values)
{
  g_dbus_method_invocation_return_value (g_steal_pointer (&request->invocation), values);
}

static void
refuse (EidRequest *request, const char *name, const char *message)
{
  g_dbus_method_invocation_return_dbus_error (g_steal_pointer (&request->invocation), name, message);
}

/* Takes @error. */
void
eid_request_fail (EidRequest *request, GError *error)
{
  refuse (request, eid_failure_dbus_name (error), error->message);
  g_error_free (error);
}

void
eid_request_refuse (EidRequest *request, const char *sentence)
{
  refuse (request, "org.eidoscope.Error.Usage", sentence);
}

void
eid_request_free (gpointer data)
{
  EidRequest *request = data;

  if (request->invocation != NULL)
    refuse (request, "org.eidoscope.Error.Failed", _ ("The engine is leaving."));
  g_free (request);
}
