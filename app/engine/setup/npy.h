/* npy.h: NumPy's array files, format 1.0: float32 in C order. */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/* Magic, version and header of an array of @shape [dims]; the values follow. */
void eid_npy_write_header (FILE *out, const guint *shape, guint dims);

/* @count blocks of @length floats as one array of @shape, under a temporary name that then takes
 * @file's place. Errors: EID_ERROR_FAILED, naming the file.                  */
gboolean eid_npy_write (const char *file, const guint *shape, guint dims, const float *const *blocks,
                        gsize count, gsize length, GError **error);

G_END_DECLS
