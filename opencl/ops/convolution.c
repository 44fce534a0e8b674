/* convolution.c: convolutions over images, their transpose, and one made whole with the batch
 * norm after it; with their gradients. How they are computed: convolution.h.
 */

#include "opencl/backends/convolution.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
eid_convolution_finish (EidTensor *out, EidTensor *bias, EidTensor *residual, gboolean relu)
{
  EID_ROWS (out->device, "convolution:finish", eid_leading (out), T (out), T (bias), T (residual),
            I (eid_leading (out)), I (eid_last (out)), I (relu));
}

/* On a processor; FALSE where that has no way of its own. */
static gboolean
convolve_native (EidDevice *device, const EidConvolution *convolution, const EidConvolved *tensors,
                 EidTensor **packed)
{
  return device->native
         && (eid_convolve_tiles (device, convolution, tensors, packed)
             || eid_convolve_onednn (device, convolution, tensors, packed));
}

static void
convolve (EidDevice *device, const EidConvolution *convolution, const EidConvolved *tensors)
{
  if (eid_device_ok (device) && !convolve_native (device, convolution, tensors, NULL))
    eid_convolve_gemm (device, convolution, tensors);
}

/* The convolution that takes @images to @maps. */
static EidConvolution
between (EidShape images, EidShape weight, EidShape maps, guint stride, guint padding, guint groups,
         EidType type)
{
  return (EidConvolution){
    .batch = images.dim[0],
    .height = images.dim[1],
    .width = images.dim[2],
    .in = images.dim[3],
    .out_height = maps.dim[1],
    .out_width = maps.dim[2],
    .out = maps.dim[3],
    .kernel_height = weight.dim[2],
    .kernel_width = weight.dim[3],
    .stride = stride,
    .padding = padding,
    .groups = groups,
    .type = type,
    .type_weight = type,
  };
}

/* --- Gradients ------------------------------------------------------------------ */

enum
{
  STRIDE,
  PADDING,
  GROUPS,
  TRANSPOSED
};

static void
convolution_backward (EidNode *node)
{
  EidTensor *x = node->inputs[0], *weight = node->inputs[1], *bias = node->inputs[2],
            *dy = node->output->gradient;
  EidDevice *device = x->device;
  gboolean transposed = node->integers[TRANSPOSED];
  EidShape images = transposed ? dy->shape : x->shape, maps = transposed ? x->shape : dy->shape;
  EidConvolution c = between (images, weight->shape, maps, node->integers[STRIDE], node->integers[PADDING],
                              node->integers[GROUPS], dy->type);
  gint accumulate;
  EidTensor *dx, *dw, *db;

  dx = eid_gradient_of (x, &accumulate);
  if (dx)
    {
      EidTensor *to = accumulate ? eid_scratch_of (device, dx->type, dx->shape, "convolution") : dx;

      c.pass = transposed ? EID_TO_MAPS : EID_TO_IMAGES;
      convolve (device, &c,
                &(EidConvolved){ .images = transposed ? dy : to,
                                 .weight = eid_operand (weight, dy->type),
                                 .maps = transposed ? to : dy });
      if (accumulate)
        {
          eid_add_scaled (dx, to, 1, TRUE);
          eid_scratch_free (to);
        }
    }
  dw = eid_gradient_of (weight, &accumulate);
  if (dw)
    {
      c.pass = EID_TO_WEIGHT;
      c.type_weight = dw->type;
      c.accumulate = accumulate;
      convolve (device, &c,
                &(EidConvolved){ .images = transposed ? dy : x, .weight = dw, .maps = transposed ? x : dy });
    }
  db = bias ? eid_gradient_of (bias, &accumulate) : NULL;
  if (db)
    eid_column_sums (dy, db, eid_leading (dy), eid_last (dy), 1, accumulate);
}

/* --- Forward ---------------------------------------------------------------------- */

/* The side of what a convolution makes of @side pixels; 0 where the window does not fit. */
static guint
side_of_maps (guint side, guint kernel, guint stride, guint padding)
{
  guint64 padded = (guint64) side + 2 * (guint64) padding;

  return padded < kernel || kernel == 0 || side == 0 ? 0 : (padded - kernel) / stride + 1;
}

/* @in and @out: channels of @x that the weight takes, and that it makes. */
static gboolean
check (const char *operation, EidTensor *x, EidTensor *weight, EidTensor *bias, guint stride, guint groups,
       guint in, guint out)
{
  EidDevice *device = x->device;

  return eid_require (device, x->shape.rank == 4 && weight->shape.rank == 4, operation,
                      _ ("the input must be [B, H, W, C] and the weight [O, C / groups, kh, kw]"))
         && eid_require (device, stride > 0 && groups > 0 && out % MAX (groups, 1) == 0, operation,
                         _ ("a stride of %u and %u groups of %u channels are impossible"), stride, groups,
                         out)
         && eid_require (device, eid_last (x) == in, operation, _ ("a weight for %u channels meets %u"), in,
                         eid_last (x))
         && eid_require (device, bias == NULL || eid_tensor_count (bias) == out, operation,
                         _ ("the bias does not have one number for each of %u channels"), out)
         && eid_require_floats (operation, x, weight);
}

static gboolean
check_size (const char *operation, EidTensor *x, EidTensor *weight, EidShape shape)
{
  return eid_require (x->device, shape.dim[1] > 0 && shape.dim[2] > 0, operation,
                      _ ("a window of %u × %u does not fit into %u × %u pixels; larger pictures would do"),
                      eid_dim (weight, 2), eid_dim (weight, 3), eid_dim (x, 1), eid_dim (x, 2));
}

/* What a convolution of @x has for a shape. */
static EidShape
shape_of_maps (EidTensor *x, EidTensor *weight, guint stride, guint padding)
{
  return EID_SHAPE (eid_dim (x, 0), side_of_maps (eid_dim (x, 1), eid_dim (weight, 2), stride, padding),
                    side_of_maps (eid_dim (x, 2), eid_dim (weight, 3), stride, padding), eid_dim (weight, 0));
}

static void
record (EidTensor *out, const char *operation, EidTensor *x, EidTensor *weight, EidTensor *bias, guint stride,
        guint padding, guint groups, gboolean transposed)
{
  EidNode *node = EID_RECORD (out, operation, convolution_backward, x, weight, bias);

  if (node)
    {
      node->integers[STRIDE] = stride;
      node->integers[PADDING] = padding;
      node->integers[GROUPS] = groups;
      node->integers[TRANSPOSED] = transposed;
    }
}

EidTensor *
eid_conv2d (EidTensor *x, EidTensor *weight, EidTensor *bias, guint stride, guint padding, guint groups)
{
  EidType precision = x->device->precision;
  EidShape shape;
  EidTensor *out;
  EidConvolution c;

  if (!check ("conv2d", x, weight, bias, stride, groups, eid_dim (weight, 1) * groups, eid_dim (weight, 0)))
    return eid_output (x->device, "conv2d", EID_F32, x->shape);
  shape = shape_of_maps (x, weight, stride, padding);
  if (!check_size ("conv2d", x, weight, shape))
    return eid_output (x->device, "conv2d", EID_F32, x->shape);

  x = eid_cast (x, precision);
  if (weight->half == NULL)
    weight = eid_cast (weight, precision);
  if (bias)
    bias = eid_cast (bias, EID_F32);
  out = eid_output (x->device, "conv2d", precision, shape);
  c = between (x->shape, weight->shape, shape, stride, padding, groups, precision);
  c.pass = EID_TO_MAPS;
  c.has_bias = bias != NULL;
  convolve (
      x->device, &c,
      &(EidConvolved){ .images = x, .weight = eid_operand (weight, precision), .maps = out, .bias = bias });
  record (out, "conv2d", x, weight, bias, stride, padding, groups, FALSE);
  return out;
}

EidTensor *
eid_conv2d_transpose (EidTensor *x, EidTensor *weight, EidTensor *bias, guint stride, guint padding)
{
  EidType precision = x->device->precision;
  guint64 height = (guint64) (MAX (eid_dim (x, 1), 1) - 1) * stride + eid_dim (weight, 2),
          width = (guint64) (MAX (eid_dim (x, 2), 1) - 1) * stride + eid_dim (weight, 3),
          around = 2 * padding;
  EidShape shape;
  EidTensor *out;
  EidConvolution c;

  if (!check ("conv2d_transpose", x, weight, bias, stride, 1, eid_dim (weight, 0), eid_dim (weight, 1)))
    return eid_output (x->device, "conv2d_transpose", EID_F32, x->shape);
  shape = EID_SHAPE (eid_dim (x, 0), height > around ? height - around : 0,
                     width > around ? width - around : 0, eid_dim (weight, 1));
  if (!check_size ("conv2d_transpose", x, weight, shape))
    return eid_output (x->device, "conv2d_transpose", EID_F32, x->shape);

  x = eid_cast (x, precision);
  if (weight->half == NULL)
    weight = eid_cast (weight, precision);
  if (bias)
    bias = eid_cast (bias, EID_F32);
  out = eid_output (x->device, "conv2d_transpose", precision, shape);
  c = between (shape, weight->shape, x->shape, stride, padding, 1, precision);
  c.pass = EID_TO_IMAGES;
  convolve (x->device, &c,
            &(EidConvolved){ .images = out, .weight = eid_operand (weight, precision), .maps = x });
  if (bias)
    eid_convolution_finish (out, bias, NULL, FALSE);
  record (out, "conv2d_transpose", x, weight, bias, stride, padding, 1, TRUE);
  return out;
}

/* --- With batch norm ---------------------------------------------------------------- */

/* What a batch norm of running moments makes of the weight before it; kept with that weight, until
 * weights or moments change, or the pictures' shape. */
struct _EidFrozen
{
  guint64 changes; /* the device's count of them, at the time */
  EidConvolution convolution;
  EidTensor *running_mean; /* of which norm              */
  EidTensor *weight;       /* NULL once it is packed     */
  EidTensor *packed;       /* as a processor orders it   */
  EidTensor *bias;
};

void
eid_frozen_free (EidFrozen *frozen)
{
  g_clear_pointer (&frozen->weight, eid_scratch_free);
  g_clear_pointer (&frozen->packed, eid_scratch_free);
  g_clear_pointer (&frozen->bias, eid_scratch_free);
  g_free (frozen);
}

static EidFrozen *
freeze (EidTensor *weight, const EidBatchNorm *norm, const EidConvolution *c)
{
  EidDevice *device = weight->device;
  EidFrozen *frozen = weight->frozen;

  if (frozen && frozen->changes == device->changes && frozen->running_mean == norm->running_mean
      && memcmp (&frozen->convolution, c, sizeof *c) == 0)
    return frozen;
  g_clear_pointer (&weight->frozen, eid_frozen_free);
  frozen = weight->frozen = g_new0 (EidFrozen, 1);
  frozen->changes = device->changes;
  frozen->convolution = *c;
  frozen->running_mean = norm->running_mean;
  frozen->weight = eid_scratch_of (device, c->type, weight->shape, "convolution");
  frozen->bias = eid_scratch (device, EID_SHAPE (c->out), "convolution");
  EID_ROWS (device, "convolution:freeze", c->out, T (eid_cast (weight, EID_F32)),
            T (norm->gain ? eid_cast (norm->gain, EID_F32) : NULL),
            T (norm->bias ? eid_cast (norm->bias, EID_F32) : NULL), T (norm->running_mean),
            T (norm->running_var), T (frozen->weight), T (frozen->bias), I (c->out),
            I (eid_tensor_count (weight) / c->out), F (norm->epsilon));
  return frozen;
}

/* Convolution, norm, residual and ReLU in one. */
static EidTensor *
convolve_frozen (EidTensor *x, EidTensor *weight, guint stride, guint padding, guint groups,
                 const EidBatchNorm *norm, EidTensor *residual, gboolean relu)
{
  EidDevice *device = x->device;
  EidShape shape = shape_of_maps (x, weight, stride, padding);
  EidConvolution c = between (x->shape, weight->shape, shape, stride, padding, groups, device->precision);
  EidFrozen *frozen;
  EidTensor *out;
  EidConvolved tensors;

  if (!check_size ("conv2d_norm", x, weight, shape)
      || !eid_require (device, residual == NULL || eid_shape_equal (residual->shape, shape), "conv2d_norm",
                       _ ("the residual does not have the result's shape")))
    return eid_output (device, "conv2d_norm", device->precision, shape);
  c.pass = EID_TO_MAPS;
  c.has_bias = TRUE;
  c.has_residual = residual != NULL;
  c.relu = relu;
  if (residual && residual->spare && residual->buffer && residual->buffer->uses == 1
      && residual->type == c.type && device->native && eid_convolve_tiles_fit (&c))
    out = eid_alias (residual, shape); /* less memory, and less of it to be read and written */
  else
    out = eid_output (device, "conv2d_norm", device->precision, shape);
  frozen = freeze (weight, norm, &c);
  tensors = (EidConvolved){
    .images = eid_cast (x, device->precision),
    .weight = frozen->weight,
    .maps = out,
    .bias = frozen->bias,
    .residual = residual ? eid_cast (residual, device->precision) : NULL,
  };
  if (!eid_device_ok (device))
    return out;
  if (convolve_native (device, &c, &tensors, &frozen->packed))
    g_clear_pointer (&frozen->weight, eid_scratch_free);
  else
    eid_convolve_gemm (device, &c, &tensors);
  EID_RECORD (out, "conv2d_norm", NULL, x);
  return out;
}

EidTensor *
eid_conv2d_norm (EidTensor *x, EidTensor *weight, guint stride, guint padding, guint groups,
                 const EidBatchNorm *norm, gboolean training, EidTensor *residual, gboolean relu)
{
  EidDevice *device = x->device;
  EidTensor *const inputs[] = { x, weight, norm->gain, norm->bias, residual };
  gboolean recorded = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    recorded |= device->recording && inputs[i] && inputs[i]->needs_gradient;
  if (!check ("conv2d_norm", x, weight, norm->running_mean, stride, groups, eid_dim (weight, 1) * groups,
              eid_dim (weight, 0)))
    return eid_output (device, "conv2d_norm", EID_F32, x->shape);
  if (!training && !recorded)
    return convolve_frozen (x, weight, stride, padding, groups, norm, residual, relu);
  return eid_batch_norm_full (eid_conv2d (x, weight, NULL, stride, padding, groups), norm, training, residual,
                              relu);
}
