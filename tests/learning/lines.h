/* lines.h: what `train --json` printed, read back. */
#pragma once

#include <json-glib/json-glib.h>

/* The lines of @output, each a JsonObject*; fails the test where one is not an
 * object.                                                                    */
GPtrArray *lines_parse (const char *output);
JsonObject *lines_last (GPtrArray *lines);
/* A member's number; fails the test when it is not there. */
double lines_number (JsonObject *line, const char *key);
