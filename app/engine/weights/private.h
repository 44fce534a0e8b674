/* private.h: what reading and describing files of weights share. */
#pragma once

#include "app/engine/weights/weights.h"

G_BEGIN_DECLS

/* eid_safetensors_open() of a file from anywhere: one of another kind is refused with what to do about it.
 * (open.c) */
EidSafetensors *eid_weights_open (const char *file, GError **error);

/* What can be told of an encoder from @tensors alone: settings, summary, size, channels, width and depth. */
EidWeightsDescription *eid_weights_describe_tensors (const char *file, EidSafetensors *tensors);

/* "[16, 3, 4, 4]"; free. */
char *eid_safetensor_shape (const EidSafetensor *tensor);

/* The side of a square grid of @patches, or 0. */
guint eid_grid_side (guint64 patches);

/* Whether names behind @prefix may be @naming's: those of DINOv2's repository differ from timm's by a token
 * alone. */
gboolean eid_weights_may_be (EidSafetensors *tensors, const EidNaming *naming, const char *prefix);

/* @prefix and @name of @tensors, or NULL. */
const EidSafetensor *eid_weights_find (EidSafetensors *tensors, const char *prefix, const char *name);

/* A part of the network behind @prefix that no setting of ours gives, by the names of its tensors, as words
 * with a tensor; NULL: there is none. Free. (foreign.c) */
char *eid_weights_find_foreign (EidSafetensors *tensors, const char *prefix);
/* The same of a file in which no encoder was recognised. Free. */
char *eid_weights_find_stranger (EidSafetensors *tensors);
/* "@what (the tensor “@tensor”)"; free. */
char *eid_weights_tell_foreign (const char *what, const char *tensor);

/* --- An import that goes on --------------------------------------------------------------- */

typedef struct
{
  EidParameters *parameters;
  const char *file;
  const char *resize; /* how positions are to be resized; NULL: as the family does it */
  EidSafetensors *tensors;
  const EidNaming *naming;
  char *prefix;        /* before all names of the file, "" or "vit." */
  GHashTable *used;    /* names of the file that have been read       */
  GPtrArray *values;   /* float *, for each parameter; NULL: stays    */
  float *of_registers; /* positions of registers, [count, width]; NULL: they have none */
  gboolean fits;       /* all of the encoder is there, in its shapes  */
  guint zero_biases;   /* that the file does not have                 */
  GPtrArray *told;     /* sentences; NULL: nobody wants them          */
} EidImport;

void eid_import_tell (EidImport *import, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* What @naming calls our parameter @i; NULL where it is not the encoder's, or has no name. Free. */
char **eid_import_theirs (EidImport *import, const EidNaming *naming, guint i);

/* Whether a file may do without a parameter of this name: it is 0 then, or stays as it is. */
gboolean eid_import_is_optional (const char *name);

/* Whether @stored is of @shape, axes of 1 aside; the first axis may be @parts times shorter. */
gboolean eid_safetensor_has_shape (const EidSafetensor *stored, EidShape shape, guint parts);

/* recognise.c */
/* The naming and prefix of the encoder to take: one that fits, if there is one. */
gboolean eid_import_recognise (EidImport *import, GError **error);
/* foreign.c */
/* Refuses a network with a part that no setting of ours gives. */
gboolean eid_import_check_foreign (EidImport *import, GError **error);

/* --- An export ----------------------------------------------------------------------------- */

/* What an encoder is made of, as its parameters tell. */
typedef struct
{
  gboolean transformer, residual; /* neither: another program's names are of no use */
  gboolean class_token, registers, gains, pre_norm, pooled_norm, mask_token;
  guint channels, width, patch, depth, hidden, grid;
  guint n_registers;
  guint blocks[4]; /* of a residual network */
  guint widths[4]; /* channels of its stages */
  gboolean bottleneck, small_stem;
} EidAnatomy;

EidAnatomy eid_anatomy_of (EidParameters *parameters);

/* config.c */
/* What transformers wants beside a file: file name -> text, both to be freed with the table. */
GHashTable *eid_weights_config_files (const EidAnatomy *anatomy, const EidWeightsFacts *facts);
/* How timm makes the model that takes the weights. Free. */
char *eid_weights_timm_call (const EidAnatomy *anatomy, const EidWeightsFacts *facts);

G_END_DECLS
