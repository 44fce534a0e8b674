/* tiff.c: samples of TIFF files of 16 bits, by libtiff: gdk-pixbuf keeps the upper 8, and
 * of the 12 that many scanners and cameras have, 4; see pixels.h. */
#include "pixels.h"

#include <glib/gi18n-lib.h>
#include <tiffio.h>

#include <string.h>

typedef struct
{
  const guint8 *data;
  gint64 length, at;
} Source;

static tmsize_t
on_read (thandle_t handle, void *out, tmsize_t count)
{
  Source *source = handle;
  const gint64 there = CLAMP (source->length - source->at, 0, count);

  memcpy (out, source->data + source->at, (gsize) there);
  source->at += there;
  return there;
}

static tmsize_t
on_write (thandle_t handle, void *data, tmsize_t count)
{
  return -1;
}

static toff_t
on_seek (thandle_t handle, toff_t offset, int whence)
{
  Source *source = handle;
  const gint64 from = whence == SEEK_CUR ? source->at : whence == SEEK_END ? source->length : 0;

  source->at = CLAMP (from + (gint64) MIN (offset, (toff_t) source->length), 0, source->length);
  return (toff_t) source->at;
}

static int
on_close (thandle_t handle)
{
  return 0;
}

static toff_t
on_size (thandle_t handle)
{
  return (toff_t) ((Source *) handle)->length;
}

/* Instead of on the terminal. */
static int
on_message (TIFF *tiff, void *data, const char *module, const char *format, va_list arguments)
{
  return 1;
}

static TIFF *
open_tiff (Source *source)
{
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc ();
  TIFF *tiff;

  TIFFOpenOptionsSetErrorHandlerExtR (options, on_message, NULL);
  TIFFOpenOptionsSetWarningHandlerExtR (options, on_message, NULL);
  /* "m": not mapped */
  tiff = TIFFClientOpenExt ("picture", "rm", source, on_read, on_write, on_seek, on_close, on_size, NULL,
                            NULL, options);
  TIFFOpenOptionsFree (options);
  return tiff;
}

/* What the tags say; FALSE: it is left to gdk-pixbuf. */
static gboolean
read_tags (TIFF *tiff, EidSamples *samples)
{
  guint32 width = 0, height = 0;
  guint16 bits = 0, channels = 1, format = SAMPLEFORMAT_UINT, photometric = PHOTOMETRIC_MINISBLACK;
  guint16 planar = PLANARCONFIG_CONTIG, orientation = 0;

  TIFFGetField (tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField (tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLESPERPIXEL, &channels);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetField (tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  TIFFGetField (tiff, TIFFTAG_ORIENTATION, &orientation);
  if (bits != 16 || format != SAMPLEFORMAT_UINT || planar != PLANARCONFIG_CONTIG || channels < 1
      || channels > 4 || (photometric == PHOTOMETRIC_RGB) != (channels >= 3)
      || (photometric != PHOTOMETRIC_RGB && photometric != PHOTOMETRIC_MINISBLACK
          && photometric != PHOTOMETRIC_MINISWHITE))
    return FALSE;
  samples->width = width;
  samples->height = height;
  samples->channels = channels;
  samples->depth = bits;
  samples->inverted = photometric == PHOTOMETRIC_MINISWHITE;
  samples->orientation = orientation <= 8 ? orientation : 0;
  return width > 0 && height > 0;
}

static gboolean
fail_damaged (GError **error)
{
  eid_picture_fail (error, _ ("the file is cut short or damaged"));
  return FALSE;
}

static gboolean
read_rows (TIFF *tiff, EidSamples *samples, GError **error)
{
  const gsize row = (gsize) samples->width * samples->channels;

  if (TIFFScanlineSize64 (tiff) != row * 2)
    return fail_damaged (error);
  for (guint y = 0; y < samples->height; y++)
    if (TIFFReadScanline (tiff, samples->samples + y * row, y, 0) < 0)
      return fail_damaged (error);
  return TRUE;
}

static gboolean
read_tiles (TIFF *tiff, EidSamples *samples, GError **error)
{
  const gsize channels = samples->channels, row = (gsize) samples->width * channels;
  guint32 width = 0, height = 0;
  g_autofree guint16 *tile = NULL;

  TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField (tiff, TIFFTAG_TILELENGTH, &height);
  if (width == 0 || height == 0 || eid_picture_is_absurd (width, height, NULL)
      || TIFFTileSize64 (tiff) != (guint64) width * height * channels * 2)
    return fail_damaged (error);
  tile = g_try_new (guint16, (gsize) width * height * channels);
  for (guint top = 0; tile != NULL && top < samples->height; top += height)
    for (guint left = 0; left < samples->width; left += width)
      {
        const guint columns = MIN (width, samples->width - left), rows = MIN (height, samples->height - top);

        if (TIFFReadTile (tiff, tile, left, top, 0, 0) < 0)
          return fail_damaged (error);
        for (gsize y = 0; y < rows; y++)
          memcpy (samples->samples + (top + y) * row + left * channels, tile + y * width * channels,
                  columns * channels * 2);
      }
  return tile != NULL || fail_damaged (error);
}

static gboolean
read_picture (TIFF *tiff, EidSamples *samples, GError **error)
{
  if (eid_picture_is_absurd (samples->width, samples->height, error))
    return FALSE;
  samples->samples = g_try_new (guint16, (gsize) samples->width * samples->height * samples->channels);
  if (samples->samples == NULL)
    {
      eid_picture_fail (error, _ ("there is not enough memory for the picture"));
      return FALSE;
    }
  return TIFFIsTiled (tiff) ? read_tiles (tiff, samples, error) : read_rows (tiff, samples, error);
}

EidSamples *
eid_tiff_read (const guint8 *data, gsize length, GError **error)
{
  Source source = { data, (gint64) length, 0 };
  g_autoptr (EidSamples) samples = g_new0 (EidSamples, 1);
  gboolean good = FALSE;
  TIFF *tiff;

  if (length < 4 || (memcmp (data, "II", 2) != 0 && memcmp (data, "MM", 2) != 0))
    return NULL;
  tiff = open_tiff (&source);
  if (tiff == NULL)
    return NULL;
  if (read_tags (tiff, samples))
    good = read_picture (tiff, samples, error);
  TIFFClose (tiff);
  return good ? g_steal_pointer (&samples) : NULL;
}
