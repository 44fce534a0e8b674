/* replay.c: runs a harness without libFuzzer, so that every build compiles it and every run of the tests
 * tries it: the seeds, and mutations of them that are the same each time.     */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <time.h>

#define ROUNDS  200 /* mutations of all seeds                            */
#define SECONDS 1   /* of the processor, after which no more are tried     */

static GPtrArray *seeds;

void
fuzz_seed (gconstpointer data, gsize size)
{
  g_ptr_array_add (seeds, g_bytes_new (data, size));
}

/* The input in memory of its own size: valgrind and the sanitizers see what is read beyond it. */
static void
try (const guint8 *data, gsize size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  LLVMFuzzerTestOneInput (copy, size);
}

static void
mutate (GByteArray *input, GRand *random)
{
  static const guint8 telling[] = { 0, 1, 0x7f, 0x80, 0xff, '"', '[', '\n' };
  const guint changes = (guint) g_rand_int_range (random, 1, 5);

  for (guint i = 0; i < changes && input->len > 0; i++)
    {
      const guint at = (guint) g_rand_int_range (random, 0, (gint32) input->len);
      const guint wanted = (guint) g_rand_int_range (random, 1, 9);
      const guint length = MIN (wanted, input->len - at);

      switch (g_rand_int_range (random, 0, 5))
        {
        case 0:
          input->data[at] ^= (guint8) (1 << g_rand_int_range (random, 0, 8));
          break;
        case 1:
          input->data[at] = telling[g_rand_int_range (random, 0, G_N_ELEMENTS (telling))];
          break;
        case 2:
          memset (input->data + at, g_rand_int_range (random, 0, 2) ? 0xff : 0, length);
          break;
        case 3:
          g_byte_array_remove_range (input, at, length);
          break;
        default:
          g_byte_array_set_size (input, at);
        }
    }
}

int
main (int argc, char **argv)
{
  GRand *random = g_rand_new_with_seed (20261130);
  guint tried = 0;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  fuzz_start ();
  seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  fuzz_seeds ();
  g_assert_cmpuint (seeds->len, >, 0);
  try ((const guint8 *) "", 0);
  for (guint round = 0; round <= ROUNDS; round++)
    for (guint i = 0; i < seeds->len && (round == 0 || clock () < SECONDS * CLOCKS_PER_SEC); i++, tried++)
      {
        gsize size;
        const guint8 *data = g_bytes_get_data (seeds->pdata[i], &size);
        g_autoptr (GByteArray) input = g_byte_array_append (g_byte_array_new (), data, (guint) size);

        if (round > 0)
          mutate (input, random);
        try (input->data, input->len);
      }
  g_print ("%u inputs\n", tried);
  g_ptr_array_unref (seeds);
  g_rand_free (random);
  return 0;
}
