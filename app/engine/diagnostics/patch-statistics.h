/* patch-statistics.h: what can be known of hidden patches without having seen them. */
#pragma once

#include "plugins/host.h"

G_BEGIN_DECLS

/* The reconstruction of @artefacts, which is standardised, with other brightness and
 * contrast in the hidden patches: guessed from the patches that were seen around, in
 * place of the true ones. -> F32 [B, H, W, C], normalised. Free.             */
float *eid_paint_honestly (const EidArtefacts *artefacts);

G_END_DECLS
