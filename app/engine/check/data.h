/* data.h: data for examinations, drawn by the program: of any use to an
 * objective, and the same on every machine.                                  */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Writes an idx data set of grey pictures, @side pixels a side, into @folder: waves across and down, discs
 * and checkers of random place, size and light. Smooth and without noise: what is hidden can be told from
 * what is seen.                                                              */
gboolean eid_check_write_pictures (const char *folder, guint side, GError **error);

/* Writes sentences of few words with numbers between them as @file. */
gboolean eid_check_write_text (const char *file, GError **error);

G_END_DECLS
