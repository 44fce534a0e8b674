/* compare-dialog.h: which run is to be shown beside the one in front: a recent one, or another. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

typedef void (*EidCompareChosen) (const char *folder, gpointer user_data);

/* @own: the run in front, which is not offered. @plugins: for titles, may be NULL. @chosen is called at most
 * once, while @parent is there. */
void eid_compare_dialog_present (GtkWindow *parent, const char *own, GPtrArray *plugins,
                                 EidCompareChosen chosen);

G_END_DECLS
