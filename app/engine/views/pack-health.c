/* pack-health.c: a report of health packed for the wire; see pack-health.h. */
#include "app/engine/views/pack-health.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static void
pack_cures (const EidVerdict *verdict, GVariantBuilder *out)
{
  GVariantBuilder cures;

  g_variant_builder_init (&cures, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < verdict->n_cures; i++)
    g_variant_builder_add (&cures, "(sss)", verdict->cures[i].section, verdict->cures[i].key,
                           verdict->cures[i].way);
  g_variant_builder_add (out, "{sv}", "cure", g_variant_builder_end (&cures));
}

/* The numbers there are, and between what each shows no trouble. */
static void
pack_vitals (const EidHealthReport *health, GVariantBuilder *out)
{
  GVariantBuilder bands;

  g_variant_builder_init (&bands, G_VARIANT_TYPE ("a{s(dd)}"));
  for (guint i = 0; i < EID_N_VITALS; i++)
    {
      const EidBand *band = &health->bands[i];

      if (!isfinite (health->vitals->value[i]))
        continue;
      g_variant_builder_add (out, "{sv}", eid_vital_names[i],
                             g_variant_new_double (health->vitals->value[i]));
      g_variant_builder_add (&bands, "{s(dd)}", eid_vital_names[i],
                             isnan (band->least) ? -INFINITY : band->least,
                             isnan (band->most) ? INFINITY : band->most);
    }
  g_variant_builder_add (out, "{sv}", "bands", g_variant_builder_end (&bands));
  for (guint i = 0; i < health->vitals->own_count; i++)
    {
      g_autofree char *name = g_strconcat (EID_OWN_PREFIX, health->vitals->own[i].name, NULL);

      if (isfinite (health->vitals->own[i].value))
        g_variant_builder_add (out, "{sv}", name, g_variant_new_double (health->vitals->own[i].value));
    }
}

static void
pack_references (const EidHealthReport *health, GVariantBuilder *out)
{
  GVariantBuilder references;

  g_variant_builder_init (&references, G_VARIANT_TYPE ("a{sd}"));
  for (guint i = 0; i < EID_N_VITALS; i++)
    if (isfinite (health->reference[i]))
      g_variant_builder_add (&references, "{sd}", eid_vital_names[i], health->reference[i]);
  g_variant_builder_add (out, "{sv}", "references", g_variant_builder_end (&references));
}

/* Of labels: what the features of this look were worth, when they were last asked. */
static void
pack_probes (const EidEvaluation *probes, GVariantBuilder *out)
{
  if (probes->step > 0)
    g_variant_builder_add (out, "{sv}", "probes-step", g_variant_new_uint64 (probes->step));
  for (guint i = 0; i < eid_evaluation_n_fields; i++)
    {
      const EidEvaluationField *field = &eid_evaluation_fields[i];
      const double value = EID_EVALUATION_VALUE (probes, field);

      if (field->probe && isfinite (value))
        g_variant_builder_add (out, "{sv}", field->name, g_variant_new_double (value));
    }
}

static void
pack (const EidHealthReport *health, GVariantBuilder *out)
{
  const EidVerdict *verdict = health->verdict;

  g_variant_builder_add (out, "{sv}", "step", g_variant_new_uint64 (health->vitals->step));
  g_variant_builder_add (out, "{sv}", "verdict", g_variant_new_string (eid_verdict_told_name (verdict)));
  g_variant_builder_add (out, "{sv}", "title", g_variant_new_string (eid_verdict_told_title (verdict)));
  g_variant_builder_add (out, "{sv}", "evidence",
                         g_variant_new_string (verdict->evidence != NULL ? verdict->evidence : ""));
  pack_cures (verdict, out);
  pack_vitals (health, out);
  pack_references (health, out);
  pack_probes (&health->probes, out);
  g_variant_builder_add (out, "{sv}", "rank-most", g_variant_new_uint32 (health->most_rank));
  g_variant_builder_add (out, "{sv}", "pictures", g_variant_new_uint32 (health->pictures));
}

GVariant *
eid_health_on_the_wire (const EidHealthReport *health)
{
  GVariantBuilder out;

  g_variant_builder_init (&out, G_VARIANT_TYPE_VARDICT);
  pack (health, &out);
  return g_variant_builder_end (&out);
}

gboolean
eid_look_at_health (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  if (!context->has_health)
    return eid_fail_no_health (error);
  pack (&context->health, out);
  return TRUE;
}

gboolean
eid_fail_no_health (GError **error)
{
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("The run’s health has not been looked at yet."));
  return FALSE;
}
