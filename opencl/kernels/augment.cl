/* augment.cl: views of pictures, made row by row in a few passes over the result.
 *
 * resample and finish_view always run; the others when some view of the batch has
 * use for them, and they leave alone a view that has none. In between a pixel
 * holds values in 0 … 1. A row of a view is [size, n], n = 1 or 3 channels.
 */

/* What was drawn for a view: EidAugmentDraw of tensor.h. */
typedef struct {
  float crop_x, crop_y, crop_width, crop_height;
  float flip;
  float brightness, contrast, saturation, hue;
  float jitter_order;
  float grey;
  float blur;
  float solarise;
  float padding[3];
} Draw;

#define INLINE static inline __attribute__ ((always_inline))

/* Calls a function of (…, n) with n known to the compiler. */
#define WITH_CHANNELS(n, function, ...)                                                                                \
  if ((n) == 1)                                                                                                        \
    function (__VA_ARGS__, 1);                                                                                         \
  else                                                                                                                 \
    function (__VA_ARGS__, 3)

/* A grey pixel is one whose channels are equal. Plain numbers, not a vector: a
 * processor then works on many pixels at once.                                */
typedef struct {
  float r, g, b;
} Pixel;

INLINE Pixel
load_pixel (global const float *row, int i, const int n)
{
  return (Pixel) { row[n * i], row[n == 1 ? i : 3 * i + 1], row[n == 1 ? i : 3 * i + 2] };
}

INLINE void
store_pixel (Pixel p, global float *row, int i, const int n)
{
  row[n * i] = p.r;
  if (n == 3)
    {
      row[3 * i + 1] = p.g;
      row[3 * i + 2] = p.b;
    }
}

/* --- Crop, flip, resize ------------------------------------------------------ */

/* The pixels first … last, of a line of @size, that an output pixel sees. Its
 * weights are a triangle around its centre, two output pixels wide, or two of
 * the source where that is more: linear interpolation which skips no pixel when
 * a picture becomes smaller.                                                  */
typedef struct {
  float centre, slope;
  int   first, last;
} Taps;

INLINE Taps
taps_of (int i, float start, float scale, int size)
{
  const float radius = fmax (scale, 1.0f);
  Taps taps;

  taps.centre = start + (i + 0.5f) * scale;
  taps.slope = 1.0f / radius;
  taps.first = clamp ((int) floor (taps.centre - radius + 0.5f), 0, size - 1);
  taps.last = clamp ((int) floor (taps.centre + radius - 0.5f), taps.first, size - 1);
  return taps;
}

INLINE float
tap_weight (Taps taps, int j)
{
  return fmax (1.0f - fabs (j + 0.5f - taps.centre) * taps.slope, 0.0f);
}

INLINE void
resample_row (global const uchar *picture, global float *out, global const Draw *draw, int y, int lane, int height,
              int width, int size, const int n)
{
  const float start = draw->crop_x * width, scale = draw->crop_width * width / size;
  const Taps down = taps_of (y, draw->crop_y * height, draw->crop_height * height / size, height);
  const int flip = draw->flip > 0;

  for (int x = lane; x < size; x += LANES)
    {
      const Taps across = taps_of (flip ? size - 1 - x : x, start, scale, width);
      Pixel sum = { 0, 0, 0 };
      float weights = 0;

      for (int j = down.first; j <= down.last; j++)
        {
          global const uchar *row = picture + (size_t) j * width * n;
          const float weight_down = tap_weight (down, j);

          for (int i = across.first; i <= across.last; i++)
            {
              const float weight = weight_down * tap_weight (across, i);

              weights += weight;
              sum.r += weight * row[n * i];
              if (n == 3)
                {
                  sum.g += weight * row[3 * i + 1];
                  sum.b += weight * row[3 * i + 2];
                }
            }
        }
      const float factor = 1.0f / (weights * 255.0f);
      store_pixel ((Pixel) { sum.r * factor, sum.g * factor, sum.b * factor }, out, x, n);
    }
}

/* pictures U8 [B, height, width, n] -> x [rows / size, size, size, n] */
kernel void
resample (global const uchar *pictures, global const Draw *draws, global float *x, int rows, int batch, int height,
          int width, int size, int n)
{
  ROW_BEGIN (rows);
  const int view = row / size;

  pictures += (size_t) (view % batch) * height * width * n;
  x += (size_t) row * size * n;
  WITH_CHANNELS (n, resample_row, pictures, x, draws + view, row - view * size, lane, height, width, size);
}

/* --- Colour ------------------------------------------------------------------ */

enum { BRIGHTNESS, CONTRAST, SATURATION, HUE };

/* Their permutations in lexicographic order, one digit each. */
constant ushort orders[24] = {
  0x0123, 0x0132, 0x0213, 0x0231, 0x0312, 0x0321, 0x1023, 0x1032, 0x1203, 0x1230, 0x1302, 0x1320,
  0x2013, 0x2031, 0x2103, 0x2130, 0x2301, 0x2310, 0x3012, 0x3021, 0x3102, 0x3120, 0x3201, 0x3210,
};

INLINE int
operation_at (global const Draw *draw, int slot)
{
  return orders[(int) draw->jitter_order] >> (12 - 4 * slot) & 15;
}

/* ITU-R BT.601. */
INLINE float
grey_of (Pixel p)
{
  return 0.299f * p.r + 0.587f * p.g + 0.114f * p.b;
}

/* Away from @grey by @factor, or towards it. */
INLINE Pixel
blend (Pixel p, float grey, float factor)
{
  return (Pixel) { clamp (grey + factor * (p.r - grey), 0.0f, 1.0f), clamp (grey + factor * (p.g - grey), 0.0f, 1.0f),
                   clamp (grey + factor * (p.b - grey), 0.0f, 1.0f) };
}

/* How far channel 5 (red), 3 (green) or 1 (blue) of a pure colour of @hue, in
 * turns, lies below the brightest channel.                                    */
INLINE float
hue_depth (float hue, float channel)
{
  float k = channel + 6.0f * hue;

  k -= 6.0f * floor (k * (1.0f / 6.0f));
  return clamp (fmin (k, 4.0f - k), 0.0f, 1.0f);
}

/* Through HSV: hue moves by @turn, saturation and value stay. */
INLINE Pixel
turn_hue (Pixel p, float turn)
{
  const float value = fmax (p.r, fmax (p.g, p.b)), chroma = value - fmin (p.r, fmin (p.g, p.b));
  const float inverse = chroma > 0 ? 1.0f / chroma : 0.0f;
  const float red = (p.g - p.b) * inverse, green = (p.b - p.r) * inverse + 2.0f, blue = (p.r - p.g) * inverse + 4.0f;
  const float hue = (value == p.r ? red : value == p.g ? green : blue) * (1.0f / 6.0f) + turn;

  return (Pixel) { value - chroma * hue_depth (hue, 5.0f), value - chroma * hue_depth (hue, 3.0f),
                   value - chroma * hue_depth (hue, 1.0f) };
}

/* Sets every pixel p of the row x to @expression of it. */
#define EACH_PIXEL(...)                                                                                                \
  for (int i = lane; i < size; i += LANES)                                                                             \
    {                                                                                                                  \
      const Pixel p = load_pixel (x, i, n);                                                                            \
      store_pixel (__VA_ARGS__, x, i, n);                                                                              \
    }

INLINE void
jitter_row (global float *x, int operation, global const Draw *draw, float mean, int lane, int size, const int n)
{
  const float brightness = draw->brightness, contrast = draw->contrast;
  const float saturation = draw->saturation, hue = draw->hue;

  if (operation == BRIGHTNESS && brightness != 1)
    EACH_PIXEL (blend (p, 0, brightness))
  else if (operation == CONTRAST && contrast != 1)
    EACH_PIXEL (blend (p, mean, contrast))
  else if (operation == SATURATION && saturation != 1 && n == 3)
    EACH_PIXEL (blend (p, grey_of (p), saturation))
  else if (operation == HUE && hue != 0 && n == 3)
    EACH_PIXEL (turn_hue (p, hue))
}

INLINE void
grey_row (global float *x, int lane, int size, const int n)
{
  if (n == 3)
    EACH_PIXEL (blend (p, grey_of (p), 0))
}

/* Contrast moves away from the mean of the picture as it is when its turn
 * comes. So a view with contrast is jittered in two parts, what comes before it
 * and the rest, and its mean is taken in between; one without has the second
 * part alone. Greying follows.                                                */
kernel void
jitter (global float *x, global const Draw *draws, global const float *means, int rows, int second_part, int size, int n)
{
  ROW_BEGIN (rows);
  const int view = row / size;
  int middle = 0;

  draws += view;
  x += (size_t) row * size * n;
  if (draws->contrast != 1)
    while (operation_at (draws, middle) != CONTRAST)
      middle++;
  for (int slot = second_part ? middle : 0; slot < (second_part ? 4 : middle); slot++)
    {
      const float mean = second_part && draws->contrast != 1 ? means[view] : 0;

      WITH_CHANNELS (n, jitter_row, x, operation_at (draws, slot), draws, mean, lane, size);
    }
  if (second_part && draws->grey > 0)
    {
      WITH_CHANNELS (n, grey_row, x, lane, size);
    }
}

/* means [views], of the grey picture of each view that will need it */
kernel void
grey_means (global const float *x, global const Draw *draws, global float *means, int views, int pixels, int n)
{
  ROW_BEGIN (views);
  float sum = 0;

  if (draws[row].contrast == 1)
    return;
  x += (size_t) row * pixels * n;
  for (int i = lane; i < pixels; i += LANES)
    sum += grey_of (load_pixel (x, i, n));
  sum = ROW_SUM (sum);
  if (lane == 0)
    means[row] = sum / pixels;
}

/* --- Blur ---------------------------------------------------------------------- */

#define MAX_RADIUS 12

/* weights [radius + 1] of a Gaussian, from its centre to three sigma. */
INLINE int
blur_weights (float sigma, int size, float *weights)
{
  const int radius = min (min ((int) ceil (3.0f * sigma), MAX_RADIUS), size - 1);
  float sum = 1;

  weights[0] = 1;
  for (int k = 1; k <= radius; k++)
    {
      weights[k] = exp (-0.5f * (k / sigma) * (k / sigma));
      sum += 2 * weights[k];
    }
  for (int k = 0; k <= radius; k++)
    weights[k] /= sum;
  return radius;
}

/* A place beyond either end of a line, mirrored at the outermost pixel. */
INLINE int
reflect (int i, int size)
{
  return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
}

/* from, to [rows / size, size, size, n] */
kernel void
blur_across (global const float *from, global float *to, global const Draw *draws, int rows, int size, int n)
{
  ROW_BEGIN (rows);
  const float sigma = draws[row / size].blur;
  const int count = size * n;
  float weights[MAX_RADIUS + 1];

  if (!(sigma > 0))
    return;
  const int radius = blur_weights (sigma, size, weights), edge = radius * n;
  const int inner = max (count - 2 * edge, 0) / VEC * VEC;

  from += (size_t) row * count;
  to += (size_t) row * count;
  for (int i = edge + lane * VEC; i < edge + inner; i += LANES * VEC)
    {
      vec sum = weights[0] * LOAD (from + i);

      for (int k = 1; k <= radius; k++)
        sum += weights[k] * (LOAD (from + i - k * n) + LOAD (from + i + k * n));
      STORE (sum, to + i);
    }
  for (int i = lane; i < count - inner; i += LANES)
    {
      const int place = i < edge ? i : i + inner, pixel = place / n, channel = place - pixel * n;
      float sum = weights[0] * from[place];

      for (int k = 1; k <= radius; k++)
        sum += weights[k]
               * (from[reflect (pixel - k, size) * n + channel] + from[reflect (pixel + k, size) * n + channel]);
      to[place] = sum;
    }
}

kernel void
blur_down (global const float *from, global float *to, global const Draw *draws, int rows, int size, int n)
{
  ROW_BEGIN (rows);
  const int view = row / size, y = row - view * size, count = size * n;
  const float sigma = draws[view].blur;
  float weights[MAX_RADIUS + 1];

  if (!(sigma > 0))
    return;
  const int radius = blur_weights (sigma, size, weights);

  from += (size_t) (row - y) * count;
  to += (size_t) row * count;
  ROW_VECTORS (i, count)
  {
    vec sum = weights[0] * LOAD (from + y * count + i);

    for (int k = 1; k <= radius; k++)
      sum += weights[k] * (LOAD (from + reflect (y - k, size) * count + i) + LOAD (from + reflect (y + k, size) * count + i));
    STORE (sum, to + i);
  }
  ROW_TAIL (i, count)
  {
    float sum = weights[0] * from[y * count + i];

    for (int k = 1; k <= radius; k++)
      sum += weights[k] * (from[reflect (y - k, size) * count + i] + from[reflect (y + k, size) * count + i]);
    to[i] = sum;
  }
}

/* --- Solarise and normalise ------------------------------------------------------ */

INLINE float
solarised (float value, float threshold)
{
  return value >= threshold ? 1.0f - value : value;
}

INLINE void
finish_row (global float *x, float threshold, Pixel mean, Pixel factor, int lane, int size, const int n)
{
  EACH_PIXEL ((Pixel) { (solarised (p.r, threshold) - mean.r) * factor.r,
                        (solarised (p.g, threshold) - mean.g) * factor.g,
                        (solarised (p.b, threshold) - mean.b) * factor.b })
}

kernel void
finish_view (global float *x, global const Draw *draws, int rows, int size, int n, float mean_r, float mean_g, float mean_b,
        float std_r, float std_g, float std_b)
{
  ROW_BEGIN (rows);
  const float solarise = draws[row / size].solarise;
  const Pixel mean = { mean_r, mean_g, mean_b }, factor = { 1.0f / std_r, 1.0f / std_g, 1.0f / std_b };

  x += (size_t) row * size * n;
  WITH_CHANNELS (n, finish_row, x, solarise > 1 ? INFINITY : solarise, mean, factor, lane, size);
}
