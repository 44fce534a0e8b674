/* window.h: one window, one run in front of the person, and another beside it where two are compared. */
#pragma once

#include <adwaita.h>

#include "engine-client.h"

G_BEGIN_DECLS

#define EID_TYPE_WINDOW (eid_window_get_type ())
G_DECLARE_FINAL_TYPE (EidWindow, eid_window, EID, WINDOW, AdwApplicationWindow)

/* @application may be NULL, in tests. */
EidWindow *eid_window_new (GtkApplication *application);
EidEngineClient *eid_window_get_client (EidWindow *self);
/* Goes on with the run in @folder as soon as there is an engine. */
void eid_window_resume (EidWindow *self, const char *folder);
/* Proposes recipes for the data at @path, as if they had been dropped on it. */
void eid_window_bring (EidWindow *self, const char *path);
/* Starts a run by the recipe in @file as soon as there is an engine. */
void eid_window_begin (EidWindow *self, const char *file);
/* The plugins that cannot be used, for the preferences; NULL: there are none. */
GtkWidget *eid_window_make_plugin_group (EidWindow *self);

/* Watches the source of a plugin, which is built each time it is saved. */
void eid_window_watch_plugin (EidWindow *self, const char *source);

G_END_DECLS
