/* noise.c: the reader "noise": pictures that are made up, each a function of its
 * number alone. They are in no file: what is measured with them is measured on
 * every machine, and nothing is waited for.                                    */
#include "app/datasets/reader.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* Pictures in a half. */
#define TRAIN_PICTURES 4096
#define TEST_PICTURES  1024

#define DEFAULT_SIZE 32

typedef struct
{
  guint64 seed; /* of the half */
  gsize bytes;  /* of a picture */
} Noise;

static gboolean
noise_open (EidSource *source, const EidDatasetSpec *spec, const char *half, GError **error)
{
  const gboolean train = strcmp (half, "train") == 0;
  Noise *noise = g_new0 (Noise, 1);

  source->state = noise;
  source->count = train ? TRAIN_PICTURES : TEST_PICTURES;
  source->size = spec->size > 0 ? spec->size : DEFAULT_SIZE;
  source->channels = spec->channels > 0 ? spec->channels : 3;
  noise->seed = eid_hash (train);
  noise->bytes = (gsize) source->size * source->size * source->channels;
  return TRUE;
}

static gboolean
noise_read (EidSource *source, guint i, guint8 *pixels, GError **error)
{
  const Noise *noise = source->state;
  guint64 bits = eid_hash (noise->seed + i) | 1;

  for (gsize at = 0; at < noise->bytes; at += sizeof bits)
    {
      /* Xorshift (Marsaglia 2003). */
      bits ^= bits << 13;
      bits ^= bits >> 7;
      bits ^= bits << 17;
      memcpy (pixels + at, &bits, MIN (sizeof bits, noise->bytes - at));
    }
  return TRUE;
}

static char *
noise_describe (EidSource *source, guint i)
{
  /* TRANSLATORS: a made-up picture's number. */
  return g_strdup_printf (_ ("noise #%u"), i);
}

static void
noise_close (EidSource *source)
{
  g_free (source->state);
}

const EidReader eid_noise_reader = {
  .name = "noise",
  .open = noise_open,
  .read = noise_read,
  .describe = noise_describe,
  .close = noise_close,
  .needs_no_path = TRUE,
};
