/* pack-health.h: the run's health as the wire has it: told when it is looked at, and
 * to be had again by whoever asks.                                            */
#pragma once

#include "app/engine/views/context.h"

G_BEGIN_DECLS

/* The dictionary of the signal Health, a{sv}; floating. */
GVariant *eid_health_on_the_wire (const EidHealthReport *health);

/* The same of the last look at the run's health, into @out. Errors: EID_ERROR_FAILED before the first. */
gboolean eid_look_at_health (const EidViewContext *context, GVariant *options, GVariantBuilder *out, GError **error);
/* FALSE, with the error that says so. */
gboolean eid_fail_no_health (GError **error);

G_END_DECLS
