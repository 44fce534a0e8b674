/* suggestions.h: recipes for data that somebody has just brought, and a device. */
#pragma once

#include "plugins/host.h"

#include "app/datasets/dataset.h"
#include "app/store/store.h"

G_BEGIN_DECLS

typedef struct
{
  const char *id;     /* "mae"                                                 */
  char *title;        /* the objective's and the encoder's                     */
  const char *reason; /* one line on why, translated                           */
  EidRecipe *recipe;  /* resolved                                              */
} EidProposal;

/* Two to four recipes, best first, made for the data of @survey and for a
 * graphics card or, without @gpu, for a processor; fewer where plugins are
 * missing. Elements EidProposal, owned by the array.                         */
GPtrArray *eid_proposals_make (const EidSurvey *survey, EidRegistry *registry, gboolean gpu);

G_END_DECLS
