/* fixtures.h: small data sets made for a test, in a temporary folder. */
#pragma once

#include "app/datasets/dataset.h"

G_BEGIN_DECLS

/* A new empty folder; free with fixture_remove(), which deletes it whole. */
char *fixture_folder (void);
void fixture_remove (char *folder);

/* Writes a file, and the folders it needs; a name ending in .gz is compressed. */
void fixture_write (const char *folder, const char *name, const void *data, gsize length);
/* Removes all but the first @keep bytes of a file. */
void fixture_cut (const char *folder, const char *name, gsize keep);

/* An IDX file of bytes: value number i is (i * 7) % 251, or, of rank 1, i % 10. */
GByteArray *fixture_idx (guint rank, const guint32 *dimensions);

/* A picture of one colour, 0xrrggbbaa; the name's ending says JPEG or PNG. */
void fixture_picture (const char *folder, const char *name, int width, int height, guint32 rgba);

/* Opens a data set, or fails the test with the reason. */
EidDataset *fixture_open (const EidDatasetSpec *spec, const char *half);
/* Demands that opening fails with @code and a message that holds every one of
 * the NULL-terminated @words. */
void fixture_refused (const EidDatasetSpec *spec, const char *half, int code, ...) G_GNUC_NULL_TERMINATED;
/* The same of any error. */
void fixture_says (const GError *error, const char *word);

G_END_DECLS
