/* inspect.c: requests before a run: what data are, which recipes fit them,
 * and how long those would take here.                                        */
#include "app/engine/service/private.h"

#include "app/engine/service/throughput.h"
#include "app/engine/service/suggestions.h"

#include <glib/gi18n-lib.h>

/* Names of classes that are sent along, at most. */
#define MOST_NAMES 12

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

/* --- Survey -------------------------------------------------------------------- */

static GVariant *
survey_variant (const EidSurvey *survey)
{
  const guint classes = g_strv_length (survey->classes);
  GVariantBuilder out;

  g_variant_builder_init (&out, G_VARIANT_TYPE_VARDICT);
  add (&out, "reader", g_variant_new_string (survey->reader));
  add (&out, "path", g_variant_new_string (survey->path));
  add (&out, "count", g_variant_new_uint64 (survey->count));
  add (&out, "more", g_variant_new_boolean (survey->more));
  add (&out, "side", g_variant_new_uint32 (survey->side));
  add (&out, "least-side", g_variant_new_uint32 (survey->least_side));
  add (&out, "greatest-side", g_variant_new_uint32 (survey->greatest_side));
  add (&out, "channels", g_variant_new_uint32 (survey->channels));
  add (&out, "classes", g_variant_new_uint32 (classes));
  add (&out, "class-names",
       g_variant_new_strv ((const char *const *) survey->classes, MIN (classes, MOST_NAMES)));
  add (&out, "looked", g_variant_new_uint32 (survey->looked));
  add (&out, "unreadable", g_variant_new_uint32 (survey->unreadable));
  add (&out, "notes",
       g_variant_new_strv ((const char *const *) survey->notes->pdata, (gssize) survey->notes->len));
  return g_variant_builder_end (&out);
}

static GVariant *
proposals_variant (GPtrArray *proposals)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < proposals->len; i++)
    {
      const EidProposal *proposal = g_ptr_array_index (proposals, i);
      g_autofree char *text = eid_recipe_to_text (proposal->recipe);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      add (&list, "id", g_variant_new_string (proposal->id));
      add (&list, "title", g_variant_new_string (proposal->title));
      add (&list, "reason", g_variant_new_string (proposal->reason));
      add (&list, "recipe", g_variant_new_string (text));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

/* Whether @wanted, as eid_device_open() takes it, is a graphics card. */
static gboolean
is_card (const char *wanted)
{
  g_autoptr (EidDevice) device = eid_device_open (*wanted != '\0' ? wanted : NULL, NULL);

  return device != NULL && eid_device_info (device)->is_gpu;
}

void
eid_service_survey (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *path, *device;
  g_autoptr (EidSurvey) survey = NULL;
  g_autoptr (GPtrArray) proposals = NULL;
  GError *error = NULL;

  g_variant_get (arguments, "(&s&s)", &path, &device);
  survey = eid_dataset_survey (path, &error);
  if (survey == NULL)
    {
      eid_request_fail (request, error);
      return;
    }
  if (!g_utf8_validate (survey->path, -1, NULL))
    {
      eid_request_refuse (request, _ ("The folder’s name is not UTF-8: give it another name."));
      return;
    }
  proposals = eid_proposals_make (survey, service->registry, is_card (device));
  eid_request_answer (
      request, g_variant_new ("(@a{sv}@aa{sv})", survey_variant (survey), proposals_variant (proposals)));
}

/* --- Estimate ------------------------------------------------------------------- */

static gboolean
somebody_waits (gpointer data)
{
  EidService *service = data;
  gboolean waits;

  g_mutex_lock (&service->mutex);
  waits = service->quit || service->requests.length > 0;
  g_mutex_unlock (&service->mutex);
  return waits;
}

/* Idle all the while; what it waits for is told beside that. */
static void
on_preparing (const char *what, gpointer data)
{
  EidService *service = data;

  eid_service_set_state (service, service->state, what);
}

void
eid_service_estimate (EidService *service, EidRequest *request, GVariant *arguments)
{
  EidSetupOptions options = { .preparing = on_preparing, .user_data = service, .to_train = TRUE };
  g_autofree char *message = g_strdup (service->message);
  const char *text, *device;
  GError *error = NULL;
  EidRecipe *recipe;
  EidPace pace = { 0 };
  GVariantBuilder out;
  double steps, warmup, batch, tokens;

  g_variant_get (arguments, "(&s&s)", &text, &device);
  if (eid_service_is_under_way (service))
    {
      eid_request_refuse (request, _ ("A run is going on: its own pace is told as it goes."));
      return;
    }
  recipe = eid_recipe_parse (text, _ ("recipe"), &error);
  if (recipe == NULL)
    {
      eid_request_fail (request, error);
      return;
    }
  steps = (double) eid_recipe_int (recipe, "Run", "steps");
  warmup = (double) MIN (eid_recipe_int (recipe, "Optimizer", "warmup"), (gint64) steps);
  batch = (double) eid_recipe_int (recipe, "Run", "batch");
  tokens = g_str_equal (eid_recipe_text (recipe, "Dataset", "reader"), "text")
               ? batch * (double) eid_recipe_int (recipe, "Dataset", "size")
               : 0;
  g_variant_builder_init (&out, G_VARIANT_TYPE_VARDICT);
  options.device = *device != '\0' ? device : NULL;
  if (eid_pace_measure (recipe, service->registry, &options, somebody_waits, &pace, &error))
    {
      add (&out, "first-seconds", g_variant_new_double (pace.first_seconds));
      add (&out, "useful-seconds", g_variant_new_double (pace.first_seconds + warmup * pace.step_seconds));
      add (&out, "all-seconds", g_variant_new_double (pace.first_seconds + steps * pace.step_seconds));
      add (&out, "samples-per-second", g_variant_new_double (batch / pace.step_seconds));
      if (tokens > 0)
        add (&out, "tokens-per-second", g_variant_new_double (tokens / pace.step_seconds));
      add (&out, "steps", g_variant_new_uint32 (pace.steps));
      add (&out, "time", g_variant_new_int64 (pace.time));
      add (&out, "stored", g_variant_new_boolean (pace.stored));
    }
  eid_service_set_state (service, service->state, message);
  if (error != NULL)
    {
      g_variant_builder_clear (&out);
      eid_request_fail (request, error);
      return;
    }
  eid_request_answer (request, g_variant_new ("(a{sv})", &out));
}
