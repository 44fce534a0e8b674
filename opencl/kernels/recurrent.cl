/* recurrent.cl: the gates of recurrent cells. */

/* r, z and n of one column, or a vector of them; a row of @from_x and @from_h is [3, width]. */
#define GRU_GATES(type, AT)                                                    \
  const type r = SIGMOID (AT (from_x + i) + AT (from_h + i));                  \
  const type z = SIGMOID (AT (from_x + width + i) + AT (from_h + width + i));  \
  const type inner = AT (from_h + 2 * width + i);                              \
  const type n = TANH (AT (from_x + 2 * width + i) + r * inner)

kernel void
gru (global const real *from_x, global const real *from_h, global const real *h, global real *out, int rows, int width)
{
  ROW_BEGIN (rows);
  from_x += (size_t) row * 3 * width;
  from_h += (size_t) row * 3 * width;
  h += (size_t) row * width;
  out += (size_t) row * width;
  ROW_VECTORS (i, width)
  {
    GRU_GATES (vec, LOAD);
    STORE (n + z * (LOAD (h + i) - n), out + i);
  }
  ROW_TAIL (i, width)
  {
    GRU_GATES (float, GET);
    PUT (n + z * (GET (h + i) - n), out + i);
  }
}

/* Any of the three gradients may be missing. */
#define GRU_BACKWARD(type, AT, TO, ADD)                                        \
  GRU_GATES (type, AT);                                                        \
  const type d = AT (dy + i);                                                  \
  const type dn = d * (1.0f - z) * (1.0f - n * n);                             \
  const type dz = d * (AT (h + i) - n) * z * (1.0f - z);                       \
  const type dr = dn * inner * r * (1.0f - r);                                 \
                                                                               \
  if (dx)                                                                      \
    {                                                                          \
      TO (dr, dx + i);                                                         \
      TO (dz, dx + width + i);                                                 \
      TO (dn, dx + 2 * width + i);                                             \
    }                                                                          \
  if (dh)                                                                      \
    {                                                                          \
      TO (dr, dh + i);                                                         \
      TO (dz, dh + width + i);                                                 \
      TO (dn * r, dh + 2 * width + i);                                         \
    }                                                                          \
  if (dstate)                                                                  \
    ADD (d * z, dstate + i)

kernel void
gru_backward (global const real *from_x, global const real *from_h, global const real *h, global const real *dy,
              global real *dx, global real *dh, global real *dstate, int rows, int width, int accumulate)
{
  ROW_BEGIN (rows);
  from_x += (size_t) row * 3 * width;
  from_h += (size_t) row * 3 * width;
  h += (size_t) row * width;
  dy += (size_t) row * width;
  dx += dx ? (size_t) row * 3 * width : 0;
  dh += dh ? (size_t) row * 3 * width : 0;
  dstate += dstate ? (size_t) row * width : 0;
  ROW_VECTORS (i, width)
  {
    GRU_BACKWARD (vec, LOAD, STORE, ADD_VEC);
  }
  ROW_TAIL (i, width)
  {
    GRU_BACKWARD (float, GET, PUT, ADD_TO);
  }
}
