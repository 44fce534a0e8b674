/* fake-attention.h: what the fake engine sees in its pictures: attention that narrows from
 * step to step, and patch tokens that tell where a patch lies.               */
#pragma once

#include <glib.h>

/* Adds all of the attention view but the pictures. @teacher: there is one; @both: it was asked for. */
void fake_attention (GVariantBuilder *picture, guint count, guint grid, guint64 step, gboolean teacher,
                     gboolean both);
/* The same of the patches view. Colours move with the step unless @frozen. */
void fake_patches (GVariantBuilder *picture, guint count, guint grid, guint64 step, gboolean frozen);
