/* random.cl: Philox 4x32-10, as random.c has it on the host. */

/* Four numbers in [0, 1) a work-item; key: two words of key, then words 2 and 3 of the counter. */
kernel void
uniform (global float *out, int n, uint key0, uint key1, uint counter2, uint counter3)
{
  const uint i = get_global_id (0);
  uint4 x = (uint4) (i, 0, counter2, counter3);

  if (i * 4 >= n)
    return;
  for (int round = 0; round < 10; round++)
    {
      const uint low_a = 0xD2511F53u * x.x, high_a = mul_hi (0xD2511F53u, x.x);
      const uint low_b = 0xCD9E8D57u * x.z, high_b = mul_hi (0xCD9E8D57u, x.z);

      x = (uint4) (high_b ^ x.y ^ key0, low_b, high_a ^ x.w ^ key1, low_a);
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
  const float4 value = convert_float4 (x >> 8) * (1.0f / 16777216.0f);

  out[i * 4] = value.x;
  if (i * 4 + 1 < n)
    out[i * 4 + 1] = value.y;
  if (i * 4 + 2 < n)
    out[i * 4 + 2] = value.z;
  if (i * 4 + 3 < n)
    out[i * 4 + 3] = value.w;
}
