/* projection.h: the watched pictures as points in the plane, remembered from look to look,
 * so that a point is found again where it was: principal axes turned onto the
 * former ones, t-SNE gone on with. What it shows is of the newest features. */
#pragma once

#include "app/engine/diagnostics/collapse.h"
#include "app/engine/views/tsne.h"

G_BEGIN_DECLS

enum
{
  EID_MAP_NEIGHBOURS = 8
};

typedef struct
{
  guint64 step;            /* of the model that saw the pictures; valid where there is a set    */
  EidFeatureSet *set;      /* NULL before the first look                                        */
  guint of_test;           /* of its pictures, those of the test half; the rest are of the other */
  EidHealth *health;       /* x and y, of all, turned onto the former ones; explained: along these;
                            * the numbers are of those of the test half          */
  guint neighbour_count;   /* min (EID_MAP_NEIGHBOURS, count - 1)                               */
  gint32 *neighbours;      /* [count, neighbour_count], the nearest by cosine, nearest first     */
  float *cosines;          /* [count, neighbour_count]                                          */
  EidTsne *tsne;           /* NULL until somebody wants it                                      */
  gboolean tsne_is_behind; /* it does not know the newest features yet                        */
} EidMap;

EidMap *eid_map_new (void);
void eid_map_free (EidMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidMap, eid_map_free)

/* Looks at the watched pictures, and, where they are few and no labels would be given away, at others of the
 * training half, unless the model has not moved since. Errors as eid_health_of() and
 * eid_watched_features().                                                    */
gboolean eid_map_update (EidMap *map, EidSetup *setup, GError **error);
/* Goes on with t-SNE for the share of a look; after eid_map_update(). Errors: EID_ERROR_USAGE for fewer
 * than four pictures; of the device.                                         */
gboolean eid_map_iterate (EidMap *map, EidSetup *setup, GError **error);

/* Cosines of all pairs, [count, count], rows and columns sorted by class, those without one last; which
 * picture is where in @order [count]. After eid_map_update(). Free.          */
float *eid_map_similarity (EidMap *map, EidSetup *setup, guint32 *order, GError **error);

/* The pictures at most 48 pixels a side: u8 [count, side, side, C]. NULL without an error for text.
 * After eid_map_update(). Free.                                              */
guint8 *eid_map_pictures (EidMap *map, EidSetup *setup, guint *side, GError **error);

/* Turns, and mirrors if need be, points @x, @y about nought such that they lie as near as can be to
 * where they were (orthogonal Procrustes; Schönemann 1966). [count] each.    */
void eid_map_align (const double *former_x, const double *former_y, double *x, double *y, guint count);

G_END_DECLS
