/* optimizer.cl: the gradient's norm, and AdamW over the whole flat block in one pass. */

kernel void
square_sums (global const float *x, global float *out, int rows, int width, int count)
{
  ROW_BEGIN (rows);
  const int n = min (width, count - row * width);
  vec squares = 0;

  x += (size_t) row * width;
  ROW_VECTORS (i, n) squares += LOAD (x + i) * LOAD (x + i);
  float sum = vec_sum (squares);
  ROW_TAIL (i, n) sum += x[i] * x[i];
  sum = ROW_SUM (sum);
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

/* Decoupled weight decay on the first @decayed elements. Once halted everything stays as it was:
 * the last good weights, and those the step that went wrong was made with. */
kernel void
adamw (global float *w, global const float *g, global float *m, global float *v, global const float *norm, global const float *halted, int n,
       int decayed, float rate, float beta1, float beta2, float epsilon, float decay, float clip, float debias1, float debias2)
{
  const int i = get_global_id (0);
  const float length = norm[0];

  if (i >= n || halted[0] != 0)
    return;
  const float gradient = g[i] * (clip > 0 && length > clip ? clip / length : 1.0f);
  const float mean = beta1 * m[i] + (1 - beta1) * gradient;
  const float square = beta2 * v[i] + (1 - beta2) * gradient * gradient;

  m[i] = mean;
  v[i] = square;
  w[i] = w[i] * (1 - (i < decayed ? rate * decay : 0.0f)) - rate * (mean * debias1) / (sqrt (square) * debias2 + epsilon);
}
