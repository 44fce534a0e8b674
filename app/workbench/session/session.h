/* session.h: one run on the desk: an engine, and the pages that look at what it trains.
 * A window has one, or two side by side.
 *
 * It asks the engine for the run's history and hands it to the pages.
 *
 * Signals:
 *   "history"   (GVariant *series): the points of former steps, a{sa(td)}
 *   "health"    (const EidVerdictReport *): the look at the run's health that is in view: the newest, or the
 * one of the step gone back to. NULL: there is none "chronicle" (EidChronicle *, gboolean first): events,
 * checkpoints and moments so far; @first: of a run just taken up                            */
#pragma once

#include "app/workbench/pages/page.h"

G_BEGIN_DECLS

#define EID_TYPE_DESK (eid_desk_get_type ())
G_DECLARE_FINAL_TYPE (EidDesk, eid_desk, EID, DESK, GObject)

/* With an engine that is yet to be launched. */
EidDesk *eid_desk_new (void);
EidEngineClient *eid_desk_client (EidDesk *self);

/* @page is to look at this run from now on; it must not go before the desk does. */
void eid_desk_add_page (EidDesk *self, EidPage *page);
guint eid_desk_n_pages (EidDesk *self);
EidPage *eid_desk_page (EidDesk *self, guint i);

/* Another run has begun, of pictures or of text: what the pages show of the former goes. */
void eid_desk_begin (EidDesk *self, gboolean text);
/* Asks for the whole history of a run that did not begin here. */
void eid_desk_take_up (EidDesk *self);
/* Asks for the chronicle soon: once for all that happens at a step. */
void eid_desk_refresh (EidDesk *self);
/* The pages show the run as it was at @step, or as it is. */
void eid_desk_travel (EidDesk *self, gboolean past, guint64 step);
/* The newest, or NULL. */
const EidChronicle *eid_desk_chronicle (EidDesk *self);

G_END_DECLS
