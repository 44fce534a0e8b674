/* preferences.h: what holds for all runs and windows, kept in GSettings. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the preferences above @parent, and below them the group @more, which may be NULL. */
void eid_preferences_present (GtkWindow *parent, GtkWidget *more);
/* From now on the colours and the motion are as the settings say; once, at the start. */
void eid_preferences_apply (void);

G_END_DECLS
