/* params.h: what the kit knows of a plugin's parameter table beyond host.h. */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* What is wrong with the table @params (may be NULL: no parameters), as a
 * sentence to free, or NULL if it is sound: every row with a key, a known
 * type, a doc and a default that its own range admits.                       */
char *eid_params_problem (const EidParam *params);

G_END_DECLS
