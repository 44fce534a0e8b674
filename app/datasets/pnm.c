/* pnm.c: samples of PGM and PPM files that say they have 16 bits: gdk-pixbuf keeps the upper
 * 8 of them, whatever they hold; see pixels.h. */
#include "app/datasets/pixels.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* The number at *@at, after blanks and comments; 0: there is none that a picture could have. */
static guint
read_number (const guint8 *data, gsize length, gsize *at)
{
  guint number = 0;

  while (*at < length && (g_ascii_isspace (data[*at]) || data[*at] == '#'))
    {
      if (data[*at] == '#')
        while (*at < length && data[*at] != '\n')
          (*at)++;
      else
        (*at)++;
    }
  for (; *at < length && g_ascii_isdigit (data[*at]); (*at)++)
    {
      number = number * 10 + (guint) (data[*at] - '0');
      if (number > G_MAXUINT16)
        return 0;
    }
  return number;
}

EidSamples *
eid_pnm_read (const guint8 *data, gsize length, GError **error)
{
  g_autoptr (EidSamples) samples = g_new0 (EidSamples, 1);
  gsize at = 2, count;

  if (length < 2 || data[0] != 'P' || (data[1] != '5' && data[1] != '6'))
    return NULL;
  samples->channels = data[1] == '5' ? 1 : 3;
  samples->depth = 16;
  samples->width = read_number (data, length, &at);
  samples->height = read_number (data, length, &at);
  /* Of any other largest value gdk-pixbuf makes the right thing. */
  if (samples->width == 0 || samples->height == 0 || read_number (data, length, &at) != G_MAXUINT16)
    return NULL;
  at++;
  if (eid_picture_is_absurd (samples->width, samples->height, error))
    return NULL;
  count = (gsize) samples->width * samples->height * samples->channels;
  if (at > length || (length - at) / 2 < count)
    return eid_picture_fail (error, _ ("the file is cut short"));
  samples->samples = g_try_new (guint16, count);
  if (samples->samples == NULL)
    return eid_picture_fail (error, _ ("there is not enough memory for the picture"));
  for (gsize i = 0; i < count; i++)
    samples->samples[i] = (guint16) (data[at + 2 * i] << 8 | data[at + 2 * i + 1]);
  return g_steal_pointer (&samples);
}
