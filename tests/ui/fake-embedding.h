/* fake-embedding.h: the space of features as fake-engine.c has it: classes that part from
 * one another step by step.                                                   */
#pragma once

#include <glib.h>

/* Each adds to @picture what Look answers at @step; @options as they were asked with. */
void fake_embedding (GVariantBuilder *picture, guint64 step, GVariant *options);
void fake_similarity (GVariantBuilder *picture, guint64 step);
void fake_prototypes (GVariantBuilder *picture, guint64 step);
void fake_health (GVariantBuilder *picture, guint64 step);
