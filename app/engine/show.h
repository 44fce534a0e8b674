/* show.h: what a model sees and makes of pictures, as plain bytes: the views of
 * the workbench, and of `train` and `inspect` on disk.
 *
 * Pixels are u8 [count, size, size, channels], row by row.                   */
#pragma once

#include "health.h"
#include "setup.h"

G_BEGIN_DECLS

/* Views of pictures of the training half, as step @step saw them. */
typedef struct
{
  guint count, views, channels;
  guint size, view_size; /* pixels a side: of the sources, of the views */
  guint8 *sources;       /* [count, …]                              */
  guint8 *pixels;        /* [views, count, …]                       */
  EidAugmentDraw *draws; /* [views, count]                          */
  char **labels;         /* [count], NULL at the end                */
} EidAugmentationsView;

typedef struct
{
  guint count, size, channels, patch;
  guint8 *images, *masked, *reconstructed; /* [count, …]                      */
  guint8 *errors;                          /* [count, …], absolute error; 255 is error_max          */
  double error_max;                        /* of pixels in 0 … 1                                    */
  char **labels;
} EidReconstructionView;

typedef struct
{
  guint count, size, channels;
  guint grid;   /* patches a side                                          */
  guint extra;  /* tokens before the patches                               */
  guint tokens; /* extra + grid * grid                                     */
  guint layers, heads;
  guint layer;
  gint head;      /* -1: the mean of the heads                               */
  guint8 *images; /* [count, …]                                              */
  float *weights; /* [count, tokens, tokens], row = query                    */
  char **labels;
} EidAttentionView;

typedef struct
{
  EidHealth *health;
  gint32 *labels; /* [health->count], -1: none                             */
} EidEmbeddingView;

/* Pictures to look at: of the test half, or given as bytes. */
typedef struct
{
  guint count;
  guint8 *pixels; /* [count, h, w, C], of the data set's size                 */
  char **labels;  /* [count]                                                  */
} EidPictures;

/* @wanted: @count numbers in the test half; NULL: the first ones. Errors:
 * EID_ERROR_USAGE (no such picture), EID_DATASET_ERROR.                      */
EidPictures *eid_pictures_of_test (EidSetup *setup, const guint32 *wanted, guint count, GError **error);
/* Picture files, scaled and centre-cropped. Errors: EID_DATASET_ERROR. */
EidPictures *eid_pictures_of_files (EidSetup *setup, char **files, GError **error);
void eid_pictures_free (EidPictures *pictures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPictures, eid_pictures_free)

EidAugmentationsView *eid_show_augmentations (EidSetup *setup, const guint32 *samples, guint count,
                                              guint64 step, GError **error);

/* What can never be shown is EID_ERROR_USAGE, with a sentence: an objective
 * that reconstructs nothing, an encoder without attention, a layer or head
 * that is not there.                                                         */
EidReconstructionView *eid_show_reconstruction (EidSetup *setup, const EidPictures *pictures, GError **error);

/* @layer: negative from the last; @head: -1 for the mean. */
EidAttentionView *eid_show_attention (EidSetup *setup, const EidPictures *pictures, gint layer, gint head,
                                      GError **error);

EidEmbeddingView *eid_show_embedding (EidSetup *setup, GError **error);

/* The first three principal axes of all patch tokens as red, green and blue:
 * u8 [count, grid, grid, 3]. Free. Errors: as above, for an encoder without
 * tokens.                                                                    */
guint8 *eid_show_patch_axes (EidSetup *setup, const EidPictures *pictures, guint *grid, GError **error);

gboolean eid_can_reconstruct (EidSetup *setup);
gboolean eid_can_show_attention (EidSetup *setup);
gboolean eid_can_show_tokens (EidSetup *setup);

void eid_augmentations_view_free (EidAugmentationsView *view);
void eid_reconstruction_view_free (EidReconstructionView *view);
void eid_attention_view_free (EidAttentionView *view);
void eid_embedding_view_free (EidEmbeddingView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidAugmentationsView, eid_augmentations_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidReconstructionView, eid_reconstruction_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidAttentionView, eid_attention_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidEmbeddingView, eid_embedding_view_free)

G_END_DECLS
