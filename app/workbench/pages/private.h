/* private.h: a page's state, for the files that make it: page.c what it shows and is told,
 * subscription.c its subscription. */
#pragma once

#include "app/workbench/pages/page.h"

#include "ui/ui.h"

G_BEGIN_DECLS

typedef struct
{
  EidEngineClient *client;

  GtkStack *stack; /* "status", "busy", "view" */
  AdwStatusPage *status;
  GtkSpinner *spinner;
  GtkLabel *busy;
  AdwBin *content;
  GtkBox *controls;
  GtkWidget *foot;
  GtkLabel *step_label;

  EidPair *pair;     /* the view, and the page beside it            */
  GtkWidget *titles; /* which run is shown, where two are; a row    */
  GtkWidget *title;  /* of these: this page's                       */
  EidRunTag *tag;
  GtkLabel *title_step;
  EidPage *beside;          /* the page of the other run, or NULL          */
  EidPage *joined;          /* the same, where this shows the other's view */
  gboolean follows, taking; /* led by it; it is just telling what to show  */

  GVariant *picture; /* the last one that was shown */
  guint64 step;
  gboolean shown;   /* there is a picture of this run              */
  gboolean looking; /* a Look is outstanding                       */
  guint serial;     /* of the newest Look; older answers are void  */
  gboolean anew;    /* the next Look wants a picture at once       */
  gboolean retry;   /* a refusal may be over: look once more       */
  char *refusal;    /* why this view cannot be had of this run     */
  gboolean rests;   /* it is refused, which the page shows itself  */
  gboolean text;    /* the run reads no pictures                   */
  char *note;       /* of what the view is, if of no run           */
  char *complaint;  /* why there is none of that                   */
  char *awaited;    /* what is done until there is                 */
  gboolean past;    /* what is shown is of an earlier step …       */
  guint64 at;       /* … than this one, or of it                   */
  gboolean led_on;  /* to another one while a Look was outstanding */
  guint soon, pace;
} EidPagePrivate;

EidPagePrivate *eid_page_private (EidPage *self);

/* page.c */
void eid_page_update_state (EidPage *self);

/* compare.c */
/* The foot is there where it or the page beside it shows a view. */
void eid_page_update_foot (EidPage *self);
/* Takes over what is chosen on the page that leads, if one does. */
void eid_page_adopt_choice (EidPage *self);

/* subscription.c */
/* Asks for a picture if one is wanted and none has been asked for. */
void eid_page_look (EidPage *self);

G_END_DECLS
