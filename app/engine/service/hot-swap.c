/* hot-swap.c: new code for what is being trained. */
#include "app/engine/service/private.h"

#include <glib/gi18n-lib.h>

static void
add_names (GVariantBuilder *report, const char *key, GPtrArray *names)
{
  g_variant_builder_add (report, "{sv}", key,
                         g_variant_new_strv ((const char *const *) names->pdata, (gssize) names->len));
}

static GVariant *
pack (const EidReplacement *replacement)
{
  GVariantBuilder report;

  g_variant_builder_init (&report, G_VARIANT_TYPE ("(a{sv})"));
  g_variant_builder_open (&report, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&report, "{sv}", "kind", g_variant_new_string (replacement->kind));
  g_variant_builder_add (&report, "{sv}", "id", g_variant_new_string (replacement->id));
  g_variant_builder_add (&report, "{sv}", "step", g_variant_new_uint64 (replacement->step));
  g_variant_builder_add (&report, "{sv}", "kept", g_variant_new_uint32 (replacement->kept));
  add_names (&report, "new", replacement->fresh);
  add_names (&report, "dropped", replacement->dropped);
  add_names (&report, "defaulted", replacement->defaulted);
  g_variant_builder_add (&report, "{sv}", "sentence", g_variant_new_string (replacement->sentence));
  g_variant_builder_close (&report);
  return g_variant_builder_end (&report);
}

void
eid_service_replace (EidService *service, EidRequest *request, GVariant *arguments)
{
  const char *file;
  GError *error = NULL;
  EidReplacement *replacement;

  g_variant_get (arguments, "(&s)", &file);
  if (!eid_service_has_run (service, request))
    return;
  if (!eid_service_is_under_way (service) || eid_trainer_is_done (service->trainer))
    {
      eid_request_refuse (request, _ ("No run is going on: start or resume one."));
      return;
    }
  /* Code that crashes takes this process with it: what is gone on with then is this state. */
  if (!eid_trainer_settle (service->trainer, &error) || !eid_trainer_save (service->trainer, &error))
    {
      eid_service_set_state (service, EID_STATE_FAILED, error->message);
      eid_request_fail (request, error);
      return;
    }
  replacement = eid_trainer_replace (service->trainer, file, &error);
  if (replacement == NULL)
    {
      eid_request_fail (request, error);
      return;
    }
  eid_request_answer (request, pack (replacement));
  eid_replacement_free (replacement);
}
