/* augment.c: views of a batch of pictures, on the device: crop, flip, resize,
 * colour, blur, solarise, normalise, in this order.
 *
 * What each view gets was drawn before, on the host; here the draws are checked
 * and passed on, and only the passes that some view needs are run.
 */

#include "opencl/core/private.h"

#include <math.h>
#include <glib/gi18n-lib.h>

/* As kernels/augment.cl declares it. */
G_STATIC_ASSERT (sizeof (EidAugmentDraw) == 16 * sizeof (float));

#define SLACK 1e-5f /* a box that was rounded may stand out by this much */

EidAugmentDraw
eid_augment_identity (void)
{
  return (EidAugmentDraw){
    .crop_width = 1, .crop_height = 1, .brightness = 1, .contrast = 1, .saturation = 1, .solarise = 2
  };
}

/* Comparisons are written so that what is not a number fails them. */
static gboolean
draw_is_valid (const EidAugmentDraw *draw)
{
  return draw->crop_x >= 0 && draw->crop_width > 0 && draw->crop_x + draw->crop_width <= 1 + SLACK
         && draw->crop_y >= 0 && draw->crop_height > 0 && draw->crop_y + draw->crop_height <= 1 + SLACK
         && draw->brightness >= 0 && draw->contrast >= 0 && draw->saturation >= 0
         && isfinite (draw->brightness) && isfinite (draw->contrast) && isfinite (draw->saturation)
         && draw->hue >= -1 && draw->hue <= 1 && draw->jitter_order >= 0 && draw->jitter_order < 24
         && draw->blur >= 0 && isfinite (draw->blur) && !isnan (draw->flip) && !isnan (draw->grey)
         && !isnan (draw->solarise);
}

/* The passes that some view of the batch needs. */
typedef struct
{
  gboolean jitter, contrast, blur;
} Passes;

static Passes
passes_of (const EidAugmentDraw *draws, gsize count, guint channels)
{
  Passes passes = { 0 };

  for (gsize i = 0; i < count; i++)
    {
      const EidAugmentDraw *draw = &draws[i];

      passes.contrast |= draw->contrast != 1;
      passes.jitter |= draw->contrast != 1 || draw->brightness != 1;
      if (channels == 3)
        passes.jitter |= draw->saturation != 1 || draw->hue != 0 || draw->grey > 0;
      passes.blur |= draw->blur > 0;
    }
  return passes;
}

static gboolean
arguments_are_valid (EidTensor *pictures, const EidAugmentDraw *draws, guint views, guint size,
                     const float std[3])
{
  EidDevice *device = pictures->device;
  EidShape shape = pictures->shape;
  gsize count = (gsize) views * eid_dim (pictures, 0);
  g_autofree char *text = eid_shape_to_string (shape);

  if (!eid_require (device,
                    pictures->type == EID_U8 && shape.rank == 4 && eid_shape_count (shape) > 0
                        && (shape.dim[3] == 1 || shape.dim[3] == 3),
                    "augment", _ ("pictures must be bytes [B, H, W, 1 or 3], not %s"), text)
      || !eid_require (device, views > 0 && size > 0 && count * size <= G_MAXINT32, "augment",
                       _ ("%u views of %u pixels a side, of %u pictures, cannot be made"), views, size,
                       shape.dim[0]))
    return FALSE;
  for (guint c = 0; c < shape.dim[3]; c++)
    if (!eid_require (device, std[c] > 0, "augment",
                      _ ("the standard deviation of channel %u must be above 0"), c))
      return FALSE;
  for (gsize i = 0; i < count; i++)
    if (!eid_require (device, draw_is_valid (&draws[i]), "augment",
                      _ ("the draw for view %zu of picture %zu is out of range"), i / shape.dim[0],
                      i % shape.dim[0]))
      return FALSE;
  return TRUE;
}

EidTensor *
eid_augment (EidTensor *pictures, const EidAugmentDraw *draws, guint views, guint size, const float mean[3],
             const float std[3])
{
  EidDevice *device = pictures->device;
  guint batch = eid_dim (pictures, 0), height = eid_dim (pictures, 1), width = eid_dim (pictures, 2);
  guint n = eid_dim (pictures, 3), last = n - 1; /* with one channel the others are not read */
  gsize count = (gsize) views * batch, rows = count * size;
  gboolean valid = arguments_are_valid (pictures, draws, views, size, std);
  EidTensor *out = eid_output (device, "augment", EID_F32, EID_SHAPE (count, size, size, n));
  EidBuffer *drawn;
  Passes passes;

  if (!valid || !eid_device_ok (device))
    return out;
  passes = passes_of (draws, count, n);
  drawn = eid_buffer_from_data (device, draws, count * sizeof *draws);

  EID_ROWS (device, "augment:resample", rows, T (pictures), eid_arg_buffer (drawn), T (out), I (rows),
            I (batch), I (height), I (width), I (size), I (n));
  if (passes.jitter)
    {
      EidTensor *means = eid_scratch (device, EID_SHAPE (count), "augment");

      if (passes.contrast)
        {
          EID_ROWS (device, "augment:jitter", rows, T (out), eid_arg_buffer (drawn), T (means), I (rows),
                    I (FALSE), I (size), I (n));
          EID_ROWS (device, "augment:grey_means", count, T (out), eid_arg_buffer (drawn), T (means),
                    I (count), I ((gsize) size * size), I (n));
        }
      EID_ROWS (device, "augment:jitter", rows, T (out), eid_arg_buffer (drawn), T (means), I (rows),
                I (TRUE), I (size), I (n));
      eid_scratch_free (means);
    }
  if (passes.blur)
    {
      EidTensor *across = eid_scratch (device, out->shape, "augment");

      EID_ROWS (device, "augment:blur_across", rows, T (out), T (across), eid_arg_buffer (drawn), I (rows),
                I (size), I (n));
      EID_ROWS (device, "augment:blur_down", rows, T (across), T (out), eid_arg_buffer (drawn), I (rows),
                I (size), I (n));
      eid_scratch_free (across);
    }
  EID_ROWS (device, "augment:finish_view", rows, T (out), eid_arg_buffer (drawn), I (rows), I (size), I (n),
            F (mean[0]), F (mean[MIN (1, last)]), F (mean[last]), F (std[0]), F (std[MIN (1, last)]),
            F (std[last]));

  eid_buffer_release (drawn);
  EID_RECORD (out, "augment", NULL, pictures);
  return out;
}
