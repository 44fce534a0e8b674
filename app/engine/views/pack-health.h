/* pack-health.h: the run's health as the wire has it: told when it is looked at, and
 * to be had again by whoever asks.                                            */
#pragma once

#include "app/engine/trainer/trainer.h"

G_BEGIN_DECLS

/* The dictionary of the signal Health, a{sv}; floating. */
GVariant *eid_health_on_the_wire (const EidHealthReport *health);

/* The same of the look at @step, or of the last before it; see eid_trainer_health_at(). Floating, or NULL
 * with @error set: EID_ERROR_FAILED before the first. */
GVariant *eid_health_at (EidTrainer *trainer, guint64 step, GError **error);

/* The same of the last look at the run's health, into @out. Errors: EID_ERROR_FAILED before the first. */
gboolean eid_look_at_health (EidTrainer *trainer, GVariant *options, GVariantBuilder *out, GError **error);

G_END_DECLS
