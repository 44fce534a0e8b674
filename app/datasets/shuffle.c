/* shuffle.c: the order of pictures. A permutation is a function of two keys
 * and nothing else, so that a resumed run, another machine and any number of
 * threads see the same order. */
#include "app/datasets/reader.h"

/* The finaliser of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
 * pseudorandom number generators"), which turns a counter into random bits. */
guint64
eid_hash (guint64 key)
{
  key += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  key = (key ^ (key >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  key = (key ^ (key >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return key ^ (key >> 31);
}

/* Fisher and Yates, inside out: every permutation is equally likely up to the
 * 2^-32 n of taking the high half of a product for a number below n. */
void
eid_shuffle (guint32 *order, guint n, guint64 seed, guint64 stream)
{
  guint64 key = eid_hash (eid_hash (seed) ^ stream);

  for (guint i = 0; i < n; i++)
    {
      guint64 random = eid_hash (key + i) >> 32;
      guint j = (guint) ((random * ((guint64) i + 1)) >> 32);

      order[i] = order[j];
      order[j] = i;
    }
}

guint64
eid_fingerprint (guint64 former, gconstpointer data, gsize length)
{
  const guint8 *bytes = data;
  guint64 hash = former ^ G_GUINT64_CONSTANT (0xcbf29ce484222325);

  /* FNV-1a. */
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ bytes[i]) * G_GUINT64_CONSTANT (0x100000001b3);
  return hash;
}
