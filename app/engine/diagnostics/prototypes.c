/* prototypes.c: the objective's own passes over the watched pictures, and the sums
 * of what it assigned; see prototypes.h.                                     */
#include "app/engine/diagnostics/prototypes.h"

#include "app/engine/diagnostics/collapse.h"
#include "app/engine/setup/views.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static double
scalar_of (const EidArtefacts *artefacts, const char *name)
{
  for (guint i = 0; i < artefacts->scalar_count; i++)
    if (g_str_equal (artefacts->scalars[i].name, name))
      return artefacts->scalars[i].value;
  return NAN;
}

/* Sums weighted by rows; eid_watch_prototypes() divides them. */
static void
add_batch (EidPrototypes *sums, const EidArtefacts *artefacts, guint pictures)
{
  const double rows = artefacts->assigned;

  if (sums->use == NULL)
    {
      sums->prototypes = artefacts->prototypes;
      sums->use = g_new0 (double, sums->prototypes);
      sums->mass = g_new0 (double, sums->prototypes);
    }
  sums->pictures += pictures;
  sums->rows += artefacts->assigned;
  for (guint k = 0; k < sums->prototypes; k++)
    {
      sums->use[k] += rows * (double) artefacts->use[k];
      sums->mass[k] += rows * (double) artefacts->mass[k];
    }
  sums->entropy += rows * scalar_of (artefacts, "teacher-entropy");
  sums->divergence += rows * scalar_of (artefacts, "teacher-kl");
}

static gboolean
watch_batch (EidSetup *setup, EidPrototypes *sums, guint32 *pictures, guint count, GError **error)
{
  g_autofree guint8 *pixels = eid_dataset_read_some (setup->test, pictures, &count);
  EidArtefacts *artefacts = NULL;
  gboolean good;

  eid_arena_push (setup->device);
  eid_model_watch (setup->model,
                   eid_drawn_views (setup, eid_model_views (setup->model), pixels, pictures, count, 0),
                   pictures, setup->step, setup->seed, &artefacts);
  good = eid_device_check (setup->device, error);
  eid_arena_pop (setup->device);
  if (good && artefacts->prototypes == 0)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_USAGE, _ ("%s assigns its views to no prototypes."),
                   eid_plugin_title (eid_model_objective (setup->model)));
      good = FALSE;
    }
  if (good)
    add_batch (sums, artefacts, count);
  eid_artefacts_free (artefacts);
  return good;
}

EidPrototypes *
eid_watch_prototypes (EidSetup *setup, GError **error)
{
  g_autoptr (EidPrototypes) result = g_new0 (EidPrototypes, 1);
  const gboolean was_recording = eid_set_recording (setup->device, FALSE);
  g_autofree guint32 *pictures = NULL;
  gboolean good = TRUE;
  guint count, batch;

  pictures = eid_dataset_spread (setup->test, EID_WATCHED, &count);
  eid_dataset_keep_readable (setup->test, pictures, &count);
  if (count == 0)
    {
      eid_dataset_fail_unreadable (setup->test, error);
      eid_set_recording (setup->device, was_recording);
      return NULL;
    }
  /* Whole batches: assignments of some methods depend on how many they are made for. */
  batch = MIN (setup->batch / setup->parts, count);
  for (guint first = 0; good && first + batch <= count; first += batch)
    good = watch_batch (setup, result, pictures + first, batch, error);
  eid_set_recording (setup->device, was_recording);
  if (!good)
    return NULL;

  for (guint k = 0; k < result->prototypes; k++)
    {
      result->use[k] /= result->rows;
      result->mass[k] /= result->rows;
      result->unused += result->use[k] <= 0;
      result->in_use -= result->use[k] > 0 ? result->use[k] * log (result->use[k]) : 0;
    }
  result->in_use = exp (result->in_use);
  result->entropy /= result->rows;
  result->divergence /= result->rows;
  return g_steal_pointer (&result);
}

void
eid_prototypes_free (EidPrototypes *prototypes)
{
  if (prototypes == NULL)
    return;
  g_free (prototypes->use);
  g_free (prototypes->mass);
  g_free (prototypes);
}
