/* pooling.c: the largest or the mean of each window of a map [B, H, W, C]. */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* A place in a window is kept in a byte. */
#define MOST_WINDOW 15

typedef struct
{
  const char *name, *forward, *backward;
} Pooling;

static const Pooling largest = { "max_pool2d", "pooling:largest", "pooling:largest_backward" };
static const Pooling mean = { "avg_pool2d", "pooling:mean", "pooling:mean_backward" };

enum
{
  WINDOW,
  STRIDE,
  PADDING
};

/* saved[0]: of the largest, its place in the window, U8 like the output */
static void
pool_backward (EidNode *node, const Pooling *pooling)
{
  EidTensor *x = node->inputs[0], *dy = node->output->gradient;
  gsize pixels = eid_leading (x);
  gint accumulate;
  EidTensor *dx = eid_gradient_of (x, &accumulate);

  if (dx)
    EID_ROWS (x->device, pooling->backward, pixels, T (dy), T (node->saved[0]), T (dx), I (pixels),
              I (eid_last (x)), I (eid_dim (x, 1)), I (eid_dim (x, 2)), I (eid_dim (dy, 1)),
              I (eid_dim (dy, 2)), I (node->integers[WINDOW]), I (node->integers[STRIDE]),
              I (node->integers[PADDING]), I (accumulate));
}

static void
largest_backward (EidNode *node)
{
  pool_backward (node, &largest);
}

static void
mean_backward (EidNode *node)
{
  pool_backward (node, &mean);
}

static gboolean
check (const char *operation, EidTensor *x, guint window, guint stride, guint padding)
{
  return eid_require (x->device, x->shape.rank == 4 && eid_is_float (x), operation,
                      _ ("the input must be [B, H, W, C], of floating-point numbers"))
         && eid_require (
             x->device, window > 0 && window <= MOST_WINDOW && stride > 0 && padding <= window / 2, operation,
             _ ("a window of %u with stride %u and padding %u is impossible: at most %u, at "
                "least 1, at most half the window"),
             window, stride, padding, MOST_WINDOW)
         && eid_require (
             x->device, eid_dim (x, 1) + 2 * padding >= window && eid_dim (x, 2) + 2 * padding >= window,
             operation, _ ("a window of %u does not fit into %u × %u pixels; larger pictures would do"),
             window, eid_dim (x, 1), eid_dim (x, 2));
}

static EidTensor *
pool (EidTensor *x, const Pooling *pooling, void (*backward) (EidNode *), guint window, guint stride,
      guint padding)
{
  EidShape shape = x->shape;
  gboolean returns = pooling == &largest && eid_is_recording (x->device);
  const char *forward = pooling == &largest && !returns ? "pooling:largest_alone" : pooling->forward;
  EidTensor *out, *places = NULL;
  EidNode *node;

  if (!check (pooling->name, x, window, stride, padding))
    return eid_output (x->device, pooling->name, EID_F32, x->shape);
  shape.dim[1] = (x->shape.dim[1] + 2 * padding - window) / stride + 1;
  shape.dim[2] = (x->shape.dim[2] + 2 * padding - window) / stride + 1;
  out = eid_output (x->device, pooling->name, x->type, shape);
  if (returns) /* to the largest */
    places = eid_output (x->device, pooling->name, EID_U8, shape);
  EID_ROWS (x->device, forward, eid_leading (out), T (x), T (places), T (out), I (eid_leading (out)),
            I (eid_last (x)), I (eid_dim (x, 1)), I (eid_dim (x, 2)), I (eid_dim (out, 1)),
            I (eid_dim (out, 2)), I (window), I (stride), I (padding));
  node = EID_RECORD (out, pooling->name, backward, x);
  if (node)
    {
      node->saved[0] = places;
      node->integers[WINDOW] = window;
      node->integers[STRIDE] = stride;
      node->integers[PADDING] = padding;
    }
  return out;
}

EidTensor *
eid_max_pool2d (EidTensor *x, guint window, guint stride, guint padding)
{
  return pool (x, &largest, largest_backward, window, stride, padding);
}

EidTensor *
eid_avg_pool2d (EidTensor *x, guint window, guint stride, guint padding)
{
  return pool (x, &mean, mean_backward, window, stride, padding);
}
