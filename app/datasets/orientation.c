/* orientation.c: which way up a picture is, as the camera wrote it; see pixels.h. */
#include "app/datasets/pixels.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* TIFF's tag, and entries that are looked through at most. */
#define ORIENTATION  0x0112
#define MOST_ENTRIES 512

/* Bytes of a TIFF structure, in whichever order it has. */
typedef struct
{
  const guint8 *data;
  gsize length;
  gboolean big_endian;
} Exif;

/* @bytes, 2 or 4, at @at; 0 beyond the end. */
static guint32
number_at (const Exif *exif, gsize at, guint bytes)
{
  guint32 number = 0;

  if (at > exif->length || exif->length - at < bytes)
    return 0;
  for (guint i = 0; i < bytes; i++)
    number |= (guint32) exif->data[at + i] << 8 * (exif->big_endian ? bytes - 1 - i : i);
  return number;
}

static guint
orientation_of (const guint8 *data, gsize length)
{
  Exif exif;
  guint32 first;
  guint entries;

  if (length >= 6 && memcmp (data, "Exif\0\0", 6) == 0)
    {
      data += 6;
      length -= 6;
    }
  if (length < 8 || (memcmp (data, "II*\0", 4) != 0 && memcmp (data, "MM\0*", 4) != 0))
    return 0;
  exif = (Exif){ data, length, data[0] == 'M' };
  first = number_at (&exif, 4, 4);
  entries = MIN (number_at (&exif, first, 2), MOST_ENTRIES);
  for (guint i = 0; i < entries; i++)
    if (number_at (&exif, (gsize) first + 2 + 12 * i, 2) == ORIENTATION)
      {
        const guint32 value = number_at (&exif, (gsize) first + 2 + 12 * i + 8, 2);

        return value >= 1 && value <= 8 ? value : 0;
      }
  return 0;
}

/* The chunk eXIf, wherever it stands. */
static guint
png_orientation (const guint8 *data, gsize length)
{
  gsize at = 8;

  while (length >= 12 && at <= length - 12)
    {
      const gsize size = (gsize) data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];

      if (size > length - at - 12)
        return 0;
      if (memcmp (data + at + 4, "eXIf", 4) == 0)
        return orientation_of (data + at + 8, size);
      at += 12 + size;
    }
  return 0;
}

/* The chunk EXIF of a RIFF file, which has a filler byte after an odd number of them. */
static guint
webp_orientation (const guint8 *data, gsize length)
{
  gsize at = 12;

  while (length >= 8 && at <= length - 8)
    {
      const gsize size = data[at + 4] | data[at + 5] << 8 | data[at + 6] << 16 | (gsize) data[at + 7] << 24;

      if (size > length - at - 8)
        return 0;
      if (memcmp (data + at, "EXIF", 4) == 0)
        return orientation_of (data + at + 8, size);
      at += 8 + size + (size & 1);
    }
  return 0;
}

guint
eid_exif_orientation (const guint8 *data, gsize length)
{
  if (eid_is_png (data, length))
    return png_orientation (data, length);
  if (length >= 12 && memcmp (data, "RIFF", 4) == 0 && memcmp (data + 8, "WEBP", 4) == 0)
    return webp_orientation (data, length);
  return 0;
}

GdkPixbuf *
eid_picture_upright (GdkPixbuf *picture, guint orientation, EidPictureFacts *facts, GError **error)
{
  const char *turn;
  GdkPixbuf *upright;

  if (orientation > 1 && gdk_pixbuf_get_option (picture, "orientation") == NULL)
    {
      const char value[] = { (char) ('0' + orientation), '\0' };

      gdk_pixbuf_set_option (picture, "orientation", value);
    }
  turn = gdk_pixbuf_get_option (picture, "orientation");
  if (turn != NULL && turn[0] >= '5' && turn[0] <= '8') /* on its side */
    *facts = (EidPictureFacts){ facts->height, facts->width, facts->stretched };
  upright = gdk_pixbuf_apply_embedded_orientation (picture);
  g_object_unref (picture);
  return upright != NULL ? upright
                         : eid_picture_fail (error, _ ("there is not enough memory to turn the picture"));
}
