/* libfuzzer.c: links a harness with libFuzzer. With $EIDOSCOPE_FUZZ_SEEDS, a folder, the program writes
 * the harness's seeds there and ends: the corpus to begin with.               */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static const char *seeds;
static guint count;

int LLVMFuzzerInitialize (int *argc, char ***argv);

void
fuzz_seed (gconstpointer data, gsize size)
{
  g_autofree char *name = g_strdup_printf ("seed-%u", count++);
  g_autofree char *file = g_build_filename (seeds, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (file, data, (gssize) size, &error);
  g_assert_no_error (error);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  fuzz_start ();
  seeds = g_getenv ("EIDOSCOPE_FUZZ_SEEDS");
  if (seeds == NULL)
    return 0;
  fuzz_seeds ();
  exit (0);
}
