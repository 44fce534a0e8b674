/* window.h: one window, one run in front of the person, and another beside it where two are compared. */
#pragma once

#include <adwaita.h>

#include "app/workbench/client/client.h"

G_BEGIN_DECLS

#define EID_TYPE_WINDOW (eid_window_get_type ())
G_DECLARE_FINAL_TYPE (EidWindow, eid_window, EID, WINDOW, AdwApplicationWindow)

/* @application may be NULL, in tests. */
EidWindow *eid_window_new (GtkApplication *application);
EidEngineClient *eid_window_get_client (EidWindow *self);
/* Each as soon as there is an engine: shows the run in @folder as it stands, and trains nothing … */
void eid_window_open_run (EidWindow *self, const char *folder);
/* … goes on with it … */
void eid_window_resume (EidWindow *self, const char *folder);
/* … puts the recipe in @file into the side bar … */
void eid_window_choose_recipe (EidWindow *self, const char *file);
/* … and starts a run by it. */
void eid_window_begin (EidWindow *self, const char *file);
/* Proposes recipes for the data at @path, as if they had been dropped on it. */
void eid_window_bring (EidWindow *self, const char *path);
/* The plugins that cannot be used, for the preferences; NULL: there are none. */
GtkWidget *eid_window_make_plugin_group (EidWindow *self);

/* Watches the source of a plugin, which is built each time it is saved. */
void eid_window_watch_plugin (EidWindow *self, const char *source);

G_END_DECLS
