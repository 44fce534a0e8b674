/* pack-embedding.c: what projection.h and prototypes.h find, packed for the wire. */
#include "app/engine/views/pack-embedding.h"

#include "app/engine/views/pack.h"
#include "app/engine/views/projection.h"
#include "app/engine/diagnostics/prototypes.h"

#include <math.h>

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_add (dictionary, "{sv}", key, value);
}

static void
add_number (GVariantBuilder *dictionary, const char *key, double value)
{
  if (isfinite (value))
    add (dictionary, key, g_variant_new_double (value));
}

static void
add_doubles (GVariantBuilder *dictionary, const char *key, const double *values, gsize count)
{
  add (dictionary, key, g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, values, count, sizeof (double)));
}

static void
add_ints (GVariantBuilder *dictionary, const char *key, const gint32 *values, gsize count)
{
  add (dictionary, key, g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, values, count, sizeof (gint32)));
}

static void
add_class_names (EidSetup *setup, GVariantBuilder *out)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < eid_dataset_classes (setup->test); i++)
    g_ptr_array_add (names, (gpointer) eid_dataset_class_name (setup->test, i));
  add (out, "class-names", g_variant_new_strv ((const char *const *) names->pdata, names->len));
}

/* --- The map --------------------------------------------------------------------- */

static void
add_tsne (EidMap *map, GVariantBuilder *out)
{
  const guint count = map->set->count;
  const double *places = eid_tsne_places (map->tsne);
  g_autofree double *x = g_new (double, count), *y = g_new (double, count);

  for (guint i = 0; i < count; i++)
    {
      x[i] = places[2 * i];
      y[i] = places[2 * i + 1];
    }
  add_doubles (out, "x", x, count);
  add_doubles (out, "y", y, count);
  eid_look_add_count (out, "iterations", eid_tsne_done (map->tsne));
  eid_look_add_count (out, "iterations-wanted", eid_tsne_wanted (map->tsne));
  add_number (out, "divergence", eid_tsne_divergence (map->tsne));
}

static gboolean
add_pictures (EidMap *map, EidSetup *setup, GVariantBuilder *out, GError **error)
{
  GError *failure = NULL;
  guint side;
  guint8 *pictures = eid_map_pictures (map, setup, &side, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  if (pictures == NULL)
    return TRUE;
  eid_look_add_count (out, "size", side);
  eid_look_add_count (out, "channels", setup->channels);
  eid_look_add_bytes (out, "pictures", pictures, (gsize) map->set->count * side * side * setup->channels);
  return TRUE;
}

static void
add_health (const EidMap *map, gboolean aims_at_all_sides, GVariantBuilder *out)
{
  const EidHealth *health = map->health;

  eid_look_add_count (out, "count", health->count);
  eid_look_add_count (out, "width", health->width);
  add_doubles (out, "explained", health->explained, G_N_ELEMENTS (health->explained));
  add_doubles (out, "spectrum", health->spectrum, health->values);
  add (out, "rank", g_variant_new_double (health->rank));
  add (out, "z-std", g_variant_new_double (health->z_std));
  add (out, "cosine", g_variant_new_double (health->cosine));
  add (out, "alpha-req", g_variant_new_double (health->alpha));
  if (aims_at_all_sides)
    add (out, "healthy", g_variant_new_double (1 / sqrt ((double) health->width)));
  eid_look_add_count (out, "rank-most", MIN (MAX (map->of_test, 2) - 1, health->width));
}

gboolean
eid_look_at_embedding (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  EidMap *map = context->map;
  const char *method = "pca";
  gboolean pictures = FALSE, tsne;
  gsize neighbours;

  g_variant_lookup (options, "method", "&s", &method);
  g_variant_lookup (options, "pictures", "b", &pictures);
  tsne = g_str_equal (method, "tsne");
  if (!eid_map_update (map, setup, error) || (tsne && !eid_map_iterate (map, setup, error))
      || (pictures && !add_pictures (map, setup, out, error)))
    return FALSE;
  add_health (map, context->can_collapse, out);
  if (tsne)
    add_tsne (map, out);
  else
    {
      add_doubles (out, "x", map->health->x, map->health->count);
      add_doubles (out, "y", map->health->y, map->health->count);
    }
  add_ints (out, "label", map->set->labels, map->set->count);
  add_class_names (setup, out);
  neighbours = (gsize) map->set->count * map->neighbour_count;
  eid_look_add_count (out, "neighbour-count", map->neighbour_count);
  add_ints (out, "neighbours", map->neighbours, neighbours);
  eid_look_add_bytes (out, "neighbour-cosines", g_memdup2 (map->cosines, neighbours * sizeof (float)),
                      neighbours * sizeof (float));
  return TRUE;
}

/* --- The matrix -------------------------------------------------------------------- */

gboolean
eid_look_at_similarity (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  EidSetup *setup = context->setup;
  EidMap *map = context->map;
  g_autofree guint32 *order = NULL;
  g_autofree gint32 *labels = NULL;
  float *cosines;
  guint count;

  if (!eid_map_update (map, setup, error))
    return FALSE;
  count = map->set->count;
  order = g_new (guint32, count);
  cosines = eid_map_similarity (map, setup, order, error);
  if (cosines == NULL)
    return FALSE;
  labels = g_new (gint32, count);
  for (guint i = 0; i < count; i++)
    labels[i] = map->set->labels[order[i]];
  eid_look_add_count (out, "count", count);
  add_ints (out, "order", (const gint32 *) order, count);
  add_ints (out, "label", labels, count);
  add_class_names (setup, out);
  eid_look_add_bytes (out, "cosines", cosines, (gsize) count * count * sizeof (float));
  return TRUE;
}

/* --- Prototypes ---------------------------------------------------------------------- */

gboolean
eid_look_at_prototypes (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error)
{
  g_autoptr (EidPrototypes) found = eid_watch_prototypes (context->setup, error);

  if (found == NULL)
    return FALSE;
  eid_look_add_count (out, "prototypes", found->prototypes);
  eid_look_add_count (out, "count", found->pictures);
  eid_look_add_count (out, "rows", found->rows);
  eid_look_add_count (out, "unused", found->unused);
  add_doubles (out, "use", found->use, found->prototypes);
  add_doubles (out, "mass", found->mass, found->prototypes);
  add_number (out, "in-use", found->in_use);
  add_number (out, "entropy", found->entropy);
  add_number (out, "entropy-most", log (found->prototypes));
  add_number (out, "divergence", found->divergence);
  return TRUE;
}
