/* views.h: a look at a view, from its options on the wire to the dictionary
 * that answers it; the keys are those of org.eidoscope.Engine.xml.           */
#pragma once

#include "app/engine/views/context.h"

G_BEGIN_DECLS

/* -> a{sv}, floating. Errors: EID_ERROR_USAGE for what can never be shown, and
 * what else can fail.                                                        */
GVariant *eid_look (const EidViewContext *context, const char *view, GVariant *options, GError **error);

/* How long steps go on alone after a look, or after a moment was stored, that took so long, all in
 * microseconds: together they may take a tenth of the time of a run.         */
gint64 eid_look_pause (gint64 took);
gint64 eid_moment_pause (gint64 took);

G_END_DECLS
