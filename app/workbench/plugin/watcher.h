/* watcher.h: a plugin being written: its source is watched, built when it is saved, and
 * swapped into the run that trains it, or put among the choices.
 *
 * Signals:
 *   "changed"   something that is to be shown
 *   "listed"    there is a plugin in the folder that was not, or is another now
 */
#pragma once

#include "app/workbench/client/client.h"
#include "app/workbench/plugin/build.h"

G_BEGIN_DECLS

typedef enum
{
  EID_WORKSHOP_WATCHING, /* nothing was built yet                     */
  EID_WORKSHOP_BUILDING,
  EID_WORKSHOP_SWAPPING,
  EID_WORKSHOP_GOOD,
  EID_WORKSHOP_FAILED,
} EidWorkshopState;

#define EID_TYPE_WORKSHOP (eid_workshop_get_type ())
G_DECLARE_FINAL_TYPE (EidWorkshop, eid_workshop, EID, WORKSHOP, GObject)

EidWorkshop *eid_workshop_new (EidEngineClient *client);

/* From now on @source is watched, in the place of any other. NULL: none is. */
void eid_workshop_open (EidWorkshop *self, const char *source);
void eid_workshop_build (EidWorkshop *self);
/* A run was just gone on with: with what was built meanwhile, if it trains that. Without, it would go on with
 * the code that it keeps. */
void eid_workshop_resumed (EidWorkshop *self);
/* What the run in the window trains, ids; NULL: not known. */
void eid_workshop_set_used (EidWorkshop *self, const char *encoder, const char *objective);

const char *eid_workshop_source (EidWorkshop *self); /* or NULL */
EidWorkshopState eid_workshop_state (EidWorkshop *self);
const char *eid_workshop_words (EidWorkshop *self);      /* a sentence of how it is */
GPtrArray *eid_workshop_diagnostics (EidWorkshop *self); /* EidDiagnostic           */

G_END_DECLS
