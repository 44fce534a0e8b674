/* pooling.cl: windows of maps [B, H, W, n], a row being the channels of one pixel. Outside a map
 * the largest does not look, and the mean sees 0, as PyTorch has it.
 */

/* Places in a window, one byte a channel. */
#ifdef EID_CPU
typedef int16 vec_int;
#define LOAD_PLACE(p)     convert_int16 (vload16 (0, (p)))
#define STORE_PLACE(v, p) vstore16 (convert_uchar16 (v), 0, (p))
#else
typedef int vec_int;
#define LOAD_PLACE(p)     ((int) *(p))
#define STORE_PLACE(v, p) (*(p) = (uchar) (v))
#endif
#define GET_PLACE(p)    ((int) *(p))
#define PUT_PLACE(v, p) (*(p) = (uchar) (v))

/* One output pixel a row: where its window begins. */
#define WINDOW_BEGIN                                                           \
  ROW_BEGIN (rows);                                                            \
  const int left = row % out_width * stride - padding;                         \
  const int top = row / out_width % out_height * stride - padding;             \
  global const real *map = x + (size_t) (row / (out_width * out_height)) * height * width * n; \
                                                                               \
  out += (size_t) row * n

/* Every pixel @p of the window that lies in the map, @place its number in the window. */
#define EACH_IN_WINDOW                                                         \
  for (int ky = max (0, -top); ky < window && top + ky < height; ky++)         \
    for (int kx = max (0, -left); kx < window && left + kx < width; kx++)

#define IN_WINDOW (map + ((size_t) (top + ky) * width + left + kx) * n + i)

/* Of equals the first; what is not a number stays so. */
#define LARGEST(type, ints, at, put, put_place)                                \
  {                                                                            \
    type best = -INFINITY;                                                     \
    ints place = 0;                                                            \
                                                                               \
    EACH_IN_WINDOW                                                             \
    {                                                                          \
      const type v = at (IN_WINDOW);                                           \
      const ints better = (v > best) | (v != v);                               \
                                                                               \
      best = select (best, v, better);                                         \
      place = select (place, (ints) (ky * window + kx), better);               \
    }                                                                          \
    put (best, out + i);                                                       \
    put_place (place, places + i);                                             \
  }

kernel void
largest (global const real *x, global uchar *places, global real *out, int rows, int n, int height, int width,
         int out_height, int out_width, int window, int stride, int padding)
{
  WINDOW_BEGIN;
  places += (size_t) row * n;
  ROW_VECTORS (i, n) LARGEST (vec, vec_int, LOAD, STORE, STORE_PLACE)
  ROW_TAIL (i, n) LARGEST (float, int, GET, PUT, PUT_PLACE)
}

#define LARGEST_ALONE(type, at, put)                                           \
  {                                                                            \
    type best = -INFINITY;                                                     \
                                                                               \
    EACH_IN_WINDOW                                                             \
    {                                                                          \
      const type v = at (IN_WINDOW);                                           \
                                                                               \
      best = select (best, v, (v > best) | (v != v));                          \
    }                                                                          \
    put (best, out + i);                                                       \
  }

/* Where nobody goes back: @unused as largest has it. */
kernel void
largest_alone (global const real *x, global const uchar *unused, global real *out, int rows, int n, int height,
               int width, int out_height, int out_width, int window, int stride, int padding)
{
  WINDOW_BEGIN;
  ROW_VECTORS (i, n) LARGEST_ALONE (vec, LOAD, STORE)
  ROW_TAIL (i, n) LARGEST_ALONE (float, GET, PUT)
}

#define MEAN(type, at, put)                                                    \
  {                                                                            \
    type sum = 0;                                                              \
                                                                               \
    EACH_IN_WINDOW                                                             \
    sum += at (IN_WINDOW);                                                     \
    put (sum / (window * window), out + i);                                    \
  }

/* @unused: as largest has it */
kernel void
mean (global const real *x, global const uchar *unused, global real *out, int rows, int n, int height, int width,
      int out_height, int out_width, int window, int stride, int padding)
{
  WINDOW_BEGIN;
  ROW_VECTORS (i, n) MEAN (vec, LOAD, STORE)
  ROW_TAIL (i, n) MEAN (float, GET, PUT)
}

/* One pixel of the map a row: the windows it is in, and its place in each. */
#define PIXEL_BEGIN                                                            \
  ROW_BEGIN (rows);                                                            \
  const int px = row % width + padding, py = row / width % height + padding;   \
  const size_t map = (size_t) (row / (width * height)) * out_height * out_width * n; \
                                                                               \
  dx += (size_t) row * n

#define EACH_WINDOW                                                            \
  for (int ky = py % stride; ky < window && ky <= py; ky += stride)            \
    for (int kx = px % stride; kx < window && kx <= px; kx += stride)          \
      if ((py - ky) / stride < out_height && (px - kx) / stride < out_width)

#define THE_WINDOW (map + ((size_t) ((py - ky) / stride) * out_width + (px - kx) / stride) * n + i)

#define LARGEST_BACKWARD(type, ints, at, place_at, add)                        \
  {                                                                            \
    type sum = 0;                                                              \
                                                                               \
    EACH_WINDOW                                                                \
    sum += select ((type) 0, at (dy + THE_WINDOW), (ints) (place_at (places + THE_WINDOW) == ky * window + kx)); \
    add (sum, dx + i);                                                         \
  }

kernel void
largest_backward (global const real *dy, global const uchar *places, global real *dx, int rows, int n, int height,
                  int width, int out_height, int out_width, int window, int stride, int padding, int accumulate)
{
  PIXEL_BEGIN;
  ROW_VECTORS (i, n) LARGEST_BACKWARD (vec, vec_int, LOAD, LOAD_PLACE, ADD_VEC)
  ROW_TAIL (i, n) LARGEST_BACKWARD (float, int, GET, GET_PLACE, ADD_TO)
}

#define MEAN_BACKWARD(type, at, add)                                           \
  {                                                                            \
    type sum = 0;                                                              \
                                                                               \
    EACH_WINDOW                                                                \
    sum += at (dy + THE_WINDOW);                                               \
    add (sum / (window * window), dx + i);                                     \
  }

kernel void
mean_backward (global const real *dy, global const uchar *unused, global real *dx, int rows, int n, int height,
               int width, int out_height, int out_width, int window, int stride, int padding, int accumulate)
{
  PIXEL_BEGIN;
  ROW_VECTORS (i, n) MEAN_BACKWARD (vec, LOAD, ADD_VEC)
  ROW_TAIL (i, n) MEAN_BACKWARD (float, GET, ADD_TO)
}
