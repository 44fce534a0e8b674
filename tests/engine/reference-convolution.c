/* reference-convolution.c: convolutions, pooling and batch norm with what follows it, on the host
 * in float64. Maps are [B, H, W, C].
 */
#include "tests/engine/table.h"

#include <math.h>

/* The element of @map at a pixel that may lie outside: NULL there. */
static double *
at (const Array *map, guint b, int y, int x, guint c)
{
  int height = (int) array_dim (map, 1), width = (int) array_dim (map, 2);

  if (y < 0 || x < 0 || y >= height || x >= width)
    return NULL;
  return (double *) map->value + (((gsize) b * height + (guint) y) * width + (guint) x) * array_dim (map, 3)
         + c;
}

static double
weight_at (const Array *weight, guint first, guint second, guint y, guint x)
{
  guint height = array_dim (weight, 2), width = array_dim (weight, 3);
  return weight->value[(((gsize) first * array_dim (weight, 1) + second) * height + y) * width + x];
}

static guint
side (guint pixels, guint window, guint stride, guint padding)
{
  return (pixels + 2 * padding - window) / stride + 1;
}

Array *
reference_conv2d (Array **in, const double *a)
{
  guint stride = (guint) a[0], padding = (guint) a[1], groups = (guint) a[2];
  guint out = array_dim (in[1], 0), part = array_dim (in[1], 1), per_group = out / groups;
  guint kh = array_dim (in[1], 2), kw = array_dim (in[1], 3);
  Array *maps = array_new (EID_SHAPE (array_dim (in[0], 0), side (array_dim (in[0], 1), kh, stride, padding),
                                      side (array_dim (in[0], 2), kw, stride, padding), out));
  double *value = maps->value;

  for (guint b = 0; b < array_dim (maps, 0); b++)
    for (guint y = 0; y < array_dim (maps, 1); y++)
      for (guint x = 0; x < array_dim (maps, 2); x++)
        for (guint o = 0; o < out; o++, value++)
          {
            *value = in[2] != NULL ? in[2]->value[o] : 0;
            for (guint c = 0; c < part; c++)
              for (guint ky = 0; ky < kh; ky++)
                for (guint kx = 0; kx < kw; kx++)
                  {
                    const double *pixel =
                        at (in[0], b, (int) (y * stride + ky) - (int) padding,
                            (int) (x * stride + kx) - (int) padding, o / per_group * part + c);
                    if (pixel != NULL)
                      *value += *pixel * weight_at (in[1], o, c, ky, kx);
                  }
          }
  return maps;
}

Array *
reference_conv2d_transpose (Array **in, const double *a)
{
  guint stride = (guint) a[0], padding = (guint) a[1], out = array_dim (in[1], 1);
  guint kh = array_dim (in[1], 2), kw = array_dim (in[1], 3);
  Array *images =
      array_new (EID_SHAPE (array_dim (in[0], 0), (array_dim (in[0], 1) - 1) * stride + kh - 2 * padding,
                            (array_dim (in[0], 2) - 1) * stride + kw - 2 * padding, out));

  for (gsize i = 0; i < images->count && in[2] != NULL; i++)
    images->value[i] = in[2]->value[i % out];
  for (guint b = 0; b < array_dim (in[0], 0); b++)
    for (guint y = 0; y < array_dim (in[0], 1); y++)
      for (guint x = 0; x < array_dim (in[0], 2); x++)
        for (guint c = 0; c < array_dim (in[0], 3); c++)
          for (guint o = 0; o < out; o++)
            for (guint ky = 0; ky < kh; ky++)
              for (guint kx = 0; kx < kw; kx++)
                {
                  double *pixel = at (images, b, (int) (y * stride + ky) - (int) padding,
                                      (int) (x * stride + kx) - (int) padding, o);
                  if (pixel != NULL)
                    *pixel += *at (in[0], b, (int) y, (int) x, c) * weight_at (in[1], c, o, ky, kx);
                }
  return images;
}

static Array *
pool (const Array *map, const double *a, gboolean largest)
{
  guint window = (guint) a[0], stride = (guint) a[1], padding = (guint) a[2];
  Array *out = array_new (EID_SHAPE (array_dim (map, 0), side (array_dim (map, 1), window, stride, padding),
                                     side (array_dim (map, 2), window, stride, padding), array_dim (map, 3)));
  double *value = out->value;

  for (guint b = 0; b < array_dim (out, 0); b++)
    for (guint y = 0; y < array_dim (out, 1); y++)
      for (guint x = 0; x < array_dim (out, 2); x++)
        for (guint c = 0; c < array_dim (out, 3); c++, value++)
          {
            double most = -INFINITY, sum = 0;
            for (guint k = 0; k < window * window; k++)
              {
                const double *pixel = at (map, b, (int) (y * stride + k / window) - (int) padding,
                                          (int) (x * stride + k % window) - (int) padding, c);
                if (pixel != NULL)
                  {
                    most = fmax (most, *pixel);
                    sum += *pixel;
                  }
              }
            *value = largest ? most : sum / (window * window);
          }
  return out;
}

Array *
reference_max_pool2d (Array **in, const double *a)
{
  return pool (in[0], a, TRUE);
}

Array *
reference_avg_pool2d (Array **in, const double *a)
{
  return pool (in[0], a, FALSE);
}

/* --- Batch norm, with a residual and ReLU ---------------------------------- */

static Array *
finish (Array *out, const Array *residual, gboolean relu)
{
  for (gsize i = 0; i < out->count; i++)
    {
      out->value[i] += residual != NULL ? residual->value[i] : 0;
      if (relu)
        out->value[i] = fmax (out->value[i], 0);
    }
  return out;
}

Array *
reference_batch_norm_full (Array **in, const double *a)
{
  return finish (reference_batch_norm_training (in, a), in[3], a[1] != 0);
}

/* Attributes: padding, ReLU, whether the input is the residual. */
static Array *
conv2d_norm (Array **in, const double *a, gboolean training)
{
  const double convolution[] = { 1, a[0], 1 }, norm[] = { 1e-5 };
  g_autofree Array *maps = reference_conv2d ((Array *[]){ in[0], in[1], NULL }, convolution);
  Array *normal[] = { maps, in[2], in[3], in[4], in[5] };
  Array *out =
      training ? reference_batch_norm_training (normal, norm) : reference_batch_norm_running (normal, norm);

  return finish (out, a[2] != 0 ? in[0] : NULL, a[1] != 0);
}

Array *
reference_conv2d_norm_training (Array **in, const double *a)
{
  return conv2d_norm (in, a, TRUE);
}

Array *
reference_conv2d_norm_running (Array **in, const double *a)
{
  return conv2d_norm (in, a, FALSE);
}
