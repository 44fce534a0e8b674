/* png.c: samples of PNG files as they are stored, by libpng: gdk-pixbuf makes colours of
 * indices and 8 bits of 16; see pixels.h. */
#include "app/datasets/pixels.h"

#include <glib/gi18n-lib.h>
#include <png.h>

#include <setjmp.h>
#include <string.h>

typedef struct
{
  const guint8 *data;
  gsize length, at;
  jmp_buf failed;
  char message[128];
} Source;

static void
on_error (png_structp png, const char *message)
{
  Source *source = png_get_error_ptr (png);

  g_strlcpy (source->message, message, sizeof source->message);
  longjmp (source->failed, 1);
}

static void
on_warning (png_structp png, const char *message)
{
}

static void
on_read (png_structp png, png_bytep out, size_t count)
{
  Source *source = png_get_io_ptr (png);

  if (count > source->length - source->at)
    png_error (png, "the file is cut short");
  memcpy (out, source->data + source->at, count);
  source->at += count;
}

guint
eid_png_depth (const guint8 *data, gsize length)
{
  return eid_is_png (data, length) && length > 24 ? data[24] : 0;
}

/* What the header says, with room for samples; FALSE: absurd, or no room. */
static gboolean
prepare (png_structp png, png_infop info, EidSamples *samples, GError **error)
{
  png_color_8p bits = NULL;

  samples->width = png_get_image_width (png, info);
  samples->height = png_get_image_height (png, info);
  samples->depth = png_get_bit_depth (png, info);
  samples->channels = png_get_channels (png, info);
  samples->palette = png_get_color_type (png, info) == PNG_COLOR_TYPE_PALETTE;
  if (png_get_sBIT (png, info, &bits) != 0 && !samples->palette)
    samples->significant =
        samples->channels < 3 ? bits->gray : MAX (MAX (bits->red, bits->green), bits->blue);
  if (eid_picture_is_absurd (samples->width, samples->height, error))
    return FALSE;
  samples->samples = g_try_new (guint16, (gsize) samples->width * samples->height * samples->channels);
  if (samples->samples == NULL)
    eid_picture_fail (error, _ ("there is not enough memory for the picture"));
  return samples->samples != NULL;
}

/* Bytes, or pairs of them, the higher first, as numbers. */
static void
widen (EidSamples *samples, const guint8 *bytes)
{
  const gsize count = (gsize) samples->width * samples->height * samples->channels;

  for (gsize i = 0; i < count; i++)
    samples->samples[i] = samples->depth == 16 ? (guint16) (bytes[2 * i] << 8 | bytes[2 * i + 1]) : bytes[i];
}

/* What is held while libpng may jump away. */
typedef struct
{
  EidSamples *samples;
  guint8 *bytes, **rows;
} Reading;

static gboolean
read_rows (png_structp png, png_infop info, Source *source, Reading *reading, GError **error)
{
  gsize stride;

  if (setjmp (source->failed) != 0)
    {
      eid_picture_fail (error, source->message);
      return FALSE;
    }
  png_set_read_fn (png, source, on_read);
  png_set_user_limits (png, EID_MAX_SIDE, EID_MAX_SIDE);
  png_read_info (png, info);
  if (!prepare (png, info, reading->samples, error))
    return FALSE;
  png_set_packing (png);
  png_set_interlace_handling (png);
  png_read_update_info (png, info);
  stride = png_get_rowbytes (png, info);
  reading->bytes = g_try_malloc (stride * reading->samples->height);
  reading->rows = g_try_new (guint8 *, reading->samples->height);
  if (reading->bytes == NULL || reading->rows == NULL)
    png_error (png, "there is not enough memory");
  for (guint y = 0; y < reading->samples->height; y++)
    reading->rows[y] = reading->bytes + y * stride;
  png_read_image (png, reading->rows);
  png_read_end (png, NULL);
  widen (reading->samples, reading->bytes);
  return TRUE;
}

EidSamples *
eid_png_read (const guint8 *data, gsize length, GError **error)
{
  Source source = { data, length };
  Reading reading = { NULL };
  png_structp png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &source, on_error, on_warning);
  png_infop info = png != NULL ? png_create_info_struct (png) : NULL;
  gboolean good = FALSE;

  reading.samples = g_new0 (EidSamples, 1);
  if (info != NULL)
    good = read_rows (png, info, &source, &reading, error);
  else
    eid_picture_fail (error, _ ("there is not enough memory for the picture"));
  png_destroy_read_struct (&png, &info, NULL);
  g_free (reading.bytes);
  g_free (reading.rows);
  if (good)
    return reading.samples;
  eid_samples_free (reading.samples);
  return NULL;
}

/* --- As a picture ---------------------------------------------------------------- */

void
eid_samples_free (EidSamples *samples)
{
  if (samples == NULL)
    return;
  g_free (samples->samples);
  g_free (samples);
}

/* The largest values of all colours and, where there is opacity, of that. */
static void
find_largest (const EidSamples *samples, guint *colour, guint *opacity)
{
  const gsize pixels = (gsize) samples->width * samples->height;
  const guint colours = samples->channels - (samples->channels % 2 == 0);

  *colour = *opacity = 0;
  for (gsize i = 0; i < pixels; i++)
    for (guint c = 0; c < samples->channels; c++)
      {
        guint *largest = c < colours ? colour : opacity;

        *largest = MAX (*largest, samples->samples[i * samples->channels + c]);
      }
}

/* How many bits the range has that samples are in of which @largest is the largest. */
static guint
bits_of (const EidSamples *samples, guint largest)
{
  static const guint usual[] = { 8, 10, 12, 14 };

  if (samples->depth < 16)
    return samples->depth;
  /* Samples of fewer bits fill the higher ones, as PNG would have it, or do not. */
  if (samples->significant > 0)
    return samples->significant < 16 && largest < 1u << samples->significant ? samples->significant : 16;
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    if (largest < 1u << usual[i])
      return usual[i];
  return 16;
}

/* Of 0 to @range, as one of 0 to 255. */
static guint8
in_8_bits (guint value, guint range)
{
  return (guint8) ((value * 255u + range / 2) / range);
}

GdkPixbuf *
eid_samples_to_picture (const EidSamples *samples, guint *stretched, GError **error)
{
  const gboolean transparent = samples->channels % 2 == 0, colour = samples->channels > 2;
  GdkPixbuf *picture =
      gdk_pixbuf_new (GDK_COLORSPACE_RGB, transparent, 8, (int) samples->width, (int) samples->height);
  guint largest, opaque, bits, range, opacity_range;
  guint8 *pixels;
  gsize stride;

  if (picture == NULL)
    return eid_picture_fail (error, _ ("there is not enough memory for the picture"));
  find_largest (samples, &largest, &opaque);
  bits = bits_of (samples, largest);
  *stretched = bits < samples->depth ? bits : 0;
  range = (1u << bits) - 1;
  opacity_range =
      opaque <= range ? range : (1u << samples->depth) - 1; /* stored as the colours are, or whole */
  pixels = gdk_pixbuf_get_pixels (picture);
  stride = gdk_pixbuf_get_rowstride (picture);
  for (gsize y = 0; y < samples->height; y++)
    for (gsize x = 0; x < samples->width; x++)
      {
        const guint16 *from = samples->samples + (y * samples->width + x) * samples->channels;
        guint8 *to = pixels + y * stride + x * (transparent ? 4 : 3);

        for (guint c = 0; c < 3; c++)
          {
            const guint8 value = in_8_bits (from[colour ? c : 0], range);

            to[c] = samples->inverted ? 255 - value : value;
          }
        if (transparent)
          to[3] = in_8_bits (from[samples->channels - 1], opacity_range);
      }
  return picture;
}
