/* window-private.h: the window's parts, for the files that make it: window.c what
 * it shows and how it closes, window-run.c how runs begin, window-draft.c how the draft is edited, window-drop.c what
 * is dropped on it.                                                          */
#pragma once

#include "alarm-banner.h"
#include "draft.h"
#include "health.h"
#include "page.h"
#include "sidebar.h"
#include "start-page.h"
#include "timeline.h"
#include "window.h"

G_BEGIN_DECLS

enum
{
  EID_WINDOW_PAGES = 5
};

struct _EidWindow
{
  AdwApplicationWindow parent_instance;

  AdwWindowTitle *title;
  GtkWidget *pause_button;
  AdwToastOverlay *toasts;
  AdwFlap *flap;
  EidSidebar *sidebar;
  AdwViewStack *pages;
  EidAlarmBanner *alarm;
  EidStartPage *start_page;
  EidHealthLine *health_line;
  EidTimeline *timeline;
  EidPage *augmentations, *reconstruction, *attention, *embedding, *progress;

  EidPage *page[EID_WINDOW_PAGES]; /* the same five, for walking */
  AdwToast *toast;
  GtkFileChooserNative *chooser;

  EidEngineClient *client;
  GPtrArray *plugins;     /* EidPluginInfo */
  EidDraft *draft;        /* the recipe in the side bar */
  char *recipe_file;      /* what the draft was made of */
  gboolean resolving;     /* that recipe is wanted in the draft; else the answer is void */
  gboolean start_at_once; /* as soon as the recipe is in the draft */
  char *device;           /* of the run, "" if the engine chose */
  char *resume_folder;    /* to be gone on with once there is an engine */
  char *complaint;        /* why the last wish was not granted */
  gboolean start_wanted;  /* to be started once there is an engine */
  guint check, check_serial; /* of the draft by the engine */
  gboolean beginning;     /* Start or Resume is on its way */
  gboolean closing;

  EidEvidence evidence;
  EidCure cure;
};

/* window.c */
void eid_window_toast (EidWindow *self, const char *text);
/* Says under the pages why a wish was not granted; NULL: it is forgotten. */
void eid_window_complain (EidWindow *self, const char *sentence);
/* Title, buttons, health line: after a change of whatever kind. */
void eid_window_update (EidWindow *self);
void eid_window_show_page (EidWindow *self, const char *name);
const char *eid_window_shown_page (EidWindow *self);

/* window-run.c */
void eid_window_launch (EidWindow *self);
void eid_window_start (EidWindow *self);
void eid_window_choose_recipe (EidWindow *self, const char *file);
/* The recipe chosen last is not wanted any more. */
void eid_window_forget_recipe (EidWindow *self);
/* The text of a recipe, resolved. */
void eid_window_choose_proposal (EidWindow *self, const char *recipe);

/* window-draft.c */
/* Asks the engine soon whether the draft can be trained, and says in the side bar
 * what is in the way.                                                        */
void eid_window_check_draft (EidWindow *self);
void eid_window_undo_edit (EidWindow *self);
void eid_window_redo_edit (EidWindow *self);

/* window-export.c */
/* Asks for a file and writes the page in front into it. */
void eid_window_export (EidWindow *self);
/* The same into @file; its ending says as what. */
void eid_window_export_to (EidWindow *self, const char *file);

/* window-messages.c */
void eid_window_show_messages (EidWindow *self);

/* window-drop.c */
void eid_window_accept_drops (EidWindow *self);

/* window-run.c */
/* "Vision transformer · SimCLR", or NULL where there is no draft. */
char *eid_window_describe_draft (EidWindow *self);

G_END_DECLS
