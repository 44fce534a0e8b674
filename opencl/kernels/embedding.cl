/* embedding.cl: rows of a table by their numbers. */

kernel void
embedding (global const real *table, global const int *index, global real *out, int rows, int n)
{
  ROW_BEGIN (rows);
  table += (size_t) index[row] * n;
  out += (size_t) row * n;
  ROW_VECTORS (i, n) STORE (LOAD (table + i), out + i);
  ROW_TAIL (i, n) PUT (GET (table + i), out + i);
}

/* A row a row of the table, so that two tokens that are the same do not meet. */
kernel void
embedding_backward (global const real *dy, global const int *index, global float *dtable, int rows, int n, int count,
                    int accumulate)
{
  ROW_BEGIN (rows);
  dtable += (size_t) row * n;
  if (!accumulate)
    {
      ROW_VECTORS (i, n) STORE ((vec) 0.0f, dtable + i);
      ROW_TAIL (i, n) dtable[i] = 0;
    }
  for (int k = 0; k < count; k++)
    if (index[k] == row)
      {
        global const real *d = dy + (size_t) k * n;

        ROW_VECTORS (i, n) STORE (LOAD (dtable + i) + LOAD (d + i), dtable + i);
        ROW_TAIL (i, n) dtable[i] += GET (d + i);
      }
}
