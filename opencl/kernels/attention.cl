/* attention.cl: scores [..., n, n] of tokens for tokens. */

kernel void
hide_later (global real *scores, int count, int n)
{
  const int i = get_global_id (0);

  if (i < count && i % n > i / n % n)
    PUT (-1e30f, scores + i);
}
