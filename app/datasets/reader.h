/* reader.h: what a reader of data sets gives to dataset.c, and what the files
 * of this folder share. Nobody outside it includes this.
 *
 * A new kind of data set is one file that defines an EidReader, and its line
 * in the table of dataset.c.
 */
#pragma once

#include "dataset.h"

G_BEGIN_DECLS

/* Pixels a side of a stored picture, at most. */
#define EID_PICTURE_MAX_SIZE 4096

/* What a reader knows of the half it has opened; open() fills it. */
typedef struct
{
  guint count;      /* pictures, or passages, in the half, before any limit */
  guint size;       /* pixels a side; tokens of a passage, less one */
  guint channels;   /* 1 or 3; of text 0 */
  guint vocabulary; /* tokens there are; of pictures 0 */
  char **tokens;    /* of text: [vocabulary], NULL-terminated, UTF-8 */
  gint32 *labels; /* [count], -1: none; NULL: none at all */
  char **classes; /* names by label, NULL-terminated; NULL: no labels */
  gpointer state; /* the reader's own */
} EidSource;

typedef struct
{
  const char *name; /* as the recipe writes it */
  /* Fills @source. On failure what was filled is left to close(). */
  gboolean (*open) (EidSource *source, const EidDatasetSpec *spec, const char *half, GError **error);
  /* [size, size, channels] bytes of picture @i, or gint32 [size + 1] of passage
   * @i; called from many threads. */
  gboolean (*read) (EidSource *source, guint i, guint8 *pixels, GError **error);
  char *(*describe) (EidSource *source, guint i);
  /* Frees state, which may be NULL. */
  void (*close) (EidSource *source);
  gboolean is_file;       /* `path` names a file, not a folder */
  gboolean needs_no_path; /* `path` is not looked at */
} EidReader;

extern const EidReader eid_idx_reader;
extern const EidReader eid_folder_reader;
extern const EidReader eid_noise_reader;
extern const EidReader eid_text_reader;

/* --- Folders of pictures (folder.c, folder-list.c) -------------------------- */

/* Names of the sub-folder of pictures for testing, NULL after the last. */
extern const char *const eid_test_folders[];

/* How far a listing goes. */
typedef struct
{
  gint64 deadline; /* monotonic time at which it stops */
  gboolean cut;    /* out: it did, and there may be more */
} EidListing;

/* The JPEG and PNG files of @root and of the folders in it, by names relative
 * to it and in their order, not that of the file system. @listing: NULL for
 * all of them. Errors: EID_DATASET_ERROR, naming a folder that cannot be read. */
GPtrArray *eid_list_pictures (const char *root, EidListing *listing, GError **error);

/* --- Shuffles (shuffle.c) ------------------------------------------------- */

/* 64 mixed bits from @key. */
guint64 eid_hash (guint64 key);
/* Fills @order [n] with a permutation of 0 … n-1 that depends on @seed and
 * @stream alone, on every machine.                                           */
void eid_shuffle (guint32 *order, guint n, guint64 seed, guint64 stream);

/* --- Pixels (picture.c) --------------------------------------------------- */

/* A square picture, [side, side, from] bytes, as [size, size, to] bytes;
 * @from and @to are 1 or 3 channels.                                         */
gboolean eid_picture_convert (const guint8 *source, guint side, guint from, guint8 *pixels, guint size,
                              guint to, GError **error);

G_END_DECLS
