/* run-files.c: small files of a run written so that a kill leaves the old one or the new one, and
 * nothing beside it for long: what a killed writer left under a temporary name is removed when the
 * run is next opened for writing.
 */
#include "app/store/internal.h"

#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static gboolean
write_all (int out, const char *data, gsize length)
{
  while (length > 0)
    {
      const gssize written = write (out, data, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      data += written;
      length -= (gsize) written;
    }
  return fsync (out) == 0;
}

gboolean
eid_run_write_file (const char *file, gconstpointer data, gsize length)
{
  g_autofree char *temporary = g_strconcat (file, EID_TEMPORARY_MARK "XXXXXX", NULL);
  const int out = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0666);
  int code = 0;

  if (out < 0)
    return FALSE;
  if (!write_all (out, data, length))
    code = errno;
  if (close (out) < 0 && code == 0)
    code = errno;
  if (code == 0 && g_rename (temporary, file) < 0)
    code = errno;
  if (code == 0)
    return TRUE;
  g_unlink (temporary);
  errno = code;
  return FALSE;
}

/* "8.safetensors.partial-K3T2X1", and nothing that somebody named himself. */
static gboolean
is_temporary (const char *name)
{
  const char *mark = g_strrstr (name, EID_TEMPORARY_MARK);
  const char *letters = mark != NULL ? mark + strlen (EID_TEMPORARY_MARK) : "";

  return strlen (letters) == 6 && strspn (letters, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS) == 6;
}

void
eid_run_sweep (EidRun *run)
{
  static const char *const folders[] = { "", "checkpoints", "code" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (run->folder, folders[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *file = g_build_filename (folder, name, NULL);

          if (is_temporary (name))
            g_unlink (file);
        }
    }
}
