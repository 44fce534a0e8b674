/* weights.h: an encoder's weights from the file of another program, and into one.
 *
 * Files are .safetensors with the names of timm, torchvision, Hugging Face or of DINOv2's repository
 * (app/store/names.c), in F16, BF16, F32 or F64.                             */
#pragma once

#include "plugins/host.h"
#include "app/store/names.h"
#include "app/store/store.h"

G_BEGIN_DECLS

/* --- What a file holds ------------------------------------------------------------------ */

/* Where what is said of attention heads and of normalisation comes from. */
typedef enum
{
  EID_SAID_NOWHERE,
  EID_SAID_BY_FAMILY, /* what published models of this shape have */
  EID_SAID_BY_CONFIG, /* config.json and the like beside the file */
  EID_SAID_BY_FILE,   /* its own metadata, as this program writes it */
} EidSaid;

typedef struct
{
  GPtrArray *settings; /* char * "Encoder.patch=16", …: the encoder it was made with; empty: not known */
  char *foreign;       /* a part that the program's encoders do not have, with a tensor of it; NULL: none */
  char *foreign_said;  /* the same, as config.json beside the file has it */
  char *summary;       /* the same, as a recipe's [Encoder] has it between commas */
  guint size;          /* pixels a side that it was made for; 0: not known */
  guint channels;      /* 0: not known */
  guint width, depth;  /* features and blocks; 0: not known */
  guint heads;         /* 0: not known, or none */
  EidSaid heads_said;
  double epsilon; /* of the layer norms; 0: not known */
  char *resize;   /* how position embeddings are resized, as [Encoder] resize has it; NULL: there are none */
  EidSaid moments_said;
  float mean[3], std[3];  /* pictures are normalised with these */
  const char *moments_of; /* "ImageNet", a user's word; NULL where the file says so itself */
} EidWeightsDescription;

/* Reads what encoder is in @file from the names and shapes of its tensors, its metadata and what lies beside
 * it. An encoder that is not recognised is no error. Errors: EID_STORE_ERROR of a file that is not sound,
 * EID_ERROR_FAILED of one of another kind, such as a pickle, which is never run. */
EidWeightsDescription *eid_weights_describe (const char *file, GError **error);
void eid_weights_description_free (EidWeightsDescription *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidWeightsDescription, eid_weights_description_free)

/* Sets the error @code that @file is of a network with @what, a description's foreign part. */
void eid_weights_refuse_foreign (const char *file, const char *what, int code, GError **error);

/* Settings of encoders that come with weights to begin with where a recipe leaves them open:
 * "Encoder.epsilon" and the like; NULL at the end. */
extern const char *const eid_weights_settings[];
/* Whether the @value of one of them leaves it open: 0 or auto. NULL, of an encoder that has no such setting,
 * does not. */
gboolean eid_weights_is_open (const char *value);

/* --- Reading ------------------------------------------------------------------------------ */

/* Gives the encoder among @parameters the weights of @file, and its teacher too. Names are recognised
 * by themselves, behind any prefix as well ("teacher.backbone."); of several encoders that fit,
 * eid_naming_compare_places() says which is taken. Position embeddings of another grid are resized by the
 * rule @resize, NULL: as the family does it; a mask token may be missing, and what lies beyond the encoder be
 * there. Anything else that is missing, left over or of another shape is an error that names it, and nothing
 * is changed.
 * @told (may be NULL): char * are added, a sentence each on what was taken and what was passed over.
 * Errors: EID_ERROR_FAILED, EID_STORE_ERROR.                                  */
gboolean eid_weights_load (EidParameters *parameters, const char *file, const char *resize, GPtrArray *told,
                           GError **error);

/* The encoder's own name of parameter @i, NULL if it is not the encoder's. */
const char *eid_encoder_parameter_name (EidParameters *parameters, guint i);

/* --- Writing ------------------------------------------------------------------------------ */

/* What an export has to know that tensors do not say. */
typedef struct
{
  guint size, heads;       /* pixels a side; heads of a block, 0 where there are none */
  double epsilon;          /* of the layer norms                                       */
  const char *pooling;     /* of a transformer, as [Encoder] has it; else NULL         */
  const float *mean, *std; /* [3], what pictures are normalised with; NULL: not known */
} EidWeightsFacts;

/* The encoder's tensors as the first naming of @family that can hold it calls them: elements
 * EidSafetensor, which the array owns. @told: char * are added, sentences on how to load them. @files:
 * "config.json" and the like -> text of what has to lie beside the file; free. Either may be NULL. Errors:
 * EID_ERROR_USAGE, saying which setting would do. */
GArray *eid_weights_named (EidParameters *parameters, const char *family, const EidWeightsFacts *facts,
                           GPtrArray *told, GHashTable **files, GError **error);

G_END_DECLS
