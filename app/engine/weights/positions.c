/* positions.c: see positions.h. */
#include "app/engine/weights/positions.h"

/* out [to, columns] = weights [to, from] in [from, columns] */
static void
multiply (const double *weights, guint to, guint from, const double *in, gsize columns, double *out)
{
  for (guint i = 0; i < to; i++)
    for (guint k = 0; k < from; k++)
      {
        const double weight = weights[(gsize) i * from + k];

        for (gsize j = 0; weight != 0 && j < columns; j++)
          out[i * columns + j] += weight * in[k * columns + j];
      }
}

float *
eid_positions_resize (const float *positions, guint from, guint to, guint width, EidResize how)
{
  const gsize count = (gsize) from * from * width, made = (gsize) to * to * width;
  g_autofree double *weights = eid_resize_shares (from, to, how);
  g_autofree double *in = g_try_new (double, count), *down = g_try_new0 (double, (gsize) to *from *width);
  g_autofree double *out = g_try_new0 (double, made);
  g_autofree float *resized = g_try_new (float, made);

  if (weights == NULL || in == NULL || down == NULL || out == NULL || resized == NULL)
    return NULL;
  for (gsize i = 0; i < count; i++)
    in[i] = (double) positions[i];
  multiply (weights, to, from, in, (gsize) from * width, down);
  for (guint y = 0; y < to; y++)
    multiply (weights, to, from, down + (gsize) y * from * width, width, out + (gsize) y * to * width);
  for (gsize i = 0; i < made; i++)
    resized[i] = (float) out[i];
  return g_steal_pointer (&resized);
}
