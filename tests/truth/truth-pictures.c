/* truth-pictures.c: see truth-pictures.h. */
#include "tests/truth/truth-pictures.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <png.h>
#include <string.h>
#include <tiffio.h>

#define SIDE 16

/* @folder/@name, with the folders it needs. Free. */
static char *
place (const char *folder, const char *name)
{
  char *file = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  return file;
}

/* Little-endian EXIF of one entry. */
static void
set_orientation (png_structp writer, png_infop info, guint orientation)
{
  guint8 exif[] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

  exif[18] = (guint8) orientation;
  png_set_eXIf_1 (writer, info, sizeof exif, exif);
}

void
truth_write_png (const char *folder, const char *name, const TruthPng *png)
{
  g_autofree char *file = place (folder, name);
  FILE *out = g_fopen (file, "wb");
  png_structp writer = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (writer);
  const png_color_8 bits = { .gray = (png_byte) png->significant };
  png_color colours[256] = { 0 };
  g_autofree guint8 *row = g_malloc ((gsize) png->width * 2);

  g_assert_nonnull (out);
  png_init_io (writer, out);
  png_set_IHDR (writer, info, png->width, png->height, (int) png->depth,
                png->palette > 0 ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  for (guint i = 0; i < png->palette; i++)
    colours[i] = (png_color){ (png_byte) (200 - i), (png_byte) (7 * i), 99 };
  if (png->palette > 0)
    png_set_PLTE (writer, info, colours, (int) png->palette);
  if (png->significant > 0)
    png_set_sBIT (writer, info, &bits);
  if (png->orientation > 0)
    set_orientation (writer, info, png->orientation);
  png_write_info (writer, info);
  png_set_packing (writer);
  for (guint y = 0; y < png->height; y++)
    {
      for (guint x = 0; x < png->width; x++)
        {
          const guint value = png->value (x, y);

          if (png->depth == 16)
            {
              row[2 * x] = (guint8) (value >> 8);
              row[2 * x + 1] = (guint8) value;
            }
          else
            row[x] = (guint8) value;
        }
      png_write_row (writer, row);
    }
  png_write_end (writer, NULL);
  png_destroy_write_struct (&writer, &info);
  g_assert_cmpint (fclose (out), ==, 0);
}

void
truth_write_tiff (const char *folder, const char *name, const TruthPng *tiff)
{
  g_autofree char *file = place (folder, name);
  g_autofree guint16 *row = g_new (guint16, tiff->width);
  TIFF *out = TIFFOpen (file, "w");

  g_assert_nonnull (out);
  TIFFSetField (out, TIFFTAG_IMAGEWIDTH, tiff->width);
  TIFFSetField (out, TIFFTAG_IMAGELENGTH, tiff->height);
  TIFFSetField (out, TIFFTAG_BITSPERSAMPLE, 16);
  TIFFSetField (out, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField (out, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField (out, TIFFTAG_ROWSPERSTRIP, tiff->height);
  if (tiff->orientation > 0)
    TIFFSetField (out, TIFFTAG_ORIENTATION, tiff->orientation);
  for (guint y = 0; y < tiff->height; y++)
    {
      for (guint x = 0; x < tiff->width; x++)
        row[x] = (guint16) tiff->value (x, y);
      g_assert_cmpint (TIFFWriteScanline (out, row, y, 0), ==, 1);
    }
  TIFFClose (out);
}

/* Puts one sample into a packed row, the highest bit first; of 16 bits as the machine has it. */
static void
put_sample (guint8 *row, gsize i, guint depth, guint value)
{
  if (depth == 16)
    ((guint16 *) (gpointer) row)[i] = (guint16) value;
  else
    for (guint bit = 0; bit < depth; bit++)
      if (value >> (depth - 1 - bit) & 1)
        row[(i * depth + bit) / 8] |= (guint8) (0x80 >> (i * depth + bit) % 8);
}

guint
truth_sample (const TruthTiff *tiff, guint x, guint y, guint channel)
{
  return (x * 2731 + y * 1597 + channel * 13001) & ((1u << tiff->used) - 1);
}

/* The samples of @plane in a block of pixels from (@left, @top) on; beyond the picture they are 0. */
static void
fill_block (const TruthTiff *tiff, guint plane, guint left, guint top, guint width, guint height, gsize row,
            guint8 *block)
{
  const guint each = tiff->planar ? 1 : tiff->channels;

  memset (block, 0, row * height);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      for (guint c = 0; c < each && left + x < tiff->width && top + y < tiff->height; c++)
        put_sample (block + y * row, (gsize) x * each + c, tiff->depth,
                    truth_sample (tiff, left + x, top + y, plane + c));
}

#define TILE 16

void
truth_write_samples (const char *folder, const char *name, const TruthTiff *tiff)
{
  g_autofree char *file = place (folder, name);
  TIFF *out = TIFFOpen (file, "w");
  g_autofree guint8 *block = NULL;
  gsize row;

  g_assert_nonnull (out);
  TIFFSetField (out, TIFFTAG_IMAGEWIDTH, tiff->width);
  TIFFSetField (out, TIFFTAG_IMAGELENGTH, tiff->height);
  TIFFSetField (out, TIFFTAG_BITSPERSAMPLE, tiff->depth);
  TIFFSetField (out, TIFFTAG_SAMPLESPERPIXEL, tiff->channels);
  TIFFSetField (out, TIFFTAG_PHOTOMETRIC, tiff->channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
  TIFFSetField (out, TIFFTAG_PLANARCONFIG, tiff->planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (tiff->tiled)
    {
      TIFFSetField (out, TIFFTAG_TILEWIDTH, TILE);
      TIFFSetField (out, TIFFTAG_TILELENGTH, TILE);
    }
  else
    TIFFSetField (out, TIFFTAG_ROWSPERSTRIP, 5);
  row = (gsize) (tiff->tiled ? TIFFTileRowSize (out) : TIFFScanlineSize (out));
  block = g_malloc (row * TILE);
  for (guint plane = 0; plane < (tiff->planar ? tiff->channels : 1); plane++)
    for (guint top = 0; top < tiff->height; top += tiff->tiled ? TILE : 1)
      for (guint left = 0; left < tiff->width; left += tiff->tiled ? TILE : tiff->width)
        if (tiff->tiled)
          {
            fill_block (tiff, plane, left, top, TILE, TILE, row, block);
            g_assert_cmpint (TIFFWriteTile (out, block, left, top, 0, (guint16) plane), >, 0);
          }
        else
          {
            fill_block (tiff, plane, 0, top, tiff->width, 1, row, block);
            g_assert_cmpint (TIFFWriteScanline (out, block, top, (guint16) plane), ==, 1);
          }
  TIFFClose (out);
}

void
truth_write_pgm (const char *folder, const char *name, const TruthPng *pgm)
{
  g_autoptr (GString) file = g_string_new (NULL);

  g_string_append_printf (file, "P5\n# of 16 bits\n%u %u\n65535\n", pgm->width, pgm->height);
  for (guint y = 0; y < pgm->height; y++)
    for (guint x = 0; x < pgm->width; x++)
      {
        const guint value = pgm->value (x, y);

        g_string_append_c (file, (char) (value >> 8));
        g_string_append_c (file, (char) value);
      }
  fixture_write (folder, name, file->str, file->len);
}

/* --- One colour ------------------------------------------------------------------- */

/* No compression: after each two pixels the table of codes begins anew. */
static void
write_gif (const char *folder, const char *name, guint32 rgb)
{
  const guint8 head[] = { 'G',
                          'I',
                          'F',
                          '8',
                          '9',
                          'a',
                          SIDE,
                          0,
                          SIDE,
                          0,
                          0x80,
                          0,
                          0,
                          (guint8) (rgb >> 16),
                          (guint8) (rgb >> 8),
                          (guint8) rgb,
                          0,
                          0,
                          0,
                          0x2c,
                          0,
                          0,
                          0,
                          0,
                          SIDE,
                          0,
                          SIDE,
                          0,
                          0,
                          2 };
  g_autoptr (GByteArray) codes = g_byte_array_new ();
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint32 bits = 0;
  guint count = 0;

  /* Codes of three bits: 4 clears, 0 is a pixel, 5 ends. */
  for (guint i = 0; i < SIDE * SIDE / 2 * 3 + 1; i++)
    {
      const guint8 code = i == SIDE * SIDE / 2 * 3 ? 5 : i % 3 == 0 ? 4 : 0;

      bits |= (guint32) code << count;
      count += 3;
      while (count >= 8)
        {
          const guint8 byte = (guint8) bits;

          g_byte_array_append (codes, &byte, 1);
          bits >>= 8;
          count -= 8;
        }
    }
  {
    const guint8 byte = (guint8) bits;

    g_byte_array_append (codes, &byte, 1);
  }
  g_byte_array_append (file, head, sizeof head);
  for (guint at = 0; at < codes->len;)
    {
      const guint8 length = (guint8) MIN (codes->len - at, 255);

      g_byte_array_append (file, &length, 1);
      g_byte_array_append (file, codes->data + at, length);
      at += length;
    }
  g_byte_array_append (file, (const guint8 *) "\0;", 2);
  fixture_write (folder, name, file->data, file->len);
}

static void
write_ppm (const char *folder, const char *name, guint32 rgb)
{
  g_autoptr (GString) file = g_string_new ("P6 16 16 255\n");

  for (guint i = 0; i < SIDE * SIDE; i++)
    {
      g_string_append_c (file, (char) (rgb >> 16));
      g_string_append_c (file, (char) (rgb >> 8));
      g_string_append_c (file, (char) rgb);
    }
  fixture_write (folder, name, file->str, file->len);
}

void
truth_write_colour (const char *folder, const char *name, guint32 rgb)
{
  const char *ending = strrchr (name, '.') + 1;
  g_autofree char *file = NULL;
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GError) error = NULL;

  if (strcmp (ending, "gif") == 0)
    write_gif (folder, name, rgb);
  else if (strcmp (ending, "ppm") == 0)
    write_ppm (folder, name, rgb);
  else
    {
      file = place (folder, name);
      picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, SIDE, SIDE);
      gdk_pixbuf_fill (picture, rgb << 8 | 0xff);
      gdk_pixbuf_save (picture, file, strcmp (ending, "jpg") == 0 ? "jpeg" : ending, &error, NULL);
      g_assert_no_error (error);
    }
}
