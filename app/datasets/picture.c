/* picture.c: one picture as square bytes: centre-cropped, scaled, and laid over white
 * where it is transparent. folder.c reads its pictures here, and `inspect` its own;
 * decode.c makes pixels of files. */
#include "app/datasets/pixels.h"

#include <glib/gi18n-lib.h>

#include <string.h>

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
      eid_picture_fail (error, _ ("there is not enough memory to scale the picture"));
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

  rgb = g_try_malloc ((gsize) side * side * 3);
  if (rgb == NULL)
    {
      eid_picture_fail (error, _ ("there is not enough memory to scale the picture"));
      return FALSE;
    }
  for (gsize i = 0; i < (gsize) side * side; i++)
    for (guint c = 0; c < 3; c++)
      rgb[3 * i + c] = source[from * i + (from == 3 ? c : 0)];
  square = gdk_pixbuf_new_from_data (rgb, GDK_COLORSPACE_RGB, FALSE, 8, side, side, side * 3, NULL, NULL);
  return write_square (square, pixels, size, to, error);
}

/* --- Files ------------------------------------------------------------------ */

gboolean
eid_picture_load (const char *file, guint size, guint channels, guint8 *pixels, EidPictureFacts *facts,
                  GError **error)
{
  EidPictureFacts own;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GdkPixbuf) picture = NULL;
  g_autoptr (GdkPixbuf) square = NULL;

  g_return_val_if_fail (file != NULL && pixels != NULL, FALSE);
  g_return_val_if_fail (size > 0 && size <= EID_PICTURE_MAX_SIZE, FALSE);
  g_return_val_if_fail (channels == 1 || channels == 3, FALSE);

  picture = eid_picture_decode (file, size, facts != NULL ? facts : &own, &reason);
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
