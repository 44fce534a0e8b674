/* thread-scratch.h: memory of a thread that computes in native kernels. */
#pragma once

#include <glib.h>

/* The calling thread's own, at least @bytes, aligned to a page; kept until it ends or asks for more, which
 * loses what is in it. */
gpointer eid_thread_scratch (gsize bytes);
