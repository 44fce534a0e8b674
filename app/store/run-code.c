/* run-code.c: the folder code/ of a run: the shared objects of plugins that do not
 * come with the program, as the run was made with them. A file is named after what is
 * in it and never changes, whatever becomes of the one it was copied from.
 */
#include "app/store/internal.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define ENDING       ".so"
#define DIGITS       16                 /* of the checksum, in the name */
#define MOST_BYTES   (64 * 1024 * 1024) /* a larger one is another file */
#define MOST_LETTERS 64

char *
eid_run_code_file (EidRun *run, const char *name)
{
  return g_build_filename (run->folder, EID_CODE_FOLDER, name, NULL);
}

/* "dcl-1f2e3d4c5b6a7980.so" */
static char *
name_of (const char *file, const char *bytes, gsize length)
{
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) bytes, length);
  g_autofree char *base = g_path_get_basename (file);
  g_autofree char *stem = NULL;

  if (g_str_has_suffix (base, ENDING))
    base[strlen (base) - strlen (ENDING)] = '\0';
  stem = g_strndup (g_strcanon (base, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_", '_'), MOST_LETTERS);
  /* What a run has kept already is kept again under the same name. */
  if (strlen (stem) > DIGITS + 1 && stem[strlen (stem) - DIGITS - 1] == '-'
      && strncmp (stem + strlen (stem) - DIGITS, sum, DIGITS) == 0)
    stem[strlen (stem) - DIGITS - 1] = '\0';
  return g_strdup_printf ("%s-%.*s" ENDING, stem, DIGITS, sum);
}

gboolean
eid_run_read_code (const char *file, char **bytes, gsize *length, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GStatBuf info;

  if (g_stat (file, &info) == 0 && (!S_ISREG (info.st_mode) || info.st_size > MOST_BYTES))
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO,
                   _ ("%s is no shared object: it is no regular file, or larger than 64 MiB"), file);
      return FALSE;
    }
  if (g_file_get_contents (file, bytes, length, &cause))
    return TRUE;
  g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("The code %s cannot be read: %s"), file,
               cause->message);
  return FALSE;
}

static gboolean
holds (const char *file, const char *bytes, gsize length)
{
  g_autofree char *found = NULL;
  gsize found_length;

  return eid_run_check_plain (file, S_IFREG, NULL) && g_file_test (file, G_FILE_TEST_EXISTS)
         && eid_run_read_code (file, &found, &found_length, NULL) && found_length == length
         && memcmp (found, bytes, length) == 0;
}

char *
eid_run_keep_code (EidRun *run, const char *file, gboolean *fresh, GError **error)
{
  g_autofree char *folder = NULL, *bytes = NULL, *name = NULL, *kept = NULL;
  gsize length;

  g_return_val_if_fail (run != NULL && file != NULL && fresh != NULL, NULL);

  *fresh = FALSE;
  if (!eid_run_read_code (file, &bytes, &length, error))
    return NULL;
  folder = g_build_filename (run->folder, EID_CODE_FOLDER, NULL);
  name = name_of (file, bytes, length);
  kept = eid_run_code_file (run, name);
  g_mkdir (folder, 0777);
  if (!eid_run_check_plain (folder, S_IFDIR, error))
    return NULL;
  /* The seal first: a process that is killed in between leaves no code of its own that it does not know. */
  if (!eid_run_seal_code (kept, bytes, length, error))
    return NULL;
  /* The name tells what is in it only of what this program has put there. */
  if (holds (kept, bytes, length))
    return g_steal_pointer (&name);
  if (!eid_run_write_file (kept, bytes, length))
    {
      g_set_error (error, EID_STORE_ERROR, EID_STORE_ERROR_IO, _ ("%s cannot be written: %s"), kept,
                   g_strerror (errno));
      return NULL;
    }
  *fresh = TRUE;
  return eid_folder_sync (folder, error) ? g_steal_pointer (&name) : NULL;
}

void
eid_run_drop_code (EidRun *run, const char *name)
{
  g_autofree char *file = eid_run_code_file (run, name), *seal = g_strconcat (file, ".seal", NULL);

  g_unlink (file);
  g_unlink (seal);
}
