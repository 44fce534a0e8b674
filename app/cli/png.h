/* png.h: a drawn surface as a PNG file. */
#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Into @file, whole or not at all; what is there, a link for instance, is replaced and not written through.
 * Takes @surface. Errors: EID_ERROR_FAILED. */
gboolean eid_png_write (cairo_surface_t *surface, const char *file, GError **error);

G_END_DECLS
