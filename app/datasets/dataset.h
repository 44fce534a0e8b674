/* dataset.h: pictures or text from disk, and batches of them ahead of the device. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _EidDataset EidDataset;

/* What a recipe's [Dataset] says. */
typedef struct {
  const char *reader; /* "idx", "folder", "text" or "noise"                   */
  const char *path;   /* of idx: the folder of the four files; of folder: the root; of text: the file */
  guint       size;   /* pixels a side of a stored picture, 0: as they are (idx); of text: tokens of a view */
  guint       limit;  /* use the first this many (after a seeded shuffle); 0: all */
  guint       channels; /* 1 or 3; 0: as they are (folder: 3)                 */
} EidDatasetSpec;

/* Opens the "train" or the "test" half. idx: the files train-images-idx3-ubyte
 * and t10k-…, plain or .gz, with their labels. folder: its sub-folders for
 * training and for testing, under their usual names, where there are both; else
 * the folder itself, of which every tenth picture of a stable shuffle is the test
 * half; a sub-folder is a class; pictures lying straight in the folder have none
 * (label -1). Every format that gdk-pixbuf reads here. text: the first nine tenths
 * of the file are for training, the rest for testing; a character is a token, and
 * the file's characters are the vocabulary. UTF-8, or UTF-16 with its byte order
 * mark. A passage starts at each character.
 * Errors (domain EID_ERROR of tensor.h is not known here): EID_DATASET_ERROR,
 * a sentence with file, what was expected, and the remedy.                   */
EidDataset *eid_dataset_open (const EidDatasetSpec *spec, const char *half, GError **error);
EidDataset *eid_dataset_ref (EidDataset *dataset);
void        eid_dataset_unref (EidDataset *dataset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidDataset, eid_dataset_unref)

#define EID_DATASET_ERROR (eid_dataset_error_quark ())
GQuark eid_dataset_error_quark (void);
typedef enum { EID_DATASET_ERROR_UNREADABLE, EID_DATASET_ERROR_SPEC } EidDatasetError;

guint       eid_dataset_count (EidDataset *dataset);
guint       eid_dataset_size (EidDataset *dataset);     /* pixels a side      */
guint       eid_dataset_channels (EidDataset *dataset);
guint       eid_dataset_vocabulary (EidDataset *dataset); /* of text: tokens there are; of pictures 0 */
const char *eid_dataset_token (EidDataset *dataset, guint token); /* its text, UTF-8; "" if there is no such token */
gsize       eid_dataset_bytes (EidDataset *dataset);      /* of a picture or passage as read */
guint       eid_dataset_classes (EidDataset *dataset);  /* 0: no labels       */
const char *eid_dataset_class_name (EidDataset *dataset, guint label);
gint        eid_dataset_label (EidDataset *dataset, guint i); /* -1: none     */
/* The sub-folder that the half is, as it is shown; NULL where there is none.  */
const char *eid_dataset_folder (EidDataset *dataset);
/* What was guessed of the data and what was left out, a sentence each: char *. */
GPtrArray  *eid_dataset_notes (EidDataset *dataset);
/* A number that is another where the half is made of other files, labels or text. */
guint64     eid_dataset_fingerprint (EidDataset *dataset);
/* FALSE: it was tried, and picture @i cannot be read.                        */
gboolean    eid_dataset_is_readable (EidDataset *dataset, guint i);
/* The bits that the samples of a picture were stretched from, of the first that was (EidPictureFacts); 0: none
 * was, so far.                                                               */
guint       eid_dataset_stretched (EidDataset *dataset);
/* Where picture @i is from, for messages: "train-images-idx3-ubyte.gz #17".  */
char       *eid_dataset_describe (EidDataset *dataset, guint i);

/* Reads picture @i as [size, size, channels] bytes; of text, passage @i as
 * gint32 [size + 1] in @pixels, the tokens of a view and the one that follows.
 * Thread-safe. FALSE for a picture that cannot be read, which is remembered and
 * not tried again.                                                           */
gboolean    eid_dataset_read (EidDataset *dataset, guint i, guint8 *pixels, GError **error);

/* How many different pictures could not be read so far. */
guint       eid_dataset_unreadable (EidDataset *dataset);
/* The errors of those that no earlier call returned, in the order of their
 * numbers: char *, which the array owns. Free with g_ptr_array_unref().      */
GPtrArray  *eid_dataset_take_unreadable (EidDataset *dataset);

/* What a file of a picture is. */
typedef struct {
  guint width, height; /* pixels, of the upright picture                      */
  guint stretched;     /* its samples of 16 bits were taken for this many, which
                          their values fill; 0: they were taken as they are    */
} EidPictureFacts;

/* One picture file of any size, for `inspect --image`: scaled so that its
 * shorter side is @size, centre-cropped. @facts may be NULL.                 */
gboolean    eid_picture_load (const char *file, guint size, guint channels, guint8 *pixels, EidPictureFacts *facts,
                              GError **error);

/* A mask, of a PNG file: sample values as they are stored, of 1, 2, 4, 8 or 16
 * bits, which are the classes; of a palette, the index. Cropped like the picture
 * it belongs to and scaled without mixing classes, to [size, size]. *@depth: bits
 * of a sample. Refused are one with colours, and one that does not have the shape
 * of @picture (NULL: of any), be it larger or smaller. Errors: EID_DATASET_ERROR,
 * naming the file.                                                           */
gboolean    eid_mask_load (const char *file, const EidPictureFacts *picture, guint size, guint16 *classes,
                           guint *depth, GError **error);

/* --- Surveys (survey.c) ---------------------------------------------------- */

/* What a folder or file is, as far as can be told in a second or two. */
typedef struct {
  char    *reader, *path;  /* as [Dataset] takes them; a folder in the one that was asked about, or around it */
  guint    count;          /* pictures in both halves; of text characters    */
  gboolean more;           /* there are more: the time was over              */
  guint    side;           /* the shorter side of those looked at, pixels: the median, 0 of text */
  guint    least_side, greatest_side;
  guint    channels;       /* 1: those looked at are grey; 3; of text 0      */
  char   **classes;        /* names, NULL-terminated; empty: no labels       */
  guint    looked, unreadable; /* pictures that were decoded, and those that could not be */
  GPtrArray *notes;        /* char *: what was guessed or cannot be read, a sentence each */
} EidSurvey;

/* Looks at @path: a folder of pictures or of IDX files, a picture in one, or a
 * file of text. Errors: EID_DATASET_ERROR where nothing can be learnt from it,
 * with what is expected.                                                     */
EidSurvey *eid_dataset_survey (const char *path, GError **error);
void       eid_survey_free (EidSurvey *survey);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidSurvey, eid_survey_free)

/* --- The loader: batches in a seeded order, decoded in worker threads ----- */

typedef struct _EidLoader EidLoader;

typedef struct {
  guint    count;    /* B                                                     */
  guint8  *pixels;   /* [B, size, size, channels]; of text gint32 [B, size + 1] */
  guint32 *samples;  /* [B] numbers in the data set                           */
  gint32  *labels;   /* [B], -1: none                                         */
} EidBatch;

/* The order is a function of @seed and the step alone: batch @step holds the
 * places step*B … step*B+B-1 of an endless row of shuffled epochs, so a run
 * resumed at a step sees what an uninterrupted one would. In the place of
 * an unreadable picture comes another, drawn by seed and place; it is counted,
 * and named by eid_loader_skipped().                                         */
EidLoader *eid_loader_new (EidDataset *dataset, guint batch, guint64 seed, guint64 first_step, guint threads);
void       eid_loader_free (EidLoader *loader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidLoader, eid_loader_free)
/* The next batch, in order; owned by the loader until the next call. NULL
 * with an error when nothing in the data set can be read.                    */
const EidBatch *eid_loader_next (EidLoader *loader, GError **error);
/* Pictures skipped in the batches handed out, each counted once; @first (free
 * it), if not NULL: the first's description and reason, or NULL.             */
guint           eid_loader_skipped (EidLoader *loader, char **first);

G_END_DECLS
