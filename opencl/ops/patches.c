/* patches.c: from pictures and films to patch tokens and back: where data comes
 * into a transformer. What then moves tokens about stands in tokens.c.
 */

#include "opencl/core/private.h"

#include <glib/gi18n-lib.h>

/* The same permutation of elements either way: @to_patches from films [B, T, H, W, C], else from
 * patches [B, N, C t p p]. @size: the films' five axes.                                      */
static void
permute (EidTensor *films, const guint *size, EidTensor *patches, guint frames, guint patch,
         gboolean to_patches, gint accumulate)
{
  gsize rows = (gsize) size[0] * (size[1] / frames) * (size[2] / patch) * (size[3] / patch);

  EID_ROWS (films->device, "patches:permute", rows, T (films), T (patches), I (rows), I (size[1]),
            I (size[2]), I (size[3]), I (size[4]), I (frames), I (patch), I (to_patches), I (accumulate));
}

/* A picture is a film of one frame. */
static void
size_of (EidTensor *images, guint size[5])
{
  guint first = images->shape.rank - 3;

  size[0] = eid_dim (images, 0);
  size[1] = images->shape.rank == 5 ? eid_dim (images, 1) : 1;
  for (guint i = 0; i < 3; i++)
    size[2 + i] = eid_dim (images, first + i);
}

static void
patchify_backward (EidNode *node)
{
  gint accumulate;
  EidTensor *dx = eid_gradient_of (node->inputs[0], &accumulate);
  guint size[5];

  size_of (node->inputs[0], size);
  if (dx)
    permute (dx, size, node->output->gradient, node->integers[0], node->integers[1], FALSE, accumulate);
}

static EidTensor *
patchify (EidTensor *films, guint rank, guint frames, guint patch, const char *operation)
{
  guint size[5];
  EidTensor *out;
  EidNode *node;

  if (!eid_require (films->device, films->shape.rank == rank, operation, _ ("the input must have %u axes"),
                    rank))
    return eid_output (films->device, operation, EID_F32, EID_SHAPE (1, 1, 1));
  size_of (films, size);
  if (!eid_require (films->device, frames > 0 && size[1] % frames == 0, operation,
                    _ ("films of %u frames do not divide into pieces of %u"), size[1], frames)
      || !eid_require (films->device, patch > 0 && size[2] % patch == 0 && size[3] % patch == 0, operation,
                       _ ("pictures of %u × %u pixels do not divide into patches of %u"), size[3], size[2],
                       patch)
      || !eid_require_floats (operation, films, NULL))
    return eid_output (films->device, operation, EID_F32, EID_SHAPE (1, 1, 1));
  films = eid_cast (films, EID_F32);
  out = eid_output (films->device, operation, EID_F32,
                    EID_SHAPE (size[0], (size[1] / frames) * (size[2] / patch) * (size[3] / patch),
                               size[4] * frames * patch * patch));
  permute (films, size, out, frames, patch, TRUE, FALSE);
  node = EID_RECORD (out, operation, patchify_backward, films);
  if (node)
    {
      node->integers[0] = frames;
      node->integers[1] = patch;
    }
  return out;
}

EidTensor *
eid_patchify (EidTensor *images, guint patch)
{
  return patchify (images, 4, 1, patch, "patchify");
}

EidTensor *
eid_patchify_film (EidTensor *films, guint frames, guint patch)
{
  return patchify (films, 5, frames, patch, "patchify_film");
}

EidTensor *
eid_unpatchify (EidTensor *patches, guint patch, guint height, guint width)
{
  guint channels = eid_last (patches) / MAX (patch * patch, 1);
  EidTensor *out = eid_output (patches->device, "unpatchify", EID_F32,
                               EID_SHAPE (eid_dim (patches, 0), height, width, channels));
  guint size[5];

  if (!eid_require_floats ("unpatchify", patches, NULL))
    return out;
  patches = eid_cast (patches, EID_F32);
  size_of (out, size);
  if (eid_require (patches->device,
                   patch > 0 && height % patch == 0 && width % patch == 0
                       && eid_tensor_count (out) == eid_tensor_count (patches),
                   "unpatchify", _ ("the patches do not fill %u × %u pixels"), width, height))
    permute (out, size, patches, 1, patch, FALSE, FALSE);
  EID_RECORD (out, "unpatchify", NULL, patches);
  return out;
}
