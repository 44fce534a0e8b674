/* embedding.c: what is measured of the features of the watched pictures; see compute.h. */
#include "app/engine/views/compute.h"

#include "app/engine/setup/feature-set.h"

EidEmbeddingView *
eid_show_embedding (EidSetup *setup, GError **error)
{
  g_autoptr (EidFeatureSet) watched = eid_watched_features (setup, error);
  g_autoptr (EidEmbeddingView) view = g_new0 (EidEmbeddingView, 1);

  if (watched == NULL)
    return NULL;
  view->health = eid_health_of (watched, error);
  if (view->health == NULL)
    return NULL;
  view->labels = g_steal_pointer (&watched->labels);
  return g_steal_pointer (&view);
}

void
eid_embedding_view_free (EidEmbeddingView *view)
{
  if (view == NULL)
    return;
  eid_health_free (view->health);
  g_free (view->labels);
  g_free (view);
}
