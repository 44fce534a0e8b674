/* fuzz.h: what the harnesses of this folder share. Each is one file with LLVMFuzzerTestOneInput() and
 * fuzz_seeds(); it is linked with libFuzzer (libfuzzer.c), or with a main() of our own that replays
 * seeds and some mutations of them (replay.c).                               */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Of the harness. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
/* Hands each seed to fuzz_seed(). */
void fuzz_seeds (void);
/* Once, before the first input. */
void fuzz_start (void);

/* Of libfuzzer.c or replay.c. */
void fuzz_seed (gconstpointer data, gsize size);

/* --- Input, piece by piece (common.c) ----------------------------------------- */

typedef struct
{
  const guint8 *data;
  gsize size;
} FuzzInput;

/* Zeros past the end. */
guint8 fuzz_byte (FuzzInput *input);
guint16 fuzz_short (FuzzInput *input);
gint64 fuzz_long (FuzzInput *input);
/* The next @most bytes, or what is left of them. */
FuzzInput fuzz_part (FuzzInput *input, gsize most);
/* The next bytes as a string, up to a zero byte. Free. */
char *fuzz_string (FuzzInput *input);

/* The same the other way round, to make seeds. */
void fuzz_add_byte (GByteArray *seed, guint value);
void fuzz_add_short (GByteArray *seed, guint value);
void fuzz_add_long (GByteArray *seed, gint64 value);
void fuzz_add_string (GByteArray *seed, const char *text);

/* --- Files -------------------------------------------------------------------- */

/* An empty folder in memory, the same for the whole process, and emptied by the next call. */
const char *fuzz_folder (void);
/* Writes FOLDER/NAME, with the folders that it needs. NAME must be a relative name without "..". */
void fuzz_write (const char *name, gconstpointer data, gsize size);
/* FOLDER/NAME; free. */
char *fuzz_path (const char *name);

/* Text that goes to a person or over D-Bus is UTF-8. */
void fuzz_assert_text (const char *text);
/* A call that fails sets an error with a sentence, and one that does not sets none. @CALL first, whatever
 * the compiler's order of arguments. */
#define fuzz_assert_error(CALL, ERROR)                                                                       \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    const gboolean good_ = (CALL);                                                                           \
                                                                                                             \
    fuzz_check_error (good_, (ERROR));                                                                       \
  }                                                                                                          \
  G_STMT_END
void fuzz_check_error (gboolean good, const GError *error);

G_END_DECLS
