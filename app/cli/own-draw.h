/* own-draw.h: what plugins publish under names of their own as PNG files, one function a kind of view. */
#pragma once

#include "app/engine/views/compute.h"

G_BEGIN_DECLS

/* @labels: of the pictures that were looked at, or NULL. Errors: EID_ERROR_FAILED, naming the file. */
gboolean eid_draw_own_pictures (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                                GError **error);
gboolean eid_draw_own_matrix (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                              GError **error);
gboolean eid_draw_own_points (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                              GError **error);
gboolean eid_draw_own_series (EidSetup *setup, const EidShownView *shown, char **labels, const char *file,
                              GError **error);

G_END_DECLS
