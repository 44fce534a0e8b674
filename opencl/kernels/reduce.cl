/* reduce.cl: sums, in an order that depends on the shape alone. */

/* x [rows, columns]: chunk c sums its run of rows into partial [c, columns]. */
kernel void
column_chunks (global const real *x, global float *partial, int rows, int columns, int chunks)
{
  ROW_BEGIN (chunks);
  const int first = (int) ((long) rows * row / chunks), last = (int) ((long) rows * (row + 1) / chunks);

  partial += (size_t) row * columns;
  ROW_VECTORS (i, columns)
  {
    vec sum = 0;

    for (int r = first; r < last; r++)
      sum += LOAD (x + (size_t) r * columns + i);
    STORE (sum, partial + i);
  }
  ROW_TAIL (i, columns)
  {
    float sum = 0;

    for (int r = first; r < last; r++)
      sum += GET (x + (size_t) r * columns + i);
    partial[i] = sum;
  }
}

kernel void
add_chunks (global const float *partial, global real *out, int chunks, int columns, float scale, int accumulate)
{
  const int i = get_global_id (0);

  if (i < columns)
    {
      float sum = 0;

      for (int c = 0; c < chunks; c++)
        sum += partial[(size_t) c * columns + i];
      ADD_TO (scale * sum, out + i);
    }
}

/* x of @count elements in rows of @width, the last perhaps shorter -> out [rows] */
kernel void
row_sums (global const real *x, global float *out, int rows, int width, int count, float scale)
{
  ROW_BEGIN (rows);
  const int n = min (width, count - row * width);
  vec sums = 0;

  x += (size_t) row * width;
  ROW_VECTORS (i, n) sums += LOAD (x + i);
  float sum = vec_sum (sums);
  ROW_TAIL (i, n) sum += GET (x + i);
  sum = ROW_SUM (sum);
  if (lane == 0)
    out[row] = scale * sum;
}

kernel void
spread (global const float *dy, global real *dx, int n, float scale, int accumulate)
{
  const int i = get_global_id (0);

  if (i < n)
    ADD_TO (scale * dy[0], dx + i);
}
