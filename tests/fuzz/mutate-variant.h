/* mutate-variant.h: a GVariant with something in it changed, as an input says. */
#pragma once

#include "tests/fuzz/fuzz.h"

G_BEGIN_DECLS

/* A new one of the same type, of @value and the next bytes of @input: a number, text or length somewhere in
 * it is another, or something is missing, is there twice, or has another type where any type may be. */
GVariant *fuzz_mutate (GVariant *value, FuzzInput *input);

G_END_DECLS
