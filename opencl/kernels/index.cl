/* index.cl: rows of tables and places in rows, by number. A number that is out of range takes the
 * nearest that is not, and gives nothing. */

/* The first of index[from … to - 1] that is @wanted; @to if none is. */
static inline int
find (global const int *index, int from, int to, int wanted)
{
#ifdef EID_CPU
  while (from + 16 <= to && !any (vload16 (0, index + from) == wanted))
    from += 16;
#endif
  while (from < to && index[from] != wanted)
    from++;
  return from;
}

/* A row each of out [rows, n] */
kernel void
embedding (global const real *table, global const int *index, global real *out, int rows, int n, int entries)
{
  ROW_BEGIN (rows);
  table += (size_t) clamp (index[row], 0, entries - 1) * n;
  out += (size_t) row * n;
  COPY_ROW (out, table, 0);
}

kernel void
embedding_backward (global const real *dy, global const int *index, global float *dx, int rows, int n, int entries)
{
  ROW_BEGIN (rows);
  const int entry = index[row];

  if (entry < 0 || entry >= entries || find (index, 0, row, entry) < row)
    return;
  dx += (size_t) entry * n;
  for (int p = row; p < rows; p = find (index, p + 1, rows, entry))
    COPY_ROW (dx, dy + (size_t) p * n, 1);
}

/* few [rows, k] from many [rows, n] */
kernel void
take (global const real *many, global const int *index, global real *few, int rows, int n, int k, int accumulate)
{
  ROW_BEGIN (rows);
  many += (size_t) row * n;
  index += (size_t) row * k;
  few += (size_t) row * k;
  for (int i = lane; i < k; i += LANES)
    ADD_TO (GET (many + clamp (index[i], 0, n - 1)), few + i);
}

kernel void
give (global const real *few, global const int *index, global real *many, int rows, int n, int k)
{
  ROW_BEGIN (rows);
  few += (size_t) row * k;
  index += (size_t) row * k;
  many += (size_t) row * n;
  for (int i = lane; i < k; i += LANES)
    {
      global real *to = many + index[i];

      if (index[i] < 0 || index[i] >= n)
        continue;
      /* One work-item alone has no rivals; of more, the one that finds a place first fills it. */
      if (LANES == 1)
        PUT (GET (to) + GET (few + i), to);
      else if (find (index, 0, i, index[i]) == i)
        for (int p = i; p < k; p = find (index, p + 1, k, index[i]))
          PUT (GET (to) + GET (few + p), to);
    }
}

/* NaN counts as infinite. */
#define KEY(type, v) select ((v), (type) INFINITY, (v) != (v))

/* Where the k largest lie, the largest first, the first of equal ones first. */
kernel void
top_k (global const real *x, global int *place, int rows, int n, int k)
{
  ROW_BEGIN (rows);
  float top = INFINITY;
  int last = -1;

  x += (size_t) row * n;
  place += (size_t) row * k;
  for (int j = 0; j < k; j++)
    {
      /* The next that equals the one before; */
      float next = -(float) n;

      for (int i = lane; i < n && next == -(float) n; i += LANES)
        if (i > last && KEY (float, GET (x + i)) == top)
          next = -(float) i;
      next = ROW_MAX (next);
      if (next == -(float) n)
        {
          /* or else the largest below it, and its first place. */
          vec tops = -INFINITY;

          ROW_VECTORS (i, n)
          {
            const vec v = KEY (vec, LOAD (x + i));

            tops = fmax (tops, select ((vec) -INFINITY, v, v < top));
          }
          float below = vec_max (tops);
          ROW_TAIL (i, n)
          {
            const float v = KEY (float, GET (x + i));

            below = fmax (below, v < top ? v : -INFINITY);
          }
          top = ROW_MAX (below);
          for (int i = lane; i < n && next == -(float) n; i += LANES)
            if (KEY (float, GET (x + i)) == top)
              next = -(float) i;
          next = ROW_MAX (next);
        }
      last = (int) -next;
      if (lane == 0)
        place[j] = last;
    }
}

/* ring [length, width]; the first @skipped of the rows have no place in it */
kernel void
ring_write (global float *ring, global const float *cursor, global const float *rows, int length, int width,
            int skipped, int n)
{
  const int i = get_global_id (0), row = i / width + skipped;

  if (i < n)
    ring[((int) cursor[0] + row) % length * width + i % width] = rows[(size_t) row * width + i % width];
}

kernel void
ring_advance (global float *cursor, int rows, int length)
{
  if (get_global_id (0) == 0)
    cursor[0] = ((int) cursor[0] + rows) % length;
}
