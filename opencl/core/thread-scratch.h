/* thread-scratch.h: memory of a thread that computes in native kernels. */
#pragma once

#include <glib.h>

/* What for: each is a memory of its own. */
typedef enum
{
  EID_SCRATCH_PACKED, /* operands of products */
  EID_SCRATCH_SCORES, /* attention            */
  EID_SCRATCH_KINDS
} EidScratchKind;

/* The calling thread's own, at least @bytes, aligned to a page; kept until it ends or asks for more, which
 * loses what is in it. */
gpointer eid_thread_scratch (EidScratchKind kind, gsize bytes);
