/* private.h: for the files that make a setup. */
#pragma once

#include "app/engine/setup/setup.h"
#include "app/engine/weights/weights.h"

G_BEGIN_DECLS

typedef struct
{
  const char *section, *kind, *metadata; /* of recipes, plugins, checkpoints */
} EidPart;

/* code.c */
extern const EidPart eid_parts[EID_N_PARTS];
/* The registry has what @checkpoint names, of what @run keeps, until it is displaced: of plugins that do not come
 * with the program, and where the user agrees. @recipe says which plugins they are. */
gboolean eid_setup_place_code (EidSetup *setup, EidRecipe *recipe, EidRun *run, EidSafetensors *checkpoint,
                               GError **error);
/* Whether the code @name of @run may run as the plugin @id: it is the user's own, or the user has agreed.
 * Errors: EID_STORE_ERROR_TRUST, _IO.                                        */
gboolean eid_setup_may_run (EidRegistry *registry, EidRun *run, guint part, const char *id, const char *name,
                            GError **error);
void eid_setup_displace_code (EidSetup *setup);

/* setup.c */
/* What the recipe says of a model that was just built. Errors: EID_ERROR_USAGE. */
gboolean eid_setup_ready_model (EidSetup *setup, gboolean to_train, GError **error);

/* recipe.c */
/* Puts the place of a key before an error's sentence. */
gboolean eid_recipe_fail_at (EidRecipe *recipe, const char *section, const char *key, GError *cause,
                             GError **error);

/* normalization.c */
/* What pictures are normalised with: [Dataset] mean and std; of auto, as @weights (NULL: fresh ones) were
 * made, else as the data are. Errors: EID_ERROR_USAGE, EID_DATASET_ERROR.    */
gboolean eid_setup_choose_moments (EidSetup *setup, const EidWeightsDescription *weights, GError **error);

/* samples.c */
/* Mean and deviation by channel of pictures spread evenly over the training
 * half; one that cannot be read is left out.                                 */
gboolean eid_setup_measure_moments (EidSetup *setup, GError **error);

G_END_DECLS
