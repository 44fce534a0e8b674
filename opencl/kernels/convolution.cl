/* convolution.cl: windows of images as rows, and what stands before and after a convolution. */

/* One work-item an element of windows [B H' W', C kh kw], a row in the order (c, y, x); images
 * [B, H, W, C] from element @start. */
kernel void
unfold (global const real *images, global real *windows, int start, int count, int height, int width, int channels,
        int out_height, int out_width, int kernel_height, int kernel_width, int stride, int padding)
{
  const int i = get_global_id (0);

  if (i >= count)
    return;
  const int kx = i % kernel_width, ky = i / kernel_width % kernel_height;
  const int c = i / (kernel_width * kernel_height) % channels, place = i / (kernel_width * kernel_height * channels);
  const int x = place % out_width * stride + kx - padding;
  const int y = place / out_width % out_height * stride + ky - padding;
  const int b = place / (out_width * out_height);

  windows[i] = x < 0 || y < 0 || x >= width || y >= height
                   ? 0 /* in 16 bits, too */
                   : images[start + ((b * height + y) * width + x) * channels + c];
}

/* The sum of an image's element over all windows it is in: one work-item an element of images. */
kernel void
fold (global real *images, global const real *windows, int start, int count, int height, int width, int channels,
      int out_height, int out_width, int kernel_height, int kernel_width, int stride, int padding)
{
  const int i = get_global_id (0);

  if (i >= count)
    return;
  const int c = i % channels, x = i / channels % width, y = i / (channels * width) % height;
  const int b = i / (channels * width * height);
  float sum = 0;

  for (int ky = (y + padding) % stride; ky < kernel_height && ky <= y + padding; ky += stride)
    for (int kx = (x + padding) % stride; kx < kernel_width && kx <= x + padding; kx += stride)
      {
        const int oy = (y + padding - ky) / stride, ox = (x + padding - kx) / stride;

        if (oy < out_height && ox < out_width)
          sum += GET (windows
                      + ((((size_t) b * out_height + oy) * out_width + ox) * channels + c) * kernel_height * kernel_width
                      + ky * kernel_width + kx);
      }
  PUT (sum, images + start + i);
}

/* out [rows, n] += bias [n] + residual [rows, n], either may be missing; then ReLU if asked */
kernel void
finish (global real *out, global const float *bias, global const real *residual, int rows, int n, int relu)
{
  ROW_BEGIN (rows);
  const size_t start = (size_t) row * n;

  ROW_VECTORS (i, n)
  {
    vec v = LOAD (out + start + i);

    if (bias)
      v += LOAD (bias + i);
    if (residual)
      v += LOAD (residual + start + i);
    STORE (relu ? select (v, (vec) 0, v < 0) : v, out + start + i);
  }
  ROW_TAIL (i, n)
  {
    float v = GET (out + start + i);

    if (bias)
      v += GET (bias + i);
    if (residual)
      v += GET (residual + start + i);
    PUT (relu ? select (v, 0.0f, v < 0) : v, out + start + i);
  }
}

/* A weight [out, n] times what a batch norm of running moments multiplies by, and the bias that
 * is left: a convolution with these is both. */
kernel void
freeze (global const float *weight, global const float *gain, global const float *bias, global const float *mean,
        global const float *variance, global real *frozen, global float *frozen_bias, int out, int n, float epsilon)
{
  ROW_BEGIN (out);
  const float scale = (gain ? gain[row] : 1) / sqrt (variance[row] + epsilon);

  weight += (size_t) row * n;
  frozen += (size_t) row * n;
  ROW_VECTORS (i, n) STORE (LOAD (weight + i) * scale, frozen + i);
  ROW_TAIL (i, n) PUT (GET (weight + i) * scale, frozen + i);
  if (lane == 0)
    frozen_bias[row] = (bias ? bias[row] : 0) - mean[row] * scale;
}
