/* common.c: see fuzz.h. */
#define _GNU_SOURCE /* nftw */
#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Input ---------------------------------------------------------------------- */

guint8
fuzz_byte (FuzzInput *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

guint16
fuzz_short (FuzzInput *input)
{
  const guint low = fuzz_byte (input);

  return (guint16) (low | (guint) fuzz_byte (input) << 8);
}

gint64
fuzz_long (FuzzInput *input)
{
  guint64 value = 0;

  for (guint i = 0; i < 8; i++)
    value |= (guint64) fuzz_byte (input) << (8 * i);
  return (gint64) value;
}

FuzzInput
fuzz_part (FuzzInput *input, gsize most)
{
  const FuzzInput part = { input->data, MIN (most, input->size) };

  input->data += part.size;
  input->size -= part.size;
  return part;
}

char *
fuzz_string (FuzzInput *input)
{
  const guint8 *end = input->size > 0 ? memchr (input->data, '\0', input->size) : NULL;
  const FuzzInput part = fuzz_part (input, end != NULL ? (gsize) (end - input->data) : input->size);

  fuzz_byte (input);
  return part.size > 0 ? g_strndup ((const char *) part.data, part.size) : g_strdup ("");
}

void
fuzz_add_byte (GByteArray *seed, guint value)
{
  const guint8 byte = (guint8) value;

  g_byte_array_append (seed, &byte, 1);
}

void
fuzz_add_short (GByteArray *seed, guint value)
{
  fuzz_add_byte (seed, value & 0xff);
  fuzz_add_byte (seed, value >> 8);
}

void
fuzz_add_long (GByteArray *seed, gint64 value)
{
  for (guint i = 0; i < 8; i++)
    fuzz_add_byte (seed, (guint64) value >> (8 * i) & 0xff);
}

void
fuzz_add_string (GByteArray *seed, const char *text)
{
  g_byte_array_append (seed, (const guint8 *) text, (guint) strlen (text) + 1);
}

/* --- Files ---------------------------------------------------------------------- */

static char *folder;

static int
remove_one (const char *file, const struct stat *status, int kind, struct FTW *walk)
{
  return walk->level > 0 ? g_remove (file) : 0;
}

static void
empty_folder (void)
{
  nftw (folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
remove_folder (void)
{
  empty_folder ();
  g_rmdir (folder);
}

const char *
fuzz_folder (void)
{
  if (folder == NULL)
    {
      /* Where there is memory to write to, for the speed of it. */
      const char *place = g_access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();

      folder = g_build_filename (place, "eidoscope-fuzz-XXXXXX", NULL);
      g_assert_nonnull (g_mkdtemp (folder));
      atexit (remove_folder);
    }
  else
    empty_folder ();
  return folder;
}

char *
fuzz_path (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

void
fuzz_write (const char *name, gconstpointer data, gsize size)
{
  g_autofree char *file = fuzz_path (name), *around = g_path_get_dirname (file);
  FILE *out;

  g_mkdir_with_parents (around, 0700);
  out = g_fopen (file, "wb");
  /* A name may be taken by a folder: then there is no such file. */
  if (out == NULL)
    return;
  fwrite (data, 1, size, out);
  fclose (out);
}

/* --- What holds for every input --------------------------------------------------- */

void
fuzz_assert_text (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
}

void
fuzz_check_error (gboolean good, const GError *error)
{
  g_assert_true (good == (error == NULL));
  if (error == NULL)
    return;
  fuzz_assert_text (error->message);
  g_assert_cmpuint (strlen (error->message), >, 0);
}
