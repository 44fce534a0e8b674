/* setup.h: what a recipe resolves to: an open device, both halves of the data,
 * a model with its weights, and the moments pictures are normalised with.
 *
 * Everything of the engine works on one of these: the trainer moves its
 * weights, evaluation, health and the views look at them.                    */
#pragma once

#include "app/engine/setup/augment.h"

#include "app/datasets/dataset.h"
#include "plugins/host.h"
#include "app/store/store.h"

G_BEGIN_DECLS

/* Told what is being prepared ("compiling attention", "reading pictures"). */
typedef void (*EidPrepareFunc) (const char *what, gpointer user_data);

/* Told how much of a piece of work ("features") is done. FALSE: no more of it is wanted. */
typedef gboolean (*EidDoneFunc) (const char *what, guint64 done, guint64 all, gpointer user_data);

typedef struct _EidPictures EidPictures;

/* What a model is made of, and each other's code. */
enum
{
  EID_PART_ENCODER,
  EID_PART_OBJECTIVE,
  EID_N_PARTS
};

typedef struct
{
  EidRegistry *registry; /* not owned                                         */
  EidRecipe *recipe;     /* with every key of the plugins; live edits go here */
  EidDevice *device;
  EidDataset *train, *test;
  EidModel *model;
  EidAugment augment;
  guint batch, parts; /* samples, and in how many parts they are one update */
  guint size;         /* pixels a side of a view; of text, its tokens         */
  guint channels;     /* of text, tokens there are                            */
  guint64 seed;
  guint64 step;             /* steps the weights have gone through               */
  float mean[3], std[3];    /* pictures in 0 … 1 are normalised with, by channel */
  GPtrArray *told;          /* char *: what was decided while it was opened, a sentence each */
  EidPrepareFunc preparing; /* also of what comes later: kernels that are compiled when first used */
  gpointer preparing_data;
  EidDoneFunc done; /* told by probes, which take a while; may be NULL         */
  gpointer done_data;
  char *obstacle; /* why the last evaluation has no probes of classes; NULL: it has */
  char *changed;  /* in what the data differ from those of its checkpoint; NULL: in nothing */
  gboolean told_stretched; /* by eid_data_tell_stretched() */
  EidPictures *own; /* picture files that were looked at last, and which they were */
  char *own_name;
  char *code[EID_N_PARTS];                  /* as the run keeps it; NULL: of the program's own plugins */
  const EidDescriptor *placed[EID_N_PARTS]; /* in the registry, for this setup; or NULL                 */
} EidSetup;

/* The format that [Run] precision names, "auto" being the best on @device; and its name. */
EidType eid_precision_choose (EidDevice *device, const char *name);
const char *eid_precision_name (EidType precision);

typedef struct
{
  const char *device;       /* as eid_device_open() takes it                  */
  EidPrepareFunc preparing; /* may be NULL                                    */
  gpointer user_data;
  gboolean to_train;           /* eid_setup_open(): the optimiser's moments too, and a run without a
                                  checkpoint as it was at step 0                 */
  const char *const *settings; /* eid_setup_open(): "Evaluate.knn-k", "5", …, NULL: values in place
                                  of the run's; without a value, its own. NULL: none */
} EidSetupOptions;

/* What eid_device_on_build() tells, as a sentence. Free. */
char *eid_build_text (const char *what, guint number, guint count);

/* Fills in every parameter of the plugins @recipe names and checks those that
 * are there, and that the encoder fits the objective. Errors: EID_ERROR_USAGE,
 * naming file, line and key, or the pair.                                    */
gboolean eid_recipe_resolve (EidRecipe *recipe, EidRegistry *registry, GError **error);

/* A fresh model of @recipe, of which it takes ownership in every case.
 * Errors: EID_ERROR of every code, EID_DATASET_ERROR.                        */
EidSetup *eid_setup_new (EidRecipe *recipe, EidRegistry *registry, const EidSetupOptions *options,
                         GError **error);

/* The model of a run as its newest good checkpoint has it; without any, an
 * error, unless it is to be trained.                                         */
EidSetup *eid_setup_open (EidRun *run, EidRegistry *registry, const EidSetupOptions *options, GError **error);

void eid_setup_free (EidSetup *setup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidSetup, eid_setup_free)

/* The "train" or "test" half of what [Dataset] names. Errors: EID_DATASET_ERROR. */
EidDataset *eid_setup_open_data (EidRecipe *recipe, const char *half, GError **error);

/* Tells @setup's listener, if there is one. To be called in every loop that may take more than a moment;
 * FALSE: it is to end here, which is the error. Errors: EID_ERROR_FAILED.     */
gboolean eid_setup_tell_done (const EidSetup *setup, const char *what, guint64 done, guint64 all,
                              GError **error);

/* An encoder and an objective as the seed makes them: the initial weights are a
 * function of it and their names alone. Errors: EID_ERROR.                   */
EidModel *eid_setup_fresh_model (const EidSetup *setup, GError **error);

/* Of what the recipe names, the code that is not the program's own is kept in @run, unless it is already. Errors:
 * EID_STORE_ERROR. */
gboolean eid_setup_keep_code (EidSetup *setup, EidRun *run, GError **error);

/* Whether features are the teacher's: [Evaluate] features. */
gboolean eid_setup_teacher_features (const EidSetup *setup);

/* Pictures U8 [B, h, w, C] as the model sees them when nothing is drawn:
 * F32 [B, size, size, C]; passages of text as I32 [B, size]. In the current
 * arena.                                                                     */
EidTensor *eid_setup_plain_views (EidSetup *setup, const guint8 *pixels, guint count);

/* Whether the data are text. */
gboolean eid_setup_is_text (const EidSetup *setup);
/* Tokens of a sample that is text; 0 for a picture. */
guint eid_setup_tokens (const EidSetup *setup);
/* Views I32 [views B, size] of @count passages as a data set reads them: view
 * i begins i tokens into the passage.                                        */
EidTensor *eid_setup_text_views (EidSetup *setup, const guint8 *passages, guint count, guint views);

/* Reads those of the *@count @pictures that can be read into one block [*count,
 * h, w, C]. The numbers of the others are taken out of @pictures, and *@count is
 * what is left: rows, numbers and labels stay together. Free.                */
guint8 *eid_dataset_read_some (EidDataset *dataset, guint32 *pictures, guint *count);

/* The same; where none of them can be read, others of @dataset stand in for
 * them, and where none of those can either, that is the error.
 * Errors: EID_DATASET_ERROR.                                                 */
guint8 *eid_dataset_read_all (EidDataset *dataset, guint32 *pictures, guint *count, GError **error);

/* Takes those that cannot be read out of @pictures and *@count. */
void eid_dataset_keep_readable (EidDataset *dataset, guint32 *pictures, guint *count);

/* The error that nothing of @dataset can be read. */
void eid_dataset_fail_unreadable (EidDataset *dataset, GError **error);

/* A sentence on the pictures of both halves that could not be read and that were not
 * in an earlier one, some of them by name; NULL: none. Free.                 */
char *eid_setup_tell_unreadable (EidSetup *setup);

/* Values of a view [count, size, size, C] back as bytes of a picture. */
void eid_setup_to_bytes (const EidSetup *setup, const float *values, gsize pictures, guint8 *bytes);

G_END_DECLS
