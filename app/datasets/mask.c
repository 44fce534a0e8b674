/* mask.c: the classes of a mask's pixels: sample values as a PNG file stores them. */
#include "app/datasets/pixels.h"

#include <glib/gi18n-lib.h>

/* Grey, an index, or colours that are one grey. */
static gboolean
is_grey (const EidSamples *samples)
{
  const gsize pixels = (gsize) samples->width * samples->height;

  for (gsize i = 0; samples->channels > 2 && i < pixels; i++)
    {
      const guint16 *pixel = samples->samples + i * samples->channels;

      if (pixel[0] != pixel[1] || pixel[0] != pixel[2])
        return FALSE;
    }
  return TRUE;
}

/* The nearest pixels of the square in the middle. */
static void
read_classes (const EidSamples *samples, guint size, guint16 *classes)
{
  const gsize side = MIN (samples->width, samples->height);
  const gsize left = (samples->width - side) / 2, top = (samples->height - side) / 2;

  for (gsize y = 0; y < size; y++)
    for (gsize x = 0; x < size; x++)
      {
        const gsize row = top + (2 * y + 1) * side / (2 * size);
        const gsize column = left + (2 * x + 1) * side / (2 * size);

        *classes++ = samples->samples[(row * samples->width + column) * samples->channels];
      }
}

/* Whether both have the same shape. Of two sizes, the smaller may be off by a pixel, for it was rounded. */
static gboolean
fits (const EidSamples *samples, const EidPictureFacts *picture)
{
  const gint64 width = samples->width, height = samples->height;
  const gint64 off = ABS (width * picture->height - height * picture->width);

  if (width == picture->width || height == picture->height)
    return off == 0;
  return off <= MAX (MAX (width, height), MAX (picture->width, picture->height));
}

gboolean
eid_mask_load (const char *file, const EidPictureFacts *picture, guint size, guint16 *classes, guint *depth,
               GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (EidSamples) samples = NULL;
  gsize length = 0;
  g_autofree char *data = eid_picture_bytes (file, &length, &reason);

  if (data != NULL && !eid_is_png ((const guint8 *) data, length))
    eid_picture_fail (&reason, _ ("it is no PNG file, which keeps classes as they are"));
  else if (data != NULL && !eid_png_is_whole ((const guint8 *) data, length))
    eid_picture_fail (&reason, _ ("the file is cut short"));
  else if (data != NULL)
    samples = eid_png_read ((const guint8 *) data, length, &reason);

  if (samples != NULL && !is_grey (samples))
    eid_picture_fail (&reason,
                      _ ("it has colours, where grey values or indices of a palette are the classes"));
  else if (samples != NULL && picture != NULL && !fits (samples, picture))
    {
      g_autofree char *why = g_strdup_printf (
          _ ("it is %'u × %'u pixels, and its picture %'u × %'u; a mask has the shape of its picture"),
          samples->width, samples->height, picture->width, picture->height);

      eid_picture_fail (&reason, why);
    }
  if (reason == NULL)
    {
      read_classes (samples, size, classes);
      *depth = samples->depth;
      return TRUE;
    }
  {
    g_autofree char *shown = g_filename_display_name (file);

    g_set_error (error, EID_DATASET_ERROR, EID_DATASET_ERROR_UNREADABLE,
                 _ ("%s: cannot be read as a mask: %s"), shown, reason->message);
  }
  return FALSE;
}
