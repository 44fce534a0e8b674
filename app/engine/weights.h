/* weights.h: an encoder's weights from the file of another program, and into one.
 *
 * Files are .safetensors with the names of timm, torchvision, Hugging Face or of DINOv2's repository
 * (app/store/names.c), in 32 bits.                                           */
#pragma once

#include "host.h"
#include "names.h"
#include "store.h"

G_BEGIN_DECLS

/* Gives the encoder among @parameters the weights of @file, and its teacher too. Names are recognised
 * by themselves, behind any one word and a dot as well ("vit."). Position embeddings of another grid
 * are resized; a mask token may be missing, and what belongs to a classifier be there. Anything else
 * that is missing, left over or of another shape is an error that names it, and nothing is changed.
 * Errors: EID_ERROR_FAILED, EID_STORE_ERROR.                                  */
gboolean eid_weights_load (EidParameters *parameters, const char *file, GError **error);

/* The encoder's own name of parameter @i, NULL if it is not the encoder's. */
const char *eid_encoder_parameter_name (EidParameters *parameters, guint i);

/* The encoder's tensors as the first naming of @family that has a name for each of them calls them:
 * elements EidSafetensor, which the array owns. Errors: EID_ERROR_USAGE, EID_ERROR_FAILED. */
GArray *eid_weights_named (EidParameters *parameters, const char *family, GError **error);

G_END_DECLS
