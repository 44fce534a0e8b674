/* page.h: one page of the window: a view of the run that is computed only while
 * somebody looks.
 *
 * While the page is on screen and a run goes on it keeps one Look outstanding
 * and asks again, with `since`, as soon as one is answered; that is the whole
 * subscription. A page says in every state what is the matter: nothing started,
 * being prepared, not to be had of this run (and of which it could be had),
 * the picture. Subclasses say what they look at and show what came back.      */
#pragma once

#include <adwaita.h>

#include "app/workbench/client/history.h"
#include "app/workbench/client/client.h"

G_BEGIN_DECLS

#define EID_TYPE_PAGE (eid_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (EidPage, eid_page, EID, PAGE, AdwBin)

/* What becomes of a Look that was refused. */
typedef enum
{
  EID_REFUSAL_STANDS, /* the page says what cannot be seen, and why               */
  EID_REFUSAL_SHOWN,  /* it does so in its own place, beside its controls         */
  EID_REFUSAL_MENDED, /* what it was refused for is gone: it is asked again       */
} EidRefusal;

struct _EidPageClass
{
  AdwBinClass parent_class;

  const char *view;    /* of Look; NULL: the page lives on reports alone        */
  const char *title;   /* "Attention"                                           */
  const char *icon;    /* of its status page                                    */
  const char *promise; /* what will be here, before a run                       */
  const char *remedy;  /* what has this view, said after the engine's refusal   */

  /* Which view of Look the page wants now; NULL: always the one above. */
  const char *(*choose_view) (EidPage *self);
  /* Adds to the options of a Look. */
  void (*add_options) (EidPage *self, GVariantDict *options);
  /* Shows the picture of @step; FALSE if it cannot be read. */
  gboolean (*show) (EidPage *self, guint64 step, GVariant *picture);
  /* A Look was refused with @sentence; NULL: it stands. */
  EidRefusal (*refused) (EidPage *self, const char *sentence);
  void (*progress) (EidPage *self, const EidReport *report);
  void (*evaluated) (EidPage *self, const EidEvaluation *evaluation);
  /* The look at the run's health that is in view: the newest, or one of the past; NULL: none. */
  void (*health) (EidPage *self, const EidVerdictReport *report);
  void (*event) (EidPage *self, guint64 step, const char *kind, const char *text);
  /* The points of former steps, a{sa(td)}. */
  void (*history) (EidPage *self, GVariant *series);
  /* Events, checkpoints and moments so far; comes again when there are more. */
  void (*chronicle) (EidPage *self, const EidChronicle *chronicle);
  /* What there is to see is of step @at, or of now. */
  void (*travel) (EidPage *self, gboolean past, guint64 at);
  /* A new run: what was of the old one goes. */
  void (*clear) (EidPage *self);

  /* What a person has chosen, for the page that shows another run beside this one, and what was
   * chosen there; one that follows tells what was pointed at alone. Both or neither. */
  void (*save_choice) (EidPage *self, GVariantDict *choice);
  void (*take_choice) (EidPage *self, GVariantDict *choice);
  /* Gives @other, which is to stand beside this, what the two have in common. */
  void (*share) (EidPage *self, EidPage *other);
  /* Shows what @other is told in this page's own view, not beside it; NULL: no longer. */
  void (*join) (EidPage *self, EidPage *other);
};

/* Called once, after construction. */
void eid_page_set_client (EidPage *self, EidEngineClient *client);

/* For subclasses: the view, large, and a row at its foot for its controls. */
void eid_page_set_content (EidPage *self, GtkWidget *content);
/* For an export: the view's widget, and what it was drawn from, a{sv} of Look, or NULL. */
GtkWidget *eid_page_get_content (EidPage *self);
GVariant *eid_page_get_picture (EidPage *self);
void eid_page_add_control (EidPage *self, GtkWidget *control);
/* Options have changed: look again at once. */
void eid_page_look_again (EidPage *self);
/* The step of what is on screen. */
void eid_page_set_step (EidPage *self, guint64 step);
guint64 eid_page_get_step (EidPage *self);
/* Whether it shows, or is about to show, a step that was gone back to. */
gboolean eid_page_in_past (EidPage *self);
/* What is on screen is of no run: @note says of what, in place of the step, until
 * something of a run is shown. */
void eid_page_set_note (EidPage *self, const char *note);
/* What is done until there is something of no run to show. */
void eid_page_wait (EidPage *self, const char *what);
/* Why there is nothing to show of what is of no run. */
void eid_page_complain (EidPage *self, const char *sentence);
/* For subclasses that ask the engine for more than a Look. */
EidEngineClient *eid_page_get_client (EidPage *self);

/* For subclasses: something was chosen that the page beside this one is to show too. */
void eid_page_tell_choice (EidPage *self);
/* It is led by another page, and has no controls of its own. */
gboolean eid_page_follows (EidPage *self);

/* --- Two runs beside one another ------------------------------------------------ */

/* Shows @other, of the same class and with another run, beside this page, with this page's
 * controls for both. NULL: alone again, and @other is gone. */
void eid_page_set_beside (EidPage *self, EidPage *other);
/* Titles the page as that of run 0 or 1; @name NULL: without a title. */
void eid_page_set_run (EidPage *self, guint run, const char *name);
/* What an export shows: the view, or both. */
GtkWidget *eid_page_get_shown (EidPage *self);

/* For the window. */
/* The run reads text: what a page says of its remedy is about that. */
void eid_page_set_text (EidPage *self, gboolean text);
gboolean eid_page_is_text (EidPage *self);
void eid_page_begin (EidPage *self); /* a run was started or taken up again */
/* The look at the run's health that is in view; NULL: there is none. */
void eid_page_health (EidPage *self, const EidVerdictReport *report);
void eid_page_history (EidPage *self, GVariant *series);
void eid_page_chronicle (EidPage *self, const EidChronicle *chronicle);
/* Shows the run as it was at step @at, until it is led back to now. */
void eid_page_travel (EidPage *self, gboolean past, guint64 at);

G_END_DECLS
