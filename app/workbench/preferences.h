/* preferences.h: what holds for all runs and windows, kept in GSettings. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the preferences above @parent. */
void eid_preferences_present (GtkWindow *parent);
/* From now on the colours and the motion are as the settings say; once, at the start. */
void eid_preferences_apply (void);

G_END_DECLS
