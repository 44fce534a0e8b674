/* random.c: the counter-based generator on the host: Philox 4x32-10.
 *
 * Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (2011).
 * kernels/random.cl is the same on the device.
 */

#include "opencl/core/private.h"

#include <math.h>

static void
philox (const guint32 counter[4], const guint32 key[2], guint32 out[4])
{
  guint32 x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3], k0 = key[0], k1 = key[1];

  for (guint round = 0; round < 10; round++)
    {
      guint64 a = (guint64) 0xD2511F53u * x0, b = (guint64) 0xCD9E8D57u * x2;
      guint32 y0 = (guint32) (b >> 32) ^ x1 ^ k0, y2 = (guint32) (a >> 32) ^ x3 ^ k1;

      x0 = y0;
      x1 = (guint32) b;
      x2 = y2;
      x3 = (guint32) a;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

void
eid_random_init (EidRandom *random, guint64 seed, guint32 step, guint32 sample, guint32 stream)
{
  *random = (EidRandom){
    .key = { (guint32) seed, (guint32) (seed >> 32) },
    .counter = { 0, step, sample, stream },
    .used = 4,
  };
}

guint32
eid_random_bits (EidRandom *random)
{
  if (random->used == 4)
    {
      philox (random->counter, random->key, random->output);
      random->counter[0]++;
      random->used = 0;
    }
  return random->output[random->used++];
}

float
eid_random_float (EidRandom *random)
{
  return (eid_random_bits (random) >> 8) * (1.0f / 16777216.0f);
}

float
eid_random_range (EidRandom *random, float low, float high)
{
  return low + (high - low) * eid_random_float (random);
}

/* Box & Muller; one of the pair is enough here. */
float
eid_random_normal (EidRandom *random)
{
  float u = 1.0f - eid_random_float (random), v = eid_random_float (random);

  return sqrtf (-2.0f * logf (u)) * cosf (6.28318530718f * v);
}

guint
eid_random_below (EidRandom *random, guint n)
{
  return (guint) (((guint64) eid_random_bits (random) * n) >> 32);
}

void
eid_random_shuffle (EidRandom *random, guint32 *values, guint n)
{
  for (guint i = n; i > 1; i--)
    {
      guint j = eid_random_below (random, i);
      guint32 value = values[i - 1];

      values[i - 1] = values[j];
      values[j] = value;
    }
}
