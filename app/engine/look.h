/* look.h: a look at a view, from its options on the wire to the dictionary
 * that answers it; the keys are those of org.eidoscope.Engine.xml.           */
#pragma once

#include "trainer.h"

G_BEGIN_DECLS

/* -> a{sv}, floating. Errors: EID_ERROR_USAGE for what can never be shown, and
 * what else can fail.                                                        */
GVariant *eid_look (EidTrainer *trainer, const char *view, GVariant *options, GError **error);

G_END_DECLS
