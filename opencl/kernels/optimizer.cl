/* optimizer.cl: the gradient's norm, LARS's trust ratios, and an update of the whole flat block in one
 * pass. The block is a multiple of a vector long, and each parameter with decay begins a row of FLAT. */

kernel void
square_sums (global const float *x, global float *out, int rows, int width, int count)
{
  ROW_BEGIN (rows);
  const int n = min (width, count - row * width);
  vec squares = 0;

  x += (size_t) row * width;
  ROW_VECTORS (i, n) squares += LOAD (x + i) * LOAD (x + i);
  const float sum = ROW_SUM (vec_sum (squares));
  if (lane == 0)
    out[row] = sum;
}

/* out [1]; @halted [1] becomes 1, for good, with the first norm that is not finite. */
kernel void
norm (global const float *squares, global float *out, global float *halted, int rows, int n)
{
  ROW_BEGIN (rows);
  vec sums = 0;

  ROW_VECTORS (i, n) sums += LOAD (squares + i);
  float sum = vec_sum (sums);
  ROW_TAIL (i, n) sum += squares[i];
  sum = ROW_SUM (sum);
  if (lane == 0)
    {
      out[0] = sqrt (sum);
      if (!(out[0] <= FLT_MAX))
        halted[0] = 1;
    }
}

/* What a gradient is multiplied with so that the whole is no longer than @clip. */
static inline float
shrinking (float length, float clip)
{
  return clip > 0 && length > clip ? clip / length : 1.0f;
}

/* sums [2, rows]: squares of the weights, squares of gradient and decay together. */
kernel void
trust_sums (global const float *w, global const float *g, global const float *norm, global float *sums, int rows,
            float clip, float decay)
{
  ROW_BEGIN (rows);
  const float shrink = shrinking (norm[0], clip);
  vec weights = 0, steps = 0;

  w += (size_t) row * FLAT;
  g += (size_t) row * FLAT;
  ROW_VECTORS (i, FLAT)
  {
    const vec weight = LOAD (w + i), step = shrink * LOAD (g + i) + decay * weight;

    weights += weight * weight;
    steps += step * step;
  }
  const float weight_sum = ROW_SUM (vec_sum (weights)), step_sum = ROW_SUM (vec_sum (steps));
  if (lane == 0)
    {
      sums[row] = weight_sum;
      sums[rows + row] = step_sum;
    }
}

/* One parameter, owners [parameters, 2] (its first row, its rows), at a time; trust [n]. */
kernel void
trust (global const float *sums, global const int *owners, global float *trust, int rows, int n, float share)
{
  ROW_BEGIN (rows);
  const int first = owners[2 * row], count = owners[2 * row + 1];
  float weight_sum = 0, step_sum = 0;

  for (int i = first + lane; i < first + count; i += LANES)
    {
      weight_sum += sums[i];
      step_sum += sums[n + i];
    }
  weight_sum = ROW_SUM (weight_sum);
  step_sum = ROW_SUM (step_sum);
  const float ratio = weight_sum > 0 && step_sum > 0 ? share * sqrt (weight_sum / step_sum) : 1.0f;
  for (int i = first + lane; i < first + count; i += LANES)
    trust[i] = ratio;
}

/* The weights with their copy in 16 bits, the teacher with its own, or NULL; rows before @decayed decay.
 * @rates [count / grain]: by which the learning rate @peak is multiplied, or NULL. Once halted
 * everything stays as it was: the last good weights, and those the step that went wrong was made with. */
#define BLOCKS                                                                                         \
  global float *w, global bf16 *w_half, global float *teacher, global bf16 *teacher_half,              \
      global const float *g, global const float *norm, global const float *halted,                     \
      global const float *rates, int count, int grain, int decayed, float peak, float decay,           \
      float clip, float keep

#define RATE(i) (rates ? peak * rates[(i) / grain] : peak)

#define UPDATE_BEGIN                                                                                   \
  ROW_BEGIN ((count + FLAT - 1) / FLAT);                                                               \
  const int start = row * FLAT, end = min (FLAT, count - start);                                       \
  const float shrink = shrinking (norm[0], clip), fall = row < decayed ? decay : 0.0f;                 \
  if (halted[0] != 0)                                                                                  \
    return

#define UPDATE_END(next, i)                                                                            \
  STORE (next, w + i);                                                                                 \
  if (w_half)                                                                                          \
    STORE (next, w_half + i);                                                                          \
  if (teacher)                                                                                         \
    {                                                                                                  \
      const vec follower = keep * LOAD (teacher + i) + (1 - keep) * (next);                            \
      STORE (follower, teacher + i);                                                                   \
      if (teacher_half)                                                                                \
        STORE (follower, teacher_half + i);                                                            \
    }

kernel void
adamw (BLOCKS, global float *mean, global float *square, float beta1, float beta2, float epsilon, float debias1, float debias2)
{
  UPDATE_BEGIN;
  ROW_VECTORS (j, end)
  {
    const int i = start + j;
    const float rate = RATE (i);
    const vec gradient = shrink * LOAD (g + i);
    const vec m = beta1 * LOAD (mean + i) + (1 - beta1) * gradient;
    const vec v = beta2 * LOAD (square + i) + (1 - beta2) * gradient * gradient;
    const vec next = LOAD (w + i) * (1 - rate * fall) - rate * (m * debias1) / (sqrt (v) * debias2 + epsilon);

    STORE (m, mean + i);
    STORE (v, square + i);
    UPDATE_END (next, i);
  }
}

/* @trust [decayed], by rows, or NULL: SGD without LARS. */
kernel void
sgd (BLOCKS, global float *momenta, global const float *trust, float momentum, int nesterov)
{
  UPDATE_BEGIN;
  const float ratio = trust && row < decayed ? trust[row] : 1.0f;
  ROW_VECTORS (j, end)
  {
    const int i = start + j;
    const float rate = RATE (i);
    const vec gradient = ratio * (shrink * LOAD (g + i) + fall * LOAD (w + i));
    const vec m = momentum * LOAD (momenta + i) + gradient;
    const vec next = LOAD (w + i) - rate * (nesterov ? gradient + momentum * m : m);

    STORE (m, momenta + i);
    UPDATE_END (next, i);
  }
}
