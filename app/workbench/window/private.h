/* private.h: the window's parts, for the files that make it: window.c what
 * it shows and how it closes, run.c how runs begin, history.c how one
 * goes back in them and out of them, draft.c how the draft is edited,
 * drop.c what is dropped on it.                                       */
#pragma once

#include "app/workbench/window/alarm-banner.h"
#include "app/workbench/session/compare-bar.h"
#include "app/workbench/session/session.h"
#include "app/workbench/client/draft.h"
#include "app/workbench/client/status.h"
#include "app/workbench/pages/page.h"
#include "app/workbench/plugin/pane.h"
#include "app/workbench/window/sidebar.h"
#include "app/workbench/start/start-page.h"
#include "app/workbench/session/timeline.h"
#include "app/workbench/window/window.h"

G_BEGIN_DECLS

enum
{
  EID_WINDOW_PAGES = 6
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
  GtkWidget *narrow_tabs;
  EidAlarmBanner *alarm;
  EidStartPage *start_page;
  EidHealthLine *health_line;
  EidPluginPane *plugin_pane;
  EidTimeline *timeline;
  EidCompareBar *compare_bar;
  EidPage *augmentations, *reconstruction, *attention, *embedding, *progress, *own;

  EidPage *page[EID_WINDOW_PAGES]; /* the same six, for walking */
  AdwToast *toast;
  guint toast_time; /* the source that ends it */
  GtkFileChooserNative *chooser;

  EidDesk *desk;             /* the run in front of the person, its engine and these pages */
  EidEngineClient *client;   /* the desk's */
  GPtrArray *plugins;        /* EidPluginInfo */
  EidDraft *draft;           /* the recipe in the side bar */
  char *recipe_file;         /* what the draft was made of */
  guint resolving, resolved; /* the question whose answer is wanted in the draft, 0: none; and the newest */
  gboolean start_at_once;    /* as soon as the recipe is in the draft */
  char *device;              /* of the run, "" if the engine chose */
  char *resume_folder;       /* to be gone on with once there is an engine */
  char *complaint;           /* why the last wish was not granted */
  gboolean undo_wanted;      /* … without its last edit */
  gboolean open_wanted;      /* … as it stands: nothing is trained */
  gboolean lost_by_edit;     /* the engine is gone, and its run was edited since its checkpoint */
  gboolean start_wanted;     /* to be started once there is an engine */
  guint check, check_serial; /* of the draft by the engine */
  gboolean no_device;        /* nothing can be trained or opened here */
  gboolean text;             /* the run reads text */
  gboolean beginning;        /* Start or Resume is on its way */
  gboolean closing;
  gboolean start_after_stop; /* the draft, once this run is saved */

  char **edit; /* section, key and value, while a slider is being dragged; or NULL */
  guint edit_timeout;

  EidCompare *compare; /* the run beside the one in front, or NULL */
  char *branched_from; /* while a branch is on its way */
  char *origin;        /* the run that the one in front was branched from, or NULL */
  guint engines_left;  /* to end before the window does */

  EidEvidence evidence;
  EidCure cure;
};

/* window.c */
/* Says under the pages why a wish was not granted; NULL: it is forgotten. */
void eid_window_complain (EidWindow *self, const char *sentence);
/* Title, buttons, health line: after a change of whatever kind. */
void eid_window_update (EidWindow *self);
void eid_window_show_page (EidWindow *self, const char *name);
const char *eid_window_shown_page (EidWindow *self);
/* The health line alone. */
void eid_window_update_health (EidWindow *self);

/* toast.c */
enum
{
  EID_TOAST_STAYS = 0,
  EID_TOAST_SECONDS = 5
};
void eid_window_toast (EidWindow *self, const char *text);
/* The same, with a button for an action, and for so many seconds. */
void eid_window_toast_action (EidWindow *self, const char *text, const char *label, const char *action,
                              guint seconds);
/* The same, to be given what else it needs; it is the window's. */
AdwToast *eid_window_show_toast (EidWindow *self, const char *text, guint seconds);

/* signals.c */
/* To the desk and its engine. */
void eid_window_listen (EidWindow *self);
void eid_window_take_health (EidWindow *self, const EidVerdictReport *report);

/* close.c */
gboolean eid_window_close_request (GtkWindow *window);

/* run.c */
/* What is shown of the former run goes. */
void eid_window_clear_run (EidWindow *self);
/* Offers the pages that data of this kind have. */
void eid_window_update_pages (EidWindow *self);
/* Into the side bar; one that cannot be read is left out. */
void eid_window_take_recipe (EidWindow *self, const char *text);
void eid_window_launch (EidWindow *self);
/* Asks the engine for its plugins, and shows what they are. */
void eid_window_list_plugins (EidWindow *self);
void eid_window_start (EidWindow *self);
/* The recipe chosen last is not wanted any more. */
void eid_window_forget_recipe (EidWindow *self);
/* The text of a recipe, resolved. */
void eid_window_choose_proposal (EidWindow *self, const char *recipe);

/* The augmentations page shows what the draft, as it is now, would do. */
void eid_window_show_draft (EidWindow *self);

/* actions.c */
void eid_window_install_actions (GtkWidgetClass *widget_class);
/* Keys without a modifier. */
void eid_window_add_plain_keys (EidWindow *self);

/* draft.c */
/* Asks the engine soon whether the draft can be trained, and says in the side bar
 * what is in the way.                                                        */
void eid_window_check_draft (EidWindow *self);
void eid_window_undo_edit (EidWindow *self);
void eid_window_redo_edit (EidWindow *self);

/* export.c */
/* Asks for a file and writes the page in front into it. */
void eid_window_export (EidWindow *self);
/* The same into @file; its ending says as what. */
void eid_window_export_to (EidWindow *self, const char *file);

/* log.c */
void eid_window_show_messages (EidWindow *self);

/* plugin.c */
void eid_window_new_plugin (EidWindow *self);
void eid_window_open_plugin (EidWindow *self);
/* After a change of the draft or the phase. */
void eid_window_update_plugin (EidWindow *self);

/* compare.c */
void eid_window_choose_comparison (EidWindow *self);
void eid_window_compare_with (EidWindow *self, const char *folder);
void eid_window_compare_with_origin (EidWindow *self);
void eid_window_end_comparison (EidWindow *self);
void eid_window_renew_comparison (EidWindow *self);
void eid_window_toggle_second (EidWindow *self);

/* drop.c */
void eid_window_accept_drops (EidWindow *self);

/* run.c */
/* "Vision transformer · SimCLR", or NULL where there is no draft. */
char *eid_window_describe_draft (EidWindow *self);

/* history.c */
/* What the desk has been told of the run. */
void eid_window_take_history (EidWindow *self, GVariant *series);
void eid_window_take_chronicle (EidWindow *self, EidChronicle *chronicle, gboolean first);
void eid_window_steer_event (EidWindow *self, guint64 step, const char *kind, const char *text);
void eid_window_edit (EidWindow *self, const char *section, const char *key, const char *value);
/* An edit that waits is made now. */
void eid_window_flush_edit (EidWindow *self);
void eid_window_undo (EidWindow *self);
/* … of the run in @folder, which is taken up so; "": of the present one. */
void eid_window_undo_in (EidWindow *self, const char *folder);
void eid_window_save (EidWindow *self);
void eid_window_keep (EidWindow *self, guint64 step, gboolean keep);
void eid_window_travel (EidWindow *self, gboolean past, guint64 step);
void eid_window_branch (EidWindow *self, guint64 step);
void eid_window_wish (EidWindow *self, const char *section, const char *key);

G_END_DECLS
