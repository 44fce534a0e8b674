/* pixels.h: what the files share that decode pictures: picture.c crops and scales
 * what decode.c makes of a file, which asks png.c, tiff.c, pnm.c and orientation.c for what
 * gdk-pixbuf does not tell; mask.c reads classes.                            */
#pragma once

#include "app/datasets/reader.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

G_BEGIN_DECLS

/* Refused from the header alone, before memory is asked for pixels. */
#define EID_MAX_SIDE   30000
#define EID_MAX_PIXELS (200 * 1000 * 1000)

/* Sets a sentence, without a file's name, as the error; returns NULL. */
gpointer eid_picture_fail (GError **error, const char *why);
/* Whether a picture of this size is refused; then the error says so. */
gboolean eid_picture_is_absurd (gint64 width, gint64 height, GError **error);

/* --- decode.c --------------------------------------------------------------- */

/* The bytes of a regular file of sensible size: a pipe would never end. Free. */
char *eid_picture_bytes (const char *file, gsize *length, GError **error);
gboolean eid_is_png (const guint8 *data, gsize length);
/* Whether the chunks of a PNG file reach its end. */
gboolean eid_png_is_whole (const guint8 *data, gsize length);

/* The picture of a file, upright, its shorter side @size or less. Unref. */
GdkPixbuf *eid_picture_decode (const char *file, guint size, EidPictureFacts *facts, GError **error);

/* --- Samples as they are stored (png.c, tiff.c, pnm.c) -------------------------------- */

typedef struct
{
  guint width, height, channels;
  guint depth;       /* bits of a sample as stored: 1 to 16                   */
  guint significant; /* how many of them the file says it uses; 0: it does not */
  gboolean palette;  /* samples are indices                                   */
  gboolean inverted; /* 0 is white                                            */
  guint orientation; /* as EXIF has it; 0: not said                           */
  guint16 *samples;  /* [height, width, channels]; with 2 or 4 channels the last is opacity */
} EidSamples;

void eid_samples_free (EidSamples *samples);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EidSamples, eid_samples_free)

/* Bits of a sample of a PNG file, by its header; 0: it is none. */
guint eid_png_depth (const guint8 *data, gsize length);
EidSamples *eid_png_read (const guint8 *data, gsize length, GError **error);

/* The first page of a TIFF file of 1 to 16 bits a sample other than 8, grey or RGB. NULL without
 * an error: it is another.                                                   */
EidSamples *eid_tiff_read (const guint8 *data, gsize length, GError **error);

/* A PGM or PPM file of 16 bits. NULL without an error: it is another.        */
EidSamples *eid_pnm_read (const guint8 *data, gsize length, GError **error);

/* Samples as a picture of 8 bits. Cameras and scanners store 10, 12 or 14 bits in 16: the range
 * of these is that of as many bits as the largest value takes, which *@stretched becomes, unless
 * the file says; else it becomes 0. Unref.                                   */
GdkPixbuf *eid_samples_to_picture (const EidSamples *samples, guint *stretched, GError **error);

/* --- orientation.c -------------------------------------------------------------- */

/* EXIF's orientation, 1 to 8, of a PNG or WebP file, which gdk-pixbuf does not look for; 0:
 * there is none.                                                             */
guint eid_exif_orientation (const guint8 *data, gsize length);

/* @picture, which it takes, turned upright: by gdk-pixbuf's own option where a loader set it,
 * else by @orientation. The sides in @facts are turned with it. Unref.       */
GdkPixbuf *eid_picture_upright (GdkPixbuf *picture, guint orientation, EidPictureFacts *facts, GError **error);

G_END_DECLS
