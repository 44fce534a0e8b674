/* history.c: requests that go back in a run or out of it: saved states, edits
 * undone, branches, moments kept; and what the time line shows of all that.   */
#include "app/engine/service/private.h"

#include "app/engine/setup/data-report.h"
#include "app/engine/views/pack-health.h"

#include <glib/gi18n-lib.h>
#include <math.h>

gboolean
eid_service_has_run (EidService *service, EidRequest *request)
{
  if (service->trainer != NULL)
    return TRUE;
  eid_request_refuse (request, _ ("There is no run: start or resume one."));
  return FALSE;
}

/* The run cannot go on after this error, which is told twice. */
static void
fail_both (EidService *service, EidRequest *request, GError *error)
{
  eid_service_set_state (service, EID_STATE_FAILED, error->message);
  eid_request_fail (request, error);
}

void
eid_service_save (EidService *service, EidRequest *request, GVariant *arguments)
{
  GError *error = NULL;

  if (!eid_service_has_run (service, request))
    return;
  if (!eid_service_is_under_way (service) || eid_trainer_setup (service->trainer)->step == 0)
    {
      eid_request_refuse (request, _ ("There is nothing to save: the run has not made a step yet, or has "
                                      "ended and is saved."));
      return;
    }
  if (!eid_trainer_save_for_good (service->trainer, &error))
    fail_both (service, request, error);
  else
    eid_request_answer (request, g_variant_new ("(t)", eid_trainer_setup (service->trainer)->step));
}

/* Of the run that @service has, or of the one in @folder. */
static gboolean
undo_in (EidService *service, const char *folder, char **edit, GError **error)
{
  g_autoptr (EidRun) opened = NULL;
  guint64 step;

  if (service->trainer != NULL)
    return eid_run_undo (eid_trainer_run (service->trainer), &step, edit, error);
  opened = eid_run_open (folder, TRUE, error);
  return opened != NULL && eid_run_undo (opened, &step, edit, error);
}

void
eid_service_undo (EidService *service, EidRequest *request, GVariant *arguments)
{
  const gboolean paused = service->state == EID_STATE_PAUSED;
  g_autofree char *folder = NULL, *edit = NULL;
  const char *device;
  GError *error = NULL;

  g_variant_get (arguments, "(s&s)", &folder, &device);
  if (*folder != '\0')
    {
      if (!eid_service_prepare_for (service, request, folder, device))
        return;
    }
  else if (!eid_service_has_run (service, request))
    return;
  else
    {
      g_free (folder);
      folder = g_strdup (eid_run_folder (eid_trainer_run (service->trainer)));
    }
  if (!undo_in (service, folder, &edit, &error) || eid_service_take_up (service, folder, &error) == NULL)
    {
      if (service->trainer == NULL && service->state == EID_STATE_PREPARING)
        eid_service_set_state (service, EID_STATE_FAILED, error->message);
      eid_request_fail (request, error);
      return;
    }
  if (paused)
    eid_service_set_state (service, EID_STATE_PAUSED, "");
  eid_request_answer (request, g_variant_new ("(ts)", eid_trainer_setup (service->trainer)->step, edit));
}

static gboolean
save_what_goes_on (EidService *service, GError **error)
{
  return !eid_service_is_under_way (service) || eid_trainer_save (service->trainer, error);
}

/* The present state where the largest number is asked for: saved, so that there is a file. */
static gboolean
find_step (EidService *service, guint64 *step, GError **error)
{
  g_autoptr (GArray) steps = NULL;

  if (*step != G_MAXUINT64)
    return TRUE;
  if (!save_what_goes_on (service, error))
    return FALSE;
  steps = eid_run_checkpoints (eid_trainer_run (service->trainer));
  *step = steps->len > 0 ? g_array_index (steps, guint64, 0) : 0;
  return TRUE;
}

void
eid_service_branch (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *text, *folder;
  g_autofree char *place = NULL;
  EidRecipe *recipe = NULL;
  GError *error = NULL;
  guint64 step;

  g_variant_get (arguments, "(t&s&s)", &step, &text, &folder);
  if (!eid_service_has_run (service, request))
    return;
  if ((*text != '\0' && (recipe = eid_recipe_parse (text, _ ("recipe"), &error)) == NULL)
      || !find_step (service, &step, &error))
    {
      eid_recipe_free (recipe);
      eid_request_fail (request, error);
      return;
    }
  place = eid_trainer_branch (service->trainer, step, recipe, *folder != '\0' ? folder : NULL, &error);
  /* Saved only now: one checkpoint more may cost the oldest, and that may be the one wanted. */
  if (place == NULL || !save_what_goes_on (service, &error)
      || eid_service_take_up (service, place, &error) == NULL)
    eid_request_fail (request, error);
  else
    eid_request_answer (request, g_variant_new ("(st)", place, eid_trainer_setup (service->trainer)->step));
}

void
eid_service_keep (EidService *service, EidRequest *request, GVariant *arguments)
{
  GError *error = NULL;
  gboolean keep;
  guint64 step;

  g_variant_get (arguments, "(tb)", &step, &keep);
  if (!eid_service_has_run (service, request))
    return;
  if (!eid_run_keep_moment (eid_trainer_run (service->trainer), MIN (step, (guint64) G_MAXINT64), keep,
                            &error))
    eid_request_fail (request, error);
  else
    eid_request_answer (request, NULL);
}

/* --- The time line -------------------------------------------------------------- */

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

static GVariant *
pack_events (GPtrArray *events)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(txss)"));
  for (guint i = 0; i < events->len; i++)
    {
      const EidEvent *event = g_ptr_array_index (events, i);

      g_variant_builder_add (&list, "(txss)", event->step, event->time, event->kind, event->text);
    }
  return g_variant_builder_end (&list);
}

static GVariant *
pack_moments (GArray *moments)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(tb)"));
  for (guint i = 0; i < moments->len; i++)
    g_variant_builder_add (&list, "(tb)", g_array_index (moments, EidMoment, i).step,
                           g_array_index (moments, EidMoment, i).kept);
  return g_variant_builder_end (&list);
}

static GVariant *
pack_timeline (EidTrainer *trainer, GError **error)
{
  EidRun *run = eid_trainer_run (trainer);
  g_autoptr (GPtrArray) events = eid_run_events (run, error);
  g_autoptr (GPtrArray) undone = events != NULL ? eid_run_undone_events (run, error) : NULL;
  g_autoptr (GArray) moments = undone != NULL ? eid_run_moments (run, error) : NULL;
  g_autoptr (GArray) checkpoints = eid_run_checkpoints (run);
  g_autofree char *recipe = eid_recipe_to_text (eid_trainer_setup (trainer)->recipe);
  g_autoptr (GPtrArray) told = eid_setup_sentences (eid_trainer_setup (trainer));
  EidHealthReport health;
  GVariantBuilder out;

  if (moments == NULL)
    return NULL;
  g_variant_builder_init (&out, G_VARIANT_TYPE_VARDICT);
  add (&out, "step", g_variant_new_uint64 (eid_trainer_setup (trainer)->step));
  add (&out, "steps", g_variant_new_uint64 (eid_trainer_steps (trainer)));
  if (!isnan (eid_trainer_chance (trainer)))
    add (&out, "chance", g_variant_new_double (eid_trainer_chance (trainer)));
  add (&out, "recipe", g_variant_new_string (recipe));
  add (&out, "told", g_variant_new_strv ((const char *const *) told->pdata, (gssize) told->len));
  add (&out, "events", pack_events (events));
  add (&out, "undone", pack_events (undone));
  add (&out, "checkpoints",
       g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, checkpoints->data, checkpoints->len,
                                  sizeof (guint64)));
  add (&out, "moments", pack_moments (moments));
  if (eid_trainer_health (trainer, &health))
    add (&out, "health", eid_health_on_the_wire (&health));
  return g_variant_builder_end (&out);
}

void
eid_service_timeline (EidService *service, EidRequest *request, GVariant *arguments)
{
  GError *error = NULL;
  GVariant *timeline;

  if (!eid_service_has_run (service, request))
    return;
  timeline = pack_timeline (service->trainer, &error);
  if (timeline != NULL)
    eid_request_answer (request, g_variant_new ("(@a{sv})", timeline));
  else
    eid_request_fail (request, error);
}
