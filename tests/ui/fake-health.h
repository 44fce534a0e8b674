/* fake-health.h: how the fake run's features fare: what a look at a step finds, the same whenever it is
 * asked. */
#pragma once

#include <gio/gio.h>

/* Whether there is a look at @step: at 0, every 50 steps, and where FAKE_ENGINE_ALARM begins and ends. */
gboolean fake_is_look (guint64 step);
/* The record of the look at @step, or of the last before it; a{sv}, floating. */
GVariant *fake_look_at (guint64 step);
/* Whether it raises an alarm. */
gboolean fake_is_collapsed (guint64 step);
/* As Evaluated has it, into @dict: of a step at which there was an evaluation. */
void fake_add_probes (GVariantDict *dict, guint64 step);
/* What the history has of the looks and evaluations up to @step, into a{sa(td)}. */
void fake_add_series (GVariantBuilder *series, guint64 step);
