/* fake-own.h: views that the fake engine's plugins publish. */
#pragma once

#include <glib.h>

/* Adds what the answer to Look “own” has at @step. */
void fake_own (GVariantBuilder *picture, guint64 step);
