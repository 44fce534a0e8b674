/* settings.h: what the workbench remembers between two starts. */
#pragma once

#include <gio/gio.h>

/* The settings, or NULL where their schema is not installed: nothing is
 * remembered then, and all else works. Not to be freed.                      */
GSettings *eid_settings (void);
/* Where runs are kept, or NULL for the usual place. Free. */
char *eid_settings_runs_folder (void);
