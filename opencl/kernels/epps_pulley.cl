/* epps_pulley.cl: how far samples [outer, samples, slices] are from the standard normal distribution
 * along each slice, by their characteristic function at the knots t = 0, dt, 2 dt, …
 */

#define MOST_KNOTS 64

/* One slice, or a vector of them. With C and S the means of cos (t x) and sin (t x) over the samples
 * and bell = exp (-t^2 / 2), what C would be: adds (C - bell)^2 + S^2 over all knots to @total, in the
 * trapezoidal rule under the bell, from both sides of 0. For the way back, slopes [2, knots, slices]
 * receive weight t (C - bell) and weight t S. From knot to knot the wave turns by the angle dt x. */
#define WAVES(type, READ, WRITE, total)                                        \
  do                                                                           \
    {                                                                          \
      type cosines[MOST_KNOTS], sines[MOST_KNOTS];                             \
                                                                               \
      for (int k = 0; k < knots; k++)                                          \
        cosines[k] = sines[k] = 0;                                             \
      for (int m = 0; m < samples; m++)                                        \
        {                                                                      \
          const type angle = dt * READ (x + (size_t) m * slices + i);        \
          const type cos_1 = cos (angle), sin_1 = sin (angle);                 \
          type c = 1, s = 0;                                                   \
                                                                               \
          for (int k = 0; k < knots; k++)                                      \
            {                                                                  \
              const type next = c * cos_1 - s * sin_1;                         \
                                                                               \
              cosines[k] += c;                                                 \
              sines[k] += s;                                                   \
              s = s * cos_1 + c * sin_1;                                       \
              c = next;                                                        \
            }                                                                  \
        }                                                                      \
      for (int k = 0; k < knots; k++)                                          \
        {                                                                      \
          const float t = dt * k, bell = exp (-0.5f * t * t);                \
          const float weight = bell * dt * (k == 0 || k == knots - 1 ? 1 : 2); \
          const type c = cosines[k] / (float) samples - bell, s = sines[k] / (float) samples; \
                                                                               \
          total += weight * (c * c + s * s);                                   \
          WRITE (weight * t * c, slopes + (size_t) k * slices + i);            \
          WRITE (weight * t * s, slopes + (size_t) (knots + k) * slices + i);  \
        }                                                                      \
    }                                                                          \
  while (0)

/* A row each of 64 slices of one of the outer; sums [rows] */
kernel void
epps_pulley (global const float *x, global float *slopes, global float *sums, int rows, int samples, int slices, int knots,
         float dt)
{
  ROW_BEGIN (rows);
  const int blocks = (slices + 63) / 64, outer = row / blocks, first = row % blocks * 64;
  const int n = min (64, slices - first);
  vec totals = 0;
  float total = 0;

  x += (size_t) outer * samples * slices + first;
  slopes += (size_t) outer * 2 * knots * slices + first;
  ROW_VECTORS (i, n) WAVES (vec, LOAD, STORE, totals);
  ROW_TAIL (i, n) WAVES (float, GET, PUT, total);
  total = ROW_SUM (total + vec_sum (totals));
  if (lane == 0)
    sums[row] = total;
}

/* sum over knots of slope_S cos (t x) - slope_C sin (t x) */
#define TURN(type, READ, sum)                                                  \
  const type angle = dt * READ (x + i);                                      \
  const type cos_1 = cos (angle), sin_1 = sin (angle);                         \
  type c = 1, s = 0, sum = 0;                                                  \
                                                                               \
  for (int k = 0; k < knots; k++)                                              \
    {                                                                          \
      const type next = c * cos_1 - s * sin_1;                                 \
                                                                               \
      sum += READ (slopes + (size_t) (knots + k) * slices + i) * c - READ (slopes + (size_t) k * slices + i) * s; \
      s = s * cos_1 + c * sin_1;                                               \
      c = next;                                                                \
    }

/* A row each of dx [outer * samples, slices] */
kernel void
epps_pulley_backward (global const float *x, global const float *slopes, global const float *dy, global float *dx, int rows,
          int samples, int slices, int knots, float dt, float scale, int accumulate)
{
  ROW_BEGIN (rows);
  const float factor = scale * dy[0];

  x += (size_t) row * slices;
  dx += (size_t) row * slices;
  slopes += (size_t) (row / samples) * 2 * knots * slices;
  ROW_VECTORS (i, slices)
  {
    TURN (vec, LOAD, sum);
    ADD_VEC (factor * sum, dx + i);
  }
  ROW_TAIL (i, slices)
  {
    TURN (float, GET, sum);
    ADD_TO (factor * sum, dx + i);
  }
}
