/* compute.h: what a model sees and makes of pictures, as plain bytes: the views of
 * the workbench, and of `train` and `inspect` on disk.
 *
 * Pixels are u8 [count, size, size, channels], row by row.                   */
#pragma once

#include "app/engine/diagnostics/collapse.h"
#include "app/engine/setup/pictures.h"

G_BEGIN_DECLS

/* Views of pictures of the training half, as step @step saw them. */
typedef struct
{
  guint count, views, channels;
  guint small;           /* of the views, the last: small crops      */
  guint size, view_size; /* pixels a side: of the sources, of the views */
  guint8 *sources;       /* [count, …]                              */
  guint8 *pixels;        /* [views, count, …]                       */
  EidAugmentDraw *draws; /* [views, count]                          */
  guint8 *beside_pixels; /* the same under other strengths, or NULL */
  EidAugmentDraw *beside_draws;
  char **labels; /* [count], NULL at the end                        */
} EidAugmentationsView;

/* What stands where a patch is hidden. */
enum
{
  EID_HIDDEN_GREY = 110
};

typedef struct
{
  guint count, size, channels, patch;
  guint8 *mask;                            /* [count, patches], 1 where hidden */
  guint8 *images, *masked, *reconstructed; /* [count, …]                      */
  guint8 *honest; /* the same, brightness and contrast of hidden patches guessed from the seen ones;
                     NULL where the model predicts them                       */
  guint8 *errors, *honest_errors; /* [count, …], absolute error; 255 is error_max */
  double error_max;               /* of pixels in 0 … 1                       */
  char **labels;
} EidReconstructionView;

/* Whose weights a look is through; both may be asked for at once. */
typedef enum
{
  EID_OF_STUDENT = 1,
  EID_OF_TEACHER = 2, /* of objectives that have one */
} EidWhose;

/* All layers and heads: the attention of a picture's tokens to one another. */
typedef struct
{
  guint count, size, channels;
  guint grid;           /* patches a side                                    */
  guint extra;          /* tokens before the patches                         */
  gboolean class_token; /* the first of these; the others are registers      */
  guint tokens;         /* extra + grid * grid                               */
  guint layers, heads;
  guint8 *images; /* [count, …]                                              */
  /* attention[layer] [count, heads, tokens, tokens], row = query; NULL: not asked for */
  EidArtefacts *student, *teacher;
  char **labels;
} EidAttentionView;

/* Colours are three axes: red, green and blue. */
#define EID_PATCH_AXES 3

/* Principal axes of patch tokens, and the deviation along each. */
typedef struct
{
  guint width;
  double *mean; /* [width]                                                   */
  double *axes; /* [EID_PATCH_AXES, width], unit vectors                     */
  double spread[EID_PATCH_AXES], explained[EID_PATCH_AXES]; /* share of the variance */
} EidPatchBasis;

typedef struct
{
  guint count, size, channels, grid;
  guint8 *images;       /* [count, …]                                         */
  float *tokens;        /* [count, grid * grid, basis->width], of the last block */
  guint8 *colours;      /* [count, grid, grid, 3]                             */
  EidPatchBasis *basis; /* of the watched pictures' tokens                    */
  char **labels;
} EidPatchesView;

typedef struct
{
  EidHealth *health;
  gint32 *labels; /* [health->count], -1: none                             */
} EidEmbeddingView;

/* Whose attention over text is shown: a negative layer counts from the last, head -1 is the mean of heads.
 * One that the model has not is its last. */
typedef struct
{
  gint layer, head;
} EidTextAttention;

#define EID_LAST_LAYER ((EidTextAttention){ -1, -1 })

/* A view of a plugin's own, ready to be shown. */
typedef struct
{
  const EidOwnView *view; /* as it was published                           */
  guint8 *pixels;         /* of images [N, H, W, C]; of maps [N, H, W], 0 being least and 255 greatest */
  double least, greatest; /* of maps, matrices and tokens                   */
  double *x, *y;          /* of points [N]                                  */
  double explained[2];    /* share of the variance along x and y; NaN: they are as published */
  gboolean attention;     /* a matrix of attention over text                */
} EidShownView;

typedef struct
{
  EidArtefacts *artefacts;
  GPtrArray *views;           /* EidShownView                                         */
  char **labels;              /* of the pictures or passages that were looked at      */
  guint layers, heads;        /* of attention over text; 0: there is none   */
  EidTextAttention attention; /* the layer, from the first, and head shown  */
} EidOwnViews;

/* @beside: strengths to show the same draws under, too; or NULL. */
EidAugmentationsView *eid_show_augmentations (EidSetup *setup, const guint32 *samples, guint count,
                                              guint64 step, const EidAugment *beside, GError **error);
/* The same of @pictures of the training half, numbered @samples, in @views: needs no model. */
EidAugmentationsView *eid_show_views (EidSetup *setup, EidViews views, const EidPictures *pictures,
                                      const guint32 *samples, guint64 step, const EidAugment *beside,
                                      GError **error);

/* What can never be shown is EID_ERROR_USAGE, with a sentence: an objective
 * that reconstructs nothing, an encoder without attention, a layer or head
 * that is not there.                                                         */
/* @masks: for each picture [patches], 1 where hidden and one at least not, or NULL for one drawn by
 * chance; NULL: none.                                                        */
EidReconstructionView *eid_show_reconstruction (EidSetup *setup, const EidPictures *pictures,
                                                const guint8 *const *masks, GError **error);

/* A teacher that is not there is EID_ERROR_USAGE, too. */
EidAttentionView *eid_show_attention (EidSetup *setup, const EidPictures *pictures, EidWhose whose,
                                      GError **error);
/* The layer @layer is, negative from the last, if it and @head (-1: their mean) are there; else -1 and
 * EID_ERROR_USAGE.                                                          */
gint eid_attention_layer (const EidAttentionView *view, gint layer, gint head, GError **error);
/* The weights [tokens, tokens] of one @head, or for -1 the heads' mean, into @map. @of is the view's
 * student or teacher.                                                       */
void eid_attention_map (const EidAttentionView *view, const EidArtefacts *of, guint picture, guint layer,
                        gint head, float *map);
/* Attention rollout (Abnar & Zuidema 2020, arXiv:2005.00928, section 3): how much of what token @query
 * holds after layer @layer comes from each token of the picture, if half of each layer's
 * output is its input; for -1, the mean of the patches. @row [tokens] sums to 1. */
void eid_attention_rollout (const EidAttentionView *view, const EidArtefacts *of, guint picture, guint layer,
                            gint query, double *row);

EidEmbeddingView *eid_show_embedding (EidSetup *setup, GError **error);

/* Patch tokens of @pictures and their colours on the axes of the tokens of watched pictures. @former
 * (or NULL) is a basis used before: the axes are turned and ordered to be like it, or, if it is
 * @frozen, it is used itself. One of another width is passed over. Errors: as above, for an encoder
 * without patch tokens.                                                      */
EidPatchesView *eid_show_patches (EidSetup *setup, const EidPictures *pictures, const EidPatchBasis *former,
                                  gboolean frozen, GError **error);
EidPatchBasis *eid_patch_basis_new (guint width);
void eid_patch_basis_free (EidPatchBasis *basis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPatchBasis, eid_patch_basis_free)
/* The first axes of @tokens [rows, width], at least one row; the largest loading of each is positive.
 * Errors: EID_ERROR_FAILED (not finite).                                     */
EidPatchBasis *eid_patch_basis_of (const float *tokens, gsize rows, guint width, GError **error);
/* Orders and turns the axes so that each is as near as can be to that of @former, of the same width. */
void eid_patch_basis_align (EidPatchBasis *basis, const EidPatchBasis *former);
/* Red, green and blue: two deviations below the mean 0, two above 255. @colours [rows, 3]. */
void eid_patch_colours (const EidPatchBasis *basis, const float *tokens, gsize rows, guint8 *colours);

/* What the plugins publish under names of their own of @pictures, or of @count passages where the data are
 * text (@pictures is NULL then), and of text the @attention of an encoder that has it. Errors: as above,
 * where there is nothing.                                                           */
EidOwnViews *eid_show_own (EidSetup *setup, const EidPictures *pictures, guint count,
                           EidTextAttention attention, GError **error);
void eid_own_views_free (EidOwnViews *views);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidOwnViews, eid_own_views_free)
/* "matrix" */
const char *eid_own_view_kind (const EidOwnView *view);

gboolean eid_can_reconstruct (EidSetup *setup);
gboolean eid_can_show_attention (EidSetup *setup);
gboolean eid_has_teacher (EidSetup *setup);
gboolean eid_can_show_tokens (EidSetup *setup);

void eid_augmentations_view_free (EidAugmentationsView *view);
void eid_reconstruction_view_free (EidReconstructionView *view);
void eid_attention_view_free (EidAttentionView *view);
void eid_patches_view_free (EidPatchesView *view);
void eid_embedding_view_free (EidEmbeddingView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidAugmentationsView, eid_augmentations_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidReconstructionView, eid_reconstruction_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidAttentionView, eid_attention_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidPatchesView, eid_patches_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidEmbeddingView, eid_embedding_view_free)

G_END_DECLS
