/* fake-plugin.h: plugins as fake-engine.c has them: begun, built and swapped in without a compiler. */
#pragma once

#include "app/wire/wire.h"

/* `new` and `build`: the exit status; -1: neither was asked for. */
int fake_plugin_command (int argc, char **argv);
/* The method Replace. */
void fake_plugin_connect (EidWireEngine *wire);
