/* gallery.h: fixed data that look like a run's, for the gallery of widgets. */
#pragma once

#include "ui/ui.h"

G_BEGIN_DECLS

/* A picture grid, attention view … filled with data made here; the same every time. */
GtkWidget *eid_gallery_augmentations (void);
GtkWidget *eid_gallery_reconstruction (void);
/* patches.c */
GtkWidget *eid_gallery_pair (void);
GtkWidget *eid_gallery_attention (void);
GtkWidget *eid_gallery_heads (void);
GtkWidget *eid_gallery_patch_colours (void);
GtkWidget *eid_gallery_similarity (void);
GtkWidget *eid_gallery_embedding (void);
GtkWidget *eid_gallery_matrix (void);
GtkWidget *eid_gallery_prototypes (void);
GtkWidget *eid_gallery_health (void);
GtkWidget *eid_gallery_progress (void);
GtkWidget *eid_gallery_timeline (void);
/* plugin.c */
GtkWidget *eid_gallery_tokens (void);
GtkWidget *eid_gallery_heat_map (void);
GtkWidget *eid_gallery_start (void);
GtkWidget *eid_gallery_params (gboolean running);
GtkWidget *eid_gallery_foot (void);

/* window.c: the name of a page, or NULL beyond the last; and all of it, with @page in front
 * (NULL: the first), with or without data, the parameters as in a run or before one. */
const char *eid_gallery_page (guint i);
GtkWidget *eid_gallery_window (int width, int height, const char *page, gboolean empty, gboolean running);

G_END_DECLS
