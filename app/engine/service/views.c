/* views.c: requests that change nothing: lists, the history, and looks,
 * which wait until there is something new and time to show it.               */
#include "app/engine/service/private.h"

#include "app/engine/service/listing.h"
#include "app/engine/views/pack-health.h"
#include "app/engine/views/views.h"
#include "app/engine/views/thumbnail.h"

#include <glib/gi18n-lib.h>

/* --- Asking ------------------------------------------------------------------------- */

void
eid_service_list_devices (EidService *service, EidRequest *request, GVariant *arguments)
{
  eid_request_answer (request, eid_list_devices ());
}

void
eid_service_list_plugins (EidService *service, EidRequest *request, GVariant *arguments)
{
  eid_registry_refresh (service->registry);
  eid_request_answer (request, eid_list_plugins (service->registry));
}

void
eid_service_retry_plugin (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *plugin;
  GError *error = NULL;

  g_variant_get (arguments, "(&s)", &plugin);
  if (eid_registry_retry (service->registry, plugin, &error))
    eid_request_answer (request, NULL);
  else
    eid_request_fail (request, error);
}

void
eid_service_resolve_recipe (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *recipe;
  GError *error = NULL;
  GVariant *resolved;

  g_variant_get (arguments, "(&s)", &recipe);
  resolved = eid_resolved_recipe (service->registry, recipe, &error);
  if (resolved != NULL)
    eid_request_answer (request, resolved);
  else
    eid_request_fail (request, error);
}

void
eid_service_history (EidService *service, EidRequest *request, GVariant *arguments)
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
    eid_request_fail (request, error);
  else
    eid_request_answer (request, g_variant_new ("(a{sa(td)})", &out));
}

void
eid_service_preview (EidService *service, EidRequest *request, GVariant *arguments)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  const char *text;
  GError *error = NULL;
  GVariant *picture;

  if (eid_service_is_under_way (service))
    {
      eid_request_refuse (request, _ ("A run is going on: look at its augmentations instead."));
      return;
    }
  g_variant_get_child (arguments, 0, "&s", &text);
  if (service->preview == NULL)
    service->preview = eid_preview_new (service->registry);
  picture = eid_preview_look (service->preview, text, options, &error);
  if (picture != NULL)
    eid_request_answer (request, g_variant_new ("(@a{sv})", picture));
  else
    eid_request_fail (request, error);
}

/* --- Looks ---------------------------------------------------------------------------- */

/* Whether there is something to show that the asker has not seen. */
static gboolean
is_due (EidService *service, const EidRequest *look)
{
  const guint64 step = eid_trainer_setup (service->trainer)->step;

  if (step == 0 || (look->since != 0 && step <= look->since))
    return FALSE;
  return service->state != EID_STATE_RUNNING || look->since == 0
         || g_get_monotonic_time () >= service->look_after;
}

/* What cannot be drawn again once a run was opened from the disk is in its history, if
 * the present step has a moment; clears @error then.                          */
static GVariant *
present_of_history (EidService *service, const char *view, GError **error)
{
  const guint64 now = eid_trainer_setup (service->trainer)->step;
  g_autoptr (GVariant) picture = NULL;
  guint64 step = 0;

  picture = eid_run_moment_at (eid_trainer_run (service->trainer), view, now, &step, NULL);
  if (picture == NULL || step != now)
    return NULL;
  g_clear_error (error);
  return eid_thumbnail_enlarge (view, picture);
}

static void
answer_look (EidService *service, EidRequest *look)
{
  const gint64 started = g_get_monotonic_time ();
  GVariant *arguments = g_dbus_method_invocation_get_parameters (look->invocation);
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  g_autofree char *message = g_strdup (service->message);
  EidViewContext context;
  const char *view;
  GError *error = NULL;
  g_autoptr (GVariant) picture = NULL;

  g_variant_get_child (arguments, 0, "&s", &view);
  context = eid_trainer_view_context (service->trainer);
  picture = eid_look (&context, view, options, &error);
  if (picture != NULL)
    g_variant_ref_sink (picture);
  else if (!g_error_matches (error, EID_ERROR, EID_ERROR_USAGE))
    picture = present_of_history (service, view, &error);
  /* What was told meanwhile, of kernels being compiled, is over. */
  eid_service_set_state (service, service->state, message);
  if (picture == NULL)
    eid_request_fail (look, error);
  else
    eid_request_answer (look,
                        g_variant_new ("(t@a{sv})", eid_trainer_setup (service->trainer)->step, picture));

  service->look_after = g_get_monotonic_time () + eid_look_pause (g_get_monotonic_time () - started);
}

/* As it was at some step: of the history, at once and in whatever state. */
static void
answer_from_history (EidService *service, EidRequest *request, const char *view, guint64 at)
{
  g_autoptr (GVariant) picture = NULL;
  GError *error = NULL;
  guint64 step = 0;

  picture = eid_run_moment_at (eid_trainer_run (service->trainer), view, at, &step, &error);
  if (picture != NULL)
    {
      g_autoptr (GVariant) whole = eid_thumbnail_enlarge (view, picture);

      eid_request_answer (request, g_variant_new ("(t@a{sv})", step, whole));
    }
  else if (error != NULL)
    eid_request_fail (request, error);
  else
    eid_request_refuse (request, _ ("The run has kept no picture of this view. A run keeps them while it is "
                                    "trained, if [Run] moments leaves room for them."));
}

/* Every look at the health is kept, in numbers; no moment needs to be. */
static void
answer_past_health (EidService *service, EidRequest *request, guint64 at)
{
  GError *error = NULL;
  EidHealthReport report;

  if (eid_trainer_health_at (service->trainer, at, &report, &error))
    {
      eid_request_answer (request, g_variant_new ("(t@a{sv})", report.vitals->step, eid_health_on_the_wire (&report)));
      return;
    }
  if (error == NULL)
    eid_fail_no_health (&error);
  eid_request_fail (request, error);
}

/* Answers what can be answered now: one look between two steps while the run
 * goes on, else all that are due.                                            */
void
eid_service_answer_looks (EidService *service)
{
  GList *link = service->looks.head;

  if (service->trainer == NULL || service->state == EID_STATE_PREPARING)
    return;
  while (link != NULL)
    {
      GList *next = link->next;
      EidRequest *look = link->data;

      if (is_due (service, look))
        {
          answer_look (service, look);
          eid_request_free (look);
          g_queue_delete_link (&service->looks, link);
          if (service->state == EID_STATE_RUNNING)
            return;
        }
      link = next;
    }
}

void
eid_service_look (EidService *service, EidRequest *request, GVariant *arguments)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (arguments, 1);
  EidRequest *look;
  const char *view;
  guint64 at;

  g_variant_get_child (arguments, 0, "&s", &view);
  if (service->trainer != NULL && g_variant_lookup (options, "at", "t", &at))
    {
      if (g_str_equal (view, EID_WIRE_VIEW_HEALTH))
        {
          answer_past_health (service, request, at);
          return;
        }
      answer_from_history (service, request, view, at);
      return;
    }
  if (service->trainer == NULL || service->state == EID_STATE_FAILED)
    {
      eid_request_refuse (request, service->state == EID_STATE_FAILED && service->message != NULL
                                       ? service->message
                                       : _ ("There is no run to look at: start or resume one."));
      return;
    }
  look = g_new0 (EidRequest, 1);
  look->invocation = g_steal_pointer (&request->invocation);
  g_variant_get_child (arguments, 2, "t", &look->since);
  g_queue_push_tail (&service->looks, look);
}

/* A run that has failed shows nothing any more. */
void
eid_service_refuse_looks (EidService *service)
{
  EidRequest *look;

  while ((look = g_queue_pop_head (&service->looks)) != NULL)
    {
      eid_request_refuse (look, service->message);
      eid_request_free (look);
    }
}
