/* run.c: requests that begin, steer and end a run, and its steps. */
#include "app/engine/service/private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- A run ------------------------------------------------------------------------ */

gboolean
eid_service_is_under_way (EidService *service)
{
  return service->state == EID_STATE_RUNNING || service->state == EID_STATE_PAUSED
         || service->state == EID_STATE_PREPARING;
}

/* Looks that waited for a newer state of another run are due with the first. */
static void
adopt (EidService *service, EidTrainer *trainer)
{
  service->trainer = trainer;
  service->one_step = FALSE;
  service->look_after = 0;
  for (GList *link = service->looks.head; link != NULL; link = link->next)
    ((EidRequest *) link->data)->since = 0;
}

static void
fail (EidService *service, GError *error)
{
  eid_service_send_progress (service);
  eid_service_set_state (service, EID_STATE_FAILED, error->message);
  g_error_free (error);
}

static gboolean
prepare_for_new (EidService *service, EidRequest *request)
{
  if (eid_service_is_under_way (service))
    {
      eid_request_refuse (request, _ ("A run is going on: stop it before another begins."));
      return FALSE;
    }
  g_clear_pointer (&service->trainer, eid_trainer_free);
  g_clear_pointer (&service->preview, eid_preview_free);
  eid_service_drop_progress (service);
  eid_service_set_state (service, EID_STATE_PREPARING, "");
  return TRUE;
}

/* Takes @error, which is the state of things from here on, too. */
static void
refuse_new (EidService *service, EidRequest *request, GError *error)
{
  eid_service_set_state (service, EID_STATE_FAILED, error->message);
  eid_request_fail (request, error);
}

static const char *
text_or_null (const char *text)
{
  return *text != '\0' ? text : NULL;
}

static void
remember_device (EidService *service, const char *device)
{
  g_free (service->device);
  service->device = g_strdup (device);
}

void
eid_service_start (EidService *service, EidRequest *request, GVariant *arguments)
{
  const EidListener listener = eid_service_listener (service);
  const char *text, *device, *folder;
  GError *error = NULL;
  EidRecipe *recipe;
  EidTrainer *trainer;

  g_variant_get (arguments, "(&s&s&s)", &text, &device, &folder);
  if (!prepare_for_new (service, request))
    return;
  remember_device (service, device);
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
  eid_request_answer (request, g_variant_new ("(s)", eid_run_folder (eid_trainer_run (trainer))));
}

static void
set_done (EidService *service)
{
  eid_service_send_progress (service);
  eid_service_set_state (service, EID_STATE_DONE, eid_run_folder (eid_trainer_run (service->trainer)));
}

static EidTrainer *
take (EidService *service, const char *folder, gboolean as_it_stands, GError **error)
{
  const EidListener listener = eid_service_listener (service);
  GError *cause = NULL;
  EidTrainer *trainer;

  g_clear_pointer (&service->trainer, eid_trainer_free);
  eid_service_drop_progress (service);
  eid_service_set_state (service, EID_STATE_PREPARING, "");
  trainer = as_it_stands ? eid_trainer_open (folder, service->registry, text_or_null (service->device),
                                             &listener, &cause)
                         : eid_trainer_resume (folder, service->registry, text_or_null (service->device), 0,
                                               &listener, &cause);
  if (trainer == NULL)
    {
      eid_service_set_state (service, EID_STATE_FAILED, cause->message);
      g_propagate_error (error, cause);
      return NULL;
    }
  adopt (service, trainer);
  return trainer;
}

EidTrainer *
eid_service_take_up (EidService *service, const char *folder, GError **error)
{
  return take (service, folder, FALSE, error);
}

/* Whoever goes on with a run after a crash wants its plugins to be tried again. */
static void
forgive_plugins (EidService *service, const char *folder)
{
  g_autoptr (EidRun) run = eid_run_open (folder, FALSE, NULL);

  if (run == NULL)
    return;
  eid_registry_retry (service->registry, eid_recipe_text (eid_run_recipe (run), "Encoder", "plugin"), NULL);
  eid_registry_retry (service->registry, eid_recipe_text (eid_run_recipe (run), "Objective", "plugin"), NULL);
}

gboolean
eid_service_prepare_for (EidService *service, EidRequest *request, const char *folder, const char *device)
{
  if (!prepare_for_new (service, request))
    return FALSE;
  remember_device (service, device);
  forgive_plugins (service, folder);
  return TRUE;
}

void
eid_service_resume (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *folder, *device;
  GError *error = NULL;
  EidTrainer *trainer;

  g_variant_get (arguments, "(&s&s)", &folder, &device);
  if (!eid_service_prepare_for (service, request, folder, device))
    return;
  trainer = eid_service_take_up (service, folder, &error);
  if (trainer == NULL)
    {
      eid_request_fail (request, error);
      return;
    }
  eid_request_answer (request, g_variant_new ("(t)", eid_trainer_setup (trainer)->step));
}

void
eid_service_open (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *folder, *device;
  GError *error = NULL;
  EidTrainer *trainer;

  g_variant_get (arguments, "(&s&s)", &folder, &device);
  if (!eid_service_prepare_for (service, request, folder, device))
    return;
  trainer = take (service, folder, TRUE, &error);
  if (trainer == NULL)
    {
      eid_request_fail (request, error);
      return;
    }
  eid_service_set_state (service, EID_STATE_DONE, eid_run_folder (eid_trainer_run (trainer)));
  eid_request_answer (request, g_variant_new ("(t)", eid_trainer_setup (trainer)->step));
}

/* One step of the run, or its end. */
void
eid_service_advance (EidService *service)
{
  GError *error = NULL;

  if (eid_trainer_is_done (service->trainer))
    {
      eid_service_set_state (service, EID_STATE_RUNNING, "");
      if (!eid_trainer_finish (service->trainer, &error))
        fail (service, error);
      else if (!eid_trainer_evaluation_waits (service->trainer))
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
      eid_service_set_state (service, EID_STATE_RUNNING, "");
      return;
    }
  service->one_step = FALSE;
  if (!eid_trainer_settle (service->trainer, &error))
    {
      fail (service, error);
      return;
    }
  eid_service_send_progress (service);
  eid_service_set_state (service, EID_STATE_PAUSED, "");
}

static gboolean
check_under_way (EidService *service, EidRequest *request)
{
  if (eid_service_is_under_way (service))
    return TRUE;
  eid_request_refuse (request, _ ("No run is going on: start or resume one."));
  return FALSE;
}

void
eid_service_pause (EidService *service, EidRequest *request, GVariant *arguments)
{
  GError *error = NULL;

  if (!check_under_way (service, request))
    return;
  if (!eid_trainer_settle (service->trainer, &error))
    {
      fail (service, g_error_copy (error));
      eid_request_fail (request, error);
      return;
    }
  eid_service_send_progress (service);
  eid_service_set_state (service, EID_STATE_PAUSED, "");
  eid_request_answer (request, NULL);
}

void
eid_service_continue (EidService *service, EidRequest *request, GVariant *arguments)
{
  if (!check_under_way (service, request))
    return;
  service->one_step = FALSE;
  eid_service_set_state (service, EID_STATE_RUNNING, "");
  eid_request_answer (request, NULL);
}

void
eid_service_step (EidService *service, EidRequest *request, GVariant *arguments)
{
  if (!check_under_way (service, request))
    return;
  service->one_step = TRUE;
  eid_request_answer (request, NULL);
}

void
eid_service_stop (EidService *service, EidRequest *request, GVariant *arguments)
{
  GError *error = NULL;

  if (!check_under_way (service, request))
    return;
  if (!eid_trainer_save (service->trainer, &error)
      || !eid_run_sync (eid_trainer_run (service->trainer), &error))
    {
      fail (service, g_error_copy (error));
      eid_request_fail (request, error);
      return;
    }
  set_done (service);
  eid_request_answer (request, NULL);
}

void
eid_service_set (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *section, *key, *value;
  GError *error = NULL;

  g_variant_get (arguments, "(&s&s&s)", &section, &key, &value);
  if (!check_under_way (service, request))
    return;
  if (eid_trainer_set (service->trainer, section, key, value, &error))
    eid_request_answer (request, NULL);
  else
    eid_request_fail (request, error);
}

gboolean
eid_service_has_step_to_make (EidService *service)
{
  return service->trainer != NULL
         && (service->state == EID_STATE_RUNNING || service->state == EID_STATE_PREPARING
             || (service->state == EID_STATE_PAUSED && service->one_step));
}
