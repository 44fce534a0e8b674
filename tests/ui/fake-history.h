/* fake-history.h: what fake-engine.c remembers of its run, to go back in it: events,
 * checkpoints and moments, in this process alone.                            */
#pragma once

#include "app/wire/wire.h"

void fake_history_clear (void);
void fake_history_event (guint64 step, const char *kind, const char *text);
void fake_history_moment (guint64 step);
/* Forgets what is after @step. */
void fake_history_rewind (guint64 step);
/* Takes the last edit back: to which step, and its text (free); FALSE: there is none. */
gboolean fake_history_undo (guint64 *step, char **edit);
/* The moment at or before @at; FALSE: there is none. */
gboolean fake_history_moment_at (guint64 at, guint64 *step);
gboolean fake_history_has_checkpoint (guint64 step);
/* Keep and Timeline. */
void fake_history_connect (EidWireEngine *wire);
