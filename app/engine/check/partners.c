/* partners.c: whom a plugin is examined with: an encoder needs an objective to be trained, an
 * objective an encoder. They are chosen from what both say they can do and need. */
#include "app/engine/check/private.h"

#include <string.h>

static guint
count_bits (guint bits)
{
  guint count = 0;

  for (; bits != 0; bits &= bits - 1)
    count++;
  return count;
}

/* Plugins of the other kind that fit, EidDescriptor *, in the registry's order; of one that was named,
 * it alone. */
static GPtrArray *
those_that_fit (const EidCheck *check)
{
  const gboolean is_encoder = strcmp (check->plugin->kind, "encoder") == 0;
  GPtrArray *fit = g_ptr_array_new ();

  for (guint i = 0; i < eid_registry_count (check->registry); i++)
    {
      const EidPluginEntry *entry = eid_registry_get (check->registry, i);
      const EidDescriptor *other = entry->descriptor;

      if (other == NULL || strcmp (other->kind, check->plugin->kind) == 0
          || (check->options->with != NULL && entry != check->with))
        continue;
      other = eid_registry_find (check->registry, other->kind, other->id, NULL);
      if (other != NULL
          && (is_encoder ? eid_descriptors_fit (check->plugin, other)
                         : eid_descriptors_fit (other, check->plugin)))
        g_ptr_array_add (fit, (gpointer) other);
    }
  return fit;
}

/* The one that can do most: whatever the objective asks of it is then asked of something. */
static const EidDescriptor *
ablest (GPtrArray *encoders)
{
  const EidDescriptor *best = NULL;

  for (guint i = 0; i < encoders->len; i++)
    {
      const EidDescriptor *encoder = encoders->pdata[i];

      if (best == NULL || count_bits (encoder->abilities) > count_bits (best->abilities))
        best = encoder;
    }
  return best;
}

/* The one that needs most of what is not in @used. */
static const EidDescriptor *
neediest (GPtrArray *objectives, guint used)
{
  const EidDescriptor *best = NULL;

  for (guint i = 0; i < objectives->len; i++)
    {
      const EidDescriptor *objective = objectives->pdata[i];
      const guint needs = count_bits (objective->abilities & ~used);

      if (best == NULL || needs > count_bits (best->abilities & ~used))
        best = objective;
    }
  return best;
}

GPtrArray *
eid_check_partners (const EidCheck *check)
{
  g_autoptr (GPtrArray) fit = those_that_fit (check);
  GPtrArray *partners = g_ptr_array_new ();
  guint used = 0;

  if (fit->len == 0)
    return partners;
  if (strcmp (check->plugin->kind, "objective") == 0)
    g_ptr_array_add (partners, (gpointer) ablest (fit));
  else
    for (;;)
      {
        const EidDescriptor *next = neediest (fit, used);

        if (partners->len > 0 && (next->abilities & ~used) == 0)
          break;
        g_ptr_array_add (partners, (gpointer) next);
        used |= next->abilities;
      }
  return partners;
}
