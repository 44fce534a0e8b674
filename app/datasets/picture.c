/* picture.c: one picture from its file to square bytes: decoded through
 * gdk-pixbuf (JPEG at a fraction of its size where that is enough), turned
 * upright, centre-cropped, scaled, and laid over white where it is
 * transparent. folder.c reads its pictures here, and `inspect` its own. */
#include "reader.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Refused from the header alone, before memory is asked for pixels. */
#define MAX_SIDE   30000
#define MAX_PIXELS (200 * 1000 * 1000)
#define MAX_BYTES  (512 * 1024 * 1024)

/* --- Pixels --------------------------------------------------------------- */

static guint8
over_white (guint8 value, guint8 alpha)
{
  return (guint8) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

/* Writes @square, scaled, as [size, size, channels] bytes. */
static gboolean
write_square (GdkPixbuf *square, guint8 *pixels, guint size, guint channels, GError **error)
{
  g_autoptr (GdkPixbuf) scaled = NULL;
  const guint8 *source;
  gsize stride, step;
  gboolean transparent;

  if (gdk_pixbuf_get_width (square) == (int) size)
    scaled = g_object_ref (square);
  else
    scaled = gdk_pixbuf_scale_simple (square, size, size, GDK_INTERP_BILINEAR);
  if (scaled == NULL)
    {
      g_set_error_literal (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                           _ ("there is not enough memory to scale the picture"));
      return FALSE;
    }

  source = gdk_pixbuf_read_pixels (scaled);
  stride = gdk_pixbuf_get_rowstride (scaled);
  step = gdk_pixbuf_get_n_channels (scaled);
  transparent = gdk_pixbuf_get_has_alpha (scaled);
  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      {
        const guint8 *from = source + y * stride + x * step;
        guint8 rgb[3] = { from[0], from[1], from[2] };

        if (transparent)
          for (guint c = 0; c < 3; c++)
            rgb[c] = over_white (rgb[c], from[3]);

        /* Luma of ITU-R BT.601, which JPEG has too. */
        if (channels == 1)
          *pixels++ = (guint8) ((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
        else
          for (guint c = 0; c < 3; c++)
            *pixels++ = rgb[c];
      }
  return TRUE;
}

gboolean
eid_picture_convert (const guint8 *source, guint side, guint from, guint8 *pixels, guint size, guint to,
                     GError **error)
{
  g_autofree guint8 *rgb = NULL;
  g_autoptr (GdkPixbuf) square = NULL;

  if (side == size && from == to)
    {
      memcpy (pixels, source, (gsize) size * size * to);
      return TRUE;
    }

  rgb = g_malloc ((gsize) side * side * 3);
  for (gsize i = 0; i < (gsize) side * side; i++)
    for (guint c = 0; c < 3; c++)
      rgb[3 * i + c] = source[from * i + (from == 3 ? c : 0)];
  square = gdk_pixbuf_new_from_data (rgb, GDK_COLORSPACE_RGB, FALSE, 8, side, side, side * 3, NULL, NULL);
  return write_square (square, pixels, size, to, error);
}

/* --- Decoding ------------------------------------------------------------- */

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

/* Whether the chunks reach IEND. */
static gboolean
png_is_whole (const guint8 *data, gsize length)
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

/* The formats, by their first bytes: a name's ending is often wrong. */
typedef struct
{
  const char *type; /* as gdk-pixbuf calls it */
  gsize length;
  const char *magic;
  gboolean (*is_whole) (const guint8 *data, gsize length);
} Format;

static const Format formats[] = {
  { "jpeg", 3, "\xff\xd8\xff", jpeg_is_whole },
  { "png", 8, "\x89PNG\r\n\x1a\n", png_is_whole },
};

static const Format *
find_format (const guint8 *data, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (length >= formats[i].length && memcmp (data, formats[i].magic, formats[i].length) == 0)
      return &formats[i];
  return NULL;
}

/* Takes a sentence as the error. */
static gpointer
unreadable (GError **error, const char *why)
{
  g_set_error_literal (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE, why);
  return NULL;
}

/* The bytes of a regular file of sensible size: a pipe would never end. */
static char *
read_file (const char *filename, gsize *length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GStatBuf info;
  char *data = NULL;

  if (g_stat (filename, &info) != 0)
    return unreadable (error, g_strerror (errno));
  if (!S_ISREG (info.st_mode) || info.st_size > MAX_BYTES)
    return unreadable (error, _ ("not a file, or one too big to be a picture"));
  if (!g_file_get_contents (filename, &data, length, &reason))
    return unreadable (error, reason->message);
  return data;
}

typedef struct
{
  gint64 size;          /* pixels the shorter side should have */
  gint64 width, height; /* of the file; 0 until its header is read */
} Decoding;

static gboolean
is_absurd (const Decoding *decoding)
{
  return decoding->width > MAX_SIDE || decoding->height > MAX_SIDE
         || decoding->width * decoding->height > MAX_PIXELS;
}

/* Called with the header read and no pixel decoded. */
static void
on_size_prepared (GdkPixbufLoader *loader, int width, int height, Decoding *decoding)
{
  gint64 shorter = MIN (width, height);

  decoding->width = width;
  decoding->height = height;
  if (is_absurd (decoding))
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* stops it */
  else if (shorter > decoding->size)
    gdk_pixbuf_loader_set_size (loader, width * decoding->size / shorter, height * decoding->size / shorter);
}

/* The picture upright, its shorter side @size or less. */
static GdkPixbuf *
decode (const char *filename, guint size, GError **error)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GdkPixbufLoader) loader = NULL;
  Decoding decoding = { .size = size };
  const Format *format;
  GdkPixbuf *pixbuf;
  gsize length = 0;
  gboolean written;

  data = read_file (filename, &length, error);
  if (data == NULL)
    return NULL;
  format = find_format ((const guint8 *) data, length);
  if (format == NULL)
    return unreadable (error, length == 0 ? _ ("the file is empty") : _ ("neither a JPEG nor a PNG picture"));
  if (!format->is_whole ((const guint8 *) data, length))
    return unreadable (error, _ ("the file is cut short"));

  loader = gdk_pixbuf_loader_new_with_type (format->type, &reason);
  if (loader == NULL)
    return unreadable (error, reason->message);
  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size_prepared), &decoding);
  written = gdk_pixbuf_loader_write (loader, (const guint8 *) data, length, &reason);
  /* It must be closed in any case, but the first failure is the reason. */
  if (!gdk_pixbuf_loader_close (loader, written ? &reason : NULL))
    written = FALSE;

  if (is_absurd (&decoding))
    {
      g_autofree char *why =
          g_strdup_printf (_ ("%d × %d pixels are too many; at most %d a side and %d in all are read"),
                           (int) decoding.width, (int) decoding.height, MAX_SIDE, MAX_PIXELS);

      return unreadable (error, why);
    }
  pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (!written || pixbuf == NULL)
    return unreadable (error, reason != NULL ? reason->message : _ ("it holds no picture"));
  pixbuf = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  return pixbuf != NULL ? pixbuf : unreadable (error, _ ("there is not enough memory to turn the picture"));
}

gboolean
eid_picture_load (const char *file, guint size, guint channels, guint8 *pixels, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GdkPixbuf) square = NULL;

  g_return_val_if_fail (file != NULL && pixels != NULL, FALSE);
  g_return_val_if_fail (size > 0 && size <= EID_PICTURE_MAX_SIZE, FALSE);
  g_return_val_if_fail (channels == 1 || channels == 3, FALSE);

  picture = decode (file, size, &reason);
  if (picture != NULL)
    {
      int width = gdk_pixbuf_get_width (picture);
      int height = gdk_pixbuf_get_height (picture);
      int side = MIN (width, height);

      /* Crop, then scale: the same square, and a strip of 30000 × 1 stays small. */
      square = gdk_pixbuf_new_subpixbuf (picture, (width - side) / 2, (height - side) / 2, side, side);
      write_square (square, pixels, size, channels, &reason);
    }

  if (reason != NULL)
    {
      g_autofree char *shown = g_filename_display_name (file);

      g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                   _ ("%s: cannot be read as a picture: %s"), shown, reason->message);
    }
  return reason == NULL;
}

/* --- Masks ------------------------------------------------------------------ */

/* The nearest pixels of the square in the middle of @mask; FALSE at one that is not grey. */
static gboolean
read_classes (GdkPixbuf *mask, guint size, guint8 *classes)
{
  const int width = gdk_pixbuf_get_width (mask), height = gdk_pixbuf_get_height (mask);
  const gsize side = MIN (width, height), left = (width - side) / 2, top = (height - side) / 2;
  const gsize stride = gdk_pixbuf_get_rowstride (mask), step = gdk_pixbuf_get_n_channels (mask);
  const guint8 *source = gdk_pixbuf_read_pixels (mask);

  for (gsize y = 0; y < size; y++)
    for (gsize x = 0; x < size; x++)
      {
        const gsize row = top + (2 * y + 1) * side / (2 * size);
        const gsize column = left + (2 * x + 1) * side / (2 * size);
        const guint8 *from = source + row * stride + column * step;

        if (from[0] != from[1] || from[0] != from[2])
          return FALSE;
        *classes++ = from[0];
      }
  return TRUE;
}

gboolean
eid_mask_load (const char *file, guint size, guint8 *classes, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GdkPixbuf) mask = decode (file, MAX_SIDE, &reason);

  if (mask != NULL && !read_classes (mask, size, classes))
    unreadable (&reason, _ ("it has colours, where grey values are the classes"));
  if (reason != NULL)
    {
      g_autofree char *shown = g_filename_display_name (file);

      g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                   _ ("%s: cannot be read as a mask: %s"), shown, reason->message);
    }
  return reason == NULL;
}
