/* tiff.c: samples of TIFF files of other than 8 bits, by libtiff: of 16 gdk-pixbuf keeps the
 * upper 8, and so of the 12 that many scanners and cameras store in them, 4; and most other
 * depths it does not read; see pixels.h. */
#include "app/datasets/pixels.h"

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

/* The samples of all channels lie side by side, in one plane, or each channel has a plane. */
typedef struct
{
  TIFF *tiff;
  EidSamples *samples;
  guint planes;
} Reading;

/* Samples of a row of @width pixels in a plane, and bytes that they take. */
static gsize
count_samples (const Reading *reading, gsize width)
{
  return width * reading->samples->channels / reading->planes;
}

static gsize
count_bytes (const Reading *reading, gsize width)
{
  return (count_samples (reading, width) * reading->samples->depth + 7) / 8;
}

/* Bytes that unpack() looks at beyond a row. */
#define SLACK 2

/* Puts the samples of a row of @width pixels of @plane in their places from @to on. Those of 16 bits lie as
 * the machine has them; of fewer, one follows the other without a gap, the highest bit first. */
static void
unpack (const Reading *reading, const guint8 *row, guint plane, gsize width, guint16 *to)
{
  const guint depth = reading->samples->depth, step = reading->planes;

  for (gsize i = 0; i < count_samples (reading, width); i++)
    {
      const guint8 *at = row + i * depth / 8;
      guint16 value;

      if (depth == 16)
        memcpy (&value, at, sizeof value);
      else
        value = (guint16) ((guint32) (at[0] << 16 | at[1] << 8 | at[2]) >> (24 - i * depth % 8 - depth)
                           & ((1u << depth) - 1));
      to[i * step + plane] = value;
    }
}

/* What the tags say; FALSE: it is left to gdk-pixbuf. */
static gboolean
read_tags (Reading *reading)
{
  TIFF *tiff = reading->tiff;
  EidSamples *samples = reading->samples;
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
  if (bits < 1 || bits > 16 || bits == 8 || format != SAMPLEFORMAT_UINT || channels < 1 || channels > 4
      || (photometric == PHOTOMETRIC_RGB) != (channels >= 3)
      || (photometric != PHOTOMETRIC_RGB && photometric != PHOTOMETRIC_MINISBLACK
          && photometric != PHOTOMETRIC_MINISWHITE))
    return FALSE;
  samples->width = width;
  samples->height = height;
  samples->channels = channels;
  samples->depth = bits;
  samples->inverted = photometric == PHOTOMETRIC_MINISWHITE;
  samples->orientation = orientation <= 8 ? orientation : 0;
  reading->planes = planar == PLANARCONFIG_SEPARATE ? channels : 1;
  return width > 0 && height > 0;
}

static gboolean
fail_damaged (GError **error)
{
  eid_picture_fail (error, _ ("the file is cut short or damaged"));
  return FALSE;
}

static gboolean
fail_memory (GError **error)
{
  eid_picture_fail (error, _ ("there is not enough memory for the picture"));
  return FALSE;
}

static gboolean
read_rows (const Reading *reading, GError **error)
{
  EidSamples *samples = reading->samples;
  const gsize bytes = count_bytes (reading, samples->width);
  g_autofree guint8 *row = NULL;

  if (TIFFScanlineSize64 (reading->tiff) != bytes)
    return fail_damaged (error);
  row = g_try_malloc0 (bytes + SLACK);
  for (guint plane = 0; row != NULL && plane < reading->planes; plane++)
    for (gsize y = 0; y < samples->height; y++)
      {
        if (TIFFReadScanline (reading->tiff, row, (guint32) y, (guint16) plane) < 0)
          return fail_damaged (error);
        unpack (reading, row, plane, samples->width,
                samples->samples + y * samples->width * samples->channels);
      }
  return row != NULL || fail_memory (error);
}

static gboolean
read_tiles (const Reading *reading, GError **error)
{
  EidSamples *samples = reading->samples;
  const gsize channels = samples->channels;
  guint32 width = 0, height = 0;
  g_autofree guint8 *tile = NULL;
  gsize bytes;

  TIFFGetField (reading->tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField (reading->tiff, TIFFTAG_TILELENGTH, &height);
  bytes = count_bytes (reading, width);
  if (width == 0 || height == 0 || eid_picture_is_absurd (width, height, NULL)
      || TIFFTileSize64 (reading->tiff) != bytes * height)
    return fail_damaged (error);
  tile = g_try_malloc0 (bytes * height + SLACK);
  for (guint plane = 0; tile != NULL && plane < reading->planes; plane++)
    for (guint top = 0; top < samples->height; top += height)
      for (guint left = 0; left < samples->width; left += width)
        {
          const guint columns = MIN (width, samples->width - left),
                      rows = MIN (height, samples->height - top);

          if (TIFFReadTile (reading->tiff, tile, left, top, 0, (guint16) plane) < 0)
            return fail_damaged (error);
          for (gsize y = 0; y < rows; y++)
            unpack (reading, tile + y * bytes, plane, columns,
                    samples->samples + ((top + y) * samples->width + left) * channels);
        }
  return tile != NULL || fail_memory (error);
}

static gboolean
read_picture (const Reading *reading, GError **error)
{
  EidSamples *samples = reading->samples;

  if (eid_picture_is_absurd (samples->width, samples->height, error))
    return FALSE;
  samples->samples = g_try_new (guint16, (gsize) samples->width * samples->height * samples->channels);
  if (samples->samples == NULL)
    return fail_memory (error);
  return TIFFIsTiled (reading->tiff) ? read_tiles (reading, error) : read_rows (reading, error);
}

EidSamples *
eid_tiff_read (const guint8 *data, gsize length, GError **error)
{
  Source source = { data, (gint64) length, 0 };
  g_autoptr (EidSamples) samples = g_new0 (EidSamples, 1);
  Reading reading = { .samples = samples };
  gboolean good = FALSE;

  if (length < 4 || (memcmp (data, "II", 2) != 0 && memcmp (data, "MM", 2) != 0))
    return NULL;
  reading.tiff = open_tiff (&source);
  if (reading.tiff == NULL)
    return NULL;
  if (read_tags (&reading))
    good = read_picture (&reading, error);
  TIFFClose (reading.tiff);
  return good ? g_steal_pointer (&samples) : NULL;
}
