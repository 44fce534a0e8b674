/* npy.c: see npy.h. */
#include "app/engine/setup/npy.h"

#include "opencl/core/tensor.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Magic and version, length of the header, which ends at a multiple of 64 bytes. */
void
eid_npy_write_header (FILE *out, const guint *shape, guint dims)
{
  const guint8 magic[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0 };
  const char *type = G_BYTE_ORDER == G_LITTLE_ENDIAN ? "<f4" : ">f4";
  g_autoptr (GString) header = g_string_new (NULL);
  gsize length;

  g_string_append_printf (header, "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
  for (guint i = 0; i < dims; i++)
    g_string_append_printf (header, "%s%u", i > 0 ? ", " : "", shape[i]);
  g_string_append (header, dims == 1 ? ",), }" : "), }");
  length = (10 + header->len + 1 + 63) / 64 * 64 - 10;

  fwrite (magic, 1, sizeof magic, out);
  fwrite ((const guint8[]){ (guint8) (length & 0xff), (guint8) (length >> 8) }, 1, 2, out);
  fprintf (out, "%-*s\n", (int) length - 1, header->str);
}

gboolean
eid_npy_write (const char *file, const guint *shape, guint dims, const float *const *blocks, gsize count,
               gsize length, GError **error)
{
  g_autofree char *temporary = g_strconcat (file, ".XXXXXX", NULL);
  const int descriptor = g_mkstemp_full (temporary, O_WRONLY, 0666);
  FILE *out = descriptor >= 0 ? fdopen (descriptor, "wb") : NULL;
  gboolean good = out != NULL;

  if (good)
    {
      eid_npy_write_header (out, shape, dims);
      for (gsize i = 0; i < count; i++)
        fwrite (blocks[i], sizeof (float), length, out);
      good = ferror (out) == 0 && fflush (out) == 0;
      good = fclose (out) == 0 && good && g_rename (temporary, file) == 0;
    }
  else if (descriptor >= 0)
    close (descriptor);
  if (!good)
    {
      g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file,
                   g_strerror (errno));
      if (descriptor >= 0)
        g_unlink (temporary);
    }
  return good;
}
