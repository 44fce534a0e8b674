/* thread-scratch.c: memory of a thread that computes in native kernels. */

#include "opencl/core/thread-scratch.h"

#include <stdlib.h>

#define PAGE 4096

typedef struct
{
  gsize bytes;
  gpointer memory;
} Scratch;

static void
scratch_free (gpointer data)
{
  Scratch *scratch = data;

  free (scratch->memory);
  g_free (scratch);
}

gpointer
eid_thread_scratch (EidScratchKind kind, gsize bytes)
{
  static GPrivate own[EID_SCRATCH_KINDS] = { G_PRIVATE_INIT (scratch_free), G_PRIVATE_INIT (scratch_free) };
  Scratch *scratch = g_private_get (&own[kind]);

  if (scratch == NULL || scratch->bytes < bytes)
    {
      scratch = g_new0 (Scratch, 1);
      scratch->bytes = bytes;
      if (posix_memalign (&scratch->memory, PAGE, bytes) != 0)
        g_error ("no memory for the scratch of a thread: %" G_GSIZE_FORMAT " bytes", bytes);
      g_private_replace (&own[kind], scratch);
    }
  return scratch->memory;
}
