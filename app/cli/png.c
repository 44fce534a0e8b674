/* png.c: see png.h. */
#include "app/cli/png.h"

#include "opencl/core/tensor.h"

#include <glib/gi18n-lib.h>

static cairo_status_t
on_bytes (void *bytes, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (bytes, data, length);
  return CAIRO_STATUS_SUCCESS;
}

gboolean
eid_png_write (cairo_surface_t *surface, const char *file, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) cause = NULL;
  cairo_status_t status;

  cairo_surface_flush (surface);
  status = cairo_surface_write_to_png_stream (surface, on_bytes, bytes);
  cairo_surface_destroy (surface);
  if (status == CAIRO_STATUS_SUCCESS
      && g_file_set_contents_full (file, (const char *) bytes->data, bytes->len,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0666, &cause))
    return TRUE;
  g_set_error (error, EID_ERROR, EID_ERROR_FAILED, _ ("%s cannot be written: %s"), file,
               cause != NULL ? cause->message : cairo_status_to_string (status));
  return FALSE;
}
