/* reader.h: what a reader of data sets gives to dataset.c, and what the files
 * of this folder share. Nobody outside it includes this.
 *
 * A new kind of data set is one file that defines an EidReader, and its line
 * in the table of dataset.c.
 */
#pragma once

#include "app/datasets/dataset.h"

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
  guint64 fingerprint; /* of what the half is made of: names, labels or text */
  char *folder;     /* the sub-folder that the half is; NULL: there is none */
  GPtrArray *notes; /* char *: what was guessed or left out; there from the start */
  gint stretched;   /* as eid_dataset_stretched(); atomic, for read() sets it */
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

/* --- Folders of pictures (folder-list.c) ------------------------------------ */

/* The files below a folder, by names relative to it and in their order, not that of
 * the file system; hidden ones are passed over. */
typedef struct
{
  gint64 deadline;   /* in: monotonic time at which to stop; 0: never */
  gboolean cut;      /* out: that happened, and there may be more */
  GPtrArray *names;  /* char *: pictures in a format that is read here */
  GPtrArray *others; /* EidOther *: the rest */
} EidListing;

typedef struct
{
  char *name;
  const char *format; /* "AVIF", a picture that is not read here, or "broken link"; NULL: no picture.
                         Static. */
} EidOther;

/* Fills @listing. Errors: EID_DATASET_ERROR, naming a folder that cannot be read. */
gboolean eid_list_files (const char *root, EidListing *listing, GError **error);
void eid_listing_clear (EidListing *listing);

/* --- Formats (format.c) ------------------------------------------------------ */

/* Whether @name ends as files do of a format that gdk-pixbuf reads here. */
gboolean eid_format_has_ending (const char *name);
/* Whether @data, the first bytes of a file or all of it, begins as a picture does that
 * gdk-pixbuf reads here; else *@format is the picture's format, or NULL.      */
gboolean eid_format_is_read (const guint8 *data, gsize length, const char **format);
/* The same of a file. */
gboolean eid_format_is_picture (const char *file, const char **format);
/* The Debian package that makes gdk-pixbuf read @format; NULL: none is known. */
const char *eid_format_package (const char *format);

/* --- Shuffles (shuffle.c) ------------------------------------------------- */

/* A number of @length bytes of @data that goes on from @former. */
guint64 eid_fingerprint (guint64 former, gconstpointer data, gsize length);

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
