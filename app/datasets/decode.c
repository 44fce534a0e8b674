/* decode.c: a file of a picture as pixels: decoded through gdk-pixbuf by whichever loader
 * knows its contents (JPEG at a fraction of its size where that is enough), or from its
 * samples where they have 16 bits, and turned upright; see pixels.h. */
#include "app/datasets/pixels.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES (512 * 1024 * 1024)

gpointer
eid_picture_fail (GError **error, const char *why)
{
  g_set_error_literal (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, why);
  return NULL;
}

gboolean
eid_picture_is_absurd (gint64 width, gint64 height, GError **error)
{
  g_autofree char *why = NULL;

  if (width <= EID_MAX_SIDE && height <= EID_MAX_SIDE && width * height <= EID_MAX_PIXELS)
    return FALSE;
  why = g_strdup_printf (_ ("%'d × %'d pixels are too many; at most %'d a side and %'d in all are read"),
                         (int) width, (int) height, EID_MAX_SIDE, EID_MAX_PIXELS);
  eid_picture_fail (error, why);
  return TRUE;
}

char *
eid_picture_bytes (const char *filename, gsize *length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GStatBuf info;
  char *data = NULL;

  if (g_stat (filename, &info) != 0)
    return eid_picture_fail (error, g_strerror (errno));
  if (!S_ISREG (info.st_mode) || info.st_size > MAX_BYTES)
    return eid_picture_fail (error, _ ("not a file, or one too big to be a picture"));
  if (!g_file_get_contents (filename, &data, length, &reason))
    return eid_picture_fail (error, reason->message);
  return data;
}

/* --- Whole files ----------------------------------------------------------------- */

/* Whether the data reaches the end-of-image marker of its first image: the
 * decoder would fill what is missing with grey and call it a picture. */
static gboolean
jpeg_is_whole (const guint8 *data, gsize length)
{
  gsize at = 2;
  gboolean scan = FALSE;

  while (at + 1 < length)
    {
      guint8 marker = data[at + 1];

      if (data[at] != 0xff || marker == 0xff) /* entropy-coded data, or a fill byte */
        at += 1;
      else if (scan
               && (marker == 0x00 || (marker >= 0xd0 && marker <= 0xd7))) /* an escaped 0xff, a restart */
        at += 2;
      else if (marker == 0xd9)
        return TRUE;
      else if (at + 3 < length) /* a segment, which says its length; after SOS comes a scan */
        {
          scan = marker == 0xda;
          at += 2 + (data[at + 2] << 8 | data[at + 3]);
        }
      else
        break;
    }
  return FALSE;
}

gboolean
eid_png_is_whole (const guint8 *data, gsize length)
{
  gsize at = 8;

  while (at + 12 <= length)
    {
      gsize size = (gsize) data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];

      if (memcmp (data + at + 4, "IEND", 4) == 0)
        return TRUE;
      at += 12 + size;
    }
  return FALSE;
}

/* Whether the blocks reach the end of the first picture: what comes after are frames of an animation. */
static gboolean
gif_is_whole (const guint8 *data, gsize length)
{
  gsize at = 13;
  gboolean picture = FALSE;

  if (length > 10 && (data[10] & 0x80) != 0)
    at += 3 * ((gsize) 2 << (data[10] & 7));
  while (at < length)
    {
      const guint8 kind = data[at++];

      if (kind == 0x2c && at + 9 <= length) /* a picture, its table of colours, the size of its codes */
        {
          picture = TRUE;
          at += 10 + ((data[at + 8] & 0x80) != 0 ? 3 * ((gsize) 2 << (data[at + 8] & 7)) : 0);
        }
      else if (kind == 0x21)
        at += 1;
      else
        return FALSE;
      while (at < length && data[at] != 0)
        at += 1 + data[at];
      if (at++ >= length)
        return FALSE;
      if (picture)
        return TRUE;
    }
  return FALSE;
}

/* Whether there are as many bytes as the file says. */
static gboolean
webp_is_whole (const guint8 *data, gsize length)
{
  const gsize size = data[4] | data[5] << 8 | data[6] << 16 | (gsize) data[7] << 24;

  return size <= length - 8;
}

/* Formats whose decoders fill what is missing and call it a picture, by their first bytes: a name's ending is
 * often wrong. */
typedef struct
{
  gsize at, length;
  const char *magic;
  gboolean (*is_whole) (const guint8 *data, gsize length);
} Format;

static const Format formats[] = {
  { 0, 3, "\xff\xd8\xff", jpeg_is_whole },
  { 0, 8, "\x89PNG\r\n\x1a\n", eid_png_is_whole },
  { 0, 4, "GIF8", gif_is_whole },
  { 8, 4, "WEBP", webp_is_whole },
};

enum
{
  JPEG,
  PNG
};

static gboolean
has_format (const Format *format, const guint8 *data, gsize length)
{
  return length >= format->at + format->length
         && memcmp (data + format->at, format->magic, format->length) == 0;
}

gboolean
eid_is_png (const guint8 *data, gsize length)
{
  return has_format (&formats[PNG], data, length);
}

/* --- Decoding -------------------------------------------------------------------- */

typedef struct
{
  gint64 size;          /* pixels the shorter side should have */
  gint64 width, height; /* of the file; 0 until its header is read */
  gint64 first, last;   /* rows that came, from below or above; none: the loader does not say */
  gboolean scales;      /* the loader may as well decode fewer pixels */
} Decoding;

static gboolean
is_too_large (const Decoding *decoding)
{
  return eid_picture_is_absurd (decoding->width, decoding->height, NULL);
}

/* Called with the header read and no pixel decoded. */
static void
on_size_prepared (GdkPixbufLoader *loader, int width, int height, Decoding *decoding)
{
  const gint64 shorter = MIN (width, height);
  GdkPixbufFormat *format = gdk_pixbuf_loader_get_format (loader);

  decoding->width = width;
  decoding->height = height;
  decoding->scales = decoding->scales || (format != NULL && gdk_pixbuf_format_is_scalable (format));
  if (is_too_large (decoding))
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* stops it */
  else if (decoding->scales && shorter > decoding->size)
    gdk_pixbuf_loader_set_size (loader, MAX (width * decoding->size / shorter, 1),
                                MAX (height * decoding->size / shorter, 1));
}

static void
on_area_updated (GdkPixbufLoader *loader, int x, int y, int width, int height, Decoding *decoding)
{
  decoding->first = decoding->last == 0 ? y : MIN (decoding->first, y);
  decoding->last = MAX (decoding->last, (gint64) y + height);
}

/* What loaders of gdk-pixbuf make of it; its option "orientation" is set where they look for it. Unref. */
static GdkPixbuf *
load (const guint8 *data, gsize length, guint size, EidPictureFacts *facts, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new ();
  Decoding decoding = { .size = size, .scales = has_format (&formats[JPEG], data, length) };
  GdkPixbuf *pixbuf;
  gboolean written;

  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared), &decoding);
  g_signal_connect (loader, "area-updated", G_CALLBACK (on_area_updated), &decoding);
  written = gdk_pixbuf_loader_write (loader, data, length, &reason);
  /* It must be closed in any case, but the first failure is the reason. */
  if (!gdk_pixbuf_loader_close (loader, written ? &reason : NULL))
    written = FALSE;

  if (is_too_large (&decoding))
    {
      eid_picture_is_absurd (decoding.width, decoding.height, error);
      return NULL;
    }
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (!written || pixbuf == NULL)
    return eid_picture_fail (error, reason != NULL ? reason->message : _ ("it holds no picture"));
  if (!decoding.scales && decoding.last > 0
      && decoding.last - decoding.first < gdk_pixbuf_get_height (pixbuf))
    return eid_picture_fail (error, _ ("the file is cut short"));
  *facts = (EidPictureFacts){ (guint) decoding.width, (guint) decoding.height, 0 };
  return g_object_ref (pixbuf);
}

/* @picture, which it takes, its shorter side at most @size. */
static GdkPixbuf *
scale_down (GdkPixbuf *picture, guint size, GError **error)
{
  const gint64 width = gdk_pixbuf_get_width (picture), height = gdk_pixbuf_get_height (picture);
  const gint64 shorter = MIN (width, height);
  GdkPixbuf *scaled;

  if (shorter <= size)
    return picture;
  scaled = gdk_pixbuf_scale_simple (picture, (int) (width * size / shorter), (int) (height * size / shorter),
                                    GDK_INTERP_BILINEAR);
  g_object_unref (picture);
  return scaled != NULL ? scaled
                        : eid_picture_fail (error, _ ("there is not enough memory to scale the picture"));
}

/* Why contents that gdk-pixbuf does not know are no picture. */
static GdkPixbuf *
fail_unknown (const char *format, gboolean empty, GError **error)
{
  const char *package = format != NULL ? eid_format_package (format) : NULL;
  g_autofree char *why = NULL;

  if (empty)
    return eid_picture_fail (error, _ ("the file is empty"));
  if (format == NULL)
    return eid_picture_fail (error, _ ("it is in no format of pictures that is known here"));
  if (package != NULL)
    why = g_strdup_printf (_ ("it is in the format %s, which cannot be read here; install %s"), format,
                           package);
  else
    why = g_strdup_printf (_ ("it is in the format %s, which cannot be read here"), format);
  return eid_picture_fail (error, why);
}

/* Of samples that gdk-pixbuf does not keep; NULL without an error: they are others. */
static EidSamples *
read_samples (const guint8 *data, gsize length, GError **error)
{
  if (eid_png_depth (data, length) == 16)
    return eid_png_read (data, length, error);
  if (length > 2 && data[0] == 'P')
    return eid_pnm_read (data, length, error);
  return eid_tiff_read (data, length, error);
}

GdkPixbuf *
eid_picture_decode (const char *filename, guint size, EidPictureFacts *facts, GError **error)
{
  gsize length = 0;
  g_autofree char *bytes = eid_picture_bytes (filename, &length, error);
  const guint8 *data = (const guint8 *) bytes;
  g_autoptr (EidSamples) samples = NULL;
  g_autoptr (GError) reason = NULL;
  const char *format = NULL;
  guint orientation;
  GdkPixbuf *picture;

  if (bytes == NULL)
    return NULL;
  /* Of JPEG and PNG there is always a loader. */
  if (length == 0
      || (!has_format (&formats[JPEG], data, length) && !has_format (&formats[PNG], data, length)
          && !eid_format_is_read (data, length, &format)))
    return fail_unknown (format, length == 0, error);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (has_format (&formats[i], data, length) && !formats[i].is_whole (data, length))
      return eid_picture_fail (error, _ ("the file is cut short"));

  samples = read_samples (data, length, &reason);
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  orientation = samples != NULL ? samples->orientation : 0;
  if (orientation == 0)
    orientation = eid_exif_orientation (data, length);
  if (samples != NULL)
    {
      *facts = (EidPictureFacts){ samples->width, samples->height, 0 };
      picture = eid_samples_to_picture (samples, &facts->stretched, error);
    }
  else
    picture = load (data, length, size, facts, error);
  if (picture != NULL)
    picture = eid_picture_upright (picture, orientation, facts, error);
  return picture != NULL ? scale_down (picture, size, error) : NULL;
}
