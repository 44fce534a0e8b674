/* pictures.h: the views of views/compute.h as PNG files, with what their rows, columns and colours are: what `train`
 * leaves in RUN/pictures and `inspect` writes.                               */
#pragma once

#include "app/engine/views/compute.h"

G_BEGIN_DECLS

/* Whose pictures they are. */
typedef struct
{
  const char *subtitle; /* the run, its step, whose weights                   */
  const char *rows;     /* what names the rows: "class", "file"                       */
} EidDrawNote;

/* "Fashion DINO, step 1,500, the teacher’s weights". Free. */
char *eid_draw_subtitle (EidSetup *setup, gboolean teacher);

/* Each writes one file; small pictures are enlarged pixel by pixel. Errors:
 * EID_ERROR_FAILED, naming the file.                                         */

/* A row a picture: the source, then its views. */
gboolean eid_draw_augmentations (const EidAugmentationsView *view, const EidDrawNote *note, const char *file,
                                 GError **error);
/* A row a picture: as it is, as the model saw it, as it was rebuilt, the error. */
gboolean eid_draw_reconstruction (const EidReconstructionView *view, const EidDrawNote *note,
                                  const char *file, GError **error);
/* A row a picture: as it is, then, of the last layer, the mean of the heads and
 * each head's attention of the class token, or of all patches where there is
 * none.                                                                      */
gboolean eid_draw_attention (const EidAttentionView *view, const EidDrawNote *note, const char *file,
                             GError **error);
/* The same: as it is, then the attention rolled out after each layer.        */
gboolean eid_draw_rollout (const EidAttentionView *view, const EidDrawNote *note, const char *file,
                           GError **error);
/* The watched pictures on two axes, coloured by class. */
gboolean eid_draw_embedding (const EidEmbeddingView *view, EidDataset *dataset, const EidDrawNote *note,
                             const char *file, GError **error);
/* A row a picture: as it is, and its patches' first three axes as colours. */
gboolean eid_draw_patches (const EidPatchesView *view, const EidDrawNote *note, const char *file,
                           GError **error);

G_END_DECLS
