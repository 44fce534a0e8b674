/* setup-private.h: for the files that make a setup. */
#pragma once

#include "setup.h"

G_BEGIN_DECLS

/* setup-recipe.c */
/* Puts the place of a key before an error's sentence. */
gboolean eid_recipe_fail_at (EidRecipe *recipe, const char *section, const char *key, GError *cause,
                             GError **error);

/* setup-pictures.c */
/* Mean and deviation by channel of pictures spread evenly over the training
 * half; one that cannot be read is left out.                                 */
gboolean eid_setup_measure_moments (EidSetup *setup, GError **error);

G_END_DECLS
