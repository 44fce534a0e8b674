/* fake-own.h: views that the fake engine's plugins publish. */
#pragma once

#include <glib.h>

/* Adds what the answer to Look “own” has at @step; with @options, not NULL, attention over text, too. */
void fake_own (GVariantBuilder *picture, guint64 step, GVariant *options);
