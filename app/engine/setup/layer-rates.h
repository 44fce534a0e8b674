/* layer-rates.h: layer-wise decay of the learning rate (Clark et al. 2020; as
 * Bao et al. 2022 and He et al. 2022 fine-tune with it).
 *
 * Of an encoder of L blocks, block i = 1 … L gets the rate times
 * decay^(L + 1 - i), what comes before the blocks (patch embedding, tokens,
 * positions, stem) times decay^(L + 1), what comes after them and the objective
 * the whole rate. The blocks of a residual network are its stages.           */
#pragma once

#include "opencl/core/tensor.h"

G_BEGIN_DECLS

/* How deep in the encoder parameter @name ("encoder.blocks.3.attn.qkv.weight")
 * lies: 0 before the blocks, i in block i. FALSE for what comes after them, is
 * no part of an encoder, or has a name that does not tell.                   */
gboolean eid_layer_depth (const char *name, guint *depth);

/* Sets the rates of all of @parameters; @decay 1: none. Errors:
 * EID_ERROR_USAGE where no name tells a depth.                               */
gboolean eid_layer_rates_set (EidParameters *parameters, double decay, GError **error);

G_END_DECLS
